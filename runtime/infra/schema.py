"""The system tables: brought to the version this program needs, by one process at a time."""

from pathlib import Path
from typing import Final

from sqlalchemy import Column, Connection, Text, inspect, select

from runtime.infra.db import Database, system_table
from runtime.infra.errors import Unavailable

VERSION_TABLE: Final = "s_schema_version"
VERSION: Final = "0019"
# Any number will do, as long as every process of ours takes the same.
_LOCK: Final = 7_345_920_001

version_table: Final = system_table(VERSION_TABLE, Column("version_num", Text, primary_key=True))


def version(connection: Connection) -> str | None:
    """Return the version of the system tables, or None in an empty database."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(version_table.c.version_num)).scalar()


def is_current(database: Database) -> bool:
    """Say whether there is nothing to do; refuse tables of a later program."""
    with database.reading() as connection:
        found = version(connection)
    if found is not None and found > VERSION:
        raise Unavailable("schema_newer", {"found": found, "known": VERSION})
    return found == VERSION


def upgrade(connection: Connection) -> None:
    """Make or upgrade the system tables in the caller's write transaction.

    A second process waits for the first (SQLite: the write lock; PostgreSQL: an advisory lock)
    and then finds nothing to do.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    found = version(connection)
    if found is not None and found > VERSION:
        raise Unavailable("schema_newer", {"found": found, "known": VERSION})
    if found == VERSION:
        return
    from alembic import command  # noqa: PLC0415 - heavy, and seldom needed
    from alembic.config import Config  # noqa: PLC0415

    version_table.create(connection, checkfirst=True)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, VERSION)
