"""Revalue: a receipt dated before many entries of one pool, beside reading those entries alone."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

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
BEFORE = (1_000, 10_000, 50_000, 100_000)
REPEATS = 3
GOAL_MICROSECONDS = 20  # per entry: 50,000 entries a second
EARLIER = 100  # what the pool held before the late receipt's moment

_READ = (
    "SELECT m.id, m.posting, m.line, m.kind, m.item, m.pool, m.warehouse, m.dq, m.at, m.ord,"
    " m.business_date, m.amount, v.account, v.dv FROM k_move m"
    " JOIN k_value_entry v ON v.move = m.id WHERE m.pool = 1 AND m.at > {at}"
    " ORDER BY m.at, m.ord, m.id"
)


@dataclass
class Run:
    """A late receipt: seconds with its commit, of reading alone, and megabytes it took.

    `processor` is the part of the seconds in which this process worked.
    """

    database: Database
    command: kernel.Command
    reading: float
    seconds: float = 0.0
    processor: float = 0.0
    memory: float = 0.0
    revalued: int = 0

    def post(self) -> None:
        """Post it in a transaction of its own."""
        began, worked = time.perf_counter(), time.process_time()
        with self.database.transaction() as connection:
            posted = kernel.post(connection, self.command)
        self.seconds = time.perf_counter() - began
        self.processor = time.process_time() - worked
        assert isinstance(posted, kernel.Posted), posted
        self.revalued = posted.revalued


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
        for before in BEFORE:
            late = when(plan, plan.entries - before) + timedelta(seconds=1)
            runs = [_once(address, books, late, before, n) for n in range(REPEATS)]
            yield from _ratios(f"{method}, {before:,} entries", kind, before, runs)
            memory = max(run.memory for run in runs)
            yield Ratio(f"{method}, {before:,} entries, memory", kind, "MB", memory)


def _ratios(name: str, kind: str, before: int, runs: list[Run]) -> Iterator[Ratio]:
    ours = median(run.seconds for run in runs)
    theirs = median(run.reading for run in runs)
    processor = median(run.processor for run in runs)
    yield Ratio(f"{name} replayed", kind, "entries/s", before / ours, before / theirs)
    yield Ratio(f"{name}, each", kind, "us", ours / before * 1e6, None, GOAL_MICROSECONDS)
    yield Ratio(f"{name}, own processor", kind, "us", processor / before * 1e6)


def _once(address: str, books: int, late: datetime, before: int, number: int) -> Run:
    with copy_of(address) as copied:
        with bare(copied) as driver:
            at = int((late - datetime(1970, 1, 1)).total_seconds()) * 8  # noqa: DTZ001 - no zone
            began = time.perf_counter()
            assert len(driver.read(_READ.format(at=at))) == before
            run = Run(open_database(copied), _receipt(books, late), time.perf_counter() - began)
        # The connection's first posting finds out what the next ones know.
        Run(run.database, _issue(books), 0).post()
        run.memory = taken(run.post)
        assert run.revalued > before // 10, "the receipt came before the issues"
        if number == 0:
            verified(run.database)
        run.database.dispose()
    return run


def _issue(books: int) -> kernel.Issue:
    ref = kernel.DocumentRef("bench", "first")
    header = kernel.Header(books, "first", date(2026, 12, 1), ref, "bench", NOW)
    return kernel.Issue(header, (kernel.IssueLine("A", "W", Decimal(1)),))


def _receipt(books: int, late: datetime) -> kernel.Receive:
    ref = kernel.DocumentRef("bench", "late")
    header = kernel.Header(books, "late", late, ref, "bench", NOW)
    return kernel.Receive(header, (kernel.ReceiveLine("A", "W", 50, unit_cost=Decimal("1.23")),))
