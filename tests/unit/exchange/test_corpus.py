"""Real workbooks against their truth, with measured floors; every cell against a witness."""

import json
import os
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from bench.workbooks import judged, squeezed
from runtime.exchange import cells
from runtime.exchange.inspection import inspect_here
from runtime.exchange.reader import read_workbook
from runtime.exchange.shown import moment

CORPUS = Path(__file__).parents[4] / "shared" / "excel"
# What was measured when this was written.
FLOOR = {
    "header": 63,
    "records": 63,
    "totals": 63,
    "names": 617,
    "types": 616,
    "converted": 41,
    "found": 25,
}
OF = {"tables": 63, "columns": 623, "formulas": 41}
# Larger ones take minutes by themselves: only where everything is tried.
LARGE = 400_000


def test_first_tables__are_found_as_a_person_reads_them() -> None:
    truth_file = CORPUS / "truth.json"
    if not truth_file.is_file():
        print(f"corpus: {OF['tables']} tables not tried, the workbooks are not there")  # noqa: T201
        return
    points: Counter[str] = Counter()
    is_full = os.environ["TEST_DEPTH"] == "full"
    for truth in json.loads(truth_file.read_text())["files"]:
        path = CORPUS / truth["file"]
        if truth["tables"] and (is_full or path.stat().st_size < LARGE):
            points += judged(inspect_here(path, path.name), truth)
    print(f"corpus: {dict(points)}")  # noqa: T201
    assert points["equal"] == points["cells"] > 0
    assert points["converted"] * 10 >= points["formulas"] * 9 > 0
    for right, of in (("header", "tables"), ("records", "tables"), ("types", "columns")):
        assert points[right] * 100 >= points[of] * 95, right
    if is_full:
        assert {key: points[key] for key in OF} == OF
        assert {key: points[key] for key in FLOOR if points[key] < FLOOR[key]} == {}


def test_every_cell__agrees_with_an_independent_reader() -> None:
    compared = 0
    left_out = 0
    for path in sorted(CORPUS.glob("*.xlsx")):
        try:
            witness = CalamineWorkbook.from_path(path)
        except CalamineError:
            left_out += 1
            continue
        if path.stat().st_size > LARGE or path.name.startswith("095"):
            left_out += 1
            continue
        compared += agreeing_cells(path, witness)
    print(f"cells that agree with a second reader: {compared} ({left_out} files left out)")  # noqa: T201
    assert compared > 150_000 or not CORPUS.is_dir()


def agreeing_cells(path: Path, witness: CalamineWorkbook) -> int:
    book = read_workbook(path)
    count = 0
    for sheet in book.sheets:
        seen = witness.get_sheet_by_name(sheet.name)
        first_row, first_column = seen.start or (0, 0)
        rows = seen.to_python()
        for number, row in sheet.rows.items():
            for cell in row:
                if cell.kind in {cells.ERROR, cells.BAD} or not cell.value.strip():
                    continue
                other = rows[number - 1 - first_row][cell.column - 1 - first_column]
                ours = moment(cell, book.style(cell).format, epoch_1904=book.epoch_1904)
                place = f"{path.name} {sheet.name}!{cells.column_letters(cell.column)}{number}"
                assert is_same(cell, ours, other), f"{place}: {cell} is not {other!r}"
                count += 1
    return count


def is_same(cell: cells.Cell, ours: Any, other: Any) -> bool:
    if isinstance(other, bool):
        return cell.value == str(int(other))
    if isinstance(other, float | int):
        return cell.kind == cells.NUMBER and abs(float(cell.value) - other) <= abs(other) * 1e-12
    if isinstance(other, datetime | date | time | timedelta):
        return ours is not None or cell.kind == cells.MOMENT or cell.kind == cells.NUMBER
    return cell.kind in {cells.TEXT, cells.MOMENT} and squeezed(cell.value) == squeezed(other)
