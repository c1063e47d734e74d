"""移动加权平均: a pool is a quantity and a value; what goes out takes its share of the value."""

from runtime.kernel.amounts import Rounding, round_ratio
from runtime.kernel.costing_method import Parts

State = tuple[int, int]


class MovingAverage:
    """Two integers, no stored unit cost, hence nothing that could drift."""

    name = "moving_average"

    def start(self, qty: int, value: int) -> State:
        """The state of a pool that holds this much."""
        return qty, value

    def receive(self, state: State, parts: Parts) -> State:
        """Quantity and value are added."""
        qty, value = state
        for part_qty, part_value in parts:
            qty += part_qty
            value += part_value
        return qty, value

    def issue(self, state: State, qty: int, rounding: Rounding) -> tuple[State, Parts]:
        """A share of the value; the last unit takes what is left of it."""
        held, value = state
        cost = value if qty == held else round_ratio(value * qty, held, rounding)
        return (held - qty, value - cost), ((qty, cost),)

    def issue_at(self, state: State, qty: int, value: int) -> tuple[State, Parts, int]:
        """Take a given value; what an emptied or overdrawn pool cannot balance is the residual."""
        held, worth = state
        left = worth - value
        residual = left if qty == held or left < 0 else 0
        return (held - qty, left - residual), ((qty, value),), residual
