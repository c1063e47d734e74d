"""Erasing what is kept of fields that are no more: asked for, counted, and only that."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from builder import purge
from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import Conflict, Forbidden, NotFound
from tests.conftest import Fill
from tests.prepared import tables
from tests.unit.builder.test_plan_words import app, f

Json = dict[str, Any]


class Shop:
    """An app with values of fields that are gone, or were of another kind."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now

    def act(self, what: Callable[[Act], Any]) -> Any:
        with self.database.transaction() as connection:
            return what(Act(connection, SYSTEM, self.now))

    def publish(self, source: Json, **more: Any) -> None:
        self.act(lambda act: publish(act, source, "test", **more))

    def create(self, **values: Any) -> None:
        def work(act: Act) -> None:
            documents.create(act, Catalogue().form(act.connection, "demo", "thing"), values)

        self.act(work)

    def kept(self) -> list[tuple[str, str, int]]:
        found: tuple[purge.Kept, ...] = self.act(lambda act: purge.kept(act, "demo"))
        return [(each.column, each.label, each.rows) for each in found]

    def purge(self, column: str, rows: int) -> Any:
        table = "a_demo__thing"
        return self.act(lambda act: purge.purge(act, "demo", table, column, rows=rows))

    def column(self, query: str) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(text(query)).scalars())


@pytest.fixture
def shop(database: Database, fill: Fill, now: datetime) -> Shop:
    fill("tables", tables)
    made = Shop(database, now)
    first = app(f("x", label="备注"), f("size", label="尺寸"))
    first["forms"][0]["search"] = ["name", "x"]
    made.publish(first)
    for number in range(3):
        made.create(name=f"n{number}", x="秘密" if number else None, size=str(number))
    made.publish(app(f("size", "number", label="尺寸")))
    return made


def test_what_is_kept(shop: Shop) -> None:
    assert shop.kept() == [("f_x", "备注", 2), ("o1_size", "尺寸", 3)]


def test_purged__is_gone_and_nothing_else(shop: Shop) -> None:
    before = shop.column("SELECT f_name FROM a_demo__thing ORDER BY id")
    assert shop.purge("f_x", 2) == 2
    assert shop.kept() == [("o1_size", "尺寸", 3)]
    assert shop.column("SELECT count(*) FROM a_demo__thing WHERE f_x IS NOT NULL") == [0]
    assert shop.column("SELECT f_name FROM a_demo__thing ORDER BY id") == before
    assert shop.column("SELECT count(*) FROM s_audit WHERE action = 'purge'") == [1]
    # Nobody finds a record by it any more, and the field comes back empty.
    words = shop.column("SELECT search_text FROM a_demo__thing")
    assert not any("秘密" in each for each in words)
    shop.publish(app(f("x", label="备注"), f("size", "number", label="尺寸")))
    assert shop.column("SELECT count(*) FROM a_demo__thing WHERE f_x IS NOT NULL") == [0]


@pytest.mark.parametrize(
    ("column", "rows", "refusal"),
    [
        ("f_x", 1, Conflict),
        ("f_name", 3, NotFound),
        ("f_size", 3, NotFound),
        ("id", 3, NotFound),
        ("search_text", 3, NotFound),
        ("f_x; DROP TABLE s_user", 2, NotFound),
    ],
)
def test_other_columns__are_refused(
    shop: Shop, column: str, rows: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        shop.purge(column, rows)
    assert len(shop.kept()) == 2


def test_tables_of_the_system__are_no_concern(shop: Shop) -> None:
    for table in ("s_user", "k_posting", "a_other__thing"):
        with pytest.raises(NotFound):
            shop.act(lambda act, table=table: purge.purge(act, "demo", table, "f_x", rows=1))


def test_who_is_no_administrator__may_not(shop: Shop) -> None:
    somebody = replace(SYSTEM, is_admin=False)

    def work(act: Act) -> None:
        purge.purge(replace(act, actor=somebody), "demo", "a_demo__thing", "f_x", rows=2)

    with pytest.raises(Forbidden):
        shop.act(work)
