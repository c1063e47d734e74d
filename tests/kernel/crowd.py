"""Many processes that post whatever comes into their heads, each remembering what it was told."""

import multiprocessing
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from runtime import kernel, posting
from runtime.infra.db import Database

from .conftest import NOW

FIRST = date(2026, 1, 5)
ITEMS = {
    "A": kernel.ItemTerms(),
    "F": kernel.ItemTerms(method="fifo"),
    "M": kernel.ItemTerms(method="month_end_average"),
    "L": kernel.ItemTerms(tracking="batch"),
    "S": kernel.ItemTerms(method="standard", standard_cost=3),
}
PLACES = ("W1", "W2", "W3")


@dataclass
class Heard:
    """What a process was told: acknowledged keys with their postings, refusals, tries needed."""

    posted: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    tries: int = 0
    odd: list[str] = field(default_factory=list)


def insist(
    database: Database, command: kernel.Command
) -> tuple[kernel.Posted | kernel.Refused, int]:
    """Post, and again when that may help, as the screens do; the answer and the tries."""
    tried = 0

    def once() -> kernel.Posted | kernel.Refused:
        nonlocal tried
        tried += 1
        with database.transaction() as connection:
            outcome = kernel.post(connection, command)
            if isinstance(outcome, kernel.Refused):
                connection.get_transaction().rollback()  # type: ignore[union-attr]
        return outcome

    return posting.until_done(once), tried


