"""Everything formulas of a workbook may point at: its tables, its names, its single cells."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from runtime.exchange.cells import Cell
from runtime.exchange.formulas.parse import parse
from runtime.exchange.formulas.tree import Area, Name, Node, NotConverted, TableColumns
from runtime.exchange.found import Found
from runtime.exchange.reader import ListObject, Sheet, Workbook


@dataclass
class Scene:
    """The workbook as formulas see it, and the single cells that were read on the way."""

    workbook: Workbook
    tables: Sequence[Found]
    constants: dict[str, tuple[str, int, int]] = field(default_factory=dict)

    def sheet(self, name: str) -> Sheet:
        """The sheet of that name; names are compared without case."""
        for sheet in self.workbook.sheets:
            if sheet.name.lower() == name.lower():
                return sheet
        raise NotConverted("formula_kept_lost")

    def on(self, sheet: Sheet) -> list[Found]:
        """The tables of a sheet."""
        return [table for table in self.tables if table.sheet is sheet]

    def cell(self, sheet: Sheet, row: int, column: int) -> Cell | None:
        """Any cell of a sheet."""
        return next((cell for cell in sheet.rows.get(row, ()) if cell.column == column), None)

    def named(self, name: Name) -> Node:
        """What a defined name stands for."""
        lowered = name.text.lower()
        for known, text in self.workbook.names.items():
            if known.lower() == lowered:
                return parse(text)
        raise NotConverted("formula_kept_name", name=name.text[:60])

    def list_object(self, name: str) -> tuple[Sheet, ListObject]:
        """The Excel table of that name."""
        for sheet in self.workbook.sheets:
            for listed in sheet.list_objects:
                if listed.name.lower() == name.lower():
                    return sheet, listed
        raise NotConverted("formula_kept_lost")

    def around(self, sheet: Sheet, row: int, column: int) -> ListObject | None:
        """The Excel table a cell stands in."""
        for listed in sheet.list_objects:
            top, left, bottom, right = listed.range
            if top <= row <= bottom and left <= column <= right:
                return listed
        return None

    def area_of(self, told: TableColumns, sheet: Sheet, row: int, column: int) -> Area:
        """The cells that columns of an Excel table mean, seen from one cell."""
        home, listed = self._meant(told, sheet, row, column)
        top, _, bottom, _ = listed.range
        left, right = _sides(told, listed)
        if told.part == "this row":
            if home is not sheet or not top <= row <= bottom:
                raise NotConverted("formula_kept_other_row")
            return Area(home.name, row, left, row, right, top_fixed=False, bottom_fixed=False)
        if told.part == "headers":
            return Area(home.name, top, left, top, right)
        if told.part == "totals":
            return Area(home.name, bottom, left, bottom, right)
        first = top if told.part == "all" else top + listed.header_rows
        return Area(home.name, first, left, bottom - listed.total_rows, right)

    def _meant(
        self, told: TableColumns, sheet: Sheet, row: int, column: int
    ) -> tuple[Sheet, ListObject]:
        if told.table:
            return self.list_object(told.table)
        inside = self.around(sheet, row, column)
        if inside is None:
            raise NotConverted("formula_kept_lost")
        return sheet, inside


def _sides(told: TableColumns, listed: ListObject) -> tuple[int, int]:
    if not told.first:
        return listed.range[1], listed.range[3]
    left, right = listed.left_of(told.first), listed.left_of(told.last)
    if left is None or right is None:
        raise NotConverted("formula_kept_lost")
    return left, right
