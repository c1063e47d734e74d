"""The reference calculator's valuation: every line of every document, from nothing, in one order.

Written from the design's text alone and kept apart from the engine on purpose; nothing is
remembered between two runs.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from . import oracle_months
from .oracle_pool import ZERO, Line, Pool, PoolKey, Refuse, Rules


class Walk:
    """All lines in order; `given` is what the month-end average says its lines are worth."""

    def __init__(self, rules: Rules, lines: Iterable[Line], given: dict[Line, int]) -> None:
        self.rules, self.given = rules, given
        self.lines = sorted(lines, key=lambda line: line.key)
        self.pools: dict[PoolKey, Pool] = {}
        self.methods = {
            item: "month_end_average" if method == "standard" and rules.rate else method
            for item, method in rules.methods.items()
        }
        self.standards = dict(rules.standards)
        self.parts: dict[Line, list[tuple[Fraction, int]]] = {}
        self.by_doc: dict[str, list[Line]] = {}
        self.monthly: list[tuple[PoolKey, Line]] = []
        for line in self.lines:
            line.v = {}
            self.by_doc.setdefault(line.doc, []).append(line)

    def run(self) -> None:
        """Value every line."""
        for line in self.lines:
            if self.rules.scope == "company" and line.kind in {"transfer_out", "transfer_in"}:
                continue  # it moves nothing between pools
            step: Callable[[Line], None] = getattr(self, f"_{line.kind}")
            if line.kind in {"standard", "change", "late_replay"}:
                step(line)
                continue
            pool = self.pool(line)
            if pool.monthly:
                self.monthly.append((self.rules.pool_of(line), line))
                before = line.value
                step(line)
                pool.loose = (pool.loose[0] + line.q, pool.loose[1] + line.value - before)
            else:
                step(line)

    def pool(self, line: Line) -> Pool:
        key = self.rules.pool_of(line)
        if key not in self.pools:
            self.pools[key] = Pool(self.rules, line.item, self.methods[line.item])
            self.pools[key].rules = self.rules
        return self.pools[key]

    # What came before a line among those that continue the same one.
    def _earlier(self, line: Line, kind: str) -> Fraction:
        assert line.origin is not None
        return sum(
            (
                abs(other.q)
                for other in self.lines
                if other.origin is line.origin and other.kind == kind and other.key < line.key
            ),
            ZERO,
        )

    def worth(self, receipt: Line) -> int:
        """What a receipt is worth with all that was added to it while its month was open."""
        assert receipt.amount is not None
        late = [one for one in self.lines if one.kind == "late_replay" and one.origin is receipt]
        invoiced = sum((one.weight or ZERO for one in late if one.mode == "invoice"), ZERO)
        rest = receipt.amount - self.rules.round(receipt.amount * invoiced / receipt.q)
        return rest + sum(one.amount or 0 for one in late)

    def _enter(self, line: Line, account: str, v: int) -> None:
        """Goods of a value come in; under standard cost the gap is a variance."""
        pool = self.pool(line)
        line.add(account, v)
        if pool.method == "standard" and account != "transfer":
            plan = self.rules.round(line.q * self.rules.standards[line.item])
            line.add("price_variance", plan - v)
            v = plan
        if not pool.monthly:
            pool.put(line.q, v, line)

    def _leave(self, line: Line, account: str) -> int:
        pool = self.pool(line)
        if pool.monthly:
            cost = -self.given.get(line, 0)
        else:
            self.parts[line] = pool.take(line, -line.q)
            cost = sum(v for _, v in self.parts[line])
        line.add(account, -cost)
        return cost

    def _receive(self, line: Line) -> None:
        worth = self.worth(line)
        if worth < 0:
            raise Refuse("NEGATIVE_VALUE")
        self._enter(line, "receipt", worth)

    def _late_replay(self, line: Line) -> None:
        """Its receipt bears it."""

    def _late_split(self, line: Line) -> None:
        """What is still there of the goods bears its part, the rest is cost of sales."""
        receipt = line.origin
        assert receipt is not None
        assert receipt.amount is not None
        assert line.amount is not None
        difference = line.amount
        if line.mode == "invoice":
            before = sum(
                (
                    one.weight or ZERO
                    for one in self.lines
                    if one.origin is receipt and one.mode == "invoice"
                    and (one.kind == "late_replay" or one.key < line.key)
                ),
                ZERO,
            )  # fmt: skip
            assert line.weight is not None
            difference -= self.rules.share(receipt.amount, before, line.weight, receipt.q)
        pool = self.pool(line)
        if pool.method == "standard":
            line.add("late", difference)
            line.add("price_variance", -difference)
            return
        kept = 0
        if pool.q > 0:
            kept = self.rules.round(difference * min(pool.q, receipt.q) / receipt.q)
            kept = max(kept, -max(pool.v, 0))
        line.add("late", difference)
        line.add("cogs_adjust", kept - difference)
        if not pool.monthly:
            pool.spread(kept)

    def _issue(self, line: Line) -> None:
        self._leave(line, "issue")

    def _purchase_return(self, line: Line) -> None:
        pool, q = self.pool(line), -line.q
        assert line.origin is not None
        if line.mode == "current":
            self._leave(line, "purchase_return")
            return
        credit = self.rules.share(
            self.worth(line.origin) + self._split_before(line),
            self._earlier(line, "purchase_return"), q, line.origin.q,
        )  # fmt: skip
        if pool.monthly:
            relieved = -self.given.get(line, -credit)
        elif q > pool.q:
            credit = relieved = sum(v for _, v in pool.take(line, q, line.origin))
        elif pool.method == "fifo":
            relieved = sum(v for _, v in pool.take(line, q, line.origin))
        elif pool.method == "standard":
            relieved = sum(v for _, v in pool.take(line, q))
        else:
            relieved = credit
            if q == pool.q:
                relieved = pool.v
            elif pool.v < credit:
                relieved = self.rules.round(pool.v * q / pool.q)
            pool.relieve(q, relieved)
        line.add("purchase_return", -credit)
        line.add("return_variance", credit - relieved)

    def _split_before(self, line: Line) -> int:
        """What late costs that could not be replayed had added to the receipt by then."""
        return sum(
            one.v.get("late", 0)
            for one in self.lines
            if one.kind == "late_split" and one.origin is line.origin and one.key < line.key
        )

    def _sales_return(self, line: Line) -> None:
        pool, source = self.pool(line), line.origin
        assert source is not None
        if pool.monthly and (line.mode == "current" or source.month == line.month):
            line.add("sales_return", self.given.get(line, 0))
            return
        if line.mode == "current":
            value = self.rules.round(pool.unit() * line.q)
        else:
            before = self._earlier(line, "sales_return")
            value = self.rules.share(-source.value, before, line.q, -source.q)
        self._enter(line, "sales_return", value)

    def _transfer_out(self, line: Line) -> None:
        pool, q = self.pool(line), -line.q
        if line.origin is None or pool.monthly:
            self._leave(line, "transfer")
            return
        if pool.method == "fifo":
            self.parts[line] = pool.take(line, q, line.origin)
            line.add("transfer", -sum(v for _, v in self.parts[line]))
            return
        carried = self.rules.share(
            line.origin.v.get("transfer", 0), self._earlier(line, "transfer_out"), q, line.origin.q
        )
        relieved = pool.v if q == pool.q else min(carried, pool.v)
        pool.relieve(q, relieved)
        line.add("transfer", -carried)
        line.add("residual", carried - relieved)
        self.parts[line] = [(q, carried)]

    def _transfer_in(self, line: Line) -> None:
        pool, peer = self.pool(line), line.peer
        assert peer is not None
        carried = -peer.v["transfer"]
        line.add("transfer", carried)
        if pool.monthly:
            return
        for q, v in self.parts[peer] if pool.method == "fifo" else [(line.q, carried)]:
            pool.put(q, v, line)

    def _consume(self, line: Line) -> None:
        self._leave(line, "assembly")

    def _produce(self, line: Line) -> None:
        value = self.outputs(line.doc)[line]
        self._enter(line, "assembly", value)

    def outputs(self, doc: str) -> dict[Line, int]:
        """What each output of an assembly is worth: all of the cost, to the last unit."""
        lines = self.by_doc[doc]
        inputs = [line for line in lines if line.kind == "consume"]
        made = [line for line in lines if line.kind == "produce"]
        rest = -sum(line.value for line in inputs) + (inputs[0].amount or 0)
        worth: dict[Line, int] = {}
        for line in made:
            if line.mode == "fixed":
                worth[line] = line.amount or 0
            elif line.mode == "input":
                same = next(one for one in inputs if one.item == line.item)
                worth[line] = self.rules.share(-same.value, ZERO, line.q, -same.q)
        rest -= sum(worth.values())
        if rest < 0:
            raise Refuse("NEGATIVE_VALUE")
        shared = [line for line in made if line.mode == "share"]
        if not shared:
            worth[made[-1]] += rest
            return worth
        parts = self.rules.split(rest, [line.weight or ZERO for line in shared])
        return worth | dict(zip(shared, parts, strict=True))

    def _count(self, line: Line) -> None:
        if line.q < 0:
            self._leave(line, "stocktake_loss")
            return
        if line.q > 0 and self.pool(line).monthly and line.unit is None:
            line.add("stocktake_gain", self.given.get(line, 0))
            return
        if line.q > 0:
            unit = self.pool(line).unit() if line.unit is None else line.unit
            self._enter(line, "stocktake_gain", self.rules.round(unit * line.q))

    def _count_value(self, line: Line) -> None:
        pool = self.pool(line)
        assert line.unit is not None
        if pool.q <= 0:
            raise Refuse("ADJUST_WITHOUT_STOCK")
        worth = self.rules.round(pool.q * line.unit)
        line.add("revaluation", worth - pool.v)
        if not pool.monthly:
            values = self.rules.split(worth, [q for q, _, _ in pool.layers])
            layers = zip(pool.layers, values, strict=True)
            pool.layers = [(q, v, tag) for (q, _, tag), v in layers]

    def _adjust(self, line: Line) -> None:
        pool = self.pool(line)
        assert line.amount is not None
        if pool.q <= 0:
            raise Refuse("ADJUST_WITHOUT_STOCK")
        if not pool.monthly and pool.v + line.amount < 0:
            raise Refuse("NEGATIVE_VALUE")
        line.add("cost_adjust", line.amount)
        if not pool.monthly:
            pool.spread(line.amount)

    def _standard(self, line: Line) -> None:
        assert line.unit is not None
        self.rules.standards[line.item] = line.unit
        for pool in self.pools.values():
            if pool.item == line.item and pool.method == "standard" and pool.q > 0:
                worth = self.rules.round(pool.q * line.unit)
                line.add("revaluation", worth - pool.v)
                pool.spread(worth - pool.v)

    def _change(self, line: Line) -> None:
        self.methods[line.item] = line.text
        for pool in self.pools.values():
            if pool.item == line.item:
                pool.become(line.text)


def value(rules: Rules, lines: Sequence[Line]) -> Walk:
    """Every line's value and every pool's state; months are repeated until nothing moves."""
    given: dict[Line, int] = {}
    standards = dict(rules.standards)
    for _ in range(40):
        rules.standards.clear()
        rules.standards.update(standards)
        walk = Walk(rules, lines, given)
        walk.run()
        again, true_ups = oracle_months.solve(walk) if walk.monthly else ({}, [])
        if again == given:
            for line, change, pool in true_ups:
                line.add("true_up", change)
                walk.pools[pool].loose = (
                    walk.pools[pool].loose[0], walk.pools[pool].loose[1] + change,
                )  # fmt: skip
            rules.standards.clear()
            rules.standards.update(standards)
            return walk
        given = again
    raise Refuse("COST_CYCLE")
