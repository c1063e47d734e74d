"""Whether a row sums up others: being called 合计 is not enough, it has to look like it too."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final

from runtime.exchange import cells
from runtime.exchange.cells import Cell, column_letters
from runtime.exchange.grid import Grid, Row

_LABEL: Final = re.compile(
    r".{0,8}(合计|总计|小计|共计|总和|总合计|累计)(金额|数量|大写|人民币|[(（].{0,12}[)）])?"
    r"|(sub\s*|grand\s*)?totals?|sum",
    re.IGNORECASE,
)
_AGGREGATE: Final = re.compile(
    r"(SUM|SUBTOTAL|COUNT|COUNTA|COUNTIF|AVERAGE|SUMPRODUCT)\(", re.IGNORECASE
)
_AGGREGATE_OF_MANY: Final = re.compile(r"SUM|SUBTOTAL|AGGREGATE|COUNT", re.IGNORECASE)
_VERTICAL: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)")
_REFERENCE: Final = re.compile(r"(?<![A-Z!'])\$?([A-Z]{1,3})\$?(\d+)(?![\d(])")
_COLUMN_OF_TABLE: Final = re.compile(r"\[[^\[\]@#]+\]")
_AMOUNT: Final = re.compile(r"[¥￥$€]?[+-]?[\d,]+(\.\d+)?[元%]?", re.ASCII)
_CENT: Final = Decimal("0.005")


class Totals:
    """The records of a table so far, as far as telling its totals needs them."""

    def __init__(self, grid: Grid, numbers: Sequence[int], columns: Sequence[int]) -> None:
        self._grid = grid
        self._numbers = numbers
        self._columns = columns
        self._records: list[int] = []
        self._filled: Counter[int] = Counter()
        # Sums are made only once a row is called a total, and go on from where they were made.
        self._summed = 0
        self._all: dict[int, Decimal] = {}
        self._part: dict[int, Decimal] = {}
        self._totals: dict[int, Decimal] = {}

    def learn(self, number: int, row: Row) -> None:
        """Take one record in."""
        self._records.append(number)
        self._filled.update(row.keys())

    def is_total(self, row: Row, number: int) -> bool:
        """Whether a row sums up others.

        Somebody may be called 总计, so a label is not enough: the row adds up, is computed so, or
        leaves the rest blank. Without a label it holds nothing but sums.
        """
        texts = [cell for cell in row.values() if cell.kind == cells.TEXT]
        texts = [cell for cell in texts if _amount(cell) is None and not _is_dash(cell)]
        labels = [cell for cell in texts if _LABEL.fullmatch(re.sub(r"[\s:：]", "", cell.value))]
        if labels and (
            any(_adds_up(cell, number) for cell in row.values())
            or self._is_sum(row, number)
            or (len(texts) - len(labels) <= 1 and self._is_sparse(row, labels))
        ):
            self._count_total(row)
            return True
        return _is_nothing_but_sums(row, number, len(texts))

    def _is_sparse(self, row: Row, called: Sequence[Cell]) -> bool:
        """Whether the row lacks most of what records have."""
        seen, labels = len(self._records), {cell.column for cell in called}
        usual = {column for column in self._columns if self._filled[column] * 2 >= seen} - labels
        told = usual & row.keys()
        # What stands before its label names a record, unless an amount says that it is a sum.
        names = min(row) not in labels and all(_amount(cell) is None for cell in row.values())
        return len(told) * 2 < len(usual) and not names

    def _is_sum(self, row: Row, number: int) -> bool:
        """Whether most of its amounts are the sums of a part, of everything, or of totals above."""
        self._catch_up()
        amounts = {column: _amount(cell) for column, cell in row.items()}
        told = {column: value for column, value in amounts.items() if value}
        sums = [self._part, self._all, self._totals]
        if not self._records:
            sums = [self._below(number, told)]
        return any(
            sum(_is_equal(each.get(column), value) for column, value in told.items()) * 2
            > len(told)
            for each in sums
        )

    def _catch_up(self) -> None:
        for number in self._records[self._summed :]:
            for column, cell in self._grid.rows[number].items():
                value = _amount(cell)
                if value:
                    self._all[column] = self._all.get(column, Decimal()) + value
                    self._part[column] = self._part.get(column, Decimal()) + value
        self._summed = len(self._records)

    def _below(self, number: int, columns: Collection[int]) -> dict[int, Decimal]:
        """The sums of everything under a row, for a total that stands on top of its records."""
        found: dict[int, Decimal] = {}
        for below in (each for each in self._numbers if each > number):
            row = self._grid.rows[below]
            for column in columns & row.keys():
                found[column] = found.get(column, Decimal()) + (_amount(row[column]) or Decimal())
        return found

    def _count_total(self, row: Row) -> None:
        """After a total the next part begins; totals are summed up by a grand total."""
        self._catch_up()
        self._part = {}
        for column, cell in row.items():
            value = _amount(cell)
            if value:
                self._totals[column] = self._totals.get(column, Decimal()) + value


def _is_dash(cell: Cell) -> bool:
    return cell.value.strip() in {"", "-", "—", "/"}


def _amount(cell: Cell) -> Decimal | None:
    """A number, also one that is kept as text."""
    if cell.kind == cells.NUMBER:
        return cells.decimal_of(cell.value)
    text = cell.value.strip()
    if cell.kind != cells.TEXT or _AMOUNT.fullmatch(text) is None:
        return None
    digits = re.sub(r"[^\d.+-]", "", text)
    return Decimal(digits) if digits.strip("+-") else None


def _is_equal(total: Decimal | None, told: Decimal) -> bool:
    return total is not None and abs(total - told) <= max(_CENT, abs(told) / 10**9)


def _adds_up(cell: Cell, number: int) -> bool:
    """Whether a formula reads several other rows of its own column, or a whole column by name."""
    if cell.formula is None:
        return False
    if _sums_up(cell, number):
        return True
    own = column_letters(cell.column)
    there = {int(row) for letters, row in _REFERENCE.findall(cell.formula) if letters == own}
    if number not in there and len(there) > 1:
        return True
    named = _COLUMN_OF_TABLE.search(cell.formula)
    return named is not None and _AGGREGATE_OF_MANY.search(cell.formula) is not None


def _is_nothing_but_sums(row: Row, number: int, texts: int) -> bool:
    formulas = [cell for cell in row.values() if cell.formula is not None]
    sums = [cell for cell in formulas if _sums_up(cell, number)]
    constants = len(row) - len(formulas)
    return bool(sums) and len(sums) * 2 >= len(formulas) and constants <= 1 and texts <= 1


def _sums_up(cell: Cell, number: int) -> bool:
    formula = cell.formula or ""
    if not _AGGREGATE.search(formula):
        return False
    for left, top, right, bottom in _VERTICAL.findall(formula):
        if left == right and int(top) < int(bottom) < number:
            return True
    return False
