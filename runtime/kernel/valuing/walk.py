"""The walk: moves in business order, one pool state each, one answer per move."""

from collections.abc import Callable, Collection, Iterable, Mapping
from fractions import Fraction

from runtime.kernel.moves import Move
from runtime.kernel.refusals import Refusal
from runtime.kernel.valuing.book import Book, Policy
from runtime.kernel.valuing.pool import Pool
from runtime.kernel.valuing.prospect import Prospect, split_before
from runtime.kernel.valuing.state import dump, load

Values = dict[str, int]
Methods = Mapping[str, type[Pool]]
Handler = Callable[["Walk", Move, Pool], None]
Handlers = Mapping[str, Handler]

# What does not count as the worth of an origin: it is not what was paid for the goods.
_BESIDE = ("price_variance", "residual")


class Walk:
    """What is known on the way: pools, values so far, and what lies outside of it."""

    def __init__(
        self, book: Book, methods: Methods, continued: Collection[int] | None, *, is_whole: bool
    ) -> None:
        self.book = book
        self.methods = methods
        self.continued = continued
        # Whether the walk is of a whole ledger, hence never asks what the books say already.
        self.is_whole = is_whole
        self.pools: dict[int, Pool] = {}
        self.values: dict[int, Values] = {}
        self.true_ups: dict[int, int] = {}
        self.problems: list[tuple[Refusal, Move]] = []
        self.layers: dict[int, str] = {}
        self.taken: dict[tuple[int, str], int] = dict(book.taken)
        # What left a pool in several layers, until it arrives.
        self.sent: dict[int, list[tuple[int, int]]] = {}
        # The exact cost of what pools costed by the month gave out.
        self.exact: dict[int, Fraction] = {}
        # Moves that later ones continue, with what was found for them.
        self.known: dict[int, tuple[Move, Values]] = {}
        self.beside = book.beside
        # What split late costs added to the worth of receipts.
        self.late: dict[int, int] = split_before(book.beside)
        self.ahead = Prospect()
        for opening in book.openings.values():
            # What was short before the walk may be filled within it, under whatever policy then.
            if "|" in opening.state:
                for short in load(opening.state).short:
                    self.true_ups[short.move] = short.trued

    def run(self, moves: Iterable[Move], handlers: Handlers) -> None:
        """Value moves one after the other."""
        pools = self.pools
        for move in moves:
            pool = pools.get(move.pool)
            if pool is None or (pool.until is not None and (move.at, move.ord) >= pool.until):
                pool = self.pool_at(move.pool, (move.at, move.ord))
            handlers[move.kind](self, move, pool)

    def pool_at(self, number: int, moment: tuple[int, int]) -> Pool:
        """The pool under the policy in force at a moment; a change of method keeps its value."""
        policies = self._policies(number)
        place = _in_force(policies, moment)
        # Through every method in between: layers that were added up once stay one layer.
        for passed in range(self._place_of(number, policies, place), place):
            self.open_pool(number, policies[passed])
        pool = self.open_pool(number, policies[place])
        pool.place = place
        following = policies[place + 1] if place + 1 < len(policies) else None
        pool.until = None if following is None else (following.at, following.ord)
        return pool

    def _place_of(self, number: int, policies: tuple[Policy, ...], place: int) -> int:
        """The place of the policy under which the pool was held last, as far as that is known."""
        if number in self.pools:
            return self.pools[number].place
        opening = self.book.openings.get(number)
        if opening is None or opening.latest is None:
            return place
        return _in_force(policies, opening.latest)

    def method_at(self, number: int, moment: tuple[int, int]) -> type[Pool]:
        """By which method a pool is costed at a moment."""
        policies = self._policies(number)
        place = 0 if len(policies) == 1 else _in_force(policies, moment)
        return self.method_of(policies[place])

    def method_of(self, policy: Policy) -> type[Pool]:
        """The method of a policy; plan cost with a variance rate is an average of the month."""
        if policy.method == "standard" and policy.variance == "rate":
            return self.methods["month_end_average"]
        return self.methods[policy.method]

    @property
    def may_be_monthly(self) -> bool:
        """Whether any pool is ever costed by the month."""
        return any(
            self.method_of(policy).monthly
            for policies in self.book.policies.values()
            for policy in policies
        )

    def open_pool(self, number: int, policy: Policy) -> Pool:
        """The pool with the state it has, held as the policy wants it."""
        method = self.method_of(policy)
        pool = self.pools.get(number)
        if type(pool) is method:
            pool.policy = policy
            return pool
        made = method(number, policy, self.book.rounding, self.true_ups)
        if pool is not None:
            made.start(pool.qty, pool.value, pool.state())
        elif (opening := self.book.openings.get(number)) is not None:
            made.start(opening.qty, opening.value, load(opening.state))
        self.pools[number] = made
        return made

    def _policies(self, number: int) -> tuple[Policy, ...]:
        return self.book.policies[self.book.pool_items[number]]

    def states(self) -> dict[int, tuple[int, int, str]]:
        """What every pool holds now, those no move touched included."""
        found = {
            number: (opening.qty, opening.value, opening.state)
            for number, opening in self.book.openings.items()
        }
        for number, pool in self.pools.items():
            found[number] = (pool.qty, pool.value, dump(pool.state()))
        return found

    def refuse(self, code: Refusal, move: Move) -> None:
        """Note what cannot be; the walk goes on."""
        self.problems.append((code, move))

    def origin_of(self, move: Move) -> tuple[Move, Values]:
        """The move that this one continues, and its values as they are known by now."""
        assert move.origin is not None, "only a move with an origin continues one"
        return self.found(move.origin)

    def found(self, number: int) -> tuple[Move, Values]:
        """A move of this walk or outside of it, and its values as they are known by now."""
        if number in self.known:
            origin, values = self.known[number]
            values = self.values.get(number, values)
        else:
            origin = self.ahead.moves.get(number) or self.book.origins[number]
            values = self.values.get(number, origin.values)
        if number in self.true_ups:
            values = values | {"true_up": self.true_ups[number]}
        return origin, values

    def worth_of(self, number: int) -> int:
        """What an origin moved, without what was booked beside it; late costs included."""
        _, values = self.found(number)
        worth = sum(dv for account, dv in values.items() if account not in _BESIDE)
        return worth + self.late.get(number, 0)

    def keep(self, moves: Iterable[Move]) -> None:
        """Keep what later months may continue."""
        for move in moves:
            if self.continued is None or move.id in self.continued:
                self.known[move.id] = (move, self.values.get(move.id, {}))

    def settle(self) -> None:
        """Write the true-ups beside the values of the issues they belong to."""
        for number, true_up in self.true_ups.items():
            self.values.setdefault(number, {})["true_up"] = true_up


def _in_force(policies: tuple[Policy, ...], moment: tuple[int, int]) -> int:
    """The place of the policy in force at a moment; before the first one that one."""
    place = 0
    while place + 1 < len(policies):
        following = policies[place + 1]
        if (following.at, following.ord) > moment:
            break
        place += 1
    return place
