"""What a formula reads beyond its record: through references, and columns of other forms."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from runtime.formula import Context, FieldName, Formula, FormulaError, Scope, evaluate_in, parse
from runtime.formula.scope import FormNames
from runtime.kinds.functions import FUNCTIONS

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
D = Decimal


def _names(**fields: tuple[str, str, str | None]) -> dict[str, FieldName]:
    return {
        code: FieldName(f"f_{code}", code, (label,), kind, form)
        for code, (label, kind, form) in fields.items()
    }


CUSTOMERS = FormNames(
    "customer",
    ("客户档案",),
    _names(
        name=("名称", "text", None),
        discount=("折扣", "percent", None),
        tags=("标签", "list of choice", None),
    ),
)
ITEMS = FormNames(
    "item", ("商品",), _names(code=("编码", "text", None), weight=("重量", "number", None))
)
ORDERS = FormNames(
    "order",
    ("订单",),
    _names(customer=("客户", "reference", "customer"), total=("合计", "money", None)),
    {"lines": _names(item=("商品", "reference", "item"), qty=("数量", "number", None))},
    {"lines": FieldName("f_lines", "lines", ("明细",), "any")},
)
FORMS = {form.code: form for form in (CUSTOMERS, ITEMS, ORDERS)}
OWN = _names(
    customer=("客户", "reference", "customer"),
    code=("编码", "text", None),
    rate=("比率", "number", None),
)
LINES = {"lines": _names(item=("商品", "reference", "item"), qty=("数量", "number", None))}

RECORDS: Mapping[str, Mapping[int, Mapping[str, Any]]] = {
    "customer": {7: {"name": "张三", "discount": D("0.1")}},
    "item": {1: {"code": "a1", "weight": D("2.5")}, 2: {"code": "B2", "weight": D(4)}},
}
ORDER_ROWS: Sequence[Mapping[str, Any]] = (
    {"customer": 7, "total": D(100)},
    {"customer": 8, "total": D(30)},
    {"customer": 7, "total": D("0.05")},
)
ORDER_LINES: Sequence[Mapping[str, Any]] = (
    {"item": 1, "qty": D(3)},
    {"item": 2, "qty": D(4)},
    {"item": 1, "qty": D(5)},
)
ROW = {"customer": 7, "code": "b2", "rate": D(2)}
LINE_ROWS = {"lines": [{"item": 1, "qty": D(3)}, {"item": 2, "qty": D(1)}, {"item": None}]}


class Asked:
    """The rows above as tables, and what was asked of them."""

    def __init__(self) -> None:
        self.equal: list[Mapping[str, Any]] = []

    def columns(
        self, form: str, lines: str | None, codes: Sequence[str], equal: Mapping[str, Any]
    ) -> Mapping[str, Sequence[Any]]:
        self.equal.append(dict(equal))
        rows = {
            ("order", None): ORDER_ROWS,
            ("order", "lines"): ORDER_LINES,
            ("item", None): tuple(RECORDS["item"].values()),
        }[form, lines]
        # References and numbers are narrowed, texts are left to the criterion.
        exact = {code: value for code, value in equal.items() if not isinstance(value, str)}
        kept = [row for row in rows if all(row[code] == exact[code] for code in exact)]
        return {code: [row[code] for row in kept] for code in codes}


def _formula(text: str, row: str | None = None) -> Formula:
    return parse(text, Scope(OWN, LINES, FUNCTIONS, row, forms=FORMS))


def _value(text: str, asked: Asked | None = None, line: int | None = None) -> Any:
    formula = _formula(text, None if line is None else "lines")
    context = Context(
        ROW,
        LINE_ROWS,
        NOW,
        ZoneInfo("Asia/Shanghai"),
        None if line is None else LINE_ROWS["lines"][line],
        related=lambda form, record_id: RECORDS[form].get(record_id, {}),
        tables=asked or Asked(),
    )
    return evaluate_in(formula, context)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("customer.name", "张三"),
        ('{客户}.{名称} & "!"', "张三!"),
        ("{客户.名称}", "张三"),
        ("100 * (1 - 客户.折扣)", D(90)),
        ("SUMPRODUCT(lines.qty, lines.item.weight)", D("11.5")),
        ("COUNTA({lines}.{商品}.{编码})", D(2)),
        ("SUM(order.total)", D("130.05")),
        ("SUM({订单}.{合计}) * rate", D("260.1")),
        ("SUM(订单.明细.数量)", D(12)),
        ("SUMIFS(order.total, order.customer, customer)", D("100.05")),
        ('COUNTIFS(order.customer, customer, order.total, ">50")', D(1)),
        ("XLOOKUP(code, item.code, item.weight)", D(4)),
        ('XLOOKUP("zz", item.code, item.weight, -1)', D(-1)),
        ('IFERROR(XLOOKUP("zz", item.code, item.weight), "无")', "无"),
        ("MATCH(code, item.code, 0)", D(2)),
    ],
)
def test_value(text: str, wanted: Any) -> None:
    assert _value(text) == wanted


@pytest.mark.parametrize(
    ("line", "text", "wanted"),
    [
        (0, "qty * item.weight", D("7.5")),
        (1, "item.code", "B2"),
        (2, "item.code", None),
        (1, "SUMIFS(order.lines.qty, order.lines.item, item)", D(4)),
        (0, "SUMIFS(order.lines.qty, order.lines.item, item) - qty", D(5)),
    ],
)
def test_value__in_a_line(line: int, text: str, wanted: Any) -> None:
    assert _value(text, line=line) == wanted


@pytest.mark.parametrize(
    ("text", "equal"),
    [
        ("SUMIFS(order.total, order.customer, customer)", {"customer": 7}),
        ("SUMIFS(order.total, order.total, 30)", {"total": D(30)}),
        ('SUMIFS(order.total, order.total, ">30")', {}),
        ('COUNTIF(item.code, "b*")', {}),
        ("COUNTIF(item.code, code)", {"code": "b2"}),
        ("XLOOKUP(code, item.code, item.weight, 0, 0)", {"code": "b2"}),
        ("XLOOKUP(code, item.code, item.weight, 0, -1)", {}),
        ("MATCH(code, item.code, 0)", {}),
    ],
)
def test_narrowing__only_where_rows_left_out_do_not_matter(
    text: str, equal: Mapping[str, Any]
) -> None:
    asked = Asked()
    _value(text, asked)
    assert all(each == equal for each in asked.equal)
    assert asked.equal


def test_stored__every_name_by_ids_and_read_again() -> None:
    text = "={客户}.{名称} & SUM(订单.明细.数量) & SUM(lines.商品.重量) & {编码}"
    stored = _formula(text).stored
    assert stored == (
        "={f_customer.f_name} & SUM({@order.f_lines.f_qty})"
        " & SUM({lines.f_item.f_weight}) & {f_code}"
    )
    assert _formula(stored).stored == stored


def test_references__own_fields_only_and_the_reference_gone_through() -> None:
    formula = _formula("customer.name & SUM(lines.item.weight) & SUM(order.total) & code")
    assert formula.references == {(None, "customer"), ("lines", "item"), (None, "code")}
    assert {(each.form, each.via, each.lines, each.code) for each in formula.far} == {
        ("customer", "customer", None, "name"),
        ("item", "item", "lines", "weight"),
        ("order", None, None, "total"),
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("customer.nam", "formula_name_unknown_near"),
        ("order.total + 合计", "formula_name_unknown"),
        ("order.customer.name", "formula_name_unknown_near"),
        ("SUM(lines.item.wight)", "formula_name_unknown_near"),
        ("nobody.name", "formula_name_unknown"),
        ("SUM(order.lines.qt)", "formula_name_unknown_near"),
        ("COUNTA(customer.tags)", None),
        ("COUNTA(客户档案.标签)", "formula_list_inside_list"),
        ("customer.name.x", "formula_name_unknown_near"),
    ],
)
def test_refused(text: str, code: str | None) -> None:
    if code is None:
        _formula(text)
        return
    with pytest.raises(FormulaError) as refused:
        _formula(text)
    assert refused.value.code == code


def test_own_field_comes_before_a_form_of_the_same_name() -> None:
    forms = {**FORMS, "rate": FormNames("rate", ("比率",), _names(total=("合计", "money", None)))}
    formula = parse("rate + SUM(rate.total)", Scope(OWN, LINES, FUNCTIONS, forms=forms))
    assert formula.references == {(None, "rate")}
    assert [each.form for each in formula.far] == ["rate"]


def test_form_behind_a_field_of_its_name__is_named_with_an_at_sign() -> None:
    goods = FieldName("f_item", "item", ("商品",), "reference", "item")
    scope = Scope({**OWN, "item": goods}, LINES, FUNCTIONS, forms=FORMS)
    through, column = parse("item.weight", scope), parse("SUM({@商品}.{重量})", scope)
    assert [each.via for each in through.far] == ["item"]
    assert [(each.via, each.form) for each in column.far] == [(None, "item")]
    assert parse(column.stored, scope).stored == column.stored == "=SUM({@item.f_weight})"


def test_without_tables__a_column_is_empty() -> None:
    context = Context(ROW, LINE_ROWS, NOW, ZoneInfo("Asia/Shanghai"))
    assert evaluate_in(_formula("SUM(order.total)"), context) == 0
    assert evaluate_in(_formula("customer.name"), context) is None
