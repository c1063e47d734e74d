"""Books over several months of 2026: a short way to say what happens and what stands there then."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from runtime import kernel
from runtime.infra.db import Database
from runtime.kernel import views

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)

ITEMS = {
    "A": kernel.ItemTerms(),
    "N": kernel.ItemTerms(negative="allow"),
    "F": kernel.ItemTerms(method="fifo"),
    "C": kernel.ItemTerms(scope="company"),
    "M": kernel.ItemTerms(method="month_end_average"),
    "L": kernel.ItemTerms(tracking="batch"),
    "B": kernel.ItemTerms(tracking="batch", scope="batch"),
    "S": kernel.ItemTerms(method="specific", tracking="serial"),
}


def day(text: str) -> date:
    """`02-14` is the fourteenth of February 2026."""
    return date.fromisoformat(f"2026-{text}")


@dataclass
class Months:
    """One company; every act is a transaction of its own and answers `ok` or its refusal."""

    database: Database
    company: int
    postings: dict[str, int] = field(default_factory=dict)

    def header(self, name: str, when: str, **more: Any) -> kernel.Header:
        ref = kernel.DocumentRef("document", name)
        return kernel.Header(self.company, name, day(when), ref, "clerk", NOW, **more)

    def post(self, command: kernel.Command) -> str:
        with self.database.transaction() as connection:
            attempt = connection.begin_nested()
            outcome = kernel.post(connection, command)
            if isinstance(outcome, kernel.Refused):
                attempt.rollback()
                return outcome.code.value
            attempt.commit()
        self.postings[command.header.key] = outcome.posting
        return "ok"

    def insist(self, act: str | kernel.Command) -> str:
        """Play an act or post a command again until no other session is in its way."""
        while True:
            try:
                return self.play(act) if isinstance(act, str) else self.post(act)
            except Exception as error:
                if not kernel.is_retryable(error):
                    raise

    def play(self, act: str) -> str:
        """`r1 01-05 receive 10 @ 2 of A in W1`, `i1 01-06 issue 3 from q1`, `k1 01-31 close 01`.

        Words left out: the item is A, the warehouse W1; `lot X` and `from q1` (a reservation).
        """
        name, when, verb, first, *rest = act.split()
        said = dict(zip(rest[::2], rest[1::2], strict=True))
        header = self.header(name, when)
        item, place, lot = said.get("of", "A"), said.get("in", "W1"), said.get("lot", "")
        if verb == "receive":
            line = kernel.ReceiveLine(
                item, place, Decimal(first), unit_cost=Decimal(said["@"]), lot=lot
            )
            return self.post(kernel.Receive(header, (line,)))
        if verb == "issue":
            going = kernel.IssueLine(
                item, place, Decimal(first), lot=lot, reservation=said.get("from", "")
            )
            return self.post(kernel.Issue(header, (going,)))
        if verb == "transfer":
            moved = kernel.TransferLine(item, place, said["to"], Decimal(first), lot=lot)
            return self.post(kernel.Transfer(header, (moved,)))
        if verb == "reserve":
            expires = day(said["until"]) if "until" in said else None
            return self.post(
                kernel.Reserve(header, item, place, Decimal(first), lot=lot, expires=expires)
            )
        return self.post(self._about(header, verb, first, said))

    def _about(self, header: kernel.Header, verb: str, first: str, said: dict[str, str]) -> Any:
        if verb == "void":
            return kernel.Void(header, self.postings[first])
        if verb == "reverse":
            return kernel.Reverse(header, self.postings[first])
        if verb in {"release", "expire"}:
            return kernel.Release(header, first, expired=verb == "expire")
        ym = first if len(first) == 7 else f"2026-{first}"
        if verb == "close":
            return kernel.ClosePeriod(header, ym)
        return kernel.ReopenPeriod(header, ym, said.get("because", ""))

    def read(self, view: Any, *args: Any, **more: Any) -> Any:
        """What a view says of these books."""
        with self.database.reading() as connection:
            return view(connection, self.company, *args, **more)

    def stock(self, **more: Any) -> dict[str, tuple[str, str]]:
        """Quantity and value by item and warehouse, without the empty ones."""
        return {
            f"{row.item} {row.warehouse}": (str(row.qty), str(row.value))
            for row in self.read(views.on_hand, **more)
            if row.qty or row.value
        }

    def digests(self) -> list[str]:
        """The digests of closings in force, the latest month first."""
        return [row.digest for row in self.read(views.periods) if row.is_closed]

    def broken(self) -> dict[str, str]:
        """The invariants that do not hold."""
        with self.database.reading() as connection:
            return {one.id: one.detail for one in kernel.verify(connection) if not one.ok}


def open_months(database: Database, **rules: str) -> Months:
    with database.transaction() as connection:
        kernel.install(connection)
        company = kernel.create_company(connection, "months", rules=rules)
        for key, terms in ITEMS.items():
            kernel.register_item(connection, company.id, key, terms)
        kernel.register_warehouses(connection, company.id, ["W1", "W2"])
    return Months(database, company.id)


@pytest.fixture
def months(database: Database) -> Iterator[Months]:
    """Empty books; at the end every invariant holds."""
    opened = open_months(database)
    yield opened
    assert opened.broken() == {}
