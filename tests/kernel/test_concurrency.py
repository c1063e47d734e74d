"""Many sessions at once: nothing is sold twice, nothing is lost, nobody waits for ever."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from runtime import kernel
from runtime.infra.db import Database
from tests.conftest import depth

from .conftest import NOW, Books
from .crowd import ITEMS, PLACES, crowd

MOST_TRIES = 5


def persistently(books: Books, command: kernel.Command) -> kernel.Posted | kernel.Refused:
    """What the owner of a transaction does: again when that may help, a bounded number of times."""
    for _ in range(MOST_TRIES):
        try:
            with books.database.transaction() as connection:
                return kernel.post(connection, command)
        except DBAPIError as error:
            if not kernel.is_retryable(error):
                raise
    raise AssertionError("tried too often")


def together(count: int, act: Callable[[int], object]) -> list[object]:
    """Run an act in so many threads that begin at the same moment."""
    barrier = threading.Barrier(count)
    results: list[object] = [None] * count

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = act(number)
        except BaseException as error:  # noqa: BLE001 - shown by the test that waits for it
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_six_pieces_for_eight(books: Books) -> None:
    books.play("r1 1 receive 6 @ 10")

    def take(number: int) -> object:
        line = kernel.IssueLine("A", "W1", 1)
        outcome = persistently(books, kernel.Issue(books.header(f"i{number}", "2"), (line,)))
        return outcome.code if isinstance(outcome, kernel.Refused) else "posted"

    assert Counter(together(8, take)) == {"posted": 6, kernel.Refusal.NEGATIVE_STOCK: 2}
    assert books.on_hand() == {}
    with books.database.reading() as connection:
        entries = connection.exec_driver_sql("SELECT max(n) FROM k_pool_entry").scalar()
    assert entries == 7


def test_one_key_from_many_sessions_posts_once(books: Books) -> None:
    def post(_number: int) -> object:
        line = kernel.ReceiveLine("A", "W1", 5, unit_cost=3)
        return persistently(books, kernel.Receive(books.header("same", "1"), (line,)))

    results = together(6, post)
    assert all(isinstance(result, kernel.Posted) for result in results)
    assert len({result.hash for result in results if isinstance(result, kernel.Posted)}) == 1
    assert books.on_hand() == {"W1": ("5", "15.00")}


def test_transfers_there_and_back(books: Books) -> None:
    """Pools are locked in one order, whichever way the goods go."""
    for at in ("W1", "W2", "W3"):
        books.receive(f"r{at}", "1", "100", "10", at=at)

    def move(number: int) -> object:
        chance = random.Random(number)
        for turn in range(8):
            at, to = chance.sample(["W1", "W2", "W3"], 2)
            day = str(chance.randint(2, 4))
            lines = tuple(kernel.TransferLine(item, at, to, 1) for item in ("A", "A"))
            header = books.header(f"t{number}.{turn}", day)
            assert isinstance(persistently(books, kernel.Transfer(header, lines)), kernel.Posted)
        return "done"

    assert together(6, move) == ["done"] * 6
    with books.database.reading() as connection:
        rows = kernel.on_hand(connection, books.company, items=["A"])
    assert sum(row.qty for row in rows) == 300
    assert str(sum(row.value for row in rows)) == "3000.00"


def test_everybody_meets_the_same_new_item(books: Books) -> None:
    """Company, item, warehouse and pool are made by whoever comes first."""

    def first(number: int) -> object:
        for _ in range(MOST_TRIES):
            try:
                with books.database.transaction() as connection:
                    company = kernel.create_company(connection, "new").id
                    kernel.register_items(connection, company, ["N", "M"])
                    kernel.register_warehouses(connection, company, ["V"])
                    line = kernel.ReceiveLine("N", "V", 1, unit_cost=1)
                    ref = kernel.DocumentRef("x", str(number))
                    header = kernel.Header(company, f"k{number}", date(2026, 1, 1), ref, "x", NOW)
                    return type(kernel.post(connection, kernel.Receive(header, (line,))))
            except DBAPIError as error:
                if not kernel.is_retryable(error):
                    raise
        raise AssertionError("tried too often")

    assert together(6, first) == [kernel.Posted] * 6
    with books.database.reading() as connection:
        company = kernel.find_company(connection, "new")
        assert company is not None
        (row,) = kernel.on_hand(connection, company.id)
    assert (row.qty, str(row.value)) == (6, "6.00")


def test_is_retryable__only_what_another_try_may_mend() -> None:
    class DriverError(Exception):
        def __init__(self, text: str, sqlstate: str | None = None) -> None:
            super().__init__(text)
            self.sqlstate = sqlstate

    table = (
        (DriverError("deadlock detected", "40P01"), True),
        (DriverError("could not serialize", "40001"), True),
        (DriverError("database is locked"), True),
        (DriverError('duplicate key violates "uq_k_posting_company_seq"', "23505"), True),
        (DriverError("k_posting: the previous hash is another", "23514"), True),
        (DriverError("k_posting: the hash is wrong", "23514"), False),
        (DriverError("k_move is append-only", "23514"), False),
        (DriverError('duplicate key violates "uq_a_shop__item_f_no"', "23505"), False),
    )
    for error, expected in table:
        assert kernel.is_retryable(DBAPIError("x", None, error)) is expected, error
    assert not kernel.is_retryable(ValueError("database is locked"))


TURNS = {"quick": 8, "full": 120}


def stocked(database: Database) -> int:
    """A company with some of everything everywhere; its first three postings are receipts."""
    with database.transaction() as connection:
        kernel.install(connection)
        company = kernel.create_company(connection, "crowd").id
        for key, terms in ITEMS.items():
            kernel.register_item(connection, company, key, terms)
        kernel.register_warehouses(connection, company, PLACES)
    for number, place in enumerate(PLACES):
        ref = kernel.DocumentRef("document", place)
        header = kernel.Header(company, f"first-{place}", date(2026, 1, 1), ref, "x", NOW)
        lines = tuple(
            kernel.ReceiveLine(item, place, 20, unit_cost=2 + number, lot="X" * (item == "L"))
            for item in ITEMS
        )
        with database.transaction() as connection:
            assert isinstance(kernel.post(connection, kernel.Receive(header, lines)), kernel.Posted)
    return company


def test_sixteen_processes_of_anything(
    database: Database, seed: int, request: pytest.FixtureRequest
) -> None:
    """Random documents of every kind at once: clean books, every acknowledgement in them once."""
    company = stocked(database)
    database.dispose()
    url = database.url.render_as_string(hide_password=False)
    heard = crowd(url, company, seed, TURNS[depth()])
    assert [text for one in heard for text in one.odd] == []
    acknowledged = {key: number for one in heard for key, number in one.posted.items()}
    refused = sum((Counter(one.refused) for one in heard), Counter())
    tries = max(one.tries for one in heard)
    # Pools are always locked in one order, so that no two wait for each other.
    assert tries <= 2 or database.kind == "sqlite", f"{tries} tries"
    told = f"{len(acknowledged)} posted, {refused.total()} refused, {tries} tries at most"
    request.node.user_properties.append(("sample", told))
    with database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT idem_key, id FROM k_posting WHERE idem_key LIKE 'p%'",
            execution_options={"no_parameters": True},
        ).all()
        assert [one for one in kernel.verify(connection) if not one.ok] == []
        on_hand = kernel.on_hand(connection, company)
    assert sorted(rows) == sorted(acknowledged.items())
    assert len(acknowledged) > 16 * TURNS[depth()] // 4
    assert [row for row in on_hand if row.qty < 0] == []


def outcomes_of(results: list[object]) -> Counter[object]:
    for result in results:
        assert isinstance(result, kernel.Posted | kernel.Refused), result
    return Counter(
        result.code if isinstance(result, kernel.Refused) else "posted" for result in results
    )  # type: ignore[attr-defined]


def test_two_over_returns_of_one_line(books: Books) -> None:
    books.play("r1 1 receive 10 @ 10")
    books.play("i1 2 issue 6")
    issued, received = (kernel.LineRef(books.postings[name], 0) for name in ("i1", "r1"))

    def back(number: int) -> object:
        line = kernel.ReturnLine(issued, 4)
        return persistently(books, kernel.SalesReturn(books.header(f"s{number}", "3"), (line,)))

    assert outcomes_of(together(2, back)) == {"posted": 1, kernel.Refusal.OVER_RETURN: 1}

    def away(number: int) -> object:
        line = kernel.ReturnLine(received, 6)
        command = kernel.PurchaseReturn(books.header(f"p{number}", "4"), (line,))
        return persistently(books, command)

    assert outcomes_of(together(2, away)) == {"posted": 1, kernel.Refusal.OVER_RETURN: 1}


def test_two_invoices_of_one_line(books: Books) -> None:
    books.play("r1 1 receive 10 @ 10")

    def bill(number: int) -> object:
        line = kernel.InvoiceLine(kernel.LineRef(books.postings["r1"], 0), 6, unit_cost=11)
        return persistently(books, kernel.Invoice(books.header(f"b{number}", "3"), (line,)))

    assert outcomes_of(together(2, bill)) == {"posted": 1, kernel.Refusal.OVER_INVOICE: 1}


def test_two_voids_of_one_posting(books: Books) -> None:
    books.play("r1 1 receive 10 @ 10")

    def undo(number: int) -> object:
        return persistently(books, kernel.Void(books.header(f"v{number}"), books.postings["r1"]))

    assert outcomes_of(together(4, undo)) == {"posted": 1, kernel.Refusal.ALREADY_CANCELLED: 3}


def test_issues_against_a_reservation(books: Books) -> None:
    """What is held and what is taken at once never comes to more than there is."""
    books.play("r1 1 receive 6 @ 10")

    def want(number: int) -> object:
        header = books.header(f"w{number}", "2")
        if number % 2:
            return persistently(books, kernel.Reserve(header, "A", "W1", 2))
        line = kernel.IssueLine("A", "W1", 2)
        return persistently(books, kernel.Issue(header, (line,)))

    assert outcomes_of(together(8, want))["posted"] == 3


def test_closing_a_month_while_others_post_into_it(books: Books) -> None:
    """Each posting is part of what was closed or is refused; two closings are one."""
    books.play("r1 1 receive 100 @ 10")

    def act(number: int) -> object:
        if number < 2:
            header = books.header(f"c{number}", "31")
            return persistently(books, kernel.ClosePeriod(header, "2026-01"))
        results = []
        for turn in range(4):
            line = kernel.IssueLine("A", "W1", 1)
            header = books.header(f"i{number}.{turn}", "5")
            results.append(persistently(books, kernel.Issue(header, (line,))))
        return results

    *closings, first, second, third = together(5, act)
    assert outcomes_of(closings) == {"posted": 1, kernel.Refusal.CLOSE_ORDER: 1}
    (closed,) = [one for one in closings if isinstance(one, kernel.Posted)]
    posted = []
    for results in (first, second, third):
        assert isinstance(results, list), results
        assert set(outcomes_of(results)) <= {"posted", kernel.Refusal.PERIOD_CLOSED}
        posted += [one.seq for one in results if isinstance(one, kernel.Posted)]
    assert all(seq < closed.seq for seq in posted)
