"""A field of another kind: what becomes of each value, asked first and then carried out."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from builder import retype
from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.compile import App
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import NotFound, ValidationFailed
from tests.conftest import Fill
from tests.prepared import tables

Json = dict[str, Any]
GRADES = {"options": [{"code": "a", "label": "甲"}, {"code": "b", "label": "乙"}]}


def field(code: str, kind: str = "text", **options: Any) -> Json:
    return {"code": code, "kind": kind, "label": code, "options": options}


def app(*fields: Json, lines: Json | None = None) -> Json:
    table = field("lines", "lines", fields=[lines or field("qty")])
    thing = [field("name"), *fields, table]
    maker = [field("name")]
    forms = [
        {"code": "maker", "label": "厂家", "type": "record", "fields": maker, "title": "name"},
        {"code": "thing", "label": "物品", "type": "record", "fields": thing, "title": "name"},
    ]
    return {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": forms}


class Shop:
    """An app that is published, filled, and published again."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now

    def act(self, what: Callable[[Act], Any]) -> Any:
        with self.database.transaction() as connection:
            return what(Act(connection, SYSTEM, self.now))

    def publish(self, source: Json, **more: Any) -> Any:
        return self.act(lambda act: publish(act, source, "test", **more))

    def app(self) -> App:
        with self.database.reading() as connection:
            return Catalogue().app(connection, "demo")

    def create(self, form: str, **values: Any) -> int:
        made = self.act(lambda act: documents.create(act, self.app().forms[form], values))
        return int(made.id)

    def tried(self, code: str, kind: str, lines: str | None = None, **options: Any) -> Any:
        """The dry run, with what fails read to its end."""
        app = self.app()
        with self.database.reading() as connection:
            act = Act(connection, SYSTEM, self.now)
            run = retype.dry_run(act, app, "thing", lines, code, kind, options)
            return run, list(run.failing())


@pytest.fixture
def shop(database: Database, fill: Fill, now: datetime) -> Shop:
    fill("tables", tables)
    return Shop(database, now)


# kind of the values, the values, kind they shall be, what they read as then (None: it fails)
RETYPED: list[tuple[Json, list[Any], Json, list[str | None]]] = [
    (field("x"), ["12", "1,234.5", "abc"], field("x", "number"), ["12", "1,234.5", None]),
    (field("x"), ["1.239"], field("x", "money"), [None]),
    (field("x"), ["1.230"], field("x", "money"), ["1.23"]),
    (field("x"), ["2026年1月2日", "soon"], field("x", "date"), ["2026-01-02", None]),
    (field("x"), ["甲", "b", "丙"], field("x", "choice", **GRADES), ["甲", "乙", None]),
    (field("x", "choice", **GRADES), ["a", "b"], field("x"), ["甲", "乙"]),
    (field("x"), ["是", "√", "maybe"], field("x", "boolean"), ["是", "是", None]),
    (field("x", "boolean"), [True, False], field("x"), ["是", "否"]),
    (field("x", "number", places=3), ["1.5", "1.25"], field("x", "money"), ["1.50", "1.25"]),
    (field("x", "number", places=3), ["1.255", "1.25"], field("x", "money"), [None, "1.25"]),
    (field("x", "money"), ["12.30", "12.34"], field("x", "money", places=1), ["12.3", None]),
    (field("x", "money"), ["1234.50"], field("x"), ["1,234.50"]),
    (field("x", "date"), [date(2026, 11, 21)], field("x", "datetime"), ["2026-11-21 00:00"]),
    (field("x", "number"), ["5"], field("x", "number", max="3"), [None]),
    (field("x", "long_text"), ["short", "w" * 300], field("x"), ["short", None]),
    (field("x", "long_text"), ["two\nlines"], field("x"), [None]),
]  # fmt: skip


@pytest.mark.parametrize("at", range(len(RETYPED)))
def test_dry_run(shop: Shop, at: int) -> None:
    before, values, after, wanted = RETYPED[at]
    shop.publish(app(before))
    for value in values:
        shop.create("thing", name="n", x=value)
    run, failing = shop.tried("x", after["kind"], **after["options"])
    kept = [text for text in wanted if text is not None]
    assert (run.total, run.convertible, run.empty_after) == (
        len(values),
        len(kept),
        len(values) - len(kept),
    )
    assert [each.after for each in run.examples] == kept[:5]
    assert len(failing) == run.empty_after
    for each in failing:
        assert each.why("zh")
        assert each.why("en")
        assert each.title == "n"


def test_lines__say_which_line(shop: Shop) -> None:
    shop.publish(app())
    record = shop.create("thing", name="螺栓", lines=[{"qty": "1"}, {"qty": "两个"}, {"qty": ""}])
    run, failing = shop.tried("qty", "quantity", "lines")
    assert (run.total, run.convertible) == (2, 1)
    (wrong,) = failing
    assert (wrong.record_id, wrong.line_no, wrong.text) == (record, 2, "两个")
    head, row = retype.as_table(failing)
    assert head == ("记录", "行号", "原来的值", "不能转换的原因")
    assert row[:3] == ("螺栓", "2", "两个")


def test_reference__is_found_by_what_it_is_called(shop: Shop) -> None:
    shop.publish(app(field("x")))
    shop.create("maker", name="固特")
    for name in ("固特", "没有"):
        shop.create("thing", name="n", x=name)
    run, failing = shop.tried("x", "reference", form="maker")
    assert (run.total, run.convertible) == (2, 1)
    assert [each.text for each in failing] == ["没有"]


def test_reference__is_what_it_is_called(shop: Shop) -> None:
    shop.publish(app(field("x", "reference", form="maker")))
    shop.create("thing", name="n", x=shop.create("maker", name="固特"))
    run, _ = shop.tried("x", "text")
    assert [(each.before, each.after) for each in run.examples] == [("固特", "固特")]


def test_unique__two_that_become_one_fail(shop: Shop) -> None:
    shop.publish(app({**field("x"), "unique": True}))
    for text in ("1", "01", "2"):
        shop.create("thing", name="n", x=text)
    run, failing = shop.tried("x", "number")
    assert (run.total, run.convertible) == (3, 2)
    assert [each.code for each in failing] == ["retype_twice"]


def test_computed__sets_the_values_aside(shop: Shop) -> None:
    shop.publish(app(field("x")))
    shop.create("thing", name="n", x="1")
    run, failing = shop.tried("x", "formula", formula="=1", result="number")
    assert (run.total, run.is_computed, failing) == (1, True, [])


@pytest.mark.parametrize(
    ("code", "kind", "options", "refusal"),
    [
        ("none", "text", {}, NotFound),
        ("x", "magic", {}, ValidationFailed),
        ("x", "number", {"places": 99}, ValidationFailed),
        ("x", "reference", {"form": "none"}, ValidationFailed),
    ],
)
def test_what_cannot_be__is_refused(
    shop: Shop, code: str, kind: str, options: Json, refusal: type[Exception]
) -> None:
    shop.publish(app(field("x")))
    with pytest.raises(refusal):
        shop.tried(code, kind, **options)
