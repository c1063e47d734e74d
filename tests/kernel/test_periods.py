"""Closing months: in order, not below nothing; nothing of them changes; opened from the end."""

import random
import threading

import pytest

from runtime import kernel
from runtime.infra.db import Database
from runtime.kernel import views

from .months import Months, day, months, open_months

__all__ = ["months"]

# Each table: what is done, and the answer.
TABLES = {
    "the first closing may be of any month": [
        ("r1 01-05 receive 10 @ 2", "ok"),
        ("k1 03-31 close 03", "ok"),
        ("r2 02-05 receive 1 @ 2", "PERIOD_CLOSED"),
        ("r3 04-01 receive 1 @ 2", "ok"),
    ],
    "then exactly the next": [
        ("k1 01-31 close 01", "ok"),
        ("k2 03-31 close 03", "CLOSE_ORDER"),
        ("k3 01-31 close 01", "CLOSE_ORDER"),
        ("k4 02-28 close 02", "ok"),
        ("k5 03-31 close 03", "ok"),
    ],
    "over the turn of the year": [
        ("k1 01-31 close 2025-12", "ok"),
        ("k2 01-31 close 2026-01", "ok"),
    ],
    "what is no month": [("k1 01-31 close 2026-13", "CLOSE_ORDER")],
    "nothing of a closed month changes": [
        ("r1 01-05 receive 10 @ 2", "ok"),
        ("i1 01-06 issue 2", "ok"),
        ("k1 01-31 close 01", "ok"),
        ("r2 01-05 receive 1 @ 2", "PERIOD_CLOSED"),
        ("v1 02-01 void i1", "PERIOD_CLOSED"),
        ("i2 01-31 issue 1", "PERIOD_CLOSED"),
        ("i3 02-01 issue 8", "ok"),
    ],
    "only the last closed month opens, with a reason": [
        ("o0 01-31 reopen 01 because late", "CLOSE_ORDER"),
        ("r1 01-05 receive 10 @ 2", "ok"),
        ("k1 01-31 close 01", "ok"),
        ("k2 02-28 close 02", "ok"),
        ("o1 01-31 reopen 01 because late", "CLOSE_ORDER"),
        ("o2 02-28 reopen 02", "CANNOT_REVERSE"),
        ("o3 02-28 reopen 02 because late", "ok"),
        ("r2 02-05 receive 1 @ 2", "ok"),
        ("r3 01-06 receive 1 @ 2", "PERIOD_CLOSED"),
        ("o4 01-31 reopen 01 because late", "ok"),
        ("r4 01-06 receive 1 @ 2", "ok"),
        ("k3 03-31 close 03", "ok"),
    ],
    "a month that ends below nothing": [
        ("i1 01-05 issue 2 of N", "ok"),
        ("k1 01-31 close 01", "CLOSE_NEGATIVE"),
        ("r1 02-01 receive 5 @ 4 of N", "ok"),
        ("k2 01-31 close 01", "CLOSE_NEGATIVE"),
        ("r2 01-31 receive 2 @ 4 of N", "ok"),
        ("k3 01-31 close 01", "ok"),
    ],
    "a month that was below nothing but ends well": [
        ("i1 01-05 issue 2 of N", "ok"),
        ("r1 01-06 receive 5 @ 4 of N", "ok"),
        ("k1 01-31 close 01", "ok"),
    ],
}


@pytest.mark.parametrize("name", TABLES)
def test_closing(months: Months, name: str) -> None:
    assert [(act, months.play(act)) for act, _ in TABLES[name]] == TABLES[name]


def test_negative_names_the_place(months: Months) -> None:
    months.play("i1 01-05 issue 2 of N in W2")
    with months.database.transaction() as connection:
        outcome = kernel.post(
            connection, kernel.ClosePeriod(months.header("k1", "01-31"), "2026-01")
        )
    assert isinstance(outcome, kernel.Refused)
    assert [(one.item, one.warehouse, one.on_hand) for one in outcome.problems] == [("N", "W2", -2)]


def test_negative_allowed(database: Database) -> None:
    books = open_months(database, close_negative="allow")
    assert books.play("i1 01-05 issue 2 of N") == "ok"
    assert books.play("k1 01-31 close 01") == "ok"
    assert books.broken() == {}


JANUARY = (
    "r1 01-05 receive 10 @ 2",
    "r2 01-06 receive 5 @ 4 of F",
    "t2 01-07 transfer 2 of F to W2",
    "r3 01-06 receive 9 @ 1 of C",
    "t3 01-08 transfer 4 of C to W2",
    "r4 01-06 receive 3 @ 1 of L lot X",
    "i1 01-09 issue 3",
    "v1 01-09 void i1",
)
FEBRUARY = (
    "x1 02-02 issue 4",
    "x2 02-02 issue 2 of F",
    "x3 02-02 issue 4 of C in W2",
    "x4 02-03 issue 3 of L lot X",
    "x5 02-04 receive 7 @ 7 of B lot Y",
)


def test_close_reopen_close__the_same_digest(months: Months) -> None:
    """Also when February was posted meanwhile: nothing of it belongs to January."""
    assert {months.play(act) for act in JANUARY} == {"ok"}
    assert months.play("k1 01-31 close 01") == "ok"
    first = months.digests()
    assert months.play("o1 01-31 reopen 01 because look") == "ok"
    assert months.digests() == []
    assert months.play("k2 02-01 close 01") == "ok"
    assert months.digests() == first
    assert {months.play(act) for act in FEBRUARY} == {"ok"}
    assert months.play("o2 02-20 reopen 01 because again") == "ok"
    assert months.play("k3 02-21 close 01") == "ok"
    assert months.digests() == first


