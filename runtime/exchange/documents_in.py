"""Rows that are lines of documents: the document's own columns repeat, or are merged, down them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from runtime.exchange.filling import document_columns, names_documents
from runtime.exchange.found import Found

_LEAST: Final = 2


@dataclass(frozen=True)
class Lines:
    """One table that holds documents and their lines."""

    key: tuple[int, ...]
    header: tuple[int, ...]
    detail: tuple[int, ...]
    by: str
    documents: int


def lines_in(found: Found) -> Lines | None:
    """The documents a table consists of, or None."""
    merged = _merged(found)
    if merged is not None:
        return merged
    for number, looked in found.columns.items():
        if names_documents(looked.name) and not looked.invented:
            lines = _repeated(found, number)
            if lines is not None:
                return lines
    return None


def _repeated(found: Found, key: int) -> Lines | None:
    blocks = [
        list(rows)
        for value, rows in groupby(found.table.rows, lambda row: _value(found, row, key))
        if value
    ]
    several = [rows for rows in blocks if len(rows) > 1]
    if len(blocks) < _LEAST or len(several) * 3 < len(blocks):
        return None
    header = tuple(
        number
        for number in found.columns
        if number == key or all(_is_constant(found, rows, number) for rows in several)
    )
    return _lines(found, (key,), header, "repeated", len(blocks))


def _merged(found: Found) -> Lines | None:
    merges = found.grid.merges
    header = document_columns(merges, found.table)
    if not header:
        return None
    key = header[0]
    covered = {(top, bottom) for top, left, bottom, _ in merges if left == key}
    rows = found.table.rows
    lines = sum(bottom - top for top, bottom in covered if top in rows and bottom in rows)
    return _lines(found, (key,), header, "merged", len(rows) - lines)


def _lines(
    found: Found, key: tuple[int, ...], header: Sequence[int], by: str, documents: int
) -> Lines | None:
    detail = tuple(
        number
        for number in found.columns
        if number not in header and found.columns[number].seen.filled
    )
    empty = {number for number in header if not found.columns[number].seen.filled}
    kept = tuple(number for number in header if number not in empty)
    if len(detail) < _LEAST or not kept or (by == "repeated" and len(kept) < _LEAST):
        return None
    return Lines(key, kept, detail, by, documents)


def _is_constant(found: Found, rows: Sequence[int], number: int) -> bool:
    return len({_value(found, row, number) for row in rows}) == 1


def _value(found: Found, row: int, number: int) -> str:
    cell = found.cell(row, number)
    return "" if cell is None else cell.value.strip()
