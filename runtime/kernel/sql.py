"""Statements by the shortest way: one spelling for both drivers, straight to the cursor."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table, Text
from sqlalchemy.exc import DBAPIError

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

Params = Sequence[int | str | None]


@lru_cache(maxsize=512)
def _for_psycopg(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")


def spelled(connection: Connection, statement: str) -> str:
    """The statement with the placeholders of the connection's driver."""
    return statement if connection.dialect.name == "sqlite" else _for_psycopg(statement)


def run(connection: Connection, statement: str, params: Params = ()) -> list[Any]:
    """Run one statement written with `?` and return its rows, if it has any."""
    text = spelled(connection, statement)
    with closing(_cursor(connection)) as cursor:
        try:
            cursor.execute(text, tuple(params))
            return list(cursor.fetchall()) if cursor.description else []
        except _driver_error(connection) as error:
            raise _as_known(connection, text, error) from error


def insert_rows(connection: Connection, table: Table, rows: Sequence[Params]) -> None:
    """Insert whole rows of a table in one call of the driver."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        insert, text = _insert_in_blocks, _insert_each(table, 1)
    elif len(rows) < _MANY:
        insert, text = _insert_at_once, _insert_arrays(table)
    else:
        insert, text = _copy, _copy_into(table)
    with closing(_cursor(connection)) as cursor:
        try:
            insert(cursor, table, rows)
        except _driver_error(connection) as error:
            raise _as_known(connection, text, error) from error


# From so many rows on, what COPY costs before its first row is won back.
_MANY = 500
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _insert_at_once(cursor: Any, table: Table, rows: Sequence[Params]) -> None:
    """One array per column: one statement and one round trip for all rows."""
    cursor.execute(_insert_arrays(table), [_array(column) for column in zip(*rows, strict=True)])


def _copy(cursor: Any, table: Table, rows: Sequence[Params]) -> None:
    """The way for many thousands; constraints and triggers hold as for an INSERT."""
    columns = [_cells(column) for column in zip(*rows, strict=True)]
    with cursor.copy(_copy_into(table)) as to:
        to.write("".join([f"{line}\n" for line in map("\t".join, zip(*columns, strict=True))]))


def _cells(column: Sequence[int | str | None]) -> list[str]:
    """A column as COPY spells it; what occurs often is spelled once."""
    spelled = {value: _cell(value) for value in set(column)}
    return [spelled[value] for value in column]


def _cell(value: int | str | None) -> str:
    if value.__class__ is int:
        return str(value)
    return "\\N" if value is None else str(value).translate(_ESCAPED)


@lru_cache(maxsize=32)
def _copy_into(table: Table) -> str:
    return f"COPY {table.name} ({', '.join(column.name for column in table.columns)}) FROM STDIN"


def _array(column: Sequence[int | str | None]) -> str:
    """A column as the text of an array: ten times cheaper than the driver's way of spelling it."""
    return "{" + ",".join([_element(value) for value in column]) + "}"


def _element(value: int | str | None) -> str:
    if value.__class__ is int:
        return str(value)
    if value is None:
        return "NULL"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# So many rows of one statement are a block: what a statement costs by itself is shared by them.
_BLOCK = 50


def _insert_in_blocks(cursor: Any, table: Table, rows: Sequence[Params]) -> None:
    whole = len(rows) - len(rows) % _BLOCK
    if whole:
        cursor.executemany(
            _insert_each(table, _BLOCK),
            (
                tuple(chain.from_iterable(rows[start : start + _BLOCK]))
                for start in range(0, whole, _BLOCK)
            ),
        )
    if whole < len(rows):
        cursor.executemany(_insert_each(table, 1), rows[whole:])


@lru_cache(maxsize=64)
def _insert_each(table: Table, count: int) -> str:
    names = [column.name for column in table.columns]
    row = f"({marks(names)})"
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([row] * count)}"


@lru_cache(maxsize=32)
def _insert_arrays(table: Table) -> str:
    names = ", ".join(column.name for column in table.columns)
    arrays = ", ".join(
        "%s::text[]" if isinstance(column.type, Text) else "%s::bigint[]"
        for column in table.columns
    )
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"


def _cursor(connection: Connection) -> Any:
    # A posting runs a dozen statements; the layer above the driver would cost as much as they do.
    assert connection.in_transaction(), "the caller owns a transaction"
    return connection.connection.cursor()


def _driver_error(connection: Connection) -> type[Exception]:
    return connection.dialect.loaded_dbapi.Error


def _as_known(connection: Connection, statement: str, error: Exception) -> BaseException:
    """The driver's error the way SQLAlchemy raises it, which is what callers know."""
    return DBAPIError.instance(
        statement, None, error, _driver_error(connection), dialect=connection.dialect
    )


def marks(values: Sequence[object]) -> str:
    """As many placeholders as there are values; for none a value that equals nothing."""
    return ",".join("?" * len(values)) or "NULL"


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
