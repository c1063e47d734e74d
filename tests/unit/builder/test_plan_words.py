"""What publishing does, said before it is done: in words, with the numbers it then comes to."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from builder.plan import plan
from builder.plan_words import PlanLine, plan_words
from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from tests.conftest import Fill
from tests.prepared import tables

Json = dict[str, Any]


def f(code: str, kind: str = "text", label: str = "", **options: Any) -> Json:
    return {"code": code, "kind": kind, "label": label or code, "options": options}


def app(*fields: Json, **more: Any) -> Json:
    thing = [f("name", label="名称"), *fields]
    form = {"code": "thing", "label": "物品", "type": "record", "fields": thing, "title": "name"}
    body = {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": [form]}
    return {**body, **more}


class Shop:
    """An app with records in it, and what publishing another version would do."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now

    def act(self, what: Callable[[Act], Any]) -> Any:
        with self.database.transaction() as connection:
            return what(Act(connection, SYSTEM, self.now))

    def publish(self, source: Json) -> Any:
        return self.act(lambda act: publish(act, source, "test"))

    def create(self, **values: Any) -> None:
        def work(act: Act) -> None:
            documents.create(act, Catalogue().form(act.connection, "demo", "thing"), values)

        self.act(work)

    def words(self, source: Json) -> tuple[PlanLine, ...]:
        with self.database.reading() as connection:
            made = compile_app(load_app(source), 99)
            return plan_words(connection, made, source, plan(connection, made))

    def said(self, source: Json) -> list[str]:
        return [line.text.zh for line in self.words(source)]


@pytest.fixture
def shop(database: Database, fill: Fill, now: datetime) -> Shop:
    fill("tables", tables)
    made = Shop(database, now)
    made.publish(app(f("x", label="备注"), f("price", "money", label="单价")))
    for x in ("1", "两个", None):
        made.create(name="n", x=x, price="1.50")
    return made


PRICE = f("price", "money", label="单价")
X = f("x", label="备注")
# what is published next, and what is said of it
SAID: list[tuple[Json, list[str]]] = [
    (app(X, PRICE), []),
    (app(X, PRICE, f("new", label="新")), ["“物品”新增字段“新”"]),
    (app(PRICE), ["“物品”不再有字段“备注”；2 条记录里的值保留，恢复字段就会回来"]),
    (
        app(f("x", "number", label="备注"), PRICE),
        ["“物品”的“备注”：2 个值转换为新类型，其中 1 个不能转换、会变成空的；原值另外保留"],
    ),
    (
        app(X, f("price", "text", label="单价")),
        ["“物品”的“单价”：3 个值全部转换为新类型，原值另外保留"],
    ),
    (
        app(X, f("price", "money", label="单价", places=4)),
        ["“物品”的“单价”多 2 位小数，已有的数值不变"],
    ),
    (app(X, {**PRICE, "index": True}), ["“物品”按“单价”建索引"]),
    (app({**X, "unique": True}, PRICE), ["“物品”的“备注”从此不能重复"]),
    (
        app(X, PRICE, f("twice", "formula", label="两倍", formula="=price*2", result="money")),
        ["“物品”新增字段“两倍”", "“物品”的 3 条记录重新计算：两倍"],
    ),
    (
        app(X, PRICE, f("rows", "lines", label="明细", fields=[f("qty")])),
        ["“物品”新增明细表“明细”"],
    ),
]


@pytest.mark.parametrize("at", range(len(SAID)))
def test_said(shop: Shop, at: int) -> None:
    source, wanted = SAID[at]
    assert shop.said(source) == wanted
    for line in shop.words(source):
        assert line.form == "thing"
        assert "…" not in line.text.zh + line.text.en


def test_new_and_gone_forms(shop: Shop) -> None:
    other = {"code": "other", "label": "别的", "type": "record", "fields": [f("name")]}
    assert shop.said(app(X, PRICE, forms=[other])) == [
        "新建表单“别的”的数据表",
        "不再有表单“物品”；它的 3 条记录保留，恢复表单就会回来",
    ]


def test_what_was_gone_before__is_no_news(shop: Shop) -> None:
    shop.publish(app(PRICE))
    assert shop.said(app(PRICE, f("new", label="新"))) == ["“物品”新增字段“新”"]
