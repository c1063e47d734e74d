"""A field of another kind: what becomes of each value, asked first and then carried out."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from builder import retype
from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.compile import App
from runtime.infra import jobs
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import NotFound, ValidationFailed
from runtime.infra.settings import read, with_secret
from runtime.tasks import TASKS
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
    for value in ("1", "01", "2"):
        shop.create("thing", name="n", x=value)
    run, failing = shop.tried("x", "number")
    assert (run.total, run.convertible) == (3, 2)
    assert [each.code for each in failing] == ["retype_twice"]


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("location", ("31.2, 121.4", "31.20,121.40", "39.9, 116.4")),
        ("address", ("北京市东城区", "北京市 东城区", "上海市黄浦区")),
    ],
)
def test_unique__a_place_is_compared_as_well(shop: Shop, kind: str, texts: tuple[str, ...]) -> None:
    shop.publish(app({**field("x"), "unique": True}))
    for value in texts:
        shop.create("thing", name="n", x=value)
    run, failing = shop.tried("x", kind)
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


def column(shop: Shop, name: str, table: str = "a_demo__thing") -> list[Any]:
    """What a column of the database holds, whatever the app knows of it."""
    with shop.database.reading() as connection:
        kept = connection.execute(text(f"SELECT {name} FROM {table} ORDER BY id"))
        return list(kept.scalars())


def values(shop: Shop, code: str) -> list[Any]:
    form = shop.app().forms["thing"]
    with shop.database.reading() as connection:
        wanted = form.by_code[code].column
        assert wanted is not None
        return list(connection.execute(select(wanted).order_by(form.table.c.id)).scalars())


@pytest.mark.parametrize("at", range(len(RETYPED)))
def test_published__as_the_dry_run_said(shop: Shop, at: int) -> None:
    before, entered, after, wanted = RETYPED[at]
    shop.publish(app(before))
    for value in entered:
        shop.create("thing", name="n", x=value)
    lost = sum(each is None for each in wanted)
    if before["kind"] == after["kind"] == "number":
        return  # another bound is no other kind: it is asked of what is written from now on
    if lost:
        with pytest.raises(ValidationFailed) as caught:
            shop.publish(app(after))
        (problem,) = caught.value.problems
        assert problem.code == "retype_loses"
        assert problem.pointer == "/forms/1/fields/1/kind"
        assert (problem.params["path"], problem.params["count"]) == ("thing.x", lost)
        assert shop.app().version == 1
    done = shop.publish(app(after), confirmed={"thing.x": lost})
    x = shop.app().forms["thing"].by_code["x"]
    shown = [None if value is None else x.format(value) for value in values(shop, "x")]
    assert shown == wanted
    kinds = {change.kind for change in done.plan.changes}
    if "convert_column" in kinds:
        assert len(column(shop, "o1_x")) == len(entered)
        assert None not in column(shop, "o1_x")


def test_wrong_count_confirmed__is_refused(shop: Shop) -> None:
    shop.publish(app(field("x")))
    for value in ("1", "a", "b"):
        shop.create("thing", name="n", x=value)
    for count in (0, 1, 3):
        with pytest.raises(ValidationFailed):
            shop.publish(app(field("x", "number")), confirmed={"thing.x": count})
    assert values(shop, "x") == ["1", "a", "b"]


def test_retyped_and_back__nothing_is_lost(shop: Shop) -> None:
    shop.publish(app(field("x")))
    for value in ("1", "a"):
        shop.create("thing", name="n", x=value)
    shop.publish(app(field("x", "number")), confirmed={"thing.x": 1})
    shop.publish(app(field("x")))
    assert values(shop, "x") == ["1", None]
    assert column(shop, "o1_x") == ["1", "a"]


def test_lines_and_what_reads_them(shop: Shop, tmp_path: Any) -> None:
    """Values of lines convert in their rows, and what is computed of them follows."""
    total = field("total", "formula", formula="=SUM(lines.qty)", result="number")
    shop.publish(app())
    shop.create("thing", name="n", lines=[{"qty": "1.5"}, {"qty": "2"}])
    shop.publish(app(total, lines=field("qty", "quantity")))
    settings = with_secret(read({"DAJIAN_HOME": str(tmp_path)}))
    while jobs.run_one(shop.database, settings, TASKS):
        pass
    assert values(shop, "total") == [Decimal("3.5")]


def test_reference__points_to_what_it_was_called(shop: Shop) -> None:
    shop.publish(app(field("x")))
    maker = shop.create("maker", name="固特")
    shop.create("thing", name="n", x="固特")
    shop.publish(app(field("x", "reference", form="maker")))
    assert values(shop, "x") == [maker]
    shop.publish(app(field("x")))
    assert values(shop, "x") == ["固特"]
    # What is set aside keeps nobody from deleting.
    shop.publish(app(field("x", "reference", form="maker")))
    assert values(shop, "x") == [maker]


def test_unique_and_indexed__are_so_again(shop: Shop) -> None:
    shop.publish(app({**field("x"), "unique": True, "index": True}))
    shop.create("thing", name="n", x="1")
    shop.publish(app({**field("x", "number"), "unique": True, "index": True}))
    assert values(shop, "x") == [Decimal(1)]
    with pytest.raises(ValidationFailed):
        shop.create("thing", name="n", x="1.00")


def test_another_field_under_the_same_code__begins_empty(shop: Shop) -> None:
    shop.publish(app({**field("x"), "id": "x1"}))
    shop.create("thing", name="n", x="secret")
    done = shop.publish(app({**field("x"), "id": "x2"}))
    assert [(c.kind, c.rows) for c in done.plan.changes] == [("set_aside", 1)]
    assert values(shop, "x") == [None]
    assert column(shop, "o1_x") == ["secret"]


def test_removed_and_another_kind_comes__begins_empty(shop: Shop) -> None:
    shop.publish(app(field("x")))
    shop.create("thing", name="n", x="free text")
    shop.publish(app())
    shop.publish(app(field("x", "choice", **GRADES)))
    assert values(shop, "x") == [None]
    assert column(shop, "o2_x") == ["free text"]


def test_entered_becomes_computed__what_was_entered_stays_aside(shop: Shop, tmp_path: Any) -> None:
    shop.publish(app(field("x", "number")))
    shop.create("thing", name="n", x="7")
    shop.publish(app(field("x", "formula", formula="=1+1", result="number")))
    settings = with_secret(read({"DAJIAN_HOME": str(tmp_path)}))
    while jobs.run_one(shop.database, settings, TASKS):
        pass
    assert values(shop, "x") == [Decimal(2)]
    assert [Decimal(each) for each in column(shop, "o1_x")] in ([Decimal(7)], [Decimal(700)])
