"""How a formula came to its value, as tables: what was needed, what it was, in which order."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from runtime.formula import Context, Derivation, Work, evaluate_in, explain, parse
from tests.unit.formula.conftest import LINE_ROWS, ROW, scope_of

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
D = Decimal


def _context(**values: Any) -> Context:
    return Context({**ROW, **values}, LINE_ROWS, NOW, ZoneInfo("Asia/Shanghai"))


def _table(part: Derivation, depth: int = 0) -> list[tuple[int, str, str, str]]:
    value = str(part.value) if part.is_needed else "not needed"
    rows = [(depth, part.sign, part.text, value)]
    for each in part.parts:
        rows += _table(each, depth + 1)
    return rows


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "qty * 单价 - 1",
            [
                (0, "", "qty * 单价 - 1", "11.5"),
                (1, "", "qty", "5"),
                (1, "*", "单价", "2.5"),
                (1, "-", "1", "1"),
            ],
        ),
        (
            "IF(qty > 3, SUM(lines.amount), 1/0)",
            [
                (0, "", "IF(qty > 3, SUM(lines.amount), 1/0)", "30.03"),
                (1, "", "qty > 3", "True"),
                (2, "", "qty", "5"),
                (2, ">", "3", "3"),
                (1, "", "SUM(lines.amount)", "30.03"),
                (2, "", "lines.amount", "(Decimal('10.01'), Decimal('20.02'))"),
                (1, "", "1/0", "not needed"),
                (2, "", "1", "1"),
                (2, "/", "0", "0"),
            ],
        ),
        (
            "-qty / 0",
            [
                (0, "", "-qty / 0", "#DIV/0!"),
                (1, "-", "-qty", "-5"),
                (2, "", "qty", "5"),
                (1, "/", "0", "0"),
            ],
        ),
    ],
)
def test_derivation(text: str, wanted: list[tuple[int, str, str, str]]) -> None:
    assert _table(explain(parse(text, scope_of()), _context())) == wanted


@pytest.mark.parametrize(
    "text",
    ["qty+1", "IFERROR(1/0, name)", 'SUMIFS(lines.amount, lines.qty, ">1")', "today + 1", "moment"],
)
def test_explained_value__is_the_evaluated_one(text: str) -> None:
    formula = parse(text, scope_of())
    assert explain(formula, _context()).value == evaluate_in(formula, _context())


def test_column__shows_its_first_rows_and_counts_all() -> None:
    lines = {"lines": [{"qty": D(1), "amount": D("0.01"), "note": ""}] * 700}
    context = Context(ROW, lines, NOW, ZoneInfo("Asia/Shanghai"))
    (column,) = explain(parse("SUM(lines.amount)", scope_of()), context).parts
    assert (column.kind, column.rows, len(column.value)) == ("column", 700, 200)


def test_limit__is_said_at_the_top() -> None:
    context = _context()
    context.work = Work(3)
    assert explain(parse("qty+qty+qty+qty+qty", scope_of()), context).value.kind == "limit"
