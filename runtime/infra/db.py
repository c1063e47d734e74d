"""One door to the database: engine, transactions, system tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Connection, MetaData, Table, create_engine, event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.schema import SchemaItem

from runtime.infra import grams
from runtime.infra.errors import Unavailable

# Earlier versions can corrupt a WAL database when two connections commit and checkpoint at once.
SQLITE_FLOOR: Final = (3, 51, 3)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# The driver keeps what it has prepared by how often it was asked: once its list is full, what is
# new there pushes out what was new before it, and is prepared at each request.
PREPARED: Final = 1000

_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    # The ledger may not lose an acknowledged posting when the power goes.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA mmap_size=0",
    "PRAGMA cell_size_check=ON",
)


def system_table(name: str, *items: SchemaItem) -> Table:
    """Declare a system table (`s_<noun>`): STRICT on SQLite."""
    assert name.startswith("s_"), "system tables are called s_<noun>"
    return Table(name, metadata, *items, sqlite_strict=True)


class Database:
    """An engine and the two ways to use it: `transaction()` writes, `reading()` reads."""

    def __init__(self, url: str | URL) -> None:
        self.url: Final = make_url(url)
        self.kind: Final = self.url.get_backend_name()
        self.engine: Final = (
            _sqlite_engine(self.url) if self.kind == "sqlite" else _postgresql_engine(self.url)
        )

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One write transaction: commits at the end of the block, rolls back on any exception.

        SQLite takes the write lock at the start (BEGIN IMMEDIATE), so a transaction never fails
        half-way for want of it.
        """
        with self._connected() as connection:
            connection.info["write"] = True
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent snapshot to read from; nothing is ever committed."""
        with self._connected() as connection:
            connection.info["write"] = False
            transaction = connection.begin()
            try:
                if self.kind == "postgresql":
                    connection.exec_driver_sql(
                        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
                    )
                yield connection
            finally:
                transaction.rollback()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            connection = self.engine.connect()
        except OperationalError as error:
            raise Unavailable(params={"part": "database"}) from error
        with connection:
            yield connection

    def dispose(self) -> None:
        """Close every connection: after a fork, and at the end."""
        self.engine.dispose()


def is_retryable(error: BaseException) -> bool:
    """Say whether the same transaction may succeed when it is tried again."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state in {"40001", "40P01", "55P03"}:
        return True
    return "database is locked" in str(error.orig)


def columns_of(table: Table) -> tuple[Column[Any], ...]:
    """Return a table's columns in order."""
    return tuple(table.columns)


def _sqlite_engine(url: URL) -> Engine:
    # Only where it is used: a deployment on PostgreSQL need not load it.
    import pysqlite3  # type: ignore[import-untyped]  # noqa: PLC0415

    version = tuple(pysqlite3.sqlite_version_info)
    if version < SQLITE_FLOOR:
        needed = ".".join(map(str, SQLITE_FLOOR))
        raise Unavailable("sqlite_too_old", {"found": pysqlite3.sqlite_version, "needed": needed})
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url.set(drivername="sqlite"),
        module=pysqlite3,
        pool_timeout=5,
        max_overflow=20,
        # What the database knows of its tables is read when a connection is made.
        pool_recycle=1800,
        connect_args={"cached_statements": PREPARED},
    )

    @event.listens_for(engine, "connect")
    def prepare(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in _PRAGMAS:
            dbapi_connection.execute(pragma)
        grams.prepare(dbapi_connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(
            "BEGIN IMMEDIATE" if connection.info.get("write", True) else "BEGIN"
        )

    return engine


def _postgresql_engine(url: URL) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_timeout=5,
        pool_recycle=1800,
        max_overflow=20,
        connect_args={
            "connect_timeout": 5,
            "options": "-c statement_timeout=60000 -c lock_timeout=10000"
            " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
        },
    )
