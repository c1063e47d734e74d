"""Where the table of a sheet is: header, columns, records, totals."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from runtime.exchange import cells, headers, records
from runtime.exchange.cells import MAX_COLUMN, column_letters
from runtime.exchange.grid import Grid
from runtime.exchange.headers import Header
from runtime.exchange.names import clean, column_names
from runtime.exchange.reader import ListObject

_GENERIC_TABLE: Final = re.compile(r"(table|表|tabelle|tableau)_?\d+", re.IGNORECASE)
_GENERIC: Final = re.compile(r"(column|columna|spalte|colonne|列)\s*\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """One table as found: nothing of it is imported before a person has seen it."""

    sheet: str
    header: Header
    columns: tuple[int, ...]
    names: dict[int, tuple[str, bool]]
    first_row: int
    last_row: int
    rows: tuple[int, ...]
    totals: tuple[int, ...]
    skipped: tuple[int, ...]
    # What a form of it would be called.
    label: str = ""

    @property
    def range(self) -> str:
        """The address of the table with its header."""
        top = min([*self.header.rows, self.first_row])
        own = [number for number in self.columns if number <= MAX_COLUMN]
        left, right = column_letters(min(own)), column_letters(max(own))
        return f"{left}{top}:{right}{max(self.last_row, top)}"


def labelled(grid: Grid, table: Table, *, alone: bool) -> Table:
    """The table with what a form of it would be called; `alone`: its sheet has no other."""
    return replace(table, label=_label(grid, table, alone=alone))


def _label(grid: Grid, table: Table, *, alone: bool) -> str:
    """The title of a table where a sheet has several, else the name of its sheet."""
    sheet = clean(grid.name)
    if alone:
        return sheet
    listed = _listed(grid)
    if listed is not None and listed.name and not _GENERIC_TABLE.fullmatch(listed.name):
        return clean(listed.name)
    top = min([*table.header.rows, table.first_row])
    for number in reversed([number for number in grid.numbers if number < top][-3:]):
        texts = [cell.value for cell in grid.rows[number].values() if cell.kind == cells.TEXT]
        if len(texts) == 1 and len(grid.rows[number]) == 1:
            return clean(texts[0])[:60]
    return f"{sheet} {table.names[table.columns[0]][0]}"[:60]


def find_table(
    grid: Grid, header_row: int | None = None, header: Header | None = None
) -> Table | None:
    """Return the sheet's main table.

    `header_row` is a person's correction (0: there is none), `header` says all of it.
    """
    if not grid.numbers:
        return None
    if header is not None:
        return _built(grid, header, None)
    listed = _listed(grid)
    if header_row is not None:
        return _built(grid, _corrected(grid, header_row), None)
    if listed is not None:
        return _built(grid, _listed_header(grid, listed), listed)
    return _built(grid, headers.find_header(grid), None)


def _corrected(grid: Grid, header_row: int) -> Header:
    if header_row not in grid.rows:
        return Header((), max(header_row, grid.numbers[0]), "header_corrected", {})
    found = headers.deepened(grid, header_row)
    return Header(found.rows, found.first_row, "header_corrected", {"row": header_row})


def _listed(grid: Grid) -> ListObject | None:
    candidates = [found for found in grid.list_objects if found.header_rows]
    return max(candidates, key=lambda found: found.range[2] - found.range[0], default=None)


def _listed_header(grid: Grid, listed: ListObject) -> Header:
    top = listed.range[0]
    row = grid.rows.get(top, {})
    if row and all(_GENERIC.fullmatch(cell.value.strip()) for cell in row.values()):
        following = grid.rows.get(top + 1, {})
        if following and all(cell.kind == cells.TEXT for cell in following.values()):
            return Header((top + 1,), top + 2, "header_below_generic", {"row": top + 1})
    return Header((top,), top + 1, "header_of_table", {"row": top})


def _built(grid: Grid, header: Header, listed: ListObject | None) -> Table | None:
    numbers = [number for number in grid.numbers if number >= header.first_row]
    if listed is not None:
        low = listed.range[2] - listed.total_rows
        numbers = [number for number in numbers if number <= low]
    columns = _columns(grid, header, numbers, listed)
    if not columns:
        return None
    found = records.classify(grid, numbers, columns)
    last = max([*found.rows, *found.totals], default=header.first_row)
    return Table(
        sheet=grid.name,
        header=header,
        columns=columns,
        names=dict(column_names(grid, header.rows, columns)),
        first_row=header.first_row,
        last_row=max(found.rows, default=last),
        rows=found.rows,
        totals=found.totals,
        skipped=found.skipped,
    )


def _columns(
    grid: Grid, header: Header, numbers: Sequence[int], listed: ListObject | None
) -> tuple[int, ...]:
    if listed is not None:
        return tuple(range(listed.range[1], listed.range[3] + 1))
    named = {column for row in header.rows for column in grid.rows.get(row, {})}
    counts = Counter(column for number in numbers for column in grid.rows[number])
    if not named:
        return tuple(sorted(counts))
    for top, left, bottom, _ in grid.merges:
        if bottom > top >= header.first_row and left in grid.rows.get(top, {}):
            counts[left] += bottom - top
    left, right = min(named), max(named)
    step = 2 if all(column + 1 not in named for column in named) else 1
    kept = set(named)
    for column, count in counts.items():
        # A column without a name stands between named ones, or beside them and is filled often.
        between = left < column < right and count >= max(2, len(numbers) // 10)
        beside = left - step <= column <= right + step and count * 5 >= len(numbers) and count > 2
        if column not in named and (between or beside):
            kept.add(column)
    return tuple(sorted(kept))
