"""What the reference calculator makes of each operation: its facts, fixed when it arrives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from .oracle_pool import ZERO, Line, Refuse, Rules
from .oracle_values import Walk

Op = Mapping[str, Any]
RANKS = {
    "receive": 0, "transfer": 1, "assemble": 1, "disassemble": 1, "issue": 2,
    "purchase_return": 2, "sales_return": 3, "stocktake": 4,
}  # fmt: skip
SOURCES = {
    "purchase_return": ("receive",), "sales_return": ("issue",), "landed_cost": ("receive",),
    "invoice": ("receive",), "transfer": ("transfer_in",),
}  # fmt: skip


@dataclass
class Doc:
    """An accepted operation; what it refers to and the facts it stands for."""

    op: Op
    place: int
    month: str
    lines: list[Line] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    undone: bool = False

    @property
    def id(self) -> str:
        return str(self.op["id"])


class Facts:
    """One company's documents, and how an operation becomes one."""

    def __init__(self, scenario: Mapping[str, Any]) -> None:
        self.scenario = scenario
        self.policy: Mapping[str, Any] = scenario.get("policy", {})
        self.scale = 10 ** int(self.policy.get("value_scale", 2))
        self.items = {item["id"]: item for item in scenario["items"]}
        self.docs: dict[str, Doc] = {}
        self.keys: dict[str, str] = {}
        self.closings: list[str] = []
        self.expiries: dict[tuple[str, str], str] = {}
        self.rules = Rules(
            self.policy.get("rounding") == "half_even",
            self.policy.get("scope", "warehouse"),
            self.policy.get("purchase_return_cost", "original"),
            self.policy.get("sales_return_cost", "original"),
            {name: item.get("method", scenario["method"]) for name, item in self.items.items()},
            {name: item.get("tracking", "none") for name, item in self.items.items()},
            self._costs("standard_cost"),
            self._costs("estimate_cost"),
            self.policy.get("variance") == "rate",
        )
        self.walk = Walk(self.rules, [], {})

    @property
    def closed(self) -> str:
        """The last month that is closed."""
        return self.closings[-1] if self.closings else ""

    def _costs(self, name: str) -> dict[str, Fraction]:
        return {
            item["id"]: Fraction(str(item[name])) * self.scale
            for item in self.scenario["items"]
            if name in item
        }

    def _places(self, line: Line) -> Iterator[tuple[str, ...]]:
        """Everything whose quantity the line changes; the last is what a count counts."""
        if line.serial:
            yield ("serial", line.item, line.serial)
            yield ("serial", line.item, line.serial, line.warehouse)
        yield ("pool", *self.rules.pool_of(line))
        yield ("at", line.item, line.warehouse)
        if line.lot:
            yield ("lot", line.item, line.warehouse, line.lot)

    def _key(self, doc: Doc, n: int, kind: str) -> tuple[int, int, int, int]:
        text = str(doc.op["date"])
        rank = RANKS.get(kind, 5)
        if "T" in text:
            at = datetime.fromisoformat(text)
            seconds = at.hour * 3600 + at.minute * 60 + at.second
            return at.toordinal() * 86400 + seconds, 0, doc.place, n
        rank = 0 if self.policy.get("same_day") == "sequence" else rank
        return date.fromisoformat(text).toordinal() * 86400, rank, doc.place, n

    def _line(self, doc: Doc, kind: str, op: Op, like: str = "", **more: Any) -> Line:
        n = len(doc.lines)
        line = Line(
            doc.id, n, kind, op.get("item", ""), op.get("warehouse", ""),
            self._key(doc, n, like or str(doc.op["op"])), month=doc.month, **more,
        )  # fmt: skip
        doc.lines.append(line)
        return line

    def _qty(self, op: Op, item: str, name: str = "qty") -> Fraction:
        q = Fraction(str(op[name])) * self._factor(item, op.get("uom", ""))
        if q < 0 or (q == 0 and name == "qty"):
            raise Refuse("BAD_QTY")
        return q

    def _factor(self, item: str, uom: str) -> Fraction:
        return Fraction(str(self.items[item].get("uoms", {}).get(uom, 1)))

    def _money(self, text: Any) -> int:
        return self.rules.round(Fraction(str(text)) * self.scale)

    def _unit(self, op: Op, item: str, name: str) -> Fraction:
        return Fraction(str(op[name])) * self.scale / self._factor(item, op.get("uom", ""))

    def _given(self, op: Op, q: Fraction, item: str) -> int:
        if "amount" in op:
            return self._money(op["amount"])
        return self.rules.round(q * self._unit(op, item, "unit_cost"))

    def _serials(self, op: Op, q: Fraction) -> list[tuple[str, Fraction]]:
        """One line for each serial, or one for all."""
        names = op.get("serials", ())
        if names and len(names) != q:
            raise Refuse("SERIAL_COUNT")
        if not names and self.items[op["item"]].get("tracking") == "serial":
            raise Refuse("SERIAL_COUNT")
        return [(name, Fraction(1)) for name in names] or [("", q)]

    def _receive(self, doc: Doc) -> None:
        op = doc.op
        q = self._qty(op, op["item"])
        pieces = self._serials(op, q)
        amounts = self.rules.split(self._given(op, q, op["item"]), [one for _, one in pieces])
        if min(amounts) < 0:
            raise Refuse("NEGATIVE_VALUE")
        if "expiry" in op:
            self.expiries[op["item"], op.get("batch", "")] = op["expiry"]
        for (serial, one), amount in zip(pieces, amounts, strict=True):
            self._line(
                doc, "receive", op, q=one, amount=amount, lot=op.get("batch", ""), serial=serial
            )

    def _issue(self, doc: Doc) -> None:
        if "reservation" in doc.op and doc.op["reservation"] not in self.docs:
            raise Refuse("UNKNOWN_REF")
        self._take(doc, "issue", doc.op)

    def _take(self, doc: Doc, kind: str, op: Op, **more: Any) -> list[Line]:
        q = self._qty(op, op["item"])
        if op.get("batch") and self._expired(op, op["batch"], doc):
            raise Refuse("BATCH_EXPIRED")
        picks = [(op.get("batch", ""), q)]
        batched = self.items[op["item"]].get("tracking") == "batch"
        if batched and not op.get("batch") and self.policy.get("pick") == "FEFO":
            picks = list(self._first_expired(doc, op, q))
        return [
            self._line(doc, kind, op, q=-one, lot=lot, serial=serial, **more)
            for lot, part in picks
            for serial, one in self._serials(op, part)
        ]

    def _expired(self, op: Op, lot: str, doc: Doc) -> bool:
        expiry = self.expiries.get((op["item"], lot), "9999")
        allowed = self.policy.get("expired") == "allow"
        return not allowed and expiry < str(doc.op["date"])[:10]

    def _first_expired(self, doc: Doc, op: Op, q: Fraction) -> Iterator[tuple[str, Fraction]]:
        """The lot that expires first, of what is there from the moment on."""
        key = self._key(doc, 0, str(doc.op["op"]))
        here = [one for one in self.walk.lines if one.item == op["item"] and one.lot]
        here = [one for one in here if one.warehouse == op["warehouse"]]
        expiry = {one.lot: self.expiries.get((one.item, one.lot), "9999") for one in here}
        for lot in sorted(expiry, key=lambda one: (expiry[one], one)):
            if self._expired(op, lot, doc):
                continue
            running = [ZERO]
            for line in here:
                if line.lot == lot:
                    running.append(running[-1] + line.q)
                    if line.key < key:
                        running = running[-1:]
            part = min(q, *running)
            if part > 0:
                yield lot, part
                q -= part
        if q:
            raise Refuse("NEGATIVE_STOCK")

    def _transfer(self, doc: Doc) -> None:
        op = doc.op
        more: dict[str, Any] = {}
        if "ref" in op:
            source = self._sources(doc, ("transfer_in",))
            self._not_more(source, "transfer_out", self._qty(op, op["item"]))
            more["origin"] = source[0]
        if op["warehouse"] == op["to_warehouse"]:
            raise Refuse("SAME_WAREHOUSE")
        for out in self._take(doc, "transfer_out", op, **more):
            there = {"item": op["item"], "warehouse": op["to_warehouse"]}
            self._line(
                doc, "transfer_in", there, q=-out.q, peer=out, lot=out.lot, serial=out.serial
            )

    def _sources(self, doc: Doc, kinds: tuple[str, ...]) -> list[Line]:
        found: list[Line] = []
        for name in doc.op.get("refs", [doc.op.get("ref")]):
            source = self.docs.get(name)
            if source is None or source.undone:
                raise Refuse("UNKNOWN_REF")
            lines = [line for line in source.lines if line.kind in kinds]
            if not lines:
                raise Refuse("UNKNOWN_REF")
            found += lines
            doc.refs.append(name)
        return found

    def _not_more(self, source: list[Line], kind: str, q: Fraction) -> None:
        """No more is continued than there was."""
        before = sum(
            (
                line.weight if kind.startswith("late") and line.weight else abs(line.q)
                for one in self.docs.values()
                if not one.undone
                for line in one.lines
                if line.origin in source
                and (line.mode == "invoice" if kind == "late" else line.kind == kind)
            ),
            ZERO,
        )
        if before + q > sum((abs(line.q) for line in source), ZERO):
            raise Refuse("OVER_INVOICE" if kind == "late" else "OVER_RETURN")

    def _purchase_return(self, doc: Doc) -> None:
        self._back(doc, "purchase_return", self.rules.purchase_return)

    def _sales_return(self, doc: Doc) -> None:
        self._back(doc, "sales_return", self.rules.sales_return)

    def _back(self, doc: Doc, kind: str, mode: str, like: str = "") -> None:
        source = self._sources(doc, SOURCES[kind])
        op = {"qty": str(sum(abs(line.q) for line in source)), **doc.op, "item": source[0].item}
        q = self._qty(op, source[0].item)
        self._not_more(source, kind, q)
        sign = 1 if kind == "sales_return" else -1
        if source[0].serial:
            serials = doc.op.get("serials", [line.serial for line in source])
            if len(serials) != q:
                raise Refuse("SERIAL_COUNT")
            source = [line for line in source if line.serial in serials]
            if len(source) != q:
                raise Refuse("SERIAL_NOT_IN_STOCK")
        for line in source:
            part = min(q, abs(line.q))
            q -= part
            if part:
                self._line(
                    doc, kind, {"item": line.item, "warehouse": line.warehouse}, like or kind,
                    q=sign * part, origin=line, lot=line.lot, serial=line.serial, mode=mode,
                )  # fmt: skip

    def _stocktake(self, doc: Doc) -> None:
        op = doc.op
        more: dict[str, Any] = {"lot": op.get("batch", "")}
        if "unit_cost" in op:
            more["unit"] = self._unit(op, op["item"], "unit_cost")
        line = self._line(doc, "count", op, **more)
        counted = self._qty(op, op["item"], "counted_qty")
        if self.policy.get("stocktake") == "absolute":
            line.counted = counted
        else:
            place = list(self._places(line))[-1]
            before = [one for one in self.walk.lines if one.key < line.key]
            line.q = counted - sum((one.q for one in before if place in self._places(one)), ZERO)
        if "set_unit_cost" in op:
            unit = self._unit(op, op["item"], "set_unit_cost")
            self._line(doc, "count_value", op, unit=unit, lot=op.get("batch", ""))

    def _late(self, doc: Doc, receipt: Line, amount: int, mode: str, q: Fraction | None) -> None:
        """While the receipt's month is open the receipt bears it, else what is left of it."""
        split = receipt.month <= self.closed or self.policy.get("late_cost") == "split_onhand"
        place = {"item": receipt.item, "warehouse": receipt.warehouse}
        self._line(
            doc, "late_split" if split else "late_replay", place, amount=amount, weight=q,
            mode=mode, origin=receipt, lot=receipt.lot, serial=receipt.serial,
        )  # fmt: skip

    def _landed_cost(self, doc: Doc) -> None:
        """Over the receipts by the basis, and in each over its serial numbers by their amounts."""
        lines = self._sources(doc, ("receive",))
        receipts = [[line for line in lines if line.doc == name] for name in doc.refs]
        basis = doc.op.get("basis", "amount")
        if basis == "manual":
            parts = [self._money(part) for part in doc.op["parts"]]
        else:
            amounts = [sum((Fraction(line.amount or 0) for line in own), ZERO) for own in receipts]
            quantities = [sum((line.q for line in own), ZERO) for own in receipts]
            equal = [Fraction(1)] * len(receipts)
            weights = {"amount": amounts, "qty": quantities, "equal": equal}[basis]
            parts = self.rules.split(
                self._money(doc.op["amount"]), weights if sum(weights) else quantities
            )
        for own, part in zip(receipts, parts, strict=True):
            amounts = [Fraction(line.amount or 0) for line in own]
            within = self.rules.split(part, amounts if sum(amounts) else [line.q for line in own])
            for line, piece in zip(own, within, strict=True):
                self._late(doc, line, piece, "landed_cost", None)

    def _invoice(self, doc: Doc) -> None:
        (receipt,) = self._sources(doc, ("receive",))
        q = self._qty(doc.op, receipt.item)
        self._not_more([receipt], "late", q)
        self._late(doc, receipt, self._given(doc.op, q, receipt.item), "invoice", q)

    def _cost_adjust(self, doc: Doc) -> None:
        self._line(
            doc, "adjust", doc.op, amount=self._money(doc.op["amount"]),
            lot=doc.op.get("batch", ""),
        )  # fmt: skip

    def _assemble(self, doc: Doc) -> None:
        op = doc.op
        for source in op["inputs"]:
            self._take(doc, "consume", source)
        doc.lines[0].amount = self._money(op.get("extra_cost", 0))
        shares = any("share" in output for output in op["outputs"])
        for output in op["outputs"]:
            q = self._qty(output, output["item"])
            more: dict[str, Any] = {"mode": "share", "weight": q, "lot": output.get("batch", "")}
            if output.get("unit_cost") == "input":
                more |= {"mode": "input", "weight": None}
            elif "unit_cost" in output:
                more |= {"mode": "fixed", "weight": None, "amount": self._given(
                    output, q, output["item"]
                )}  # fmt: skip
            elif shares:
                more["weight"] = Fraction(str(output.get("share", 0)))
            self._line(doc, "produce", output, q=q, **more)

    _disassemble = _assemble

    def _set_standard(self, doc: Doc) -> None:
        unit = Fraction(str(doc.op["unit_cost"])) * self.scale
        self._line(doc, "standard", doc.op, unit=unit)

    def _change_method(self, doc: Doc) -> None:
        self._line(doc, "change", doc.op, text=doc.op["to"])

    def _reserve(self, doc: Doc) -> None:
        self._qty(doc.op, doc.op["item"])

    def _unreserve(self, doc: Doc) -> None:
        source = self.docs.get(doc.op["ref"])
        if source is None or source.op["op"] != "reserve":
            raise Refuse("UNKNOWN_REF")
