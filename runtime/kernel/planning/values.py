"""Money of a line: what was given, in minor units."""

from typing import Any

from runtime.kernel.amounts import LIMIT, Exact, extend, is_finite, to_minor
from runtime.kernel.planning.draft import Draft
from runtime.kernel.refusals import Refusal


def value_of(draft: Draft, number: int, line: Any) -> int | None:
    """The worth of a line that has a unit cost or an amount; anything else is a finding."""
    name = "amount" if line.amount is not None else "unit_cost"
    given: Exact | None = line.amount if line.amount is not None else line.unit_cost
    both = line.amount is not None and line.unit_cost is not None
    if given is None or both or not is_finite(given):
        draft.wrong(Refusal.BAD_VALUE, number, name, line)
        return None
    if line.amount is not None:
        return amount_of(draft, number, line, negative=False)
    return priced(draft, number, line, line.qty, given)


def amount_of(
    draft: Draft, number: int, line: Any, *, name: str = "amount", negative: bool = True
) -> int | None:
    """An amount in minor units; one that is off the currency's grid is a finding."""
    given: Exact = getattr(line, name)
    value = to_minor(given, draft.company.value_scale) if is_finite(given) else None
    if value is None or abs(value) >= LIMIT:
        draft.wrong(Refusal.BAD_VALUE, number, name, line)
        return None
    if value < 0 and not negative:
        draft.wrong(Refusal.NEGATIVE_VALUE, number, name, line)
        return None
    draft.weigh(number, line, value=value)
    return value


def priced(
    draft: Draft, number: int, line: Any, qty: Exact, unit_cost: Exact, name: str = "unit_cost"
) -> int | None:
    """Quantity times unit cost, rounded once."""
    if not check_price(draft, number, line, unit_cost, name):
        return None
    value = extend(qty, unit_cost, draft.company.value_scale, draft.company.rounding)
    if value >= LIMIT:
        draft.wrong(Refusal.BAD_VALUE, number, name, line)
        return None
    draft.weigh(number, line, value=value)
    return value


def check_price(draft: Draft, number: int, line: Any, unit_cost: Exact, name: str) -> bool:
    """Whether a unit cost is a number and not negative; -0.001 is, though it rounds to nothing."""
    if not is_finite(unit_cost):
        draft.wrong(Refusal.BAD_VALUE, number, name, line)
        return False
    if unit_cost < 0:
        draft.wrong(Refusal.NEGATIVE_VALUE, number, name, line)
        return False
    return True
