"""Where the table is and what its columns mean, on small sheets a person can check."""

from pathlib import Path
from typing import Any

import pytest

from runtime.exchange.corrected import Corrections
from runtime.exchange.inspection import inspect_here, inspect_workbook
from runtime.exchange.reader import read_workbook
from tests.unit.exchange.workbooks import workbook

GOODS = [["螺丝", "A01", 100, "0.5"], ["螺母", "A02", 200, "0.3"], ["垫片", "A03", 50, "0.1"]]
HEAD = ["品名", "编号", "数量", "单价"]


def seen(tmp_path: Path, rows: list[list[Any]], after: str = "") -> dict[str, Any]:
    found: dict[str, Any] = inspect_here(workbook(tmp_path / "a.xlsx", rows, after), "a.xlsx")
    return found["tables"][0]  # type: ignore[no-any-return]


def test_table__title_and_blank_row_above(tmp_path: Path) -> None:
    table = seen(tmp_path, [["2026 年库存"], [], HEAD, *GOODS])
    assert (table["header_rows"], table["first_row"], table["n_rows"]) == ([3], 4, 3)
    assert [column["name"] for column in table["columns"]] == HEAD


def test_table__total_and_notes_below(tmp_path: Path) -> None:
    total = ["合 计", None, 350, None]
    table = seen(tmp_path, [HEAD, *GOODS, total, [], ["制表人：张三"]])
    assert (table["n_rows"], table["total_rows"], table["last_row"]) == (3, [5], 4)


def test_table__blank_rows_inside(tmp_path: Path) -> None:
    table = seen(tmp_path, [HEAD, GOODS[0], [], GOODS[1], [], [], GOODS[2]])
    assert (table["n_rows"], table["last_row"]) == (3, 7)


def test_table__no_header(tmp_path: Path) -> None:
    rows = [[20220601 + n, f"武汉{n % 3}", n * 2, n + 100] for n in range(9)]
    table = seen(tmp_path, rows)
    assert (table["header_rows"], table["n_rows"]) == ([], 9)
    assert table["columns"][0]["name"] == "列 A"


def test_table__two_levels(tmp_path: Path) -> None:
    upper = ["客户", "收货", None, "数量"]
    lower = [None, "电话", "地址", None]
    merges = (
        '<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/><mergeCell ref="D1:D2"/>'
        "</mergeCells>"
    )
    rows = [upper, lower, ["甲", "010-1", "北京", 3], ["乙", "021-2", "上海", 4]]
    table = seen(tmp_path, rows, merges)
    assert table["header_rows"] == [1, 2]
    assert [c["name"] for c in table["columns"]] == ["客户", "收货/电话", "收货/地址", "数量"]
    assert table["n_rows"] == 2


def test_table__units_of_a_level_of_their_own_belong_to_the_name(tmp_path: Path) -> None:
    levels = [
        ["编码", "期初", None, "期末", None],
        [None, "数量", "金额", "数量", "金额"],
        [None, "(件)", "（元）", "(件)", "（元）"],
    ]
    ranges = ["A1:A3", "B1:C1", "D1:E1"]
    cells = "".join(f'<mergeCell ref="{each}"/>' for each in ranges)
    rows = [*levels, *([f"{n:04}", n, n * 10, n, n * 12] for n in range(1, 6))]
    table = seen(tmp_path, rows, f"<mergeCells>{cells}</mergeCells>")
    assert table["header_rows"] == [1, 2, 3]
    names = ["编码", "期初/数量(件)", "期初/金额（元）", "期末/数量(件)", "期末/金额（元）"]
    assert [c["name"] for c in table["columns"]] == names


def test_table__duplicate_and_missing_names(tmp_path: Path) -> None:
    table = seen(tmp_path, [["名称", "数量", "数量", None], *[["a", 1, 2, 3]] * 6])
    assert [c["name"] for c in table["columns"]] == ["名称", "数量", "数量_2", "列 D"]


def test_table__corrected_header(tmp_path: Path) -> None:
    book = read_workbook(workbook(tmp_path / "a.xlsx", [HEAD, *GOODS]))
    table = inspect_workbook(book, "a", Corrections({"S1": 2}))["tables"][0]
    assert (table["header_rows"], table["n_rows"]) == ([2], 2)
    without = inspect_workbook(book, "a", Corrections({"S1": 0}))["tables"][0]
    assert (without["header_rows"], without["n_rows"]) == ([], 4)


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("编码", ["001", "002", "003"], "text"),
        ("身份证", ["110101199003071234", "110101199003071235"], "text"),
        ("条码", [6911316600478, 6911316600713], "text"),
        ("订单流水", [1234567890123456789, 1234567890123456780], "text"),
        ("数量", [1, 2, 3], "integer"),
        ("重量(kg)", ["1.5", "2.25"], "decimal"),
        ("单价", [3, 4.5], "money"),
        ("金额", ["¥1,234.50", "￥20"], "money"),
        ("日期", ["2026年3月1日", "2026/3/2"], "date"),
        ("下单时间", ["2026-03-01 10:20", "2026-03-02 11:30"], "datetime"),
        ("日期", [46082, 46083, 46084], "date"),
        ("天数", [30000, 30001], "integer"),
        ("是否启用", ["是", "否", "是"], "boolean"),
        ("启用", [True, False], "boolean"),
        ("规格型号", [0.995, 703], "text"),
        ("状态", ["在售", "停售"] * 6, "select"),
        ("备注", ["第一条说明", "第二条", "别的"], "text"),
        ("网址", ["https://a.example/1", "https://b.example"], "url"),
    ],
)
def test_type(tmp_path: Path, name: str, values: list[Any], kind: str) -> None:
    rows = [["品名", name], *[[f"货{n}号品", value] for n, value in enumerate(values)]]
    assert seen(tmp_path, rows)["columns"][1]["type"] == kind


def test_type__tells_what_speaks_against_it(tmp_path: Path) -> None:
    rows = [["品名", "数量"], *[[f"货{n}号品", n] for n in range(40)], ["别的货品", "约三箱"]]
    column = seen(tmp_path, rows)["columns"][1]
    assert (column["type"], column["against"]) == ("integer", ["B42 约三箱"])


def test_type__one_blank_word_is_no_counter_example(tmp_path: Path) -> None:
    rows = [["品名", "数量"], *[[f"货{n}号品", n] for n in range(5)], ["别的货品", "n/a"]]
    assert seen(tmp_path, rows)["columns"][1]["type"] == "integer"
