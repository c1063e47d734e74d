"""Pictures that lie on cells or stand in them: whose they are, and how they leave the child."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runtime.exchange import media
from runtime.exchange.corrected import Corrections
from runtime.exchange.inspection import inspect_here
from runtime.exchange.limits import LIMITS
from runtime.exchange.reader import read_workbook
from runtime.exchange.spool import write_rows
from tests.unit.exchange.pictured import (
    DARK,
    LIGHT,
    anchor,
    corners,
    draw,
    keep_as_values,
    keep_in_cells,
)
from tests.unit.exchange.workbooks import F, workbook

IN_CELL = F('DISPIMG("ID_1",1)', '=DISPIMG("ID_1",1)')
ROWS: list[list[Any]] = [
    ["货号", "品名", "外观"],
    ["A1", "螺丝", IN_CELL],
    ["A2", "螺母", None],
    ["A3", "垫片", None],
]
CORPUS = Path(__file__).parents[4] / "shared" / "excel"
PLAIN = [row[:2] + [None] * (len(row) - 2) if row[0] != "货号" else row for row in ROWS]


def notes(path: Path, *anchors: str) -> list[tuple[str, str]]:
    found = inspect_here(draw(path, anchors), "a.xlsx")
    assert found["tables"][0]["columns"][2]["type"] == "image"
    return [(note["code"], note["message"]) for note in found["notes"]]


def taken(path: Path, tmp_path: Path, key: str = "S1") -> dict[int, dict[str, list[str]]]:
    """The rows the child hands on, by their number."""
    spool = tmp_path / "rows.jsonl"
    write_rows(read_workbook(path), key, Corrections(), spool)
    return dict(json.loads(line) for line in spool.read_text(encoding="utf-8").splitlines())


def test_pictures__in_records_are_told_by_column_and_no_text_stands_for_them(
    tmp_path: Path,
) -> None:
    path = workbook(tmp_path / "a.xlsx", ROWS)
    # One on a record, one above the table, one beside it, a shape, and nonsense.
    drawn = [anchor("2", "2"), anchor("0", "0"), anchor("2", "7"), anchor("3", "2", "sp")]
    told = notes(path, *drawn, anchor("x", "2"))
    assert told == [("note_pictures", "列 C 里有 2 张图片，会导入到每条记录的图片字段里。")]


def test_pictures__over_texts_stay_out_and_this_is_said(tmp_path: Path) -> None:
    found = inspect_here(draw(workbook(tmp_path / "a.xlsx", PLAIN), [anchor("1", "1")]), "a.xlsx")
    assert [note["code"] for note in found["notes"]] == ["note_pictures_left"]


def test_pictures__of_a_damaged_drawing_are_none(tmp_path: Path) -> None:
    told = notes(workbook(tmp_path / "a.xlsx", ROWS), anchor("2", "2"), "<x:twoCellAnchor>")
    assert [code for code, _ in told] == ["note_pictures"]
    assert "1 张" in told[0][1]


# A row is 200 high, so a picture of 180 that begins 150 below the top of row 2 is mostly in row 3.
@pytest.mark.parametrize(
    ("more", "row"),
    [
        (corners((1, 10), (1, 190), 180), 2),
        (corners((1, 150), (2, 130), 180), 3),
        (corners((1, 40), (2, 20), 180), 2),
        (corners((1, 190), (3, 10), 220), 3),
        (corners((1, 0), (3, 190), 590), 2),
        # Nothing is said of its height.
        (corners((1, 150), (2, 130), 0), 2),
    ],
)
def test_picture__belongs_to_the_row_it_is_mostly_in(tmp_path: Path, more: str, row: int) -> None:
    path = workbook(tmp_path / "a.xlsx", PLAIN)
    draw(path, [anchor("", "", key="rId1", more=more)], {"a.png": DARK})
    places = [(each.row, each.column, each.part) for each in read_workbook(path).sheets[0].pictures]
    assert places == [(row, 3, "xl/media/a.png")]


def test_rows__name_the_parts_of_their_pictures(tmp_path: Path) -> None:
    path = keep_in_cells(workbook(tmp_path / "a.xlsx", ROWS), {"ID_1": DARK})
    drawn = [anchor("2", "2", key="rId1"), anchor("2", "2", key="rId2"), anchor("3", "2", key="x")]
    draw(path, drawn, {"a.png": DARK, "b.png": LIGHT})
    rows = taken(path, tmp_path)
    assert rows[2]["C"] == ["p", "xl/media/w1.png"]
    assert rows[3]["C"] == ["p", "xl/media/a.png\nxl/media/b.png"]
    # Its relationship leads nowhere: a picture, but not in the file.
    assert rows[4]["C"] == ["p", ""]


def test_rows__have_the_pictures_excel_keeps_as_values(tmp_path: Path) -> None:
    path = keep_as_values(workbook(tmp_path / "a.xlsx", PLAIN), [DARK, LIGHT])
    with zipfile.ZipFile(path) as package:
        held = {name: package.read(name) for name in package.namelist()}
    sheet = held["xl/worksheets/sheet1.xml"].decode()
    for row, vm in ((2, 2), (4, 1)):
        cell = f'<c r="C{row}" t="e" vm="{vm}"><v>#VALUE!</v></c>'
        before, row_tag, after = sheet.partition(f'<row r="{row}">')
        sheet = before + row_tag + after.replace("</row>", f"{cell}</row>", 1)
    with zipfile.ZipFile(path, "w") as package:
        for name, content in {**held, "xl/worksheets/sheet1.xml": sheet.encode()}.items():
            package.writestr(name, content)
    found = inspect_here(path, "a.xlsx")
    assert found["tables"][0]["columns"][2]["type"] == "image"
    assert [note["code"] for note in found["notes"]] == ["note_pictures"]
    rows = taken(path, tmp_path)
    assert [rows[row].get("C") for row in (2, 3, 4)] == [
        ["p", "xl/media/v2.png"],
        None,
        ["p", "xl/media/v1.png"],
    ]


def test_media__leave_under_names_of_ours_within_limits(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", PLAIN)
    drawn = [anchor(str(row), "2", key=f"rId{row}") for row in (1, 2, 3)]
    large = DARK + bytes(5_000)
    draw(path, drawn, {"a.png": DARK, "large.png": large, "c.png": LIGHT})
    book = read_workbook(path)
    folder = tmp_path / "out"
    folder.mkdir()
    limits = replace(LIMITS, picture_bytes=1_000)
    told = media.write(path, book, folder, limits)
    assert told["xl/media/large.png"] == {"refused": "import_picture_too_large"}
    name = told["xl/media/c.png"]["file"]
    assert (folder / name).read_bytes() == LIGHT
    assert name.isdigit()
    assert len(list(folder.iterdir())) == 2


def test_media__of_too_many_are_left_out(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", PLAIN)
    drawn = [anchor(str(row), "2", key=f"rId{row}") for row in (1, 2, 3)]
    draw(path, drawn, {"a.png": DARK, "b.png": LIGHT, "c.png": DARK})
    book = read_workbook(path)
    for number, limits in enumerate(
        (replace(LIMITS, pictures=2), replace(LIMITS, pictures_bytes=len(DARK) + len(LIGHT)))
    ):
        folder = tmp_path / f"out{number}"
        folder.mkdir()
        told = media.write(path, book, folder, limits)
        assert told["xl/media/c.png"] == {"refused": "import_pictures_too_many"}
        assert len(list(folder.iterdir())) == 2


def test_media__of_a_real_workbook_belong_to_its_records(tmp_path: Path) -> None:
    path = CORPUS / "048_ie_pictures_offset.xlsx"
    if not path.is_file():
        print("corpus: 50 pictures not tried, the workbooks are not there")  # noqa: T201
        return
    rows = taken(path, tmp_path, "测试")
    parts = {cell[1] for cells in rows.values() for col, cell in cells.items() if cell[0] == "p"}
    assert sum(cell[0] == "p" for cells in rows.values() for cell in cells.values()) == 50
    folder = tmp_path / "out"
    folder.mkdir()
    told = media.write(path, read_workbook(path), folder)
    assert parts <= told.keys()
    assert all("file" in each for each in told.values())