class Worker:
    """One process: its chance, its database connections and what it has posted."""

    def __init__(self, url: str, company: int, seed: int, number: int) -> None:
        self.database = Database(url)
        self.company = company
        self.number = number
        self.chance = random.Random(seed * 1000 + number)
        self.heard = Heard()
        self.mine: dict[str, list[int]] = {"receive": [], "issue": [], "transfer": [], "any": []}
        self.reserved: list[str] = []

    def run(self, count: int) -> Heard:
        """Post so many documents."""
        for turn in range(count):
            kind, command = self.command(f"p{self.number}-{turn}")
            outcome, tries = insist(self.database, command)
            self.heard.tries = max(self.heard.tries, tries)
            key = command.header.key
            if isinstance(outcome, kernel.Refused):
                self.heard.refused[outcome.code] = self.heard.refused.get(outcome.code, 0) + 1
                continue
            self.heard.posted[key] = outcome.posting
            self.mine.setdefault(kind, []).append(outcome.posting)
            self.mine["any"].append(outcome.posting)
            if kind == "reserve":
                self.reserved.append(key)
            if self.chance.random() < 0.1:
                again, _ = insist(self.database, command)
                if not isinstance(again, kernel.Posted) or again.posting != outcome.posting:
                    self.heard.odd.append(f"{key}: {outcome} and then {again}")
        self.database.dispose()
        return self.heard

    def header(self, name: str) -> kernel.Header:
        day = FIRST + timedelta(days=self.chance.randrange(50))
        return kernel.Header(
            self.company, name, day, kernel.DocumentRef("document", name), "x", NOW
        )

    def command(self, name: str) -> tuple[str, kernel.Command]:
        """Anything: goods, returns, late costs, counts, reservations, undoing."""
        kinds = ("receive", "issue", "transfer", "receive", "issue", "transfer", "count", "landed",
                 "invoice", "sales_return", "purchase_return", "reserve", "release", "void",
                 "second_leg", "adjust")  # fmt: skip
        kind = self.chance.choice(kinds)
        make: Callable[[kernel.Header], kernel.Command | None] = getattr(self, f"_{kind}")
        command = make(self.header(name))
        if command is None:
            kind, command = "receive", self._receive(self.header(name))
        return kind, command

    def _goods(self) -> dict[str, Any]:
        item = self.chance.choice(tuple(ITEMS))
        found = {"item": item, "warehouse": self.chance.choice(PLACES),
                 "qty": self.chance.randint(1, 4)}  # fmt: skip
        return found | ({"lot": self.chance.choice("XY")} if item == "L" else {})

    def _some(self, kind: str) -> kernel.LineRef | None:
        """A line of an earlier document, of one's own or of those that everybody knows."""
        known = [*self.mine[kind], *(range(1, 4) if kind == "receive" else ())]
        return kernel.LineRef(self.chance.choice(known), 0) if known else None

    def _receive(self, header: kernel.Header) -> kernel.Command:
        lines = tuple(
            kernel.ReceiveLine(
                **self._goods(), unit_cost=Decimal(self.chance.randint(1, 999)) / 100
            )
            for _ in range(self.chance.randint(1, 3))
        )
        return kernel.Receive(header, lines)

    def _issue(self, header: kernel.Header) -> kernel.Command:
        held = self.chance.choice(self.reserved) if self.reserved else ""
        line = kernel.IssueLine(**self._goods(), reservation=held * (self.chance.random() < 0.3))
        return kernel.Issue(header, (line,))

    def _transfer(self, header: kernel.Header) -> kernel.Command:
        lines = []
        for _ in range(self.chance.randint(1, 2)):
            goods = self._goods()
            to = self.chance.choice([place for place in PLACES if place != goods["warehouse"]])
            lines.append(kernel.TransferLine(**goods, to_warehouse=to))
        return kernel.Transfer(header, tuple(lines))

    def _second_leg(self, header: kernel.Header) -> kernel.Command | None:
        source = self._some("transfer")
        if source is None:
            return None
        goods = self._goods()
        to = self.chance.choice([place for place in PLACES if place != goods["warehouse"]])
        return kernel.Transfer(
            header, (kernel.TransferLine(**goods, to_warehouse=to, source=source),)
        )

    def _count(self, header: kernel.Header) -> kernel.Command:
        goods = self._goods()
        counted = goods.pop("qty") * self.chance.randint(0, 30)
        return kernel.Count(header, (kernel.CountLine(**goods, counted=counted),))

    def _landed(self, header: kernel.Header) -> kernel.Command | None:
        source = self._some("receive")
        return source and kernel.LandedCost(header, 7, (kernel.LandedLine(source),))

    def _invoice(self, header: kernel.Header) -> kernel.Command | None:
        source = self._some("receive")
        return source and kernel.Invoice(header, (kernel.InvoiceLine(source, 1, unit_cost=4),))

    def _sales_return(self, header: kernel.Header) -> kernel.Command | None:
        source = self._some("issue")
        return source and kernel.SalesReturn(header, (kernel.ReturnLine(source, 1),))

    def _purchase_return(self, header: kernel.Header) -> kernel.Command | None:
        source = self._some("receive")
        return source and kernel.PurchaseReturn(header, (kernel.ReturnLine(source, 1),))

    def _reserve(self, header: kernel.Header) -> kernel.Command:
        return kernel.Reserve(header, **self._goods())

    def _release(self, header: kernel.Header) -> kernel.Command | None:
        return kernel.Release(header, self.chance.choice(self.reserved)) if self.reserved else None

    def _void(self, header: kernel.Header) -> kernel.Command | None:
        known = self.mine["any"]
        return kernel.Void(header, self.chance.choice(known)) if known else None

    def _adjust(self, header: kernel.Header) -> kernel.Command:
        goods = {name: value for name, value in self._goods().items() if name != "qty"}
        return kernel.Adjust(header, (kernel.AdjustLine(**goods, amount=3),))


def _work(url: str, company: int, seed: int, number: int, count: int, answers: Any) -> None:
    try:
        answers.put(Worker(url, company, seed, number).run(count))
    except BaseException as error:  # noqa: BLE001 - shown by the test that waits for it
        answers.put(Heard(odd=[repr(error)]))


def crowd(url: str, company: int, seed: int, count: int, processes: int = 16) -> list[Heard]:
    """Let so many processes post so many documents each at the same time."""
    # Forked, so that they begin at once; each opens connections of its own.
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    crew = [
        context.Process(target=_work, args=(url, company, seed, number, count, answers))
        for number in range(processes)
    ]
    for one in crew:
        one.start()
    heard = [answers.get(timeout=300) for _ in crew]
    for one in crew:
        one.join()
    return heard
