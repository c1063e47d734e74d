"""What the reference calculator counts with: lines, rounding, and pools of layers.

Quantities are fractions of base units, money is whole minor units.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

Key = tuple[int, int, int, int]
PoolKey = tuple[str, str, str]
ZERO = Fraction(0)


class Refuse(Exception):  # noqa: N818 - a refusal is named after what is refused
    """The document cannot be posted, and why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(eq=False)
class Line:
    """A fact: goods or value that a document moves; `v` is what its pool gains by account."""

    doc: str
    n: int
    kind: str
    item: str
    warehouse: str
    key: Key
    q: Fraction = ZERO
    amount: int | None = None
    unit: Fraction | None = None
    weight: Fraction | None = None
    mode: str = ""
    origin: "Line | None" = None
    peer: "Line | None" = None
    lot: str = ""
    serial: str = ""
    month: str = ""
    counted: Fraction | None = None
    text: str = ""
    v: dict[str, int] = field(default_factory=dict)

    @property
    def value(self) -> int:
        return sum(self.v.values())

    def add(self, account: str, change: int) -> None:
        self.v[account] = self.v.get(account, 0) + change


@dataclass(frozen=True)
class Rules:
    """What a company and its items are like."""

    half_even: bool
    scope: str
    purchase_return: str
    sales_return: str
    methods: dict[str, str]
    tracking: dict[str, str]
    standards: dict[str, Fraction]  # minor units per base unit
    estimates: dict[str, Fraction]
    rate: bool  # standard cost with a rate of difference

    def round(self, exact: Fraction) -> int:
        """To whole minor units; half away from zero, or half to even."""
        if self.half_even:
            return round(exact)
        sign = -1 if exact < 0 else 1
        return sign * int(abs(exact) + Fraction(1, 2))

    def share(self, whole: int, before: Fraction, part: Fraction, size: Fraction) -> int:
        """The value of the n-th part, such that all parts together are the whole."""
        return self.round(whole * (before + part) / size) - self.round(whole * before / size)

    def split(self, whole: int, weights: Sequence[Fraction]) -> list[int]:
        """Largest remainder, ties to the last."""
        if whole < 0:
            return [-part for part in self.split(-whole, weights)]
        total = sum(weights, ZERO)
        exact = [whole * weight / total for weight in weights]
        parts = [one.numerator // one.denominator for one in exact]
        order = sorted(range(len(parts)), key=lambda i: (exact[i] - parts[i], i), reverse=True)
        for place in order[: whole - sum(parts)]:
            parts[place] += 1
        return parts

    def pool_of(self, line: Line) -> PoolKey:
        """What is costed together with the line's goods."""
        warehouse = "*" if self.scope == "company" else line.warehouse
        alone = self.scope == "batch" or self.methods[line.item] == "specific"
        return line.item, warehouse, (line.lot or line.serial) if alone else ""


@dataclass
class Short:
    """Goods that went out before they came, at a guessed value."""

    line: Line
    q: Fraction
    guess: int


class Pool:
    """Layers, or shortages when there is less than nothing; an average keeps one layer."""

    def __init__(self, rules: Rules, item: str, method: str) -> None:
        self.rules, self.item, self.method = rules, item, method
        self.layers: list[tuple[Fraction, int, Line | None]] = []
        self.shorts: list[Short] = []
        self.last: Fraction | None = None
        self.loose = (ZERO, 0)  # month-end average: quantity and value, below nothing at times

    @property
    def monthly(self) -> bool:
        return self.method == "month_end_average"

    @property
    def q(self) -> Fraction:
        if self.monthly:
            return self.loose[0]
        held = sum((q for q, _, _ in self.layers), ZERO)
        return held - sum((short.q for short in self.shorts), ZERO)

    @property
    def v(self) -> int:
        if self.monthly:
            return self.loose[1]
        return sum(v for _, v, _ in self.layers) - sum(short.guess for short in self.shorts)

    def unit(self) -> Fraction:
        """The average, or the last known cost, or the estimate, or nothing."""
        if self.method == "standard":
            return self.rules.standards[self.item]
        if self.q > 0:
            return self.v / self.q
        if self.last is not None:
            return self.last
        return self.rules.estimates.get(self.item, ZERO)

    def put(self, q: Fraction, v: int, tag: Line | None) -> None:
        """Goods come in: the oldest shortages first, the rest is a layer."""
        whole = Fraction(v) / q
        while self.shorts and q:
            short = self.shorts[0]
            filled = min(q, short.q)
            piece = v if filled == q else self.rules.round(v * filled / q)
            guess = short.guess
            if filled != short.q:
                guess = self.rules.round(short.guess * filled / short.q)
            short.line.add("true_up", guess - piece)
            q, v = q - filled, v - piece
            short.q, short.guess = short.q - filled, short.guess - guess
            if not short.q:
                self.shorts.pop(0)
            self.last = whole
        if q:
            self.layers.append((q, v, tag))
        self.merge()

    def merge(self) -> None:
        """An average does not know one layer from another."""
        if self.method != "fifo" and len(self.layers) > 1:
            q = sum((q for q, _, _ in self.layers), ZERO)
            self.layers = [(q, sum(v for _, v, _ in self.layers), None)]

    def take(self, line: Line, q: Fraction, own: Line | None = None) -> list[tuple[Fraction, int]]:
        """Goods go out, those of `own` first; what is not there is guessed and owed."""
        first = [layer for layer in self.layers if own is not None and layer[2] is own]
        queue = first + [layer for layer in self.layers if layer not in first]
        parts: list[tuple[Fraction, int]] = []
        left: list[tuple[Fraction, int, Line | None]] = []
        for have, value, tag in queue:
            part = min(have, q)
            if not part:
                left.append((have, value, tag))
                continue
            cost = value if part == have else self.rules.round(value * part / have)
            parts.append((part, cost))
            self.last = value / have
            q -= part
            if part != have:
                left.append((have - part, value - cost, tag))
        places = {id(layer[2]): place for place, layer in enumerate(self.layers)}
        self.layers = sorted(left, key=lambda layer: places[id(layer[2])]) if first else left
        if q:
            guess = self.rules.round(self.unit() * q)
            self.shorts.append(Short(line, q, guess))
            parts.append((q, guess))
        return parts

    def relieve(self, q: Fraction, v: int) -> None:
        """An average gives up an amount that is not its own cost."""
        have, worth, _ = self.layers[0]
        self.last = worth / have
        self.layers = [(have - q, worth - v, None)] if have != q else []

    def spread(self, amount: int) -> None:
        """A value without goods goes over the layers by quantity; none goes below nothing."""
        if self.monthly:
            self.loose = (self.loose[0], self.loose[1] + amount)
            return
        parts = dict.fromkeys(range(len(self.layers)), 0)
        open_ = list(parts)
        while amount:
            given = self.rules.split(amount, [self.layers[i][0] for i in open_])
            amount = 0
            for i, part in zip(open_, given, strict=True):
                parts[i] += part
                below = self.layers[i][1] + parts[i]
                if below < 0:
                    parts[i] -= below
                    amount += below
            open_ = [i for i in open_ if self.layers[i][1] + parts[i] > 0]
        self.layers = [(q, v + parts[i], tag) for i, (q, v, tag) in enumerate(self.layers)]

    def become(self, method: str) -> None:
        """Another method, the same value."""
        loose = self.loose if self.monthly else (ZERO, 0)
        self.method = method
        if loose[0] > 0:
            self.layers = [(*loose, None)]
        self.merge()
