"""Numbers as people read them, and eight writers at once."""

import threading
from datetime import UTC, date, datetime

import pytest

from runtime.documents import numbering
from runtime.documents.numbering import Count, next_number, period, write
from runtime.documents.tables import counters
from runtime.infra.db import Database

XSCK = {"prefix": "XSCK-", "date": "YYYYMMDD", "width": 4, "reset": "day"}
COUNT = Count("jxc", "delivery", "document_no")

# date part   reset    day          period       the seventh number
FORMS = """
YYYYMMDD    | day    | 2026-11-21 | 2026-11-21 | P202611210007
YYYYMMDD    | month  | 2026-11-21 | 2026-11    | P202611210007
YYYYMMDD    | year   | 2026-01-02 | 2026       | P202601020007
YYYYMMDD    | never  | 2026-11-21 |            | P202611210007
YYMMDD      | day    | 2026-11-21 | 2026-11-21 | P2611210007
YYYYMM      | month  | 2026-11-21 | 2026-11    | P2026110007
YYMM        | month  | 2026-11-21 | 2026-11    | P26110007
YYYY        | year   | 2026-11-21 | 2026       | P20260007
YYYYMM      | day    | 2026-11-21 | 2026-11    | P2026110007
YYYY        | month  | 2026-11-21 | 2026       | P20260007
            | day    | 2026-11-21 |            | P0007
            | never  | 2026-11-21 |            | P0007
"""


@pytest.mark.parametrize("row", FORMS.strip().splitlines())
def test_number__as_defined(row: str) -> None:
    date_part, reset, day, of_period, number = (cell.strip() for cell in row.split("|"))
    options = {"prefix": "P", "date": date_part, "width": 4, "reset": reset}
    today = date.fromisoformat(day)
    assert period(options, today) == of_period
    assert write(options, today, 7) == number


def test_number__without_options() -> None:
    assert write({}, date(2026, 11, 21), 12345) == "12345"


# instant (UTC)       day in Shanghai → number
ZONES = """
2026-11-21T01:30 | XSCK-202611210001
2026-11-21T15:59 | XSCK-202611210001
2026-11-21T16:00 | XSCK-202611220001
2026-12-31T16:00 | XSCK-202701010001
"""


@pytest.mark.parametrize("row", ZONES.strip().splitlines())
def test_number__has_the_company_date(database: Database, row: str) -> None:
    instant, number = (cell.strip() for cell in row.split("|"))
    with database.transaction() as connection:
        counters.create(connection)
        now = datetime.fromisoformat(instant).replace(tzinfo=UTC)
        given = next_number(connection, COUNT, XSCK, now=now, zone="Asia/Shanghai")
    assert given == number


def test_number__of_a_transaction_that_fails__is_given_again(
    database: Database, now: datetime
) -> None:
    with database.transaction() as connection:
        counters.create(connection)
    given = []
    for fails in (False, True, True, False):
        try:
            with database.transaction() as connection:
                number = next_number(connection, COUNT, XSCK, now=now, zone="Asia/Shanghai")
                if fails:
                    raise ZeroDivisionError
                given.append(number)
        except ZeroDivisionError:
            continue
    assert given == ["XSCK-202611210001", "XSCK-202611210002"]


def test_eight_writers__no_gap_and_no_double(database: Database, now: datetime) -> None:
    with database.transaction() as connection:
        counters.create(connection)
    given: list[str] = []
    failures: list[BaseException] = []

    def work(writer: int) -> None:
        try:
            for turn in range(20):
                try:
                    with database.transaction() as connection:
                        number = next_number(connection, COUNT, XSCK, now=now, zone="Asia/Shanghai")
                        # Every fifth document fails after it took its number.
                        if (writer + turn) % 5 == 0:
                            raise ZeroDivisionError
                    given.append(number)
                except ZeroDivisionError:
                    continue
        except BaseException as failure:
            failures.append(failure)
            raise

    writers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not failures
    assert len(given) == 8 * 20 * 4 // 5
    running = sorted(int(number[-4:]) for number in given)
    assert running == list(range(1, len(given) + 1))


def test_counts_of_two_forms__do_not_mix(database: Database, now: datetime) -> None:
    other = Count("jxc", "transfer", "document_no")
    with database.transaction() as connection:
        counters.create(connection)
        given = [
            numbering.next_number(connection, count, XSCK, now=now, zone="UTC")[-4:]
            for count in (COUNT, other, COUNT, other, other)
        ]
    assert given == ["0001", "0001", "0002", "0002", "0003"]
