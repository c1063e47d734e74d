import threading
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, update

from runtime.infra import schema
from runtime.infra.db import Database, metadata
from runtime.infra.errors import Unavailable
from runtime.infra.schema import version_table

ROOT = Path(__file__).parents[3]

# Have every room declare its system tables.
for room in ("runtime", "builder"):
    for path in sorted((ROOT / room).rglob("*.py")):
        if "system_table(" in path.read_text(encoding="utf-8"):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def system_tables(connection: Connection) -> set[str]:
    return {name for name in inspect(connection).get_table_names() if name.startswith("s_")}


def test_migrations_make_what_the_rooms_declare(ready: Database) -> None:
    with ready.transaction() as connection:
        assert system_tables(connection) == set(metadata.tables)
        differences: list[Any] = compare_metadata(
            MigrationContext.configure(
                connection,
                opts={
                    "compare_type": False,
                    "include_name": lambda name, kind, _: kind != "table" or name.startswith("s_"),
                },
            ),
            metadata,
        )
    assert differences == []


def test_migrations_make_the_same_statements(tmp_path: Path) -> None:
    """On SQLite the statements themselves are kept: types, STRICT and checks are compared too."""

    def shape(database: Database) -> dict[str, list[str]]:
        with database.reading() as connection:
            rows = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger'"
            )
            # The order of the constraints means nothing.
            parts = {row.name: "".join(row.sql.split()).rstrip(")STRIC,") for row in rows}
            return {
                name: sorted(part.strip("),") for part in sql.split("CONSTRAINT"))
                for name, sql in parts.items()
            }

    migrated, declared = (Database(f"sqlite:///{tmp_path / name}") for name in ("a.db", "b.db"))
    with migrated.transaction() as connection:
        schema.upgrade(connection)
    with declared.transaction() as connection:
        metadata.create_all(connection)
    assert shape(migrated) == shape(declared)
    migrated.dispose()
    declared.dispose()


def test_upgrade__twice_changes_nothing(ready: Database) -> None:
    with ready.transaction() as connection:
        schema.upgrade(connection)
    assert schema.is_current(ready)


def test_upgrade__two_at_once(database: Database) -> None:
    failures: list[BaseException] = []

    def start() -> None:
        try:
            with database.transaction() as connection:
                schema.upgrade(connection)
        except BaseException as error:
            failures.append(error)
            raise

    starts = [threading.Thread(target=start) for _ in range(3)]
    for thread in starts:
        thread.start()
    for thread in starts:
        thread.join()
    assert failures == []
    assert schema.is_current(database)


def test_upgrade__refuses_what_a_later_program_made(ready: Database) -> None:
    with ready.transaction() as connection:
        connection.execute(update(version_table).values(version_num="9999"))
    with pytest.raises(Unavailable) as refused:
        schema.is_current(ready)
    assert refused.value.params == {"found": "9999", "known": schema.VERSION}
    with pytest.raises(Unavailable), ready.transaction() as connection:
        schema.upgrade(connection)


def test_is_current__empty_database(database: Database) -> None:
    assert not schema.is_current(database)
