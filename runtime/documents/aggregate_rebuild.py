"""An aggregate table computed anew out of what is stored: when it is new or was changed.

A source whose rows are taken as they stand is one INSERT … SELECT … GROUP BY; one with a condition
or a computed value is read record by record.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from runtime.compile.aggregates import ROWS
from runtime.compile.figures import Feed, Measure, Path, Share
from runtime.compile.model import Form
from runtime.documents import aggregates
from runtime.documents.rollup_queries import (
    column_at,
    counting,
    hold_writers,
    records_of,
    rescaled,
    source_of,
)
from runtime.infra.act import Act
from runtime.infra.columns import MAX_SCALED, ExactDecimal, Instant
from runtime.infra.errors import Problem, ValidationFailed
from runtime.infra.upsert import insert_into

CHUNK: Final = 500


def rebuild(act: Act, table: Form) -> None:
    """Compute an aggregate table anew; nobody writes its sources meanwhile.

    What must hold of its groups is asked of acts, not of what has been true for long. Raises
    ValidationFailed for a figure that its column cannot hold.
    """
    kept = table.aggregate
    assert kept is not None, f"{table.code} is no aggregate table"
    forms = [table.siblings[code] for code in sorted({feed.rows.form for feed in kept.feeds})]
    hold_writers(act.connection, [*forms, table])
    for measure in kept.measures:
        if measure.values is not None:
            act.connection.execute(delete(measure.values))
    act.connection.execute(delete(table.table))
    for feed in kept.feeds:
        if is_plain(feed):
            _take(act, table, feed)
        else:
            _gather(act, table, feed)
    _require_room(act, table)
    _finish(act, table)


def is_plain(feed: Feed) -> bool:
    """Whether the database can take the rows of a source as they stand."""
    computed = (share for share in feed.shares if share.formula and not share.direct)
    return feed.rows.where is None and not any(computed)


def _gather(act: Act, table: Form, feed: Feed) -> None:
    child = table.siblings[feed.rows.form]
    groups: aggregates.Groups = {}
    for number, record in enumerate(records_of(act.connection, child), start=1):
        aggregates.add(groups, table, feed, aggregates.brought(table, feed, record), 1)
        if number % CHUNK == 0:
            aggregates.store(act, table, groups)
            groups = {}
    aggregates.store(act, table, groups)


def _take(act: Act, table: Form, feed: Feed) -> None:
    child = table.siblings[feed.rows.form]
    dialect = act.connection.dialect.name
    divided = [_dimension(child, path, dialect) for path in feed.dimensions]
    names, values = _constants(act)
    names += [f"f_{field.code}" for field in _dimensions(table)]
    values += divided
    names.append(ROWS)
    values.append(func.count())
    for measure in _measures(table):
        share = next((each for each in feed.shares if each.measure == measure.code), None)
        for name, value in _shared(child, measure, share, dialect):
            names.append(name)
            values.append(value)
    query = _rows(child, feed, select(*values), divided).group_by(*divided)
    inserting = insert_into(act.connection, table.table).from_select(names, query)
    adding = inserting.on_conflict_do_update(
        index_elements=[f"f_{field.code}" for field in _dimensions(table)],
        set_=aggregates.sums(table, inserting.excluded),
    )
    act.connection.execute(adding)
    for measure in _measures(table):
        share = next((each for each in feed.shares if each.measure == measure.code), None)
        if measure.values is not None and share is not None:
            _take_values(act, table, feed, measure, share)


def _constants(act: Act) -> tuple[list[str], list[Any]]:
    names, values = [], []
    for name, value in aggregates.system_values(act).items():
        kind: TypeEngine[Any] = Text()
        if name.endswith("_at"):
            kind = Instant()
        elif isinstance(value, int):
            kind = Integer()
        names.append(name)
        values.append(literal(value, kind))
    return names, values


def _shared(
    child: Form, measure: Measure, share: Share | None, dialect: str
) -> list[tuple[str, Any]]:
    """The columns of a measure that rows are added to, and what a source adds."""
    if measure.is_added:
        return [(measure.column.name, _added(child, measure, share, measure.column.type, dialect))]
    if measure.total is not None and measure.number is not None:
        number: Any = literal(0, Integer)
        if share is not None and share.direct is not None:
            number = func.count(column_at(child, share.direct))
        total = _added(child, measure, share, measure.total.type, dialect)
        return [(measure.total.name, total), (measure.number.name, number)]
    return []


def _added(
    child: Form, measure: Measure, share: Share | None, kept: TypeEngine[Any], dialect: str
) -> Any:
    if share is None:
        return literal(Decimal(0), kept)
    taken: Any
    if measure.op == "count":
        counted = (
            func.count() if share.direct is None else func.count(column_at(child, share.direct))
        )
        taken = rescaled(counted, ExactDecimal(0), kept, dialect)
    else:
        assert share.direct is not None, "the source is plain"
        column = column_at(child, share.direct)
        taken = rescaled(
            func.coalesce(func.sum(column), literal_column("0")), column.type, kept, dialect
        )
    if share.sign < 0:
        taken = type_coerce(type_coerce(taken, Integer) * literal_column("-1"), kept)
    return type_coerce(taken, kept)


def _take_values(act: Act, table: Form, feed: Feed, measure: Measure, share: Share) -> None:
    """How often each value occurs in each group."""
    child, values = table.siblings[feed.rows.form], measure.values
    assert values is not None, "values are kept"
    assert share.direct is not None, "the source is plain"
    column = column_at(child, share.direct)
    dialect = act.connection.dialect.name
    divided = [_dimension(child, path, dialect) for path in feed.dimensions]
    same = and_(
        *(
            table.table.c[f"f_{field.code}"] == value
            for field, value in zip(_dimensions(table), divided, strict=True)
        )
    )
    key = table.table.c.id
    shown = rescaled(column, column.type, values.c.value.type, dialect)
    query = select(key, shown, func.count())
    query = _rows(child, feed, query, divided, table, same).where(column.is_not(None))
    inserting = insert_into(act.connection, values).from_select(
        ["owner_id", "value", "n"], query.group_by(key, column)
    )
    adding = inserting.on_conflict_do_update(
        index_elements=[values.c.owner_id, values.c.value],
        set_={"n": values.c.n + inserting.excluded.n},
    )
    act.connection.execute(adding)


def _rows(
    child: Form,
    feed: Feed,
    query: Select[Any],
    divided: Sequence[ColumnElement[Any]],
    table: Form | None = None,
    same: ColumnElement[bool] | None = None,
) -> Select[Any]:
    """From the rows of a source that count and lack no dimension."""
    source = source_of(child, feed.rows)
    if table is not None:
        source = source.join(table.table, same)
    query = query.select_from(source).where(*counting(child))
    for value in divided:
        query = query.where(value.is_not(None))
        if isinstance(value.type, Text):
            query = query.where(value != literal_column("''"))
    return query


def _dimension(child: Form, path: Path, dialect: str) -> ColumnElement[Any]:
    column = column_at(child, path)
    if not path.part:
        return column
    if dialect == "postgresql":
        pattern = "'YYYY-MM'" if path.part == "month" else "'YYYY'"
        return func.to_char(column, literal_column(pattern), type_=Text())
    length: ColumnElement[int] = literal_column("7" if path.part == "month" else "4")
    return func.substr(type_coerce(column, Text), literal_column("1"), length, type_=Text())


def _finish(act: Act, table: Form) -> None:
    """Compute what is computed of every group, some at a time."""
    key, last = table.table.c.id, 0
    query = select(table.table).order_by(key).limit(CHUNK)
    while rows := act.connection.execute(query.where(key > last)).mappings().all():
        aggregates.finish(act, table, [dict(row) for row in rows])
        last = rows[-1]["id"]


def _require_room(act: Act, table: Form) -> None:
    for measure in _measures(table):
        for column in (measure.column if measure.is_added else None, measure.total):
            if column is not None and isinstance(column.type, ExactDecimal):
                most = Decimal(MAX_SCALED).scaleb(-column.type.scale)
                outside = or_(column >= most, column <= -most)
                if act.connection.execute(select(table.table.c.id).where(outside).limit(1)).first():
                    label = f"{table.label.zh}.{measure.field.label.zh}"
                    params = {"label": label, "group": ""}
                    raise ValidationFailed(problems=[Problem("", "aggregate_too_large", params)])


def _dimensions(table: Form) -> Sequence[Any]:
    assert table.aggregate is not None, f"{table.code} is no aggregate table"
    return table.aggregate.dimensions


def _measures(table: Form) -> Sequence[Measure]:
    assert table.aggregate is not None, f"{table.code} is no aggregate table"
    return table.aggregate.measures
