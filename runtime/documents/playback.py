"""A record through time: what its audit says was written, played back one act after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from marshmallow import ValidationError

from runtime.compile.field import Field
from runtime.compile.model import Form, LineTable
from runtime.infra import strict_json
from runtime.infra.audit import AuditEntry
from runtime.query import LineRecord, Record

Json = Any
# What an act did to the state of a record, where its entry does not say so itself.
_STATUS: Final = {"submit": "submitted", "post": "posted", "cancel": "cancelled"}
_ENDS: Final = frozenset({"delete", "purge"})
# What of a field's options narrows its values; the rest says what kind they are.
_LIMITS: Final = frozenset(
    {"min", "max", "min_exclusive", "min_length", "max_length", "pattern", "expression"}
)
_LONGEST: Final = 1_000_000
_CHOSEN: Final = frozenset({"choice", "multi_choice"})


@dataclass
class Line:
    """A line through time; `key` is its own for as long as it lives."""

    key: int
    values: dict[str, Json]


@dataclass
class State:
    """A record while its audit is played back."""

    exists: bool = False
    status: str = ""
    at: datetime | None = None
    values: dict[str, Json] = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=dict)
    keys: int = 0

    def copy(self) -> "State":
        """The state as it is now, while the original goes on."""
        lines = {
            code: [Line(row.key, dict(row.values)) for row in rows]
            for code, rows in self.lines.items()
        }
        return replace(self, values=dict(self.values), lines=lines)

    def apply(self, entry: AuditEntry) -> None:
        """Let one act happen."""
        changes = entry.changes
        self.at = entry.at
        if entry.action in _ENDS:
            self.exists, self.values, self.lines = False, {}, {}
            return
        self.exists = True
        self.values |= {code: new for code, (_, new) in changes.get("fields", {}).items()}
        for code, told in changes.get("lines", {}).items():
            self.lines[code] = self._after(self.lines.get(code, []), told)
        known = changes.get("status") or [None, _STATUS.get(entry.action, self.status)]
        self.status = known[1]

    def _after(self, rows: Sequence[Line], told: Mapping[str, Any]) -> list[Line]:
        gone = {line["line"] for line in told.get("removed", ())}
        order = told.get("order") or [n for n in range(1, len(rows) + 1) if n not in gone]
        kept = iter([rows[number - 1] for number in order if number <= len(rows)])
        added = {line["line"]: line["values"] for line in told.get("added", ())}
        after: list[Line] = []
        for number in range(1, len(order) + len(added) + 1):
            row = self.new(added[number]) if number in added else next(kept, None)
            after += [row] if row else []
        for line in told.get("changed", ()):
            if line["line"] <= len(after):
                new = {code: value for code, (_, value) in line["fields"].items()}
                after[line["line"] - 1].values |= new
        return after

    def new(self, values: Mapping[str, Json]) -> Line:
        """A line that begins now."""
        self.keys += 1
        return Line(self.keys, dict(values))


def played(
    form: Form,
    now: Record,
    entries: Sequence[AuditEntry],
    moment: datetime | None,
    version: int | None,
) -> tuple[State, State]:
    """The state that is asked for, and the one it all comes to."""
    state = _begun(form, now, entries)
    wanted = state.copy()
    for entry in entries:
        state.apply(entry)
        is_before = moment is None or entry.at <= moment
        if is_before and (version is None or entry.id <= version):
            wanted = state.copy()
    return wanted, state


def _begun(form: Form, now: Record, entries: Sequence[AuditEntry]) -> State:
    """What a record began as; one that came without an entry began as its first acts found it."""
    if not entries or entries[0].action == "create":
        return State()
    state = State(exists=True, status=now.status)
    state.values = {item.code: as_json(now.values.get(item.code)) for item in form.fields}
    for entry in reversed(entries):
        state.values |= {code: old for code, (old, _) in entry.changes.get("fields", {}).items()}
        known = entry.changes.get("status")
        state.status = known[0] if known and known[0] else state.status
    told = {code for entry in entries for code in entry.changes.get("lines", {})}
    for code, rows in now.lines.items():
        if code not in told:
            plain = [{key: as_json(value) for key, value in line.values.items()} for line in rows]
            state.lines[code] = [state.new(values) for values in plain]
    return state


def line_ids(form: Form, now: Record, state: State) -> Mapping[tuple[str, int], int]:
    """The ids of the lines that live today, by the key each has had all the time."""
    found: dict[tuple[str, int], int] = {}
    for table in form.lines:
        rows, lines = state.lines.get(table.code, []), now.lines.get(table.code, ())
        if len(rows) == len(lines):
            pairs = zip(rows, lines, strict=True)
            found |= {(table.code, row.key): line.id for row, line in pairs}
    return found


def past_record(now: Record, then: State, ids: Mapping[tuple[str, int], int]) -> Record:
    """The record with the values it had then; what belongs to other records is left out."""
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
    table: LineTable, rows: Sequence[Line], ids: Mapping[tuple[str, int], int]
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
    """A value as the field keeps it; what was written when it was of another kind may be lost.

    What its author allows today is not asked: a value that was kept was allowed then, and emptying
    it without a word would be worse than whatever says so where it is written again.
    """
    if value is None:
        return None
    options = {key: each for key, each in item.stored_as.options.items() if key not in _LIMITS}
    unlimited = replace(item.stored_as, options={**options, "max_length": _LONGEST})
    try:
        read = item.stored.schema(unlimited).deserialize(value)
    except ValidationError:
        # An option that is gone is still what was chosen.
        read = value if item.stored.kind in _CHOSEN else None
    return tuple(read) if isinstance(read, list) else read


def as_json(value: Any) -> Json:
    """A value as the audit keeps it."""
    return strict_json.loads(strict_json.dumps(value))
