"""What a valuation is given beside the moves, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.kernel.amounts import Rounding
from runtime.kernel.moves import Move
from runtime.kernel.refusals import Refusal

# A cost as an exact ratio: minor units (numerator) per atoms (denominator, positive).
UnitCost = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Policy:
    """How an item is costed from a moment on; costs are minor units per atom as exact ratios."""

    at: int
    ord: int
    method: str
    variance: str = "expense"
    negative: bool = False
    standard: UnitCost | None = None
    estimate: UnitCost | None = None


@dataclass(slots=True)
class Opening:
    """What a pool held before the walk; `state` as a walk dumped it."""

    qty: int = 0
    value: int = 0
    state: str = ""


@dataclass(slots=True)
class Book:
    """The surroundings of a walk.

    `origins` are moves outside the walk (before it, or in pools that are not walked) with their
    `values` filled: those that walked moves continue or are the `peer` of, and the consume moves
    of walked assemblies. `taken` is how much of an origin was continued before the walk: of goods
    ("goods") and by invoices ("invoice"). `late` is what split late costs before the walk added
    to the worth of a receipt: their `landed_cost` and `invoice` values. `extra` is the extra cost
    of an assembly by its posting.
    """

    openings: Mapping[int, Opening]
    policies: Mapping[int, tuple[Policy, ...]]
    pool_items: Mapping[int, int]
    rounding: Rounding = Rounding.HALF_UP
    origins: Mapping[int, Move] = field(default_factory=dict)
    taken: Mapping[tuple[int, str], int] = field(default_factory=dict)
    late: Mapping[int, int] = field(default_factory=dict)
    extra: Mapping[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Valued:
    """What the moves are worth by account, what the pools hold after them, and what cannot be.

    `values` has every walked move; a move before the walk that had gone short is there with its
    whole `true_up` and nothing else. `layers` says of goods that came into a pool of layers by
    transfer which layers they brought, where they are more than one: `qty,value` parted by `;`.
    """

    values: dict[int, dict[str, int]]
    states: dict[int, tuple[int, int, str]]
    problems: list[tuple[Refusal, Move]]
    layers: dict[int, str] = field(default_factory=dict)
