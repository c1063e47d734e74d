"""A sheet as detection sees it: filled cells by row and column, blanks left out."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from runtime.exchange import cells
from runtime.exchange.cells import Cell
from runtime.exchange.pictures import is_in_cell
from runtime.exchange.reader import ListObject, Sheet, Workbook
from runtime.exchange.sheet import Range
from runtime.exchange.styles import Style

Row = Mapping[int, Cell]


@dataclass(frozen=True)
class Grid:
    """Rows with something in them, in order, and the hints the author left."""

    name: str
    rows: Mapping[int, Row]
    styles: Sequence[Style]
    merges: Sequence[Range]
    list_objects: tuple[ListObject, ...]
    filter_range: str | None
    frozen_rows: int
    numbers: tuple[int, ...] = field(default=())

    def style(self, cell: Cell) -> Style:
        """Return the style of a cell."""
        return self.styles[cell.style] if cell.style < len(self.styles) else self.styles[0]

    def below(self, row: int, most: int) -> list[int]:
        """Return the next filled rows under `row`, `most` of them at the utmost."""
        start = bisect_right(self.numbers, row)
        return list(self.numbers[start : start + most])


def grid_of(workbook: Workbook, sheet: Sheet) -> Grid:
    """Leave out blank cells and rows that hold nothing else."""
    rows: dict[int, Row] = {}
    for number, row in sheet.rows.items():
        filled = {cell.column: cell for cell in row if is_filled(cell)}
        if filled:
            rows[number] = filled
    return Grid(
        name=sheet.name,
        rows=rows,
        styles=workbook.styles,
        merges=sheet.facts.merges,
        list_objects=sheet.list_objects,
        filter_range=sheet.facts.filter_range,
        frozen_rows=sheet.facts.frozen_rows,
        numbers=tuple(rows),
    )


def is_filled(cell: Cell) -> bool:
    """Whether a cell shows something."""
    shows = cell.kind != cells.TEXT or bool(cell.value.strip())
    return shows and not is_in_cell(cell)


def columns_of(rows: Iterable[Row]) -> set[int]:
    """Return all columns with something in them."""
    found: set[int] = set()
    for row in rows:
        found.update(row)
    return found
