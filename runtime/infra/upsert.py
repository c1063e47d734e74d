"""INSERT in the two ways we need: with ON CONFLICT, and for the id of a new row."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, insert

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def insert_into(connection: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """Return an INSERT that takes `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """Return the same for a dialect by its name: for statements that are built once and kept."""
    # A dialect takes long to load, and a process needs one of the two.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415

    return sqlite.insert(table)


def insert_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert one row and return its id."""
    statement = insert(table).values(dict(values)).returning(table.c.id)
    return int(connection.execute(statement).scalar_one())
