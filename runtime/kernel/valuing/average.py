"""A pool that is a quantity and a value: no stored unit cost, hence nothing that could drift."""

# ruff: noqa: ARG002 - every method is told the same, and not every one needs all of it

from runtime.kernel.amounts import round_ratio
from runtime.kernel.valuing.pool import Pool


class AveragePool(Pool):
    """What goes out takes its share of the value; the last unit takes what is left of it."""

    __slots__ = ()

    def put(self, qty: int, value: int, tag: int) -> None:
        """Quantity and value are added, after what had gone short is filled."""
        if self.short:
            qty, value = self.fill(qty, value)
        self.qty += qty
        self.value += value

    def take(self, qty: int, move: int) -> int:
        """A share of the value; what is not there goes short."""
        held = self.qty
        if qty < held:
            cost = round_ratio(self.value * qty, held, self.rounding)
            self.qty = held - qty
            self.value -= cost
            return cost
        cost = 0
        if held > 0:
            cost = self.value
            self.last = (cost, held)
            self.qty = self.value = 0
            qty -= held
        return cost + self.go_short(qty, move) if qty else cost

    def give_back(self, qty: int, credit: int, move: int, origin: int) -> int:
        """The credit, unless the pool is emptied or the value would fall below zero."""
        if qty < self.qty and self.value >= credit:
            self.qty -= qty
            self.value -= credit
            return credit
        return self.take(qty, move)
