"""Carry out a plan: Alembic spells the DDL for each database, inside the caller's transaction."""

from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    Table,
    column,
    delete,
    func,
    insert,
    select,
    table,
    type_coerce,
    update,
)

from builder.indexes import drop
from builder.plan import Change, Plan, holds
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
        target = tables[change.table]
        if change.kind == "add_column":
            _add_column(operations, target, change.name)
        elif change.kind == "widen_column":
            _widen(connection, operations, target, change)
        elif change.kind == "drop_index":
            drop(connection, operations, change.table, change.name)
    for change in plan.changes:
        if change.kind == "add_index":
            indexes = tables[change.table].indexes
            next(index for index in indexes if index.name == change.name).create(connection)
    _note(connection, app)


def _add_column(operations: "Operations", target: Table, name: str) -> None:
    wanted = target.columns[name]
    foreign = [key for key in target.foreign_keys if key.parent is wanted]
    new: Column[object] = Column(
        name, wanted.type, *(ForeignKey(key.target_fullname) for key in foreign)
    )
    # Inline, because SQLite cannot add a constraint to a table that is there.
    operations.add_column(target.name, new, inline_references=bool(foreign))


def _widen(connection: Connection, operations: "Operations", target: Table, change: Change) -> None:
    if connection.dialect.name == "postgresql":
        kind = target.columns[change.name].type.dialect_impl(connection.dialect)
        operations.alter_column(target.name, change.name, type_=kind)
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
