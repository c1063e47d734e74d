"""SQLite is told to look at what has grown; PostgreSQL looks by itself."""

from runtime.infra import statistics
from runtime.infra.db import Database
from runtime.platform import open_database

TABLE = "a_shop__sale"
FILL = f"""
INSERT INTO {TABLE} (status, no)
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 2000)
SELECT CASE WHEN n % 20 = 0 THEN 'cancelled' ELSE 'posted' END, n FROM number
"""
PAGE = (
    f"EXPLAIN QUERY PLAN SELECT id FROM {TABLE} WHERE status = 'posted' ORDER BY no DESC LIMIT 51"
)


def test_look__what_has_grown_once(ready: Database) -> None:
    if ready.kind == "postgresql":
        assert statistics.look(ready) == ()
        return
    _write(ready, f"CREATE TABLE {TABLE} (id INTEGER PRIMARY KEY, status TEXT, no INTEGER)")
    _write(ready, f"CREATE INDEX by_status ON {TABLE} (status, id)")
    _write(ready, f"CREATE UNIQUE INDEX by_no ON {TABLE} (no)")
    assert statistics.look(ready) == ()
    _write(ready, FILL)
    assert "by_status" in _plan(ready)
    # With the guards every connection of the application has.
    database = open_database(str(ready.url))
    assert statistics.look(database) == (TABLE,)
    assert statistics.look(database) == ()
    database.dispose()
    # Who was connected before has not heard of it.
    ready.dispose()
    assert "by_no" in _plan(ready)
    _write(ready, FILL.replace("ELSE 'posted' END, n", "ELSE 'posted' END, n + 2000"))
    assert statistics.look(ready) == (TABLE,)


def _write(database: Database, statement: str) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql(statement)


def _plan(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.exec_driver_sql(PAGE).all())
