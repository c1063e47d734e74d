"""What the cells of one column say about its type, counted over all records."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from runtime.exchange import cells
from runtime.exchange.cells import Cell
from runtime.exchange.formats import Format
from runtime.exchange.grid import Grid
from runtime.exchange.moments import text_moment

BLANK_WORDS: Final = frozenset({"", "-", "—", "/", "无", "n/a", "na", "null", "none", "?"})
YES: Final = frozenset({"是", "y", "yes", "true", "√", "✓", "有", "对"})
NO: Final = frozenset({"否", "n", "no", "false", "×", "✗", "无", "错", "没有"})
_AMOUNT: Final = re.compile(r"[¥￥$€£]?\s*[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?\s*(元|%)?", re.ASCII)
_LEADING_ZERO: Final = re.compile(r"0\d+", re.ASCII)
_URL: Final = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
EXAMPLES: Final = 3


@dataclass
class Evidence:
    """Counts over the filled cells of one column."""

    filled: int = 0
    formulas: int = 0
    bad: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    shapes: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    places: int = 0
    long_digits: int = 0
    leading_zeros: int = 0
    amounts: int = 0
    text_percents: int = 0
    signs: int = 0
    moments: Counter[str] = field(default_factory=Counter)
    largest: Decimal = Decimal("-Infinity")
    smallest: Decimal = Decimal("Infinity")
    urls: int = 0
    chars: int = 0
    longest: int = 0
    line_breaks: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)

    def example(self, sort: str, text: str, address: str) -> None:
        """Keep the first few cells of each sort, for showing what speaks against a guess."""
        kept = self.examples.setdefault(sort, [])
        if len(kept) < EXAMPLES:
            kept.append(f"{address} {text[:30]}")


def gather(grid: Grid, rows: Sequence[int], column: int, *, epoch_1904: bool) -> Evidence:
    """Look at every record, not at a sample: one `n/a` in row 302 matters."""
    found = Evidence()
    letters = cells.column_letters(column)
    for row in rows:
        cell = grid.rows[row].get(column)
        if cell is None:
            continue
        _look(found, cell, grid.style(cell).format, f"{letters}{row}", epoch_1904=epoch_1904)
    return found


def _look(found: Evidence, cell: Cell, shape: Format, address: str, *, epoch_1904: bool) -> None:
    if cell.formula is not None:
        found.formulas += 1
    if cell.kind in {cells.ERROR, cells.BAD}:
        found.bad += 1
        return
    text = cell.value.strip()
    if cell.kind == cells.TEXT and text.lower() in BLANK_WORDS:
        found.example("blank", text, address)
        return
    found.filled += 1
    found.kinds[cell.kind] += 1
    found.chars += len(text)
    found.longest = max(found.longest, len(text))
    found.line_breaks += "\n" in text
    if len(found.values) <= 2_000 or text in found.values:
        found.values[text] += 1
    if cell.kind == cells.NUMBER:
        _look_at_number(found, text, shape, address, epoch_1904=epoch_1904)
    elif cell.kind == cells.TEXT:
        _look_at_text(found, text, address)
    elif cell.kind == cells.MOMENT:
        found.moments["datetime" if "T" in text and not text.endswith("T00:00:00") else "date"] += 1
        found.shapes["date"] += 1
        found.example("moment", text, address)
    else:
        found.example("boolean", text, address)


def _look_at_number(
    found: Evidence, text: str, shape: Format, address: str, *, epoch_1904: bool
) -> None:
    found.shapes[shape.shape] += 1
    if text.isdigit() and len(text) > cells.LONG_DIGITS:
        found.long_digits += 1
    value = cells.decimal_of(text)
    if shape.shape in {"date", "time", "datetime"}:
        moment = cells.moment_of(text, epoch_1904=epoch_1904)
        found.moments[_sort_of(moment)] += 1
        found.example("moment", text, address)
        return
    found.example("number", cells.plain_text(text), address)
    found.largest, found.smallest = max(found.largest, value), min(found.smallest, value)
    if value == value.to_integral_value():
        found.whole += 1
    else:
        found.places = max(found.places, -int(value.as_tuple().exponent))


def _look_at_text(found: Evidence, text: str, address: str) -> None:
    moment = text_moment(text)
    if _LEADING_ZERO.fullmatch(text):
        found.leading_zeros += 1
    if moment is not None:
        found.moments[f"text_{_sort_of(moment)}"] += 1
        found.example("moment", text, address)
    if _AMOUNT.fullmatch(text):
        found.amounts += 1
        found.signs += text[0] in "¥￥$€£" or text.endswith("元")
        found.text_percents += text.endswith("%")
        digits = re.sub(r"[^\d.]", "", text)
        found.long_digits += len(digits.partition(".")[0]) > cells.LONG_DIGITS
        found.whole += "." not in digits
        found.places = max(found.places, len(digits.partition(".")[2].rstrip("0")))
        found.example("amount", text, address)
    elif moment is None:
        found.example("text", text, address)
    if _URL.match(text):
        found.urls += 1


def _sort_of(moment: object) -> str:
    if moment is None:
        return "none"
    if isinstance(moment, datetime):
        return "datetime"
    return "date" if isinstance(moment, date) else "time"
