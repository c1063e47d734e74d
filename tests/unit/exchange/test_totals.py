"""Totals are left out and records are not, whatever somebody or something is called."""

from pathlib import Path
from typing import Any

import pytest

from runtime.exchange.inspection import inspect_here
from tests.unit.exchange.workbooks import F, workbook

HEAD = ["客户", "电话", "地区", "数量", "金额"]
ROWS: list[list[Any]] = [
    ["甲商行", "020-1", "华北", 3, "30.10"],
    ["乙商行", "020-2", "华东", 4, "44.05"],
    ["丙商行", "020-3", "华南", 5, "50.00"],
]


def sorted_rows(tmp_path: Path, rows: list[list[Any]]) -> tuple[int, list[int]]:
    table = inspect_here(workbook(tmp_path / "a.xlsx", rows), "a.xlsx")["tables"][0]
    return table["n_rows"], table["total_rows"]


@pytest.mark.parametrize(
    "row",
    [
        # it adds up
        ["合计", "020-9", None, 12, 124.15],
        ["总计：", "-", "-", 12, "124.15"],
        ["合计（元）", "-", None, None, "¥124.15"],
        # one price beside two sums
        ["总 计", 1, None, 12, "124.15"],
        # it is computed of the rows above
        ["小计", "020-9", "华南", F("SUM(D2:D4)", 12), F("SUM(E2:E4)", 0)],
        ["合计", "020-9", "华南", F("D2+D3+D4", 0), 1],
        ["Total", "020-9", None, F("SUBTOTAL(109,[数量])", 0), 1],
        # it leaves the rest blank
        ["合计", None, None, None, 999],
        ["本月合计", None, None, 999, None],
        [None, None, "小计", None, 999],
    ],
)
def test_total__is_left_out(tmp_path: Path, row: list[Any]) -> None:
    assert sorted_rows(tmp_path, [HEAD, *ROWS, row]) == (3, [5])


@pytest.mark.parametrize(
    "row",
    [
        # customers and goods that are called so
        ["总计", "020-4", "华北", 6, "61.00"],
        ["合计器", "020-4", "华北", 6, "61.00"],
        ["合计（北京）", "020-4", "华北", 6, 61],
        ["北方总计", "020-4", None, 6, 61],
        # a formula of the row itself, or a balance over the row above, adds nothing up
        ["总计", "020-4", "华北", 6, F("D5*10", 60)],
        ["总计", "020-4", "华北", 6, F("E4+D5", 61)],
        # its code stands before its name, and nothing else is known of it yet
        ["K9", "合计", None, None, None],
    ],
)
def test_record__may_be_called_as_a_total(tmp_path: Path, row: list[Any]) -> None:
    assert sorted_rows(tmp_path, [HEAD, *ROWS, row, ROWS[0]]) == (5, [])


def test_totals__of_parts_and_of_everything(tmp_path: Path) -> None:
    part = ["小计", "020-9", "华南", 12, 124.15]
    grand = ["总计", "020-9", "华南", 24, 248.3]
    rows = [HEAD, *ROWS, part, *ROWS, part, grand]
    assert sorted_rows(tmp_path, rows) == (6, [5, 9, 10])


def test_total__on_top_of_its_records(tmp_path: Path) -> None:
    assert sorted_rows(tmp_path, [HEAD, ["合计", "-", "-", 12, 124.15], *ROWS]) == (3, [2])


def test_list_of_names__has_no_totals(tmp_path: Path) -> None:
    goods = [["品名", "数量"], ["螺丝", 1], ["总计", 7], ["垫片", 3], ["累计", 2]]
    assert sorted_rows(tmp_path, goods) == (4, [])
