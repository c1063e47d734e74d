"""Many rows into one table, by the quickest way its database has; their keys are drawn before."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Integer, Table, column, func, insert, select
from sqlalchemy import table as sql_table
from sqlalchemy.exc import DBAPIError

Encode = Callable[[Any], Any]
# Fewer are not worth another way than everybody's.
_LEAST: Final = 2


def draw_keys(connection: Connection, table: Table, count: int) -> list[int]:
    """Return ids for so many new rows, in the order in which they would have got them."""
    key = table.c.id
    if connection.dialect.name == "postgresql":
        each = func.generate_series(1, count)
        name = connection.dialect.identifier_preparer.format_table(table)
        drawn = select(func.nextval(func.pg_get_serial_sequence(name, key.name)))
        return [int(one) for one in connection.execute(drawn.select_from(each)).scalars()]
    # Nobody else writes while this transaction does: they are those after all there ever were.
    assert table.dialect_options["sqlite"]["autoincrement"], "no id is given a second time"
    given = sql_table("sqlite_sequence", column("name"), column("seq", Integer))
    known = select(given.c.seq).where(given.c.name == table.name).scalar_subquery()
    most = select(func.max(func.coalesce(known, 0), func.coalesce(func.max(key), 0)))
    first = int(connection.execute(most).scalar_one()) + 1
    return list(range(first, first + count))


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns; what is not named stays to the database.

    The library looks every value of every row up by name twice before the driver sees it. Here the
    columns are looked up once, and their own types still say how a value is kept.
    """
    if len(rows) < _LEAST:
        if rows:
            connection.execute(insert(table), list(rows))
        return
    names = tuple(rows[0])
    encoders = _encoders(table, names, connection.dialect)
    columns = [_encoded([row[name] for row in rows], encoders[name]) for name in names]
    encoded = list(zip(*columns, strict=True))
    preparer = connection.dialect.identifier_preparer
    into = f"{preparer.format_table(table)} ({', '.join(map(preparer.quote, names))})"
    if connection.dialect.name == "postgresql":
        _copy(connection, into, encoded)
        return
    # Names are the table's own, values are bound.
    marks = ", ".join("?" * len(names))
    connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", encoded)  # noqa: S608


def _copy(connection: Connection, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None, "a connection at work has its driver"
    text = f"COPY {into} FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(text) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        # As the library would have raised it: a value that is there twice is told as everywhere.
        errors = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(text, None, error, errors, dialect=connection.dialect) from error


def _encoded(values: list[Any], encode: Encode | None) -> list[Any]:
    return values if encode is None else [encode(value) for value in values]


@lru_cache(maxsize=512)
def _encoders(table: Table, names: tuple[str, ...], dialect: Any) -> Mapping[str, Encode | None]:
    """How each of these columns keeps a value; None as it is."""
    kinds = {name: table.c[name].type.dialect_impl(dialect) for name in names}
    return {name: kind.bind_processor(dialect) for name, kind in kinds.items()}
