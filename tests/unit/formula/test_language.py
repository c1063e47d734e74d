"""Names, types, spans, zones: what a formula means besides its value."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from runtime.formula import (
    CellError,
    Cycle,
    FieldName,
    Formula,
    FormulaError,
    Scope,
    cell_errors,
    evaluate,
    order,
    parse,
)
from runtime.infra.messages import catalogue, message
from runtime.kinds.functions import FUNCTIONS
from tests.unit.formula.conftest import LINE_ROWS, NOW, ROW, ZONE, scope_of


@pytest.mark.parametrize(
    ("text", "stored", "reads"),
    [
        ("qty*price", "={f_qty}*{f_price}", {(None, "qty"), (None, "price")}),
        ("= {数量} * 单价", "= {f_qty} * {f_price}", {(None, "qty"), (None, "price")}),
        ("{f_qty}+1", "={f_qty}+1", {(None, "qty")}),
        ("SUM(lines.amount)", "=SUM({lines.f_amount})", {("lines", "amount")}),
        ("SUM({lines.金额})", "=SUM({lines.f_amount})", {("lines", "amount")}),
        ("SUM({lines}.{金额})", "=SUM({lines.f_amount})", {("lines", "amount")}),
        ("＝1", "＝1", set()),
    ],
)
def test_names__are_stored_by_id(
    formula: Callable[[str], Formula], text: str, stored: str, reads: set[Any]
) -> None:
    found = formula(text)
    assert found.stored == stored
    assert found.references == reads
    assert formula(found.stored).stored == stored


def test_names__a_line_reads_its_own_columns_first() -> None:
    scope = scope_of("lines")
    found = parse("qty*price/SUM(lines.qty)", scope)
    assert found.references == {("lines", "qty"), (None, "price")}
    line = LINE_ROWS["lines"][1]
    assert evaluate(found, ROW, LINE_ROWS, NOW, ZONE, line=line) == Decimal(
        "1.666666666666666666666666667"
    )


def test_names__a_line_table_is_called_by_label() -> None:
    scope = replace(scope_of(), line_names={"lines": FieldName("t1", "lines", ("明细",), "any")})
    assert parse("SUM({明细.数量})", scope).references == {("lines", "qty")}


def test_names__two_fields_of_one_label_are_refused() -> None:
    same = {code: FieldName(code, code, ("数量",), "number") for code in ("a", "b")}
    with pytest.raises(FormulaError) as refused:
        parse("{数量}", Scope(same))
    assert (refused.value.code, refused.value.family) == ("formula_label_ambiguous", "name")


@pytest.mark.parametrize(
    ("text", "code", "span", "near"),
    [
        ("1+qyt", "formula_name_unknown_near", (2, 5), "qty"),
        ("SUN(1)", "formula_function_unknown_near", (0, 3), "SUM"),
        ("lines.amont", "formula_name_unknown_near", (0, 11), "amount"),
    ],
)
def test_names__an_unknown_one_is_answered_with_like_ones(
    formula: Callable[[str], Formula], text: str, code: str, span: Any, near: str
) -> None:
    with pytest.raises(FormulaError) as refused:
        formula(text)
    assert (refused.value.code, refused.value.span) == (code, span)
    assert near in refused.value.params["near"]
    assert near in message(code, refused.value.params)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("qty", "number"),
        ("price*qty", "money"),
        ("price/price", "number"),
        ("price/qty", "money"),
        ("ROUND(price,1)", "money"),
        ("SUM(lines.amount)", "money"),
        ("SUM(lines.amount,qty)", "money"),
        ("lines.qty*2", "list of number"),
        ("ROUND(lines.amount,1)", "list of money"),
        ("5%", "percent"),
        ("qty*5%", "number"),
        ("today+1", "date"),
        ("today-today", "number"),
        ("moment+0.5", "datetime"),
        ("moment-today", "number"),
        ("qty&name", "text"),
        ("qty>1", "boolean"),
        ('IF(qty>1,price,"")', "money"),
        ("IF(qty>1,qty,name)", "any"),
        ('IF(qty>1,status,"x")', "text"),
        ("MAX(today,today)", "date"),
        ("IF(lines.qty>1,1,2)", "list of number"),
        ("customer", "reference"),
        ("IFERROR(price,0)", "money"),
        ("SWITCH(qty,1,today,moment)", "datetime"),
        ('tags="a"', "list of boolean"),
        ("-price", "money"),
        ("SUMIF(lines.note,1,lines.amount)", "money"),
        ("EDATE(today,1)", "date"),
        ("DATEDELTA(moment,1)", "datetime"),
        ('""', "any"),
    ],
)
def test_types__are_inferred(formula: Callable[[str], Formula], text: str, kind: str) -> None:
    assert formula(text).type == kind


def test_types__all_mistakes_are_told_at_once(formula: Callable[[str], Formula]) -> None:
    with pytest.raises(FormulaError) as refused:
        formula('IF(today="x",today*2,YEAR(qty))&customer')
    found = [(problem.code, problem.span) for problem in refused.value.problems]
    assert found == [
        ("formula_types_differ", (3, 12)),
        ("formula_type_number", (13, 18)),
        ("formula_type_date", (26, 29)),
        ("formula_type_text", (32, 40)),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("customer", 17),
        ("IF(customer=customer,customer,customer)", 17),
        ("today", date(2026, 11, 21)),
        ("NOW()", datetime(2026, 11, 21, 10, 30, tzinfo=UTC)),
        ("TODAY()", date(2026, 11, 21)),
        ("moment+1/24", datetime(2026, 11, 21, 11, 30, tzinfo=UTC)),
        ("HOUR(moment)", Decimal(18)),
        ("tags", ("a", "b")),
        ('IF(qty>1,"",qty)', None),
        ("fix", None),
        ("checked", True),
        ('IF(checked,"是","否")', "是"),
    ],
)
def test_values__come_back_as_the_record_has_them(
    value: Callable[..., Any], text: str, expected: Any
) -> None:
    assert value(text) == expected


def test_zone__the_day_turns_where_the_app_is() -> None:
    late = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    formula = parse("TODAY()", scope_of())
    assert formula.volatile
    assert evaluate(formula, {}, {}, late, ZONE) == date(2026, 11, 21)
    assert evaluate(formula, {}, {}, late, ZoneInfo("UTC")) == date(2026, 11, 20)


@pytest.mark.parametrize("given", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity")])
def test_values__no_number_is_an_error_value(value: Callable[..., Any], given: Decimal) -> None:
    assert value("qty>1000", qty=given) == CellError("#VALUE!", "cell_not_a_number")


def test_values__a_number_beyond_34_digits_is_num(value: Callable[..., Any]) -> None:
    assert value("qty+0", qty=Decimal("1e40")) == CellError("#NUM!", "cell_number_too_large")


def test_values__a_binary_fraction_is_a_mistake_of_the_program(value: Callable[..., Any]) -> None:
    with pytest.raises(AssertionError):
        value("qty+1", qty=1.5)


def test_values__do_not_depend_on_the_context_of_the_thread(value: Callable[..., Any]) -> None:
    with localcontext() as context:
        context.prec = 3
        found = value("ABS(-1.23456)+ODD(1234.5)-ROUND(-9.87654,4)")
        assert found == Decimal("1246.11106")


def test_text__one_too_long_ends_in_limit(value: Callable[..., Any]) -> None:
    assert value("LEN(name)", name="a" * 40_000) == CellError("limit", "cell_limit_text")


def test_order__comes_after_what_it_reads() -> None:
    scope = scope_of()
    formulas = {
        (None, "price"): parse("SUM(lines.amount)", scope),
        ("lines", "amount"): parse("qty*2", scope_of("lines")),
        (None, "qty"): parse("price+1", scope),
    }
    assert order(formulas) == (("lines", "amount"), (None, "price"), (None, "qty"))


def test_order__a_cycle_is_told_as_its_path() -> None:
    scope = scope_of()
    formulas = {
        (None, "qty"): parse("price+1", scope),
        (None, "price"): parse("fix", scope),
        (None, "fix"): parse("qty", scope),
    }
    with pytest.raises(Cycle) as found:
        order(formulas)
    path = found.value.path
    assert path[0] == path[-1]
    assert len(path) == 4
    for needing, needed in pairwise(path):
        assert needed in formulas[needing].references


def test_messages__every_code_has_its_text() -> None:
    codes = {each.reason for each in vars(cell_errors).values() if isinstance(each, CellError)}
    assert codes <= set(catalogue())


def test_functions__an_alias_is_the_same_function() -> None:
    assert FUNCTIONS["CONCATENATE"] is FUNCTIONS["CONCAT"]
    assert FUNCTIONS["IF"].signature == "IF(condition, yes, [no])"
