"""One costing method per file; this is the list of them, and the door to valuation.

Valuation is a pure function from moves in business order to what each of them is worth:

    book = Book(
        openings={1: Opening(qty=0, value=0, state="")},
        policies={7: (Policy(at=0, ord=0, method="moving_average"),)},
        pool_items={1: 7},
    )
    valued = value_moves([
        Move(1, 1, 1, "receive", 7, 1, 1, 10, 0, 1, "2026-01-01", amount=10000),
        Move(2, 2, 1, "issue", 7, 1, 1, -4, 2, 2, "2026-01-01"),
    ], book)
    valued.values  # {1: {"receipt": 10000}, 2: {"issue": -4000}}
    valued.states  # {1: (6, 6000, "")}

What a move has to carry beside what `Move` says:

* of a walk that does not begin with the ledger, `Book.beside` are the moves outside of it that
  continue the same origins (values filled), so that shares and split late costs are counted;
* an invoice (kind late) has the invoiced atoms in `weight`; its `amount` is what was billed;
* count_value has the new unit cost as `amount` minor units per `weight` atoms;
* count_gain with a price has `amount` for `weight` atoms, without weight for its own quantity;
* an absolute count and its corrections (`origin` = the count, same at and ord) are one group,
  valued at the count; a count without difference stands as count_gain of 0;
* consume moves stand before the produce moves of their assembly; `weight` of a share output;
* the policy version of a new standard cost has the same (at, ord) as the `standard` move.

`Walker(book, continued)` does the same month by month for whole ledgers: `feed` takes the moves
of one or more whole months in key order and answers what they are worth. `continued` are the ids
of moves that later ones continue; without it every move is remembered.
"""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from runtime.kernel.costing.fifo import Fifo
from runtime.kernel.costing.month_end_average import MonthEndAverage
from runtime.kernel.costing.moving_average import MovingAverage
from runtime.kernel.costing.specific import Specific
from runtime.kernel.costing.standard import Standard
from runtime.kernel.moves import Move
from runtime.kernel.valuing.book import Book, Opening, Policy, UnitCost, Valued
from runtime.kernel.valuing.pool import Pool
from runtime.kernel.valuing.state import layers, tagged_layers
from runtime.kernel.valuing.walker import StretchWalker

METHODS: Mapping[str, type[Pool]] = MappingProxyType(
    {method.name: method for method in (MovingAverage, Fifo, MonthEndAverage, Specific, Standard)}
)


class Walker(StretchWalker):
    """A valuation in stretches, each of whole months: for ledgers that do not fit in memory.

    It starts from nothing and never looks at the values that the moves carry.
    """

    def __init__(self, book: Book, continued: Collection[int] | None = None) -> None:
        super().__init__(book, METHODS, continued, is_whole=True)


def value_moves(moves: Sequence[Move], book: Book) -> Valued:
    """What moves are worth, given in key order, the effective ones of the walked pools."""
    return StretchWalker(book, METHODS, (), is_whole=False).value(moves)


__all__ = [
    "METHODS",
    "Book",
    "Opening",
    "Policy",
    "UnitCost",
    "Valued",
    "Walker",
    "layers",
    "tagged_layers",
    "value_moves",
]
