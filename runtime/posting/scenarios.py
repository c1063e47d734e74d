"""Worked scenarios (`kernel-scenarios/1`): run on a database and compared with what they expect."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import Connection

from runtime import kernel
from runtime.infra.db import Database
from runtime.infra.errors import BadRequest
from runtime.infra.strict_json import Json
from runtime.posting import books
from runtime.posting.scenario_compare import mismatches
from runtime.posting.scenario_offer import Scenario, skip_reason

FORMAT: Final = "kernel-scenarios/1"
# With more operations than this only the checkpoints a scenario asks for are kept.
MOST_CHECKPOINTS: Final = 100

_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
Op = Mapping[str, Any]
Report = dict[str, Json]


def run(data: Json, database: Database, arrival_seed: int | None = None) -> dict[str, Json]:
    """What came out of each scenario, and the proof of the books afterwards."""
    return _run_all(data, database, arrival_seed, most_checkpoints=MOST_CHECKPOINTS)


def _run_all(
    data: Json, database: Database, arrival_seed: int | None, *, most_checkpoints: int
) -> dict[str, Json]:
    results: list[Json] = []
    with database.transaction() as connection:
        kernel.install(connection)
    for scenario in _scenarios(data):
        reason = skip_reason(scenario)
        if reason is None and arrival_seed is not None and not scenario.get("permutable"):
            reason = "not permutable"
        if reason is not None:
            results.append({"id": scenario["id"], "skipped": reason})
            continue
        with database.transaction() as connection:
            played = _Run(connection, scenario, arrival_seed, most_checkpoints).play()
        results.append({"id": scenario["id"], **played})
    with database.reading() as connection:
        proof: list[Json] = list(books.verify(connection))
    return {"scenarios": results, "verify": proof}


def check(data: Json, database: Database, arrival_seed: int | None = None) -> dict[str, Json]:
    """How many scenarios came out as expected, every mismatch, and every skip with its reason."""
    outcome = _run_all(data, database, arrival_seed, most_checkpoints=0)
    expected = {scenario["id"]: scenario["expect"] for scenario in _scenarios(data)}
    found: list[Json] = []
    skips: list[Json] = []
    passed = failed = 0
    results = outcome["scenarios"]
    assert isinstance(results, list)
    for result in results:
        assert isinstance(result, dict)
        if "skipped" in result:
            skips.append(result)
            continue
        wrong = mismatches(result, expected[result["id"]], with_history=arrival_seed is None)
        found += wrong
        passed, failed = passed + (not wrong), failed + bool(wrong)
    proof = outcome["verify"]
    assert isinstance(proof, list)
    broken: list[Json] = [
        {"id": "verify", **finding}
        for finding in proof
        if isinstance(finding, dict) and not finding["ok"]
    ]
    return {
        "passed": passed,
        "failed": failed + len(broken),
        "skipped": len(skips),
        "mismatches": found + broken,
        "skips": skips,
    }


def _scenarios(data: Json) -> list[Any]:
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BadRequest("scenarios_unreadable", {"format": FORMAT})
    scenarios = data.get("scenarios")
    if not isinstance(scenarios, list):
        raise BadRequest("scenarios_unreadable", {"format": FORMAT})
    return scenarios


def number(text: Any) -> Decimal | Fraction:
    """A number of a scenario: a decimal string or a rational such as 1/3."""
    return Fraction(str(text)) if "/" in str(text) else Decimal(str(text))


def spelled(value: Fraction) -> str:
    """A quantity as a decimal where it has one, else as a rational."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    return format((Decimal(value.numerator) / Decimal(value.denominator)).normalize(), "f")


