"""The harness itself: the databases are empty, the network is closed."""

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
import redis

from runtime.infra.db import Database
from tests.order import LONG, in_shares
from tests.prepared import Prepared, opened
from tests.tally import Tally


def test_postgres__is_empty_at_every_test(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchone() == (0,)
        connection.execute("CREATE SCHEMA left_behind")
        connection.execute("CREATE TABLE left_behind.rows (id int)")
        connection.execute("CREATE TABLE rows (id int)")


def test_postgres__is_empty_after_the_test_before(postgres_url: str) -> None:
    test_postgres__is_empty_at_every_test(postgres_url)


def test_network__beyond_this_machine_is_refused() -> None:
    with socket.socket() as outward, pytest.raises(AssertionError, match=r"198\.51\.100\.1"):
        outward.connect(("198.51.100.1", 80))


def test_second_attempt__is_for_pages_alone(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("flaky") is None


def test_second_attempt__is_told_with_its_reason(pytestconfig: pytest.Config) -> None:
    tally = Tally(pytestconfig)
    report = pytest.TestReport(
        "tests/browser/test_any.py::test_one", ("", 0, ""), {},
        "rerun", "def test_one():\n>  assert box\nE  assert None\n\ntest_any.py:3: AssertionError",
        "call",
    )  # type: ignore[arg-type]  # fmt: skip
    tally.pytest_runtest_logreport(report)
    assert tally.hasty == [("tests/browser/test_any.py::test_one", "assert None")]
    assert tally.outcomes == {}


def test_redis__is_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_database__is_empty_and_writable(database: Database) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql("CREATE TABLE rows (id int)")
        connection.exec_driver_sql("INSERT INTO rows VALUES (1)")
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM rows").scalar() == 1


def test_prepared__is_made_once_and_every_copy_is_its_own(
    module_url: str, database_url: str, prepared: Prepared
) -> None:
    made: list[str] = []

    def make(url: str) -> str:
        made.append(url)
        with opened(url) as empty, empty.transaction() as connection:
            connection.exec_driver_sql("CREATE TABLE rows (id int)")
        return "a fact"

    def count(url: str) -> Any:
        with opened(url) as one, one.transaction() as connection:
            connection.exec_driver_sql("INSERT INTO rows VALUES (1)")
            return connection.exec_driver_sql("SELECT count(*) FROM rows").scalar()

    kinds = {url.partition(":")[0] for url in (module_url, database_url)}
    for url in (module_url, database_url, module_url):
        assert prepared.fill(url, f"rows for {module_url} {database_url}", make) == "a fact"
        assert count(url) == 1
    assert len(made) == len(kinds)


def test_order__every_share_begins_with_what_takes_long() -> None:
    root = Path(__file__).parents[1]
    for name in LONG:
        path, _, test = name.partition("::")
        assert f"def {test}" in (root / path).read_text(encoding="utf-8"), name
    names = [f"tests/a.py::test_{number}" for number in range(20)]
    items: Any = [SimpleNamespace(nodeid=name) for name in [*names, *(f"{x}..." for x in LONG[:5])]]
    for workers in (1, 2, 3):
        shares = [item.nodeid for item in in_shares(items, workers)]
        assert sorted(shares) == sorted(item.nodeid for item in items)
        begins = {sum(25 // workers for _ in range(k)) for k in range(workers)}
        assert all(shares[place].endswith("...") for place in begins), workers
