"""Moving average, in tables a bookkeeper can check: what is done, what it costs, what is left."""

from decimal import Decimal

import pytest

from runtime import kernel
from runtime.infra.db import Database

from .conftest import Books, open_books

# what is done, in order of arrival            costs of what went out      left by warehouse
WORKED = {
    "the last unit takes the last cent": (
        ["r1 1 receive 3 @ 33.333333", "i1 2 issue 1", "i2 3 issue 1", "i3 4 issue 1"],
        {"i1": "33.33", "i2": "33.34", "i3": "33.33"},
        {},
    ),
    "receipts at two prices": (
        ["r1 1 receive 10 @ 10", "r2 2 receive 10 @ 20", "i1 3 issue 15"],
        {"i1": "225.00"},
        {"W1": ("5", "75.00")},
    ),
    "a receipt entered late costs later issues anew": (
        ["r1 1 receive 10 @ 10", "i1 3 issue 5", "r2 2 receive 10 @ 20"],
        {"i1": "75.00"},
        {"W1": ("15", "225.00")},
    ),
    "an issue entered late costs later issues anew": (
        ["r1 1 receive 10 @ 10", "r2 10 receive 10 @ 20", "i2 20 issue 5", "i1 5 issue 8"],
        {"i1": "80.00", "i2": "91.67"},
        {"W1": ("7", "128.33")},
    ),
    "goods of one day come in before they go out": (
        ["r1 1 receive 5 @ 10", "i1 2 issue 5", "r2 2 receive 5 @ 20"],
        {"i1": "75.00"},
        {"W1": ("5", "75.00")},
    ),
    "a clock time is kept": (
        ["r1 1T08:00 receive 5 @ 10", "i1 1T09:00 issue 5", "r2 1T10:00 receive 5 @ 20"],
        {"i1": "50.00"},
        {"W1": ("5", "100.00")},
    ),
    "a transfer takes its cost along": (
        ["r1 1 receive 10 @ 10", "t1 2 transfer 4 W1 W2", "i1 3 issue 3 W2"],
        {"t1": "40.00", "i1": "30.00"},
        {"W1": ("6", "60.00"), "W2": ("1", "10.00")},
    ),
    "a late receipt goes along with what was transferred": (
        [
            "r1 2 receive 10 @ 10",
            "t1 3 transfer 5 W1 W2",
            "t2 4 transfer 5 W2 W3",
            "i1 5 issue 4 W3",
            "r0 1 receive 10 @ 40",
        ],
        {"t1": "125.00", "t2": "125.00", "i1": "100.00"},
        {"W1": ("15", "375.00"), "W3": ("1", "25.00")},
    ),
    "the second leg carries the cost of the first": (
        [
            "r1 1 receive 10 @ 10",
            "t1 2 transfer 4 W1 W2",
            "r2 3 receive 4 @ 20 W2",
            "t2 4 transfer 4 W2 W3 t1",
        ],
        {"t1": "40.00", "t2": "40.00"},
        {"W1": ("6", "60.00"), "W2": ("4", "80.00"), "W3": ("4", "40.00")},
    ),
    "partial second legs add up to the first": (
        [
            "r1 1 receive 3 @ 33.333333",
            "t1 2 transfer 3 W1 W2",
            "a 3 transfer 1 W2 W3 t1",
            "b 4 transfer 1 W2 W3 t1",
            "c 5 transfer 1 W2 W3 t1",
        ],
        {"a": "33.33", "b": "33.34", "c": "33.33"},
        {"W3": ("3", "100.00")},
    ),
    "a late receipt reaches the second leg": (
        [
            "r1 2 receive 10 @ 10",
            "t1 3 transfer 4 W1 W2",
            "t2 5 transfer 4 W2 W3 t1",
            "r0 1 receive 10 @ 16",
        ],
        {"t1": "52.00", "t2": "52.00"},
        {"W1": ("16", "208.00"), "W3": ("4", "52.00")},
    ),
    "an undone receipt never was": (
        [
            "r1 1 receive 10 @ 10",
            "r2 2 receive 10 @ 20",
            "r3 3 receive 10 @ 60",
            "i1 4 issue 10",
            "v1 - void r2",
        ],
        {"i1": "350.00"},
        {"W1": ("10", "350.00")},
    ),
    "an undone transfer never was": (
        [
            "r1 1 receive 10 @ 10",
            "t1 2 transfer 4 W1 W2",
            "r2 3 receive 2 @ 40",
            "i1 4 issue 6",
            "v1 - void t1",
        ],
        {"i1": "90.00"},
        {"W1": ("6", "90.00")},
    ),
    "given goods are worth nothing": (
        ["r1 1 receive 5 @ 0", "i1 2 issue 2"],
        {"i1": "0.00"},
        {"W1": ("3", "0.00")},
    ),
}


@pytest.mark.parametrize("name", WORKED)
def test_moving_average(books: Books, name: str) -> None:
    acts, costs, left = WORKED[name]
    for act in acts:
        assert isinstance(books.play(act), kernel.Posted), act
    assert {issue: books.cost(issue) for issue in costs} == costs
    assert books.on_hand() == left


