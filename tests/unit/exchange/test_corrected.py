"""What a person sets right: regions, headers, columns cut and put together, formulas, relations."""

from pathlib import Path
from typing import Any

import pytest

from runtime.exchange import edits
from runtime.exchange.corrected import read_corrections
from runtime.exchange.inspection import inspect_workbook
from runtime.exchange.opening import open_workbook
from runtime.exchange.spool import read_rows, write_rows
from runtime.infra.errors import BadRequest
from tests.unit.exchange.workbooks import workbook, workbook_of

SALES: list[list[Any]] = [
    ["销售", None, None, None, None],
    ["日期", "客户/电话", "货号", "数量", "金额"],
    ["2026-03-01", "甲/010-1", "H-1", 2, 5],
    ["2026-03-02", "乙/021-2", "H-2", 3, 7.5],
    ["2026-03-03", "丙", "H-1", 4, 11],
    ["备注", "以下为旧数据", None, None, None],
    ["2025-01-01", "丁/1", "H-9", 1, 1],
]
GOODS = [["编码", "单价"], ["H-1", 2.5], ["H-2", 2.5], ["H-3", 4]]


def seen(tmp_path: Path, said: list[dict[str, Any]]) -> dict[str, Any]:
    choices: dict[str, Any] = {}
    for edit in said:
        choices = edits.added(choices, edit)
    book = open_workbook(workbook_of(tmp_path / "a.xlsx", {"销售": SALES, "货": GOODS}), "a.xlsx")
    told = read_corrections(choices["corrections"], {})
    found = inspect_workbook(book, "a.xlsx", told)
    count = write_rows(book, "销售", told, tmp_path / "rows")
    table = next(table for table in found["tables"] if table["key"] == "销售")
    assert count == table["n_rows"]
    return {**found, "table": table, "rows": [row.cells for row in read_rows(tmp_path / "rows")]}


def by_name(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in found["table"]["columns"]}


def region(**told: str) -> dict[str, Any]:
    return edits.region_edit("销售", {"top": "2", "left": "a", "right": "E", **told})


def test_region__and_header_rows(tmp_path: Path) -> None:
    found = seen(tmp_path, [region(bottom="5", header_first="2")])
    assert (found["table"]["range"], found["table"]["n_rows"]) == ("A2:E5", 3)
    assert found["table"]["header_rows"] == [2]
    # Without a last row it goes on to the end; without a header its first row is a record.
    found = seen(tmp_path, [region(top="3", right="C", header_first="0")])
    assert found["table"]["header_rows"] == []
    assert found["table"]["range"] == "A3:C7"
    further = edits.add_edit("销售", {"top": "7", "left": "A", "right": "E", "bottom": "7"})
    keys = [table["key"] for table in seen(tmp_path, [region(bottom="5"), further])["tables"]]
    assert keys == ["销售", "销售#2", "货"]


def test_split__the_header_names_the_pieces_and_other_letters_stay(tmp_path: Path) -> None:
    cut = edits.split_edit("销售", "B", "/")
    found = seen(tmp_path, [region(bottom="5", header_first="2"), cut])
    names = [(column["col"], column["name"]) for column in found["table"]["columns"]]
    assert names == [
        *[("A", "日期"), ("B", "客户"), ("XFE", "电话"), ("C", "货号"), ("D", "数量")],
        ("E", "金额"),
    ]
    assert found["table"]["range"] == "A2:E5"
    assert [row["B"].text for row in found["rows"]] == ["甲", "乙", "丙"]
    assert [row["XFE"].text for row in found["rows"] if "XFE" in row] == ["010-1", "021-2"]


def test_join__what_is_shown_is_put_together(tmp_path: Path) -> None:
    joined = edits.join_edit("销售", ["C", "D"], "×")
    found = seen(tmp_path, [region(bottom="5", header_first="2"), joined])
    assert by_name(found)["货号×数量"]["col"] == "C"
    assert [row["C"].text for row in found["rows"]] == ["H-1×2", "H-2×3", "H-1×4"]
    assert all("D" not in row for row in found["rows"])


def test_formula__typed_for_a_column_is_tried_on_every_row(tmp_path: Path) -> None:
    first = region(bottom="5", header_first="2")
    price = "VLOOKUP({货号},货!A:B,2,0)*{数量}"
    column = by_name(seen(tmp_path, [first, edits.formula_edit("销售", "E", price)]))["金额"]
    # 4 × 2.50 is 10, and the file has 11.
    assert (column["offer"]["proved"], column["offer"]["of"]) == (2, 3)
    assert column["offer"]["differs"] == [{"cell": "销售!E5", "file": "11", "ours": "10"}]
    assert column["type"] != "formula"
    broken = edits.formula_edit("销售", "E", "=FROBNICATE({数量})")
    assert by_name(seen(tmp_path, [first, broken]))["金额"]["kept"]["message"]


def test_relation__said_and_unsaid(tmp_path: Path) -> None:
    first = region(bottom="5", header_first="2")
    found = seen(tmp_path, [first])
    assert by_name(found)["货号"].get("to") is None
    to = edits.relation_edit("销售", "C", ("货", "A"))
    column = by_name(seen(tmp_path, [first, to]))["货号"]
    assert (column["type"], column["to"], column["matched"]) == ("reference", "货.编码", 3)
    gone = edits.relation_edit("销售", "C", None)
    assert by_name(seen(tmp_path, [first, to, gone]))["货号"]["type"] == "text"


def test_edits__taken_back_and_said_again() -> None:
    plan = {"do": "plan", "tables": {"销售": {"label": "卖", "columns": {"A": {"name": "日"}}}}}
    choices = edits.added(edits.added({"sheet": "销售"}, region(bottom="5")), plan)
    assert choices["plans"]["销售"] == {"label": "卖", "columns": {"A": {"name": "日"}}}
    back = edits.taken_back(choices)
    assert (back["plans"], back["corrections"]) == ({}, choices["corrections"])
    assert edits.said_again(back) == choices
    # Something new is said: what was taken back is gone for good.
    other = edits.added(back, edits.header_edit("销售", "3"))
    assert edits.said_again(other) == other
    assert edits.taken_back(edits.taken_back(edits.taken_back(other)))["edits"] == []


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("import_bad_region", lambda: region(top="x")),
        ("import_bad_region", lambda: region(right="ZZZ")),
        ("import_bad_region", lambda: region(bottom="1")),
        ("import_bad_header", lambda: region(header_first="2", header_last="9")),
        ("import_bad_header", lambda: edits.header_edit("a", "-1")),
        ("import_bad_sign", lambda: edits.split_edit("a", "B", "")),
        ("import_join_needs_two", lambda: edits.join_edit("a", ["B", "B"], "")),
        ("import_bad_formula", lambda: edits.formula_edit("a", "B", " ")),
        ("import_no_table", lambda: edits.relation_edit("a", "b c", None)),
    ],
)
def test_edits__that_say_nothing_usable_are_refused(code: str, made: Any) -> None:
    with pytest.raises(BadRequest, match=code):
        made()


def test_split__of_a_sheet_of_one_column(tmp_path: Path) -> None:
    book = open_workbook(workbook(tmp_path / "a.xlsx", [["名"], ["a b"], ["c"]]), "a.xlsx")
    told = {"tables": {"S1": {"splits": [{"col": "A", "by": " "}], "header": [1]}}}
    columns = inspect_workbook(book, "a", read_corrections(told, {}))["tables"][0]["columns"]
    assert [column["name"] for column in columns] == ["名", "名 2"]
