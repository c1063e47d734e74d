"""What was seen before a lock was there is looked at again: two that contradict each other."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from runtime import kernel
from runtime.infra.db import Database
from runtime.kernel import Refusal

from .conftest import Books, open_books
from .test_concurrency import persistently

Make = Callable[[Books], kernel.Command]


@pytest.fixture
def books(postgres_url: str) -> Books:
    """Books on PostgreSQL; where there is one writer nothing can come between."""
    return open_books(Database(postgres_url))


def waiting(connection: Connection) -> int:
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()"
    )
    return int(connection.exec_driver_sql(asked).scalar_one())


def at_once(books: Books, *makes: Make) -> list[object]:
    """Let commands plan while somebody holds every pool, then let go."""
    results: list[object] = [None] * len(makes)

    def run(nth: int) -> None:
        results[nth] = persistently(books, makes[nth](books))

    threads = [threading.Thread(target=run, args=(nth,)) for nth in range(len(makes))]
    over = threading.Event()
    with (
        books.database.engine.connect() as holder,
        books.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as looker,
    ):
        holder.exec_driver_sql("SELECT id FROM k_pool FOR UPDATE")
        for nth, thread in enumerate(threads, 1):
            thread.start()
            while waiting(looker) < nth:
                over.wait(0.01)
        holder.rollback()
    for thread in threads:
        thread.join()
    return results


def void(name: str, of: str) -> Make:
    return lambda books: kernel.Void(books.header(name), books.postings[of])


def sales_return(books: Books) -> kernel.Command:
    line = kernel.ReturnLine(kernel.LineRef(books.postings["i1"], 0), 1)
    return kernel.SalesReturn(books.header("back", "5"), (line,))


def purchase_return(books: Books) -> kernel.Command:
    line = kernel.ReturnLine(kernel.LineRef(books.postings["r1"], 0), 1)
    return kernel.PurchaseReturn(books.header("away", "5"), (line,))


def invoice(books: Books) -> kernel.Command:
    line = kernel.InvoiceLine(kernel.LineRef(books.postings["r1"], 0), 1, unit_cost=3)
    return kernel.Invoice(books.header("bill", "5"), (line,))


def landed(books: Books) -> kernel.Command:
    line = kernel.LandedLine(kernel.LineRef(books.postings["r1"], 0))
    return kernel.LandedCost(books.header("freight", "5"), 3, (line,))


def second_leg(books: Books) -> kernel.Command:
    source = kernel.LineRef(books.postings["t1"], 0)
    line = kernel.TransferLine("A", "W2", "W3", 1, source=source)
    return kernel.Transfer(books.header("leg", "5"), (line,))


def counted(books: Books) -> kernel.Command:
    return kernel.Count(books.header("count", "5"), (kernel.CountLine("A", "W1", 50),))


def issued(books: Books) -> kernel.Command:
    return kernel.Issue(books.header("going", "4"), (kernel.IssueLine("A", "W1", 3),))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("of", "other"),
    [
        ("i1", sales_return), ("r1", purchase_return), ("r1", invoice), ("r1", landed),
        ("t1", second_leg),
    ],
)  # fmt: skip
def test_undoing_and_continuing_the_same(books: Books, of: str, other: Make, turned: bool) -> None:
    for act in ("r0 1 receive 50 @ 2", "r1 1 receive 10 @ 10", "i1 2 issue 3",
                "t1 2 transfer 4 W1 W2", "r2 1 receive 9 @ 1 W2"):  # fmt: skip
        assert isinstance(books.play(act), kernel.Posted)
    makes = [void("undo", of), other]
    results = at_once(books, *(makes[::-1] if turned else makes))
    posted = [one for one in results if isinstance(one, kernel.Posted)]
    refused = [one.code for one in results if isinstance(one, kernel.Refused)]
    assert len(posted) == 1, results
    assert set(refused) <= {Refusal.HAS_DEPENDENTS, Refusal.ALREADY_CANCELLED, Refusal.UNKNOWN_REF}
    assert books.broken() == set()
    books.database.dispose()


def reverse(books: Books) -> kernel.Command:
    return kernel.Reverse(books.header("red", "6"), books.postings["r1"])


@pytest.mark.parametrize(
    "makes",
    [
        (reverse, purchase_return), (purchase_return, reverse), (reverse, void("undo", "r1")),
        (void("undo", "r1"), reverse),
    ],
)  # fmt: skip
def test_reversing_and_taking_back_the_same(books: Books, makes: tuple[Make, ...]) -> None:
    for act in ("r0 1 receive 50 @ 2", "r1 1 receive 10 @ 10"):
        assert isinstance(books.play(act), kernel.Posted)
    results = at_once(books, *makes)
    assert len([one for one in results if isinstance(one, kernel.Posted)]) == 1, results
    assert books.broken() == set()
    books.database.dispose()


def test_counting_while_goods_go(books: Books) -> None:
    """The difference is reckoned from what the books hold when it is posted."""
    books.play("r0 1 receive 60 @ 2")
    results = at_once(books, issued, counted)
    assert all(isinstance(one, kernel.Posted) for one in results), results
    assert books.on_hand() == {"W1": ("50", "100.00")}
    assert books.broken() == set()
    books.database.dispose()
