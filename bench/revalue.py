"""Revalue: a receipt dated before many entries of one pool, beside reading those entries alone."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bench.bare.driver import bare
from bench.databases import KINDS, copy_of, fresh
from bench.memory import taken
from bench.ratio import Ratio
from bench.seeds import NOW
from bench.seeds.ledger import Plan, verified, when, write_ledger
from runtime import kernel
from runtime.infra.db import Database
from runtime.platform import open_database

METHODS = ("moving_average", "fifo")
BEFORE = (1_000, 10_000, 100_000)
REPEATS = 3
GOAL_MICROSECONDS = 20  # per entry: 50,000 entries a second
EARLIER = 100  # what the pool held before the late receipt's moment

_READ = (
    "SELECT m.id, m.posting, m.line, m.kind, m.item, m.pool, m.warehouse, m.dq, m.at, m.ord,"
    " m.business_date, m.amount, v.account, v.dv FROM k_move m"
    " JOIN k_value_entry v ON v.move = m.id WHERE m.pool = 1 AND m.at > {at}"
    " ORDER BY m.at, m.ord, m.id"
)


def measure(size: str) -> Iterator[Ratio]:
    """Both databases, both methods that depend on the order; every size in each."""
    del size
    for kind in KINDS:
        for method in METHODS:
            yield from _measure_method(kind, method)


def _measure_method(kind: str, method: str) -> Iterator[Ratio]:
    plan = Plan(
        "bench", ("A",), ("W",), entries=BEFORE[-1] + EARLIER, lines=1, method=method
    )  # fmt: skip
    with fresh(kind) as address:
        database = Database(address)
        books = write_ledger(database, plan)
        database.dispose()
        memory = 0.0
        for before in BEFORE:
            late = when(plan, plan.entries - before) + timedelta(seconds=1)
            runs = [_once(address, books, late, before, n) for n in range(REPEATS)]
            ours, theirs, memory = (statistics.median(each) for each in zip(*runs, strict=True))
            name = f"{method}, {before:,} entries"
            yield Ratio(f"{name} replayed", kind, "entries/s", before / ours, before / theirs)
            yield Ratio(f"{name}, each", kind, "us", ours / before * 1e6, None, GOAL_MICROSECONDS)
        yield Ratio(f"{method}, memory taken by the last", kind, "MB", memory)


def _once(
    address: str, books: int, late: datetime, before: int, run: int
) -> tuple[float, float, float]:
    """Seconds of the late receipt with its commit, seconds of reading alone, megabytes taken."""
    with copy_of(address) as copied:
        with bare(copied) as driver:
            at = int((late - datetime(1970, 1, 1)).total_seconds()) * 8  # noqa: DTZ001 - no zone
            began = time.perf_counter()
            assert len(driver.read(_READ.format(at=at))) == before
            theirs = time.perf_counter() - began
        database = open_database(copied)
        late_receipt = Timed(database, _receipt(books, late))
        memory = taken(late_receipt.post)
        assert late_receipt.revalued > before // 10, "the receipt came before the issues"
        if run == 0:
            verified(database)
        database.dispose()
    return late_receipt.seconds, theirs, memory


@dataclass
class Timed:
    """A command and how long it took to post, with its commit."""

    database: Database
    command: kernel.Command
    seconds: float = 0.0
    revalued: int = 0

    def post(self) -> None:
        """Post it in a transaction of its own."""
        began = time.perf_counter()
        with self.database.transaction() as connection:
            posted = kernel.post(connection, self.command)
        self.seconds = time.perf_counter() - began
        assert isinstance(posted, kernel.Posted), posted
        self.revalued = posted.revalued


def _receipt(books: int, late: datetime) -> kernel.Receive:
    ref = kernel.DocumentRef("bench", "late")
    header = kernel.Header(books, "late", late, ref, "bench", NOW)
    return kernel.Receive(header, (kernel.ReceiveLine("A", "W", 50, unit_cost=Decimal("1.23")),))
