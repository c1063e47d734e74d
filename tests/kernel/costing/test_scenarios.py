"""The worked scenarios, valued in memory: every figure the valuation alone can know."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from runtime.kernel.costing import Valued, layers

from .memory import Op, Player

FILE = Path(__file__).parents[2] / "data" / "kernel" / "scenarios.json"
OFFERED = {
    "value_scale": {0, 2}, "rounding": {"half_up", "half_even"}, "negative": {"allow", "forbid"},
    "scope": {"warehouse", "company", "batch"}, "same_day": {"in_first", "sequence"},
    "purchase_return_cost": {"original", "current"}, "cancel": {"void", "reverse"},
    "sales_return_cost": {"original", "current"}, "late_cost": {"replay", "split_onhand"},
    "stocktake": {"delta", "absolute"}, "pick": {"manual", "FEFO"},
    "variance": {"expense", "rate"}, "close_negative": {"forbid", "allow"},
}  # fmt: skip
# What the valuation refuses itself; anything else refused is left out beforehand.
OWN = {"ADJUST_WITHOUT_STOCK", "NEGATIVE_VALUE", "COST_CYCLE"}
OUT = {"issue", "transfer_out", "purchase_return", "consume", "count_loss"}
BOOKED = {
    "price_variance": "price_variance", "cogs_adjust": "cogs_adjust",
    "negative_true_up": "true_up", "return_variance": "return_variance", "residual": "residual",
    "revaluation": "revaluation", "stocktake_loss": "stocktake_loss",
    "stocktake_gain": "stocktake_gain",
}  # fmt: skip


def scenarios() -> list[Any]:
    """Those whose every policy is offered."""
    found = json.loads(FILE.read_text(encoding="utf-8"))["scenarios"]
    return [
        one for one in found
        if all(value in OFFERED.get(key, ()) for key, value in one.get("policy", {}).items())
    ]  # fmt: skip


class Figures:
    """What a valuation says, in the words of a scenario's `expect`."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.valued: Valued = player.valued()
        self.moves = {move.id: move for move in player.moves}

    def check(self, expect: Op) -> list[str]:
        """Every figure that differs."""
        wrong: list[str] = []
        for name in ("balances", "issues", "receipts", "accounts", "layers", "stocktake_diffs"):
            for row in expect.get(name, ()):
                found, wanted = getattr(self, f"_{name}")(row)
                if found != wanted:
                    wrong.append(f"{name} {row}: {found}")
        return wrong

    def _money(self, text: str) -> Fraction:
        return Fraction(text) * self.player.scale

    def _balances(self, row: Op) -> tuple[Any, Any]:
        per = self.player.atoms[row["item"]]
        if self.player.rule["scope"] == "company" and row["warehouse"] != "*":
            return 0, 0  # a quantity by place, which values know nothing of
        qty = value = 0
        for (item, warehouse, lot), pool in self.player.pools.items():
            held = self.valued.states.get(pool, (0, 0, ""))
            if item == row["item"] and row["warehouse"] in {warehouse, "*"}:
                if "batch" in row and lot != row["batch"]:
                    continue
                qty, value = qty + held[0], value + held[1]
        if "batch" in row and not any(key[2] for key in self.player.pools):
            return 0, 0
        wanted = self._money(row["value"]) if "value" in row else value
        return (qty, value), (Fraction(row["qty"]) * per, wanted)

    def _issues(self, row: Op) -> tuple[Any, Any]:
        cost = 0
        for move in self.player.by_op[row["op"]]:
            if move.kind in OUT:
                cost -= sum(
                    dv for account, dv in self.valued.values[move.id].items()
                    if account not in {"return_variance", "residual"}
                )  # fmt: skip
        return cost, self._money(row["cost"])

    def _receipts(self, row: Op) -> tuple[Any, Any]:
        found = [move for move in self.player.by_op[row["op"]] if move.kind not in OUT]
        if "line" in row:
            found = [found[int(row["line"]) - 1]]
        value = sum(sum(self.valued.values[move.id].values()) for move in found)
        return value, self._money(row["value"])

    def _accounts(self, row: Op) -> tuple[Any, Any]:
        booked = sum(
            -values.get(BOOKED[row["account"]], 0) for values in self.valued.values.values()
        )
        return booked, self._money(row["amount"])

    def _layers(self, row: Op) -> tuple[Any, Any]:
        per = self.player.atoms[row["item"]]
        pool = self.player.pools[row["item"], row["warehouse"], ""]
        qty, value, state = self.valued.states[pool]
        wanted = [(Fraction(q) * per, self._money(v)) for q, v in row["layers"]]
        return layers(state, qty, value), wanted

    def _stocktake_diffs(self, row: Op) -> tuple[Any, Any]:
        value = sum(
            sum(self.valued.values[move.id].values()) for move in self.player.by_op[row["op"]]
        )
        return value, self._money(row["value"])


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda one: one["id"])
def test_scenario_is_exact(scenario: Any) -> None:
    player = Player(scenario)
    expect = scenario["expect"]
    refused = {row["op"]: row["code"] for row in expect.get("errors", ())}
    checkpoints = {row["after"]: row for row in expect.get("checkpoints", ())}
    wrong: list[str] = []
    for place, op in enumerate(scenario["ops"], 1):
        if "key" in op and op["key"] in {o.get("key") for o in scenario["ops"][: place - 1]}:
            continue
        if refused.get(op["id"], "") and refused[op["id"]] not in OWN:
            continue
        found = player.offer(op, place)
        assert (found or "") == refused.get(op["id"], ""), op
        player.correct_counts()
        if op["id"] in checkpoints:
            wrong += Figures(player).check(checkpoints[op["id"]])
    assert wrong + Figures(player).check(expect) == []


def test_most_scenarios_are_offered() -> None:
    assert len(scenarios()) == 150
