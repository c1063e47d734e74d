"""The reference calculator on the worked scenarios of the design: every offered one is exact."""

import json
from pathlib import Path
from typing import Any

import pytest

from runtime.posting.scenario_compare import mismatches

from . import oracle

FILE = Path(__file__).parents[1] / "data" / "kernel" / "scenarios.json"
EMULATIONS = {
    "avg_engine", "avg_price_scale", "negative_fill", "order", "unit_price_scale", "month_negative",
}  # fmt: skip
OFFERED_LATE = {"replay", "split_onhand"}
SCENARIOS = {
    scenario["id"]: scenario
    for scenario in json.loads(FILE.read_text(encoding="utf-8"))["scenarios"]
    if not EMULATIONS & set(scenario.get("policy", {}))
    and scenario.get("policy", {}).get("late_cost", "replay") in OFFERED_LATE
}


def test_only_emulations_are_left_out() -> None:
    assert len(SCENARIOS) == 150


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_is_exact(name: str) -> None:
    scenario = SCENARIOS[name]
    assert mismatches(oracle.calculate(scenario), scenario["expect"], with_history=True) == []


@pytest.mark.parametrize("name", [name for name, one in SCENARIOS.items() if one.get("permutable")])
def test_any_order_of_arrival(name: str, seed: int) -> None:
    scenario: Any = SCENARIOS[name]
    found = oracle.calculate(scenario, arrival_seed=seed)
    assert mismatches(found, scenario["expect"], with_history=False) == []
