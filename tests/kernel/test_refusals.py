"""One row per refusal, one per pair that fixes precedence; what is refused leaves no trace."""

from decimal import Decimal
from typing import Any

import pytest

from runtime import kernel
from runtime.kernel import Refusal

from .conftest import Books

D = Decimal


def receive(**more: Any) -> kernel.ReceiveLine:
    line: dict[str, Any] = {"item": "A", "warehouse": "W1", "qty": D(1), "unit_cost": D(1)}
    return kernel.ReceiveLine(**{**line, **more})


def issue(**more: Any) -> kernel.IssueLine:
    return kernel.IssueLine(**{"item": "A", "warehouse": "W1", "qty": D(1), **more})


def transfer(**more: Any) -> kernel.TransferLine:
    line: dict[str, Any] = {"item": "A", "warehouse": "W1", "to_warehouse": "W2", "qty": D(1)}
    return kernel.TransferLine(**{**line, **more})


# Each line is wrong in one way; ten of A are in W1 since day 1, all ten go out on day 20.
LINES: dict[str, tuple[Any, Refusal, str]] = {
    "an item the books do not know": (receive(item="X"), Refusal.UNKNOWN_ITEM, "item"),
    "a warehouse they do not know": (issue(warehouse="X"), Refusal.UNKNOWN_WAREHOUSE, "warehouse"),
    "a target they do not know": (
        transfer(to_warehouse="X"),
        Refusal.UNKNOWN_WAREHOUSE,
        "to_warehouse",
    ),
    "a unit the item does not have": (issue(uom="box"), Refusal.UNKNOWN_UOM, "uom"),
    "nothing": (receive(qty=D(0)), Refusal.BAD_QTY, "qty"),
    "less than nothing": (issue(qty=D(-1)), Refusal.BAD_QTY, "qty"),
    "finer than an atom": (issue(qty=D("0.0000001")), Refusal.BAD_QTY, "qty"),
    "more than a number can hold": (receive(qty=D(10) ** 13), Refusal.BAD_QTY, "qty"),
    "not a number": (receive(qty=D("NaN")), Refusal.BAD_QTY, "qty"),
    "without end": (receive(qty=D("Infinity")), Refusal.BAD_QTY, "qty"),
    "from a warehouse to itself": (
        transfer(to_warehouse="W1"),
        Refusal.SAME_WAREHOUSE,
        "to_warehouse",
    ),
    "no value": (receive(unit_cost=None), Refusal.BAD_VALUE, "unit_cost"),
    "two values": (receive(amount=D(1)), Refusal.BAD_VALUE, "amount"),
    "half a cent": (receive(unit_cost=None, amount=D("0.005")), Refusal.BAD_VALUE, "amount"),
    "a price that is not a number": (receive(unit_cost=D("NaN")), Refusal.BAD_VALUE, "unit_cost"),
    "a fortune": (receive(unit_cost=D(10) ** 17), Refusal.BAD_VALUE, "unit_cost"),
    "a negative price": (receive(unit_cost=D("-0.001")), Refusal.NEGATIVE_VALUE, "unit_cost"),
    "a negative amount": (
        receive(unit_cost=None, amount=D(-1)),
        Refusal.NEGATIVE_VALUE,
        "amount",
    ),
    "a first leg that is not there": (
        transfer(source=kernel.LineRef(999, 0)),
        Refusal.UNKNOWN_REF,
        "source",
    ),
    "more than is on hand": (issue(qty=D(11)), Refusal.NEGATIVE_STOCK, "qty"),
    "more than is on hand, to move": (transfer(qty=D(11)), Refusal.NEGATIVE_STOCK, "qty"),
    "from where nothing is": (issue(warehouse="W3"), Refusal.NEGATIVE_STOCK, "qty"),
    "what a later issue needs": (issue(qty=D(1)), Refusal.NEGATIVE_STOCK_FUTURE, "qty"),
}


def command(books: Books, *lines: Any, name: str = "x", day: str = "10") -> kernel.Command:
    kinds: dict[type, Any] = {
        kernel.ReceiveLine: kernel.Receive,
        kernel.IssueLine: kernel.Issue,
        kernel.TransferLine: kernel.Transfer,
    }
    return kinds[type(lines[0])](books.header(name, day), lines)  # type: ignore[no-any-return]


def state(books: Books) -> list[Any]:
    with books.database.reading() as connection:
        return [
            connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2").all()
            for table in ("k_posting", "k_move", "k_value_entry", "k_pool_entry", "k_journal_line")
        ]


@pytest.fixture
def stocked(books: Books) -> Books:
    books.play("r1 1 receive 10 @ 10")
    books.play("i1 20 issue 10")
    return books


