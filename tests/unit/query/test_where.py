"""Conditions joined by and, or, not; views: kept, cleaned by rights, changed by who may."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select

from builder.publish import publish
from runtime import query
from runtime.catalogue import Catalogue
from runtime.compile import Form
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.db import Database
from runtime.infra.errors import Forbidden, NotFound, ValidationFailed
from runtime.platform import set_up
from runtime.query import Filter, PageRequest, Where, read_where, views, where_json
from tests.conftest import Fill
from tests.prepared import opened
from tests.unit.query.test_query import NOW

APP: dict[str, Any] = {
    "format": "dajian-app/1",
    "code": "demo",
    "label": "演示",
    "forms": [
        {"code": "customer", "label": "客户", "type": "record", "title": "name", "fields": [
            {"code": "name", "kind": "text", "label": "名称"},
            {"code": "limit", "kind": "money", "label": "额度"},
        ]},
        {"code": "order", "label": "订单", "type": "record", "title": "no",
         "list": ["no", "customer", "amount"],
         "views": [
            {"code": "big", "label": "大单", "columns": [{"field": "no"}, {"field": "secret"}],
             "where": {"field": "amount", "op": "ge", "values": ["30"]},
             "sort": [{"field": "secret"}, {"field": "amount", "descending": True}]},
            {"code": "told", "label": "会泄露的",
             "where": {"not": {"field": "secret", "op": "eq", "values": ["3"]}}},
            {"code": "leads", "label": "组长的", "roles": ["lead"]},
         ],
         "fields": [
            {"code": "no", "kind": "text", "label": "编号"},
            {"code": "customer", "kind": "reference", "label": "客户",
             "options": {"form": "customer"}},
            {"code": "amount", "kind": "money", "label": "金额"},
            {"code": "secret", "kind": "number", "label": "机密"},
            {"code": "seller", "kind": "user", "label": "业务员"},
            {"code": "lines", "kind": "lines", "label": "明细", "options": {"fields": [
                {"code": "qty", "kind": "number", "label": "数量"},
                {"code": "cost", "kind": "money", "label": "成本"},
            ]}},
         ]},
    ],
    "roles": [
        {"code": "clerk", "label": "文员", "grants": [
            {"form": "order", "verbs": ["view"], "hidden": ["secret", "lines.cost"]},
            {"form": "customer", "verbs": ["view"], "rows": "own", "hidden": ["limit"]},
        ]},
        {"code": "lead", "label": "组长", "grants": [
            {"form": "order", "verbs": ["view", "manage"]}]},
    ],
}  # fmt: skip
CLERK = Actor(5, "clerk", frozenset({"clerk"}))
OTHER = Actor(6, "other", frozenset({"clerk"}))
LEAD = Actor(7, "lead", frozenset({"lead"}))


def ten_orders(url: str) -> None:
    with opened(url) as database, database.transaction() as connection:
        set_up(connection)
        publish(Act(connection, SYSTEM, NOW), APP, "test")
        catalogue = Catalogue()
        customer = catalogue.form(connection, "demo", "customer").table
        order = catalogue.form(connection, "demo", "order")
        stamp = {"version": 1, "status": "active", "created_at": NOW, "updated_at": NOW}
        stamp |= {"search_text": ""}
        names = ["甲", "乙"]
        rows: list[dict[str, Any]] = [
            stamp | {"created_by": 5 + n, "f_name": name, "f_limit": Decimal(n)}
            for n, name in enumerate(names)
        ]
        connection.execute(insert(customer), rows)
        rows = [
            stamp | {"created_by": 5, "f_no": f"N{n}", "f_customer": n % 3 or None,
                     "f_amount": Decimal(n * 10) if n else None, "f_secret": Decimal(n),
                     "f_seller": 5 + n % 2}
            for n in range(10)
        ]  # fmt: skip
        connection.execute(insert(order.table), rows)
        lines = [
            {"parent_id": n + 1, "line_no": 1, "f_qty": Decimal(n), "f_cost": Decimal(n)}
            for n in range(0, 10, 2)
        ]
        connection.execute(insert(order.lines[0].table), lines)


@pytest.fixture
def act(database: Database, fill: Fill) -> Iterator[Act]:
    fill("ten orders", ten_orders)
    with database.transaction() as connection:
        yield Act(connection, CLERK, NOW)


@pytest.fixture
def orders(act: Act) -> Form:
    return Catalogue().form(act.connection, "demo", "order")


def leaf(field: str, op: str, *values: str) -> dict[str, Any]:
    return {"field": field, "op": op, "values": list(values)}


TREES: list[tuple[dict[str, Any], set[int]]] = [
    ({"all": [leaf("amount", "ge", "30"), leaf("amount", "le", "50")]}, {3, 4, 5}),
    ({"any": [leaf("amount", "lt", "20"), leaf("amount", "gt", "80")]}, {1, 9}),
    # An empty amount is neither more nor less, so "not more than 20" has it.
    ({"not": leaf("amount", "gt", "20")}, {0, 1, 2}),
    ({"not": {"any": [leaf("amount", "gt", "20"), leaf("no", "equals", "N1")]}}, {0, 2}),
    ({"all": [leaf("no", "starts", "N"), {"any": [leaf("amount", "eq", "10"),
      {"not": leaf("amount", "lt", "90")}]}]}, {0, 1, 9}),
    (leaf("lines.qty", "ge", "6"), {6, 8}),
    ({"not": leaf("lines.qty", "ge", "6")}, {0, 1, 2, 3, 4, 5, 7, 9}),
    # Of customers they see their own alone: what the others are called is not told.
    (leaf("customer.name", "contains", "甲"), {1, 4, 7}),
    (leaf("customer.name", "contains", "乙"), set()),
    (leaf("seller", "any_of", "me"), {0, 2, 4, 6, 8}),
    (leaf("created_by", "any_of", "me"), set(range(10))),
    (leaf("created_at", "relative", "last_days", "3"), set(range(10))),
    (leaf("created_at", "before", "2026-11-01"), set()),
    ({"any": []}, set(range(10))),
]  # fmt: skip


def test_where__finds(act: Act, orders: Form) -> None:
    for tree, wanted in TREES:
        request = PageRequest(where=read_where(tree), size=50)
        assert {row.id - 1 for row in query.page(act, orders, request).rows} == wanted, tree
        assert query.count(act, orders, request) == len(wanted), tree
        ids = act.connection.execute(query.matching(act, orders, request)).scalars()
        assert {key - 1 for key in ids} == wanted, tree


REFUSED = [
    leaf("secret", "eq", "3"),
    leaf("lines.cost", "eq", "3"),
    leaf("customer.limit", "eq", "3"),
    leaf("customer.name.x", "empty"),
    leaf("no.x", "empty"),
    leaf("amount", "starts", "3"),
    leaf("created_at", "relative", "last_days", "0"),
    leaf("created_at", "relative", "last_days", "99999"),
    leaf("created_at", "relative", "someday"),
]


def test_where__that_is_not_theirs_or_cannot_be(act: Act, orders: Form) -> None:
    for tree in REFUSED:
        with pytest.raises(ValidationFailed) as caught:
            query.page(act, orders, PageRequest(where=read_where({"any": [tree]})))
        assert caught.value.problems[0].pointer == "/where/any/0", tree


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ([], "filter_shape"),
        ({"some": []}, "filter_shape"),
        ({"all": [], "any": []}, "filter_shape"),
        ({"all": {}}, "filter_shape"),
        ({"field": 1, "op": "eq"}, "filter_shape"),
        ({"field": "a", "op": "eq", "values": "b"}, "filter_shape"),
        ({"field": "a", "op": "eq", "values": [1]}, "filter_shape"),
        ({"field": "a", "op": "eq", "value": "1"}, "filter_shape"),
        ({"all": [leaf("a", "empty")] * 31}, "filter_shape"),
        ({"all": [{"any": [leaf("a", "empty")] * 16}] * 2}, "filter_too_many"),
        ({"not": {"not": {"not": {"not": leaf("a", "empty")}}}}, "filter_too_deep"),
    ],
)
def test_where__of_the_wrong_shape(source: Any, code: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        read_where(source)
    assert caught.value.problems[0].code == code


@pytest.mark.parametrize("tree", [tree for tree, _ in TREES if "field" not in tree])
def test_where__written_as_it_was_read(tree: dict[str, Any]) -> None:
    found = read_where(tree)
    assert found is not None
    assert read_where(where_json(found)) == found


def test_where__a_comparison_alone_is_all_of_one() -> None:
    assert read_where(leaf("a", "empty")) == Where("all", (Filter("a", "empty"),))
    assert read_where(None) is None


def by_key(act: Act, form: Form) -> dict[str, query.View]:
    return {view.key: view for view in query.views_of(act, form)}


def test_views__of_the_definition_without_what_is_hidden(act: Act, orders: Form) -> None:
    found = by_key(act, orders)
    # Rows that depend on what is hidden would tell it, so that view is not theirs.
    assert set(found) == {"big"}
    assert [each.field for each in found["big"].definition.columns] == ["no"]
    assert found["big"].sort == "-amount"
    lead = replace(act, actor=LEAD)
    assert set(by_key(lead, orders)) == {"big", "told", "leads"}
    assert by_key(lead, orders)["big"].sort == "secret,-amount"


MINE: dict[str, Any] = {
    "label": "我的",
    "columns": [{"field": "no", "width": 90, "pinned": True}, {"field": "amount"}],
    "where": {"any": [leaf("amount", "ge", "30")]},
    "group": ["customer"],
    "totals": [{"field": "amount", "fn": "sum"}],
}


def test_views__ones_own_are_seen_and_changed_by_nobody_else(act: Act, orders: Form) -> None:
    made = query.add_view(act, orders, MINE)
    assert (made.is_shared, made.may_change) == (False, True)
    assert made.where == read_where(MINE["where"])
    assert query.view_of(act, orders, made.key) == made
    for other in (OTHER, LEAD):
        theirs = replace(act, actor=other)
        assert made.key not in by_key(theirs, orders)
        with pytest.raises(NotFound):
            query.remove_view(theirs, orders, made.key)
    changed = query.change_view(act, orders, made.key, {"label": "改过"})
    assert (changed.label.zh, changed.definition.columns) == ("改过", ())
    query.remove_view(act, orders, made.key)
    assert made.key not in by_key(act, orders)


def test_views__for_everybody_are_made_by_who_manages(act: Act, orders: Form) -> None:
    with pytest.raises(Forbidden):
        query.add_view(act, orders, MINE, shared=True)
    lead = replace(act, actor=LEAD)
    made = query.add_view(lead, orders, MINE | {"sort": [{"field": "secret"}]}, shared=True)
    seen = by_key(act, orders)[made.key]
    assert (seen.is_shared, seen.may_change, seen.sort) == (True, False, "")
    with pytest.raises(Forbidden):
        query.change_view(act, orders, made.key, MINE)
    with pytest.raises(Forbidden):
        query.remove_view(act, orders, made.key)
    with pytest.raises(Forbidden):
        query.remove_view(lead, orders, "big")


BAD: list[dict[str, Any]] = [
    {"label": "x", "columns": [{"field": "no", "width": 5000}]},
    {"label": "x", "sort": [{"field": "no"}] * 6},
    {"label": "", "columns": []},
    {"label": "x", "where": {"some": []}},
    {"label": "x", "where": leaf("secret", "eq", "3")},
    {"label": "x", "owner_id": 1},
]


def test_views__that_cannot_be_kept(act: Act, orders: Form) -> None:
    for source in BAD:
        with pytest.raises(ValidationFailed):
            query.add_view(act, orders, source)
    assert act.connection.execute(select(views.view_table.c.id)).first() is None
