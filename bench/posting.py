"""Posting: documents of 1, 10 and 100 lines through the kernel; of ten through the write path."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from random import Random

from bench.bare.driver import Bare, Written, bare
from bench.bare.recorded import documents_after, last_posting, postings_after
from bench.databases import KINDS, copy_of, fresh
from bench.ratio import Ratio
from bench.seeds import NOW
from bench.seeds.company import Company, acting, found_company
from bench.seeds.ledger import Plan, verified, write_ledger
from runtime import documents, kernel
from runtime.infra.db import Database
from runtime.platform import open_database

ITEMS = 200
LEDGERS = {
    ("quick", "sqlite"): (10_000, 1_000_000),
    ("quick", "postgresql"): (10_000, 1_000_000),
    ("full", "sqlite"): (10_000, 1_000_000),
    ("full", "postgresql"): (10_000, 1_000_000, 5_000_000),
}
# What a pool holds before anything is taken out, so that no document runs it dry.
KEPT = 100_000
LINES = 10
# How many documents each side posts in one round, by their lines.
DOCUMENTS = {1: 16, 10: 8, 100: 3}
ROUNDS = 12
WARM_UP = 2
GOALS = {"sqlite": 4.0, "postgresql": 2.5}
NO_SLOWER = 1.1


@dataclass
class Desk:
    """A ledger with the product at work on it, and a copy for the bare driver."""

    entries: int
    database: Database
    bare: Bare
    company: Company
    books: int
    random: Random = field(default_factory=lambda: Random(7))
    serial: int = 0
    lines: int = LINES
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    def round(self, work: Callable[["Desk"], None], record: Callable[[], list[Written]]) -> None:
        """Some documents by the product, then the same rows by the bare driver."""
        ours = [_timed(partial(work, self)) for _ in range(DOCUMENTS[self.lines])]
        theirs = [_timed(partial(self.bare.write, document)) for document in record()]
        self.ours += ours
        self.theirs += theirs

    def rates(self) -> tuple[float, float]:
        """Lines per second of both, by the median document; then it starts anew."""
        kept = slice(WARM_UP * DOCUMENTS[self.lines], None)
        ours, theirs = self.ours[kept], self.theirs[kept]
        self.ours, self.theirs = [], []
        return self.lines / statistics.median(ours), self.lines / statistics.median(theirs)


def measure(size: str) -> Iterator[Ratio]:
    """Both databases, all ledgers, side by side."""
    for kind in KINDS:
        yield from _measure_kind(kind, LEDGERS[size, kind])


def _measure_kind(kind: str, sizes: tuple[int, ...]) -> Iterator[Ratio]:
    with ExitStack() as stack:
        desks = [stack.enter_context(_desk(kind, entries)) for entries in sizes]
        for name, work in (("issue", _issue), ("transfer", _transfer), ("receive", _receive)):
            for lines in DOCUMENTS:
                if lines == LINES or name == "issue":
                    yield from _measure_work(kind, desks, f"{name} of {lines}", (work, lines))
        for name in ("delivery", "transfer"):
            ours, theirs = _write_path(desks[0], name)
            yield Ratio(f"write path, {name} of {LINES} lines", kind, "lines/s", ours, theirs)
        for desk in desks:
            verified(desk.database)


def _measure_work(
    kind: str, desks: list[Desk], name: str, work: tuple[Callable[[Desk], None], int]
) -> Iterator[Ratio]:
    for desk in desks:
        desk.lines = work[1]
    rates = _in_turns(desks, work[0])
    goal = GOALS[kind] if work[1] == LINES else None
    for desk, (ours, theirs) in zip(desks, rates, strict=True):
        yield Ratio(f"kernel, {name}, {desk.entries:,}", kind, "lines/s", ours, theirs, goal)
    what = f"the same, {desks[-1].entries:,} beside {desks[0].entries:,}"
    yield Ratio(what, kind, "lines/s", rates[-1][0], rates[0][0], NO_SLOWER)


@contextmanager
def _desk(kind: str, entries: int) -> Iterator[Desk]:
    with fresh(kind) as address:
        database = Database(address)
        company = found_company(database, items=ITEMS)
        plan = Plan(
            company.app.code, tuple(map(str, company.items)), tuple(map(str, company.warehouses)),
            entries, LINES, KEPT,
        )  # fmt: skip
        books = write_ledger(database, plan)
        verified(database)
        database.dispose()
        with copy_of(address) as copied, bare(copied) as driver:
            # The product's own connections, with all that it asks of them.
            database = open_database(address)
            yield Desk(entries, database, driver, company, books)
            database.dispose()


def _in_turns(desks: list[Desk], work: Callable[[Desk], None]) -> list[tuple[float, float]]:
    for _ in range(ROUNDS + WARM_UP):
        for desk in desks:
            last = last_posting(desk.database)
            desk.round(work, partial(postings_after, desk.database, last))
    return [desk.rates() for desk in desks]


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _header(desk: Desk, day: int) -> kernel.Header:
    desk.serial += 1
    return kernel.Header(
        company=desk.books,
        key=f"bench:{desk.serial}",
        date=date(2026, 11, day),
        document=kernel.DocumentRef("bench", str(desk.serial)),
        user="bench",
        posted_at=NOW,
    )


def _items(desk: Desk) -> list[str]:
    return [str(key) for key in desk.random.sample(desk.company.items, desk.lines)]


def _post(desk: Desk, command: kernel.Command) -> None:
    with desk.database.transaction() as connection:
        outcome = kernel.post(connection, command)
    assert isinstance(outcome, kernel.Posted), outcome


def _issue(desk: Desk) -> None:
    place = str(desk.random.choice(desk.company.warehouses))
    lines = tuple(kernel.IssueLine(item, place, Decimal(1)) for item in _items(desk))
    _post(desk, kernel.Issue(_header(desk, 21), lines))


def _transfer(desk: Desk) -> None:
    one, other = map(str, desk.company.warehouses)
    lines = tuple(kernel.TransferLine(item, one, other, Decimal(1)) for item in _items(desk))
    _post(desk, kernel.Transfer(_header(desk, 22), lines))


def _receive(desk: Desk) -> None:
    place = str(desk.random.choice(desk.company.warehouses))
    cost = Decimal("12.34")
    lines = tuple(
        kernel.ReceiveLine(item, place, Decimal(3), unit_cost=cost) for item in _items(desk)
    )
    _post(desk, kernel.Receive(_header(desk, 23), lines))


def _write_path(desk: Desk, name: str) -> tuple[float, float]:
    form = desk.company.app.forms[name]
    desk.lines = LINES
    # One document on each side makes the count of this day's numbers.
    _submit(desk, name)
    for document in documents_after(desk.database, form, 0, last_posting(desk.database) - 1):
        statement = "INSERT INTO s_counter VALUES ('jxc', '{}', 'document_no', '{}', 0)"
        day = NOW.date().isoformat()
        desk.bare.write(Written([(statement.format(name, day), [()])]))
        desk.bare.write(document)
    documents_of_a_round = DOCUMENTS[LINES]
    for made in range(1, (ROUNDS + WARM_UP) * documents_of_a_round, documents_of_a_round):
        last = last_posting(desk.database)
        record = partial(documents_after, desk.database, form, made, last)
        desk.round(lambda each: _submit(each, name), record)
    return desk.rates()


def _submit(desk: Desk, name: str) -> None:
    desk.serial += 1
    one, other = desk.company.warehouses
    values = {
        "warehouse": one,
        "document_date": date(2026, 11, 24 if name == "delivery" else 25),
        "lines": [{"item": int(item), "qty": Decimal(1)} for item in _items(desk)],
    }
    values |= {"customer": desk.company.customer} if name == "delivery" else {"to_warehouse": other}
    with desk.database.transaction() as connection:
        form = desk.company.app.forms[name]
        documents.create_and_submit(acting(connection), form, values, key=f"bench:{desk.serial}")
