"""Many values as one: what several families of functions say about a column."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from runtime.formula.cell_errors import NO_VALUES, CellFaultError
from runtime.formula.numbers import ZERO, divide, exact_sum, fit
from runtime.formula.values import compare


def total(numbers: Sequence[Decimal]) -> Decimal:
    """The sum, rounded once."""
    return fit(exact_sum(numbers))


def mean(numbers: Sequence[Decimal]) -> Decimal:
    """The average; of nothing there is none."""
    if not numbers:
        raise CellFaultError(NO_VALUES)
    return divide(total(numbers), Decimal(len(numbers)))


def extreme(values: Sequence[Any], wanted: int) -> Any:
    """The greatest (1) or the least (-1) of values that can be compared; of nothing 0."""
    if not values:
        return ZERO
    found = values[0]
    for each in values[1:]:
        if compare(each, found) == wanted:
            found = each
    return found
