"""What a file is called and begins with says who reads it: text, old workbooks, macros."""

import zipfile
from pathlib import Path

import pytest

from runtime.exchange.inspection import inspect_here
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.texts import delimiter_of
from tests.unit.exchange.old_excel import old_workbook
from tests.unit.exchange.workbooks import workbook

TEXT = (
    '编号,名称,单价,日期,备注\r\n001,"螺丝, M4",1.50,2026-01-03,好\r\n'
    '002,螺母,0.80,2026/1/4,\r\n003,"垫""圈",12,2026年1月5日,"两行\n文字"\r\n'
)
TYPES = {"编号": "text", "名称": "text", "单价": "money", "日期": "date", "备注": "text"}


def types_of(path: Path, name: str) -> dict[str, str]:
    (table,) = inspect_here(path, name)["tables"]
    assert (table["header_rows"], table["n_rows"]) == ([1], 3)
    return {column["name"]: column["type"] for column in table["columns"]}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_text__is_read_in_whichever_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(TEXT.encode(encoding))
    assert types_of(path, "货品.csv") == TYPES


def test_text_with_tabs__under_the_name_of_an_old_workbook_is_what_programs_export(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a"
    path.write_bytes(TEXT.replace("螺丝, M4", "螺丝").replace(",", "\t").encode("gbk"))
    assert types_of(path, "导出.xls") == TYPES


def test_text__under_the_name_of_a_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(TEXT)
    with pytest.raises(FileRefused, match="file_is_text"):
        inspect_here(path, "a.xlsx")


def test_a_quote_that_never_ends__is_an_error_and_no_row(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("名称,数量\n" + '"甲' + "x" * 200_000)
    with pytest.raises(FileUnreadable, match="text_not_cut"):
        inspect_here(path, "a.csv")


@pytest.mark.parametrize(
    ("text", "sign"),
    [("a,b\n1,2\n", ","), ("a;b\n1,5;2\n2,5;3", ";"), ("a\tb\n1\t2", "\t"), ("a|b\n1|2", "|")],
)
def test_the_delimiter__cuts_lines_alike(text: str, sign: str) -> None:
    assert delimiter_of(text) == sign


def test_an_old_workbook__gives_its_values(tmp_path: Path) -> None:
    rows = [["编号", "名称", "数量", "单价"], ["001", "螺丝", 10, 1.5], ["002", "螺母", 5, 0.1]]
    path = old_workbook(tmp_path / "a", [*rows, ["003", "垫圈", 3, 2]], "库存")
    (table,) = inspect_here(path, "a.xls")["tables"]
    types = {column["name"]: column["type"] for column in table["columns"]}
    assert (table["sheet"], table["n_rows"]) == ("库存", 3)
    assert types == {"编号": "text", "名称": "text", "数量": "integer", "单价": "money"}
    with pytest.raises(FileRefused, match="file_old"):
        inspect_here(path, "a.xlsx")


def test_macros__are_left_aside_where_the_name_says_so(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a", [["名称", "数量"], ["甲", 1], ["乙", 2]])
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    assert inspect_here(path, "a.xlsm")["tables"][0]["n_rows"] == 2
    with pytest.raises(FileRefused, match="file_macros"):
        inspect_here(path, "a.xlsx")
