"""Pictures that lie on cells or stand in them: told, and never taken for texts."""

import zipfile
from pathlib import Path
from typing import Any

from runtime.exchange.inspection import inspect_here
from tests.unit.exchange.workbooks import PACKAGE, REL, F, workbook

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
IN_CELL = F('DISPIMG("ID_1",1)', '=DISPIMG("ID_1",1)')
ROWS: list[list[Any]] = [
    ["货号", "品名", "外观"],
    ["A1", "螺丝", IN_CELL],
    ["A2", "螺母", None],
    ["A3", "垫片", None],
]


def anchor(row: str, column: str, what: str = "pic") -> str:
    corner = f"<x:from><x:col>{column}</x:col><x:row>{row}</x:row></x:from>"
    far = "<x:to><x:col>9</x:col><x:row>9</x:row></x:to>"
    return f"<x:twoCellAnchor>{corner}{far}<x:{what}/></x:twoCellAnchor>"


def notes(path: Path, *anchors: str) -> list[tuple[str, str]]:
    link = f'<Relationship Id="rId1" Type="{REL}/drawing" Target="../drawings/drawing1.xml"/>'
    with zipfile.ZipFile(path, "a") as package:
        package.writestr(
            "xl/drawings/drawing1.xml", f'<x:wsDr xmlns:x="{DRAWING}">{"".join(anchors)}</x:wsDr>'
        )
        package.writestr(
            "xl/worksheets/_rels/sheet1.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">{link}</Relationships>',
        )
    found = inspect_here(path, "a.xlsx")
    assert found["tables"][0]["columns"][2]["type"] == "image"
    return [(note["code"], note["message"]) for note in found["notes"]]


def test_pictures__in_records_are_told_by_column_and_no_text_stands_for_them(
    tmp_path: Path,
) -> None:
    path = workbook(tmp_path / "a.xlsx", ROWS)
    # One on a record, one above the table, one beside it, a shape, and nonsense.
    drawn = [anchor("2", "2"), anchor("0", "0"), anchor("2", "7"), anchor("3", "2", "sp")]
    told = notes(path, *drawn, anchor("x", "2"))
    assert told == [
        (
            "note_pictures",
            "列 C 里有 2 张图片。图片本身不导入；只有图片的列变成图片字段，导入以后在记录里上传。",
        )
    ]


def test_pictures__of_a_damaged_drawing_are_none(tmp_path: Path) -> None:
    told = notes(workbook(tmp_path / "a.xlsx", ROWS), anchor("2", "2"), "<x:twoCellAnchor>")
    assert [code for code, _ in told] == ["note_pictures"]
    assert "1 张" in told[0][1]
