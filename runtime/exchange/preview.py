"""The first rows of every sheet as they look in Excel, for choosing sheet and header row."""

from collections.abc import Iterator
from typing import Any, Final

from runtime.exchange.cells import PICTURE
from runtime.exchange.grid import is_filled
from runtime.exchange.pictures import is_in_cell
from runtime.exchange.reader import Sheet, Workbook
from runtime.exchange.shown import as_shown

ROWS: Final = 30
COLUMNS: Final = 40
CHARS: Final = 80
Json = dict[str, Any]


def preview(workbook: Workbook) -> list[Json]:
    """Return for each sheet its first rows, cell by cell, with what makes them stand out."""
    return [_sheet(workbook, sheet) for sheet in workbook.sheets if sheet.rows]


def _sheet(workbook: Workbook, sheet: Sheet) -> Json:
    numbers = [row for row, cells in sheet.rows.items() if any(map(is_filled, cells))]
    last = min(max(numbers, default=1), ROWS)
    shown = {row: _row(workbook, sheet, row) for row in range(1, last + 1)}
    for row, column in _pictured(sheet):
        if row in shown and column <= COLUMNS:
            shown[row].setdefault(column, {"text": "", "kind": PICTURE, "bold": False})
    width = max((max(cells, default=1) for cells in shown.values()), default=1)
    return {
        "sheet": sheet.name,
        "state": sheet.state,
        "rows": shown,
        "columns": width,
        "filled_rows": len(numbers),
        "merges": [list(found) for found in sheet.facts.merges if found[0] <= last][:500],
    }


def _pictured(sheet: Sheet) -> Iterator[tuple[int, int]]:
    """The cells that show a picture: one that lies on them, or one they hold as WPS keeps it."""
    yield from ((picture.row, picture.column) for picture in sheet.pictures)
    for row, cells in sheet.rows.items():
        yield from ((row, cell.column) for cell in cells if is_in_cell(cell))


def _row(workbook: Workbook, sheet: Sheet, row: int) -> dict[int, Json]:
    found: dict[int, Json] = {}
    for cell in sheet.rows.get(row, []):
        if cell.column > COLUMNS or not is_filled(cell):
            continue
        style = workbook.style(cell)
        text = as_shown(cell, style.format, epoch_1904=workbook.epoch_1904)
        found[cell.column] = {"text": text[:CHARS], "kind": cell.kind, "bold": style.bold}
    return found
