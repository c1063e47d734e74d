"""Cells merged down: a heading of several records, or the head of a document."""

from pathlib import Path
from typing import Any

import pytest

from runtime.exchange import edits
from runtime.exchange.corrected import Corrections, read_corrections
from runtime.exchange.inspection import inspect_here, inspect_workbook
from runtime.exchange.opening import open_workbook
from runtime.exchange.spool import read_rows, write_rows
from runtime.infra.errors import BadRequest
from tests.unit.exchange.workbooks import F, workbook

GOODS = [
    ["类别", "品名", "数量", "小计"],
    ["原料", "玉米", 10, F("SUM(C2:C3)", 30)],
    [None, "豆粕", 20, None],
    ["成品", "饲料", 5, F("SUM(C4:C5)", 12)],
    [None, "添加剂", 7, None],
]
PAPERS = [
    ["订单编号", "客户", "品名", "数量"],
    ["D1", "申工", "螺丝", 1],
    [None, None, "螺母", 2],
    ["D2", "恒远", "螺丝", 3],
    [None, None, "垫片", 4],
]


def merges(*ranges: str) -> str:
    cells = "".join(f'<mergeCell ref="{each}"/>' for each in ranges)
    return f"<mergeCells>{cells}</mergeCells>"


def rows_of(path: Path) -> list[dict[str, str]]:
    out = path.with_suffix(".jsonl")
    write_rows(open_workbook(path, path.name), "S1", Corrections(), out)
    return [{col: cell.text for col, cell in row.cells.items()} for row in read_rows(out)]


def table_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = inspect_here(path, path.name)["tables"][0]
    return found


def test_a_heading_merged_down__is_the_value_of_every_record(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", GOODS, merges("A2:A3", "A4:A5"))
    assert "lines" not in table_of(path)
    assert [row["A"] for row in rows_of(path)] == ["原料", "原料", "成品", "成品"]


def test_a_sum_over_merged_rows__is_not_the_sum_of_each(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", GOODS, merges("A2:A3", "A4:A5", "D2:D3"))
    assert [row.get("D") for row in rows_of(path)] == ["30", None, "12", None]


def test_heads_of_documents__stay_blank_under_their_first_line(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", PAPERS, merges("A2:A3", "B2:B3", "A4:A5", "B4:B5"))
    lines = table_of(path)["lines"]
    assert (lines["header"], lines["detail"]) == (["A", "B"], ["C", "D"])
    assert (lines["by"], lines["documents"]) == ("merged", 2)
    assert [row.get("A") for row in rows_of(path)] == ["D1", None, "D2", None]


def test_a_heading_broader_than_its_column__counts_where_it_begins(tmp_path: Path) -> None:
    rows = [["区", None, "店", "额"], ["东", None, "甲", 1], [None, None, "乙", 2], [None] * 4]
    path = workbook(tmp_path / "a.xlsx", [*rows, ["西", None, "丙", 3]], merges("A2:B4"))
    assert [row.get("A") for row in rows_of(path)] == ["东", "东", "西"]


BLANKS = [
    ["客户", "品名", "数量", "小计"],
    [None, "样品", 1, None],
    ["华联", "玉米", 10, F("SUM(C3:C4)", 30)],
    [None, "豆粕", 20, None],
    ["合计", None, F("SUM(C3:C4)", 30), None],
    ["永辉", "饲料", 5, None],
    [None, "添加剂", 7, None],
]


def test_blank_cells__mean_what_stands_above_them_once_somebody_says_so(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", BLANKS)
    assert [row.get("A") for row in rows_of(path)] == [None, "华联", None, "永辉", None]
    told = {"tables": {"S1": {"fills": ["A", "D"]}}}
    out = tmp_path / "filled.jsonl"
    write_rows(open_workbook(path, path.name), "S1", read_corrections(told, {}), out)
    rows = [{col: cell.text for col, cell in row.cells.items()} for row in read_rows(out)]
    # Nothing stands above the first; a total is no customer; a sum is of its own row.
    assert [row.get("A") for row in rows] == [None, "华联", "华联", "永辉", "永辉"]
    assert [row.get("D") for row in rows] == [None, "30", None, None, None]
    book = open_workbook(path, path.name)
    found = inspect_workbook(book, path.name, read_corrections(told, {}))["tables"][0]
    assert found["columns"][0]["filled"] == 4


def test_blank_cells__are_filled_once_and_given_back() -> None:
    once = edits.added({"edits": []}, edits.fill_edit("S1", "A"))
    twice = edits.added(once, edits.fill_edit("S1", "A"))
    assert twice["corrections"]["tables"] == {"S1": {"fills": ["A"]}}
    back = edits.taken_back(edits.taken_back(twice))
    assert back["corrections"]["tables"] == {}
    with pytest.raises(BadRequest):
        edits.fill_edit("S1", "1")
