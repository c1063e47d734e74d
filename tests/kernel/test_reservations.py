"""Goods held for somebody: nobody else takes them, until they are used up or let go."""

import threading
from decimal import Decimal
from typing import Any

import pytest

from runtime import kernel
from runtime.infra.db import Database
from runtime.kernel import views

from .months import Months, months, open_months

__all__ = ["months"]

TABLES = {
    "held goods stay": [
        ("r1 01-01 receive 100 @ 1", "ok"),
        ("q1 01-02 reserve 50", "ok"),
        ("i1 01-03 issue 100", "RESERVED"),
        ("i2 01-03 issue 51", "RESERVED"),
        ("t1 01-03 transfer 51 to W2", "RESERVED"),
        ("v1 01-03 void r1", "RESERVED"),
        ("i3 01-03 issue 50", "ok"),
        ("u1 01-04 release q1", "ok"),
        ("i4 01-05 issue 50", "ok"),
    ],
    "no more than is free": [
        ("q0 01-01 reserve 1", "RESERVE_EXCEEDS"),
        ("r1 01-01 receive 10 @ 1", "ok"),
        ("q1 01-02 reserve 6", "ok"),
        ("q2 01-02 reserve 5", "RESERVE_EXCEEDS"),
        ("q3 01-02 reserve 4", "ok"),
        ("q4 01-02 reserve 1 in W2", "RESERVE_EXCEEDS"),
    ],
    "used up by an issue that names it, in parts": [
        ("r1 01-01 receive 10 @ 1", "ok"),
        ("q1 01-02 reserve 6", "ok"),
        ("i1 01-03 issue 4", "ok"),
        ("i2 01-03 issue 1", "RESERVED"),
        ("i3 01-04 issue 2 from q1", "ok"),
        ("i4 01-04 issue 1", "RESERVED"),
        ("i5 01-05 issue 4 from q1", "ok"),
        ("u1 01-06 release q1", "ALREADY_CANCELLED"),
    ],
    "more than is held comes from what is free": [
        ("r1 01-01 receive 10 @ 1", "ok"),
        ("q1 01-02 reserve 6", "ok"),
        ("q2 01-02 reserve 3", "ok"),
        ("i1 01-03 issue 8 from q1", "RESERVED"),
        ("i2 01-03 issue 7 from q1", "ok"),
        ("i3 01-03 issue 3 from q2", "ok"),
    ],
    "a reservation of something else": [
        ("r1 01-01 receive 10 @ 1", "ok"),
        ("r2 01-01 receive 10 @ 1 in W2", "ok"),
        ("q1 01-02 reserve 6", "ok"),
        ("i1 01-03 issue 1 from nobody", "UNKNOWN_REF"),
        ("i2 01-03 issue 1 in W2 from q1", "UNKNOWN_REF"),
        ("u1 01-03 release nobody", "UNKNOWN_REF"),
    ],
    "undoing an issue holds its goods again": [
        ("r1 01-01 receive 10 @ 1", "ok"),
        ("q1 01-02 reserve 6", "ok"),
        ("i1 01-03 issue 6 from q1", "ok"),
        ("i2 01-03 issue 1", "ok"),
        ("v1 01-03 void i1", "ok"),
        ("i3 01-04 issue 4", "RESERVED"),
        ("i4 01-04 issue 3", "ok"),
        ("i5 01-04 issue 6 from q1", "ok"),
    ],
    "what was let go since is not held again": [
        ("r1 01-01 receive 10 @ 1", "ok"),
        ("q1 01-02 reserve 6", "ok"),
        ("i1 01-03 issue 4 from q1", "ok"),
        ("u1 01-03 release q1", "ok"),
        ("v1 01-03 void i1", "ok"),
        ("i2 01-04 issue 10", "ok"),
    ],
    "what may go below nothing cannot be promised": [
        ("r1 01-01 receive 10 @ 1 of N", "ok"),
        ("q1 01-02 reserve 1 of N", "BAD_POLICY"),
    ],
    "of a lot": [
        ("r1 01-01 receive 5 @ 1 of L lot X", "ok"),
        ("r2 01-01 receive 5 @ 1 of L lot Y", "ok"),
        ("q1 01-02 reserve 6 of L lot X", "RESERVE_EXCEEDS"),
        ("q2 01-02 reserve 4 of L lot X", "ok"),
        ("i1 01-03 issue 2 of L lot X", "RESERVED"),
        ("i2 01-03 issue 5 of L lot Y", "ok"),
        ("q3 01-03 reserve 2 of L", "RESERVE_EXCEEDS"),
        ("i3 01-03 issue 4 of L lot X from q2", "ok"),
    ],
    "of lots that are costed by themselves": [
        ("r1 01-01 receive 5 @ 1 of B lot X", "ok"),
        ("r2 01-01 receive 5 @ 2 of B lot Y", "ok"),
        ("q1 01-02 reserve 6 of B", "ok"),
        ("i1 01-03 issue 4 of B lot X", "ok"),
        ("i2 01-03 issue 1 of B lot Y", "RESERVED"),
        ("i3 01-03 issue 1 of B lot Y from q1", "ok"),
    ],
    "of goods costed by company": [
        ("r1 01-01 receive 5 @ 1 of C in W1", "ok"),
        ("r2 01-01 receive 5 @ 2 of C in W2", "ok"),
        ("q1 01-02 reserve 6 of C in W1", "RESERVE_EXCEEDS"),
        ("q2 01-02 reserve 4 of C in W1", "ok"),
        ("i1 01-03 issue 5 of C in W2", "ok"),
        ("i2 01-03 issue 2 of C in W1", "RESERVED"),
        ("t1 01-03 transfer 2 of C in W1 to W2", "RESERVED"),
    ],
    "until its time runs out": [
        ("r1 01-01 receive 5 @ 1", "ok"),
        ("q1 01-02 reserve 5 until 01-10", "ok"),
        ("e1 01-10 expire q1", "CANNOT_REVERSE"),
        ("i1 01-11 issue 1", "RESERVED"),
        ("e2 01-11 expire q1", "ok"),
        ("i2 01-11 issue 5", "ok"),
    ],
    "without an end": [
        ("r1 01-01 receive 5 @ 1", "ok"),
        ("q1 01-02 reserve 5", "ok"),
        ("e1 03-10 expire q1", "CANNOT_REVERSE"),
    ],
    "while months close": [
        ("r1 01-01 receive 5 @ 1", "ok"),
        ("q1 01-02 reserve 3", "ok"),
        ("k1 01-31 close 01", "ok"),
        ("u1 01-31 release q1", "ok"),
        ("q2 01-31 reserve 5", "ok"),
        ("i1 02-01 issue 5 from q2", "ok"),
    ],
    "what is unknown": [
        ("q1 01-02 reserve 3 of Z", "UNKNOWN_ITEM"),
        ("q2 01-02 reserve 3 in W9", "UNKNOWN_WAREHOUSE"),
        ("q3 01-02 reserve 0", "BAD_QTY"),
        ("q4 01-02 reserve -1", "BAD_QTY"),
        ("q5 01-02 reserve 0.0000001", "BAD_QTY"),
    ],
}


