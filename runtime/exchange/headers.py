"""Which row carries the column names: a score per candidate, and the reason in words."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from runtime.exchange import cells
from runtime.exchange.cells import Cell, split_range
from runtime.exchange.grid import Grid, Row
from runtime.exchange.moments import text_moment
from runtime.exchange.names import clean, is_unit

CANDIDATES: Final = 40
SAMPLE: Final = 60
_NAME_CHARS: Final = 60
_WEIGHTS: Final = {
    "text": Decimal("0.26"),
    "cover": Decimal("0.24"),
    "width": Decimal("0.16"),
    "unique": Decimal("0.08"),
    "contrast": Decimal("0.14"),
    "style": Decimal("0.12"),
}
_HINT: Final = Decimal("0.12")
_ENOUGH: Final = Decimal("0.58")
_NEAR: Final = Decimal("0.06")
_NUMERIC_TEXT: Final = re.compile(r"[+\-¥￥$]?[\d,.]+%?", re.ASCII)


@dataclass(frozen=True)
class Header:
    """The header rows found, where the data begins, and why."""

    rows: tuple[int, ...]
    first_row: int
    why: str
    params: Mapping[str, object]


def find_header(grid: Grid) -> Header:
    """Return the most likely header row; none when the first row is data already."""
    if not grid.numbers:
        return Header((), 1, "header_none", {})
    scores = {row: _score(grid, row) for row in grid.numbers[:CANDIDATES]}
    best = max(scores.values())
    if best < _ENOUGH:
        return Header((), grid.numbers[0], "header_none", {})
    row = next(row for row, score in scores.items() if score >= best - _NEAR)
    return deepened(grid, row)


def deepened(grid: Grid, row: int) -> Header:
    """Take in the second level of a merged header, above or below the row found."""
    rows = [row]
    bottom = row
    for top, left, low, right in grid.merges:
        # A name merged down beside the levels of others says how deep they go.
        if row - 1 <= top <= row < low and low - top < 4 and left in grid.rows.get(top, {}):
            bottom = max(bottom, low)
        if top == row and right > left and _names_below(grid, row + 1, left, right):
            bottom = max(bottom, row + 1)
    if _are_units(grid.rows.get(bottom + 1, {})):
        bottom += 1
    above = _group_row(grid, row)
    if above is not None:
        rows.insert(0, above)
    rows.extend(number for number in range(row + 1, bottom + 1) if number in grid.rows)
    cells_named = len(grid.rows[row])
    return Header(tuple(rows), bottom + 1, "header_found", {"cells": cells_named, "row": row})


def _are_units(row: Row) -> bool:
    """Whether a row holds nothing but units in brackets: (件), （元）."""
    return bool(row) and all(
        cell.kind == cells.TEXT and is_unit(clean(cell.value)) for cell in row.values()
    )


def _names_below(grid: Grid, row: int, left: int, right: int) -> bool:
    below = grid.rows.get(row, {})
    named = [below.get(column) for column in range(left, right + 1)]
    return all(cell is not None and _is_name(cell) for cell in named)


def _group_row(grid: Grid, row: int) -> int | None:
    above = grid.rows.get(row - 1)
    if above is None:
        return None
    spans = [
        (left, right)
        for top, left, low, right in grid.merges
        if top == row - 1 and low == top and right > left and left in above
    ]
    width = len(grid.rows[row])
    covered = sum(right - left + 1 for left, right in spans)
    # One span over everything is a title, not a group.
    groups = len(spans) > 1 or (len(spans) == 1 and covered < width and len(above) > 1)
    return row - 1 if groups and all(_is_name(cell) for cell in above.values()) else None


def _score(grid: Grid, number: int) -> Decimal:
    row = grid.rows[number]
    below = [grid.rows[other] for other in grid.below(number, SAMPLE)]
    width = max(len(grid.rows[other]) for other in (number, *grid.below(0, 200)))
    names = [cell for cell in row.values() if _is_name(cell)]
    texts = Counter(cell.value.strip() for cell in names)
    parts = {
        "text": _share(len(names), len(row)),
        "cover": _cover(row, below),
        "width": _share(len(row), width),
        "unique": _share(len(texts), len(row)),
        "contrast": _contrast(row, below),
        "style": _stands_out(grid, row, below),
    }
    score = sum((parts[key] * weight for key, weight in _WEIGHTS.items()), Decimal(0))
    if len(row) == 1 and width > 1:
        score -= Decimal("0.4")
    return score + (_HINT if _is_hinted(grid, number) else Decimal(0))


def _is_hinted(grid: Grid, number: int) -> bool:
    if grid.frozen_rows == number:
        return True
    return grid.filter_range is not None and split_range(grid.filter_range)[0] == number


def _is_name(cell: Cell) -> bool:
    text = cell.value.strip()
    if cell.kind != cells.TEXT or len(text) > _NAME_CHARS or text.startswith(("{", "http")):
        return False
    return _NUMERIC_TEXT.fullmatch(text) is None and text_moment(text) is None


def _cover(row: Row, below: Sequence[Row]) -> Decimal:
    if not below:
        return Decimal(1)
    counts = Counter(column for other in below for column in other)
    often = [column for column, count in counts.items() if count * 3 >= len(below)]
    return _share(sum(column in row for column in often), len(often))


def _contrast(row: Row, below: Sequence[Row]) -> Decimal:
    different = 0
    judged = 0
    for column, cell in row.items():
        under = [other[column] for other in below if column in other]
        if not under:
            continue
        judged += 1
        repeated = any(other.value == cell.value for other in under)
        if repeated:
            different -= 1
        elif cell.kind == cells.TEXT and sum(other.kind != cells.TEXT for other in under) * 2 > len(
            under
        ):
            different += 1
    return _share(different, judged)


def _mostly_no_text(under: Sequence[Cell]) -> bool:
    return sum(other.kind != cells.TEXT for other in under) * 2 > len(under)


def _stands_out(grid: Grid, row: Row, below: Sequence[Row]) -> Decimal:
    own = [_emphasis(grid, cell) for cell in row.values()]
    under = [_emphasis(grid, cell) for other in below[:10] for cell in other.values()]
    if not under:
        return Decimal(0)
    return max(_share(sum(own), len(own)) - _share(sum(under), len(under)), Decimal(0))


def _emphasis(grid: Grid, cell: Cell) -> int:
    style = grid.style(cell)
    return 1 if style.bold or style.filled else 0


def _share(part: int, whole: int) -> Decimal:
    return Decimal(part) / whole if whole else Decimal(0)
