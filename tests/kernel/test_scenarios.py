"""The worked scenarios of the design, on both databases and in many orders of arrival."""

import json
from pathlib import Path
from typing import Any

import pytest

from runtime.infra.db import Database
from runtime.posting import scenarios

FILE = Path(__file__).parents[1] / "data" / "kernel" / "scenarios.json"


@pytest.fixture(scope="module")
def data() -> Any:
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_everything_offered_is_exact(database: Database, data: Any) -> None:
    outcome = scenarios.check(data, database)
    assert outcome["mismatches"] == []
    assert (outcome["failed"], outcome["passed"], outcome["skipped"]) == (0, 150, 15)


def test_any_order_of_arrival(database: Database, data: Any, sample: Any) -> None:
    for seed in sample(range(1, 21), 0.05):
        outcome = scenarios.check(data, database, arrival_seed=seed)
        assert outcome["mismatches"] == [], seed
        assert (outcome["failed"], outcome["passed"]) == (0, 111)
