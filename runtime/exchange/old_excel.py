"""The old binary format (.xls, and .et of WPS): values only, read by a library in the cage."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from runtime.exchange import cells, styles
from runtime.exchange.cells import Cell
from runtime.exchange.limits import Limits
from runtime.exchange.reader import Rows, Sheet, Workbook
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.sheet import SheetFacts

_HIDDEN: Final = {"Hidden": "hidden", "VeryHidden": "veryHidden"}


def read_old(path: Path, limits: Limits) -> Workbook:
    """Read an old workbook; formulas are gone, their values are there."""
    # Only in the child, and only for such files: the library is compiled code.
    import python_calamine  # noqa: PLC0415

    if path.stat().st_size > limits.file_bytes:
        raise FileRefused("file_too_large", {"size": "", "most": ""})
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = tuple(_sheet(book, place, limits) for place in range(len(book.sheet_names)))
    except python_calamine.PasswordError as error:
        raise FileRefused("file_encrypted") from error
    except python_calamine.CalamineError as error:
        raise FileUnreadable("file_unreadable") from error
    return Workbook(sheets, (styles.PLAIN,), False, False, {})  # noqa: FBT003


def _sheet(book: Any, place: int, limits: Limits) -> Sheet:
    facts = SheetFacts()
    told = book.sheets_metadata[place]
    sheet = book.get_sheet_by_index(place)
    top, left = sheet.start or (0, 0)
    if sheet.total_height > limits.rows:
        raise FileRefused("sheet_too_many_rows", {"most": limits.rows})
    if sheet.total_width > limits.columns:
        raise FileRefused("sheet_too_many_columns", {"most": limits.columns})
    rows: Rows = {}
    for number, values in enumerate(sheet.to_python(), top + 1):
        row = [
            cell
            for column, value in enumerate(values, left + 1)
            if (cell := _cell(column, value)) is not None
        ]
        if row:
            rows[number] = row
    facts.merges.extend(
        (first[0] + 1, first[1] + 1, last[0] + 1, last[1] + 1)
        for first, last in (sheet.merged_cell_ranges or ())
    )
    state = _HIDDEN.get(str(told.visible).rpartition(".")[2], "visible")
    return Sheet(str(told.name), state, rows, facts, ())


def _cell(column: int, value: Any) -> Cell | None:
    match value:
        case bool():
            return Cell(column, cells.BOOLEAN, str(int(value)), 0, None)
        case int() | float():
            # The library knows no other number; 15 digits of it are what Excel shows.
            return Cell(column, cells.NUMBER, _digits(value), 0, None)
        case datetime() | date() | time():
            return Cell(column, cells.MOMENT, value.isoformat(), 0, None)
        case timedelta():
            return Cell(column, cells.NUMBER, _digits(value / timedelta(days=1)), 0, None)
        case str() if value:
            return Cell(column, cells.TEXT, value, 0, None)
    return None


def _digits(value: float) -> str:
    return format(cells.decimal_of(format(Decimal(repr(value)), "f")), "f")
