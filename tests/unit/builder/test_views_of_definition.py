"""Views in a definition: what is checked, and how they follow their fields through a draft."""

from typing import Any

import pytest

from builder.checks.views import views
from builder.drafts.renaming import Renaming
from builder.drafts.view_fields import follow_in_views, into_views, out_of_views
from builder.drafts.working import Working
from runtime.definitions import load_app
from runtime.definitions.view import read_view, write_view

VIEW: dict[str, Any] = {
    "code": "open",
    "label": {"zh": "未完", "en": "Open"},
    "type": "calendar",
    "columns": [{"field": "no", "width": 120, "pinned": True}, {"field": "customer"}],
    "where": {"any": [
        {"field": "amount", "op": "gt", "values": ["5"]},
        {"not": {"field": "customer.name", "op": "contains", "values": ["五金"]}},
        {"field": "lines.qty", "op": "ge", "values": ["1"]},
    ]},
    "sort": [{"field": "amount", "descending": True}, {"field": "no"}],
    "group": ["customer"],
    "totals": [{"field": "amount", "fn": "sum"}],
    "date": "day",
}  # fmt: skip


def app(view: dict[str, Any]) -> dict[str, Any]:
    lines = [{"code": "qty", "kind": "number", "label": "数量"}]
    return {
        "format": "dajian-app/1", "code": "demo", "label": "演示",
        "forms": [
            {"code": "customer", "label": "客户", "type": "record",
             "fields": [{"code": "name", "kind": "text", "label": "名称"}]},
            {"code": "order", "label": "订单", "type": "record", "views": [view], "fields": [
                {"code": "no", "kind": "text", "label": "编号"},
                {"code": "customer", "kind": "reference", "label": "客户",
                 "options": {"form": "customer"}},
                {"code": "day", "kind": "date", "label": "日期"},
                {"code": "amount", "kind": "money", "label": "金额"},
                {"code": "lines", "kind": "lines", "label": "明细", "options": {"fields": lines}},
            ]},
        ],
    }  # fmt: skip


def test_view__written_as_it_was_read() -> None:
    assert write_view(read_view(VIEW)) == VIEW


def test_view__that_is_right_has_no_problem() -> None:
    assert list(views(load_app(app(VIEW)))) == []


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"columns": [{"field": "gone"}]}, "", "field_unknown"),
        ({"group": ["lines"]}, "", "field_unknown"),
        ({"date": "amount"}, "/date", "view_field_needed"),
        ({"type": "kanban"}, "/lane", "view_field_needed"),
        ({"type": "gallery", "cover": "no"}, "/cover", "view_field_needed"),
        ({"roles": ["nobody"]}, "/roles", "role_unknown"),
        ({"where": {"field": "lines.gone", "op": "empty"}}, "/where", "field_unknown"),
        ({"where": {"field": "customer.gone", "op": "empty"}}, "/where", "field_unknown"),
        ({"where": {"all": [{"field": "no"}]}}, "/where/all/0", "filter_shape"),
        ({"where": {"all": [], "any": []}}, "/where", "filter_shape"),
        (
            {"where": {"not": {"not": {"not": {"not": {"field": "no", "op": "empty"}}}}}},
            "/where/not/not/not",
            "filter_too_deep",
        ),
    ],
)
def test_view__that_is_wrong(change: dict[str, Any], pointer: str, code: str) -> None:
    found = [(each.pointer, each.code) for each in views(load_app(app(VIEW | change)))]
    assert found == [(f"/forms/1/views/0{pointer}", code)]


def working() -> Working:
    return Working(app(VIEW), [], [])


def view_of(work: Working) -> Any:
    return work.source["forms"][1]["views"][0]


def test_rename__views_follow_a_field_of_their_form() -> None:
    work = working()
    follow_in_views(work, Renaming("order", None, "amount", "total"))
    view = view_of(work)
    assert [key["field"] for key in view["sort"]] == ["total", "no"]
    assert view["totals"] == [{"field": "total", "fn": "sum"}]
    assert view["where"]["any"][0]["field"] == "total"


def test_rename__views_follow_a_column_and_a_field_of_another_form() -> None:
    work = working()
    follow_in_views(work, Renaming("order", "lines", "qty", "count"))
    follow_in_views(work, Renaming("customer", None, "name", "title"))
    parts = view_of(work)["where"]["any"]
    assert parts[1]["not"]["field"] == "customer.title"
    assert parts[2]["field"] == "lines.count"


def test_removal__leaves_the_views_and_comes_back_to_its_place() -> None:
    work = working()
    form = work.form("order")
    places: dict[str, Any] = {}
    out_of_views(form, "amount", places)
    assert view_of(work)["sort"] == [{"field": "no"}]
    assert "totals" not in view_of(work)
    into_views(form, places)
    assert view_of(work) == VIEW
