"""What is sent for fields that nobody may write now: left out, and refused where it would differ.

A field is closed because its definition says so, because no grant of the actor lets them write it,
or because a rule hides or locks it. It keeps what it has, or what a new record begins with.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from runtime import access
from runtime.compile.model import Form
from runtime.compile.rules import At, States
from runtime.infra.act import Act
from runtime.infra.errors import Problem

Values = Mapping[str, Any]
# Fields that are never written, by line table (None: the header).
Fixed = Mapping[str | None, frozenset[str]]


def fixed_of(act: Act, form: Form, *, is_new: bool) -> Fixed:
    """The fields that are closed whatever the values are."""
    paths = access.fixed_fields(act.actor, form, "create" if is_new else "update")
    if not paths:
        return _readonly(form)
    found: dict[str | None, frozenset[str]] = {
        None: frozenset(f.code for f in form.fields if f.definition.readonly or f.code in paths)
    }
    for table in form.lines:
        found[table.code] = frozenset(
            field.code
            for field in table.fields
            if field.definition.readonly or f"{table.code}.{field.code}" in paths
        )
    return found


@lru_cache(maxsize=1024)
def _readonly(form: Form) -> Fixed:
    """The fields nobody writes."""
    tables = [(None, form.fields), *((table.code, table.fields) for table in form.lines)]
    return {
        code: frozenset(field.code for field in fields if field.definition.readonly)
        for code, fields in tables
    }


class Closed:
    """The fields of one record that keep what they have."""

    def __init__(self, form: Form, fixed: Fixed, states: States) -> None:
        self.form, self.fixed, self.states = form, fixed, states
        # Most forms close nothing; then nobody asks field by field.
        self.is_open = not (states.hidden or states.locked or any(fixed.values()))

    def holds(self, at: At) -> bool:
        """Whether the field is one of them."""
        lines, _row, code = at
        return code in self.fixed[lines] or self.states.is_closed(at)

    def without(self, sent: Values) -> dict[str, Any]:
        """What was sent for the others."""
        tables = {table.code for table in self.form.lines}
        if self.is_open:
            return {
                code: [dict(row) for row in value] if code in tables else value
                for code, value in sent.items()
            }
        kept = {code: value for code, value in sent.items() if not self.holds((None, 0, code))}
        for code in tables & kept.keys():
            kept[code] = [
                {name: value for name, value in row.items() if not self.holds((code, index, name))}
                for index, row in enumerate(kept[code])
            ]
        return kept

    def refused(self, sent: Values, kept: Values) -> Iterator[Problem]:
        """Yield a Problem for each of them that was sent and is not what it keeps.

        What a rule hides is out of sight, so what is sent for it is left out without a word.
        """
        if self.is_open:
            return
        for code, value in sent.items():
            table = next((table for table in self.form.lines if table.code == code), None)
            at = (None, 0, code)
            if table is None:
                yield from self._differing(at, value, kept.get(code), f"/{code}")
            elif not self.holds(at):
                yield from self._rows(code, value, kept.get(code) or ())
            elif not self.states.is_hidden(at) and not _is_same(value, kept.get(code) or ()):
                yield Problem(f"/{code}", "field_readonly", {"label": table.label.zh})

    def _rows(self, lines: str, sent: Any, kept: Any) -> Iterator[Problem]:
        for index, (row, whole) in enumerate(zip(sent, kept, strict=True)):
            for code, value in row.items():
                at, pointer = (lines, index, code), f"/{lines}/{index}/{code}"
                yield from self._differing(at, value, whole.get(code), pointer)

    def _differing(self, at: At, sent: Any, kept: Any, pointer: str) -> Iterator[Problem]:
        if _is_equal(sent, kept) or not self.holds(at) or self.states.is_hidden(at):
            return
        lines, _row, code = at
        fields = self.form.by_code if lines is None else self.form.lines_of(lines).by_code
        yield Problem(pointer, "field_readonly", {"label": fields[code].label.zh})


def _is_same(sent: Any, kept: Any) -> bool:
    """Whether rows that were sent say nothing else than those that are kept."""
    return len(sent) == len(kept) and all(
        _is_equal(value, whole.get(code))
        for row, whole in zip(sent, kept, strict=True)
        for code, value in row.items()
    )


def _is_equal(sent: Any, kept: Any) -> bool:
    """Whether two values are one and the same to a person: a box not ticked is no answer either."""
    return sent == kept or (_is_nothing(sent) and _is_nothing(kept))


def _is_nothing(value: Any) -> bool:
    return value is None or value is False or value in ("", ())