def test_line_is_refused(stocked: Books) -> None:
    """Every refusal names the line and the field, and leaves no trace."""
    before = state(stocked)
    for name, (line, code, field) in LINES.items():
        lines = (line,) if code.startswith("NEGATIVE_STOCK") else (FINE[type(line)], line)
        outcome = stocked.post(command(stocked, *lines))
        assert isinstance(outcome, kernel.Refused), name
        assert outcome.code is code, name
        places = [(problem.line, problem.field) for problem in outcome.problems]
        assert places == [(len(lines) - 1, field)], name
    assert state(stocked) == before


# Two lines that fit one by one and not together.
HALVES = (
    (receive(qty=D(3) * 10**12, unit_cost=D(0)), Refusal.BAD_QTY, "qty"),
    (receive(unit_cost=None, amount=D(3) * 10**16), Refusal.BAD_VALUE, "amount"),
)


def test_lines_too_large_together(stocked: Books) -> None:
    before = state(stocked)
    for half, code, field in HALVES:
        outcome = stocked.post(command(stocked, half, half))
        assert isinstance(outcome, kernel.Refused)
        assert outcome.code is code
        assert [(p.line, p.field) for p in outcome.problems] == [(1, field)]
    assert state(stocked) == before


FINE: dict[type, Any] = {
    kernel.ReceiveLine: receive(),
    kernel.IssueLine: issue(qty=D("0.5")),
    kernel.TransferLine: transfer(qty=D("0.5")),
}

# Of two lines that are both wrong, the reason higher in the list is the answer.
PAIRS = (
    (receive(item="X"), receive(warehouse="X"), Refusal.UNKNOWN_ITEM),
    (receive(warehouse="X"), receive(uom="X"), Refusal.UNKNOWN_WAREHOUSE),
    (receive(uom="X"), receive(qty=D(0)), Refusal.UNKNOWN_UOM),
    (transfer(qty=D(0)), transfer(to_warehouse="W1"), Refusal.BAD_QTY),
    (receive(qty=D(0)), receive(unit_cost=None), Refusal.BAD_QTY),
    (receive(unit_cost=None), receive(unit_cost=D(-1)), Refusal.BAD_VALUE),
    (transfer(to_warehouse="W1"), transfer(qty=D(99)), Refusal.SAME_WAREHOUSE),
    (transfer(source=kernel.LineRef(9, 0)), transfer(qty=D(99)), Refusal.UNKNOWN_REF),
    (issue(qty=D(0)), issue(qty=D(99)), Refusal.BAD_QTY),
    (issue(qty=D(99)), issue(qty=D(1)), Refusal.NEGATIVE_STOCK),
)


def test_precedence(stocked: Books) -> None:
    for first, second, code in PAIRS:
        for lines in ((first, second), (second, first)):
            outcome = stocked.post(command(stocked, *lines))
            assert isinstance(outcome, kernel.Refused), lines
            assert outcome.code is code, lines


def test_shortage__names_everything(stocked: Books) -> None:
    outcome = stocked.post(
        command(stocked, issue(qty=D(3)), issue(qty=D(8)), issue(item="B", qty=D(2)))
    )
    assert isinstance(outcome, kernel.Refused)
    assert outcome.code is Refusal.NEGATIVE_STOCK
    assert [
        (p.line, p.item, p.warehouse, str(p.qty), str(p.on_hand), p.date) for p in outcome.problems
    ] == [(1, "A", "W1", "8", "7", "2026-01-10"), (2, "B", "W1", "2", "0", "2026-01-10")]


def test_shortage_later__names_who_needs_it(stocked: Books) -> None:
    stocked.play("r2 21 receive 1 @ 1")
    stocked.play("i2 22 issue 1")
    outcome = stocked.post(command(stocked, issue(qty=D(4))))
    assert isinstance(outcome, kernel.Refused)
    assert outcome.code is Refusal.NEGATIVE_STOCK_FUTURE
    (problem,) = outcome.problems
    assert problem.documents == (
        kernel.DocumentRef("document", "i1"),
        kernel.DocumentRef("document", "i2"),
    )
    assert (problem.line, str(problem.on_hand), problem.date) == (0, "0", "2026-01-20")


