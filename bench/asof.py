"""As of: the stock of many items on a past date, beside the bare SELECT of a closed month."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial

from bench.bare.driver import Bare, bare
from bench.databases import KINDS, fresh
from bench.memory import taken
from bench.ratio import Ratio, side_by_side
from bench.seeds import NOW
from bench.seeds.ledger import Plan, verified, write_ledger
from runtime import kernel
from runtime.infra.db import Database
from runtime.platform import open_database

ITEMS = 10_000
SIZES = {"quick": 200_000, "full": 1_000_000}
CLOSED = tuple(f"2026-{month:02}" for month in range(1, 8))
# In an open month, and the last day of the last closed one.
DAYS = (date(2026, 8, 20), date(2026, 7, 31))
GOAL = 10.0
REPEATS = 5
_SNAPSHOT = (
    "SELECT s.pool, s.q, s.v FROM k_snapshot s WHERE s.posting ="
    " (SELECT posting FROM k_period_event ORDER BY n DESC LIMIT 1)"
)


def measure(size: str) -> Iterator[Ratio]:
    """Both databases, a day of an open month and the last of a closed one."""
    for kind in KINDS:
        with _ledger(kind, SIZES[size]) as (database, books, driver):
            # The first time: afterwards the process keeps what it took.
            memory = taken(partial(_as_of, database, books, DAYS[0]))
            yield Ratio(f"{ITEMS:,} items as of a day, memory taken", kind, "MB", memory)
            theirs = partial(_snapshot, driver)
            for day in DAYS:
                ours = partial(_as_of, database, books, day)
                rates = side_by_side(ours, theirs, REPEATS)
                name = f"{ITEMS:,} items as of {day}, {SIZES[size]:,}"
                yield Ratio(name, kind, "items/s", *rates, GOAL)


@contextmanager
def _ledger(kind: str, entries: int) -> Iterator[tuple[Database, int, Bare]]:
    items = tuple(f"I{number:05}" for number in range(ITEMS))
    with fresh(kind) as address:
        database = Database(address)
        books = write_ledger(database, Plan("bench", items, ("W",), entries))
        database.dispose()
        database = open_database(address)
        for number, ym in enumerate(CLOSED):
            _close(database, books, number, ym)
        verified(database)
        with bare(address) as driver:
            yield database, books, driver
        database.dispose()


def _close(database: Database, books: int, number: int, ym: str) -> None:
    ref = kernel.DocumentRef("bench", ym)
    header = kernel.Header(books, f"close:{number}", date(2026, 11, 30), ref, "bench", NOW)
    with database.transaction() as connection:
        closed = kernel.post(connection, kernel.ClosePeriod(header, ym))
    assert isinstance(closed, kernel.Posted), closed


def _as_of(database: Database, books: int, day: date) -> int:
    with database.reading() as connection:
        rows = kernel.on_hand(connection, books, as_of=day)
    assert len(rows) == ITEMS, len(rows)
    return ITEMS


def _snapshot(driver: Bare) -> int:
    rows = driver.read(_SNAPSHOT)
    assert len(rows) == ITEMS, len(rows)
    return ITEMS
