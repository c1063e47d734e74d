"""What is kept names fields by their ids, so that a rename breaks no formula."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from builder.formula_places import find_place, formula_at, formula_places
from builder.packages import read_package
from builder.stored_formulas import with_ids
from runtime.compile import App, compile_app
from runtime.definitions import load_app

JXC = read_package(Path(__file__).parents[3] / "app_templates" / "jxc")


def shop(**formulas: str) -> dict[str, Any]:
    """An app with a form of lines, and the formulas given for its total and its lines' amount."""
    columns = [
        {"id": "f1", "code": "qty", "kind": "quantity", "label": "数量"},
        {"id": "f2", "code": "price", "kind": "money", "label": {"zh": "单价", "en": "Price"}},
        {
            "code": "amount", "kind": "formula", "label": "金额",
            "options": {"formula": formulas.get("amount", "=qty*price"), "result": "money"},
        },
    ]  # fmt: skip
    total = {"formula": formulas.get("total", "=SUM(lines.amount)"), "result": "money"}
    return {
        "format": "dajian-app/1", "code": "shop", "label": "店", "forms": [{
            "code": "sale", "label": "销售", "type": "record", "fields": [
                {"code": "name", "kind": "text", "label": "名称"},
                {"code": "day", "kind": "date", "label": "日期", "default": "=TODAY()"},
                {"id": "f9", "code": "lines", "kind": "lines", "label": "明细",
                 "options": {"fields": columns}},
                {"code": "total", "kind": "formula", "label": "合计", "options": total},
            ],
        }],
    }  # fmt: skip


def compiled(source: dict[str, Any]) -> App:
    return compile_app(load_app(source), 1)


def kept(source: dict[str, Any]) -> dict[str, str]:
    found = with_ids(source, compiled(source))
    return {place.path: place.text for place in formula_places(found)}


# as it was sent, as it is kept
WRITTEN = [
    ("={数量}*{单价}", "={f1}*{f2}"),
    ("=数量 * Price", "={f1} * {f2}"),
    # A code that is not the id: it may be given to another field.
    ("=qty*price", "={f1}*{f2}"),
    ("={f1}*{f2}", "={f1}*{f2}"),
    ("= f1 * f2", "= f1 * f2"),
]


@pytest.mark.parametrize(("sent", "stored"), WRITTEN)
def test_kept__by_ids(sent: str, stored: str) -> None:
    assert kept(shop(amount=sent))["lines.amount"] == stored


def test_kept__what_names_ids_stays_as_it_was_sent() -> None:
    assert with_ids(JXC, compiled(JXC)) is JXC
    assert kept(shop(total="=SUM(f9.amount)"))["total"] == "=SUM(f9.amount)"
    assert kept(shop())["total"] == "=SUM({f9.amount})"
    assert kept(shop())["day"] == "=TODAY()"


def test_kept__twice_is_once() -> None:
    source = shop(amount="={数量}*{单价}", total="=SUM({明细}.{金额})")
    once = with_ids(source, compiled(source))
    assert with_ids(once, compiled(dict(once))) is once


def test_rename__label_and_code() -> None:
    source = shop(amount="={数量}*{单价}", total="=SUM({明细}.{金额})")
    renamed: dict[str, Any] = deepcopy(dict(with_ids(source, compiled(source))))
    lines = renamed["forms"][0]["fields"][2]
    lines.update(code="goods", label="商品")
    columns = lines["options"]["fields"]
    columns[0].update(code="pieces", label="件数")
    columns[1].update(label="售价")
    columns[2].update(id="amount", code="worth", label="货款")
    app = compiled(renamed)
    place = find_place(renamed, "sale", "goods.worth", "formula")
    assert place is not None
    formula = formula_at(app, place)
    assert formula is not None
    assert formula.references == {("goods", "pieces"), ("goods", "price")}
    total = app.forms["sale"].by_code["total"].formula
    assert total is not None
    assert total.references == {("goods", "worth")}


def test_places__every_formula_and_default_of_jxc() -> None:
    found = list(formula_places(JXC))
    assert len({place.key for place in found}) == len(found)
    for place in found:
        formula = formula_at(compiled(JXC) if place is found[0] else APP, place)
        assert formula is not None, place.key
        assert formula.text == place.text
    changed = found[0].within(JXC, "=1")
    assert find_place(changed, *found[0].key).text == "=1"  # type: ignore[union-attr]
    assert find_place(JXC, *found[0].key) == found[0]
    assert find_place(JXC, "item", "none", "formula") is None


APP = compiled(JXC)


def test_places__roll_ups_checks_and_aggregate_tables() -> None:
    source = shop()
    sale = source["forms"][0]
    sale["checks"] = [{"formula": "={数量}>0", "message": "数量要大于 0", "lines": "lines"}]
    buyer = {"code": "buyer", "kind": "reference", "label": "买的人"}
    sale["fields"].append({**buyer, "options": {"form": "person"}})
    sums = {
        "form": "sale", "reference": "buyer", "measure": "sum", "field": "total",
        "where": "={合计}>0", "result": "money",
    }  # fmt: skip
    source["forms"].append({
        "code": "person", "label": "人", "type": "record", "fields": [
            {"code": "name", "kind": "text", "label": "名字"},
            {"code": "bought", "kind": "rollup", "label": "买了", "options": sums},
        ],
    })  # fmt: skip
    source["aggregates"] = [{
        "code": "by_day", "label": "每天", "dimensions": [{"code": "day", "label": "日期"}],
        "measures": [
            {"code": "worth", "label": "货款", "result": "money"},
            {"code": "double", "label": "双倍", "result": "money", "formula": "={货款}*2"},
        ],
        "sources": [{
            "form": "sale", "lines": "lines", "where": "={数量}>1",
            "dimensions": {"day": "day"},
            "measures": {"worth": {"op": "sum", "of": "={单价}*{数量}"}},
        }],
        "checks": [{"formula": "={货款}>=0", "message": "不能是负数"}],
    }]  # fmt: skip
    app = compiled(source)
    found = {place.key: place for place in formula_places(source)}
    assert set(found) == {
        ("sale", "day", "default"), ("sale", "lines.amount", "formula"),
        ("sale", "total", "formula"), ("sale", "lines.-", "check-1"),
        ("person", "bought", "where"), ("by_day", "double", "formula"),
        ("by_day", "-", "where-1"), ("by_day", "worth", "source-1"), ("by_day", "-", "check-1"),
    }  # fmt: skip
    assert all(formula_at(app, place) for place in found.values())
    now = {place.key: place.text for place in formula_places(with_ids(source, app))}
    assert now["sale", "lines.-", "check-1"] == "={f1}>0"
    assert now["person", "bought", "where"] == "={total}>0"
    assert now["by_day", "worth", "source-1"] == "={f2}*{f1}"
    assert now["by_day", "double", "formula"] == "={worth}*2"
