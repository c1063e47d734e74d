"""Lookups, formulas and defaults: what the system fills, in which order."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from runtime.compile import compile_app, compute, defaults, missing, validate
from runtime.compile.model import Form
from runtime.compile.programs import wanted_references
from runtime.definitions import load_app
from runtime.infra.errors import ValidationFailed

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # already the 21st in Shanghai


def f(code: str, kind: str, **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, "options": options}


def formula(code: str, text: str, result: str = "money", **options: Any) -> dict[str, Any]:
    return f(code, "formula", formula=text, result=result, **options)


def form(*fields: dict[str, Any], lines: tuple[dict[str, Any], ...] = ()) -> Form:
    every = list(fields)
    if lines:
        every.append(f("lines", "lines", fields=list(lines)))
    item = {
        "code": "item",
        "label": "商品",
        "type": "record",
        "fields": [f("name", "text"), f("price", "money", places=4), f("made_on", "date")],
    }
    order = {"code": "order", "label": "订单", "type": "document", "fields": every}
    app = {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": [item, order]}
    return compile_app(load_app(app), 1).forms["order"]


LINES = (f("item", "reference", form="item"), f("qty", "quantity"), f("price", "money", places=4))


def test_lines_then_totals() -> None:
    order = form(
        formula("total", "=SUM(lines.amount)"),
        formula("with_tax", "=ROUND(total*1.13,2)"),
        lines=(*LINES, formula("amount", "=ROUND(qty*price,2)")),
    )
    found = compute(
        order,
        {"lines": [{"qty": Decimal(3), "price": Decimal("1.005")}, {"qty": None, "price": None}]},
        {},
        NOW,
    )
    assert [line["amount"] for line in found["lines"]] == [Decimal("3.02"), Decimal("0.00")]
    assert (found["total"], found["with_tax"]) == (Decimal("3.02"), Decimal("3.41"))


def test_lookup__then_a_formula_on_it() -> None:
    order = form(
        lines=(
            *LINES,
            f("list_price", "lookup", reference="item", field="price"),
            formula("gain", "=price-list_price"),
        )
    )
    values = {"lines": [{"item": 7, "price": Decimal(12)}, {"item": None, "price": None}]}
    references = {"item": {7: {"price": Decimal("10.5000")}}}
    found = compute(order, values, references, NOW)["lines"]
    assert [(line["list_price"], line["gain"]) for line in found] == [
        (Decimal("10.5000"), Decimal("1.50")),
        (None, Decimal("0.00")),
    ]
    assert wanted_references(order, values) == {"item": {7}}


RESULTS = [
    # formula, kind of the result, what is kept
    ("=1/3", "number", Decimal("0.33")),
    ("=2.005", "money", Decimal("2.01")),
    ("=-2.005", "money", Decimal("-2.01")),
    ("=1/0", "money", None),
    ('="a"&1', "text", "a1"),
    ("=TODAY()", "date", date(2026, 11, 21)),
    ("=1>2", "boolean", False),
    ("=0.13", "percent", Decimal("0.1300")),
]


@pytest.mark.parametrize(("text", "result", "kept"), RESULTS)
def test_result_is_kept_on_its_scale(text: str, result: str, kept: Any) -> None:
    assert compute(form(formula("x", text, result)), {}, {}, NOW)["x"] == kept


BAD = [
    # fields, code, pointer
    ([formula("a", "=b"), formula("b", "=a")], "formula_cycle", "/forms/1/fields"),
    ([formula("a", "=nothing+1")], "formula_name_unknown", "/forms/1/fields/0/options/formula"),
    ([f("a", "lookup", reference="x", field="y")], "reference_field_unknown",
     "/forms/1/fields/0/options/reference"),
    ([f("r", "reference", form="item"), f("a", "lookup", reference="r", field="y")],
     "lookup_field_unknown", "/forms/1/fields/1/options/field"),
    ([f("r", "reference", form="nothing")], "form_unknown", "/forms/1/fields/0/options/form"),
    ([{**f("n", "number"), "default": "abc"}], "default_invalid", "/forms/1/fields/0/default"),
    ([f("l", "lines", fields=[f("m", "lines", fields=[f("n", "text")])])], "lines_inside_lines",
     "/forms/1/fields/0/options/fields/0/kind"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "code", "pointer"), BAD, ids=[row[1] for row in BAD])
def test_wrong_definition(fields: list[dict[str, Any]], code: str, pointer: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        form(*fields)
    assert (caught.value.problems[0].code, caught.value.problems[0].pointer) == (code, pointer)


def test_defaults() -> None:
    order = form(
        {**f("day", "date"), "default": "=TODAY()"},
        {**f("rate", "percent"), "default": "0.13"},
        {**f("open", "boolean"), "default": True},
        f("who", "user", current=True),
        f("note", "text"),
    )
    assert defaults(order.fields, NOW, order.zone, 9) == {
        "day": date(2026, 11, 21),
        "rate": Decimal("0.1300"),
        "open": True,
        "who": 9,
    }


SENT = [
    # what is sent, the problems
    ({"qty_x": 1}, [("/qty_x", "field_unknown")]),
    ({"total": "5"}, [("/total", "field_computed")]),
    ({"lines": "no"}, [("/lines", "lines_expected")]),
    ({"lines": [1]}, [("/lines/0", "lines_expected")]),
    ({"lines": [{"id": True}]}, [("/lines/0/id", "reference_expected")]),
    ({"lines": [{}, {"qty": "x", "amount": "1"}]},
     [("/lines/1/amount", "field_computed"), ("/lines/1/qty", "number_expected")]),
    ({"note": "a\x00"}, [("/note", "text_control_character")]),
    ({"lines": [{"qty": "1"}] * 2001}, [("/lines", "lines_too_many")]),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "problems"), SENT)
def test_validate__every_problem_with_its_address(raw: Any, problems: Any) -> None:
    order = form(
        f("note", "text"),
        formula("total", "=SUM(lines.amount)"),
        lines=(*LINES, formula("amount", "=qty*price")),
    )
    assert [(p.pointer, p.code) for p in validate(order, raw)[1]] == problems


def test_missing__required_fields_and_lines() -> None:
    order = form(
        {**f("note", "text"), "required": True},
        f("lines", "lines", min=2, fields=[{**f("qty", "quantity"), "required": True}]),
    )
    found = missing(order, {"lines": [{"qty": None}]})
    assert [(p.pointer, p.code) for p in found] == [
        ("/note", "value_missing"),
        ("/lines", "lines_too_few"),
        ("/lines/0/qty", "value_missing"),
    ]


def test_figure_too_large__is_a_problem_not_an_empty_cell() -> None:
    order = form(
        formula("total", "=SUM(lines.amount)"),
        lines=(*LINES, formula("amount", "=qty*price")),
    )
    large = {"qty": Decimal(9999999999), "price": Decimal(90000)}
    with pytest.raises(ValidationFailed) as caught:
        compute(order, {"lines": [large, large]}, {}, NOW)
    assert [(p.pointer, p.code) for p in caught.value.problems] == [("/total", "number_too_large")]
    with pytest.raises(ValidationFailed) as caught:
        compute(form(formula("x", "=10^30")), {}, {}, NOW)
    assert [p.pointer for p in caught.value.problems] == ["/x"]