def test_second_leg__other_goods_went_first_at_another_cost(books: Books) -> None:
    """What an emptied warehouse cannot balance is the residual, never a value without goods."""
    for act in (
        "r1 1 receive 4 @ 10",
        "t1 2 transfer 4 W1 W2",
        "r2 3 receive 4 @ 20 W2",
        "i1 4 issue 4 W2",
        "t2 5 transfer 4 W2 W3 t1",
    ):
        assert isinstance(books.play(act), kernel.Posted), act
    assert books.cost("i1") == "60.00"
    assert books.on_hand() == {"W3": ("4", "40.00")}
    with books.database.reading() as connection:
        assert {
            account: str(amount)
            for account, amount in kernel.variances(connection, books.company).items()
        } == {"residual": "20.00"}


def test_second_leg__a_late_receipt_takes_the_residual_back(books: Books) -> None:
    for act in (
        "r1 1 receive 4 @ 10",
        "t1 2 transfer 4 W1 W2",
        "r2 3 receive 4 @ 20 W2",
        "i1 4 issue 4 W2",
        "t2 5 transfer 4 W2 W3 t1",
        "r3 3 receive 4 @ 30 W2",
    ):
        assert isinstance(books.play(act), kernel.Posted), act
    assert (books.cost("i1"), books.cost("t2")) == ("80.00", "40.00")
    assert books.on_hand() == {"W2": ("4", "120.00"), "W3": ("4", "40.00")}
    with books.database.reading() as connection:
        assert kernel.variances(connection, books.company) == {"residual": 0}


def test_a_box_is_three_bottles(books: Books) -> None:
    books.receive("r1", "1", "1", "100", item="B")
    for place, cost in enumerate(("33.33", "33.34", "33.33"), 2):
        books.issue(f"i{place}", str(place), "1", item="B", uom="bottle")
        assert books.cost(f"i{place}") == cost


def test_price_is_per_named_unit(books: Books) -> None:
    books.receive("r1", "1", "2", "1200", item="B", uom="pallet")
    with books.database.reading() as connection:
        (row,) = kernel.on_hand(connection, books.company, items=["B"])
    assert (row.qty, str(row.value)) == (80, "2400.00")


@pytest.mark.parametrize(
    ("rules", "cost"),
    [
        ({}, "0.13"),
        ({"rounding": kernel.Rounding.HALF_EVEN}, "0.12"),
        ({"value_scale": 0}, "0"),
        ({"value_scale": 3}, "0.125"),
    ],
)
def test_company_rounds_its_way(database: Database, rules: dict[str, object], cost: str) -> None:
    books = open_books(database, **rules)
    line = kernel.ReceiveLine("A", "W1", 2, unit_cost=Decimal("0.125"))
    books.post(kernel.Receive(books.header("r1"), (line,)))
    books.issue("i1", "2", "1")
    assert books.cost("i1") == cost
    assert books.broken() == set()


def test_company_may_keep_the_sequence_of_a_day(database: Database) -> None:
    books = open_books(database, same_day="sequence")
    for act in ("r1 1 receive 5 @ 10", "i1 2 issue 5", "r2 2 receive 5 @ 20"):
        assert isinstance(books.play(act), kernel.Posted)
    assert books.cost("i1") == "50.00"


def test_lines_of_one_document_follow_each_other(books: Books) -> None:
    books.receive("r1", "1", "3", "33.333333")
    issue = kernel.Issue(books.header("i1", "2"), (kernel.IssueLine("A", "W1", 1),) * 3)
    posted = books.post(issue)
    assert isinstance(posted, kernel.Posted)
    assert [line.value for line in posted.lines] == [-3333, -3334, -3333]


def test_back_dated_receipt__only_appends(books: Books) -> None:
    """History is kept: what was known before the late receipt can still be read."""
    for act in ("r1 1 receive 10 @ 10", "i1 3 issue 5"):
        books.play(act)
    with books.database.reading() as connection:
        before = connection.exec_driver_sql("SELECT * FROM k_value_entry ORDER BY id").all()
    late = books.play("r0 2 receive 10 @ 20")
    assert isinstance(late, kernel.Posted)
    assert late.revalued == 1
    with books.database.reading() as connection:
        after = connection.exec_driver_sql("SELECT * FROM k_value_entry ORDER BY id").all()
    assert after[: len(before)] == before
    assert [(row.kind, row.dv) for row in after[len(before) :]] == [
        ("original", 20000),
        ("revalue", -2500),
    ]


def test_journal__balances_and_follows_the_stock(books: Books) -> None:
    for act in ("r1 1 receive 10 @ 10", "t1 2 transfer 4 W1 W2", "i1 3 issue 3 W2"):
        books.play(act)
    with books.database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT account, amount FROM k_journal_line ORDER BY posting, n"
        ).all()
    # Debit is positive; a transfer moves no value in or out of the company.
    assert [tuple(row) for row in rows] == [
        ("stock", 10000),
        ("receipt", -10000),
        ("stock", -3000),
        ("issue", 3000),
    ]
