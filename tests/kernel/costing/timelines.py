"""Random timelines of moves that a planner could have made: enough is there, sources exist."""

from dataclasses import dataclass, field

from runtime.kernel.costing import Book, Opening, Policy
from runtime.kernel.moves import Move

# What a drawn step says: which kind, where, what of the earlier ones, how much, how many hours on.
Step = tuple[int, int, int, int, int]
DAY = 86400 * 8
ATOM_COST = (7, 3)
START = 19723 * DAY  # 1 January 2024
KINDS = (
    "receive", "issue", "transfer", "onward", "purchase_return", "sales_return", "landed",
    "invoice", "adjust", "count", "assemble", "receive", "issue", "count_value",
)  # fmt: skip


@dataclass
class Timeline:
    """Two items in three warehouses each, moves in key order."""

    method: str
    variance: str = "expense"
    negative: bool = False
    other: str = ""
    moves: list[Move] = field(default_factory=list)
    held: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    billed: dict[int, int] = field(default_factory=dict)
    at: int = START

    def book(self) -> Book:
        """Pools 1 to 3 are of item 1, pools 4 to 6 of item 2."""

        def policy(method: str) -> tuple[Policy, ...]:
            return (Policy(0, 0, method, self.variance, self.negative, ATOM_COST, (5, 2)),)

        return Book(
            openings={pool: Opening() for pool in range(1, 7)},
            policies={1: policy(self.method), 2: policy(self.other or self.method)},
            pool_items={pool: 1 if pool < 4 else 2 for pool in range(1, 7)},
        )  # fmt: skip

    def play(self, steps: list[Step]) -> "Timeline":
        """Every step that can be."""
        for place, (kind, pool, source, qty, hours) in enumerate(steps, 1):
            self.at += hours * DAY // 24
            self.place, self.line = place, 0
            getattr(self, f"_{KINDS[kind % len(KINDS)]}")(pool % 6 + 1, source, qty % 50 + 1)
        self.moves.sort(key=lambda move: move.key)
        return self

    def _add(self, kind: str, pool: int, dq: int, **more: int | str | None) -> Move:
        self.line += 1
        move = Move(
            self.place * 100 + self.line, self.place, self.line, kind, 1 if pool < 4 else 2, pool,
            pool, dq, self.at, self.place, "", **more,  # type: ignore[arg-type]
        )  # fmt: skip
        self.moves.append(move)
        self.held[pool] = self.held.get(pool, 0) + dq
        self.left[move.id] = abs(dq)
        return move

    def _there(self, pool: int, qty: int) -> int:
        return min(qty, max(self.held.get(pool, 0), 0))

    def _source(self, kind: str, source: int) -> Move | None:
        found = [move for move in self.moves if move.kind == kind and self.left[move.id]]
        return found[source % len(found)] if found else None

    def _receive(self, pool: int, source: int, qty: int) -> None:
        self._add("receive", pool, qty, amount=source * 37 % 1000)

    def _issue(self, pool: int, _: int, qty: int) -> None:
        qty = qty if self.negative else self._there(pool, qty)
        if qty:
            self._add("issue", pool, -qty)

    def _transfer(self, pool: int, source: int, qty: int, origin: Move | None = None) -> None:
        qty = self._there(pool, qty)
        first = 1 if pool < 4 else 4
        target = first + (pool - first + 1 + source % 2) % 3
        if qty:
            out = self._add("transfer_out", pool, -qty, origin=origin.id if origin else None)
            self._add("transfer_in", target, qty, peer=out.id)

    def _onward(self, _: int, source: int, qty: int) -> None:
        origin = self._source("transfer_in", source)
        if origin is not None:
            qty = min(qty, self._there(origin.pool, self.left[origin.id]))
            self.left[origin.id] -= qty
            self._transfer(origin.pool, source, qty, origin)

    def _purchase_return(self, mode: int, source: int, qty: int) -> None:
        origin = self._source("receive", source)
        if origin is not None:
            qty = min(qty, self.left[origin.id])
            qty = qty if self.negative else self._there(origin.pool, qty)
            if qty:
                self.left[origin.id] -= qty
                how = "current" if mode == 1 else "original"
                self._add("purchase_return", origin.pool, -qty, origin=origin.id, mode=how)

    def _sales_return(self, mode: int, source: int, qty: int) -> None:
        origin = self._source("issue", source)
        if origin is not None:
            qty = min(qty, self.left[origin.id])
            self.left[origin.id] -= qty
            first = 1 if origin.pool < 4 else 4
            pool = first + source % 3 if mode == 2 else origin.pool
            how = "current" if mode == 1 else "original"
            self._add("sales_return", pool, qty, origin=origin.id, mode=how)

    def _late(self, what: str, origin: Move, amount: int, qty: int | None) -> None:
        goes_back = amount % 2 == 0
        mode = f"{'replay' if goes_back else 'split'} {what}"
        late = self._add(
            "late", origin.pool, 0, origin=origin.id, amount=amount, weight=qty, mode=mode
        )
        if goes_back:
            late.at, late.ord = origin.at, origin.ord

    def _landed(self, _: int, source: int, qty: int) -> None:
        origin = self._source("receive", source)
        if origin is not None:
            self._late("landed_cost", origin, qty, None)

    def _invoice(self, _: int, source: int, qty: int) -> None:
        origin = self._source("receive", source)
        if origin is not None:
            qty = min(qty, origin.dq - self.billed.get(origin.id, 0))
            self.billed[origin.id] = self.billed.get(origin.id, 0) + qty
            if qty:
                self._late("invoice", origin, source * 53 % 900, qty)

    def _adjust(self, pool: int, _: int, qty: int) -> None:
        if self.held.get(pool, 0) > 0:
            self._add("adjust", pool, 0, amount=qty)

    def _count(self, pool: int, source: int, qty: int) -> None:
        dq = qty if source % 2 else -self._there(pool, qty)
        amount = source * 11 % 300 if dq > 0 and source % 3 == 0 else None
        self._add("count_gain" if dq >= 0 else "count_loss", pool, dq, amount=amount)

    def _count_value(self, pool: int, source: int, _: int) -> None:
        self._add("count_value", pool, 0, amount=source % 40, weight=3)

    def _assemble(self, pool: int, source: int, qty: int) -> None:
        qty = self._there(pool, qty)
        if not qty:
            return
        used = self._add("consume", pool, -qty, amount=source % 20)
        target = (pool + source) % 6 + 1
        if source % 4 == 0 and qty > 1:
            self._add("produce", pool, 1, mode="input", peer=used.id)
        self._add("produce", target, qty, mode="share", weight=qty)
        self._add("produce", target % 6 + 1, 2, mode="share", weight=2)
