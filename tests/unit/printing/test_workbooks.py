"""Workbook templates: filled and read again by another program."""

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.xml.functions import fromstring

from runtime.printing import pictures
from runtime.printing.given import Value
from tests.unit.printing.papers import (
    asked,
    book,
    filled,
    paper,
    plain,
    saved,
    sheets,
    unzipped,
    values,
)


@pytest.mark.parametrize("lines", [0, 1, 60])
def test_fill__lines_are_repeated_and_formulas_follow(tmp_path: Path, lines: int) -> None:
    sheet = sheets(filled(saved(book()), tmp_path, [paper("XS-1", lines)]))["送货单"]
    shown = max(lines, 1)
    last = 3 + shown
    assert sheet.max_row == 5 + shown
    assert [sheet.cell(row, 1).value for row in range(4, 4 + lines)] == list(range(1, lines + 1))
    assert [sheet.cell(row, 2).value for row in range(4, 4 + lines)] == [
        f"商品{n}" for n in range(1, lines + 1)
    ]
    if lines:
        assert sheet.cell(last, 5).value == f"=C{last}*D{last}"
    else:
        assert [cell.value for cell in sheet[4]] == [None] * 5
    total = last + 1
    assert sheet.cell(total, 3).value == f"=SUM(C4:C{last})"
    assert sheet.cell(total, 5).value == f"=SUM(E4:E{last})"
    assert sheet.cell(total + 1, 1).value == "壹佰元整"
    assert sheet.print_area == f"'送货单'!$A$1:$E${total + 1}"
    assert sheet.print_title_rows == "$1:$3"
    assert sheet.oddFooter.center.text == "XS-1 第 &P 页"
    assert [str(each) for each in sheet.merged_cells.ranges] == ["A1:E1"]


def test_fill__cells_are_typed_and_no_text_is_a_formula(tmp_path: Path) -> None:
    made = book()
    sheet = made.active
    assert sheet is not None
    sheet["B6"] = "${客户}"
    read = sheets(filled(saved(made), tmp_path, [paper("XS-1", 1)]))["送货单"]
    assert (read["B7"].value, read["B6"].value) == (None, "=1+1")
    assert read["B6"].data_type == "s"
    assert read["A2"].value == "客户：=1+1"
    assert read["D2"].is_date
    assert read["D2"].value.isoformat() == "2026-11-22T00:00:00"
    assert (read["D4"].value, read["D4"].number_format) == (1.25, "#,##0.00")
    content = unzipped(filled(saved(made), tmp_path, [paper("XS-1", 1)]))
    part = next(name for name in content if name.startswith("xl/worksheets/"))
    assert b"<v>1.25</v>" in content[part]
    assert b"fullCalcOnLoad" in content["xl/workbook.xml"]


def test_fill__a_page_header_takes_no_words_of_its_language(tmp_path: Path) -> None:
    told = paper("A&B", 1)
    read = sheets(filled(saved(book()), tmp_path, [told]))["送货单"]
    assert read.oddFooter.center.text == "A&&B 第 &P 页"


def test_fill__several_records_have_a_sheet_each(tmp_path: Path) -> None:
    papers = [paper("XS/1", 2), paper("XS/1", 0), paper("", 3)]
    read = sheets(filled(saved(book()), tmp_path, papers))
    assert list(read) == ["XS 1", "XS 1 (2)", "送货单"]
    assert read["XS 1"]["C6"].value == "=SUM(C4:C5)"
    assert [each.print_area for each in read.values()] == [
        "'XS 1'!$A$1:$E$7", "'XS 1 (2)'!$A$1:$E$6", "'送货单'!$A$1:$E$8",
    ]  # fmt: skip


def test_fill__blank_rows_make_papers_of_one_length(tmp_path: Path) -> None:
    read = sheets(filled(saved(book()), tmp_path, [paper("XS-1", 2)], asked(fill_rows=5)))
    sheet = read["送货单"]
    assert values(sheet)[5:8] == [[None] * 5] * 3
    assert sheet["C9"].value == "=SUM(C4:C8)"


def test_fill__two_rows_for_each_line(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet["A1"], sheet["A2"], sheet["A3"] = "${明细.商品}", "数量 ${明细.数量}", "完"
    sheet.merge_cells("A2:B2")
    read = next(iter(sheets(filled(saved(made), tmp_path, [paper("x", 2)])).values()))
    assert [row[0] for row in values(read)] == ["商品1", "数量 1", "商品2", "数量 2", "完"]
    assert {str(each) for each in read.merged_cells.ranges} == {"A2:B2", "A4:B4"}


def test_fill__a_code_is_a_picture_in_its_cell(tmp_path: Path) -> None:
    made = book()
    sheet = made.active
    assert sheet is not None
    sheet["E2"] = "${编号|二维码}"
    drawn = pictures.symbol("XS-1", "qr")
    assert drawn is not None
    told = paper("XS-1", 1, **{"编号|二维码": Value("", picture=drawn)})
    content = filled(saved(made), tmp_path, [told, told])
    parts = unzipped(content)
    # The drawing as it is written: a reader gives its pictures only where it can decode them.
    drawings = [each for name, each in parts.items() if "xl/drawings/p" in name]
    read = [SpreadsheetDrawing.from_tree(fromstring(each)) for each in drawings]
    anchors = [[*each.oneCellAnchor, *each.twoCellAnchor] for each in read]
    assert [[(at._from.col, at._from.row) for at in each] for each in anchors] == [[(4, 1)]] * 2
    assert all(at.pic.blipFill.blip.embed for each in anchors for at in each)
    links = [each for name, each in parts.items() if name.startswith("xl/worksheets/_rels/")]
    assert [b"/drawings/p" in each for each in links] == [True, True]
    pngs = [each for name, each in parts.items() if name.endswith(".png")]
    # The same picture is kept once.
    assert pngs == [drawn.content]


def test_fill__formulas_of_another_sheet_follow_their_records(tmp_path: Path) -> None:
    made = book()
    other = made.create_sheet("汇总")
    other["A1"], other["B1"] = "${编号}", "=SUM(送货单!E4:E4)+送货单!C5"
    read = sheets(filled(saved(made), tmp_path, [paper("a", 2), paper("b", 3)]))
    assert list(read) == ["a", "a (2)", "b", "b (2)"]
    assert read["a (2)"]["B1"].value == "=SUM('a'!E4:E5)+'a'!C6"
    assert read["b (2)"]["B1"].value == "=SUM('b'!E4:E6)+'b'!C7"


def test_plain__the_same_bytes_again_and_shared_formulas_written_out(tmp_path: Path) -> None:
    once, found = plain(saved(book()), tmp_path)
    assert plain(once, tmp_path)[0] == once
    assert [each["text"] for each in found["found"]][:3] == ["公司", "客户", "日期"]
    assert {"at": "送货单!A6", "row": "送货单!6", "text": "金额|大写"} in found["found"]


def test_numbers__digit_by_digit(tmp_path: Path) -> None:
    big = Value("x", Decimal("123456789012.345"), "number")
    told = paper("XS-1", 1, 日期=big)
    content = unzipped(filled(saved(book()), tmp_path, [told]))
    part = next(name for name in content if name.startswith("xl/worksheets/"))
    assert b"<v>123456789012.345</v>" in content[part]
