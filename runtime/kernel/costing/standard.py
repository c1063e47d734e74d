"""计划成本 (标准成本): goods come in at the standard cost, the gap is a variance of the moment."""

# ruff: noqa: ARG002 - every method is told the same, and not every one needs all of it

from runtime.kernel.valuing.average import AveragePool


class Standard(AveragePool):
    """The pool is worth its quantity at standard."""

    __slots__ = ()
    name = "standard"
    at_standard = True

    def worth_now(self, qty: int) -> int:
        """At standard."""
        return self.standard_worth(qty)

    def guess(self, qty: int) -> int:
        """At standard too: it is always known."""
        return self.standard_worth(qty)

    def give_back(self, qty: int, credit: int, move: int, origin: int) -> int:
        """At standard, whatever the credit is."""
        return self.take(qty, move)
