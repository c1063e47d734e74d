"""The shared scenarios as moves in memory, without planning: names, numbers and places only."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from math import lcm
from typing import Any

from runtime.kernel.amounts import Rounding, round_ratio
from runtime.kernel.costing import Book, Opening, Policy, Valued, value_moves
from runtime.kernel.moves import Move
from runtime.kernel.refusals import Refusal
from runtime.kernel.valuing.apportion import apportion

Op = dict[str, Any]
RANKS = {
    "receive": 0, "transfer": 1, "assemble": 1, "disassemble": 1, "issue": 2, "purchase_return": 2,
    "sales_return": 3, "stocktake": 4,
}  # fmt: skip
DEFAULTS = {
    "value_scale": 2, "rounding": "half_up", "scope": "warehouse", "same_day": "in_first",
    "purchase_return_cost": "original", "sales_return_cost": "original", "late_cost": "replay",
    "cancel": "void", "stocktake": "delta", "variance": "expense", "pick": "manual",
}  # fmt: skip
EPOCH = date(1970, 1, 1).toordinal()


def moment(text: str, rank: int, *, in_sequence: bool) -> int:
    """Seconds times eight, plus the rank within a day."""
    when = datetime.fromisoformat(text)
    clock = len(text) > 10
    seconds = (when.toordinal() - EPOCH) * 86400
    if clock:
        seconds += when.hour * 3600 + when.minute * 60 + when.second
    return seconds * 8 + (0 if clock or in_sequence else rank)


@dataclass
class Books:
    """What was accepted, and everything needed to value it."""

    scenario: Op
    moves: list[Move] = field(default_factory=list)
    by_op: dict[str, list[Move]] = field(default_factory=dict)
    pools: dict[tuple[str, str, str], int] = field(default_factory=dict)
    policies: dict[str, list[Policy]] = field(default_factory=dict)
    extra: dict[int, int] = field(default_factory=dict)
    closed: str = ""
    counted: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rule = DEFAULTS | self.scenario.get("policy", {})
        self.scale = 10 ** int(self.rule["value_scale"])
        self.rounding = Rounding(self.rule["rounding"])
        self.items = {item["id"]: item for item in self.scenario["items"]}
        self.numbers = {name: n for n, name in enumerate(self.items, 1)}
        self.atoms = {name: self._atoms(item) for name, item in self.items.items()}
        for name, item in self.items.items():
            self.policies[name] = [
                Policy(
                    -(2**62),
                    0,
                    item.get("method", self.scenario["method"]),
                    self.rule["variance"],
                    self.rule.get("negative") == "allow",
                    self.price(name, item.get("standard_cost")),
                    self.price(name, item.get("estimate_cost")),
                )
            ]

    @staticmethod
    def _atoms(item: Op) -> int:
        return 10**6 * lcm(*(Fraction(f).denominator for f in item.get("uoms", {}).values()), 1)

    def price(self, item: str, text: str | None) -> tuple[int, int] | None:
        """A price per base unit as minor units per atom."""
        if text is None:
            return None
        exact = Fraction(text) * self.scale / self.atoms[item]
        return exact.numerator, exact.denominator

    def qty(self, item: str, text: str, uom: str = "") -> int:
        """A quantity in atoms."""
        exact = Fraction(text) * Fraction(self.items[item].get("uoms", {}).get(uom, 1))
        exact *= self.atoms[item]
        assert exact.denominator == 1
        return exact.numerator

    def money(self, exact: Fraction) -> int:
        """Money in minor units, rounded once."""
        return round_ratio(*(exact * self.scale).as_integer_ratio(), self.rounding)

    def pool(self, item: str, warehouse: str, lot: str) -> int:
        """The pool of goods; every lot of its own where lots are costed."""
        method = self.policies[item][0].method
        tracked = self.items[item].get("tracking", "none") != "none"
        by_lot = tracked and (self.rule["scope"] == "batch" or method == "specific")
        key = (item, "*" if self.rule["scope"] == "company" else warehouse, lot if by_lot else "")
        return self.pools.setdefault(key, len(self.pools) + 1)

    def book(self) -> Book:
        """The surroundings of all moves."""
        return Book(
            openings={},
            policies={self.numbers[name]: tuple(found) for name, found in self.policies.items()},
            pool_items={pool: self.numbers[key[0]] for key, pool in self.pools.items()},
            rounding=self.rounding,
            extra=self.extra,
        )

    def valued(self) -> Valued:
        """Everything valued from nothing."""
        return value_moves(self.ordered(), self.book())

    def ordered(self) -> list[Move]:
        """The effective moves in key order."""
        return sorted(self.moves, key=lambda move: move.key)


class Player(Books):
    """Turns operations into moves; what is refused for its values leaves no trace."""

    def offer(self, op: Op, place: int) -> Refusal | None:
        """One operation."""
        before = list(self.moves)
        self.place, self.op, self.line = place, op, 0
        rank = RANKS.get(op["op"], 5)
        self.at = moment(op["date"], rank, in_sequence=self.rule["same_day"] == "sequence")
        self.by_op[op["id"]] = []
        getattr(self, f"_{op['op']}")(op)
        problems = self.valued().problems
        if problems:
            self.moves = before
            return problems[0][0]
        return None

    def add(
        self, kind: str, item: str, warehouse: str, dq: int, lot: str = "", **more: Any
    ) -> Move:
        """One move of the operation at hand."""
        self.line += 1
        move = Move(
            self.place * 1000 + self.line, self.place, self.line, kind, self.numbers[item],
            self.pool(item, warehouse, lot), 0, dq, self.at, self.place, self.op["date"][:10],
            lot=lot, **more,
        )  # fmt: skip
        self.moves.append(move)
        self.by_op[self.op["id"]].append(move)
        return move

    def _parts(self, op: Op) -> list[tuple[int, str]]:
        """A line in lots or serial numbers."""
        qty = self.qty(op["item"], op["qty"], op.get("uom", ""))
        if "serials" in op:
            return [(qty // len(op["serials"]), serial) for serial in op["serials"]]
        if self.rule["pick"] == "FEFO" and op["op"] == "issue":
            return list(self._first_expiring(op, qty))
        return [(qty, op.get("batch", ""))]

    def _first_expiring(self, op: Op, qty: int) -> Sequence[tuple[int, str]]:
        held: dict[str, int] = {}
        expiry = {o["batch"]: o["expiry"] for o in self.scenario["ops"] if "expiry" in o}
        for move in self.moves:
            held[move.lot] = held.get(move.lot, 0) + move.dq
        picked = []
        for lot in sorted(held, key=lambda lot: expiry[lot]):
            part = min(qty, held[lot])
            if part and expiry[lot] > op["date"]:
                picked.append((part, lot))
                qty -= part
        assert not qty
        return picked

    def _receive(self, op: Op) -> None:
        amount = Fraction(op["amount"]) if "amount" in op else (
            Fraction(op["qty"]) * Fraction(op["unit_cost"])
        )  # fmt: skip
        parts = self._parts(op)
        values = apportion(self.money(amount), [qty for qty, _ in parts])
        for (qty, lot), value in zip(parts, values, strict=True):
            self.add("receive", op["item"], op["warehouse"], qty, lot, amount=value)

    def _issue(self, op: Op) -> None:
        for qty, lot in self._parts(op):
            self.add("issue", op["item"], op["warehouse"], -qty, lot)

    def _transfer(self, op: Op) -> None:
        origin = None
        if "ref" in op:
            origin = next(m.id for m in self.by_op[op["ref"]] if m.kind == "transfer_in")
        for qty, lot in self._parts(op):
            out = self.add("transfer_out", op["item"], op["warehouse"], -qty, lot, origin=origin)
            self.add("transfer_in", op["item"], op["to_warehouse"], qty, lot, peer=out.id)

    def _sources(self, op: Op) -> Sequence[tuple[Move, int]]:
        found = self.by_op[op["ref"]]
        if "serials" in op:
            return [(move, abs(move.dq)) for move in found if move.lot in op["serials"]]
        item = self._item(found[0])
        return [(found[0], self.qty(item, op["qty"], op.get("uom", "")))]

    def _item(self, move: Move) -> str:
        return next(name for name, number in self.numbers.items() if number == move.item)

    def _back(self, kind: str, source: Move, qty: int, mode: str) -> None:
        move = self.add(kind, self._item(source), "", qty, source.lot, origin=source.id, mode=mode)
        move.pool = source.pool

    def _purchase_return(self, op: Op) -> None:
        for move, qty in self._sources(op):
            self._back("purchase_return", move, -qty, self.rule["purchase_return_cost"])

    def _sales_return(self, op: Op) -> None:
        for move, qty in self._sources(op):
            self._back("sales_return", move, qty, self.rule["sales_return_cost"])

    def _stocktake(self, op: Op) -> None:
        item, lot = op["item"], op.get("batch", "")
        counted = self.qty(item, op["counted_qty"])
        pool = self.pool(item, op["warehouse"], lot)
        key = (self.at, self.place)
        held = sum(m.dq for m in self.moves if m.pool == pool and (m.at, m.ord) < key)
        more = {}
        if "unit_cost" in op:
            price = self.price(item, op["unit_cost"])
            assert price is not None
            more = {"amount": price[0], "weight": price[1]}
        change = counted - held
        kind = "count_gain" if change >= 0 else "count_loss"
        mode = self.rule["stocktake"]
        self.counted[self.place] = change
        self.add(kind, item, op["warehouse"], change, lot, mode=mode, **more)
        if "set_unit_cost" in op:
            price = self.price(item, op["set_unit_cost"])
            assert price is not None
            more = {"amount": price[0], "weight": price[1]}
            self.add("count_value", item, op["warehouse"], 0, lot, **more)

    def correct_counts(self) -> None:
        """Absolute counts get further moves where earlier moves came late."""
        if self.rule["stocktake"] != "absolute":
            return
        for head in [m for m in self.ordered() if m.mode == "absolute" and m.origin is None]:
            wanted = next(op for n, op in enumerate(self.scenario["ops"], 1) if n == head.posting)
            counted = self.qty(wanted["item"], wanted["counted_qty"])
            group = [m for m in self.moves if m.origin == head.id]
            held = sum(
                m.dq for m in self.moves
                if m.pool == head.pool and ((m.at, m.ord) <= (head.at, head.ord) or m in group)
            )  # fmt: skip
            if held != counted:
                dq = counted - held
                kind = "count_gain" if dq > 0 else "count_loss"
                self.line += 1
                number = (self.place + 1) * 1000 - 100 + self.line
                self.moves.append(
                    replace(
                        head,
                        id=number,
                        posting=self.place,
                        kind=kind,
                        dq=dq,
                        origin=head.id,
                        amount=None,
                        weight=None,
                        values={},
                    )
                )

    def _late(self, source: Move, what: str, amount: int, qty: int | None) -> None:
        mode = "replay"
        if self.rule["late_cost"] == "split_onhand" or source.business_date[:7] <= self.closed:
            mode = "split"
        move = self.add(
            "late", self._item(source), "", 0, source.lot, origin=source.id, amount=amount,
            weight=qty, mode=f"{mode} {what}",
        )  # fmt: skip
        move.pool = source.pool
        if mode == "replay":
            move.at, move.ord = source.at, source.ord

    def _invoice(self, op: Op) -> None:
        source = self.by_op[op["ref"]][0]
        amount = self.money(Fraction(op["qty"]) * Fraction(op["unit_cost"]))
        qty = self.qty(self._item(source), op["qty"], op.get("uom", ""))
        self._late(source, "invoice", amount, qty)

    def _landed_cost(self, op: Op) -> None:
        sources = [move for ref in op.get("refs", [op.get("ref")]) for move in self.by_op[ref]]
        basis = op.get("basis", "amount")
        weights = [
            {"amount": m.amount or 0, "qty": m.dq, "equal": 1}[basis] for m in sources
        ]  # fmt: skip
        total = self.money(Fraction(op["amount"]))
        for source, part in zip(sources, apportion(total, weights), strict=True):
            self._late(source, "landed_cost", part, None)

    def _cost_adjust(self, op: Op) -> None:
        self.add(
            "adjust", op["item"], op["warehouse"], 0, amount=self.money(Fraction(op["amount"]))
        )

    def _assemble(self, op: Op) -> None:
        inputs = {}
        for line in op["inputs"]:
            qty = self.qty(line["item"], line["qty"], line.get("uom", ""))
            inputs[line["item"]] = self.add("consume", line["item"], line["warehouse"], -qty)
        self.extra[self.place] = self.money(Fraction(op.get("extra_cost", 0)))
        outputs = op["outputs"]
        has_shares = any("share" in line for line in outputs)
        for line in outputs:
            qty = self.qty(line["item"], line["qty"], line.get("uom", ""))
            weight = Fraction(qty, self.atoms[line["item"]]) * 10**6
            more: dict[str, Any] = {"mode": "share", "weight": int(weight)}
            if has_shares:
                more["weight"] = int(Fraction(line.get("share", 0)) * 10**6)
            if line.get("unit_cost") == "input":
                more = {"mode": "input", "peer": inputs[line["item"]].id}
            elif "unit_cost" in line:
                amount = self.money(Fraction(line["qty"]) * Fraction(line["unit_cost"]))
                more = {"mode": "fixed", "amount": amount}
            self.add("produce", line["item"], line["warehouse"], qty, **more)

    _disassemble = _assemble

    def _cancel(self, op: Op) -> None:
        undone = self.by_op[op["ref"]]
        ids = {move.id for move in undone}
        if self.rule["cancel"] == "void" and undone[0].business_date[:7] > self.closed:
            self.moves = [m for m in self.moves if m.id not in ids and m.origin not in ids]
            return
        back = {"receive": "purchase_return", "issue": "sales_return"}
        for move in undone:
            self._back(back[move.kind], move, -move.dq, "original")

    def _close_period(self, op: Op) -> None:
        self.closed = op["period"]

    def _reopen_period(self, _: Op) -> None:
        self.closed = ""

    def _reserve(self, op: Op) -> None:
        """Reservations have no value."""

    _unreserve = _reserve

    def _set_standard(self, op: Op) -> None:
        item = op["item"]
        latest = self.policies[item][-1]
        price = self.price(item, op["unit_cost"])
        self.policies[item].append(replace(latest, at=self.at, ord=self.place, standard=price))
        for key in [key for key in self.pools if key[0] == item]:
            self.add("standard", item, key[1], 0, key[2])

    def _change_method(self, op: Op) -> None:
        latest = self.policies[op["item"]][-1]
        self.policies[op["item"]].append(
            replace(latest, at=self.at, ord=self.place, method=op["to"])
        )


def opened_from(book: Book, moves: Sequence[Move], states: dict[int, tuple[int, int, str]]) -> Book:
    """The surroundings of a walk that goes on after these moves."""
    continuing = [
        move for move in moves
        if move.origin is not None and not move.kind.startswith("count")
    ]  # fmt: skip
    return replace(
        book,
        openings={pool: Opening(*state) for pool, state in states.items()},
        origins={move.id: move for move in moves},
        beside=continuing,
    )