@pytest.mark.parametrize(
    ("acts", "code", "needs"),
    [
        (["v1 - void none"], Refusal.UNKNOWN_REF, []),
        (
            ["r1 1 receive 1 @ 1", "v1 - void r1", "v2 - void r1"],
            Refusal.ALREADY_CANCELLED,
            ["v1"],
        ),
        (["r1 1 receive 1 @ 1", "v1 - void r1", "v2 - void v1"], Refusal.CANNOT_REVERSE, []),
        (
            ["r1 1 receive 2 @ 1", "i1 2 issue 1", "i2 3 issue 1", "v1 - void r1"],
            Refusal.NEGATIVE_STOCK_FUTURE,
            ["i1", "i2"],
        ),
        (
            ["r1 1 receive 2 @ 1", "i1 1 issue 2", "v1 - void r1"],
            Refusal.NEGATIVE_STOCK_FUTURE,
            ["i1"],
        ),
        (
            ["r1 1 receive 2 @ 1", "t1 2 transfer 2 W1 W2", "i1 3 issue 1 W2", "v1 - void t1"],
            Refusal.NEGATIVE_STOCK_FUTURE,
            ["i1"],
        ),
        (
            [
                "r1 1 receive 2 @ 1",
                "r2 1 receive 9 @ 1 W2",
                "t1 2 transfer 2 W1 W2",
                "t2 3 transfer 2 W2 W3 t1",
                "v1 - void t1",
            ],
            Refusal.HAS_DEPENDENTS,
            ["t2"],
        ),
    ],
)
def test_void_is_refused(books: Books, acts: list[str], code: Refusal, needs: list[str]) -> None:
    *before, last = acts
    for act in before:
        assert isinstance(books.play(act), kernel.Posted), act
    was = state(books)
    outcome = books.play(last)
    assert isinstance(outcome, kernel.Refused)
    assert outcome.code is code
    named = [document.id for problem in outcome.problems for document in problem.documents]
    assert named == needs
    assert state(books) == was


def test_second_leg__not_more_than_the_first(books: Books) -> None:
    for act in ("r1 1 receive 9 @ 1", "r2 1 receive 9 @ 1 W2", "t1 2 transfer 3 W1 W2"):
        books.play(act)
    assert isinstance(books.play("t2 3 transfer 2 W2 W3 t1"), kernel.Posted)
    outcome = books.play("t3 4 transfer 2 W2 W3 t1")
    assert isinstance(outcome, kernel.Refused)
    assert outcome.code is Refusal.OVER_RETURN


@pytest.mark.parametrize(
    "act", ["t2 1 transfer 1 W2 W3 t1", "t2 5 transfer 1 W1 W3 t1", "t2 5 transfer 1 W2 W3 t0"]
)
def test_second_leg__of_another_time_place_or_undone(books: Books, act: str) -> None:
    for before in (
        "r1 1 receive 9 @ 1",
        "r2 1 receive 9 @ 1 W2",
        "t1 2 transfer 3 W1 W2",
        "t0 2 transfer 3 W1 W2",
        "v0 - void t0",
    ):
        assert isinstance(books.play(before), kernel.Posted)
    outcome = books.play(act)
    assert isinstance(outcome, kernel.Refused)
    assert outcome.code is Refusal.UNKNOWN_REF


def test_closed_period(books: Books) -> None:
    books.play("r1 5 receive 9 @ 1")
    closed = books.post(kernel.ClosePeriod(books.header("close", "31"), "2026-01"))
    assert isinstance(closed, kernel.Posted)
    was = state(books)
    for act in ("r2 6 receive 1 @ 1", "i1 6 issue 1", "v1 - void r1"):
        outcome = books.play(act)
        assert isinstance(outcome, kernel.Refused)
        assert outcome.code is Refusal.PERIOD_CLOSED
    assert state(books) == was


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        (receive(qty=D("10.00"), unit_cost=D("2.5")), "same"),
        (receive(qty=D(11), unit_cost=D("2.5")), "conflict"),
        (receive(qty=D(10), unit_cost=D("2.51")), "conflict"),
        (receive(qty=D(10), amount=D(25), unit_cost=None), "conflict"),
        (receive(qty=D(10), unit_cost=D("2.5"), warehouse="W2"), "conflict"),
        (receive(qty=D(10), unit_cost=D("2.5"), item="B"), "conflict"),
        (issue(qty=D(10)), "conflict"),
        (issue(item="nothing known"), "conflict"),
    ],
)
def test_key__posts_once(books: Books, again: Any, expected: str) -> None:
    first = books.post(command(books, receive(qty=D(10), unit_cost=D("2.5"))))
    was = state(books)
    second = books.post(command(books, again))
    assert state(books) == was
    if expected == "same":
        assert second == first
    else:
        assert second == kernel.Refused(Refusal.IDEMPOTENCY_CONFLICT)


def test_key__another_day_is_another_request(books: Books) -> None:
    books.post(command(books, receive(), day="3"))
    outcome = books.post(command(books, receive(), day="4"))
    assert outcome == kernel.Refused(Refusal.IDEMPOTENCY_CONFLICT)


@pytest.mark.parametrize(
    "acts",
    [
        ["r1 2 receive 3 @ 33.333333", "i1 4 issue 1", "r0 1 receive 3 @ 50"],
        ["r1 1 receive 3 @ 10", "t1 2 transfer 1 W1 W2", "t1 2 transfer 1 W1 W2"],
        ["r1 1 receive 3 @ 10", "i1 2 issue 1", "v1 - void i1"],
    ],
)
def test_key__the_first_answer_comes_back(books: Books, acts: list[str]) -> None:
    answers = [books.play(act) for act in acts]
    books.play("later 1 receive 1 @ 1000")
    assert [books.play(act) for act in acts] == answers
