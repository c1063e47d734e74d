"""What came out of the reference calculator, in the words of a scenario's `expect`."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .oracle_facts import Doc, Facts
from .oracle_pool import ZERO

OUT = {"issue", "transfer_out", "purchase_return", "consume"}
ACCOUNTS = (
    "price_variance", "cogs_adjust", "return_variance", "residual", "revaluation",
    "stocktake_loss", "stocktake_gain",
)  # fmt: skip


class Figures(Facts):
    """The books as they stand now."""

    def _pending(self, docs: list[Doc]) -> dict[tuple[str, str], Fraction]:
        """What is reserved and neither consumed nor released, by item and warehouse."""
        left: dict[str, Fraction] = {}
        for doc in docs:
            if doc.op["op"] == "reserve":
                left[doc.id] = self._qty(doc.op, doc.op["item"])
        for doc in docs:
            name = doc.op.get("reservation", "")
            if name in left and not doc.undone:
                left[name] = max(left[name] - sum((-line.q for line in doc.lines), ZERO), ZERO)
            if doc.op["op"] == "unreserve":
                left[doc.op["ref"]] = ZERO
        found: dict[tuple[str, str], Fraction] = {}
        for name, q in left.items():
            op = next(doc.op for doc in docs if doc.id == name)
            place = op["item"], op["warehouse"]
            found[place] = found.get(place, ZERO) + q
        return {place: q for place, q in found.items() if q}

    def _on_hand(self, docs: list[Doc], item: str, warehouse: str) -> Fraction:
        return sum(
            (
                line.q
                for doc in docs
                if not doc.undone
                for line in doc.lines
                if line.item == item and line.warehouse == warehouse
            ),
            ZERO,
        )

    def figures(self) -> dict[str, Any]:
        """Everything as it stands now, in the words of a scenario's `expect`."""
        docs = [doc for doc in self.docs.values() if not doc.undone]
        accounts = dict.fromkeys(ACCOUNTS, 0)
        for line in self.walk.lines:
            for account, change in line.v.items():
                if account in accounts:
                    accounts[account] -= change
        pending = self._pending(docs)
        places = sorted({(one.item, one.warehouse) for one in self.walk.lines if one.warehouse})
        return {
            "balances": list(self._balances()),
            "issues": [
                {"op": doc.id, "cost": self._spell(-cost)}
                for doc in docs
                if (cost := _cost(doc)) is not None
            ],
            "receipts": [
                {"op": doc.id, "value": self._spell(worth)}
                for doc in docs
                if (worth := _brought(doc)) is not None
            ],
            "accounts": [
                {"account": name, "amount": self._spell(amount)}
                for name, amount in accounts.items()
            ],
            "layers": list(self._layers()),
            "available": [
                {
                    "item": item, "warehouse": warehouse,
                    "qty": str(self._on_hand(docs, item, warehouse)
                               - pending.get((item, warehouse), ZERO)),
                }
                for item, warehouse in places
            ],
            "stocktake_diffs": [
                {"op": doc.id, "value": self._spell(sum(line.value for line in doc.lines))}
                for doc in docs
                if doc.op["op"] == "stocktake" and any(line.value for line in doc.lines)
            ],
        }  # fmt: skip

    def _spell(self, amount: int) -> str:
        return str(Fraction(amount, self.scale))

    def _balances(self) -> Iterator[dict[str, str]]:
        company = self.rules.scope == "company"
        held: dict[tuple[str, str, str], Fraction] = {}
        for line in self.walk.lines:
            if not line.warehouse:
                continue
            for place in ("*", line.warehouse):
                held[line.item, place, ""] = held.get((line.item, place, ""), ZERO) + line.q
            lot = line.lot or (line.serial if self.rules.pool_of(line)[2] else "")
            if lot and not company:
                place3 = line.item, line.warehouse, lot
                held[place3] = held.get(place3, ZERO) + line.q
        for (item, warehouse, lot), q in sorted(held.items()):
            row = {"item": item, "warehouse": warehouse, "qty": str(q)}
            if lot:
                row["batch"] = lot
            pools = [
                pool.v
                for key, pool in self.walk.pools.items()
                if key[0] == item and (warehouse in ("*", key[1])) and (not lot or key[2] == lot)
            ]
            alone = self.rules.scope == "batch" or self.rules.methods[item] == "specific"
            if warehouse == "*" or (not company and (not lot or alone)):
                row["value"] = self._spell(sum(pools))
            yield row

    def _layers(self) -> Iterator[dict[str, Any]]:
        if self.rules.scope != "warehouse":
            return
        for (item, warehouse, _), pool in sorted(self.walk.pools.items()):
            if pool.method == "fifo" and pool.q > 0:
                layers = [[str(q), self._spell(v)] for q, v, _ in pool.layers]
                yield {"item": item, "warehouse": warehouse, "layers": layers}


def _cost(doc: Doc) -> int | None:
    """What an operation took out: the whole of an assembly's inputs, a return's credit."""
    outs = [line for line in doc.lines if line.kind in OUT or (line.kind == "count" and line.q < 0)]
    if not outs:
        return None
    return sum(
        change
        for line in outs
        for account, change in line.v.items()
        if account not in {"return_variance", "residual"}
    )


def _brought(doc: Doc) -> int | None:
    """What an operation that only brings goods in brought in."""
    ins = [
        line
        for line in doc.lines
        if line.kind in {"receive", "sales_return"} or (line.kind == "count" and line.q > 0)
    ]
    counted = all(line.kind == "count" for line in ins)
    worth = sum(line.value for line in ins)
    return worth if worth or (ins and not counted) else None
