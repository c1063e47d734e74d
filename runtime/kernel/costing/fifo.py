"""先进先出: what came in first goes out first; layers keep quantity, value and who brought them."""

# ruff: noqa: ARG002 - every method is told the same, and not every one needs all of it

from collections import deque

from runtime.kernel.amounts import Rounding, round_ratio
from runtime.kernel.valuing.apportion import apportion
from runtime.kernel.valuing.book import Policy
from runtime.kernel.valuing.pool import Parts, Pool
from runtime.kernel.valuing.state import Layer, State


class Fifo(Pool):
    """A queue of layers; inside a layer goods take their share, the last unit what is left."""

    __slots__ = ("layers",)
    name = "fifo"
    keeps_layers = True
    carries_leg = False

    def __init__(
        self, number: int, policy: Policy, rounding: Rounding, true_ups: dict[int, int]
    ) -> None:
        super().__init__(number, policy, rounding, true_ups)
        self.layers: deque[Layer] = deque()

    def start(self, qty: int, value: int, state: State) -> None:
        """Begin with the layers held; what was held without layers becomes one."""
        super().start(qty, value, state)
        self.layers = deque(state.layers)
        if qty > 0 and not state.layers:
            self.layers.append((qty, value, 0))

    def state(self) -> State:
        """The layers too."""
        found = super().state()
        found.layers = list(self.layers)
        return found

    def put(self, qty: int, value: int, tag: int) -> None:
        """A new layer at the end of the queue, after what had gone short is filled."""
        if self.short:
            qty, value = self.fill(qty, value)
            if not qty:
                return
        self.qty += qty
        self.value += value
        self.layers.append((qty, value, tag))

    def take(self, qty: int, move: int) -> int:
        """The sum of what comes off the front of the queue."""
        layers = self.layers
        if layers and qty < layers[0][0]:
            held, value, tag = layers[0]
            cost = round_ratio(value * qty, held, self.rounding)
            layers[0] = (held - qty, value - cost, tag)
            self.qty -= qty
            self.value -= cost
            return cost
        return sum(value for _, value in self.take_parts(qty, move))

    def take_parts(self, qty: int, move: int) -> Parts:
        """From the front of the queue; what is not there goes short."""
        parts: Parts = []
        layers = self.layers
        while qty and layers:
            held, value, tag = layers[0]
            self.last = (value, held)
            if qty >= held:
                layers.popleft()
                parts.append((held, value))
                qty -= held
                continue
            cost = round_ratio(value * qty, held, self.rounding)
            layers[0] = (held - qty, value - cost, tag)
            parts.append((qty, cost))
            qty = 0
        self.qty -= sum(part for part, _ in parts)
        self.value -= sum(value for _, value in parts)
        if qty:
            parts.append((qty, self.go_short(qty, move)))
        return parts

    def take_back(self, qty: int, move: int, origin: int) -> Parts:
        """The layers of the origin first, then the front of the queue."""
        kept: deque[Layer] = deque()
        parts: Parts = []
        for layer in self.layers:
            held, value, tag = layer
            if tag != origin or not qty:
                kept.append(layer)
                continue
            self.last = (value, held)
            part, cost = held, value
            if qty < held:
                part, cost = qty, round_ratio(value * qty, held, self.rounding)
                kept.append((held - part, value - cost, tag))
            parts.append((part, cost))
            qty -= part
        self.layers = kept
        self.qty -= sum(part for part, _ in parts)
        self.value -= sum(value for _, value in parts)
        return parts + self.take_parts(qty, move) if qty else parts

    def give_back(self, qty: int, credit: int, move: int, origin: int) -> int:
        """What comes off: the origin's own layers first."""
        return sum(value for _, value in self.take_back(qty, move, origin))

    def set_value(self, value: int) -> None:
        """The same unit cost for every layer."""
        self.value = value
        parts = apportion(value, [qty for qty, _, _ in self.layers])
        self.layers = deque(
            (qty, part, tag) for (qty, _, tag), part in zip(self.layers, parts, strict=True)
        )

    def add_value(self, amount: int) -> None:
        """Spread over the layers by quantity; none of them falls below zero."""
        self.value += amount
        held = list(self.layers)
        while amount:
            open_at = [n for n, (_, value, _) in enumerate(held) if amount > 0 or value > 0]
            if not open_at:
                break
            parts = apportion(amount, [held[n][0] for n in open_at])
            for place, part in zip(open_at, parts, strict=True):
                qty, value, tag = held[place]
                change = max(part, -value)
                held[place] = (qty, value + change, tag)
                amount -= change
        self.layers = deque(held)
