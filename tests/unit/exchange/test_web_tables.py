"""Tables that are pasted or exported as web pages, and what a pasted text holds."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runtime.exchange.inspection import inspect_here
from runtime.exchange.limits import LIMITS
from runtime.exchange.opening import open_workbook
from runtime.exchange.refusals import FileRefused

# As Excel puts it on the clipboard: a header over two columns, a code kept as text.
COPIED = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><style>td{x:y}</style>
</head><body><!--StartFragment--><table>
<tr><td rowspan=2>编码</td><td colspan=2>价格</td><td rowspan=2>备注</td></tr>
<tr><td>进价</td><td>售价</td></tr>
<tr><td style='mso-number-format:"\\@"'>12</td><td x:num="1.25">1.3</td><td>2,000.50</td>
<td>一行<br>二行</td></tr>
<tr><td style='mso-number-format:"\\@"'>007</td><td>2</td><td>3</td>
<td><script>x()</script></td></tr>
</table><!--EndFragment--></body></html>"""


def read(tmp_path: Path, name: str, content: bytes) -> Any:
    path = tmp_path / "upload"
    path.write_bytes(content)
    return open_workbook(path, name)


def test_copied_cells__merges_codes_figures_and_lines(tmp_path: Path) -> None:
    sheet = read(tmp_path, "粘贴的表格.html", COPIED.encode()).sheets[0]
    assert sheet.facts.merges == [(1, 1, 2, 1), (1, 2, 1, 3), (1, 4, 2, 4)]
    first = {cell.column: (cell.kind, cell.value) for cell in sheet.rows[3]}
    assert first == {1: ("t", "12"), 2: ("n", "1.25"), 3: ("t", "2,000.50"), 4: ("t", "一行\n二行")}
    assert [cell.value for cell in sheet.rows[4]] == ["007", "2", "3"]
    seen = inspect_here(tmp_path / "upload", "粘贴的表格.html")
    names = [column["name"] for column in seen["tables"][0]["columns"]]
    assert names == ["编码", "价格/进价", "价格/售价", "备注"]


def test_an_export_called_xls_in_gbk__is_read(tmp_path: Path) -> None:
    page = (
        "<meta charset=gb2312><table><tr><th>品名<th>数量<tr><td>螺丝<td>3</table><table></table>"
    )
    sheets = read(tmp_path, "导出.xls", page.encode("gb18030")).sheets
    assert [(sheet.name, len(sheet.rows)) for sheet in sheets] == [("导出", 2)]
    assert [cell.value for cell in sheets[0].rows[2]] == ["螺丝", "3"]


def test_pasted_text__has_line_breaks_in_quotes(tmp_path: Path) -> None:
    pasted = '品名\t说明\r\n螺丝\t"一行\n他说""好"""\r\n'
    rows = read(tmp_path, "粘贴的表格.tsv", pasted.encode()).sheets[0].rows
    assert [cell.value for cell in rows[2]] == ["螺丝", '一行\n他说"好"']


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", "<table><tr><td>1</td></tr></table>", "file_is_markup"),
        ("a.xls", "<html><p>nothing</p></html>", "file_is_markup"),
        ("a.html", "<table><tr><td rowspan=9 colspan=9>x</td></tr></table>", "sheet_merges"),
        ("a.html", "<table>" + "<tr><td>x" * 30, "sheet_too_many_rows"),
        ("a.html", "<table><tr>" + "<td>x" * 30, "sheet_too_many_columns"),
        ("a.html", f"<table><tr><td>{'x' * 200}", "sheet_cell_too_long"),
    ],
)
def test_pages_that_are_refused(tmp_path: Path, name: str, content: str, code: str) -> None:
    path = tmp_path / "upload"
    path.write_text(content)
    small = replace(LIMITS, rows=20, columns=20, cell_chars=100, merged_cells=500)
    with pytest.raises(FileRefused, match=code):
        open_workbook(path, name, small)
