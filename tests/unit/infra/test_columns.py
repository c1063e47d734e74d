"""What goes into an exact column comes out of it; what is not exact does not go in."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, Text, func, insert, inspect, select
from sqlalchemy.exc import StatementError

from runtime.infra.columns import ExactDecimal, Flag, Instant, IsoDate, JsonText, Key
from runtime.infra.db import Database

TABLE = Table(
    "exact",
    MetaData(),
    Column("id", Key(), primary_key=True),
    Column("qty", ExactDecimal(6)),
    Column("price", ExactDecimal(10)),
    Column("day", IsoDate()),
    Column("at", Instant()),
    Column("flag", Flag()),
    Column("body", JsonText()),
    Column("name", Text),
    sqlite_strict=True,
)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)

KEPT = [
    # column, what goes in, what comes out
    ("qty", Decimal("0.1"), Decimal("0.100000")),
    ("qty", Decimal("-123456789012.345678"), Decimal("-123456789012.345678")),
    ("qty", 7, Decimal("7.000000")),
    ("price", Decimal("0.0000000001"), Decimal("0.0000000001")),
    ("day", date(2026, 2, 28), date(2026, 2, 28)),
    ("at", NOON, NOON),
    ("at", NOON.replace(microsecond=1), NOON.replace(microsecond=1)),
    ("at", NOON.astimezone(timezone(timedelta(hours=8))), NOON),
    ("flag", True, True),
    ("flag", False, False),
    ("body", {"a": [1, "二", None, True]}, {"a": [1, "二", None, True]}),
    ("body", {"exact": Decimal("1.10")}, {"exact": "1.10"}),
    ("name", "螺栓", "螺栓"),
]


@pytest.fixture
def exact(database: Database) -> Database:
    with database.transaction() as connection:
        TABLE.create(connection)
    return database


@pytest.mark.parametrize(("column", "value", "kept"), KEPT)
def test_kept(exact: Database, column: str, value: Any, kept: Any) -> None:
    with exact.transaction() as connection:
        connection.execute(insert(TABLE).values({column: value}))
    with exact.reading() as connection:
        assert connection.execute(select(TABLE.c[column])).scalar_one() == kept
        assert connection.execute(select(TABLE.c.id).where(TABLE.c[column] == value)).all()


REFUSED = [
    ("qty", 0.1, "not exact"),
    ("qty", Decimal("0.0000001"), "more than 6 places"),
    ("qty", Decimal("1.00000000000000000000000000001"), "more than 6 places"),
    ("qty", Decimal(10) ** 15, "out of range"),
    ("qty", True, "not exact"),
    ("at", datetime(2026, 11, 21), "needs its zone"),  # noqa: DTZ001 - naive is the point
]


@pytest.mark.parametrize(
    ("column", "value", "why"), REFUSED, ids=[f"{row[2]} {row[1]}" for row in REFUSED]
)
def test_refused(exact: Database, column: str, value: Any, why: str) -> None:
    with pytest.raises((AssertionError, StatementError), match=why), exact.transaction() as found:
        found.execute(insert(TABLE).values({column: value}))
    with exact.reading() as connection:
        assert connection.execute(select(func.count()).select_from(TABLE)).scalar() == 0


def test_sum_of_ten_tenths_is_one(exact: Database) -> None:
    with exact.transaction() as connection:
        connection.execute(insert(TABLE), [{"qty": Decimal("0.1")}] * 10)
    with exact.reading() as connection:
        assert connection.execute(select(func.sum(TABLE.c.qty))).scalar() == Decimal(1)


def test_instants_and_dates_sort_by_time(exact: Database) -> None:
    moments = [
        NOON + timedelta(microseconds=step) for step in (0, 1, 10, 1_000_000, 86_400_000_000)
    ]
    with exact.transaction() as connection:
        rows = [{"at": moment, "day": moment.date()} for moment in reversed(moments)]
        connection.execute(insert(TABLE), rows)
    with exact.reading() as connection:
        assert (
            list(connection.execute(select(TABLE.c.at).order_by(TABLE.c.at)).scalars()) == moments
        )


def test_no_column_is_a_float(exact: Database) -> None:
    with exact.reading() as connection:
        kinds = {str(column["type"]).upper() for column in inspect(connection).get_columns("exact")}
    assert not {kind for kind in kinds if "REAL" in kind or "FLOAT" in kind or "DOUBLE" in kind}


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=6))
def test_scaled_integer__there_and_back(number: Decimal) -> None:
    class Sqlite:
        name = "sqlite"

    kind, dialect = ExactDecimal(6), Sqlite()
    stored = kind.process_bind_param(number, dialect)  # type: ignore[arg-type]
    assert isinstance(stored, int)
    assert kind.process_result_value(stored, dialect) == number  # type: ignore[arg-type]


def test_transaction__rolls_back_whole(exact: Database) -> None:
    def fail_half_way() -> None:
        with exact.transaction() as connection:
            connection.execute(insert(TABLE).values(name="a"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with exact.reading() as connection:
        assert connection.execute(select(TABLE)).all() == []


def test_reading__sees_one_moment_and_writes_nothing(exact: Database) -> None:
    with exact.reading() as reader:
        before = reader.execute(select(func.count()).select_from(TABLE)).scalar()
        with exact.transaction() as writer:
            writer.execute(insert(TABLE).values(name="later"))
        assert reader.execute(select(func.count()).select_from(TABLE)).scalar() == before == 0
