"""Addresses -> fields: a cell of the same row, a column of a table, a value that stands alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from runtime.exchange import cells
from runtime.exchange.cells import Cell, column_letters
from runtime.exchange.formulas.scene import Scene
from runtime.exchange.formulas.tree import Area, NotConverted
from runtime.exchange.found import Found
from runtime.exchange.reader import Sheet

# ("own", "K"), ("col", table, "K"), ("look", …), ("const", place, value), ("call", name, […]) …
Tree = tuple[Any, ...]
_WIDEST: Final = 60


@dataclass(frozen=True)
class At:
    """The cell whose formula is read, and the table it stands in."""

    scene: Scene
    found: Found
    row: int
    column: int

    def sheet_of(self, area: Area) -> Sheet:
        """The sheet an area lies on."""
        return self.scene.sheet(area.sheet) if area.sheet else self.found.sheet


@dataclass(frozen=True)
class Block:
    """Neighbouring columns of one table, as VLOOKUP and INDEX take them."""

    found: Found
    left: int
    right: int

    def column(self, place: int) -> Tree:
        """The column at a place counted from 1."""
        number = self.left + place - 1
        if not self.left <= number <= self.right or number not in self.found.columns:
            raise NotConverted("formula_kept_range")
        return ("col", self.found.key, column_letters(number))

    def columns(self) -> list[Tree]:
        """All of them that the table has."""
        inside = range(self.left, min(self.right, self.left + _WIDEST) + 1)
        return [
            ("col", self.found.key, column_letters(number))
            for number in inside
            if number in self.found.columns
        ]


def own_row(area: Area, at: At) -> list[Tree] | None:
    """Fields of the formula's own row, or None where the area lies elsewhere."""
    if at.sheet_of(area) is not at.found.sheet or area.top != area.bottom or area.top != at.row:
        return None
    if area.top_fixed and len(at.found.table.rows) > 1:
        return None
    inside = [number for number in at.found.columns if area.left <= number <= area.right]
    if not inside or (area.is_cell and area.left not in at.found.columns):
        return None
    return [("own", column_letters(number)) for number in inside]


def block(area: Area, at: At) -> Block:
    """The columns of a table that an area covers from the first record to the last."""
    sheet = at.sheet_of(area)
    best = max(at.scene.on(sheet), key=lambda found: _overlap(area, found), default=None)
    if best is None or not _overlap(area, best):
        raise NotConverted("formula_kept_range")
    if best is at.found and not area.is_fixed and at.row in best.table.rows:
        raise NotConverted("formula_kept_running")
    covered = [row for row in best.table.rows if area.top <= row <= area.bottom]
    if len(covered) * 2 < len(best.table.rows):
        raise NotConverted("formula_kept_part")
    return Block(best, area.left, area.right)


def _overlap(area: Area, found: Found) -> int:
    rows = sum(area.top <= row <= area.bottom for row in found.table.rows)
    return rows * sum(area.left <= number <= area.right for number in found.columns)


def other_row(area: Area, at: At) -> NotConverted:
    """Why a cell of another row is no field: a chain from row to row, or a row of another sheet."""
    if at.sheet_of(area) is at.found.sheet and area.left in at.found.columns:
        return NotConverted("formula_kept_chain")
    return NotConverted("formula_kept_other_row")


def is_record(area: Area, at: At) -> bool:
    """Whether a single cell belongs to a record of some table."""
    return any(
        area.top in set(found.table.rows) and area.left in found.columns
        for found in at.scene.on(at.sheet_of(area))
    )


def constant(area: Area, at: At) -> Tree:
    """The value of a cell that stands alone, with its place."""
    sheet = at.sheet_of(area)
    cell = at.scene.cell(sheet, area.top, area.left)
    if cell is None:
        return ("none",)
    place = f"{sheet.name}!{column_letters(area.left)}{area.top}"
    at.scene.constants[place] = (sheet.name, area.top, area.left)
    return ("const", place, *_value(cell, at))


def _value(cell: Cell, at: At) -> Sequence[Any]:
    if cell.kind == cells.NUMBER:
        shape = at.scene.workbook.style(cell).format.shape
        if shape in {"date", "datetime"}:
            return ("d", cells.plain_text(cell.value))
        return ("n", cells.plain_text(cell.value))
    if cell.kind == cells.BOOLEAN:
        return ("b", cell.value == "1")
    if cell.kind == cells.TEXT:
        return ("t", cell.value)
    raise NotConverted("formula_kept_error")
