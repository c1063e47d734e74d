"""Column names from header cells: white space collapsed, levels joined, duplicates numbered."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from runtime.exchange import cells
from runtime.exchange.cells import column_letters
from runtime.exchange.grid import Grid

LONGEST: Final = 120
_UNIT: Final = re.compile(r"[(（【\[][^()（）【】\[\]]{1,8}[)）】\]]")


def clean(text: str) -> str:
    """Collapse white space and drop what a reader cannot see (controls, direction marks)."""
    seen = "".join(
        char if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"} else ""
        for char in text
    )
    return " ".join(seen.split())[:LONGEST].strip()


def is_unit(text: str) -> bool:
    """Whether a text is a unit in brackets and nothing else."""
    return _UNIT.fullmatch(text) is not None


def column_names(
    grid: Grid, header_rows: Sequence[int], columns: Sequence[int]
) -> Mapping[int, tuple[str, bool]]:
    """Return for each column its name and whether it had to be invented."""
    levels = [_level(grid, row, columns, spread=row != header_rows[-1]) for row in header_rows]
    found: dict[int, tuple[str, bool]] = {}
    taken: dict[str, int] = {}
    for column in columns:
        parts: list[str] = []
        for level in levels:
            text = level.get(column, "")
            if parts and is_unit(text):
                # 数量 over (件) is 数量(件): a unit is no level of its own.
                parts[-1] = parts[-1] if parts[-1].endswith(text) else parts[-1] + text
            elif text and text not in parts:
                parts.append(text)
        name = "/".join(parts)
        invented = not name
        name = name or f"列 {column_letters(column)}"
        taken[name] = taken.get(name, 0) + 1
        found[column] = (name if taken[name] == 1 else f"{name}_{taken[name]}", invented)
    return found


def _level(grid: Grid, row: int, columns: Sequence[int], *, spread: bool) -> dict[int, str]:
    texts = {column: _shown(grid, row, column) for column in columns}
    for top, left, bottom, right in grid.merges:
        # A merged group names every column under it; a single-level header is not spread.
        if spread and top <= row <= bottom and right > left:
            text = _shown(grid, top, left)
            texts.update({column: text for column in columns if left <= column <= right})
    return {column: text for column, text in texts.items() if text}


def _shown(grid: Grid, row: int, column: int) -> str:
    cell = grid.rows.get(row, {}).get(column)
    if cell is None or cell.kind == cells.BAD:
        return ""
    return clean(cells.plain_text(cell.value) if cell.kind == cells.NUMBER else cell.value)
