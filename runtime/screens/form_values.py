"""What an ordinary HTML form posts, as values for the write path; what was typed is kept beside it.

A header field posts its code, a line cell `lines.<key>.<code>`, a reference its id and, as
`<name>.text`, what stands in its box. Rows are in the order they were posted; empty ones fall away.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from runtime import access, query
from runtime.compile import Field, Form, LineTable
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, TooLarge
from runtime.kinds.families import KEYED, SEVERAL, STEPPED
from runtime.kinds.field_type import Unreadable, Value
from runtime.screens.form_fields import Cell

MOST_LINES: Final = 5000
LONGEST_KEY: Final = 12
# What the buttons say is to become of the record once it is saved.
SUBMIT: Final = "submit"
SUBMIT_ALL_THE_SAME: Final = "submit-heeded"
Form_ = MultiDict[str, str]


@dataclass(frozen=True)
class TypedLine:
    """One line as it was typed: its key in the page, the number people saw, its cells by code."""

    key: str
    number: int
    id: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Posted:
    """A posted form: values for the write path, and what was typed for showing it again."""

    values: dict[str, Any]
    header: dict[str, Cell]
    lines: dict[str, tuple[TypedLine, ...]]
    version: int = 0
    key: str | None = None
    then: str = ""

    @property
    def is_submission(self) -> bool:
        """Whether the document is to be submitted once it is saved."""
        return self.then in {SUBMIT, SUBMIT_ALL_THE_SAME}

    @property
    def is_heeded(self) -> bool:
        """Whether what the author warns of was read: whoever submits then means it."""
        return self.then == SUBMIT_ALL_THE_SAME


@dataclass
class _Names:
    """Texts standing in reference boxes that nobody picked from the list, by target form."""

    wanted: dict[str, set[str]] = field(default_factory=dict)
    found: dict[str, Mapping[str, int]] = field(default_factory=dict)

    def ask(self, act: Act, form: Form) -> None:
        """Resolve all of them, one query a form."""
        for code, texts in self.wanted.items():
            target = form.siblings[code]
            if access.may(act.actor, "view", target):
                self.found[code] = query.resolve(act, target, sorted(texts))


def read_form(act: Act, form: Form, posted: Form_, *, is_task: bool = False) -> Posted:
    """Read a posted document form: the fields the actor sees and may change, and no others.

    Whoever has a task fills in what its step says, whatever their grants to update are.
    """
    tables = {table.code: _grouped(posted, table.code) for table in form.lines}
    names = _Names()
    for item, prefix in _reference_boxes(act, form, tables):
        text = posted.get(f"{prefix}.text", "").strip()
        if text and not posted.get(prefix, "").strip():
            names.wanted.setdefault(str(item.target), set()).add(text)
    names.ask(act, form)
    shut = _shut(act, form, posted, is_task=is_task)
    values: dict[str, Any] = {}
    header: dict[str, Cell] = {}
    lines: dict[str, tuple[TypedLine, ...]] = {}
    for item in access.visible_fields(act.actor, form):
        if item.is_lines:
            table = form.lines_of(item.code)
            read = _read_lines(act, form, table, tables[item.code], posted, names)
            lines[item.code] = tuple(line for line, _ in read)
            if item.code not in shut:
                values[item.code] = [_open(table, line, row, shut) for line, row in read]
        elif is_entered(item) and item.code not in shut:
            header[item.code] = _cell(item, posted, item.code, f"f-{item.code}")
            values[item.code] = _value(item, posted, item.code, names)
    return Posted(
        values=values,
        header=header,
        lines=lines,
        version=_version(posted),
        key=posted.get("_key", "").strip()[:64] or None,
        then=posted.get("_then", ""),
    )


def read_some(act: Act, form: Form, posted: Form_, items: Sequence[Field]) -> dict[str, Any]:
    """Read a few fields of the header from boxes named by their codes."""
    names = _Names()
    for item in items:
        text = posted.get(f"{item.code}.text", "").strip()
        if item.kind.kind == "reference" and text and not posted.get(item.code, "").strip():
            names.wanted.setdefault(str(item.target), set()).add(text)
    names.ask(act, form)
    return {item.code: _value(item, posted, item.code, names) for item in items}


def _shut(act: Act, form: Form, posted: Form_, *, is_task: bool) -> frozenset[str]:
    """The boxes that say nothing: the actor may not fill them in, or a rule has them shut.

    `_locked` is the page's own word for the second. It can only leave things unsaid, which
    everybody may: what a record lacks then is asked for all the same.
    """
    verb = "create" if _version(posted) == 0 else "update"
    fixed = frozenset[str]() if is_task else access.fixed_fields(act.actor, form, verb)
    return fixed | frozenset(posted.get("_locked", "").split())


def _open(
    table: LineTable, line: TypedLine, row: Mapping[str, Any], shut: frozenset[str]
) -> dict[str, Any]:
    """What a line says in the boxes that are not shut."""
    names = {code: (f"{table.code}.{code}", f"{table.code}.{line.key}.{code}") for code in row}
    return {code: value for code, value in row.items() if shut.isdisjoint(names[code])}


def is_entered(item: Field) -> bool:
    """Say whether people type the field: neither computed nor read-only."""
    return not item.is_computed and not item.definition.readonly


def _version(posted: Form_) -> int:
    text = posted.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadRequest("form_incomplete")
    return int(text)


def _grouped(posted: Form_, code: str) -> tuple[str, ...]:
    """Return the keys of a line table's rows in the order they were posted."""
    prefix = f"{code}."
    found: dict[str, None] = {}
    for name in posted:
        if name.startswith(prefix):
            key = name[len(prefix) :].partition(".")[0]
            if not (key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY):
                raise BadRequest("form_incomplete")
            found[key] = None
    if len(found) > MOST_LINES:
        raise TooLarge("lines_too_many", {"limit": MOST_LINES})
    return tuple(found)


