"""What a costing method is: goods come into a pool's state and go out of it at a cost."""

from typing import Any, Protocol

from runtime.kernel.amounts import Rounding

# What leaves or enters a pool at once: quantities in atoms with their values in minor units.
Parts = tuple[tuple[int, int], ...]


class CostingMethod(Protocol):
    """The state is the method's own affair; quantities and values are integers."""

    name: str

    def start(self, qty: int, value: int) -> Any:
        """The state of a pool that holds this much."""

    def receive(self, state: Any, parts: Parts) -> Any:
        """The state after goods came in."""

    def issue(self, state: Any, qty: int, rounding: Rounding) -> tuple[Any, Parts]:
        """The state after goods went out, and what they were worth."""

    def issue_at(self, state: Any, qty: int, value: int) -> tuple[Any, Parts, int]:
        """The same for goods whose worth is given, and what the pool loses besides (or wins)."""
