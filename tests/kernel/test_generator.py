"""The generator of benchmarks writes what the kernel would have written: its books prove."""

from datetime import date

import pytest

from bench.seeds import NOW
from bench.seeds.ledger import Plan, write_ledger
from runtime import kernel
from runtime.infra.db import Database


def plan(
    method: str, items: tuple[str, ...] = ("A", "B", "C", "D"), lines: int = 2, entries: int = 400
) -> Plan:
    return Plan("books", items, ("W1", "W2"), entries, lines, kept=30, method=method)


def broken(database: Database) -> list[kernel.Finding]:
    with database.reading() as connection:
        return [finding for finding in kernel.verify(connection) if not finding.ok]


@pytest.mark.parametrize("method", ["moving_average", "fifo"])
def test_generated_ledger__proves(database: Database, method: str) -> None:
    write_ledger(database, plan(method))
    assert broken(database) == []
    with database.reading() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM k_pool_entry").scalar_one()
    assert count == 400


@pytest.mark.parametrize("method", ["moving_average", "fifo"])
def test_generated_ledger__takes_postings(database: Database, method: str) -> None:
    """A receipt before everything costs all that follows anew, and the books still prove."""
    books = write_ledger(database, plan(method, items=("A",), lines=1, entries=60))
    header = kernel.Header(
        books, "late", date(2025, 12, 31), kernel.DocumentRef("test", "late"), "clerk", NOW
    )
    line = kernel.ReceiveLine("A", "W1", 20, amount=1)
    with database.transaction() as connection:
        posted = kernel.post(connection, kernel.Receive(header, (line,)))
    assert isinstance(posted, kernel.Posted)
    assert posted.revalued > 10
    assert broken(database) == []
