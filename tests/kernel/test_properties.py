"""What always holds, whatever is posted and in whatever order.

Arrival does not matter, a void restores exactly, no cent is made or lost, a replay from nothing
gives the same, closing again gives the same digest. The figures themselves are compared with an
independent calculator in `test_differential`.
"""

import itertools
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from runtime import kernel
from runtime.infra.db import Database
from runtime.kernel.costing import layers
from runtime.kernel.planning.shares import split
from runtime.kernel.valuing.apportion import apportion

from .conftest import NOW

_codes = itertools.count()
WAREHOUSES = ("W1", "W2", "W3")
ITEMS = {
    "A": kernel.ItemTerms(),
    "F": kernel.ItemTerms(method="fifo"),
    "M": kernel.ItemTerms(method="month_end_average"),
    "N": kernel.ItemTerms(negative="allow"),
    "S": kernel.ItemTerms(method="standard", standard_cost=3),
}
WAREHOUSE = st.sampled_from(WAREHOUSES)
ITEM = st.sampled_from(sorted(ITEMS))
DAY = st.integers(1, 5)
QTY = st.integers(1, 9)


class Ledger:
    """One company, posted to as its machine pleases."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as connection:
            self.company = kernel.create_company(connection, f"m{next(_codes)}").id
            kernel.register_warehouses(connection, self.company, WAREHOUSES)
            for key, terms in ITEMS.items():
                kernel.register_item(connection, self.company, key, terms)

    def header(self, name: str, day: int, order: int | None = None) -> kernel.Header:
        ref = kernel.DocumentRef("document", name)
        return kernel.Header(self.company, name, date(2026, 1, day), ref, "x", NOW, order)

    def post(self, command: kernel.Command) -> kernel.Posted | kernel.Refused:
        with self.database.transaction() as connection:
            return kernel.post(connection, command)

    def figures(self, documents: dict[int, int]) -> dict[str, Any]:
        """What every pool holds in which layers, and what every document's lines are worth."""
        with self.database.reading() as connection:
            rows = connection.exec_driver_sql(
                "SELECT i.key, w.key, e.q_after, e.v_after, e.state FROM k_pool p"
                " JOIN k_item i ON i.id = p.item JOIN k_warehouse w ON w.id = p.warehouse"
                " JOIN k_pool_entry e ON e.pool = p.id"
                " AND e.n = (SELECT max(n) FROM k_pool_entry WHERE pool = p.id)"
                f" WHERE p.company = {self.company} AND e.q_after <> 0 ORDER BY 1, 2"
            )
            held = {
                (item, place): (qty, value, layers(state, qty, value))
                for item, place, qty, value, state in rows
            }
            costs = kernel.costs(connection, documents.values())
        worth = {
            order: [(line.line, line.kind, line.value) for line in costs[posting]]
            for order, posting in documents.items()
        }
        return {"held": held, "worth": worth}

    def made_and_lost(self) -> tuple[int, int]:
        """What lies in all pools, and what the books say was booked against it."""
        with self.database.reading() as connection:
            held = connection.exec_driver_sql(
                "SELECT coalesce(sum(e.v_after), 0) FROM k_pool p JOIN k_pool_entry e"
                " ON e.pool = p.id AND e.n ="
                " (SELECT max(n) FROM k_pool_entry WHERE pool = p.id)"
                f" WHERE p.company = {self.company}"
            ).scalar_one()
            booked = connection.exec_driver_sql(
                "SELECT coalesce(sum(j.amount), 0) FROM k_journal_line j JOIN k_posting h"
                f" ON h.id = j.posting WHERE h.company = {self.company} AND j.role <> 'stock'"
            ).scalar_one()
        return int(held), -int(booked)