def _reference_boxes(
    act: Act, form: Form, tables: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[Field, str]]:
    for item in access.visible_fields(act.actor, form):
        if item.kind.kind == "reference":
            yield item, item.code
    for table in form.lines:
        references = [
            item
            for item in access.visible_line_fields(act.actor, form, table)
            if item.kind.kind == "reference"
        ]
        for key in tables[table.code]:
            for item in references:
                yield item, f"{table.code}.{key}.{item.code}"


def _read_lines(
    act: Act,
    form: Form,
    table: LineTable,
    keys: tuple[str, ...],
    posted: Form_,
    names: _Names,
) -> list[tuple[TypedLine, dict[str, Any]]]:
    fields = [
        item for item in access.visible_line_fields(act.actor, form, table) if is_entered(item)
    ]
    found: list[tuple[TypedLine, dict[str, Any]]] = []
    for number, key in enumerate(keys, start=1):
        prefix = f"{table.code}.{key}"
        cells = {
            item.code: _cell(
                item, posted, f"{prefix}.{item.code}", f"f-{table.code}-{key}-{item.code}"
            )
            for item in fields
        }
        if not any(cell.text or cell.key or cell.keys for cell in cells.values()):
            continue
        line_id = posted.get(f"{prefix}.id", "").strip()
        row = {item.code: _value(item, posted, f"{prefix}.{item.code}", names) for item in fields}
        if line_id.isascii() and line_id.isdigit():
            row["id"] = int(line_id)
        found.append((TypedLine(key, number, line_id, cells), row))
    return found


def _cell(item: Field, posted: Form_, name: str, cell_id: str) -> Cell:
    """Keep what was typed, word for word."""
    kind = item.kind.kind
    if kind in KEYED:
        return Cell(cell_id, name, posted.get(f"{name}.text", ""), posted.get(name, ""))
    if kind in SEVERAL:
        return Cell(cell_id, name, keys=tuple(posted.getlist(name)))
    if kind in {"boolean", "choice"}:
        return Cell(cell_id, name, key=posted.get(name, ""))
    if kind in STEPPED and "." not in name:
        return Cell(cell_id, name, key=posted.get(name, ""), code=posted.get(f"{name}.street", ""))
    return Cell(cell_id, name, posted.get(name, ""))


def _value(item: Field, posted: Form_, name: str, names: _Names) -> Value | Unreadable:
    kind = item.kind.kind
    if kind == "boolean":
        return posted.get(name) == "true"
    if kind in SEVERAL:
        return item.kind.parse(",".join(posted.getlist(name)), item.definition)
    text = posted.get(name, "")
    if kind == "address":
        text = f"{text} {posted.get(f'{name}.street', '')}".strip()
    if kind in KEYED and not text.strip():
        typed = posted.get(f"{name}.text", "").strip()
        if not typed:
            return None
        found = names.found.get(str(item.target), {}) if kind == "reference" else {}
        return found.get(typed, Unreadable(typed, "reference_unknown"))
    return item.kind.parse(text, item.definition)
