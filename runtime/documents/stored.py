"""A record as it is stored, all of it, locked for the rest of the transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select, true

from runtime import access
from runtime.compile.field import Field
from runtime.compile.model import Form, LineTable
from runtime.documents.references import Loaded
from runtime.infra.act import Act
from runtime.infra.errors import Forbidden, NotFound
from runtime.query import LineRecord, Record, labels
from runtime.query.record import LabelKey

CHUNK: Final = 500


def lock(act: Act, form: Form, record_id: int, verb: str) -> Record:
    """Load a record and keep everybody else from changing it until the transaction ends.

    All its fields, hidden ones too: this is for the write path alone. What the actor may not view
    is not there; what they may view but not change is forbidden.
    """
    view = access.row_condition(act.actor, form)
    change = access.row_condition(act.actor, form, verb)
    row = _locked_row(act, form, record_id, view, change)
    if row is None:
        raise NotFound
    if not row.may_change:
        raise Forbidden("form_forbidden", {"verb": verb, "form": form.label.zh})
    return _whole(act, form, row)


def lock_for_flow(act: Act, form: Form, record_id: int) -> Record:
    """Load and lock a record for somebody whose right is a task, not a grant."""
    row = _locked_row(act, form, record_id, None, None)
    if row is None:
        raise NotFound
    return labelled(act, _whole(act, form, row))


def lock_several(act: Act, form: Form, ids: Iterable[int]) -> Iterator[Record]:
    """Load and lock records for values that are computed, in order of their ids; no rights asked.

    Writers that lock several rows of a form in one order do not wait for each other in a circle.
    """
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), CHUNK):
        key = form.table.c.id
        query = select(form.table).where(key.in_(wanted[start : start + CHUNK])).order_by(key)
        rows = act.connection.execute(query.with_for_update(of=form.table, key_share=True)).all()
        lines = {
            table.code: _lines_of(act, table, [row.id for row in rows]) for table in form.lines
        }
        for row in rows:
            own = {code: found.get(row.id, ()) for code, found in lines.items()}
            yield _record(form, row, own)


def labelled(act: Act, record: Record, known: Loaded | None = None) -> Record:
    """The same record with what its references are called: a refusal names items, not ids."""
    found: dict[LabelKey, Mapping[int, str]] = {}
    for lines, field in _pointing(record.form):
        rows = (record.values,) if lines is None else [row.values for row in record.lines[lines]]
        keys = {row[field.code] for row in rows} - {None}
        loaded = (known or {}).get(field.target or "", {})
        titles = {key: loaded[key].title for key in keys if key in loaded}
        rest = keys - set(titles)
        found[lines, field.code] = {
            **titles,
            **(labels(act.connection, record.form.target(field), rest) if rest else {}),
        }
    return replace(record, labels=found)


def _pointing(form: Form) -> Iterator[tuple[str | None, Field]]:
    """Every field that holds ids of records, looked up ones too."""
    yield from ((None, field) for field in form.fields if field.target)
    for table in form.lines:
        yield from ((table.code, field) for field in table.fields if field.target)


def _locked_row(
    act: Act,
    form: Form,
    record_id: int,
    view: ColumnElement[bool] | None,
    change: ColumnElement[bool] | None,
) -> Row[Any] | None:
    allowed = (true() if change is None else change).label("may_change")
    query = select(form.table, allowed).where(form.table.c.id == record_id)
    if view is not None:
        query = query.where(view)
    return act.connection.execute(query.with_for_update(of=form.table)).one_or_none()


def _whole(act: Act, form: Form, row: Row[Any]) -> Record:
    lines = {table.code: _lines_of(act, table, [row.id]) for table in form.lines}
    return _record(form, row, {code: found.get(row.id, ()) for code, found in lines.items()})


def _record(form: Form, row: Row[Any], lines: Mapping[str, tuple[LineRecord, ...]]) -> Record:
    return Record(
        form=form,
        id=row.id,
        version=row.version,
        status=row.status,
        values=_values(form.fields, row),
        lines=lines,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_by=row.updated_by,
        updated_at=row.updated_at,
    )


def _lines_of(
    act: Act, table: LineTable, parents: Sequence[int]
) -> Mapping[int, tuple[LineRecord, ...]]:
    columns = table.table.c
    query = select(table.table).where(columns.parent_id.in_(parents))
    found: dict[int, list[LineRecord]] = {}
    for row in act.connection.execute(query.order_by(columns.parent_id, columns.line_no)):
        line = LineRecord(row.id, row.line_no, _values(table.fields, row))
        found.setdefault(row.parent_id, []).append(line)
    return {parent: tuple(lines) for parent, lines in found.items()}


def _values(fields: tuple[Field, ...], row: Row[Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        if field.column is not None:
            value = row._mapping[field.column]
            values[field.code] = tuple(value) if isinstance(value, list) else value
    return values
