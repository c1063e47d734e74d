"""A reference calculator of the worked scenarios, independent of the engine.

It knows only what the design says. After each accepted operation everything is computed again from
nothing: slow and plain, so that it can be read and believed. `calculate` answers in the words of a
scenario's `expect`, with a checkpoint after every operation.
"""

import json
import random
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from .oracle_facts import Doc, Op
from .oracle_figures import Figures
from .oracle_pool import ZERO, Line, Refuse
from .oracle_values import value


class Books(Figures):
    """One company that accepts or refuses."""

    def offer(self, op: Op, place: int) -> str | None:
        """Accept the operation, or say why not; what is refused leaves no trace."""
        try:
            self._accept(op, place)
        except Refuse as refused:
            self._again(self.docs.values())
            return refused.code
        return None

    def _accept(self, op: Op, place: int) -> None:
        name = str(op.get("key", op["id"]))
        body = json.dumps({k: v for k, v in op.items() if k not in {"id", "key"}}, sort_keys=True)
        if name in self.keys:
            if self.keys[name] != body:
                raise Refuse("IDEMPOTENCY_CONFLICT")
            return
        doc = Doc(op, place, str(op["date"])[:7])
        undone: Doc | None = None
        if op["op"] == "cancel":
            undone = self._cancel(doc)
        elif op["op"] in {"close_period", "reopen_period"}:
            self._period(op)
        else:
            if doc.month <= self.closed and op["op"] not in {"reserve", "unreserve"}:
                raise Refuse("PERIOD_CLOSED")
            getattr(self, f"_{op['op']}")(doc)
        self._check(doc, undone)
        self.keys[name] = body
        self.docs[doc.id] = doc
        if undone is not None:
            undone.undone = True

    def _check(self, doc: Doc, undone: Doc | None) -> None:
        """The whole of the books with the new document: quantities first, then values."""
        docs = [one for one in (*self.docs.values(), doc) if one is not undone]
        self._again(docs, doc)
        held = self._pending(docs)
        for (item, warehouse), pending in held.items():
            if pending > self._on_hand(docs, item, warehouse):
                raise Refuse("RESERVE_EXCEEDS" if doc.op["op"] == "reserve" else "RESERVED")

    def _again(self, docs: Iterable[Doc], new: Doc | None = None) -> None:
        lines = [line for doc in docs if not doc.undone for line in doc.lines]
        self._quantities(lines, new)
        self.walk = value(self.rules, lines)

    def _quantities(self, lines: list[Line], new: Doc | None) -> None:
        """In order of business time no place may go below nothing, unless that is allowed."""
        held: dict[tuple[str, ...], Fraction] = {}
        short: list[tuple[str, Line]] = []
        for line in sorted(lines, key=lambda one: one.key):
            places = list(self._places(line))
            if line.counted is not None:
                line.q = line.counted - held.get(places[-1], ZERO)
            for place in places:
                held[place] = held.get(place, ZERO) + line.q
                code = self._wrong(place, held[place], line)
                if code:
                    short.append((code, line))
                    break
        if short:
            assert new is not None
            own = [code for code, line in short if line.doc == new.id and new.lines]
            future = "NEGATIVE_STOCK_FUTURE"
            codes = own or [
                code if code == "SERIAL_DUPLICATE" else future for code, _ in short
            ]  # fmt: skip
            raise Refuse(max(codes))  # what is wrong with a serial number comes first

    def _wrong(self, place: tuple[str, ...], q: Fraction, line: Line) -> str:
        if place[0] == "serial":
            if q > 1:
                return "SERIAL_DUPLICATE"
            return "SERIAL_NOT_IN_STOCK" if q < 0 else ""
        if q >= 0 or line.q >= 0:
            return ""
        item = self.items[line.item]
        allowed = item.get("allow_negative", self.policy.get("negative") == "allow")
        if allowed and line.kind in {"issue", "purchase_return"}:
            return ""
        return "NEGATIVE_STOCK"

    def _cancel(self, doc: Doc) -> Doc | None:
        """In an open month as if it had never been, else a red document at the cancel's date."""
        target = self._to_undo(doc.op["ref"])
        red = self.policy.get("cancel") == "reverse" or target.month <= self.closed
        if red and doc.month <= self.closed:
            raise Refuse("PERIOD_CLOSED")
        if any(target.id in one.refs and not one.undone for one in self.docs.values()):
            raise Refuse("HAS_DEPENDENTS")
        if not red:
            bearers = [line.origin for line in target.lines if line.kind == "late_replay"]
            if any(one is not None and one.month <= self.closed for one in bearers):
                raise Refuse("PERIOD_CLOSED")
            return target
        self._red(doc, target)
        return None

    def _to_undo(self, name: str) -> Doc:
        target = self.docs.get(name)
        if target is None:
            raise Refuse("UNKNOWN_REF")
        if target.op["op"] in {"cancel", "close_period", "reopen_period", "reserve", "unreserve"}:
            raise Refuse("CANNOT_REVERSE")
        cancels = [one for one in self.docs.values() if one.op["op"] == "cancel"]
        if target.undone or any(one.op["ref"] == name for one in cancels):
            raise Refuse("ALREADY_CANCELLED")
        return target

    def _red(self, doc: Doc, target: Doc) -> None:
        kind = {"receive": "purchase_return", "issue": "sales_return"}.get(target.op["op"])
        if kind is not None:
            self._back(doc, kind, "original", kind)
            return
        if target.op["op"] != "transfer":
            raise Refuse("CANNOT_REVERSE")
        doc.refs.append(target.id)
        for line in [one for one in target.lines if one.kind == "transfer_in"]:
            assert line.peer is not None
            more = {"lot": line.lot, "serial": line.serial}
            there = {"item": line.item, "warehouse": line.warehouse}
            here = {"item": line.item, "warehouse": line.peer.warehouse}
            out = self._line(doc, "transfer_out", there, "transfer", q=-line.q, origin=line, **more)
            self._line(doc, "transfer_in", here, "transfer", q=line.q, peer=out, **more)

    def _period(self, op: Op) -> None:
        ym = str(op["period"])
        if op["op"] == "reopen_period":
            if self.closings[-1:] != [ym]:
                raise Refuse("CLOSE_ORDER")
            self.closings.pop()
            return
        if self.closed and ym != _next(self.closed):
            raise Refuse("CLOSE_ORDER")
        held: dict[tuple[str, ...], Fraction] = {}
        for line in self.walk.lines:
            if line.month <= ym:
                pool = self.rules.pool_of(line)
                held[pool] = held.get(pool, ZERO) + line.q
        if min(held.values(), default=ZERO) < 0 and self.policy.get("close_negative") != "allow":
            raise Refuse("CLOSE_NEGATIVE")
        self.closings.append(ym)


