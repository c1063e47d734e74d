"""Every invariant is broken on purpose, behind the guards' back, and `verify` reports it."""

from collections.abc import Iterator
from pathlib import Path

import pysqlite3
import pytest

from runtime import kernel
from runtime.infra.db import Database

from .conftest import Books, open_books

STORY = (
    "r1 1 receive 10 @ 10",
    "r2 1 receive 10 @ 12 W2",
    "t1 2 transfer 4 W1 W2",
    "t2 3 transfer 3 W2 W3 t1",
    "i1 4 issue 3 W2",
    "i2 5 issue 1",
    "v1 - void i2",
    "r0 1 receive 5 @ 20",
)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Books]:
    """A SQLite file with a little of everything in it."""
    books = open_books(Database(f"sqlite:///{tmp_path / 'told.db'}"))
    for act in STORY:
        assert isinstance(books.play(act), kernel.Posted), act
    assert books.broken() == set()
    yield books
    books.database.dispose()


def tamper(books: Books, *statements: str) -> None:
    """What somebody who holds the file can do: take the guards away, change, put them back."""
    books.database.dispose()
    raw = pysqlite3.connect(books.database.url.database)
    raw.isolation_level = None
    raw.execute("PRAGMA foreign_keys = OFF")
    raw.execute("PRAGMA ignore_check_constraints = ON")
    triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        raw.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        raw.execute(statement)
    for _, sql in triggers:
        raw.execute(sql)
    raw.close()


