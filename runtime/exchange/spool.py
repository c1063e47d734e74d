"""The records of one table as JSON lines: what the cage hands on for import, plain and typed."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from runtime.exchange import cell_pictures
from runtime.exchange.cells import PICTURE, column_letters
from runtime.exchange.corrected import Corrections, located
from runtime.exchange.grid import Grid, grid_of
from runtime.exchange.pictures import is_in_cell
from runtime.exchange.reader import Sheet, Workbook
from runtime.exchange.refusals import FileUnreadable
from runtime.exchange.shown import as_value
from runtime.exchange.tables import Table

# Made once: `json.dumps` would make an encoder for each row.
_written: Final = json.JSONEncoder(ensure_ascii=False).encode


class Taken(NamedTuple):
    """A cell for import: its kind (see `cells`) and its text."""

    kind: str
    text: str


_made = Taken._make


class RawRow(NamedTuple):
    """One record: its row in the sheet and what was taken, by column letters."""

    row: int
    cells: dict[str, Taken]


def write_rows(workbook: Workbook, name: str, corrections: Corrections, file: Path) -> int:
    """Write the records of the table of that key and return how many there are."""
    sheet, grid, table = _table(workbook, name, corrections)
    rows = table.rows if table is not None else ()
    pictured = {} if table is None else _pictured(workbook, sheet, table)
    with file.open("w", encoding="utf-8") as out:
        for row in rows:
            taken = {**pictured.get(row, {}), **_taken(workbook, grid, row)}
            out.write(_written([row, taken]) + "\n")
    return len(rows)


def _table(
    workbook: Workbook, key: str, corrections: Corrections
) -> tuple[Sheet, Grid, Table | None]:
    """The table of that key: the sheet's name, or that with a number for a further one of it."""
    names = {key, key.rpartition("#")[0]}
    sheets = [sheet for sheet in workbook.sheets if sheet.name in names]
    if not sheets:
        raise FileUnreadable("sheet_part_missing", {"sheet": key[:80]})
    for sheet in sheets:
        for known, grid, table in located(workbook, sheet, corrections):
            if known == key:
                return sheet, grid, table
    return sheets[0], grid_of(workbook, sheets[0]), None


def _pictured(
    workbook: Workbook, sheet: Sheet, table: Table
) -> dict[int, dict[str, tuple[str, str]]]:
    """The pictures on records by row and column letters: the parts they are kept in, a line each.

    What a cell says goes before what lies on it.
    """
    rows, columns = set(table.rows), set(table.columns)
    found: dict[tuple[int, int], list[str]] = {}
    for row, column, part in sheet.pictures:
        found.setdefault((row, column), []).append(part)
    for row in table.rows:
        for cell in filter(is_in_cell, sheet.rows.get(row, ())):
            part = workbook.cell_pictures.get(cell_pictures.number_in(cell), "")
            found.setdefault((row, cell.column), []).append(part)
    told: dict[int, dict[str, tuple[str, str]]] = {}
    for (row, column), parts in found.items():
        if row in rows and column in columns:
            told.setdefault(row, {})[column_letters(column)] = PICTURE, "\n".join(parts)
    return told


def _taken(workbook: Workbook, grid: Grid, row: int) -> dict[str, tuple[str, str]]:
    found, epoch = {}, workbook.epoch_1904
    for column, cell in grid.rows[row].items():
        value = as_value(cell, grid.style(cell).format, epoch_1904=epoch)
        if value is not None:
            found[column_letters(column)] = value
    return found


def read_rows(file: Path) -> Iterator[RawRow]:
    """Yield the records the child wrote."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row, found = json.loads(line)
            yield RawRow(int(row), {key: _made(value) for key, value in found.items()})


def first_rows(file: Path, most: int) -> list[RawRow]:
    """Return the first records."""
    return list(islice(read_rows(file), most))


def count_rows(file: Path) -> int:
    """Return how many records there are."""
    with file.open("rb") as lines:
        return sum(1 for _ in lines)