def _next(ym: str) -> str:
    year, month = map(int, ym.split("-"))
    return f"{year + month // 12}-{month % 12 + 1:02}"


def calculate(scenario: Mapping[str, Any], arrival_seed: int | None = None) -> dict[str, Any]:
    """The figures of a scenario, in its own order of arrival or in a random one."""
    books = Books(scenario)
    errors: list[dict[str, str]] = []
    points: list[dict[str, Any]] = []
    if arrival_seed is not None:
        errors = _in_any_order(books, random.Random(arrival_seed))
    else:
        for place, op in enumerate(scenario["ops"], 1):
            code = books.offer(op, place)
            if code is not None:
                errors.append({"op": op["id"], "code": code})
            points.append({"after": op["id"], **books.figures()})
    return {"id": scenario["id"], **books.figures(), "checkpoints": points, "errors": errors}


def _in_any_order(books: Books, chance: random.Random) -> list[dict[str, str]]:
    """Offer in random order; what is refused waits until something else has come."""
    waiting = list(enumerate(books.scenario["ops"], 1))
    chance.shuffle(waiting)
    codes: dict[str, str] = {}
    moved = True
    while waiting and moved:
        moved = False
        for place, op in list(waiting):
            code = books.offer(op, place)
            if code is None:
                waiting.remove((place, op))
                moved = True
                break
            codes[op["id"]] = code
    waiting.sort(key=lambda pair: pair[0])
    return [{"op": op["id"], "code": codes[op["id"]]} for _, op in waiting]
