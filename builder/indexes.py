"""The indexes tables have and should have; what stands twice keeps a value from being unique."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Index, Inspector, Table, func, select

from runtime.compile import App, Field
from runtime.infra.errors import Problem

if TYPE_CHECKING:
    from alembic.operations import Operations


def missing_indexes(inspector: Inspector, table: Table) -> Iterator[Index]:
    """Yield the indexes a table should have and has not."""
    names = {each["name"] for each in inspector.get_indexes(table.name)}
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        if index.name not in names:
            yield index


def superfluous_indexes(inspector: Inspector, table: Table) -> Iterator[str]:
    """Yield the indexes a table has of ours and should not have any more."""
    wanted = {str(index.name) for index in table.indexes}
    for each in inspector.get_indexes(table.name):
        name = str(each["name"])
        if name.startswith(("uq_", "ix_")) and name not in wanted:
            yield name


def duplicates(
    connection: Connection, app: App, index: Index, held: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield a Problem where records that are there already keep an index from being unique."""
    assert index.table is not None, "an index of a form stands on its table"
    columns = [column for column in index.columns]  # noqa: C416 - a collection of SQLAlchemy's
    if not index.unique or any(column.name not in held for column in columns):
        return
    filled = [column.is_not(None) for column in columns]
    query = select(*columns, func.count()).where(*filled).group_by(*columns)
    twice = query.having(func.count() > 1).order_by(func.count().desc(), *columns)
    found = connection.execute(select(func.count()).select_from(twice.subquery())).scalar_one()
    if not found:
        return
    values = connection.execute(twice.limit(1)).one()
    fields = fields_of(app, index.table)
    known = [(fields[c.name], v) for c, v in zip(columns, values, strict=False) if c.name in fields]
    params: dict[str, Any] = {
        "labels": "、".join(field.label.zh for field, _ in known),
        "count": int(found),
        "example": "、".join(field.format(value) for field, value in known),
    }
    yield Problem("/forms", "unique_has_duplicates", params)


def fields_of(app: App, table: Table) -> Mapping[str, Field]:
    """The fields kept in a table, by column."""
    for form in app.forms.values():
        kept = [(form.table, form.fields), *((each.table, each.fields) for each in form.lines)]
        for place, fields in kept:
            if place is table:
                return {each.column.name: each for each in fields if each.column is not None}
    return {}


def drop(connection: Connection, operations: "Operations", table: str, name: str) -> None:
    """Take an index away, which may stand there as a constraint on PostgreSQL."""
    from sqlalchemy import inspect  # noqa: PLC0415 - only here, where tables change

    if connection.dialect.name == "postgresql":
        constraints = inspect(connection).get_unique_constraints(table)
        if name in {each["name"] for each in constraints}:
            operations.drop_constraint(name, table, type_="unique")
            return
    operations.drop_index(name, table_name=table)
