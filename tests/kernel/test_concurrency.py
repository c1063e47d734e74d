"""Many sessions at once: nothing is sold twice, nothing is lost, nobody waits for ever."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import date

from sqlalchemy.exc import DBAPIError

from runtime import kernel

from .conftest import NOW, Books

MOST_TRIES = 20


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
