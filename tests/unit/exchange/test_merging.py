"""Look-alike sheets as one table: what holds for all of them, and when they stay apart."""

from pathlib import Path
from typing import Any

from runtime.exchange.inspection import inspect_here
from runtime.exchange.merging import APART, merged
from tests.unit.exchange.workbooks import F, workbook_of

HEAD = ["品名", "数量", "单价", "金额"]


def month(price: float | str = 2, factor: int = 1) -> list[list[Any]]:
    rows = [[f"货{n}", n, price, F(f"B{n + 1}*C{n + 1}", n * 2 * factor)] for n in range(1, 5)]
    return [HEAD, *rows]


def seen(tmp_path: Path, sheets: dict[str, Any], told: Any = None) -> dict[str, Any]:
    path = workbook_of(tmp_path / "a.xlsx", sheets)
    return merged(inspect_here(path, "a.xlsx"), told)


def test_months__are_one_table_that_says_the_month(tmp_path: Path) -> None:
    found = seen(tmp_path, {"1月": month(), "2月": month(), "说明": [["两个月"]]})
    table = found["tables"][0]
    columns = {column["name"]: column for column in table["columns"]}
    assert [each["value"] for each in table["members"]] == ["1月", "2月"]
    assert (table["n_rows"], columns["月份"]["col"]) == (8, APART)
    assert columns["月份"]["options"] == ["1月", "2月"]
    assert (columns["金额"]["type"], columns["金额"]["of"]) == ("formula", 8)
    # 1 to 4 on both sheets: what is unique on each need not be so on all.
    assert "unique" not in columns["品名"]


def test_formula__that_one_sheet_lacks_is_none_of_all(tmp_path: Path) -> None:
    plain = [HEAD, *([f"货{n}", n, 2.5, n] for n in range(1, 5))]
    table = seen(tmp_path, {"1月": month(), "2月": plain})["tables"][0]
    columns = {column["name"]: column for column in table["columns"]}
    assert columns["金额"]["type"] in {"money", "integer"}
    assert "formula" not in columns["金额"]
    # 2 is whole and 2.5 is not: all of them are amounts of money.
    assert columns["单价"]["type"] == "money"


def test_columns_in_another_place__keep_their_formula(tmp_path: Path) -> None:
    moved = [[None, *row] for row in [HEAD]]
    moved += [[None, f"货{n}", n, 2, F(f"C{n + 1}*D{n + 1}", n * 2)] for n in range(1, 5)]
    table = seen(tmp_path, {"1月": month(), "2月": moved})["tables"][0]
    assert table["members"][1]["cols"] == {"A": "B", "B": "C", "C": "D", "D": "E"}
    assert next(c for c in table["columns"] if c["name"] == "金额")["type"] == "formula"


def test_a_sum_over_one_month__keeps_the_sheets_apart(tmp_path: Path) -> None:
    total = [["品名", "一月"], *([f"货{n}", F(f"SUMIF('1月'!A:A,A{n + 1},'1月'!B:B)", n)]
             for n in range(1, 5))]  # fmt: skip
    sheets = {"1月": month(), "2月": month(), "合计": total}
    found = seen(tmp_path, sheets)
    assert [table["key"] for table in found["tables"]] == ["1月", "2月", "合计"]
    assert found["apart"][0]["tables"] == ["1月", "2月"]
    # A person may have it otherwise, and the other way round.
    told = seen(tmp_path, sheets, {"1月": {"on": True}})
    assert [table["key"] for table in told["tables"]] == ["1月", "合计"]
    apart = seen(tmp_path, {"1月": month(), "2月": month()}, {"1月": {"on": False}})
    assert len(apart["tables"]) == 2
