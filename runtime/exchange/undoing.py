"""Taking an import back: what it made goes into the bin, what it changed gets its old values.

What somebody has changed since is left as it is, and said.
"""

from collections.abc import Mapping
from typing import Any, Final

from runtime import access, documents
from runtime.compile import App, Form
from runtime.documents.prepare import as_values
from runtime.exchange import imported
from runtime.exchange.imported import ImportedRow
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Conflict, NotFound
from runtime.query import Record, records_by_id

Json = dict[str, Any]
CHUNK: Final = 100


def undo_chunk(act: Act, app: App, batch_id: int, reason: str, *, size: int) -> int:
    """Take back what was written last; returns how many records that were."""
    found = imported.last_written(act.connection, batch_id, limit=size)
    for row in found:
        try:
            with act.connection.begin_nested():
                _undo(act, app.forms[row.form], row, reason)
        except AppError as error:
            problem = {"code": error.code, "params": {k: str(v) for k, v in error.params.items()}}
            imported.change(act.connection, row.id, state="kept", problems=[problem])
        else:
            imported.change(act.connection, row.id, state="undone")
    return len(found)


def _undo(act: Act, form: Form, row: ImportedRow, reason: str) -> None:
    now = _stored(act, form, row.record_id or 0)
    if now is None:
        raise NotFound("batch_record_gone")
    if now.version != row.version:
        raise Conflict("batch_changed_since")
    if row.state == "updated":
        _put_back(act, form, now, row.before)
    elif form.is_document and now.status != "draft":
        documents.cancel(act, form, now.id, version=now.version, reason=reason)
    else:
        documents.delete(act, form, now.id, version=now.version)


def _put_back(act: Act, form: Form, now: Record, before: Mapping[str, Any]) -> None:
    """Give a record its values again, and prove that it has them."""
    open_fields = {field.code for field in access.visible_fields(act.actor, form)}
    sent = {code: value for code, value in before.items() if code in open_fields}
    for table in form.lines:
        if table.code in sent:
            there = {line.id for line in now.lines[table.code]}
            sent[table.code] = [_line(form, table.code, row, there) for row in sent[table.code]]
    documents.update(act, form, now.id, sent, version=now.version)
    then = _stored(act, form, now.id)
    if then is None or _plain(form, as_values(then), before) != _plain(form, before, before):
        raise Conflict("batch_not_restored")


def _line(form: Form, code: str, row: Mapping[str, Any], there: set[int]) -> Json:
    """A line as it was; one that is gone comes back as a new one."""
    fields = form.lines_of(code).by_code
    kept = {
        name: value
        for name, value in row.items()
        if name in fields and not (fields[name].is_computed or fields[name].definition.readonly)
    }
    return {**kept, "id": row["id"]} if row.get("id") in there else kept


def _plain(form: Form, values: Mapping[str, Any], asked: Mapping[str, Any]) -> Json:
    """The fields that are compared, as JSON keeps them, lines without their ids."""
    lines = {table.code for table in form.lines}
    found = {
        code: [{k: v for k, v in row.items() if k != "id"} for row in values[code]]
        if code in lines
        else values.get(code)
        for code in asked
    }
    plain: Json = strict_json.loads(strict_json.dumps(found), max_bytes=64_000_000)
    return plain


def _stored(act: Act, form: Form, record_id: int) -> Record | None:
    mine = access.row_condition(act.actor, form)
    return records_by_id(act.connection, form, [record_id], mine).get(record_id)