@pytest.mark.parametrize("name", TABLES)
def test_reservations(months: Months, name: str) -> None:
    assert [(act, months.play(act)) for act, _ in TABLES[name]] == TABLES[name]


def test_refused_says_what_is_held(months: Months) -> None:
    for act in ("r1 01-01 receive 10 @ 1", "q1 01-02 reserve 6"):
        months.play(act)
    line = kernel.IssueLine("A", "W1", 5)
    with months.database.transaction() as connection:
        outcome = kernel.post(connection, kernel.Issue(months.header("i1", "01-03"), (line,)))
    assert isinstance(outcome, kernel.Refused)
    assert [
        (one.line, one.item, one.warehouse, one.qty, one.on_hand) for one in outcome.problems
    ] == [(0, "A", "W1", 6, 5)]


def test_the_same_key_reserves_once(months: Months) -> None:
    months.play("r1 01-01 receive 10 @ 1")
    assert months.play("q1 01-02 reserve 6") == "ok"
    assert months.play("q1 01-02 reserve 6") == "ok"
    assert months.play("q1 01-02 reserve 5") == "IDEMPOTENCY_CONFLICT"
    assert [row.pending for row in months.read(views.reservations)] == [6]


def test_two_lines_of_one_document_take_of_it(months: Months) -> None:
    months.play("r1 01-01 receive 10 @ 1")
    months.play("q1 01-02 reserve 6")
    lines = tuple(kernel.IssueLine("A", "W1", qty, reservation="q1") for qty in (2, 3))
    assert months.post(kernel.Issue(months.header("i1", "01-03"), lines)) == "ok"
    assert [row.pending for row in months.read(views.reservations)] == [1]
    assert months.play("v1 01-03 void i1") == "ok"
    assert [row.pending for row in months.read(views.reservations)] == [6]


