"""The versions of an app: what each changed, and going back to one with every record as it was."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from builder import drafts, history
from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import Conflict, NotFound
from runtime.query import records_by_id
from runtime.query.shapes import record_json
from tests.conftest import Fill
from tests.prepared import tables
from tests.unit.builder.test_plan_words import app, f

Json = dict[str, Any]
FIRST = app(f("x", label="备注"), f("price", "money", label="单价"))
SECOND = app(f("x", label="说明"), f("cost", "money", label="成本"))


class Shop:
    """An app published twice, with records of both versions in it."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now

    def act(self, what: Callable[[Act], Any]) -> Any:
        with self.database.transaction() as connection:
            return what(Act(connection, SYSTEM, self.now))

    @contextmanager
    def reading(self) -> Iterator[Act]:
        with self.database.reading() as connection:
            yield Act(connection, SYSTEM, self.now)

    def publish(self, source: Json, note: str) -> Any:
        self.now += timedelta(minutes=1)
        return self.act(lambda act: publish(act, source, note))

    def create(self, **values: Any) -> None:
        def work(act: Act) -> None:
            documents.create(act, Catalogue().form(act.connection, "demo", "thing"), values)

        self.act(work)

    def hashes(self) -> list[str]:
        """Every record as the API gives it."""
        with self.reading() as act:
            form = Catalogue().form(act.connection, "demo", "thing")
            ids = act.connection.execute(text("SELECT id FROM a_demo__thing ORDER BY id")).scalars()
            records = records_by_id(act.connection, form, list(ids))
            found = [record_json(records[key]) for key in sorted(records)]
        return [hashlib.sha256(json.dumps(each).encode()).hexdigest() for each in found]

    def definitions(self) -> list[str]:
        query = text("SELECT definition FROM s_app_version ORDER BY number")
        with self.reading() as act:
            return list(act.connection.execute(query).scalars())


@pytest.fixture
def shop(database: Database, fill: Fill, now: datetime) -> Shop:
    fill("tables", tables)
    made = Shop(database, now)
    made.publish(FIRST, "first")
    for number in range(3):
        made.create(name=f"n{number}", x="备注", price="1.50")
    return made


def test_history__says_who_when_why_and_how_much(shop: Shop) -> None:
    shop.publish(SECOND, "costs instead of prices")
    with shop.reading() as act:
        second, first = history.history(act, "demo")
        assert (second.number, second.by, second.note) == (2, "system", "costs instead of prices")
        assert (second.is_running, first.is_running) == (True, False)
        assert (second.added, second.changed, second.removed) == (1, 1, 1)
        assert (first.added, first.changed, first.removed) == (1, 0, 0)
        assert second.at - first.at == timedelta(minutes=1)
        assert history.history(act, "demo", limit=1) == (second,)
        assert history.history(act, "demo", before=2) == (first,)
        words = sorted(each.text.zh for each in history.difference(act, "demo", 1, 2))
        assert words == [
            "物品：删除字段“单价”",
            "物品：字段“说明”的名称：备注 → 说明",
            "物品：新增字段“成本”",
        ]


def test_back__definition_and_records_are_byte_for_byte_the_same(shop: Shop) -> None:
    before = shop.hashes()
    shop.publish(SECOND, "second")
    assert shop.hashes() != before
    done = shop.act(lambda act: history.roll_back(act, "demo", 1, base_version=2))
    assert done.app.version == 3
    assert shop.hashes() == before
    first, _, third = shop.definitions()
    assert third == first


def test_back_and_forth__what_came_meanwhile_is_kept(shop: Shop) -> None:
    shop.publish(SECOND, "second")
    shop.create(name="new", x="新", cost="2")
    after = shop.hashes()
    shop.act(lambda act: history.roll_back(act, "demo", 1))
    shop.act(lambda act: history.roll_back(act, "demo", 2))
    assert shop.hashes() == after
    assert len(set(shop.definitions())) == 2


def test_back_from_what_was_overtaken__is_refused(shop: Shop) -> None:
    shop.publish(SECOND, "second")
    shop.publish(app(f("x")), "third")
    with pytest.raises(Conflict):
        shop.act(lambda act: history.roll_back(act, "demo", 1, base_version=2))


def test_restored__is_a_draft_and_nothing_runs_otherwise(shop: Shop) -> None:
    shop.publish(SECOND, "second")
    before = shop.hashes()
    draft = shop.act(lambda act: history.restore(act, "demo", 1))
    assert draft.source == FIRST
    assert shop.hashes() == before
    with shop.reading() as act:
        assert Catalogue().app(act.connection, "demo").version == 2
        assert drafts.read(act, "demo").source == FIRST


@pytest.mark.parametrize(("code", "number"), [("demo", 9), ("demo", 0), ("none", 1)])
def test_what_is_not_there(shop: Shop, code: str, number: int) -> None:
    with shop.reading() as act, pytest.raises(NotFound):
        history.definition(act, code, number)


def test_same_again__is_no_version(shop: Shop) -> None:
    shop.publish(deepcopy(FIRST), "again")
    assert len(shop.definitions()) == 1
