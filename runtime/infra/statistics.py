"""What SQLite knows of how many records there are: PostgreSQL looks by itself, SQLite when told.

Without it SQLite takes any index a condition fits, if half of a million records fit as well, and
sorts them, where the index of the order would have had the page at once.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from runtime.infra.db import Database

# Few records are sorted soon enough, whichever way they are come by.
_FEW: Final = 1_000
_TABLES: Final = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'a_*__*'"
_KNOWN: Final = "SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl"


def look(database: Database) -> tuple[str, ...]:
    """Look at the tables of forms that are twice or half of what they were; return which.

    Others who write wait meanwhile: a second or two with a million records.
    """
    if database.kind != "sqlite":
        return ()
    with database.reading() as connection:
        due = tuple(_due(connection))
    for table in due:
        with database.transaction() as connection:
            connection.exec_driver_sql(f'ANALYZE "{table}"')
    return due


def _due(connection: Connection) -> Iterator[str]:
    found = connection.exec_driver_sql("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'")
    known: dict[str, int] = {}
    if found.first():
        known = {row[0]: row[1] for row in connection.exec_driver_sql(_KNOWN)}
    for table in connection.exec_driver_sql(_TABLES).scalars().all():
        # Names of tables are made by us.
        many = connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one()  # noqa: S608
        before = known.get(table) or 0
        if many >= _FEW and not before / 2 < many < before * 2:
            yield table
