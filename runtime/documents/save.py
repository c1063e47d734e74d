"""Values become rows: the header under its version, line tables by difference."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from runtime.compile.field import Field
from runtime.compile.model import Form, LineTable
from runtime.documents import kept_files, triggers
from runtime.documents.prepare import Prepared, Values
from runtime.documents.references import Loaded
from runtime.documents.stored import labelled
from runtime.infra import files
from runtime.infra.act import Act
from runtime.infra.bulk import draw_keys, insert_rows
from runtime.infra.errors import Conflict
from runtime.query import LineRecord, Record
from runtime.query.search import search_text

FIRST_VERSION = 1


@dataclass(frozen=True)
class LineChanges:
    """How a line table becomes what it should be."""

    added: Sequence[Values]
    changed: Sequence[tuple[LineRecord, Values]]
    removed: Sequence[LineRecord]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def insert_record(
    act: Act, form: Form, prepared: Prepared, status: str, again: Record | None = None
) -> Record:
    """Write a new record with its lines, or one that comes `again`, under the ids it had."""
    new = _new(act, form, status) if again is None else _next(act, again)
    row = _header(form, prepared.values) | {
        "version": new.version,
        "status": status,
        "created_by": new.created_by,
        "created_at": new.created_at,
        "updated_by": new.updated_by,
        "updated_at": new.updated_at,
        "search_text": words(form, prepared),
    }
    own = {} if again is None else {"id": again.id}
    with one_of_a_kind():
        inserting = insert(form.table).returning(form.table.c.id)
        record_id = int(act.connection.execute(inserting, {**row, **own}).scalar_one())
        for table in form.lines:
            lines = list(enumerate(prepared.values.get(table.code) or (), start=1))
            _insert_lines(act, table, record_id, lines)
    attach(act, form, record_id, prepared.values)
    triggers.came_to(act, form, record_id, status)
    return _as_written(act, replace(new, id=record_id), prepared)


def insert_records(act: Act, form: Form, prepared: Sequence[Prepared], status: str) -> list[int]:
    """Write many new records with their lines; returns their ids in the same order."""
    if not prepared:
        return []
    stamp = {
        "version": FIRST_VERSION,
        "status": status,
        "created_by": act.actor.user_id,
        "created_at": act.now,
        "updated_by": act.actor.user_id,
        "updated_at": act.now,
    }
    rows = [
        {**_header(form, each.values), **stamp, "search_text": words(form, each)}
        for each in prepared
    ]
    with one_of_a_kind():
        ids = draw_keys(act.connection, form.table, len(rows))
        numbered = [{"id": key, **row} for key, row in zip(ids, rows, strict=True)]
        insert_rows(act.connection, form.table, numbered)
        for table in form.lines:
            lines = [
                {"parent_id": parent, "line_no": number, **_row(table.fields, row)}
                for parent, each in zip(ids, prepared, strict=True)
                for number, row in enumerate(each.values.get(table.code) or (), start=1)
            ]
            insert_rows(act.connection, table.table, lines)
    for record_id in ids:
        triggers.came_to(act, form, record_id, status)
    return ids


def _new(act: Act, form: Form, status: str) -> Record:
    return Record(
        form=form,
        id=0,
        version=FIRST_VERSION,
        status=status,
        values={},
        lines={},
        created_by=act.actor.user_id,
        created_at=act.now,
        updated_by=act.actor.user_id,
        updated_at=act.now,
    )


def _next(act: Act, record: Record) -> Record:
    """The same record one version later, changed by whoever acts."""
    return replace(
        record,
        version=record.version + 1,
        updated_by=act.actor.user_id,
        updated_at=act.now,
    )


def update_record(
    act: Act, form: Form, before: Record, prepared: Prepared, status: str
) -> tuple[Record, Mapping[str, LineChanges]]:
    """Write what is different; returns the record as it is now and how its lines changed."""
    header = _header(form, prepared.values) | {"search_text": words(form, prepared)}
    # A roll-up is written by the acts on the records that refer to this one, and by nobody else.
    own = {name: value for name, value in header.items() if name not in _rolled_up(form)}
    with one_of_a_kind():
        after = write_header(act, form, before, own | {"status": status})
        changes = line_changes(form, before, prepared.values)
        for table in form.lines:
            _write_lines(act, table, before.id, prepared.values[table.code], changes[table.code])
    attach(act, form, before.id, prepared.values)
    return _as_written(act, after, prepared), changes


def write_status(act: Act, form: Form, before: Record, status: str) -> Record:
    """Let a record go on in its life; its values stay as they are."""
    return write_header(act, form, before, {"status": status})


def write_header(act: Act, form: Form, before: Record, row: Mapping[str, Any]) -> Record:
    """Write columns of the header; the version that was read must still be the one stored."""
    stamp = {
        "version": before.version + 1,
        "updated_by": act.actor.user_id,
        "updated_at": act.now,
    }
    columns = form.table.c
    this = {"this_id": before.id, "this_version": before.version}
    writing = update(form.table).where(
        columns.id == bindparam("this_id"), columns.version == bindparam("this_version")
    )
    changed = act.connection.execute(writing, {**row, **stamp, **this}).rowcount
    assert changed == 1, "the record is locked, so its version cannot have changed"
    if row["status"] != before.status:
        triggers.came_to(act, form, before.id, row["status"])
    return replace(_next(act, before), status=row["status"])


def delete_record(act: Act, form: Form, record: Record) -> None:
    """Remove a record and its lines."""
    try:
        for table in form.lines:
            lines = table.table
            act.connection.execute(delete(lines).where(lines.c.parent_id == record.id))
        act.connection.execute(delete(form.table).where(form.table.c.id == record.id))
    except IntegrityError as error:
        raise Conflict("in_use", {"where": "…"}) from error


def line_changes(
    form: Form, before: Record, values: Mapping[str, Any]
) -> Mapping[str, LineChanges]:
    """Compare the lines that are stored with those that should be, by line id."""
    return {
        table.code: _differences(table, before.lines[table.code], values[table.code])
        for table in form.lines
    }


def words(form: Form, prepared: Prepared) -> str:
    """The search text of a record: its search fields as people read them."""
    fields = (form.by_code[code] for code in form.search_fields if code in form.by_code)
    return search_text(
        _word(field, prepared.values.get(field.code), prepared.referenced) for field in fields
    )


def _as_written(act: Act, record: Record, prepared: Prepared) -> Record:
    """The record as it stands in the database now, without reading it again.

    Only the ids of its lines are asked for: new ones have got theirs a moment ago.
    """
    lines: dict[str, tuple[LineRecord, ...]] = {}
    for table in record.form.lines:
        columns = table.table.c
        query = select(columns.id).where(columns.parent_id == record.id).order_by(columns.line_no)
        rows = prepared.values[table.code]
        ids = act.connection.execute(query).scalars().all() if rows else ()
        numbered = enumerate(zip(ids, rows, strict=True), start=1)
        lines[table.code] = tuple(
            LineRecord(key, number, _kept(table.fields, row)) for number, (key, row) in numbered
        )
    values = _kept(record.form.fields, prepared.values)
    return labelled(act, replace(record, values=values, lines=lines), prepared.referenced)


def _kept(fields: Sequence[Field], values: Mapping[str, Any]) -> Values:
    return {field.code: values.get(field.code) for field in fields if field.column is not None}


def _word(field: Field, value: Any, referenced: Loaded) -> str | None:
    if value is None:
        return None
    if field.target is None:
        return field.format(value)
    record = referenced.get(field.target, {}).get(value)
    return None if record is None else record.title


def _header(form: Form, values: Mapping[str, Any]) -> Values:
    return _row(form.fields, values)


def _rolled_up(form: Form) -> frozenset[str]:
    return frozenset(rollup.column.name for rollup in form.rollups.values())


def _row(fields: Sequence[Field], values: Mapping[str, Any]) -> Values:
    return {
        field.column.name: values.get(field.code) for field in fields if field.column is not None
    }


def _differences(
    table: LineTable, before: Sequence[LineRecord], rows: Sequence[Values]
) -> LineChanges:
    by_id = {line.id: line for line in before}
    added: list[Values] = []
    changed: list[tuple[LineRecord, Values]] = []
    for number, row in enumerate(rows, start=1):
        line = by_id.pop(row["id"], None) if "id" in row else None
        if line is None:
            added.append(row)
        elif line.line_no != number or any(
            line.values.get(field.code) != row.get(field.code) for field in table.fields
        ):
            changed.append((line, row))
    return LineChanges(added, changed, tuple(by_id.values()))


def _write_lines(
    act: Act, table: LineTable, record_id: int, rows: Sequence[Values], changes: LineChanges
) -> None:
    columns = table.table.c
    if changes.removed:
        gone = [{"line": line.id} for line in changes.removed]
        act.connection.execute(delete(table.table).where(columns.id == bindparam("line")), gone)
    _let_go(act, table, changes.changed)
    numbers = {id(row): number for number, row in enumerate(rows, start=1)}
    if changes.changed:
        changing = update(table.table).where(columns.id == bindparam("line"))
        written = [
            {"line": line.id, "line_no": numbers[id(row)], **_row(table.fields, row)}
            for line, row in changes.changed
        ]
        act.connection.execute(changing, written)
    _insert_lines(act, table, record_id, [(numbers[id(row)], row) for row in changes.added])


def _let_go(act: Act, table: LineTable, changed: Sequence[tuple[LineRecord, Values]]) -> None:
    """Empty what is unique in lines that change: two may take each other's value."""
    unique = {
        column.name: None
        for index in table.table.indexes
        if index.unique
        for column in index.columns
        if column.name.startswith("f_")
    }
    if unique and changed:
        lines = [{"line": line.id} for line, _ in changed]
        clearing = update(table.table).where(table.table.c.id == bindparam("line")).values(unique)
        act.connection.execute(clearing, lines)


def _insert_lines(
    act: Act, table: LineTable, record_id: int, rows: Sequence[tuple[int, Values]]
) -> None:
    if rows:
        written = [
            {"parent_id": record_id, "line_no": number, **_row(table.fields, row), **_own_id(row)}
            for number, row in rows
        ]
        act.connection.execute(insert(table.table), written)


def _own_id(row: Values) -> Values:
    """A line that comes again has the id it had; any other gets one."""
    return {"id": row["id"]} if "id" in row else {}


def attach(act: Act, form: Form, record_id: int, values: Mapping[str, Any]) -> None:
    """Hand the files of the record over to it: from now on its rights decide who sees them."""
    keys = kept_files.ids(form, values)
    if keys:
        files.attach(act, keys, f"{form.app_code}.{form.code}", record_id)


@contextmanager
def one_of_a_kind() -> Iterator[None]:
    """Two writers with the same unique value at the same moment: the second hears it here."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict("written_at_the_same_time") from error