def test_reservations_shown(months: Months) -> None:
    acts = ("r1 01-01 receive 10 @ 1", "q1 01-02 reserve 6 until 01-09", "q2 01-02 reserve 1",
            "i1 01-03 issue 2 from q1", "u1 01-04 release q2")  # fmt: skip
    assert {months.play(act) for act in acts} == {"ok"}

    def shown(**more: Any) -> list[tuple[Any, ...]]:
        rows = months.read(views.reservations, **more)
        return [(row.key, row.item, row.qty, row.pending, row.expires) for row in rows]

    held = ("q1", "A", 6, 4, "2026-01-09")
    assert shown() == [held]
    assert shown(with_settled=True) == [held, ("q2", "A", 1, 0, "")]
    assert shown(item="C") == shown(warehouse="W2") == []
    status = months.read(views.status, ["A"], warehouse="W1")["A"]
    assert (status.on_hand, status.reserved) == (8, 4)


def test_one_stock_two_takers(database: Database) -> None:
    """Twenty people want one each of ten, some to hold and some to take: ten get it."""
    books = open_months(database)
    books.play("r1 01-01 receive 10 @ 1")
    answers: list[str] = []

    def want(number: int) -> None:
        header = books.header(f"n{number}", "01-02")
        one = Decimal(1)
        command: kernel.Command = (
            kernel.Reserve(header, "A", "W1", one)
            if number % 2
            else kernel.Issue(header, (kernel.IssueLine("A", "W1", one),))
        )
        answers.append(books.insist(command))

    people = [threading.Thread(target=want, args=(number,)) for number in range(20)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    refused = {answer for answer in answers if answer != "ok"}
    assert answers.count("ok") == 10
    assert refused <= {"RESERVED", "RESERVE_EXCEEDS", "NEGATIVE_STOCK"}
    status = books.read(views.status, ["A"], warehouse="W1")["A"]
    assert status.on_hand == status.reserved
    assert books.broken() == {}


def test_two_issues_of_one_reservation_at_once(database: Database) -> None:
    books = open_months(database)
    books.play("r1 01-01 receive 10 @ 1")
    books.play("q1 01-01 reserve 10")
    answers: list[str] = []

    def take(number: int) -> None:
        line = kernel.IssueLine("A", "W1", 2, reservation="q1")
        answers.append(books.insist(kernel.Issue(books.header(f"i{number}", "01-02"), (line,))))

    takers = [threading.Thread(target=take, args=(number,)) for number in range(6)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert sorted(answers) == ["NEGATIVE_STOCK", *["ok"] * 5]
    assert books.read(views.reservations) == []
    assert books.broken() == {}
