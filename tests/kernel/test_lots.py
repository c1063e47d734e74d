"""Lots under a warehouse average: one cost, but of no lot may more go than has come."""

import pytest

from runtime import kernel
from runtime.kernel import Refusal

from .conftest import Books


def receive(books: Books, name: str, day: str, lot: str, qty: int, cost: int) -> object:
    line = kernel.ReceiveLine("A", "W1", qty, unit_cost=cost, lot=lot)
    return books.post(kernel.Receive(books.header(name, day), (line,)))


def issue(books: Books, name: str, day: str, lot: str, qty: int) -> object:
    line = kernel.IssueLine("A", "W1", qty, lot=lot)
    return books.post(kernel.Issue(books.header(name, day), (line,)))


def transfer(books: Books, name: str, day: str, lot: str, qty: int) -> object:
    line = kernel.TransferLine("A", "W1", "W2", qty, lot=lot)
    return books.post(kernel.Transfer(books.header(name, day), (line,)))


@pytest.fixture
def stocked(books: Books) -> Books:
    receive(books, "x", "1", "X", 5, 10)
    receive(books, "y", "2", "Y", 5, 20)
    return books


def code(outcome: object) -> Refusal | None:
    return outcome.code if isinstance(outcome, kernel.Refused) else None


def test_lots_share_the_average(stocked: Books) -> None:
    issue(stocked, "i", "3", "X", 2)
    assert stocked.cost("i") == "30.00"


@pytest.mark.parametrize(
    ("verb", "day", "lot", "qty", "expected"),
    [
        (issue, "3", "X", 5, None),
        (issue, "3", "X", 6, Refusal.NEGATIVE_STOCK),
        (issue, "1", "Y", 1, Refusal.NEGATIVE_STOCK),
        (issue, "3", "Z", 1, Refusal.NEGATIVE_STOCK),
        (issue, "3", "", 6, None),
        (transfer, "3", "Y", 6, Refusal.NEGATIVE_STOCK),
        (transfer, "3", "Y", 5, None),
    ],
)
def test_of_no_lot_more_than_came(
    stocked: Books, verb: object, day: str, lot: str, qty: int, expected: Refusal | None
) -> None:
    assert callable(verb)
    assert code(verb(stocked, "i", day, lot, qty)) is expected


def test_a_later_issue_needs_the_lot(stocked: Books) -> None:
    issue(stocked, "later", "9", "X", 4)
    outcome = issue(stocked, "i", "3", "X", 2)
    assert code(outcome) is Refusal.NEGATIVE_STOCK_FUTURE
    assert isinstance(outcome, kernel.Refused)
    assert outcome.problems[0].documents == (kernel.DocumentRef("document", "later"),)
    assert code(issue(stocked, "j", "3", "X", 1)) is None


def test_void_of_a_lot_that_was_used(stocked: Books) -> None:
    """The warehouse has enough without it, the lot has not."""
    issue(stocked, "i", "9", "X", 1)
    assert code(stocked.void("v", "x")) is Refusal.NEGATIVE_STOCK_FUTURE
    assert code(stocked.void("v2", "y")) is None


def test_a_transfer_takes_the_lot_along(stocked: Books) -> None:
    transfer(stocked, "t", "3", "X", 3)
    line = kernel.IssueLine("A", "W2", 3, lot="X")
    assert code(stocked.post(kernel.Issue(stocked.header("i", "4"), (line,)))) is None
    assert code(stocked.void("v", "t")) is Refusal.NEGATIVE_STOCK_FUTURE
