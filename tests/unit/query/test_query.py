"""Reading: pages forwards and back, filters, search, lookups, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert

from builder.publish import publish
from runtime import query
from runtime.catalogue import Catalogue
from runtime.compile import Form
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.db import Database
from runtime.infra.errors import BadRequest, Forbidden, ValidationFailed
from runtime.platform import set_up
from runtime.query import Filter, PageRequest
from runtime.query.search import search_text
from runtime.query.spans import relative_span
from tests.conftest import Fill
from tests.prepared import opened

NAMES = ["不锈钢六角螺栓", "镀锌平垫圈", "角磨机", "膨胀螺丝", "手拉葫芦", "钢卷尺", "100%棉手套"]
APP: dict[str, Any] = {
    "format": "dajian-app/1",
    "code": "demo",
    "label": "演示",
    "forms": [
        {
            "code": "item",
            "label": "商品",
            "type": "record",
            "title": "name",
            "list": ["item_no", "name", "price", "made_on"],
            "search": ["item_no", "name"],
            "fields": [
                {"code": "item_no", "kind": "text", "label": "编码", "unique": True},
                {"code": "name", "kind": "text", "label": "名称"},
                {"code": "price", "kind": "money", "label": "价格"},
                {"code": "made_on", "kind": "date", "label": "日期"},
                {"code": "seen_at", "kind": "datetime", "label": "时间"},
                {"code": "is_open", "kind": "boolean", "label": "在售"},
                {"code": "colour", "kind": "choice", "label": "颜色",
                 "options": {"options": [{"code": "red"}, {"code": "blue"}]}},
                {"code": "tags", "kind": "multi_choice", "label": "标签",
                 "options": {"options": [{"code": "a"}, {"code": "b"}]}},
                {"code": "parent_item", "kind": "reference", "label": "替代",
                 "options": {"form": "item"}},
                {"code": "cost", "kind": "money", "label": "成本"},
            ],
        }
    ],
    "roles": [
        {"code": "reader", "label": "读者",
         "grants": [{"form": "item", "verbs": ["view"], "hidden": ["cost"]}]},
        {"code": "own", "label": "自己",
         "grants": [{"form": "item", "verbs": ["view"], "rows": "own"}]},
    ],
}  # fmt: skip
NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
READER = Actor(5, "reader", frozenset({"reader"}))


def row(number: int) -> dict[str, Any]:
    name = NAMES[number % len(NAMES)]
    empty = number % 5 == 0
    return {
        "version": 1,
        "status": "active",
        "created_by": number % 2 + 1,
        "created_at": NOW,
        "updated_at": NOW,
        "search_text": search_text([f"SP{number:03}", name]),
        "f_item_no": f"SP{number:03}",
        "f_name": name,
        "f_price": None if empty else Decimal(number % 4) + Decimal("0.25"),
        "f_made_on": (NOW - timedelta(days=number)).date(),
        "f_seen_at": NOW - timedelta(hours=number),
        "f_is_open": None if empty else number % 2 == 0,
        "f_colour": ("red", "blue", None)[number % 3],
        "f_tags": (["a"], ["a", "b"], None)[number % 3],
        "f_parent_item": None,
        "f_cost": Decimal("1.00"),
    }


def forty_items(url: str) -> None:
    with opened(url) as database, database.transaction() as connection:
        set_up(connection)
        publish(Act(connection, SYSTEM, NOW), APP, "test")
        form = Catalogue().form(connection, "demo", "item")
        connection.execute(insert(form.table), [row(number) for number in range(40)])


@pytest.fixture
def reading(database: Database, fill: Fill) -> Iterator[tuple[Act, Form]]:
    fill("forty items", forty_items)
    with database.reading() as connection:
        yield Act(connection, READER, NOW), Catalogue().form(connection, "demo", "item")


SORTS = [
    "", "price", "-price", "made_on", "-made_on", "seen_at", "-seen_at", "name", "-is_open",
    "price,-made_on", "-is_open,price,name", "-price,colour",
]  # fmt: skip


@pytest.mark.parametrize("sort", SORTS)
def test_pages__forwards_and_back_show_each_row_once(reading: tuple[Act, Form], sort: str) -> None:
    act, form = reading
    pages = [query.page(act, form, PageRequest(sort=sort, size=7))]
    while pages[-1].next:
        pages.append(query.page(act, form, PageRequest(sort=sort, size=7, after=pages[-1].next)))
    ids = [row.id for page in pages for row in page.rows]
    assert sorted(ids) == list(range(1, 41))
    assert not pages[0].previous
    back = [pages[-1]]
    while back[-1].previous:
        back.append(query.page(act, form, PageRequest(sort=sort, size=7, before=back[-1].previous)))
    again = [row.id for page in reversed(back) for row in page.rows]
    assert again == ids


def test_sort__empty_values_first_going_up_last_going_down(reading: tuple[Act, Form]) -> None:
    act, form = reading
    up = query.page(act, form, PageRequest(columns=("price",), sort="price", size=50)).rows
    down = query.page(act, form, PageRequest(columns=("price",), sort="-price", size=50)).rows
    assert [r.values["price"] for r in up[:8]] == [None] * 8
    assert [r.id for r in down] == [r.id for r in reversed(up)]


FILTERS = [
    (Filter("name", "contains", ("螺",)), lambda r: "螺" in r["f_name"]),
    (Filter("name", "contains", ("100%",)), lambda r: "100%" in r["f_name"]),
    (Filter("name", "contains", ("1_0",)), lambda _: False),
    (Filter("item_no", "starts", ("SP00",)), lambda r: r["f_item_no"].startswith("SP00")),
    (Filter("item_no", "equals", ("SP007",)), lambda r: r["f_item_no"] == "SP007"),
    (Filter("price", "ge", ("2.25",)), lambda r: (r["f_price"] or 0) >= Decimal("2.25")),
    (Filter("price", "ne", ("0.25",)), lambda r: r["f_price"] != Decimal("0.25")),
    (Filter("price", "between", ("1", "2.5")), lambda r: 1 <= (r["f_price"] or 0) <= 2.5),
    (Filter("price", "empty"), lambda r: r["f_price"] is None),
    (Filter("made_on", "on", ("2026-11-20",)), lambda r: str(r["f_made_on"]) == "2026-11-20"),
    (Filter("made_on", "before", ("2026-11-01",)), lambda r: str(r["f_made_on"]) < "2026-11-01"),
    (Filter("made_on", "relative", ("last_7_days",)),
     lambda r: str(r["f_made_on"]) >= "2026-11-15"),
    (Filter("seen_at", "on", ("2026-11-21",)),
     lambda r: r["f_seen_at"] >= NOW - timedelta(hours=9, minutes=30)),
    (Filter("is_open", "is_true"), lambda r: r["f_is_open"] is True),
    (Filter("is_open", "is_false"), lambda r: not r["f_is_open"]),
    (Filter("colour", "any_of", ("red",)), lambda r: r["f_colour"] == "red"),
    (Filter("colour", "none_of", ("red",)), lambda r: r["f_colour"] != "red"),
    (Filter("tags", "has_any", ("b",)), lambda r: "b" in (r["f_tags"] or ())),
    (Filter("tags", "not_empty"), lambda r: r["f_tags"] is not None),
    (Filter("status", "any_of", ("draft",)), lambda _: False),
]  # fmt: skip


@pytest.mark.parametrize(("item", "wanted"), FILTERS, ids=[str(i) for i in range(len(FILTERS))])
def test_filter(reading: tuple[Act, Form], item: Filter, wanted: Any) -> None:
    act, form = reading
    request = PageRequest(filters=(item,), size=50)
    found = {r.id for r in query.page(act, form, request).rows}
    expected = {number + 1 for number in range(40) if wanted(row(number))}
    assert found == expected
    assert query.count(act, form, request) == len(expected)


REFUSED = [
    (PageRequest(filters=(Filter("cost", "ge", ("1",)),)), "a hidden field cannot be filtered"),
    (PageRequest(sort="cost"), "nor sorted"),
    (PageRequest(columns=("cost",)), "nor shown"),
    (PageRequest(filters=(Filter("nothing", "eq", ("1",)),)), "unknown field"),
    (PageRequest(filters=(Filter("price", "contains", ("1",)),)), "operator of another kind"),
    (PageRequest(filters=(Filter("price", "ge", ("abc",)),)), "not a number"),
    (PageRequest(filters=(Filter("price", "ge"),)), "no value"),
    (PageRequest(filters=(Filter("made_on", "on", ("soon",)),)), "not a date"),
    (PageRequest(filters=(Filter("colour", "any_of", ("green",)),)), "not an option"),
    (PageRequest(sort="price; DROP TABLE s_user"), "not a field"),
]


@pytest.mark.parametrize("wanted", [row[0] for row in REFUSED], ids=[row[1] for row in REFUSED])
def test_refused(reading: tuple[Act, Form], wanted: PageRequest) -> None:
    act, form = reading
    with pytest.raises(ValidationFailed):
        query.page(act, form, wanted)


@pytest.mark.parametrize(
    "cursor", ["x", "[]", "[1]", '["a","b"]', "[null,true]x", '[{"a":1},5]', "[" * 50]
)
def test_bad_cursor(reading: tuple[Act, Form], cursor: str) -> None:
    act, form = reading
    with pytest.raises(BadRequest):
        query.page(act, form, PageRequest(sort="price", after=cursor))


def test_rights__own_rows_only_and_none_without_a_grant(reading: tuple[Act, Form]) -> None:
    act, form = reading
    own = Act(act.connection, Actor(1, "me", frozenset({"own"})), NOW)
    assert len(query.page(own, form, PageRequest(size=50)).rows) == 20
    assert query.record(own, form, 1) is not None
    assert query.record(own, form, 2) is None
    nobody = Act(act.connection, Actor(1, "me"), NOW)
    for read in (query.page, query.count):
        with pytest.raises(Forbidden):
            read(nobody, form, PageRequest())
    with pytest.raises(Forbidden):
        query.record(nobody, form, 1)
    with pytest.raises(Forbidden):
        query.lookup(nobody, form, "")


def test_record__hidden_fields_are_not_there(reading: tuple[Act, Form]) -> None:
    act, form = reading
    found = query.record(act, form, 1)
    assert found is not None
    assert "cost" not in found.values
    assert found.title == "不锈钢六角螺栓"


SEARCHES = [
    ("螺栓", {0}),
    ("bxgljls", {0}),
    ("BXG", {0}),
    ("螺", {0, 3}),
    ("sp003", {3}),
    ("螺 sp003", {3}),
    ("%", {6}),
    ("_", set()),
    ("没有", set()),
]


@pytest.mark.parametrize(("text", "numbers"), SEARCHES)
def test_search(reading: tuple[Act, Form], text: str, numbers: set[int]) -> None:
    act, form = reading
    found = query.page(act, form, PageRequest(search=text, size=50)).rows
    assert {r.id - 1 for r in found if r.id <= 7} == numbers


def test_lookup__exact_code_before_prefix_before_the_rest(reading: tuple[Act, Form]) -> None:
    act, form = reading
    found = query.lookup(act, form, "sp00", columns=("item_no", "price"), fill=("price",))
    assert [r.shown["item_no"] for r in found] == [f"SP00{n}" for n in range(7)]
    exact = query.lookup(act, form, "sp007", columns=("item_no",))
    assert exact[0].shown == {"item_no": "SP007"}
    assert found[1].values["price"] == Decimal("1.25")


def test_lookup__never_fills_hidden_fields(reading: tuple[Act, Form]) -> None:
    act, form = reading
    found = query.lookup(act, form, "sp001", columns=("cost",), fill=("cost",))
    assert "cost" not in found[0].values
    assert found[0].shown == {}


def test_resolve__only_what_means_one_record(reading: tuple[Act, Form]) -> None:
    act, form = reading
    assert query.resolve(act, form, ["SP003", "角磨机", "nothing", " SP004 "]) == {
        "SP003": 4,
        "SP004": 5,
    }


RELATIVE = [
    # word, first, last (today is Saturday 2026-11-21)
    ("today", "2026-11-21", "2026-11-21"),
    ("yesterday", "2026-11-20", "2026-11-20"),
    ("this_week", "2026-11-16", "2026-11-22"),
    ("last_7_days", "2026-11-15", "2026-11-21"),
    ("last_30_days", "2026-10-23", "2026-11-21"),
    ("this_month", "2026-11-01", "2026-11-30"),
    ("last_month", "2026-10-01", "2026-10-31"),
    ("this_year", "2026-01-01", "2026-12-31"),
]


@pytest.mark.parametrize(("word", "first", "last"), RELATIVE)
def test_relative_span(word: str, first: str, last: str) -> None:
    span = relative_span(word, NOW.date())
    assert span is not None
    assert [str(day) for day in span] == [first, last]
