"""Closed lists: what a column's list validation allows, written out or in cells elsewhere."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from runtime.exchange import cells
from runtime.exchange.cells import Cell
from runtime.exchange.reader import Sheet, Workbook
from runtime.exchange.refusals import FileRefused

MOST: Final = 200
_ADDRESS: Final = re.compile(
    r"(?:(?:'((?:[^']|'')+)'|([^'!(),]+))!)?(\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)"
)


def lists_by_column(workbook: Workbook, sheet: Sheet) -> Mapping[int, tuple[str, ...]]:
    """Return the allowed values by column, for columns a list validation covers."""
    found: dict[int, tuple[str, ...]] = {}
    for ranges, formula in sheet.facts.lists:
        options = _options(workbook, sheet, formula)
        for reference in ranges.split()[:50]:
            try:
                _, left, _, right = cells.split_range(reference)
            except FileRefused:
                continue
            for column in range(left, min(right, left + 20) + 1):
                if options and len(found.get(column, ())) < len(options):
                    found[column] = options
    return found


def _options(workbook: Workbook, sheet: Sheet, formula: str) -> tuple[str, ...]:
    text = formula.strip()
    if text.startswith('"') and text.endswith('"'):
        return _distinct(part.strip() for part in text[1:-1].split(","))
    if text in workbook.names:
        text = workbook.names[text]
    match = _ADDRESS.fullmatch(text.lstrip("="))
    if match is None:
        return ()
    name = (match[1] or match[2] or sheet.name).replace("''", "'")
    source = next((other for other in workbook.sheets if other.name == name), None)
    return _distinct(_in_range(source, match[3])) if source is not None else ()


def _in_range(sheet: Sheet, reference: str) -> list[str]:
    top, left, bottom, right = cells.split_range(reference)
    rows = [sheet.rows.get(row, []) for row in range(top, min(bottom, top + 5 * MOST) + 1)]
    return [_shown(cell) for row in rows for cell in row if left <= cell.column <= right]


def _shown(cell: Cell) -> str:
    text = cells.plain_text(cell.value) if cell.kind == cells.NUMBER else cell.value
    return text.strip()


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:MOST]
