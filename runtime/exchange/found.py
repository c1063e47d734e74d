"""A table found in a workbook, with what was learnt of each of its columns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from runtime.exchange.cells import Cell, column_letters
from runtime.exchange.evidence import Evidence
from runtime.exchange.grid import Grid
from runtime.exchange.reader import Sheet, Workbook
from runtime.exchange.tables import Table
from runtime.exchange.types import Guess

_NAMED: Final = re.compile(r"\{([^{}]{1,200})\}")


@dataclass(frozen=True)
class Looked:
    """A column as it was looked at: its name (or one made up), its cells, the type they suggest."""

    name: str
    invented: bool
    seen: Evidence
    guess: Guess


@dataclass(frozen=True)
class Found:
    """One table of a workbook; `key` names it within the workbook."""

    key: str
    workbook: Workbook
    sheet: Sheet
    grid: Grid
    table: Table
    columns: Mapping[int, Looked]
    # Formulas a person typed for whole columns, with names of columns in braces.
    typed: Mapping[int, str] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> Cell | None:
        """The cell of a record, if it shows something."""
        return self.grid.rows.get(row, {}).get(column)

    def formula(self, row: int, column: int) -> str | None:
        """The formula of a cell, also where it shows nothing; what was typed for it comes first."""
        if column in self.typed:
            return self._addressed(self.typed[column], row)
        cell = self.cell(row, column)
        if cell is not None and cell.formula is not None:
            return cell.formula
        return self.sheet.facts.blank_formulas.get((row, column))

    def _addressed(self, text: str, row: int) -> str:
        """A typed formula as it would read in the sheet: {单价} is C5 in row 5."""
        letters = {each.name: column_letters(number) for number, each in self.columns.items()}

        def address(match: re.Match[str]) -> str:
            return f"{letters[match[1]]}{row}" if match[1] in letters else match[0]

        return _NAMED.sub(address, text)
