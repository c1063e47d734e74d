"""Formulas of workbooks in words of our language, each row computed again."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.formula.translate import Translator

from runtime.exchange.formulas.parse import parse
from runtime.exchange.formulas.shapes import lookup_of, rollup_of
from runtime.exchange.formulas.tree import NotConverted
from runtime.exchange.inspection import inspect_here
from runtime.exchange.moving import Template, pattern
from tests.unit.exchange.workbooks import F, workbook_of

GOODS = [
    ["编码", "名称", "单价"],
    ["A01", "螺丝", 1.5],
    ["A02", "螺母", 2],
    ["A03", "垫圈", 0.25],
]
LOG = [["编码", "数量", "日期"], ["A01", 10, 46000], ["A02", 5, 46001], ["A01", 7, 46002]]
# The lines everything below is written beside: 编码, 数量, 单价.
LINES = [["A01", 2, 1.5], ["A02", 3, 2], ["A03", 4, 0.25], ["A01", 5, 1.5]]


def inspected(tmp_path: Path, formulas: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """The column 结果 beside four lines: the same formula in each row, or one for each."""
    rows = [
        [*line, F(formulas[place % len(formulas)].replace("@", str(place + 2)), value)]
        for place, (line, value) in enumerate(zip(LINES, values, strict=True))
    ]
    sheets = {
        "明细": [["编码", "数量", "单价", "结果"], *rows],
        "商品": GOODS,
        "流水": LOG,
        "参数": [["税率", None, "合计"], [0.13, None, F("SUM(明细!B2:B5)", 14)]],
    }
    names = '<definedName name="税率">参数!$A$2</definedName>'
    path = workbook_of(tmp_path / "a.xlsx", sheets, names)
    seen = inspect_here(path, "a.xlsx")
    table = next(table for table in seen["tables"] if table["key"] == "明细")
    found: dict[str, Any] = next(column for column in table["columns"] if column["col"] == "D")
    return found


CONVERTED = [
    ("B@*C@", [3, 6, 1, 7.5], "{数量}*{单价}"),
    ("SUM(B@:C@)", [3.5, 5, 4.25, 6.5], "SUM({数量}, {单价})"),
    ("-B@^2", [4, 9, 16, 25], "(-{数量})^2"),
    ("(B@+1)*-C@", [-4.5, -8, -1.25, -9], "({数量} + 1)*(-{单价})"),
    ("B@-(C@-1)", [1.5, 2, 4.75, 4.5], "{数量} - ({单价} - 1)"),
    ("B@*10%", [0.2, 0.3, 0.4, 0.5], "{数量}*10%"),
    ('IF(B@>=4,"多","少")', ["少", "少", "多", "多"], 'IF({数量} >= 4, "多", "少")'),
    ('A@&"-"&B@', ["A01-2", "A02-3", "A03-4", "A01-5"], '{编码} & "-" & {数量}'),
    ("VLOOKUP(A@,商品!$A$2:$C$4,3,FALSE)", [1.5, 2, 0.25, 1.5],
     "LOOKUP({编码}, 商品.编码, 商品.单价)"),
    ("VLOOKUP(A@,商品!A:C,2,0)", ["螺丝", "螺母", "垫圈", "螺丝"],
     "LOOKUP({编码}, 商品.编码, 商品.名称)"),
    ("INDEX(商品!$B$2:$B$4,MATCH(A@,商品!$A$2:$A$4,0))", ["螺丝", "螺母", "垫圈", "螺丝"],
     "LOOKUP({编码}, 商品.编码, 商品.名称)"),
    ("_xlfn.XLOOKUP(A@,商品!A:A,商品!C:C)*B@", [3, 6, 1, 7.5],
     "LOOKUP({编码}, 商品.编码, 商品.单价)*{数量}"),
    ("SUMIF(流水!A:A,A@,流水!B:B)", [17, 5, 0, 17], "SUMIF(流水.编码, {编码}, 流水.数量)"),
    ("SUMIFS(流水!$B$2:$B$4,流水!$A$2:$A$4,A@,流水!$B$2:$B$4,\">6\")", [17, 0, 0, 17],
     'SUMIFS(流水.数量, 流水.编码, {编码}, 流水.数量, ">6")'),
    ("COUNTIF($A$2:$A$5,A@)", [2, 1, 1, 2], "COUNTIF({编码}, {编码})"),
    ("B@/SUM($B$2:$B$5)", ["0.142857142857143", "0.214285714285714", "0.285714285714286",
                            "0.357142857142857"], "{数量}/SUM({数量})"),
    ("B@/参数!$C$2", ["0.142857142857143", "0.214285714285714", "0.285714285714286",
                       "0.357142857142857"], "{数量}/SUM({数量})"),
    ("C@*(1+税率)", [1.695, 2.26, 0.2825, 1.695], "{单价}*(1 + 0.13)"),
    ("C@*参数!$A$2", [0.195, 0.26, 0.0325, 0.195], "{单价}*0.13"),
    ("IFERROR(VLOOKUP(A@,商品!$A$2:$B$3,2,0),\"\")", ["螺丝", "螺母", "垫圈", "螺丝"],
     'IFERROR(LOOKUP({编码}, 商品.编码, 商品.名称), "")'),
    ("B@/0", ["#DIV/0!"] * 4, "{数量}/0"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "values", "said"), CONVERTED)
def test_conversion__is_said_and_proved_for_every_row(
    tmp_path: Path, formula: str, values: list[Any], said: str
) -> None:
    found = inspected(tmp_path, [formula], [_number(value) for value in values])
    assert (found.get("formula"), found.get("proved"), found.get("of")) == (said, 4, 4)
    assert found["type"] == "formula"


class _Digits(float):
    """A number written as the file writes it."""

    def __new__(cls, text: str) -> "_Digits":
        return super().__new__(cls, text)


def _number(value: Any) -> Any:
    is_figure = isinstance(value, str) and value[:1].isdigit()
    return _Digits(value) if is_figure else value


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("[1]Sheet1!$A$1*B@", "formula_kept_external"),
        ("B@*RAND()", "formula_kept_function"),
        ("ROW()-1", "formula_kept_function"),
        ("12*3+@", "formula_kept_figures"),
        ("GETPRICE(A@)", "formula_kept_function"),
        ("商品!C@", "formula_kept_other_row"),
        ("B@*{1,2}", "formula_kept_array"),
        ("SUM(B$2:B@)", "formula_kept_balance"),
        ("OFFSET(A@,0,1)", "formula_kept_function"),
        ("B@*没有", "formula_kept_name"),
        ("没有!A1*B@", "formula_kept_lost"),
    ],
)
def test_what_is_no_formula_of_a_record__keeps_its_values(
    tmp_path: Path, formula: str, code: str
) -> None:
    found = inspected(tmp_path, [formula], [1, 2, 3, 4])
    assert found["kept"]["code"] == code
    assert found["kept"]["message"]
    assert "formula" not in found


def test_one_row_that_differs__is_offered_with_its_address(tmp_path: Path) -> None:
    found = inspected(tmp_path, ["B@*C@"], [3, 6, 1, 8])
    assert found["type"] != "formula"
    assert (found["offer"]["proved"], found["offer"]["of"]) == (3, 4)
    assert found["offer"]["differs"] == [{"cell": "明细!D5", "file": "8", "ours": "7.5"}]


def test_a_balance_from_row_to_row__is_recognised_and_kept(tmp_path: Path) -> None:
    formulas = ["B2-C2", "D2+B3-C3", "D3+B4-C4", "D4+B5-C5"]
    found = inspected(tmp_path, formulas, [0.5, 1.5, 5.25, 8.75])
    assert found["kept"]["code"] == "formula_kept_balance"
    assert found["running"] == {"plus": ["B"], "minus": ["C"]}


def test_shapes__tell_lookups_and_rollups_from_the_rest(tmp_path: Path) -> None:
    tree = inspected(tmp_path, [CONVERTED[8][0]], CONVERTED[8][1])["conversion"]["tree"]
    found = lookup_of(tree)
    assert found is not None
    assert (found.key_col, found.table, found.match_col, found.value_col) == ("A", "商品", "A", "C")
    tree = inspected(tmp_path, [CONVERTED[12][0]], CONVERTED[12][1])["conversion"]["tree"]
    rollup = rollup_of(tree)
    assert rollup is not None
    assert (rollup.function, rollup.table, rollup.value_col) == ("sum", "流水", "B")


references = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "$"]),
    st.sampled_from(["C", "AB", "XE"]),
    st.sampled_from(["", "$"]),
    st.integers(20, 90),
)
formulas = st.lists(references, min_size=1, max_size=4).map(
    lambda found: f"SUM({','.join(found)})&\"A1\"&'B 2'!{found[0]}&LOG10({found[-1]})"
)


@given(formulas, st.integers(-15, 40), st.integers(-2, 9))
def test_a_formula_moved__reads_as_a_second_program_writes_it(
    formula: str, rows: int, columns: int
) -> None:
    moved = Template(formula, 20, 5).at(20 + rows, 5 + columns)
    row, letters = 20 + rows, "CDEFGHIJKLMN"[2 + columns]
    assert moved == Translator(f"={formula}", "E20").translate_formula(f"{letters}{row}")[1:]
    if columns == 0:
        assert pattern(moved, row) == pattern(formula, 20)


@given(st.text(alphabet="A1$:,+-*/^&=<>()%\"'![]{}# 表.@", max_size=40))
def test_any_text__is_read_or_refused_but_never_breaks(text: str) -> None:
    with suppress(NotConverted):
        parse(text)
