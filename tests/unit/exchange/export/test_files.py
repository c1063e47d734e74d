"""What stands in a file: figures digit by digit, texts as texts, whatever they begin with."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from runtime.exchange.export import xlsx_file
from runtime.exchange.export.cells import Cell, Column, is_formula
from runtime.exchange.export.csv_file import CsvFile
from runtime.exchange.export.xlsx_file import XlsxFile

COLUMNS = (
    Column("名称", "text"), Column("数量", "number"), Column("单价", "money"),
    Column("税率", "percent"), Column("日期", "date"), Column("时刻", "datetime"),
)  # fmt: skip
LATE = datetime.fromisoformat("2026-11-21T09:30:15")
NASTY = ("=1+1", "+A1", "-2+3", "@SUM(A1)", "\t=1", '"; DROP', "<b>&", " a ", "=\n1")


def workbook(rows: Sequence[Sequence[Cell]]) -> tuple[bytes, int]:
    stream = io.BytesIO()
    file = XlsxFile(stream, COLUMNS, "商品: [全部]")
    for row in rows:
        file.write([*row, *[None] * (len(COLUMNS) - len(row))])
    file.close()
    return stream.getvalue(), file.cut


def cells(content: bytes) -> list[Any]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [row for sheet in book.worksheets for row in sheet.iter_rows(min_row=2)]


def test_workbook__every_type_comes_back() -> None:
    row = ["螺丝", Decimal(-5), Decimal("0.1234"), Decimal("0.13"), date(2026, 2, 28),
           LATE]  # fmt: skip
    content, _ = workbook([row])
    (read,) = cells(content)
    values = [cell.value for cell in read]
    assert values[0] == "螺丝"
    assert [Decimal(str(value)) for value in values[1:4]] == row[1:4]
    assert values[4:] == [datetime.fromisoformat("2026-02-28"), LATE]
    formats = [cell.number_format for cell in read]
    assert formats[2:5] == ["#,##0.00########", "0.00%", r"yyyy\-mm\-dd"]


def test_workbook__figures_are_written_digit_by_digit() -> None:
    content, _ = workbook([["", Decimal("123456789012.345"), Decimal("1E+3")]])
    xml = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<v>123456789012.345</v>" in xml
    assert "<v>1000</v>" in xml


def test_workbook__no_text_is_a_formula() -> None:
    content, _ = workbook([[text] for text in NASTY])
    read = [row[0] for row in cells(content)]
    assert [cell.value for cell in read] == list(NASTY)
    assert {cell.data_type for cell in read} == {"s"}


def test_workbook__a_text_like_an_escape_stays_what_it_is() -> None:
    content, _ = workbook([["_x0041_"]])
    assert unescape(cells(content)[0][0].value) == "_x0041_"


def test_workbook__a_text_that_is_too_long_is_cut_and_counted() -> None:
    content, cut = workbook([["字" * 40_000], ["a\x00b\x0bc\ud800"]])
    read = [row[0].value for row in cells(content)]
    assert [len(read[0]), read[0][-1], cut] == [32_767, "…", 1]
    assert read[1] == "abc"


def test_workbook__a_full_sheet_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 4)
    content, _ = workbook([[str(number)] for number in range(7)])
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["商品   全部", "商品   全部 (2)", "商品   全部 (3)"]
    assert [sheet.max_row for sheet in book.worksheets] == [4, 4, 2]
    assert {sheet.cell(1, 1).value for sheet in book.worksheets} == {"名称"}
    assert [row[0].value for row in cells(content)] == list("0123456")


@pytest.mark.parametrize("text", ["-5", "+86", "-1,234.50"])
def test_texts__a_signed_figure_is_no_formula(text: str) -> None:
    assert not is_formula(text)


def test_texts__what_a_spreadsheet_would_calculate_is_disarmed() -> None:
    stream = io.BytesIO()
    file = CsvFile(stream, COLUMNS[:2])
    for text in NASTY:
        file.write([text, Decimal("-5.50")])
    file.close()
    rows = list(csv.reader(io.StringIO(stream.getvalue().decode("utf-8-sig"), newline="")))[1:]
    assert {row[1] for row in rows} == {"-5.50"}
    assert not [row[0] for row in rows if row[0].startswith(("=", "+", "-", "@", "\t"))]
    assert [row[0].removeprefix("'") for row in rows] == list(NASTY)
