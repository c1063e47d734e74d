"""A pool in a walk: quantity, value, what it gave out too early, and the last known cost."""

# ruff: noqa: ARG002 - every method is told the same, and not every one needs all of it

from abc import ABC, abstractmethod

from runtime.kernel.amounts import Rounding, round_ratio
from runtime.kernel.valuing.book import Policy, UnitCost
from runtime.kernel.valuing.state import Short, State

# What leaves or enters a pool at once: quantities with their values.
Parts = list[tuple[int, int]]


class Pool(ABC):
    """The common part of all methods: goods come in, go out, go short and are filled again.

    `last` is only kept true while nothing is there: every take that empties the pool sets it.
    """

    __slots__ = (
        "id",
        "last",
        "place",
        "policy",
        "qty",
        "rounding",
        "short",
        "true_ups",
        "until",
        "value",
    )
    name = ""
    # Whether goods enter at the standard cost instead of at what was paid for them.
    at_standard = False
    # Whether goods keep the layers they lay in when they go elsewhere.
    keeps_layers = False
    # Whether the second leg of a transfer carries a share of the first one's value.
    carries_leg = True
    # Whether costs are known only when the month is complete.
    monthly = False

    def __init__(
        self, number: int, policy: Policy, rounding: Rounding, true_ups: dict[int, int]
    ) -> None:
        self.id = number
        self.policy = policy
        self.rounding = rounding
        self.true_ups = true_ups
        # Which of the item's policies this is, and from when on the next one is in force.
        self.place = 0
        self.until: tuple[int, int] | None = None
        self.qty = 0
        self.value = 0
        self.short: list[Short] = []
        self.last: UnitCost | None = None

    def start(self, qty: int, value: int, state: State) -> None:
        """Begin with what was held, however it was held before."""
        self.qty = qty
        self.value = value
        self.short = list(state.short)
        self.last = state.last

    def state(self) -> State:
        """What it remembers beside quantity and value."""
        return State([], self.short, self.last if self.qty <= 0 else None)

    @abstractmethod
    def put(self, qty: int, value: int, tag: int) -> None:
        """Goods come in; they fill what had gone short first."""

    @abstractmethod
    def take(self, qty: int, move: int) -> int:
        """Goods go out: what they cost."""

    def take_parts(self, qty: int, move: int) -> Parts:
        """Goods go out in the layers they lay in."""
        return [(qty, self.take(qty, move))]

    def take_back(self, qty: int, move: int, origin: int) -> Parts:
        """Goods go out that this origin brought in, as far as they are still told apart."""
        return self.take_parts(qty, move)

    @abstractmethod
    def give_back(self, qty: int, credit: int, move: int, origin: int) -> int:
        """Goods go back to whom they came from for a credit: what the pool is relieved of."""

    def add_value(self, amount: int) -> None:
        """Change the value of what is there."""
        self.value += amount

    def set_value(self, value: int) -> None:
        """Give what is there another worth."""
        self.value = value

    def standard_worth(self, qty: int) -> int:
        """What goods are worth at the standard cost."""
        assert self.policy.standard is not None, "a standard costed item has its standard"
        value, per = self.policy.standard
        return round_ratio(value * qty, per, self.rounding)

    def worth_now(self, qty: int) -> int:
        """What goods would cost at the present average, else at the last known cost."""
        if self.qty > 0:
            return round_ratio(self.value * qty, self.qty, self.rounding)
        return self.guess(qty)

    def guess(self, qty: int) -> int:
        """What goods that are not there are taken to cost: last known, else estimate, else 0."""
        value, per = self.last or self.policy.estimate or (0, 1)
        return round_ratio(value * qty, per, self.rounding)

    def go_short(self, qty: int, move: int) -> int:
        """Give out what is not there, at an estimate that later goods settle."""
        estimate = self.guess(qty)
        self.short.append(Short(move, qty, estimate))
        self.qty -= qty
        self.value -= estimate
        return estimate

    def fill(self, qty: int, value: int) -> tuple[int, int]:
        """Settle shortages, oldest first, with goods that come in: what is left of these."""
        self.last = (value, qty)
        while qty and self.short:
            short = self.short[0]
            filled = min(qty, short.qty)
            piece = value if filled == qty else round_ratio(value * filled, qty, self.rounding)
            settled = short.estimate
            if filled < short.qty:
                settled = round_ratio(short.estimate * filled, short.qty, self.rounding)
            short.trued -= piece - settled
            self.true_ups[short.move] = short.trued
            short.qty -= filled
            short.estimate -= settled
            if not short.qty:
                del self.short[0]
            self.qty += filled
            self.value += settled
            qty -= filled
            value -= piece
        return qty, value
