"""The driver: a stretch of moves at a time, with what has to be known before each."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from runtime.kernel.moves import Move
from runtime.kernel.valuing import assembly, counts, goods, months, returns, value_only
from runtime.kernel.valuing.book import Book, Valued
from runtime.kernel.valuing.prospect import Prospect
from runtime.kernel.valuing.walk import Handler, Methods, Walk

HANDLERS: Mapping[str, Handler] = MappingProxyType({
    "receive": goods.receive,
    "issue": goods.issue,
    "transfer_out": goods.transfer_out,
    "transfer_in": goods.transfer_in,
    "purchase_return": returns.purchase_return,
    "sales_return": returns.sales_return,
    "consume": assembly.consume,
    "produce": assembly.produce,
    "count_gain": counts.count,
    "count_loss": counts.count,
    "count_value": value_only.count_value,
    "late": value_only.late,
    "adjust": value_only.adjust,
    "standard": value_only.standard,
})  # fmt: skip


class StretchWalker:
    """Values stretches of moves, each of whole months, one after the other.

    Between stretches only pools, open shortages and the moves in `continued` (without it: all)
    are remembered.
    """

    def __init__(
        self,
        book: Book,
        methods: Methods,
        continued: Collection[int] | None,
        *,
        is_whole: bool,
    ) -> None:
        self._walk = Walk(book, methods, continued, is_whole=is_whole)

    def feed(self, moves: Sequence[Move]) -> Valued:
        """Value the next moves, in key order; `states` are those after them."""
        walk = self._walk
        valued = self.value(moves)
        walk.keep(moves)
        return valued

    def value(self, moves: Sequence[Move]) -> Valued:
        """The same for the last moves: nothing of them is remembered."""
        walk = self._walk
        walk.values, walk.problems, walk.layers = {}, [], {}
        walk.ahead = Prospect()
        walk.ahead.look(moves, walk.taken, walk.beside)
        walk.beside = ()
        walk.ahead.join_outside(walk.book.origins)
        if walk.may_be_monthly:
            months.run(walk, moves, HANDLERS)
        else:
            walk.run(moves, HANDLERS)
        walk.settle()
        return Valued(walk.values, walk.states(), walk.problems, walk.layers)
