"""Roll-ups out of what is stored: a few groups looked up again, or all of them computed anew.

A condition on the rows is evaluated here in Python, record by record; without one the database
does all of it in one statement.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.types import TypeEngine

from runtime.compile.feeds import field_at
from runtime.compile.figures import Path, RollUp, Rows
from runtime.compile.model import COUNTING, Form
from runtime.compile.programs import ZERO_WHEN_EMPTY
from runtime.documents.contributions import average, rows_of
from runtime.infra.columns import MAX_SCALED, ExactDecimal
from runtime.infra.errors import Problem, ValidationFailed
from runtime.query import Record, records_by_id

CHUNK: Final = 500
# Figures by the id of the record they belong to.
Figures = dict[int, Any]


def figures(connection: Connection, owner: Form, rollup: RollUp, ids: Sequence[int]) -> Figures:
    """The smallest or the largest of what refers to each of the records now."""
    child = owner.siblings[rollup.rows.form]
    pointing = column_at(child, rollup.reference)
    found: Figures = {}
    for start in range(0, len(ids), CHUNK):
        mine = pointing.in_(ids[start : start + CHUNK])
        if rollup.rows.where is None:
            query = _grouped(child, rollup, _figure(child, rollup)).where(mine)
            found |= dict(connection.execute(query).all())
        else:
            for key, value in _values(connection, child, rollup, mine):
                best = min if rollup.measure == "min" else max
                if key in set(ids):
                    found[key] = best(found[key], value) if key in found else value
    return found


def recompute(connection: Connection, owner: Form, code: str) -> None:
    """Compute one roll-up of all records anew, out of what is stored.

    Nobody writes the forms it takes from meanwhile. Raises ValidationFailed for a figure that its
    column cannot hold.
    """
    rollup = owner.rollups[code]
    child = owner.siblings[rollup.rows.form]
    hold_writers(connection, [owner, child])
    if rollup.values is not None:
        _count_values(connection, child, rollup)
    if rollup.rows.where is None:
        _set_from(connection, owner, rollup, _groups(child, rollup))
    else:
        _set_each(connection, owner, rollup, _gathered(connection, child, rollup))
    if rollup.measure == "average":
        _divide(connection, owner, rollup)
    _require_room(connection, owner, rollup)


def hold_writers(connection: Connection, forms: Sequence[Form]) -> None:
    """Let the acts under way on the forms end, and no other begin, until this transaction ends.

    What is read afterwards is all there is, and what comes later is added to what is written now.
    """
    if connection.dialect.name != "postgresql":
        return  # a write transaction on SQLite is alone
    quote = connection.dialect.identifier_preparer.quote
    tables = [form.table for form in forms] + [each.table for form in forms for each in form.lines]
    for name in sorted({table.name for table in tables}):
        connection.exec_driver_sql(f"LOCK TABLE {quote(name)} IN SHARE ROW EXCLUSIVE MODE")


def source_of(child: Form, rows: Rows) -> FromClause:
    """The rows of a form as a FROM clause."""
    if rows.lines is None:
        return child.table
    lines = child.lines_of(rows.lines).table
    return lines.join(child.table, lines.c.parent_id == child.table.c.id)


def counting(child: Form) -> list[ColumnElement[bool]]:
    """The condition that a record counts."""
    return [child.table.c.status.in_(sorted(COUNTING))] if child.is_document else []


def column_at(form: Form, path: Path) -> Column[Any]:
    """The column a path leads to."""
    field = field_at(form, path)
    assert field is not None, "the compiler found it"
    assert field.column is not None, "the compiler asked for a column"
    return field.column


def rescaled(value: ColumnElement[Any], kept: Any, wanted: Any, dialect: str) -> Any:
    """A figure on the scale of another column; on SQLite a scaled integer is multiplied."""
    if not isinstance(kept, ExactDecimal) or not isinstance(wanted, ExactDecimal):
        return value
    if dialect == "postgresql" or kept.scale == wanted.scale:
        return type_coerce(value, wanted)
    assert wanted.scale > kept.scale, "the compiler asked for enough places"
    raw = type_coerce(value, Integer) * literal(10 ** (wanted.scale - kept.scale), Integer)
    return type_coerce(raw, wanted)


def records_of(
    connection: Connection, child: Form, condition: ColumnElement[bool] | None = None,
    rows: Rows | None = None,
) -> Iterator[Record]:  # fmt: skip
    """Every record of a form that counts, in order of id; `condition` is on its rows."""
    key, last = child.table.c.id, 0
    source = child.table if rows is None else source_of(child, rows)
    while True:
        query = select(key).select_from(source).where(key > last, *counting(child)).distinct()
        if condition is not None:
            query = query.where(condition)
        ids = connection.execute(query.order_by(key).limit(CHUNK)).scalars().all()
        if not ids:
            return
        found = records_by_id(connection, child, ids)
        yield from (found[each] for each in ids if each in found)
        last = ids[-1]


def _values(
    connection: Connection, child: Form, rollup: RollUp, condition: ColumnElement[bool] | None
) -> Iterator[tuple[int, Any]]:
    """What each row brings, for roll-ups whose condition the database does not evaluate."""
    for record in records_of(connection, child, condition, rollup.rows):
        for header, line in rows_of(record, rollup.rows):
            key = rollup.reference.of(header, line)
            value = None if rollup.measured is None else rollup.measured.of(header, line)
            if key is not None and (rollup.measured is None or value is not None):
                yield key, value


def _grouped(child: Form, rollup: RollUp, *columns: ColumnElement[Any]) -> Select[Any]:
    """Something of each group, by the id of the record it belongs to."""
    pointing = column_at(child, rollup.reference)
    query = select(pointing.label("owner_id"), *columns).select_from(source_of(child, rollup.rows))
    query = query.where(pointing.is_not(None), *counting(child)).group_by(pointing)
    if rollup.measured is not None:
        query = query.where(column_at(child, rollup.measured).is_not(None))
    return query


def _figure(child: Form, rollup: RollUp) -> ColumnElement[Any]:
    if rollup.measured is None:
        return func.count()
    column = column_at(child, rollup.measured)
    functions: Mapping[str, Callable[[Any], Any]] = {
        "sum": func.sum,
        "average": func.sum,
        "min": func.min,
        "max": func.max,
        "distinct": lambda each: func.count(each.distinct()),
    }
    return functions[rollup.measure](column)  # type: ignore[no-any-return]


def _groups(child: Form, rollup: RollUp) -> Callable[[str], Select[Any]]:
    """The query of all groups: owner_id, figure, and the number of values of an average."""

    def build(dialect: str) -> Select[Any]:
        figure = _figure(child, rollup)
        wanted = rollup.column if rollup.total is None else rollup.total
        kept: TypeEngine[Any] = ExactDecimal(0)
        if rollup.measured is not None and rollup.measure != "distinct":
            kept = column_at(child, rollup.measured).type
        shown = rescaled(figure, kept, wanted.type, dialect).label("figure")
        return _grouped(child, rollup, shown, func.count().label("number"))

    return build


def _set_from(
    connection: Connection, owner: Form, rollup: RollUp, build: Callable[[str], Select[Any]]
) -> None:
    """Write what differs, for every record of the owner, in one statement."""
    groups = build(connection.dialect.name).subquery("groups")
    table, column = owner.table, rollup.column if rollup.total is None else rollup.total
    every = table.alias("every")
    figure: Any = groups.c.figure
    if rollup.measure in ZERO_WHEN_EMPTY:
        figure = func.coalesce(figure, literal(Decimal(0), column.type))
    new = (
        select(every.c.id, figure.label("figure"), groups.c.number.label("number"))
        .select_from(every.outerjoin(groups, groups.c.owner_id == every.c.id))
        .subquery("new")
    )
    values: dict[str, Any] = {column.name: new.c.figure}
    differs = column.is_distinct_from(new.c.figure)
    if rollup.number is not None:
        values[rollup.number.name] = new.c.number
        differs = or_(differs, rollup.number.is_distinct_from(new.c.number))
    connection.execute(update(table).where(table.c.id == new.c.id, differs).values(values))


def _gathered(connection: Connection, child: Form, rollup: RollUp) -> dict[int, tuple[Any, int]]:
    """Figure and number of each group, gathered record by record."""
    if rollup.values is not None:
        return _counted(connection, rollup)
    found: dict[int, tuple[Any, int]] = {}
    for key, value in _values(connection, child, rollup, None):
        known, number = found.get(key, (None, 0))
        found[key] = _together(rollup.measure, known, value), number + 1
    if rollup.measure == "count":
        return {key: (number, number) for key, (_, number) in found.items()}
    return found


def _together(measure: str, known: Any, value: Any) -> Any:
    if known is None or value is None:
        return value
    if measure in {"sum", "average"}:
        return known + value
    return min(known, value) if measure == "min" else max(known, value)


def _set_each(
    connection: Connection, owner: Form, rollup: RollUp, found: Mapping[int, tuple[Any, int]]
) -> None:
    column = rollup.column if rollup.total is None else rollup.total
    empty = Decimal(0) if rollup.measure in ZERO_WHEN_EMPTY else None
    blank: dict[str, Any] = {column.name: empty}
    if rollup.number is not None:
        blank[rollup.number.name] = None
    connection.execute(update(owner.table).values(blank))
    rows = [{"this_id": key, "figure": figure, "number": number}
            for key, (figure, number) in sorted(found.items())]  # fmt: skip
    if any(figure is not None and isinstance(column.type, ExactDecimal)
           and not column.type.holds(Decimal(figure)) for figure, _ in found.values()):  # fmt: skip
        raise _no_room(owner, rollup)
    values: dict[str, Any] = {column.name: bindparam("figure", type_=column.type)}
    if rollup.number is not None:
        values[rollup.number.name] = bindparam("number", type_=rollup.number.type)
    else:
        rows = [{name: value for name, value in row.items() if name != "number"} for row in rows]
    if rows:
        writing = update(owner.table).where(owner.table.c.id == bindparam("this_id"))
        connection.execute(writing.values(values), rows)


def _count_values(connection: Connection, child: Form, rollup: RollUp) -> None:
    """Fill the table of how often each value occurs."""
    table = rollup.values
    assert table is not None, "different values are kept"
    assert rollup.measured is not None, "different values are of a field"
    connection.execute(delete(table))
    if rollup.rows.where is None:
        value = column_at(child, rollup.measured)
        query = _grouped(child, rollup, value, func.count()).group_by(value)
        connection.execute(insert(table).from_select(["owner_id", "value", "n"], query))
        return
    counted: Counter[tuple[int, Any]] = Counter(_values(connection, child, rollup, None))
    rows = [{"owner_id": key, "value": value, "n": n} for (key, value), n in counted.items()]
    if rows:
        connection.execute(insert(table), rows)


def _counted(connection: Connection, rollup: RollUp) -> dict[int, tuple[Any, int]]:
    assert rollup.values is not None, "different values are kept"
    columns = rollup.values.c
    query = select(columns.owner_id, func.count()).group_by(columns.owner_id)
    return {key: (n, n) for key, n in connection.execute(query)}


def _divide(connection: Connection, owner: Form, rollup: RollUp) -> None:
    """Divide sums by numbers, exactly: what the databases make of it is rounded twice or cut."""
    assert rollup.total is not None, "an average has its sum beside it"
    assert rollup.number is not None, "an average has its number beside it"
    kept, key, last = rollup.column.type, owner.table.c.id, 0
    assert isinstance(kept, ExactDecimal), "an average is a figure"
    writing = (
        update(owner.table)
        .where(key == bindparam("this_id"))
        .values({rollup.column.name: bindparam("figure", type_=kept)})
    )
    query = select(key, rollup.total, rollup.number).order_by(key).limit(CHUNK)
    while rows := connection.execute(query.where(key > last)).all():
        found = [
            {
                "this_id": one,
                "figure": average(total if total is not None else Decimal(0), n or 0, kept.scale),
            }
            for one, total, n in rows
        ]
        connection.execute(writing, found)
        last = rows[-1][0]


def _require_room(connection: Connection, owner: Form, rollup: RollUp) -> None:
    for column in rollup.columns:
        if isinstance(column.type, ExactDecimal):
            most = Decimal(MAX_SCALED).scaleb(-column.type.scale)
            query = select(owner.table.c.id).where(or_(column >= most, column <= -most)).limit(1)
            if connection.execute(query).first() is not None:
                raise _no_room(owner, rollup)


def _no_room(owner: Form, rollup: RollUp) -> ValidationFailed:
    params = {"label": f"{owner.label.zh}.{rollup.field.label.zh}", "title": ""}
    return ValidationFailed(problems=[Problem("", "rollup_too_large", params)])
