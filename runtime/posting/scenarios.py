"""Worked scenarios (`kernel-scenarios/1`): run on a database and compared with what they expect."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from typing import Any, Final

from sqlalchemy import Connection

from runtime import kernel
from runtime.infra.db import Database
from runtime.infra.errors import BadRequest
from runtime.infra.strict_json import Json
from runtime.posting import books
from runtime.posting.scenario_commands import Op, Posts, command_of, number, reversal_of, targets_of
from runtime.posting.scenario_compare import mismatches
from runtime.posting.scenario_figures import Report, figures, spelled
from runtime.posting.scenario_offer import Scenario, rules_of, skip_reason

__all__ = ["FORMAT", "MOST_CHECKPOINTS", "check", "number", "run", "spelled"]

FORMAT: Final = "kernel-scenarios/1"
# With more operations than this only the checkpoints a scenario asks for are kept.
MOST_CHECKPOINTS: Final = 100


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


@dataclass
class _Run:
    """One scenario in books of its own."""

    connection: Connection
    scenario: Scenario
    arrival_seed: int | None
    most_checkpoints: int
    posts: Posts = field(default_factory=lambda: Posts(0))
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
            same_day="sequence" if policy.get("same_day") == "sequence" else "in_first",
            rules=rules_of(self.scenario),
        )
        self.posts.company = company.id
        for item in self.scenario["items"]:
            kernel.register_item(self.connection, company.id, item["id"], _terms_of(item))
        kernel.register_warehouses(self.connection, company.id, _warehouses(self.scenario))

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
        """Offer in random order, a reference after its target; what is refused waits.

        When nothing moves any more, documents that need each other are tried two by two.
        """
        waiting = list(enumerate(self.scenario["ops"], 1))
        chance.shuffle(waiting)
        refusals: dict[str, kernel.Refusal] = {}
        while waiting:
            taken = self._take_one(waiting, refusals) or self._take_together(waiting)
            if not taken:
                break
            waiting = [pair for pair in waiting if pair not in taken]
        self.errors = [
            {"op": op["id"], "code": refusals.get(op["id"], kernel.Refusal.UNKNOWN_REF).value}
            for _, op in sorted(waiting, key=lambda pair: pair[0])
        ]

    def _ready(self, op: Op) -> bool:
        return all(target in self.posts.lines for target in targets_of(op))

    def _take_one(
        self, waiting: list[tuple[int, Op]], refusals: dict[str, kernel.Refusal]
    ) -> list[tuple[int, Op]]:
        for place, op in waiting:
            if self._ready(op):
                refused = self._offer(op, place)
                if refused is None:
                    return [(place, op)]
                refusals[op["id"]] = refused
        return []

    def _take_together(self, waiting: list[tuple[int, Op]]) -> list[tuple[int, Op]]:
        """Two documents in one posting, else all that wait."""
        able = [pair for pair in sorted(waiting, key=lambda pair: pair[0]) if self._ready(pair[1])]
        groups = [list(pair) for pair in combinations(able, 2)]
        if len(able) > 2:
            groups.append(able)
        return next((group for group in groups if self._offer_together(group)), [])

    def _offer(self, op: Op, place: int) -> kernel.Refusal | None:
        """Post one operation; what is refused leaves no trace."""
        if op["op"] != "cancel":
            return self._post(op, command_of(self.posts, op, place))
        refused: kernel.Refusal | None = kernel.Refusal.PERIOD_CLOSED
        if rules_of(self.scenario).get("cancel") != "reverse":
            refused = self._post(op, command_of(self.posts, op, place))
            if refused is None:
                self.undone |= {op["ref"], op["id"]}
        if refused is kernel.Refusal.PERIOD_CLOSED:
            # In a closed month nothing changes any more; the red document stands at its own date.
            refused = self._post(op, reversal_of(self.posts, op, place))
        return refused

    def _post(self, op: Op, command: kernel.Command) -> kernel.Refusal | None:
        attempt = self.connection.begin_nested()
        outcome = kernel.post(self.connection, command)
        if isinstance(outcome, kernel.Refused):
            attempt.rollback()
            return outcome.code
        attempt.commit()
        self.posts.lines[op["id"]] = kernel.LineRef(outcome.posting, 0)
        self.posts.keys[op["id"]] = command.header.key
        return None

    def _offer_together(self, group: list[tuple[int, Op]]) -> bool:
        commands = [command_of(self.posts, op, place) for place, op in group]
        parts = [command for command in commands if isinstance(command, kernel.StockCommand)]
        if len(parts) < len(commands):
            return False
        key = "+".join(command.header.key for command in parts)
        first = parts[0].header
        header = kernel.Header(
            first.company, key, first.date, kernel.DocumentRef("batch", key), first.user,
            first.posted_at, first.order,
        )  # fmt: skip
        attempt = self.connection.begin_nested()
        outcome = kernel.post(self.connection, kernel.Batch(header, tuple(parts)))
        if isinstance(outcome, kernel.Refused):
            attempt.rollback()
            return False
        attempt.commit()
        line = 0
        for (_, op), command in zip(group, parts, strict=True):
            self.posts.lines[op["id"]] = kernel.LineRef(outcome.posting, line)
            self.posts.keys[op["id"]] = command.header.key
            line += _count_lines(command)
        return True

    def _figures(self) -> Report:
        """Everything the operations so far have touched, as it stands now."""
        return figures(self.connection, self.posts.company, self.posts.lines, self.undone)


def _count_lines(command: kernel.StockCommand) -> int:
    if isinstance(command, kernel.Assemble):
        return len(command.inputs) + len(command.outputs)
    return 1 if isinstance(command, kernel.SetStandard) else len(command.lines)


def _terms_of(item: Mapping[str, Any]) -> kernel.ItemTerms:
    uoms = {name: Fraction(str(factor)) for name, factor in item.get("uoms", {}).items()}
    base = item.get("base_uom", "")
    if base:
        uoms[base] = Fraction(1)
    allows = item.get("allow_negative")
    return kernel.ItemTerms(
        base_uom=base,
        uoms=uoms,
        method=item.get("method"),
        negative=None if allows is None else ("allow" if allows else "forbid"),
        tracking=item.get("tracking", "none"),
        standard_cost=number(item["standard_cost"]) if "standard_cost" in item else None,
        estimate_cost=number(item["estimate_cost"]) if "estimate_cost" in item else None,
    )


def _warehouses(scenario: Scenario) -> set[str]:
    found = set()
    for op in scenario["ops"]:
        for line in (op, *op.get("inputs", ()), *op.get("outputs", ())):
            found |= {line.get("warehouse"), line.get("to_warehouse")}
    return {name for name in found if name}
