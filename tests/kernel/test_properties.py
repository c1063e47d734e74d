"""What always holds: arrival does not matter, a void restores, replay is live, no cent is lost.

Every step is compared with an oracle of thirty lines that knows nothing of postings: it sorts the
documents that are in force by business time and values them from the beginning.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import settings
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

from .conftest import NOW

_codes = itertools.count()
WAREHOUSES = ("W1", "W2", "W3")
RANKS = {"receive": 0, "transfer": 1, "issue": 2}


@dataclass(frozen=True)
class Doc:
    """A document of one or two lines of the same kind, in whole units and cents."""

    kind: str
    day: int
    order: int
    lines: tuple[tuple[int, int, str, str], ...]  # qty, amount, from or at, to

    @property
    def place(self) -> tuple[int, int, int]:
        return self.day, RANKS[self.kind], self.order


def oracle(
    docs: list[Doc],
) -> tuple[dict[str, tuple[int, int]], dict[tuple[int, int], int]] | None:
    """Balances and what each line moved, or nothing when something goes short."""
    held = dict.fromkeys(WAREHOUSES, (0, 0))
    worth: dict[tuple[int, int], int] = {}
    for doc in sorted(docs, key=lambda one: one.place):
        for number, (qty, amount, at, to) in enumerate(doc.lines):
            have, value = held[at]
            if doc.kind == "receive":
                held[at] = (have + qty, value + amount)
                worth[doc.order, number] = amount
                continue
            if qty > have:
                return None
            cost = value if qty == have else (2 * value * qty + have) // (2 * have)
            held[at] = (have - qty, value - cost)
            worth[doc.order, number] = cost
            if doc.kind == "transfer":
                held[to] = (held[to][0] + qty, held[to][1] + cost)
    return held, worth


def command(company: int, doc: Doc) -> kernel.Command:
    ref = kernel.DocumentRef(doc.kind, str(doc.order))
    when = date(2026, 1, doc.day)
    header = kernel.Header(company, f"{doc.order}", when, ref, "x", NOW, doc.order)
    if doc.kind == "receive":
        return kernel.Receive(
            header,
            tuple(
                kernel.ReceiveLine("A", at, qty, amount=Fraction(amount, 100))
                for qty, amount, at, _ in doc.lines
            ),
        )
    if doc.kind == "issue":
        return kernel.Issue(
            header, tuple(kernel.IssueLine("A", at, qty) for qty, _, at, _ in doc.lines)
        )
    return kernel.Transfer(
        header, tuple(kernel.TransferLine("A", at, to, qty) for qty, _, at, to in doc.lines)
    )


LINE = st.tuples(
    st.integers(1, 9), st.integers(0, 999), st.sampled_from(WAREHOUSES), st.integers(1, 2)
).map(lambda one: (one[0], one[1], one[2], WAREHOUSES[(WAREHOUSES.index(one[2]) + one[3]) % 3]))


class Warehouse(RuleBasedStateMachine):
    """Documents arrive in any order of business time, and some are undone again."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        with self.database.transaction() as connection:
            company = kernel.create_company(connection, f"m{next(_codes)}")
            self.company = company.id
            kernel.register_items(connection, self.company, ["A"])
            kernel.register_warehouses(connection, self.company, WAREHOUSES)
        self.docs: dict[int, Doc] = {}
        self.postings: dict[int, int] = {}
        self.orders = iter(itertools.count(1000))

    @rule(
        kind=st.sampled_from(("receive", "receive", "issue", "transfer")),
        day=st.integers(1, 5),
        lines=st.lists(LINE, min_size=1, max_size=2).map(tuple),
        late=st.booleans(),
    )
    def arrives(
        self, kind: str, day: int, lines: tuple[tuple[int, int, str, str], ...], late: bool
    ) -> None:
        """A document is posted exactly when the oracle finds nothing short."""
        order = next(self.orders)
        doc = Doc(kind, day, order if not late else 2000 - order, lines)
        expected = oracle([*self.docs.values(), doc])
        with self.database.transaction() as connection:
            outcome = kernel.post(connection, command(self.company, doc))
        if expected is None:
            assert isinstance(outcome, kernel.Refused)
            assert outcome.code in {
                kernel.Refusal.NEGATIVE_STOCK,
                kernel.Refusal.NEGATIVE_STOCK_FUTURE,
            }
        else:
            assert isinstance(outcome, kernel.Posted)
            self.docs[doc.order] = doc
            self.postings[doc.order] = outcome.posting

    @precondition(lambda self: self.docs)
    @rule(data=st.data())
    def is_undone(self, data: st.DataObject) -> None:
        """A void is posted exactly when the rest can do without it."""
        order = data.draw(st.sampled_from(sorted(self.docs)))
        rest = [doc for doc in self.docs.values() if doc.order != order]
        header = kernel.Header(
            self.company, f"void {order}", date(2026, 1, 1),
            kernel.DocumentRef("void", str(order)), "x", NOW,
        )  # fmt: skip
        with self.database.transaction() as connection:
            outcome = kernel.post(connection, kernel.Void(header, self.postings[order]))
        if oracle(rest) is None:
            assert isinstance(outcome, kernel.Refused)
            assert outcome.code is kernel.Refusal.NEGATIVE_STOCK_FUTURE
            assert all(problem.documents for problem in outcome.problems)
        else:
            assert isinstance(outcome, kernel.Posted)
            del self.docs[order]

    @invariant()
    def books_agree(self) -> None:
        """Balances and every line's cost are the oracle's, whatever came first."""
        expected = oracle(list(self.docs.values()))
        assert expected is not None
        held, worth = expected
        with self.database.reading() as connection:
            on_hand = kernel.on_hand(connection, self.company)
            costs = kernel.costs(connection, [self.postings[order] for order in self.docs])
        live = {row.warehouse: (int(row.qty), int(row.value * 100)) for row in on_hand}
        assert {at: live.get(at, (0, 0)) for at in WAREHOUSES} == held
        for order in self.docs:
            moved = [line for line in costs[self.postings[order]] if line.kind != "transfer_in"]
            for line in moved:
                assert abs(int(line.value * 100)) == worth[order, line.line]


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
            max_examples=200 if full else 12, stateful_step_count=25, deadline=None, database=None
        ),
    )
    assert list(proves_itself(database)) == []


@pytest.mark.parametrize("seed", range(3))
def test_close_relatives_of_the_oracle(seed: int) -> None:
    """The oracle itself, on figures worked by hand: 10 at 10.00 and 10 at 20.00, 15 go out."""
    docs = [
        Doc("receive", 1, 1, ((10, 10000, "W1", ""),)),
        Doc("receive", 2, 2, ((10, 20000, "W1", ""),)),
        Doc("issue", 3, 3, ((15, 0, "W1", ""),)),
    ]
    rotated = docs[seed:] + docs[:seed]
    assert oracle(rotated) == (
        {"W1": (5, 7500), "W2": (0, 0), "W3": (0, 0)},
        {(1, 0): 10000, (2, 0): 20000, (3, 0): 22500},
    )
