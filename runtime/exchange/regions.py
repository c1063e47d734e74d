"""Where one table of a sheet ends and another begins: beside it, below it, or marked by the author.

A sheet is cut only where both halves stand on their own; a gap for the eye is no border.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from runtime.exchange import cells, headers
from runtime.exchange.grid import Grid, Row

_LEAST_COLUMNS: Final = 2
_MOST: Final = 20


def regions(grid: Grid) -> list[Grid]:
    """Return the parts of a sheet that hold a table each, the first one first."""
    marked = [found for found in grid.list_objects if found.header_rows]
    if len(marked) > 1 and len(marked) <= _MOST:
        return [
            replace(inside(grid, *found.range), list_objects=(found,))
            for found in sorted(marked, key=lambda found: found.range)
        ]
    if marked:
        return [grid]
    beside = list(_beside(grid))
    return [part for band in beside for part in _below(band)][:_MOST]


def inside(grid: Grid, top: int, left: int, bottom: int, right: int) -> Grid:
    """The part of a sheet within these rows and columns."""
    rows: dict[int, Row] = {}
    for number in grid.numbers:
        if top <= number <= bottom:
            row = {key: cell for key, cell in grid.rows[number].items() if left <= key <= right}
            if row:
                rows[number] = row
    merges = [
        merge
        for merge in grid.merges
        if top <= merge[0] and merge[2] <= bottom and left <= merge[1] and merge[3] <= right
    ]
    return replace(grid, rows=rows, merges=merges, numbers=tuple(rows))


# beside each other


def _beside(grid: Grid) -> Iterator[Grid]:
    bands = _bands(grid)
    if not 1 < len(bands) <= _MOST:
        yield grid
        return
    last = grid.numbers[-1]
    parts = [inside(grid, 1, left, last, right) for left, right in bands]
    if all(map(_is_table, parts)) and _are_apart(parts):
        yield from parts
    else:
        yield grid


def _bands(grid: Grid) -> list[tuple[int, int]]:
    """Runs of columns with something in them; what is merged over a gap bridges it."""
    filled = {column for row in grid.rows.values() for column in row}
    for _, left, _, right in grid.merges:
        if right - left < 200 and left in filled:
            filled.update(range(left, right + 1))
    ordered = sorted(filled)
    if not ordered:
        return []
    starts = [ordered[0], *(after for before, after in pairwise(ordered) if after > before + 1)]
    ends = [*(before for before, after in pairwise(ordered) if after > before + 1), ordered[-1]]
    return list(zip(starts, ends, strict=True))


def _is_table(part: Grid) -> bool:
    found = headers.find_header(part)
    if not found.rows or len(part.rows[found.rows[-1]]) < _LEAST_COLUMNS:
        return False
    return len([number for number in part.numbers if number >= found.first_row]) > 1


def _are_apart(parts: Sequence[Grid]) -> bool:
    """One table with a gap has one header row, different names, and ends in one row."""
    tops = {headers.find_header(part).rows for part in parts}
    ends = {part.numbers[-1] for part in parts}
    named = [_names(part) for part in parts]
    repeated = sum(len(names) for names in named) > len(set().union(*named))
    return len(tops) > 1 or len(ends) > 1 or repeated


def _names(part: Grid) -> set[str]:
    found = headers.find_header(part)
    return {cell.value.strip() for row in found.rows for cell in part.rows[row].values()}


# below each other


def _below(grid: Grid) -> Iterator[Grid]:
    first = headers.find_header(grid)
    if not first.rows:
        yield grid
        return
    starts = [number for number in _after_gaps(grid) if number > first.first_row]
    cuts = [number for number in starts if _begins(grid, number, first.rows[-1])][:_MOST]
    right = max(max(row) for row in grid.rows.values())
    edges = [1, *cuts, grid.numbers[-1] + 1]
    for top, following in pairwise(edges):
        yield inside(grid, top, 1, following - 1, right) if cuts else grid


def _after_gaps(grid: Grid) -> Iterator[int]:
    for before, after in pairwise(grid.numbers):
        if after > before + 1:
            yield after


def _begins(grid: Grid, number: int, header: int) -> bool:
    """Whether a table begins here: names that stand out, unlike those above, with data below."""
    for row in (number, number + 1):
        cells_here = grid.rows.get(row)
        below = grid.rows.get(row + 1)
        if cells_here is None or below is None or len(cells_here) < _LEAST_COLUMNS:
            continue
        named = all(cell.kind == cells.TEXT for cell in cells_here.values())
        if named and _stands_out(grid, cells_here, below):
            above = {cell.value.strip() for cell in grid.rows[header].values()}
            own = {cell.value.strip() for cell in cells_here.values()}
            return own != above and len(own) == len(cells_here)
    return False


def _stands_out(grid: Grid, row: Row, below: Row) -> bool:
    own = [_is_marked(grid, row, column) for column in row]
    under = [_is_marked(grid, below, column) for column in below]
    return all(own) and not any(under)


def _is_marked(grid: Grid, row: Row, column: int) -> bool:
    style = grid.style(row[column])
    return style.bold or style.filled
