"""Random sets of documents in the scenario format, the same for the same seed.

Each operation is tried on the reference calculator while the set grows: most of what it refuses is
dropped, a little stays so that refusals are compared too.
"""

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from .oracle import Books

Op = dict[str, Any]
METHODS = ("moving_average", "fifo", "month_end_average", "specific", "standard")
FIRST = date(2024, 1, 1)
# What may arrive in any order and still mean the same.
FREE = (
    "receive", "receive", "receive", "issue", "issue", "issue", "transfer", "second_leg",
    "sales_return", "purchase_return", "landed_cost", "invoice", "cost_adjust", "assemble",
)  # fmt: skip
BOUND = (
    "stocktake", "stocktake", "cancel", "cancel", "close_period", "reopen_period", "set_standard",
    "reserve", "unreserve", "disassemble", "change_method",
)  # fmt: skip
REFUSED_KEPT = 0.15


class Maker:
    """One random scenario."""

    def __init__(self, seed: int, *, permutable: bool, size: int) -> None:
        self.chance = random.Random(seed)
        self.permutable = permutable
        self.ops: list[Op] = []
        self.months = self.chance.choice((1, 1, 2, 3))
        self.method = self.chance.choice(METHODS)
        self.scenario = {
            "id": f"fuzz-{seed}", "source": "generator", "title": "random documents",
            "method": self.method, "policy": self._policy(), "items": [], "ops": self.ops,
            "permutable": permutable, "expect": {},
        }  # fmt: skip
        self.red = "cancel" in self.scenario["policy"]
        self.monthly = (
            self.method == "month_end_average" or self.scenario["policy"].get("variance") == "rate"
        )
        if self.monthly:
            # What a month that goes short owes to whom is not laid down beyond issues.
            self.scenario["policy"].pop("negative", None)
            # Nor is what a corrected count brings into a month from which all was sent back.
            self.scenario["policy"].pop("stocktake", None)
        self.scenario["items"] = self._items()
        self.books = Books(self.scenario)
        self.at = ["W1", "W2"] if self.chance.random() < 0.7 else ["W1", "W2", "W3"]
        for _ in range(size * 4):
            if len(self.ops) >= size:
                break
            self._one()

    def _policy(self) -> dict[str, str]:
        rare: dict[str, tuple[float, tuple[str, ...]]] = {
            "value_scale": (0.2, ("0", "1", "3")),
            "rounding": (0.25, ("half_even",)),
            "same_day": (0.2, ("sequence",)),
            "negative": (0.25, ("allow",)),
            "scope": (0.2, ("company",)),
            "purchase_return_cost": (0.2, ("current",)),
            "sales_return_cost": (0.2, ("current",)),
            "late_cost": (0.25, ("split_onhand",)),
        }
        if not self.permutable:
            rare |= {"cancel": (0.2, ("reverse",)), "stocktake": (0.2, ("absolute",))}
        if self.method == "standard":
            rare |= {"variance": (0.4, ("rate",))}
        return {
            name: self.chance.choice(values)
            for name, (likely, values) in rare.items()
            if self.chance.random() < likely
        }

    def _items(self) -> list[dict[str, Any]]:
        first: dict[str, Any] = {"id": "A"}
        draw = self.chance.random()
        if self.method == "specific" or draw < 0.15:
            self._track(first)
        elif draw < 0.4:
            first |= {"base_uom": "box", "uoms": {"bottle": "1/3", "pallet": "40"}}
        other: dict[str, Any] = {"id": "P"}
        if self.chance.random() < 0.4 or self.monthly:
            other["method"] = self.chance.choice(("moving_average", "fifo"))
        for item in (first, other):
            if item.get("method", self.method) == "standard":
                item["standard_cost"] = str(self.chance.randint(1, 20))
            if self.chance.random() < 0.3:
                item["estimate_cost"] = str(self.chance.randint(1, 20))
        return [first, other]

    def _track(self, item: dict[str, Any]) -> None:
        """Lots or serial numbers; a place of them never goes short."""
        policy = self.scenario["policy"]
        policy.pop("negative", None)
        item["tracking"] = "serial" if self.chance.random() < 0.3 else "batch"
        if item["tracking"] == "batch" and self.method != "specific":
            policy["scope"] = self.chance.choice(("batch", "warehouse"))
            if not self.permutable and self.chance.random() < 0.5:
                policy["pick"] = "FEFO"

    # ------------------------------------------------------------------ one more operation

    def _one(self) -> None:
        kinds = FREE if self.permutable else FREE + BOUND
        kind = "receive" if len(self.ops) < 2 else self.chance.choice(kinds)
        op = getattr(self, f"_{kind}")()
        if op is None:
            return
        op = {"op": op.pop("op", kind), "id": f"d{len(self.ops) + 1}", **op}
        refused = self.books.offer(op, len(self.ops) + 1)
        if refused is None or (not self.permutable and self.chance.random() < REFUSED_KEPT):
            self.ops.append(op)

    def _day(self, after: str = "") -> str:
        """A business date; what continues another document stands behind it."""
        if after:
            base = date.fromisoformat(after[:10])
            gap = self.chance.choice((0, 1, 2, 5, 20))
            day = base + timedelta(days=gap or int("T" in after))
        else:
            day = FIRST + timedelta(days=self.chance.randrange(28 * self.months))
        if not after and self.chance.random() < 0.15:
            return f"{day}T{self.chance.randrange(24):02}:{self.chance.randrange(60):02}"
        return day.isoformat()

    def _goods(self, item: str = "") -> Op:
        item = item or ("A" if self.chance.random() < 0.8 else "P")
        op: Op = {"item": item, "warehouse": self.chance.choice(self.at)}
        tracking = next(one for one in self.scenario["items"] if one["id"] == item).get("tracking")
        if tracking == "serial":
            count = self.chance.choice((1, 1, 2))
            op |= {"qty": str(count), "serials": [
                f"S{number}" for number in self.chance.sample(range(9), count)
            ]}  # fmt: skip
            return op
        op["qty"] = str(self.chance.choice((1, 1, 2, 3, 4, 5, 7, 10)))
        if tracking == "batch":
            op["batch"] = self.chance.choice(("L1", "L2", "L3"))
        elif item == "A" and "uoms" in self.scenario["items"][0]:
            op["uom"] = self.chance.choice(("", "", "bottle", "bottle", "pallet"))
            if not op["uom"]:
                del op["uom"]
        return op

    def _there(self, item: str = "") -> Op:
        """Goods that are on hand somewhere, with a day by which they have come; mostly."""
        goods = {"date": self._day(), **self._goods(item)}
        lines = [
            line for line in self.books.walk.lines
            if line.q > 0 and line.warehouse and item in ("", line.item)
        ]  # fmt: skip
        if not lines or self.chance.random() < 0.15:
            return goods
        line = self.chance.choice(lines)
        after = self.books.docs[line.doc].op["date"]
        goods = {"date": self._day(after), **self._goods(line.item), "warehouse": line.warehouse}
        if line.lot:
            goods["batch"] = line.lot
        if line.serial:
            goods |= {"qty": "1", "serials": [line.serial]}
        elif self.chance.random() < 0.3 and line.q.denominator == 1:
            goods.pop("uom", None)
            goods["qty"] = str(line.q)
        elif goods.get("uom") == "pallet":
            goods["uom"] = "bottle"
        return goods

    def _money(self) -> str:
        scale = int(self.scenario["policy"].get("value_scale", 2))
        return str(Fraction(self.chance.randrange(0, 4000), 10**scale).limit_denominator()) if (
            scale == 0
        ) else f"{self.chance.randrange(0, 4000) / 10**scale:.{scale}f}"  # fmt: skip

    def _some(self, *kinds: str) -> Op | None:
        """An accepted operation to continue."""
        known = [
            doc.op for doc in self.books.docs.values() if doc.op["op"] in kinds and not doc.undone
        ]
        return dict(self.chance.choice(known)) if known else None

    def _part(self, source: Op) -> Op:
        """A part of what another operation moved, in its own unit."""
        whole = int(source["qty"])
        qty = self.chance.choice((whole, max(1, whole // 2), 1))
        op: Op = {"ref": source["id"], "date": self._day(source["date"]), "qty": str(qty)}
        if "uom" in source:
            op["uom"] = source["uom"]
        if "serials" in source:
            op["serials"] = source["serials"][:qty]
        return op

    # ------------------------------------------------------------------ each kind

    def _receive(self) -> Op:
        op = {"date": self._day(), **self._goods()}
        if self.chance.random() < 0.3:
            return op | {"amount": self._money()}
        price = self.chance.choice(("0", "1", "3.33", "9.97", "10", "0.125", "12.5", "20"))
        return op | {"unit_cost": price}

    def _issue(self) -> Op:
        op = self._there()
        if self.scenario["policy"].get("pick") == "FEFO" and self.chance.random() < 0.6:
            op.pop("batch", None)
        held = self._some("reserve") if self.chance.random() < 0.1 else None
        if held is not None and not self.permutable:
            op.pop("uom", None)
            op |= {"reservation": held["id"], "item": held["item"], "qty": held["qty"],
                   "warehouse": held["warehouse"]}  # fmt: skip
        return op

    def _transfer(self) -> Op | None:
        op = self._there()
        others = [one for one in self.at if one != op["warehouse"]]
        return op | {"to_warehouse": self.chance.choice(others)}

    def _second_leg(self) -> Op | None:
        source = self._some("transfer")
        if source is None or "ref" in source or self.monthly:
            return None
        op = {"op": "transfer", "item": source["item"], "warehouse": source["to_warehouse"]}
        others = [one for one in self.at if one != op["warehouse"]]
        op |= {"to_warehouse": self.chance.choice(others), **self._part(source)}
        if "batch" in source:
            op["batch"] = source["batch"]
        return op

    def _sales_return(self) -> Op | None:
        source = self._some("issue")
        return None if source is None else self._part(source)

    def _purchase_return(self) -> Op | None:
        source = self._some("receive")
        # By month the documents say nothing of goods sent back to the supplier.
        return None if source is None or self.monthly else self._part(source)

    def _landed_cost(self) -> Op | None:
        amount = self.chance.choice(("10", "7", "100", "-3", "1"))
        if self.months > 1 or "late_cost" in self.scenario["policy"]:
            # Which layers bear what others of no worth cannot is not laid down.
            amount = amount.removeprefix("-")
        if self.chance.random() < 0.6:
            source = self._some("receive")
            return source and {
                "date": self._day(source["date"]), "ref": source["id"], "amount": amount,
            }  # fmt: skip
        known = [one for one in (self._some("receive"), self._some("receive")) if one]
        if not known:
            return None
        if all(Fraction(one.get("unit_cost", one.get("amount", 0))) == 0 for one in known):
            return None  # by what goods without any amount share is not laid down
        return {
            "date": self._day(max(one["date"] for one in known)),
            "refs": sorted({one["id"] for one in known}), "amount": amount,
            "basis": self.chance.choice(("qty", "equal", "amount")),
        }  # fmt: skip

    def _invoice(self) -> Op | None:
        source = self._some("receive")
        if source is None or "serials" in source:
            return None
        price = self.chance.choice(("0", "1", "3.34", "11", "25"))
        return self._part(source) | {"unit_cost": price}

    def _cost_adjust(self) -> Op:
        goods = self._there()
        op = {name: goods[name] for name in ("date", "item", "warehouse")}
        alone = self.method == "specific" or self.scenario["policy"].get("scope") == "batch"
        if "batch" in goods and alone:
            op["batch"] = goods["batch"]
        return op | {"amount": self.chance.choice(("5", "-2", "20", "1"))}

    def _assemble(self) -> Op:
        source = self._there("A")
        day = source.pop("date")
        outputs = [{"item": "P", "warehouse": self.chance.choice(self.at),
                    "qty": str(self.chance.randint(1, 4))}]  # fmt: skip
        if self.chance.random() < 0.4:
            outputs.append({**outputs[0], "warehouse": self.chance.choice(self.at), "qty": "1"})
            if self.chance.random() < 0.4:
                outputs[0]["share"], outputs[1]["share"] = "70", "30"
            elif self.chance.random() < 0.4 and not self.monthly:
                outputs[1]["unit_cost"] = "1"
        op: Op = {"date": day, "inputs": [source], "outputs": outputs}
        if self.chance.random() < 0.3:
            op["extra_cost"] = "5"
        return op

    def _disassemble(self) -> Op | None:
        if "tracking" in self.scenario["items"][0] or self.monthly:
            return None
        goods = {"item": "A", "warehouse": self.chance.choice(self.at), "qty": "1"}
        source = self._there("P")
        return {
            "date": source.pop("date"), "inputs": [source],
            "outputs": [goods, {**goods, "qty": "2", "warehouse": self.chance.choice(self.at)}],
        }  # fmt: skip

    def _stocktake(self) -> Op | None:
        op = self._there()
        if "serials" in op or self.monthly:
            return None
        op["counted_qty"] = op.pop("qty")
        draw = self.chance.random()
        if draw < 0.3:
            op["unit_cost"] = "6"
        elif draw < 0.4 and not self.monthly:
            op["set_unit_cost"] = "4.5"
        return op

    def _cancel(self) -> Op | None:
        is_red = self.red or bool(self.books.closed)
        if is_red and self.monthly:
            return None
        source = self._some("receive", "issue", "transfer") if is_red else self._some(
            "receive", "issue", "transfer", "landed_cost", "invoice", "stocktake", "assemble",
            "sales_return", "purchase_return", "cost_adjust", "cancel",
        )  # fmt: skip
        if source is None or (source["op"] == "cancel" and self.chance.random() < 0.7):
            return None
        used = {name for doc in self.books.docs.values() for name in doc.refs}
        if source["id"] in used and (self.red or source["date"][:7] <= self.books.closed):
            return None  # a red document beside late costs and returns is not laid down
        if self.red and self.scenario["policy"].get("stocktake") == "absolute":
            return None  # nor is one between counts that set the quantity
        return {"date": self._day(source["date"]), "ref": source["id"]}

    def _close_period(self) -> Op | None:
        if self.months == 1 or self.chance.random() < 0.6:
            return None
        ym = "2024-01" if not self.books.closed else "2024-02"
        return {"date": f"{ym}-28", "period": ym}

    def _reopen_period(self) -> Op | None:
        if not self.books.closed or self.chance.random() < 0.6:
            return None
        return {"date": "2024-03-31", "period": self.books.closed, "reason": "fuzz"}

    def _set_standard(self) -> Op | None:
        if self.method != "standard":
            return None
        return {"date": self._day(), "item": "A", "unit_cost": str(self.chance.randint(1, 20))}

    def _change_method(self) -> Op | None:
        if self.method not in {"moving_average", "fifo"} or self.chance.random() < 0.7:
            return None
        return {"date": self._day(), "item": "A", "to": self.chance.choice(METHODS[:2])}

    def _reserve(self) -> Op | None:
        if self.scenario["policy"].get("negative") or self.scenario["items"][0].get("tracking"):
            return None
        return self._there()

    def _unreserve(self) -> Op | None:
        gone = {op.get("ref", op.get("reservation")) for op in self.ops}
        source = self._some("reserve")
        if source is None or source["id"] in gone:
            return None
        return {"date": self._day(), "ref": source["id"]}


def scenario(seed: int, *, permutable: bool, size: int = 18) -> dict[str, Any]:
    """A random scenario without expectations."""
    return Maker(seed, permutable=permutable, size=size).scenario
