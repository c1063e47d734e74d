"""Carry out a plan: Alembic spells the DDL for each database, inside the caller's transaction."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    Numeric,
    Table,
    bindparam,
    column,
    delete,
    func,
    insert,
    inspect,
    select,
    table,
    type_coerce,
    update,
)

from builder.conversion import CHUNK
from builder.indexes import drop
from builder.plan import Change, Plan, aside, holds
from builder.retyped import Carried
from runtime.catalogue import PHYSICAL_COLUMN
from runtime.compile import App
from runtime.infra.columns import MAX_SCALED
from runtime.infra.errors import Problem, ValidationFailed

if TYPE_CHECKING:
    from alembic.operations import Operations


def migrate(connection: Connection, app: App, plan: Plan) -> None:
    """Make the tables what the app needs.

    Nothing is dropped or narrowed here but what only follows from other tables.
    """
    tables = app.metadata.tables
    renewed = [change.table for change in plan.changes if change.kind == "renew_table"]
    for name in renewed:
        tables[name].drop(connection, checkfirst=False)
        connection.execute(delete(PHYSICAL_COLUMN).where(PHYSICAL_COLUMN.c.table_name == name))
    created = [change.table for change in plan.changes if change.kind == "create_table"] + renewed
    app.metadata.create_all(connection, tables=[tables[name] for name in created], checkfirst=False)
    from alembic.migration import MigrationContext  # noqa: PLC0415 - heavy, and not for serving
    from alembic.operations import Operations as DdlOperations  # noqa: PLC0415

    operations = DdlOperations(MigrationContext.configure(connection))
    for change in plan.changes:
        _change(connection, operations, tables[change.table], change)
    for change in plan.changes:
        if change.kind in {"convert_column", "set_aside"}:
            _set_aside(connection, operations, tables[change.table], change, plan.version)
    for found in plan.carried:
        _fill(connection, tables[found.table].columns[found.column], found)
    for change in plan.changes:
        if change.kind == "add_index":
            indexes = tables[change.table].indexes
            next(index for index in indexes if index.name == change.name).create(connection)
    _note(connection, app)


def _change(
    connection: Connection, operations: "Operations", target: Table, change: Change
) -> None:
    """What is done to a table before anything is converted."""
    if change.kind == "add_column":
        _add_column(operations, target, change.name)
    elif change.kind == "widen_column":
        _widen(connection, operations, target, change)
    elif change.kind == "drop_index":
        drop(connection, operations, change.table, change.name)


def _add_column(operations: "Operations", target: Table, name: str) -> None:
    wanted = target.columns[name]
    foreign = [key for key in target.foreign_keys if key.parent is wanted]
    new: Column[object] = Column(
        name, wanted.type, *(ForeignKey(key.target_fullname) for key in foreign)
    )
    # Inline, because SQLite cannot add a constraint to a table that is there.
    operations.add_column(target.name, new, inline_references=bool(foreign))


def _set_aside(
    connection: Connection, operations: "Operations", target: Table, change: Change, version: int
) -> None:
    """Keep the column as it is under another name, and make a new one in its place."""
    name = aside(version, change.name)
    if connection.dialect.name == "postgresql":
        for key in inspect(connection).get_foreign_keys(target.name):
            # Its name is the new column's, and what was set aside keeps nobody from deleting.
            if key["constrained_columns"] == [change.name] and key["name"]:
                operations.drop_constraint(key["name"], target.name, type_="foreignkey")
    operations.alter_column(target.name, change.name, new_column_name=name)
    _add_column(operations, target, change.name)
    connection.execute(
        insert(PHYSICAL_COLUMN).values(
            table_name=target.name, column_name=name, holds=change.before
        )
    )


def _fill(connection: Connection, wanted: Column[Any], found: Carried) -> None:
    """Write the new values of a column, some thousand at a time."""
    assert wanted.table is not None, "a column of a form"
    key = wanted.table.c.id
    writing = update(wanted.table).where(key == bindparam("row"))
    writing = writing.values({wanted.name: bindparam("value", type_=wanted.type)})
    for start in range(0, len(found.rows), CHUNK):
        part = found.rows[start : start + CHUNK]
        connection.execute(writing, [{"row": row, "value": value} for row, value in part])


def _widen(connection: Connection, operations: "Operations", target: Table, change: Change) -> None:
    if connection.dialect.name == "postgresql":
        # NUMERIC of any scale: no row is written again, so whoever reads meanwhile finds them all.
        operations.alter_column(target.name, change.name, type_=Numeric())
        return
    # A scaled integer is the same number with more places once it is multiplied.
    raw = table(target.name, column(change.name, Integer))
    value, factor = raw.c[change.name], 10**change.by
    most = connection.execute(select(func.max(func.abs(type_coerce(value, Integer))))).scalar()
    if most is not None and most > MAX_SCALED // factor:
        params = {"table": target.name, "field": change.name.removeprefix("f_")}
        raise ValidationFailed(
            "definition_invalid", problems=[Problem("/forms", "field_cannot_widen", params)]
        )
    connection.execute(update(raw).values({change.name: value * factor}))


def _note(connection: Connection, app: App) -> None:
    """Keep what each column holds; columns of removed fields stay noted."""
    for physical in app.metadata.tables.values():
        rows = [
            {"table_name": physical.name, "column_name": item.name, "holds": holds(item.type)}
            for item in physical.columns
        ]
        names = [row["column_name"] for row in rows]
        connection.execute(
            delete(PHYSICAL_COLUMN).where(
                PHYSICAL_COLUMN.c.table_name == physical.name,
                PHYSICAL_COLUMN.c.column_name.in_(names),
            )
        )
        connection.execute(insert(PHYSICAL_COLUMN), rows)