def test_digest__a_changed_month_has_another(months: Months) -> None:
    assert {months.play(act) for act in JANUARY} == {"ok"}
    months.play("k1 01-31 close 01")
    first = months.digests()
    months.play("o1 01-31 reopen 01 because late")
    months.play("r9 01-31 receive 1 @ 1")
    months.play("k2 01-31 close 01")
    assert len(months.digests()) == 1
    assert months.digests() != first


@pytest.mark.parametrize("order", ["january first", "february first", "mixed"])
def test_snapshot__is_the_month_whatever_came_in_which_order(months: Months, order: str) -> None:
    """What everything held at the end of January, quantity, value and the layers behind them."""
    facts = (
        "a1 01-05 receive 4 @ 3 of F",
        "a2 01-06 receive 6 @ 5 of F",
        "a3 01-07 issue 5 of F",
        "b1 02-01 receive 1 @ 9 of F",
        "b2 02-02 issue 3 of F",
    )
    places = {
        "january first": (0, 1, 2, 3, 4),
        "february first": (1, 3, 4, 0, 2),
        "mixed": (0, 3, 1, 4, 2),
    }
    assert {months.play(facts[place]) for place in places[order]} == {"ok"}
    assert months.play("k1 01-31 close 01") == "ok"
    with months.database.reading() as connection:
        held = connection.exec_driver_sql("SELECT q, v, state FROM k_snapshot").all()
    # 5 of the 10 went: 4 at 3 and 1 at 5; 5 at 5 are left.
    assert [(q // 1000000, v) for q, v, _ in held] == [(5, 2500)]
    assert held[0][2].startswith("5000000,2500,")


def test_periods__what_is_shown(months: Months) -> None:
    for act in ("r1 01-05 receive 10 @ 2", "i1 02-05 issue 1", "r2 02-06 receive 1 @ 3"):
        months.play(act)
    months.play("k1 01-31 close 01")
    months.play("k2 02-28 close 02")
    months.play("o1 02-28 reopen 02 because forgotten")
    shown = [
        (row.ym, row.is_closed, row.n_postings, row.user, row.reason)
        for row in months.read(views.periods)
    ]
    assert shown == [("2026-02", False, 2, "", "forgotten"), ("2026-01", True, 1, "clerk", "")]


def test_balances_at_the_end_of_a_closed_month(months: Months) -> None:
    for act in (*JANUARY, "k1 01-31 close 01", *FEBRUARY):
        assert months.play(act) == "ok"
    assert months.stock(as_of=day("01-31")) == {
        "A W1": ("10", "20.00"),
        "F W1": ("3", "12.00"),
        "F W2": ("2", "8.00"),
        "C W1": ("5", "5.00"),
        "C W2": ("4", "4.00"),
        "L W1": ("3", "3.00"),
    }


def test_closing__random_books_whatever_came_when(months: Months, seed: int) -> None:
    """Quantities, values and states at the month's end are those of a replay (INV-23 proves it)."""
    chance = random.Random(seed)
    acts = []
    for number in range(70):
        when = f"{chance.randint(1, 2):02d}-{chance.randint(1, 28):02d}"
        item, place = chance.choice("AFNCM"), chance.choice(("W1", "W2"))
        qty, other = chance.randint(1, 9), "W2" if place == "W1" else "W1"
        verb = chance.choice(("receive", "receive", "issue", "transfer"))
        words = {
            "receive": f"receive {qty} @ {chance.randint(1, 9)}.37 of {item} in {place}",
            "issue": f"issue {qty} of {item} in {place}",
            "transfer": f"transfer {qty} of {item} in {place} to {other}",
        }
        acts.append(f"n{number} {when} {words[verb]}")
    played = [act for act in acts if months.play(act) == "ok"]
    for act in chance.sample(played, 6):
        months.play(f"void{act.split()[0]} 01-01 void {act.split()[0]}")
    for place in ("W1", "W2"):
        # Where something is short the month has to wait until it is filled.
        assert months.play(f"fill{place} 01-31 receive 999 @ 2 of N in {place}") == "ok"
    assert months.play("k1 01-31 close 01") == "ok"
    first = months.digests()
    assert months.play("o1 01-31 reopen 01 because look") == "ok"
    assert months.play("k2 01-31 close 01") == "ok"
    assert months.digests() == first


def test_closing_while_others_post(database: Database) -> None:
    """Whoever is first: what got in before the closing is in its digest, and nothing after it."""
    books = open_months(database)
    books.play("r0 01-01 receive 1 @ 1")
    answers: list[str] = []

    def receive(person: int) -> None:
        for number in range(6):
            place = "W1" if person % 2 else "W2"
            act = f"p{person}n{number} 01-{person + 2:02d} receive 1 @ 1 in {place}"
            answers.append(books.insist(act))

    def close() -> None:
        answers.append(books.insist("k1 01-31 close 01"))

    people = [threading.Thread(target=receive, args=(person,)) for person in range(4)]
    people.insert(2, threading.Thread(target=close))
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(answers) == 25
    assert set(answers) <= {"ok", "PERIOD_CLOSED"}
    first = books.digests()
    assert len(first) == 1
    assert books.play("o1 01-31 reopen 01 because look") == "ok"
    assert books.play("k2 01-31 close 01") == "ok"
    assert books.digests() == first
    assert books.broken() == {}
