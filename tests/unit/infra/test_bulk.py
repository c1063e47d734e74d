"""Many rows at once are the rows one by one: the same values, the same ids, the same refusals."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, Text, delete, insert, select
from sqlalchemy.exc import IntegrityError

from runtime.infra.bulk import draw_keys, insert_rows
from runtime.infra.columns import ExactDecimal, Flag, Instant, IsoDate, JsonText, Key
from runtime.infra.db import Database

TABLE = Table(
    "a_bulk__Row",
    MetaData(),
    Column("id", Key(), primary_key=True, autoincrement=True),
    Column("qty", ExactDecimal(6)),
    Column("day", IsoDate()),
    Column("at", Instant()),
    Column("flag", Flag()),
    Column("body", JsonText()),
    Column("f_name", Text, unique=True),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {"qty": Decimal("0.1"), "day": date(2026, 2, 28), "at": NOON, "flag": True,
     "body": {"价": "1"}, "f_name": "甲\t乙\\N\n丙"},
    {"qty": None, "day": None, "at": None, "flag": None, "body": None, "f_name": None},
    {"qty": Decimal("-123456789012.345678"), "day": date(1900, 1, 1), "at": NOON, "flag": False,
     "body": [], "f_name": ""},
]  # fmt: skip


def test_rows_come_out_as_they_went_in(database: Database) -> None:
    with database.transaction() as connection:
        TABLE.create(connection)
        keys = draw_keys(connection, TABLE, len(ROWS))
        insert_rows(connection, TABLE, [{"id": k, **r} for k, r in zip(keys, ROWS, strict=True)])
        one_by_one = [connection.execute(insert(TABLE), {**r, "f_name": None}) for r in ROWS]
        found = connection.execute(select(TABLE).order_by(TABLE.c.id)).mappings().all()
    assert keys == [1, 2, 3]
    assert [each.inserted_primary_key[0] for each in one_by_one] == [4, 5, 6]
    for row, alone, wanted in zip(found, found[3:], ROWS, strict=False):
        assert {name: row[name] for name in wanted} == wanted
        assert {name: alone[name] for name in wanted} == {**wanted, "f_name": None}


def test_no_id_is_given_twice(database: Database) -> None:
    with database.transaction() as connection:
        TABLE.create(connection)
        assert draw_keys(connection, TABLE, 1) == [1]
        insert_rows(connection, TABLE, [{"id": 1, **ROWS[0]}])
        first = draw_keys(connection, TABLE, 2)
        insert_rows(connection, TABLE, [{"id": key, **ROWS[1]} for key in first])
        connection.execute(delete(TABLE).where(TABLE.c.id == first[-1]))
        later = draw_keys(connection, TABLE, 2)
        insert_rows(connection, TABLE, [{"id": key, **ROWS[1]} for key in later])
        last = connection.execute(insert(TABLE), ROWS[1]).inserted_primary_key
    assert first[0] > 1
    assert later[0] > first[-1]
    assert last is not None
    assert last[0] > later[-1]


def test_a_value_that_is_there_twice_is_told_as_everywhere(database: Database) -> None:
    with database.transaction() as connection:
        TABLE.create(connection)
    twice = [{"f_name": "甲", "qty": Decimal(1)}, {"f_name": "甲", "qty": Decimal(2)}]
    with pytest.raises(IntegrityError), database.transaction() as connection:
        insert_rows(connection, TABLE, twice)
    with database.transaction() as connection:
        insert_rows(connection, TABLE, [])
        assert connection.execute(select(TABLE)).all() == []
