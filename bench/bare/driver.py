"""The bare driver: rows that are known already, into the same tables, one commit per document."""

# ruff: noqa: S608 - statements are put together from table names, values are always bound

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import sqlalchemy

from runtime.infra.db import Database
from runtime.kernel.chain import digest

Row = Sequence[Any]


@dataclass
class Written:
    """What one document left in the database: statements with their rows, in order."""

    statements: list[tuple[str, list[Row]]] = field(default_factory=list)


class Bare:
    """A connection of the driver itself, with the pragmas and the hash that its triggers need."""

    def __init__(self, address: str) -> None:
        url = sqlalchemy.make_url(address)
        self.kind = url.get_backend_name()
        self._connection: Any = (
            _open_sqlite(str(url.database))
            if self.kind == "sqlite"
            else psycopg.connect(url.set(drivername="postgresql").render_as_string())
        )

    def write(self, document: Written) -> None:
        """One document, one transaction."""
        cursor = self._connection.cursor()
        if self.kind == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        for statement, rows in document.statements:
            if len(rows) == 1:
                cursor.execute(statement, rows[0])
            else:
                cursor.executemany(statement, rows)
        if self.kind == "sqlite":
            cursor.execute("COMMIT")
        else:
            self._connection.commit()
        cursor.close()

    def read(self, statement: str) -> list[Row]:
        """The rows of one statement, in a transaction of its own."""
        cursor = self._connection.cursor()
        cursor.execute(statement)
        rows: list[Row] = cursor.fetchall()
        cursor.close()
        if self.kind != "sqlite":
            self._connection.commit()
        return rows

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _open_sqlite(path: str) -> Any:
    import pysqlite3  # type: ignore[import-untyped]  # noqa: PLC0415 - as in runtime.infra.db

    connection = pysqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("k_hash", 1, digest, deterministic=True)
    return connection


@contextlib.contextmanager
def bare(address: str) -> Iterator[Bare]:
    """A bare connection, closed at the end."""
    opened = Bare(address)
    try:
        yield opened
    finally:
        opened.close()


def insert_statement(kind: str, table: sqlalchemy.Table) -> str:
    """INSERT of whole rows with the driver's own placeholders."""
    names = [column.name for column in table.columns]
    marks = ", ".join("?" if kind == "sqlite" else "%s" for _ in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table.name}" ({quoted}) VALUES ({marks})'


def rows_of(database: Database, table: sqlalchemy.Table, condition: str) -> list[Row]:
    """Rows as the driver gives them, in the order of the primary key."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    order = ", ".join(column.name for column in table.primary_key.columns)
    text = f'SELECT {names} FROM "{table.name}" WHERE {condition} ORDER BY {order}'
    with database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(text)]
