"""Books to post into: a short way to say what a warehouse clerk does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from runtime import kernel
from runtime.infra.db import Database
from tests.conftest import Fill
from tests.prepared import opened

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


def exact(text: str) -> Decimal | Fraction:
    return Fraction(text) if "/" in text else Decimal(text)


def when(text: str) -> date:
    """`5` is the fifth of January, `5T08:30` half past eight on that day."""
    day, _, clock = text.partition("T")
    at = date(2026, 1, int(day))
    if not clock:
        return at
    hours, minutes = map(int, clock.split(":"))
    return datetime(2026, 1, int(day), hours, minutes)  # noqa: DTZ001 - business time is local


@dataclass
class Books:
    """One company, its postings by name, each act in a transaction of its own."""

    database: Database
    company: int
    postings: dict[str, int] = field(default_factory=dict)

    def header(self, name: str, day: str = "1", **more: Any) -> kernel.Header:
        ref = kernel.DocumentRef("document", name)
        return kernel.Header(self.company, name, when(day), ref, "clerk", NOW, **more)

    def post(self, command: kernel.Command) -> kernel.Posted | kernel.Refused:
        with self.database.transaction() as connection:
            outcome = kernel.post(connection, command)
        if isinstance(outcome, kernel.Posted):
            self.postings[command.header.document.id] = outcome.posting
        return outcome

    def receive(self, name: str, day: str, qty: str, cost: str, *, item: str = "A",  # noqa: PLR0913
                at: str = "W1", uom: str = "") -> kernel.Posted | kernel.Refused:  # fmt: skip
        line = kernel.ReceiveLine(item, at, exact(qty), unit_cost=exact(cost), uom=uom)
        return self.post(kernel.Receive(self.header(name, day), (line,)))

    def issue(self, name: str, day: str, qty: str, *, item: str = "A", at: str = "W1",
              uom: str = "") -> kernel.Posted | kernel.Refused:  # fmt: skip
        line = kernel.IssueLine(item, at, exact(qty), uom)
        return self.post(kernel.Issue(self.header(name, day), (line,)))

    def transfer(self, name: str, day: str, qty: str, *, item: str = "A", at: str = "W1",  # noqa: PLR0913
                 to: str = "W2", of: str = "") -> kernel.Posted | kernel.Refused:  # fmt: skip
        source = kernel.LineRef(self.postings[of], 0) if of else None
        line = kernel.TransferLine(item, at, to, exact(qty), source=source)
        return self.post(kernel.Transfer(self.header(name, day), (line,)))

    def void(self, name: str, of: str) -> kernel.Posted | kernel.Refused:
        return self.post(kernel.Void(self.header(name), self.postings.get(of, 0)))

    def play(self, act: str) -> kernel.Posted | kernel.Refused:
        """`r1 3 receive 10 @ 2.50 [W1]`, `i1 4 issue 3 [W1]`, `t1 4 transfer 3 W1 W2 [t0]`."""
        name, day, verb, *rest = act.split()
        if verb == "void":
            return self.void(name, rest[0])
        if verb == "receive":
            return self.receive(name, day, rest[0], rest[2], at=rest[3] if rest[3:] else "W1")
        if verb == "issue":
            return self.issue(name, day, rest[0], at=rest[1] if rest[1:] else "W1")
        return self.transfer(
            name, day, rest[0], at=rest[1], to=rest[2], of=rest[3] if rest[3:] else ""
        )

    def on_hand(self) -> dict[str, tuple[str, str]]:
        """Quantity and value of item A by warehouse, without the empty ones."""
        with self.database.reading() as connection:
            rows = kernel.on_hand(connection, self.company, items=["A"])
        return {
            row.warehouse: (str(row.qty), str(row.value)) for row in rows if row.qty or row.value
        }

    def cost(self, name: str) -> str:
        """What the first line of a posting is worth now."""
        with self.database.reading() as connection:
            found = kernel.costs(connection, [self.postings[name]])[self.postings[name]]
        return str(abs(found[0].value))

    def verify(self) -> dict[str, kernel.Finding]:
        with self.database.reading() as connection:
            return {finding.id: finding for finding in kernel.verify(connection)}

    def broken(self) -> set[str]:
        """The invariants that do not hold."""
        return {number for number, finding in self.verify().items() if not finding.ok}


def open_books(database: Database, code: str = "books", **rules: Any) -> Books:
    with database.transaction() as connection:
        kernel.install(connection)
        company = kernel.create_company(connection, code, **rules)
        thirds = {"box": Fraction(1), "bottle": Fraction(1, 3), "pallet": Fraction(40)}
        kernel.register_item(connection, company.id, "A")
        kernel.register_item(connection, company.id, "B", kernel.ItemTerms("box", thirds))
        kernel.register_warehouses(connection, company.id, ["W1", "W2", "W3"])
    return Books(database, company.id)


def _company_of_books(url: str) -> int:
    with opened(url) as database:
        return open_books(database).company


@pytest.fixture
def books(database: Database, fill: Fill) -> Iterator[Books]:
    """Empty books with items A and B (by the box or bottle) and three warehouses."""
    found = Books(database, fill("books", _company_of_books))
    yield found
    assert found.broken() == set() or getattr(found, "spoiled", False)
