"""Which rows under a header are records, and which are totals, notes or prepared emptiness."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from runtime.exchange import cells
from runtime.exchange.cells import Cell
from runtime.exchange.grid import Grid, Row
from runtime.exchange.totals import Totals

_NOTE: Final = re.compile(
    r"(备注|注|说明|制表|审核|填表|note|source|来源|资料来源)\s*\d*\s*[:：]", re.IGNORECASE
)
_PLACEHOLDER: Final = re.compile(r"\{\{[^{}]+\}\}|\$\{[^{}]+\}|^\{[^{}]+\}$")
_LONG: Final = 40


class _Shape:
    """What the records of a table look like so far: how often a column is filled, how long."""

    def __init__(self, columns: Sequence[int]) -> None:
        self.columns = columns
        self.seen = 0
        self._filled: Counter[int] = Counter()
        self._longest: dict[int, int] = {}

    def learn(self, row: Row) -> None:
        """Take one record in."""
        self.seen += 1
        self._filled.update(row.keys())
        for column, cell in row.items():
            self._longest[column] = max(self._longest.get(column, 0), len(cell.value))

    def fits(self, column: int, cell: Cell) -> bool:
        """Whether a lone cell may well be a record of which only the key was filled in."""
        often = self._filled[column] * 2 > self.seen
        return often and len(cell.value) <= self._longest.get(column, 0)


@dataclass(frozen=True)
class Records:
    """Row numbers by what they are."""

    rows: tuple[int, ...]
    totals: tuple[int, ...]
    skipped: tuple[int, ...]


def classify(grid: Grid, numbers: Sequence[int], columns: Sequence[int]) -> Records:
    """Sort the rows under a header; everything after the closing notes is left out."""
    span = set(columns)
    shape = _Shape(columns)
    sums = Totals(grid, numbers, columns)
    records: list[int] = []
    totals: list[int] = []
    skipped: list[int] = []
    previous = numbers[0] - 1 if numbers else 0
    running = _running_columns(grid, numbers, columns)
    for number in numbers:
        row = {column: cell for column, cell in grid.rows[number].items() if column in span}
        gap = number - previous - 1
        if not row:
            continue
        previous = number
        if sums.is_total(row, number):
            totals.append(number)
        elif _is_note(row, gap, shape):
            skipped.append(number)
        elif _is_record(row, running):
            records.append(number)
            shape.learn(row)
            sums.learn(number, row)
        else:
            skipped.append(number)
    if records and _sums_the_rest(grid, records, columns):
        totals.append(records.pop())
    return Records(*_cut_tail(records, totals, skipped))


def _cut_tail(
    records: list[int], totals: list[int], skipped: list[int]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    last = max([*records, *totals], default=0)
    return tuple(records), tuple(totals), tuple(row for row in skipped if row < last)


def _is_note(row: Row, gap: int, shape: _Shape) -> bool:
    if any(_PLACEHOLDER.search(cell.value.strip()) for cell in row.values()):
        return True
    texts = [cell for cell in row.values() if cell.kind == cells.TEXT]
    if len(row) > 2 or len(texts) != len(row) or len(shape.columns) < 3:
        return False
    if any(_NOTE.match(cell.value.strip()) for cell in texts):
        return True
    if len(row) > 1:
        return False
    column, cell = next(iter(row.items()))
    if gap > 0 and shape.seen > 0:
        return not shape.fits(column, cell)
    return len(cell.value) > _LONG and column == shape.columns[0]


def _sums_the_rest(grid: Grid, records: Sequence[int], columns: Sequence[int]) -> bool:
    """Whether the last record lacks its key and holds the sum of the column above: a total."""
    last = grid.rows[records[-1]]
    if len(records) < 3:
        return False
    always = set.intersection(*(set(grid.rows[row]) for row in records[:-1]))
    if len(records) > 10 and _lacks_leading(grid, records, columns):
        return True
    if columns[0] in last:
        return False
    if sum(columns[0] in grid.rows[row] for row in records) * 10 < len(records) * 9:
        return False
    if len(records) > 10 and len(always.intersection(columns) - last.keys()) > 2:
        return True
    return any(
        cell.kind == cells.NUMBER and _is_sum(grid, records, column, cell)
        for column, cell in last.items()
    )


def _lacks_leading(grid: Grid, records: Sequence[int], columns: Sequence[int]) -> bool:
    """Whether the last row lacks the first two columns that practically every record fills."""
    counts = Counter(column for row in records[:-1] for column in grid.rows[row])
    usual = [column for column in columns if counts[column] * 50 >= (len(records) - 1) * 49]
    return len(usual) > 3 and not grid.rows[records[-1]].keys() & set(usual[:2])


def _is_sum(grid: Grid, records: Sequence[int], column: int, cell: Cell) -> bool:
    above = [found for row in records[:-1] if (found := grid.rows[row].get(column)) is not None]
    numbers = [cells.decimal_of(found.value) for found in above if found.kind == cells.NUMBER]
    told = cells.decimal_of(cell.value)
    return len(numbers) > 1 and told != 0 and abs(sum(numbers) - told) * 10**9 <= abs(told)


def _is_record(row: Row, running: Iterable[int]) -> bool:
    constants = {column for column, cell in row.items() if cell.formula is None}
    return bool(constants - set(running))


def _running_columns(grid: Grid, numbers: Sequence[int], columns: Sequence[int]) -> tuple[int, ...]:
    """Columns that only count 1, 2, 3: prepared on empty rows, they make no record."""
    if len(columns) < 3:
        return ()
    found = []
    for column in columns:
        counted = [
            cell for number in numbers if (cell := grid.rows[number].get(column)) is not None
        ]
        if len(counted) > 2 and _counts(counted):
            found.append(column)
    return tuple(found[:1])


def _counts(counted: Sequence[Cell]) -> bool:
    if any(cell.kind != cells.NUMBER for cell in counted):
        return False
    values = [cells.decimal_of(cell.value) for cell in counted]
    return all(after - before == 1 for before, after in pairwise(values))
