"""Statements by the shortest way: one spelling for both drivers, no layer per row."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

Params = Sequence[int | str | None]


@lru_cache(maxsize=512)
def _for_psycopg(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")


def spelled(connection: Connection, statement: str) -> str:
    """The statement with the placeholders of the connection's driver."""
    return statement if connection.dialect.name == "sqlite" else _for_psycopg(statement)


def run(connection: Connection, statement: str, params: Params = ()) -> list[Any]:
    """Run one statement written with `?` and return its rows, if it has any."""
    result = connection.exec_driver_sql(spelled(connection, statement), tuple(params))
    return list(result.fetchall()) if result.returns_rows else []


def run_many(connection: Connection, statement: str, rows: Sequence[Params]) -> None:
    """Run one statement for many rows in one call of the driver."""
    if rows:
        connection.exec_driver_sql(spelled(connection, statement), list(rows))


def marks(values: Sequence[object]) -> str:
    """As many placeholders as there are values."""
    return ",".join("?" * len(values))


@lru_cache(maxsize=64)
def insert_statement(table: str, columns: tuple[str, ...]) -> str:
    """An INSERT of whole rows."""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(columns)})"


def in_chunks(values: Iterable[int], size: int = 500) -> Iterable[list[int]]:
    """The values in lists short enough for an IN."""
    chunk: list[int] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
