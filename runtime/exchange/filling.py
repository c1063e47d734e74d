"""Cells merged down several records: each of them has the value, as people read it."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from runtime.exchange.cells import Cell
from runtime.exchange.grid import Grid
from runtime.exchange.sheet import Range
from runtime.exchange.tables import Table

_NUMBER: Final = re.compile(
    r"单号|单据编号|单据号|订单号|订单编号|合同号|凭证号|发票号|流水号|order\s*(id|no|number)|invoice",
    re.IGNORECASE,
)
_LEAST: Final = 2


def names_documents(name: str) -> bool:
    """Whether a column of that name says which document a row belongs to."""
    return _NUMBER.search(name) is not None


def document_columns(merges: Iterable[Range], table: Table) -> tuple[int, ...]:
    """The columns that are merged down the lines of each document, or none of them.

    One lone column is a heading of several records, unless it has the numbers of documents.
    """
    rows = set(table.rows)
    spans: dict[tuple[int, int], set[int]] = {}
    for top, left, bottom, right in merges:
        tall = bottom > top and left == right and left in table.names
        if tall and top in rows and bottom in rows:
            spans.setdefault((top, bottom), set()).add(left)
    shared = set.intersection(*spans.values()) if len(spans) >= _LEAST else set()
    own = tuple(number for number in table.columns if number in shared)
    if len(own) == 1 and not names_documents(table.names[own[0]][0]):
        return ()
    return own


def filled_down(grid: Grid, table: Table) -> Grid:
    """Return the cells with what is merged down written into every record it stands beside.

    What makes rows the lines of a document stays as it is, and so does a formula: a sum over
    several rows is not the sum of each.
    """
    left_alone = set(document_columns(grid.merges, table))
    rows = {number: dict(grid.rows[number]) for number in table.rows}
    for top, column, under in _tall(grid.merges, table):
        cell = rows[top].get(column)
        if cell is None or cell.formula is not None or column in left_alone:
            continue
        for number in under:
            rows[number].setdefault(column, cell)
    return replace(grid, rows={**grid.rows, **rows})


def carried_down(grid: Grid, table: Table, columns: Collection[int]) -> Grid:
    """Return the cells with what a column says carried into the records below that leave it blank.

    A person said so of these columns: a sheet names a customer once and leaves it out until the
    next one. What is above the first of them stays blank, and a formula is not carried.
    """
    rows = {number: dict(grid.rows[number]) for number in table.rows}
    for column in columns:
        last: Cell | None = None
        for number in table.rows:
            here = rows[number].get(column)
            if here is not None:
                last = here._replace(formula=None) if here.formula is None else None
            elif last is not None:
                rows[number][column] = last
    return replace(grid, rows={**grid.rows, **rows})


def _tall(merges: Sequence[Range], table: Table) -> Iterator[tuple[int, int, Sequence[int]]]:
    """The merges that begin in a record: its row, the column, the records further down."""
    own, records = set(table.columns), set(table.rows)
    for top, left, bottom, _ in set(merges):
        if left in own and top in records:
            first, last = bisect_right(table.rows, top), bisect_right(table.rows, bottom)
            if first < last:
                yield top, left, table.rows[first:last]
