"""One pool in one month: what it begins with, what comes in, what goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from runtime.kernel.amounts import round_ratio
from runtime.kernel.moves import Move
from runtime.kernel.valuing.linear import ZERO, Linear
from runtime.kernel.valuing.walk import Walk


@dataclass(slots=True)
class Incoming:
    """Goods (or value alone) that come in: exactly, and later in whole minor units."""

    move: Move
    qty: int
    exact: Linear


@dataclass(slots=True)
class Outgoing:
    """Goods that go out (or, negative, come back) at the month's average.

    `covered` is what the month can give; the rest goes short at `estimate`.
    """

    move: Move
    qty: int
    covered: int = 0
    cost: int = 0
    estimate: int = 0


@dataclass(slots=True)
class SentBack:
    """A return to the supplier at its credit; `relieved` is what the pool gives up for it."""

    move: Move
    qty: int
    credit: int
    relieved: int


class MonthPool:
    """The pool's month; `average` is known once all pools that feed it are solved."""

    def __init__(self, walk: Walk, moves: Sequence[Move], number: int) -> None:
        self.number = number
        self.moves = moves
        self.pool = walk.pool_at(moves[0].pool, (moves[0].at, moves[0].ord))
        self.ins: list[Incoming] = []
        self.outs: list[Outgoing] = []
        self.sent_back: list[SentBack] = []
        self.average: Fraction = ZERO
        # What it will hold when the month is over.
        self.end = self.pool.qty + sum(move.dq for move in moves)

    @property
    def ends_short(self) -> bool:
        """Whether more goes out than the month has."""
        return self.end < 0

    def supply(self) -> int:
        """What the month has before anything goes out at its average: its real goods."""
        owed = sum(short.qty for short in self.pool.short)
        qty = max(self.pool.qty, 0)
        for one in self.ins:
            filled = min(owed, one.qty)
            owed -= filled
            qty += one.qty - filled
        return qty - sum(one.qty for one in self.sent_back)

    def equation(self) -> tuple[Linear, Fraction]:
        """Worth and quantity of the month's real goods; without any, the last known cost."""
        qty, relieved = self.supply(), sum(one.relieved for one in self.sent_back)
        if qty <= 0:
            # Where all went back the goods have the cost they had before.
            qty, relieved = qty + sum(one.qty for one in self.sent_back), 0
        if qty <= 0:
            return self._fallback(), Fraction(1)
        form = Linear(self.pool.value if self.pool.qty > 0 else 0)
        owed = sum(short.qty for short in self.pool.short)
        for one in self.ins:
            if not one.exact.parts and (not owed or not one.qty):
                form.known += one.exact.known
                continue
            filled = min(owed, one.qty)
            owed -= filled
            form.add(one.exact, Fraction(one.qty - filled, one.qty))
        form.known -= relieved
        return form, Fraction(qty)

    def _fallback(self) -> Linear:
        """The cost of what filled shortages last, else last known, else estimate, else nothing."""
        form = Linear()
        for one in reversed(self.ins):
            if one.qty:
                form.add(one.exact, Fraction(1, one.qty))
                return form
        if self.pool.qty > 0:
            return Linear(Fraction(self.pool.value, self.pool.qty))
        cost = self.pool.last or self.pool.policy.estimate
        return form if cost is None else Linear(Fraction(*cost))

    def bear_less(self) -> bool:
        """Let a return take no more than there is; false where no return takes anything."""
        lacking = -self.average * self.supply()
        for one in reversed(self.sent_back):
            if one.relieved > 0:
                whole = -(-lacking.numerator // lacking.denominator)
                one.relieved = max(one.relieved - whole, 0)
                return True
        return False

    def lowering(self) -> Move:
        """The latest move that lowers what the pool is worth."""
        found = [one.move for one in self.ins if one.exact.known < 0]
        return found[-1] if found else self.moves[-1]

    def at_average(self, qty: int) -> int:
        """What goods cost at the month's average, rounded once."""
        average = self.average
        return round_ratio(average.numerator * qty, average.denominator, self.pool.rounding)
