"""One record with its lines, and what its references are called."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from runtime import access
from runtime.compile import Field, Form, LineTable
from runtime.infra.act import Act
from runtime.infra.columns import is_key
from runtime.query.labels import CHUNK, labels, shows_titles, titles

LabelKey = tuple[str | None, str]


@dataclass(frozen=True)
class LineRecord:
    """One line of a record."""

    id: int
    line_no: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """A record as the actor may see it.

    `labels[(None, "customer")]` (header) and `labels[("lines", "item")]` give `{id: title}` for the
    reference fields.
    """

    form: Form
    id: int
    version: int
    status: str
    values: Mapping[str, Any]
    lines: Mapping[str, tuple[LineRecord, ...]]
    created_by: int | None
    created_at: datetime
    updated_by: int | None
    updated_at: datetime
    labels: Mapping[LabelKey, Mapping[int, str]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What people call it."""
        code = self.form.title
        return self.form.by_code[code].format(self.values.get(code)) or f"#{self.id}"

    def shown(self, code: str, line: LineRecord | None = None, lines: str | None = None) -> str:
        """Return a value the way people read it, references by their title."""
        if line is None:
            found, value = self.form.by_code[code], self.values.get(code)
        else:
            assert lines is not None, "a line belongs to a line table"
            found, value = self.form.lines_of(lines).by_code[code], line.values.get(code)
        if found.stored.kind == "reference" and value is not None:
            return self.labels.get((lines, code), {}).get(value, f"#{value}")
        return found.format(value)


def record(act: Act, form: Form, record_id: int) -> Record | None:
    """Return a record the actor may see, or None."""
    found = whole_record(act, form, record_id)
    return None if found is None else for_actor(act, found)


def whole_record(act: Act, form: Form, record_id: int) -> Record | None:
    """Return a record the actor may see with all that is in it, or None.

    For what reckons with a document; what people read goes through `for_actor`.
    """
    access.require(act.actor, "view", form)
    if not is_key(record_id):
        return None
    condition = access.row_condition(act.actor, form)
    found = records_by_id(act.connection, form, [record_id], condition)
    return found.get(record_id)


def records_by_id(
    connection: Connection,
    form: Form,
    ids: Iterable[int],
    condition: ColumnElement[bool] | None = None,
) -> dict[int, Record]:
    """Return whole records by id, unmasked: for the write path, which checks rights itself."""
    wanted = sorted(set(ids))
    found: dict[int, Record] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        where: ColumnElement[bool] = form.table.c.id.in_(chunk)
        if condition is not None:
            where = and_(where, condition)
        headers = connection.execute(select(form.table).where(where)).mappings().all()
        keys = [row["id"] for row in headers]
        lines = {table.code: _lines(connection, table, keys) for table in form.lines}
        for row in headers:
            found[row["id"]] = _record(connection, form, row, lines)
    return found


def _record(
    connection: Connection,
    form: Form,
    row: Mapping[Any, Any],
    lines: Mapping[str, Mapping[int, tuple[LineRecord, ...]]],
) -> Record:
    own = {code: tables.get(row["id"], ()) for code, tables in lines.items()}
    values = _values(form.fields, row)
    return Record(
        form=form,
        id=row["id"],
        version=row["version"],
        status=row["status"],
        values=values,
        lines=own,
        created_by=row["created_by"],
        created_at=row["created_at"],
        updated_by=row["updated_by"],
        updated_at=row["updated_at"],
        labels=_labels(connection, form, values, own),
    )


def _values(fields: tuple[Field, ...], row: Mapping[Any, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for item in fields:
        if item.column is not None:
            value = row[item.column.name]
            values[item.code] = tuple(value) if isinstance(value, list) else value
    return values


def _lines(
    connection: Connection, table: LineTable, parents: list[int]
) -> dict[int, tuple[LineRecord, ...]]:
    physical = table.table
    rows = connection.execute(
        select(physical)
        .where(physical.c.parent_id.in_(parents))
        .order_by(physical.c.parent_id, physical.c.line_no)
    ).mappings()
    found: dict[int, list[LineRecord]] = {}
    for row in rows:
        line = LineRecord(row["id"], row["line_no"], _values(table.fields, row))
        found.setdefault(row["parent_id"], []).append(line)
    return {parent: tuple(lines) for parent, lines in found.items()}


def _labels(
    connection: Connection,
    form: Form,
    values: Mapping[str, Any],
    lines: Mapping[str, tuple[LineRecord, ...]],
) -> dict[LabelKey, Mapping[int, str]]:
    wanted: dict[LabelKey, tuple[Form, set[int]]] = {}
    for item in form.fields:
        if item.target and values.get(item.code) is not None:
            wanted[(None, item.code)] = (form.target(item), {values[item.code]})
    for table in form.lines:
        for item in table.fields:
            if item.target:
                found = (line.values.get(item.code) for line in lines[table.code])
                keys = {key for key in found if key is not None}
                wanted[(table.code, item.code)] = (form.target(item), keys)
    return {place: labels(connection, target, keys) for place, (target, keys) in wanted.items()}


def for_actor(act: Act, found: Record) -> Record:
    """Drop the fields the actor may not see, and what records are called that they may not view."""
    visible = {item.code for item in access.visible_fields(act.actor, found.form)}
    shown: dict[str | None, set[str]] = {
        table.code: {item.code for item in access.visible_line_fields(act.actor, found.form, table)}
        for table in found.form.lines
    }
    return replace(
        found,
        values={code: value for code, value in found.values.items() if code in visible},
        lines={
            code: tuple(
                replace(line, values={k: v for k, v in line.values.items() if k in shown[code]})
                for line in rows
            )
            for code, rows in found.lines.items()
            if code in visible
        },
        labels=_readable(act, found, {None: visible, **shown}),
    )


def _readable(
    act: Act, found: Record, seen: Mapping[str | None, set[str]]
) -> dict[LabelKey, Mapping[int, str]]:
    """What the references are called whose records the actor may view: a query for each form."""
    places = {
        (lines, code): found.form.target(_field_at(found.form, lines, code))
        for lines, code in found.labels
        if code in seen[lines]
    }
    wanted: dict[str, dict[int, str]] = {}
    for place, target in places.items():
        wanted.setdefault(target.code, {}).update(found.labels[place])
    known = {code: _told(act, found.form.siblings[code], named) for code, named in wanted.items()}
    return {
        place: {key: text for key, text in found.labels[place].items() if key in known[target.code]}
        for place, target in places.items()
    }


def _told(act: Act, form: Form, named: Mapping[int, str]) -> Collection[int]:
    """The ids of those of the records whose title the actor may read."""
    if not shows_titles(act, form):
        return ()
    is_open = access.row_condition(act.actor, form) is None
    return named if is_open else titles(act, form, named)


def _field_at(form: Form, lines: str | None, code: str) -> Field:
    return form.by_code[code] if lines is None else form.lines_of(lines).by_code[code]
