"""A record as of any past moment: played back from its audit, compared, and brought back.

What stands in the audit is what each act wrote. A value that follows other records is what the last
act on this one wrote; roll-ups belong to other records and are left out of the past.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from runtime import access
from runtime.compile.field import Field
from runtime.compile.model import Form, LineTable
from runtime.documents import stored
from runtime.documents.history import Change, Told, comment_of, tell_values
from runtime.documents.playback import as_json, line_ids, past_record, played
from runtime.infra.act import Act
from runtime.infra.audit import AuditEntry, audit_table
from runtime.infra.errors import NotFound
from runtime.query import LineRecord, Record, record, records_by_id
from runtime.query.record import for_actor

MOST: Final = 500


@dataclass(frozen=True)
class Version:
    """An act after which the record was as it can be seen; `count` values of it changed."""

    id: int
    at: datetime
    user_id: int | None
    who: str
    source: str
    action: str
    comment: str
    count: int


def versions(act: Act, form: Form, record_id: int, *, limit: int = MOST) -> tuple[Version, ...]:
    """Say after which acts a record the actor may view was as it can be seen, the latest first."""
    if record(act, form, record_id) is None:
        raise NotFound
    seen = _Seen.of(act, form)
    entries = told_of(act, form, [record_id]).get(record_id, [])[-limit:]
    return tuple(
        Version(
            entry.id,
            entry.at,
            entry.user_id,
            entry.user_name,
            entry.source,
            entry.action,
            comment_of(entry),
            seen.count(entry.changes),
        )
        for entry in reversed(entries)
        if "fields" in entry.changes or "lines" in entry.changes or "status" in entry.changes
    )


def as_of(
    act: Act,
    form: Form,
    record_id: int,
    *,
    moment: datetime | None = None,
    version: int | None = None,
) -> Record | None:
    """Return a record the actor may view as it was at a moment, or after the act of a version.

    None where it was not there then. Lines that live on have their id; others a negative one.
    """
    now = records_by_id(act.connection, form, [record_id], access.row_condition(act.actor, form))
    access.require(act.actor, "view", form)
    if record_id not in now:
        raise NotFound
    entries = told_of(act, form, [record_id]).get(record_id, [])
    wanted, state = played(form, now[record_id], entries, moment, version)
    if not wanted.exists:
        return None
    ids = line_ids(form, now[record_id], state)
    then = past_record(now[record_id], wanted, ids)
    return for_actor(act, stored.labelled(act, then))


def differences(
    act: Act, form: Form, then: Record, now: Record, *, locale: str = "zh"
) -> tuple[Told, ...]:
    """Say which values the actor sees differ between two states of a record, lines by their own."""
    seen = _Seen.of(act, form)
    return tell_values(act, form, list(_different(form, then, now, seen)), locale)


def brought_back(act: Act, form: Form, then: Record) -> dict[str, Any]:
    """The values to send so that a record is again what it was: those the actor may write."""
    fixed = access.fixed_fields(act.actor, form, "update")
    values = {
        item.code: then.values.get(item.code)
        for item in access.visible_fields(act.actor, form)
        if _is_written(item) and item.code not in fixed and not item.is_lines
    }
    for table in form.lines:
        if table.code in then.lines and table.code not in fixed:
            fields = access.visible_line_fields(act.actor, form, table)
            codes = [
                item.code
                for item in fields
                if _is_written(item) and f"{table.code}.{item.code}" not in fixed
            ]
            values[table.code] = tuple(_sent(line, codes) for line in then.lines[table.code])
    return values


def _sent(line: LineRecord, codes: Sequence[str]) -> dict[str, Any]:
    own = {"id": line.id} if line.id > 0 else {}
    return own | {code: line.values.get(code) for code in codes}


def _is_written(item: Field) -> bool:
    return not item.is_computed and not item.definition.readonly and item.column is not None


@dataclass(frozen=True)
class _Seen:
    """The fields the actor sees, by line table (None: the header)."""

    codes: Mapping[str | None, frozenset[str]]

    @classmethod
    def of(cls, act: Act, form: Form) -> "_Seen":
        """Ask for them once."""
        found: dict[str | None, frozenset[str]] = {
            None: frozenset(item.code for item in access.visible_fields(act.actor, form))
        }
        for table in form.lines:
            shown = access.visible_line_fields(act.actor, form, table)
            found[table.code] = frozenset(item.code for item in shown)
        return cls(found)

    def count(self, changes: Mapping[str, Any]) -> int:
        """How many values of an act there are to see."""
        count = sum(code in self.codes[None] for code in changes.get("fields", {}))
        for lines, told in changes.get("lines", {}).items():
            shown = self.codes.get(lines, frozenset())
            rows = [line["values"] for part in ("added", "removed") for line in told.get(part, ())]
            rows += [line["fields"] for line in told.get("changed", ())]
            count += sum(code in shown for row in rows for code in row)
        return count


def told_of(act: Act, form: Form, record_ids: Sequence[int]) -> Mapping[int, list[AuditEntry]]:
    """The whole story of records by their ids, the first act of each first."""
    name = f"{form.app_code}.{form.code}"
    columns = audit_table.c
    query = select(audit_table).where(columns.form == name, columns.record_id.in_(record_ids))
    names = AuditEntry.__dataclass_fields__
    found: dict[int, list[AuditEntry]] = {}
    for row in act.connection.execute(query.order_by(columns.id)).mappings():
        entry = AuditEntry(**{each: row[each] for each in names})
        found.setdefault(row["record_id"], []).append(entry)
    return found


def _different(form: Form, then: Record, now: Record, seen: _Seen) -> Iterator[Change]:
    for item in form.fields:
        is_kept = item.column is not None and item.code not in form.rollups
        if is_kept and item.code in seen.codes[None]:
            yield from _pair(None, 0, item, then.values, now.values)
    for table in form.lines:
        if table.code in seen.codes[None]:
            fields = [item for item in table.fields if item.code in seen.codes[table.code]]
            yield from _different_lines(table, fields, then, now)


def _different_lines(
    table: LineTable, fields: Sequence[Field], then: Record, now: Record
) -> Iterator[Change]:
    old = {line.id: line for line in then.lines.get(table.code, ())}
    for line in now.lines.get(table.code, ()):
        before = old.pop(line.id, None)
        for item in fields:
            values = before.values if before else {}
            yield from _pair(table.code, line.line_no, item, values, line.values)
    for line in old.values():
        for item in fields:
            yield from _pair(table.code, line.line_no, item, line.values, {})


def _pair(
    lines: str | None,
    number: int,
    item: Field,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> Iterator[Change]:
    before, after = old.get(item.code), new.get(item.code)
    if before != after:
        yield lines, number, item, as_json(before), as_json(after)