@dataclass
class _Run:
    """One scenario in books of its own."""

    connection: Connection
    scenario: Scenario
    arrival_seed: int | None
    most_checkpoints: int
    company: int = 0
    postings: dict[str, int] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    errors: list[Json] = field(default_factory=list)
    checkpoints: list[Json] = field(default_factory=list)

    def play(self) -> Report:
        """Every operation in its order of arrival, then the figures as they stand."""
        self._open()
        if self.arrival_seed is None:
            self._in_sequence()
        else:
            self._in_random_order(random.Random(self.arrival_seed))  # noqa: S311 - a repeatable shuffle
        return {**self._figures(), "checkpoints": self.checkpoints, "errors": self.errors}

    def _open(self) -> None:
        policy = self.scenario.get("policy", {})
        company = kernel.create_company(
            self.connection,
            # Runs with several seeds may share a database.
            f"{self.scenario['id']} {self.arrival_seed or ''}".strip(),
            value_scale=int(policy.get("value_scale", 2)),
            rounding=kernel.Rounding(policy.get("rounding", "half_up")),
            same_day=policy.get("same_day", "in_first"),
        )
        self.company = company.id
        for item in self.scenario["items"]:
            uoms = {name: Fraction(str(factor)) for name, factor in item.get("uoms", {}).items()}
            base = item.get("base_uom", "")
            if base:
                uoms[base] = Fraction(1)
            kernel.register_item(
                self.connection, self.company, item["id"], base_uom=base, uoms=uoms
            )
        names = (
            op.get(key) for op in self.scenario["ops"] for key in ("warehouse", "to_warehouse")
        )
        kernel.register_warehouses(self.connection, self.company, {name for name in names if name})

    def _in_sequence(self) -> None:
        ops = self.scenario["ops"]
        asked = {point["after"] for point in self.scenario.get("expect", {}).get("checkpoints", ())}
        for place, op in enumerate(ops, 1):
            refused = self._offer(op, place)
            if refused is not None:
                self.errors.append({"op": op["id"], "code": refused.value})
            if len(ops) <= self.most_checkpoints or op["id"] in asked:
                self.checkpoints.append({"after": op["id"], **self._figures()})

    def _in_random_order(self, chance: random.Random) -> None:
        """Offer in random order, a reference after its target; what is refused waits."""
        waiting = list(enumerate(self.scenario["ops"], 1))
        chance.shuffle(waiting)
        refusals: dict[str, kernel.Refusal] = {}
        moved = True
        while waiting and moved:
            moved = False
            for place, op in list(waiting):
                if op.get("ref", None) is not None and op["ref"] not in self.postings:
                    continue
                refused = self._offer(op, place)
                if refused is None:
                    waiting.remove((place, op))
                    moved = True
                    break
                refusals[op["id"]] = refused
        self.errors = [
            {"op": op["id"], "code": refusals.get(op["id"], kernel.Refusal.UNKNOWN_REF).value}
            for _, op in sorted(waiting, key=lambda pair: pair[0])
        ]

    def _offer(self, op: Op, place: int) -> kernel.Refusal | None:
        """Post one operation; what is refused leaves no trace."""
        attempt = self.connection.begin_nested()
        outcome = kernel.post(self.connection, self._command(op, place))
        if isinstance(outcome, kernel.Refused):
            attempt.rollback()
            return outcome.code
        attempt.commit()
        self.postings[op["id"]] = outcome.posting
        if op["op"] == "cancel":
            self.undone |= {op["ref"], op["id"]}
        return None

    def _command(self, op: Op, place: int) -> kernel.Command:
        key = str(op.get("key", op["id"]))
        when = datetime.fromisoformat(op["date"]) if "T" in op["date"] else _day(op["date"])
        header = kernel.Header(
            self.company, key, when, kernel.DocumentRef(op["op"], key), "scenario", _NOW, place
        )
        return _COMMANDS[op["op"]](header, op, self.postings.get(op.get("ref", ""), 0))

    def _figures(self) -> Report:
        """Everything the operations so far have touched, as it stands now."""
        costs = kernel.costs(self.connection, self.postings.values())
        issues: list[Json] = []
        receipts: list[Json] = []
        for name, posting in self.postings.items():
            if name in self.undone:
                continue
            line = costs[posting][0]
            if line.kind == "receive":
                receipts.append({"op": name, "value": str(line.value)})
            else:
                issues.append({"op": name, "cost": str(-line.value)})
        on_hand = kernel.on_hand(self.connection, self.company)
        accounts = kernel.variances(self.connection, self.company)
        return {
            "balances": _balances(on_hand),
            "issues": issues,
            "receipts": receipts,
            "accounts": [
                {"account": name, "amount": str(amount)} for name, amount in accounts.items()
            ],
            "available": [
                {"item": row.item, "warehouse": row.warehouse, "qty": spelled(row.qty)}
                for row in on_hand
            ],
            "layers": [],
            "stocktake_diffs": [],
        }


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _balances(rows: Sequence[kernel.OnHand]) -> list[Json]:
    found: list[Json] = [
        {
            "item": row.item,
            "warehouse": row.warehouse,
            "qty": spelled(row.qty),
            "value": str(row.value),
        }
        for row in rows
    ]
    for item in dict.fromkeys(row.item for row in rows):
        own = [row for row in rows if row.item == item]
        qty = sum((row.qty for row in own), Fraction(0))
        value = sum((row.value for row in own), Decimal(0))
        found.append({"item": item, "warehouse": "*", "qty": spelled(qty), "value": str(value)})
    return found


def _receive(header: kernel.Header, op: Op, _ref: int) -> kernel.Command:
    line = kernel.ReceiveLine(
        op["item"],
        op["warehouse"],
        number(op["qty"]),
        unit_cost=number(op["unit_cost"]) if "unit_cost" in op else None,
        amount=number(op["amount"]) if "amount" in op else None,
        uom=op.get("uom", ""),
        lot=op.get("batch", ""),
    )
    return kernel.Receive(header, (line,))


def _issue(header: kernel.Header, op: Op, _ref: int) -> kernel.Command:
    line = kernel.IssueLine(
        op["item"],
        op["warehouse"],
        number(op["qty"]),
        uom=op.get("uom", ""),
        lot=op.get("batch", ""),
    )
    return kernel.Issue(header, (line,))


def _transfer(header: kernel.Header, op: Op, ref: int) -> kernel.Command:
    line = kernel.TransferLine(
        op["item"],
        op["warehouse"],
        op["to_warehouse"],
        number(op["qty"]),
        uom=op.get("uom", ""),
        source=kernel.LineRef(ref, 0) if "ref" in op else None,
        lot=op.get("batch", ""),
    )
    return kernel.Transfer(header, (line,))


def _cancel(header: kernel.Header, _op: Op, ref: int) -> kernel.Command:
    return kernel.Void(header, ref)


_COMMANDS: Final = {
    "receive": _receive,
    "issue": _issue,
    "transfer": _transfer,
    "cancel": _cancel,
}
