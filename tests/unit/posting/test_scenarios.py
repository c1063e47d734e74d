"""The runner says what it skips, notices what is wrong, and refuses what it cannot read."""

import json
from typing import Any

import pytest

from runtime.infra.db import Database
from runtime.infra.errors import BadRequest
from runtime.posting import scenarios
from runtime.posting.scenario_offer import skip_reason


def scenario(**more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": "S-1",
        "method": "moving_average",
        "permutable": True,
        "items": [{"id": "A", "base_uom": "box", "uoms": {"bottle": "1/3"}}],
        "ops": [
            {"op": "receive", "id": "r1", "date": "2024-01-01", "item": "A", "warehouse": "W1",
             "qty": "1", "unit_cost": "100"},
            {"op": "issue", "id": "i1", "date": "2024-01-02T08:00", "item": "A",
             "warehouse": "W1", "qty": "1", "uom": "bottle"},
            {"op": "transfer", "id": "t1", "date": "2024-01-03", "item": "A", "warehouse": "W1",
             "to_warehouse": "W2", "qty": "1/3"},
            {"op": "issue", "id": "i2", "date": "2024-01-04", "item": "A", "warehouse": "W2",
             "qty": "1"},
        ],
        "expect": {
            "balances": [{"item": "A", "warehouse": "*", "qty": "2/3", "value": "66.67"}],
            "issues": [{"op": "i1", "cost": "33.33"}],
            "errors": [{"op": "i2", "code": "NEGATIVE_STOCK"}],
        },
    }  # fmt: skip
    return {**found, **more}


def file(*items: dict[str, Any]) -> Any:
    return json.loads(json.dumps({"format": "kernel-scenarios/1", "scenarios": list(items)}))


def test_run__everything_it_touched(database: Database) -> None:
    outcome = scenarios.run(file(scenario()), database)
    (result,) = outcome["scenarios"]  # type: ignore[misc]
    assert isinstance(result, dict)
    assert result["balances"] == [
        {"item": "A", "warehouse": "*", "qty": "2/3", "value": "66.67"},
        {"item": "A", "warehouse": "W1", "qty": "1/3", "value": "33.33"},
        {"item": "A", "warehouse": "W2", "qty": "1/3", "value": "33.34"},
    ]
    assert result["issues"] == [{"op": "i1", "cost": "33.33"}, {"op": "t1", "cost": "33.34"}]
    assert [row for row in result["receipts"] if "line" not in row] == [
        {"op": "r1", "value": "100.00"},
        {"op": "t1", "value": "33.34"},
    ]
    assert {"op": "r1", "line": 0, "value": "100.00"} in result["receipts"]
    assert {"item": "A", "warehouse": "W1", "layers": [["1/3", "33.33"]]} in result["layers"]
    assert result["errors"] == [{"op": "i2", "code": "NEGATIVE_STOCK"}]
    points = result["checkpoints"]
    assert isinstance(points, list)
    assert [point["after"] for point in points if isinstance(point, dict)] == [
        "r1", "i1", "t1", "i2",
    ]  # fmt: skip
    assert json.loads(json.dumps(outcome["verify"]))[0]["ok"]


def test_check(database: Database) -> None:
    outcome = scenarios.check(file(scenario()), database)
    assert (outcome["passed"], outcome["failed"], outcome["skipped"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("expect", "what"),
    [
        (
            {"balances": [{"item": "A", "warehouse": "W1", "qty": "1", "value": "33.33"}]},
            "balances",
        ),
        ({"balances": [{"item": "A", "warehouse": "W9", "qty": "1"}]}, "balances"),
        ({"issues": [{"op": "i1", "cost": "33.34"}]}, "issues"),
        ({"issues": [{"op": "i9", "cost": "1"}]}, "issues"),
        ({"receipts": [{"op": "r1", "value": "1"}]}, "receipts"),
        ({"accounts": [{"account": "residual", "amount": "1"}]}, "accounts"),
        ({"errors": []}, "errors"),
        ({"checkpoints": [{"after": "i1", "issues": [{"op": "t1", "cost": "1"}]}]}, "issues"),
        ({"layers": [{"item": "A", "warehouse": "W1", "layers": [["1", "2"]]}]}, "layers"),
    ],
)
def test_check__notices(tmp_path: Any, expect: dict[str, Any], what: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'scratch.db'}")
    outcome = scenarios.check(file(scenario(expect=expect)), database)
    assert (outcome["passed"], outcome["failed"]) == (0, 1)
    (wrong,) = outcome["mismatches"]  # type: ignore[misc]
    assert isinstance(wrong, dict)
    assert wrong["what"] == what
    database.dispose()


def test_check__in_random_order(tmp_path: Any) -> None:
    database = Database(f"sqlite:///{tmp_path / 'scratch.db'}")
    never = scenario(id="S-2", permutable=False)
    outcome = scenarios.check(file(scenario(), never), database, arrival_seed=4)
    assert (outcome["passed"], outcome["failed"], outcome["skipped"]) == (1, 0, 1)
    database.dispose()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, None),
        ({"policy": {"value_scale": "0"}}, None),
        ({"policy": {"negative": "allow", "pick": "FEFO", "late_cost": "split_onhand"}}, None),
        ({"policy": {"late_cost": "split_layer"}}, "policy late_cost: split_layer"),
        ({"policy": {"negative_fill": "reprice_all"}}, "policy negative_fill: reprice_all"),
        ({"policy": {"negative_fill": "true_up"}}, None),
        ({"policy": {"new": "x"}}, "policy new: x"),
        ({"method": "fifo"}, None),
        ({"method": "lifo"}, "method lifo"),
        ({"items": [{"id": "A", "method": "lifo"}]}, "method lifo"),
        ({"items": [{"id": "A", "tracking": "serial"}]}, None),
        ({"items": [{"id": "A", "tracking": "pallet"}]}, "tracking pallet"),
        ({"items": [{"id": "A", "colour": "red"}]}, "colour of an item"),
        ({"ops": [{"op": "sell"}]}, "operation sell"),
        ({"ops": [{"op": "receive", "id": "r", "colour": []}]}, "colour of receive"),
    ],
)
def test_skip_reason(more: dict[str, Any], reason: str | None) -> None:
    assert skip_reason(scenario(**more)) == reason


@pytest.mark.parametrize("data", [[], {"format": "other"}, {"format": "kernel-scenarios/1"}])
def test_run__another_kind_of_file(tmp_path: Any, data: Any) -> None:
    database = Database(f"sqlite:///{tmp_path / 'scratch.db'}")
    with pytest.raises(BadRequest, match="scenarios_unreadable"):
        scenarios.run(data, database)
    database.dispose()
