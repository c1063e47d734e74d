"""Columns a person made of others: one cut in pieces, several put together, one all rows share.

They stand behind Excel's last column, so the letters of all others stay what they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from runtime.exchange import cells
from runtime.exchange.cells import LAST_LETTERS, MAX_COLUMN, Cell, column_number
from runtime.exchange.grid import Grid
from runtime.exchange.shown import as_shown
from runtime.exchange.tables import Table
from runtime.exchange.texts import cell_of_text

MOST_PIECES: Final = 10


@dataclass(frozen=True)
class Split:
    """A column whose texts are cut at a sign: the first piece stays, the others are columns."""

    col: str
    by: str


@dataclass(frozen=True)
class Join:
    """Columns put together into the first of them, with a sign between."""

    cols: tuple[str, ...]
    by: str


@dataclass(frozen=True)
class Constant:
    """A column that says the same in every row: the month a sheet is about."""

    name: str
    value: str


def reshaped(
    grid: Grid,
    table: Table,
    splits: Sequence[Split],
    joins: Sequence[Join],
    constant: Constant | None,
    *,
    epoch_1904: bool = False,
) -> tuple[Grid, Table]:
    """Return the cells and the table as they are with the columns that were made."""
    if not (splits or joins or constant):
        return grid, table
    shaping = _Shaping(grid, table, epoch_1904=epoch_1904)
    for join in joins:
        shaping.join([column_number(col) for col in join.cols], join.by)
    for split in splits:
        shaping.split(column_number(split.col), split.by)
    if constant is not None:
        shaping.add(constant)
    return shaping.done()


class _Shaping:
    """One table on the way: its rows, the order of its columns, the names that are new."""

    def __init__(self, grid: Grid, table: Table, *, epoch_1904: bool) -> None:
        self._grid, self._table, self._epoch_1904 = grid, table, epoch_1904
        self._rows = {row: dict(grid.rows[row]) for row in table.rows}
        self._columns = list(table.columns)
        self._names = dict(table.names)
        self._next = MAX_COLUMN + 1

    def join(self, columns: Sequence[int], by: str) -> None:
        """Put columns together; numbers and dates as they are shown."""
        own = [column for column in columns if column in self._columns]
        if len(own) < 2:
            return
        for row in self._rows.values():
            texts = [self._shown(row[column]) for column in own if column in row]
            for column in own:
                row.pop(column, None)
            if texts:
                row[own[0]] = Cell(own[0], cells.TEXT, by.join(texts), 0, None)
        name = by.join(self._names[column][0] for column in own)
        self._names[own[0]] = (name or self._names[own[0]][0], False)
        self._columns = [each for each in self._columns if each not in own[1:]]

    def split(self, column: int, by: str) -> None:
        """Cut a column; a row without the sign keeps its text in the first piece."""
        if column not in self._columns or not by:
            return
        texts = {n: self._shown(row[column]) for n, row in self._rows.items() if column in row}
        cut = {n: [part.strip() for part in _cut(text, by)] for n, text in texts.items()}
        most = max((len(parts) for parts in cut.values()), default=1)
        made = [column, *range(self._next, self._next + most - 1)]
        self._next += most - 1
        for number, parts in cut.items():
            self._rows[number].pop(column)
            for place, part in zip(made, parts, strict=False):
                if part:
                    self._rows[number][place] = _typed(place, part)
        place = self._columns.index(column)
        self._columns[place : place + 1] = made
        self._names |= dict(self._piece_names(made, by))

    def _piece_names(self, made: Sequence[int], by: str) -> Iterator[tuple[int, tuple[str, bool]]]:
        """姓名/电话 names its pieces itself; else they are counted."""
        whole, invented = self._names[made[0]]
        own = [part.strip() for part in _cut(whole, by)]
        tells = len(own) == len(made) and all(own)
        for number, column in enumerate(made):
            counted = whole if not number else f"{whole} {number + 1}"
            yield column, (own[number], False) if tells else (counted, invented)

    def add(self, constant: Constant) -> None:
        """A column more, in front: what is read first tells the sheets apart."""
        column = LAST_LETTERS
        for row in self._rows.values():
            row[column] = Cell(column, cells.TEXT, constant.value, 0, None)
        self._columns.insert(0, column)
        self._names[column] = (constant.name, False)

    def done(self) -> tuple[Grid, Table]:
        """The cells and the table."""
        rows: Mapping[int, Mapping[int, Cell]] = {**self._grid.rows, **self._rows}
        names = {column: self._names[column] for column in self._columns}
        return (
            replace(self._grid, rows=rows),
            replace(self._table, columns=tuple(self._columns), names=_apart(names)),
        )

    def _shown(self, cell: Cell) -> str:
        return as_shown(cell, self._grid.style(cell).format, epoch_1904=self._epoch_1904).strip()


def _cut(text: str, by: str) -> list[str]:
    parts = text.split() if by.isspace() else text.split(by)
    return [*parts[: MOST_PIECES - 1], by.join(parts[MOST_PIECES - 1 :])][: max(len(parts), 1)]


def _typed(column: int, text: str) -> Cell:
    """A piece that reads as a number is one, but for codes."""
    return cell_of_text(column, text)


def _apart(names: Mapping[int, tuple[str, bool]]) -> dict[int, tuple[str, bool]]:
    """Two columns of one name are numbered, as they are when a header has them."""
    taken: set[str] = set()
    found = {}
    for column, (name, invented) in names.items():
        counted = (name if number == 1 else f"{name}_{number}" for number in count(1))
        free = next(each for each in counted if each not in taken)
        taken.add(free)
        found[column] = (free, invented)
    return found
