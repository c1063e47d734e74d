"""A record as of any past moment: played back from its audit, compared, and brought back.

What stands in the audit is what each act wrote. A value that follows other records is what the last
act on this one wrote; roll-ups belong to other records and are left out of the past.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from marshmallow import ValidationError
from sqlalchemy import select

from runtime import access
from runtime.compile.field import Field
from runtime.compile.model import Form, LineTable
from runtime.documents import stored
from runtime.documents.history import Change, Told, comment_of, tell_values
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.audit import AuditEntry, audit_table
from runtime.infra.errors import NotFound
from runtime.query import LineRecord, Record, record, records_by_id
from runtime.query.record import for_actor

Json = Any
# What an act did to the state of a record, where its entry does not say so itself.
_STATUS: Final = {"submit": "submitted", "post": "posted", "cancel": "cancelled"}
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


@dataclass
class _Row:
    """A line through time; `key` is its own for as long as it lives."""

    key: int
    values: dict[str, Json]


@dataclass
class _State:
    """A record while its audit is played back."""

    exists: bool = False
    status: str = ""
    at: datetime | None = None
    values: dict[str, Json] = field(default_factory=dict)
    lines: dict[str, list[_Row]] = field(default_factory=dict)
    keys: int = 0

    def copy(self) -> "_State":
        """The state as it is now, while the original goes on."""
        lines = {
            code: [_Row(row.key, dict(row.values)) for row in rows]
            for code, rows in self.lines.items()
        }
        return replace(self, values=dict(self.values), lines=lines)

    def apply(self, entry: AuditEntry) -> None:
        """Let one act happen."""
        changes = entry.changes
        self.at = entry.at
        if entry.action == "delete":
            self.exists, self.values, self.lines = False, {}, {}
            return
        self.exists = True
        self.values |= {code: new for code, (_, new) in changes.get("fields", {}).items()}
        for code, told in changes.get("lines", {}).items():
            self.lines[code] = self._after(self.lines.get(code, []), told)
        known = changes.get("status") or [None, _STATUS.get(entry.action, self.status)]
        self.status = known[1]

    def _after(self, rows: Sequence[_Row], told: Mapping[str, Any]) -> list[_Row]:
        gone = {line["line"] for line in told.get("removed", ())}
        order = told.get("order") or [n for n in range(1, len(rows) + 1) if n not in gone]
        kept = iter([rows[number - 1] for number in order if number <= len(rows)])
        added = {line["line"]: line["values"] for line in told.get("added", ())}
        after: list[_Row] = []
        for number in range(1, len(order) + len(added) + 1):
            row = self._new(added[number]) if number in added else next(kept, None)
            after += [row] if row else []
        for line in told.get("changed", ()):
            if line["line"] <= len(after):
                new = {code: value for code, (_, value) in line["fields"].items()}
                after[line["line"] - 1].values |= new
        return after

    def _new(self, values: Mapping[str, Json]) -> _Row:
        self.keys += 1
        return _Row(self.keys, dict(values))


def versions(act: Act, form: Form, record_id: int, *, limit: int = MOST) -> tuple[Version, ...]:
    """Say after which acts a record the actor may view was as it can be seen, the latest first."""
    if record(act, form, record_id) is None:
        raise NotFound
    seen = _Seen.of(act, form)
    entries = _entries(act, form, record_id)[-limit:]
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
    entries = _entries(act, form, record_id)
    wanted, state = _played(form, now[record_id], entries, moment, version)
    if not wanted.exists:
        return None
    ids = _ids(form, now[record_id], state)
    then = _record(now[record_id], wanted, ids)
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


def _entries(act: Act, form: Form, record_id: int) -> list[AuditEntry]:
    """The whole story of a record, the first act first."""
    name = f"{form.app_code}.{form.code}"
    query = select(audit_table).where(
        audit_table.c.form == name, audit_table.c.record_id == record_id
    )
    rows = act.connection.execute(query.order_by(audit_table.c.id)).mappings()
    names = AuditEntry.__dataclass_fields__
    return [AuditEntry(**{name: row[name] for name in names}) for row in rows]


def _played(
    form: Form,
    now: Record,
    entries: Sequence[AuditEntry],
    moment: datetime | None,
    version: int | None,
) -> tuple[_State, _State]:
    """The state that is asked for, and the one it all comes to."""
    state = _begun(form, now, entries)
    wanted = state.copy()
    for entry in entries:
        state.apply(entry)
        is_before = moment is None or entry.at <= moment
        if is_before and (version is None or entry.id <= version):
            wanted = state.copy()
    return wanted, state


def _begun(form: Form, now: Record, entries: Sequence[AuditEntry]) -> _State:
    """What a record began as; one that came without an entry began as its first acts found it."""
    if not entries or entries[0].action == "create":
        return _State()
    state = _State(exists=True, status=now.status)
    state.values = {item.code: _json(now.values.get(item.code)) for item in form.fields}
    for entry in reversed(entries):
        state.values |= {code: old for code, (old, _) in entry.changes.get("fields", {}).items()}
        known = entry.changes.get("status")
        state.status = known[0] if known and known[0] else state.status
    told = {code for entry in entries for code in entry.changes.get("lines", {})}
    for code, rows in now.lines.items():
        if code not in told:
            plain = [{key: _json(value) for key, value in line.values.items()} for line in rows]
            state.lines[code] = [state._new(values) for values in plain]
    return state


def _ids(form: Form, now: Record, state: _State) -> Mapping[tuple[str, int], int]:
    """The ids of the lines that live today, by the key each has had all the time."""
    found: dict[tuple[str, int], int] = {}
    for table in form.lines:
        rows, lines = state.lines.get(table.code, []), now.lines.get(table.code, ())
        if len(rows) == len(lines):
            pairs = zip(rows, lines, strict=True)
            found |= {(table.code, row.key): line.id for row, line in pairs}
    return found


def _record(now: Record, then: _State, ids: Mapping[tuple[str, int], int]) -> Record:
    form = now.form
    lines = {table.code: _lines(table, then.lines.get(table.code, []), ids) for table in form.lines}
    values = _values([item for item in form.fields if item.code not in form.rollups], then.values)
    return replace(
        now,
        status=then.status or now.status,
        values=values | dict.fromkeys(form.rollups),
        lines=lines,
        updated_at=then.at or now.updated_at,
        labels={},
    )


def _lines(
    table: LineTable, rows: Sequence[_Row], ids: Mapping[tuple[str, int], int]
) -> tuple[LineRecord, ...]:
    return tuple(
        LineRecord(
            ids.get((table.code, row.key), -row.key), number, _values(table.fields, row.values)
        )
        for number, row in enumerate(rows, start=1)
    )


def _values(fields: Sequence[Field], values: Mapping[str, Json]) -> dict[str, Any]:
    return {
        item.code: read_value(item, values.get(item.code))
        for item in fields
        if item.column is not None
    }


def read_value(item: Field, value: Json) -> Any:
    """A value as the field keeps it; what was written when it was of another kind may be lost."""
    if value is None:
        return None
    try:
        read = item.stored.schema(item.stored_as).deserialize(value)
    except ValidationError:
        return None
    return tuple(read) if isinstance(read, list) else read


def _json(value: Any) -> Json:
    """A value as the audit keeps it."""
    return strict_json.loads(strict_json.dumps(value))


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
        yield lines, number, item, _json(before), _json(after)
