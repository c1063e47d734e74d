"""One record of a batch: the act itself, through the one write path, and how it is undone."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime import access
from runtime.compile.model import Form
from runtime.documents import lifecycle, recycle
from runtime.documents.batch.store import Batch, BatchRow
from runtime.documents.prepare import as_values
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Conflict, NotFound
from runtime.query import Record
from runtime.query.record import for_actor, records_by_id

Json = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of a record: its state, what stood there before, the version it has now."""

    state: str
    title: str = ""
    before: Mapping[str, Any] | None = None
    version: int | None = None
    problems: tuple[Json, ...] = ()


def carry_out(act: Act, form: Form, batch: Batch, row: BatchRow) -> Outcome:
    """Do to one record what the batch is about; a refusal leaves the record as it was."""
    was = _stored(act, form, row.record_id)
    title = f"#{row.record_id}" if was is None else for_actor(act, was).title
    try:
        with act.connection.begin_nested():
            return _done(act, form, batch, row, was, title)
    except AppError as error:
        return Outcome("refused", title, problems=tuple(told(error)))


def _done(
    act: Act, form: Form, batch: Batch, row: BatchRow, was: Record | None, title: str
) -> Outcome:
    if was is None:
        raise NotFound("batch_record_gone")
    version = int(row.given.get("version", was.version))
    if batch.action == "submit":
        after = lifecycle.submit(act, form, was.id, version=version)
        return Outcome("done", title, {}, after.version)
    if batch.action == "delete":
        lifecycle.delete(act, form, was.id, version=version)
        return Outcome("done", title, {"deleted": fingerprint(was)})
    values = {**batch.given.get("values", {}), **row.given.get("values", {})}
    after = lifecycle.update(act, form, was.id, values, version=version)
    if after.version == was.version:
        return Outcome("same", title)
    now = _stored(act, form, was.id)
    assert now is not None, "it was written a moment ago"
    return Outcome("done", title, difference(was, now), now.version)


def difference(was: Record, now: Record) -> Json:
    """What stood in every value that changed, lines by the id of the line, and the state."""
    fields = _different(was.values, now.values)
    lines: Json = {}
    for code, rows in was.lines.items():
        there = {line.id: line.values for line in now.lines[code]}
        told = {str(line.id): _different(line.values, there.get(line.id, {})) for line in rows}
        lines[code] = {key: values for key, values in told.items() if values}
    found = {"fields": fields, "lines": {code: rows for code, rows in lines.items() if rows}}
    if was.status != now.status:
        found["status"] = {"status": was.status}
    return plain(found)  # type: ignore[no-any-return]


def put_back(act: Act, form: Form, row: BatchRow) -> int:
    """Give a record the values it had before the batch, and prove that it has them.

    Refuses a record that has been changed since, and one that could not be made the same again.
    """
    if "deleted" in row.before:
        return _bring_back(act, form, row)
    now = _stored(act, form, row.record_id)
    if now is None:
        raise NotFound("batch_record_gone")
    if now.version != row.version:
        raise Conflict("batch_changed_since")
    wanted = _as_it_was(now, row.before)
    sent = {code: wanted[code] for code in _writable(act, form) if code in wanted}
    lifecycle.update(act, form, row.record_id, sent, version=now.version)
    then = _stored(act, form, row.record_id)
    assert then is not None, "it was written a moment ago"
    is_same = plain(as_values(then)) == wanted
    if not is_same or then.status != row.before.get("status", {}).get("status", then.status):
        raise Conflict("batch_not_restored")
    return then.version


def _bring_back(act: Act, form: Form, row: BatchRow) -> int:
    recycle.undelete(act, form, row.record_id)
    then = _stored(act, form, row.record_id)
    if then is None or fingerprint(then) != row.before["deleted"]:
        raise Conflict("batch_not_restored")
    return then.version


def fingerprint(record: Record) -> str:
    """What tells whether two records hold the same, to the last byte of every value."""
    whole = strict_json.canonical(plain([record.status, as_values(record)]))
    return hashlib.sha256(whole.encode()).hexdigest()


def plain(value: Any) -> Any:
    """A value the way JSON keeps it: what was read from there can be compared with it."""
    return strict_json.loads(strict_json.dumps(value), max_bytes=64_000_000)


def _as_it_was(now: Record, before: Mapping[str, Any]) -> Json:
    values: Json = plain(as_values(now))
    values |= before.get("fields", {})
    for code, rows in before.get("lines", {}).items():
        values[code] = [{**line, **rows.get(str(line["id"]), {})} for line in values[code]]
    return values


def _writable(act: Act, form: Form) -> list[str]:
    """The header's fields one may send: seen, typed in by people, and not locked."""
    fixed = access.fixed_fields(act.actor, form, "update")
    return [
        field.code
        for field in access.visible_fields(act.actor, form)
        if not (field.is_lines or field.is_computed or field.definition.readonly)
        and field.column is not None
        and field.code not in fixed
    ]


def _different(was: Mapping[str, Any], now: Mapping[str, Any]) -> Json:
    return {code: value for code, value in was.items() if now.get(code) != value}


def _stored(act: Act, form: Form, record_id: int) -> Record | None:
    """A record as it is stored, if the actor may see it at all."""
    mine = access.row_condition(act.actor, form)
    return records_by_id(act.connection, form, [record_id], mine).get(record_id)


def told(error: AppError) -> list[Json]:
    """Every reason of a refusal, as it is kept."""
    problems = [(each.pointer, each.code, each.params) for each in error.problems]
    found = problems or [("", error.code, error.params)]
    return [
        {
            "pointer": pointer,
            "code": code,
            "params": {key: str(v)[:200] for key, v in params.items()},
        }
        for pointer, code, params in found
    ]