class Warehouse(RuleBasedStateMachine):
    """Documents of every kind come in any order of business time, and some are undone again."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(self.database)
        self.orders = iter(itertools.count(1))
        self.plans: dict[int, Any] = {}  # how to say a document again, in the order of arrival
        self.postings: dict[int, int] = {}
        self.needs: dict[int, int | None] = {}

    def arrives(self, day: int, say: Any, needs: int | None = None) -> None:
        """Post what `say` makes of a ledger; remember it if it was accepted."""
        order = next(self.orders)

        def again(ledger: Ledger, postings: dict[int, int]) -> kernel.Command:
            command: kernel.Command = say(ledger.header(f"d{order}", day, order), postings)
            return command

        outcome = self.ledger.post(again(self.ledger, self.postings))
        if isinstance(outcome, kernel.Posted):
            self.plans[order] = again
            self.postings[order] = outcome.posting
            self.needs[order] = needs

    @rule(day=DAY, item=ITEM, at=WAREHOUSE, qty=QTY, amount=st.integers(0, 999))
    def receive(self, day: int, item: str, at: str, qty: int, amount: int) -> None:
        line = kernel.ReceiveLine(item, at, qty, amount=Fraction(amount, 100))
        self.arrives(day, lambda header, _: kernel.Receive(header, (line,)))

    @rule(day=DAY, item=ITEM, at=WAREHOUSE, qty=QTY)
    def issue(self, day: int, item: str, at: str, qty: int) -> None:
        line = kernel.IssueLine(item, at, qty)
        self.arrives(day, lambda header, _: kernel.Issue(header, (line,)))

    @rule(day=DAY, item=ITEM, at=WAREHOUSE, to=WAREHOUSE, qty=QTY)
    def transfer(self, day: int, item: str, at: str, to: str, qty: int) -> None:
        if at != to:
            line = kernel.TransferLine(item, at, to, qty)
            self.arrives(day, lambda header, _: kernel.Transfer(header, (line,)))

    @rule(day=DAY, item=ITEM, at=WAREHOUSE, qty=QTY, made=ITEM, parts=st.integers(1, 3))
    def assemble(self, day: int, item: str, at: str, qty: int, made: str, parts: int) -> None:
        outputs = tuple(kernel.OutputLine(made, place, 1) for place in WAREHOUSES[:parts])
        if made != item:
            line = kernel.IssueLine(item, at, qty)
            self.arrives(day, lambda header, _: kernel.Assemble(header, (line,), outputs, 1))

    @precondition(lambda self: self.postings)
    @rule(data=st.data(), qty=QTY, kind=st.sampled_from(("back", "home", "landed", "invoice")))
    def continues(self, data: Any, qty: int, kind: str) -> None:
        order = data.draw(st.sampled_from(sorted(self.postings)))
        say = {
            "back": lambda ref: (kernel.PurchaseReturn, kernel.ReturnLine(ref, qty)),
            "home": lambda ref: (kernel.SalesReturn, kernel.ReturnLine(ref, qty)),
            "invoice": lambda ref: (kernel.Invoice, kernel.InvoiceLine(ref, qty, amount=qty)),
        }

        def command(header: kernel.Header, postings: dict[int, int]) -> kernel.Command:
            ref = kernel.LineRef(postings[order], 0)
            if kind == "landed":
                return kernel.LandedCost(header, qty, (kernel.LandedLine(ref),))
            make, line = say[kind](ref)
            made: kernel.Command = make(header, (line,))
            return made

        self.arrives(6, command, needs=order)

    @precondition(lambda self: self.postings)
    @rule(data=st.data())
    def is_undone(self, data: Any) -> None:
        """A document may go again as long as the others can do without it."""
        order = data.draw(st.sampled_from(sorted(self.postings)))
        void = kernel.Void(self.ledger.header(f"v{order}", 1), self.postings[order])
        if isinstance(self.ledger.post(void), kernel.Posted):
            del self.postings[order], self.plans[order]

    @rule(day=DAY, item=ITEM, at=WAREHOUSE, qty=QTY, comes=st.booleans())
    def comes_and_goes(self, day: int, item: str, at: str, qty: int, comes: bool) -> None:
        """A document that is posted and undone leaves every figure as it was (INV-17)."""
        before = self.ledger.figures(self.postings)
        header = self.ledger.header(f"g{next(self.orders)}", day)
        command: kernel.Command = kernel.Issue(header, (kernel.IssueLine(item, at, qty),))
        if comes:
            line = kernel.ReceiveLine(item, at, qty, amount=7)
            command = kernel.Receive(header, (line,))
        outcome = self.ledger.post(command)
        if isinstance(outcome, kernel.Posted):
            undo = kernel.Void(self.ledger.header(f"{header.key} undone", 1), outcome.posting)
            assert isinstance(self.ledger.post(undo), kernel.Posted)
        assert self.ledger.figures(self.postings) == before

    @invariant()
    def no_cent_is_lost(self) -> None:
        """What lies in stock is what the accounts say came in and did not go out (INV-8)."""
        held, booked = self.ledger.made_and_lost()
        assert held == booked

    def teardown(self) -> None:
        """The same documents in another order of arrival end the same (INV-11)."""
        expected = self.ledger.figures(self.postings)
        other = Ledger(self.database)
        waiting = dict(sorted(self.plans.items(), reverse=True))
        postings: dict[int, int] = {}
        moved = True
        while waiting and moved:
            moved = False
            for order, plan in list(waiting.items()):
                needs = self.needs[order]
                if needs is not None and needs not in postings:
                    continue
                outcome = other.post(plan(other, postings))
                if isinstance(outcome, kernel.Posted):
                    postings[order] = outcome.posting
                    del waiting[order]
                    moved = True
        if not waiting:  # now and then two documents need each other, and only their order will do
            assert other.figures(postings) == expected


def proves_itself(database: Database) -> Iterator[str]:
    with database.reading() as connection:
        for finding in kernel.verify(connection):
            if not finding.ok:
                yield f"{finding.id}: {finding.detail}"


def test_any_order_of_arrival(database: Database) -> None:
    with database.transaction() as connection:
        kernel.install(connection)
    machine = type("Machine", (Warehouse,), {"database": database})
    full = settings().max_examples > 100
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=150 if full else 6, stateful_step_count=20, deadline=None, database=None
        ),
    )
    assert list(proves_itself(database)) == []


def test_closing_again_gives_the_same_digest(database: Database) -> None:
    with database.transaction() as connection:
        kernel.install(connection)
    ledger = Ledger(database)
    for number, item in enumerate(sorted(ITEMS), 1):
        line = kernel.ReceiveLine(item, "W1", 9, amount=number)
        ledger.post(kernel.Receive(ledger.header(f"r{item}", number), (line,)))
        ledger.post(kernel.Issue(ledger.header(f"i{item}", 8), (kernel.IssueLine(item, "W1", 4),)))
    for name, command in (
        ("c1", kernel.ClosePeriod), ("o1", kernel.ReopenPeriod), ("c2", kernel.ClosePeriod),
    ):  # fmt: skip
        more = ("a mistake",) if command is kernel.ReopenPeriod else ()
        outcome = ledger.post(command(ledger.header(name, 31), "2026-01", *more))
        assert isinstance(outcome, kernel.Posted)
    with database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT digest FROM k_period_event WHERE kind = 'close' ORDER BY n"
        ).fetchall()
    assert len(rows) == 2
    assert rows[0] == rows[1]
    assert list(proves_itself(database)) == []


WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any)


@given(st.integers(-(10**12), 10**12), WEIGHTS)
def test_splitting_never_loses_a_unit(total: int, weights: list[int]) -> None:
    """Both splitters agree: parts add up and none is a whole unit away from its claim."""
    parts = apportion(total, weights)
    assert parts == split(total, [(weight, 1) for weight in weights])
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@pytest.mark.parametrize(("total", "parts"), [(1, [0, 0, 1]), (2, [0, 1, 1]), (-1, [0, 0, -1])])
def test_splitting_equal_claims__the_last_gets_the_unit(total: int, parts: list[int]) -> None:
    assert apportion(total, [1, 1, 1]) == parts
