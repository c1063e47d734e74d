"""What happened to a record, in words: who did what, when, and which values changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from runtime import access
from runtime.compile.field import Field
from runtime.compile.model import Form
from runtime.infra import audit
from runtime.infra.act import Act
from runtime.infra.audit import AuditEntry
from runtime.infra.errors import NotFound
from runtime.infra.messages import message
from runtime.query import Record, record, titles
from runtime.query.called import NAMED, called, ids_in

# One value that changed: where (line table or None, line number), which field, from, to.
Change = tuple[str | None, int, Field, Any, Any]


@dataclass(frozen=True)
class Happening:
    """One act on a record. `changes` are sentences; hidden fields are left out of them."""

    at: datetime
    user_id: int | None
    who: str
    source: str
    action: str
    text: str
    comment: str
    changes: tuple[str, ...]


def history(
    act: Act, form: Form, record_id: int, *, locale: str = "zh", limit: int = 200
) -> tuple[Happening, ...]:
    """Tell what happened to a record the actor may view, the latest first."""
    found = record(act, form, record_id)
    if found is None:
        raise NotFound
    return history_of(act, found, locale=locale, limit=limit)


def history_of(
    act: Act, seen: Record, *, locale: str = "zh", limit: int = 200
) -> tuple[Happening, ...]:
    """Tell what happened to a record that was read for the actor, the latest first."""
    form = seen.form
    name = f"{form.app_code}.{form.code}"
    entries = audit.entries(act.connection, name, seen.id, limit=limit)
    told = {entry.id: list(_changes(act, form, entry.changes)) for entry in entries}
    titles = _titles(act, form, (change for changes in told.values() for change in changes))
    words = _Words(form, titles, locale)
    return tuple(words.happening(entry, told[entry.id]) for entry in entries)


@dataclass(frozen=True)
class Told:
    """A value that differs, in words; `place` is the line it stands in, if it stands in one."""

    place: str
    field: str
    old: str
    new: str


def tell_values(
    act: Act, form: Form, changes: Sequence[Change], locale: str = "zh"
) -> tuple[Told, ...]:
    """Put values that differ into words, side by side."""
    words = _Words(form, _titles(act, form, changes), locale)
    return tuple(words.told(change) for change in changes)


def comment_of(entry: AuditEntry) -> str:
    """What somebody said when they acted."""
    return str(entry.changes.get("comment") or entry.changes.get("reason") or "")


@dataclass(frozen=True)
class _Words:
    """Turns changes into sentences of one language."""

    form: Form
    titles: Mapping[tuple[str, int], str]
    locale: str

    def happening(self, entry: AuditEntry, changes: Sequence[Change]) -> Happening:
        """One entry of the audit, told."""
        return Happening(
            at=entry.at,
            user_id=entry.user_id,
            who=entry.user_name,
            source=entry.source,
            action=entry.action,
            text=message(f"history_{entry.action}", {"who": entry.user_name}, self.locale),
            comment=comment_of(entry),
            changes=tuple(self.sentence(change) for change in changes),
        )

    def sentence(self, change: Change) -> str:
        """`数量：3 → 5`, with the line in front when it is one."""
        lines, number, field, old, new = change
        params = {
            "field": field.label.text(self.locale),
            "old": self.shown(field, old),
            "new": self.shown(field, new),
        }
        code = "history_cleared" if new is None else "history_changed"
        told = message("history_set" if old is None else code, params, self.locale)
        if lines is None:
            return told
        place = {"lines": self.form.lines_of(lines).label.text(self.locale), "line": number}
        return message("history_line", {**place, "told": told}, self.locale)

    def told(self, change: Change) -> Told:
        """The two sides of a change and where it stands."""
        lines, number, field, old, new = change
        place = ""
        if lines is not None:
            params = {"lines": self.form.lines_of(lines).label.text(self.locale), "line": number}
            place = message("history_place", params, self.locale)
        label = field.label.text(self.locale)
        return Told(place, label, self.shown(field, old), self.shown(field, new))

    def shown(self, field: Field, value: Any) -> str:
        """A value the way people read it."""
        if value is None:
            return ""
        target = _pointed_to(field)
        titles = [self.titles.get((target, key)) for key in ids_in(value)] if target else []
        if titles and all(titles):
            return "，".join(filter(None, titles))
        try:
            read = field.stored.schema(field.stored_as).deserialize(value)
        except ValidationError:
            # The field was of another kind then; what was written still says most.
            return str(value)
        return field.format(read, self.locale)


def _changes(act: Act, form: Form, changes: Mapping[str, Any]) -> Iterator[Change]:
    visible = {field.code: field for field in access.visible_fields(act.actor, form)}
    for code, (old, new) in changes.get("fields", {}).items():
        if code in visible:
            yield None, 0, visible[code], old, new
    for table in form.lines:
        fields = {field.code: field for field in access.visible_line_fields(act.actor, form, table)}
        for number, values in _line_values(changes.get("lines", {}).get(table.code, {})):
            for code, (old, new) in values.items():
                if code in fields:
                    yield table.code, number, fields[code], old, new


def _line_values(told: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Added, removed and changed lines alike as `{code: [old, new]}`."""
    for line in told.get("removed", ()):
        yield line["line"], {code: [value, None] for code, value in line["values"].items()}
    for line in told.get("changed", ()):
        yield line["line"], line["fields"]
    for line in told.get("added", ()):
        yield line["line"], {code: [None, value] for code, value in line["values"].items()}


def _titles(act: Act, form: Form, changes: Iterable[Change]) -> dict[tuple[str, int], str]:
    """What the records and people are called that any change points to."""
    wanted: dict[str, set[int]] = {}
    for _, _, field, old, new in changes:
        target = _pointed_to(field)
        if target:
            keys = (key for value in (old, new) for key in ids_in(value))
            wanted.setdefault(target, set()).update(keys)
    found: dict[tuple[str, int], str] = {}
    for target, ids in wanted.items():
        named = (
            called(act.connection, target[:-1], ids)
            if target.endswith(":")
            else titles(act, form.siblings[target], ids)
        )
        found |= {(target, key): title for key, title in named.items()}
    return found


def _pointed_to(field: Field) -> str:
    """The form a value of the field is an id of; `user:` for people, nothing for plain values."""
    if field.stored.kind in NAMED:
        return f"{field.stored.kind}:"
    return field.target or ""