# What is done to the file, and the invariants that must notice (others may, too).
BROKEN: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "a balance that is not the sum": (
        ("UPDATE k_pool_entry SET q_after = q_after + 1, v_after = v_after + 1 WHERE n = 1",),
        {"INV-3", "INV-24"},
    ),
    "a last balance that is not the sum": (
        (
            "UPDATE k_pool_entry SET v_after = v_after + 1 WHERE pool = 1"
            " AND n = (SELECT max(n) FROM k_pool_entry WHERE pool = 1)",
        ),
        {"INV-2", "INV-3", "INV-11", "INV-24"},
    ),
    "a gap": (
        ("UPDATE k_pool_entry SET n = 99 WHERE pool = 1 AND n = 2",),
        {"INV-3", "INV-24"},
    ),
    "value without goods": (
        ("UPDATE k_pool_entry SET q_after = 0 WHERE pool = 1 AND n = 1",),
        {"INV-4", "INV-3"},
    ),
    "goods of negative value": (
        ("UPDATE k_pool_entry SET v_after = -1 WHERE pool = 1 AND n = 1",),
        {"INV-5", "INV-3"},
    ),
    "more than a number may be": (
        ("UPDATE k_pool_entry SET dq = 5000000000000000000 WHERE pool = 1 AND n = 1",),
        {"INV-6", "INV-12"},
    ),
    "value from nowhere": (
        ("UPDATE k_posting SET ext_dv = ext_dv + 1 WHERE seq = 1",),
        {"INV-8", "INV-10", "INV-24"},
    ),
    "a transfer that earns": (
        ("UPDATE k_value_entry SET dv = dv + 1 WHERE account = 'transfer' AND dv > 0",),
        {"INV-8", "INV-11", "INV-12", "INV-21"},
    ),
    "a transfer that multiplies": (
        ("UPDATE k_move SET dq = dq + 1 WHERE kind = 'transfer_in'",),
        {"INV-8", "INV-12", "INV-21"},
    ),
    "a journal that leaves the stock": (
        ("UPDATE k_journal_line SET amount = amount + 1 WHERE account = 'stock'",),
        {"INV-10", "INV-24"},
    ),
    "an uneven journal": (
        ("UPDATE k_journal_line SET amount = amount + 1 WHERE account = 'receipt'",),
        {"INV-10", "INV-24"},
    ),
    "another cost": (
        (
            "UPDATE k_value_entry SET dv = dv + 7 WHERE account = 'issue' AND kind = 'original'"
            " AND pool = 2",
        ),
        {"INV-11", "INV-12", "INV-24"},
    ),
    "an older date": (
        ("UPDATE k_move SET at = 0 WHERE kind = 'issue' AND pool = 2",),
        {"INV-11", "INV-13", "INV-24"},
    ),
    "a departure that is lost": (
        ("UPDATE k_move SET peer = NULL WHERE kind = 'transfer_in'",),
        {"INV-11", "INV-21"},
    ),
    "a missing row": (
        ("DELETE FROM k_value_entry WHERE id = (SELECT min(id) FROM k_value_entry)",),
        {"INV-12", "INV-24"},
    ),
    "a row of no posting": (
        ("INSERT INTO k_journal_line VALUES (99, 1, 'stock', 0)",),
        {"INV-12"},
    ),
    "a missing posting": (("DELETE FROM k_posting WHERE seq = 2",), {"INV-12", "INV-24"}),
    "two policies": (
        (
            "INSERT INTO k_item_policy SELECT 99, item, 2, 0, method, scope, negative, tracking,"
            " base_uom, atoms_per_base FROM k_item_policy WHERE item = 1",
        ),
        {"INV-14"},
    ),
    "a key that posted twice": (
        (
            "CREATE TABLE copy AS SELECT * FROM k_posting",
            "DROP TABLE k_posting",
            "ALTER TABLE copy RENAME TO k_posting",
            "UPDATE k_posting SET idem_key = 'r1' WHERE seq = 2",
        ),
        {"INV-16", "INV-24"},
    ),
    "a void that does not restore": (
        ("UPDATE k_value_entry SET dv = dv + 1 WHERE kind = 'void'",),
        {"INV-17", "INV-24"},
    ),
    "more received than was sent": (
        ("UPDATE k_move SET dq = -5000000 WHERE origin IS NOT NULL",),
        {"INV-18", "INV-21"},
    ),
    "a rewritten author": (
        ("UPDATE k_posting SET user_name = 'nobody' WHERE seq = 3",),
        {"INV-24"},
    ),
    "a forged hash": (("UPDATE k_posting SET hash = 'x' WHERE seq = 3",), {"INV-24"}),
    "a unit off the grid": (
        ("INSERT INTO k_uom_factor VALUES (99, 1, 'seventh', 1, 7)",),
        {"INV-25"},
    ),
    "a guard that is gone": (("CREATE TABLE k_other (id INTEGER)",), {"INV-1"}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_verify_reports(told: Books, name: str) -> None:
    statements, expected = BROKEN[name]
    tamper(told, *statements)
    found = told.broken()
    assert expected <= found, f"{name}: only {sorted(found)}"
    for number in expected:
        finding = told.verify()[number]
        assert "broken at" in finding.detail


def test_verify_reports__a_guard_taken_away(told: Books) -> None:
    told.database.dispose()
    raw = pysqlite3.connect(told.database.url.database)
    raw.execute("DROP TRIGGER k_move_no_update")
    raw.commit()
    raw.close()
    finding = told.verify()["INV-1"]
    assert not finding.ok
    assert "k_move_no_update" in finding.detail


def test_verify_reports__a_guard_switched_off(postgres_url: str) -> None:
    books = open_books(Database(postgres_url))
    with books.database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE k_move DISABLE TRIGGER k_move_append_only")
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION k_move_guard() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NEW; END'"
        )
    finding = books.verify()["INV-1"]
    assert not finding.ok
    assert "k_move_append_only" in finding.detail
    assert "k_move_guard" in finding.detail
    books.database.dispose()


def test_every_finding_is_tried() -> None:
    """An invariant nobody breaks on purpose is an invariant nobody knows to be checked."""
    tried = set().union(*(numbers for _, numbers in BROKEN.values()))
    assert tried == {
        f"INV-{number}"
        for number in (1, 2, 3, 4, 5, 6, 8, 10, 11, 12, 13, 14, 16, 17, 18, 21, 24, 25)
    }


def test_verify__names_every_invariant_that_applies(told: Books) -> None:
    tried = set().union(*(numbers for _, numbers in BROKEN.values()))
    assert set(told.verify()) == tried
