"""What a valuation is given beside the moves, and what it answers."""

from collections.abc import Mapping, Sequence
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
    """What a pool held before the walk; `state` as a walk dumped it.

    `latest` is the business moment of its latest move, where the item's policy ever changes.
    """

    qty: int = 0
    value: int = 0
    state: str = ""
    latest: tuple[int, int] | None = None


@dataclass(slots=True)
class Book:
    """The surroundings of a walk.

    `origins` are moves outside the walk (before it, or in pools that are not walked) with their
    `values` filled: those that walked moves continue or are the `peer` of, and the consume moves
    of walked assemblies. How much of an origin was continued outside of the walk is said either by
    `taken` (of goods, "goods", and by invoices, "invoice": all of it before the walk) or by the
    moves themselves, `beside`, values filled; only these tell what split late costs added to the
    worth of a receipt. `extra` is the extra cost of an assembly by its posting, where its first
    input does not carry it as `amount`.
    """

    openings: Mapping[int, Opening]
    policies: Mapping[int, tuple[Policy, ...]]
    pool_items: Mapping[int, int]
    rounding: Rounding = Rounding.HALF_UP
    origins: Mapping[int, Move] = field(default_factory=dict)
    taken: Mapping[tuple[int, str], int] = field(default_factory=dict)
    beside: Sequence[Move] = ()
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
