"""Real workbooks against their truth, with measured floors; every cell against a witness."""

import json
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from runtime.exchange import cells
from runtime.exchange.inspection import inspect_here
from runtime.exchange.reader import read_workbook
from runtime.exchange.shown import moment

CORPUS = Path(__file__).parents[4] / "shared" / "excel"
# What was measured when this was written: tables, then columns.
FLOOR = {"header": 63, "rows": 62, "names": 617, "types": 587, "value_types": 615}
OF = {"tables": 63, "columns": 623}


def squeezed(text: Any) -> str:
    return " ".join(str(text).split())


def judged(table: dict[str, Any], truth: dict[str, Any]) -> Counter[str]:
    """Points of one table; a formula column counts by its value's type under `value_types`."""
    points = Counter(
        header=table["header_rows"] == truth["header_rows"],
        rows=table["n_rows"] in [truth["n_rows"], *truth.get("accept_n_rows", [])],
    )
    seen = {column["col"]: column for column in table["columns"]}
    for column in truth["columns"]:
        points["columns"] += 1
        found = seen.get(column["col"])
        if found is None:
            continue
        named = column.get("unnamed") or squeezed(column["name"]) == squeezed(found["name"])
        right = {column["type"], *column.get("accept", [])}
        points["names"] += bool(named)
        points["types"] += found["type"] in right
        points["value_types"] += found["type"] in right | {column.get("result_type")}
    return points


def test_first_tables__are_found_as_a_person_reads_them() -> None:
    truth_file = CORPUS / "truth.json"
    if not truth_file.is_file():
        print(f"corpus: {OF['tables']} tables not tried, the workbooks are not there")  # noqa: T201
        return
    points: Counter[str] = Counter()
    for file in json.loads(truth_file.read_text())["files"]:
        tables = [table for table in file["tables"] if not table.get("optional")]
        found = {}
        if tables:
            seen = inspect_here(CORPUS / file["file"], file["file"])
            found = {table["sheet"]: table for table in seen["tables"]}
        for truth in tables:
            points["tables"] += 1
            points += judged(found[truth["sheet"]], truth)
    print(f"corpus: {dict(points)}")  # noqa: T201
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
        if path.stat().st_size > 400_000 or path.name.startswith("095"):
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
