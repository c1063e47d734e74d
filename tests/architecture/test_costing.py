"""The worked tables of docs/explanation/costing.md say what the scenarios of their names say.

The scenarios themselves are played on a database by `tests/kernel/test_scenarios.py`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "explanation" / "costing.md"
SCENARIOS = {
    each["id"]: each
    for each in json.loads((ROOT / "tests/data/kernel/scenarios.json").read_text())["scenarios"]
}


def number(text: str) -> Fraction:
    """A figure of the page: `1,000.00`, `2/3`."""
    return Fraction(text.replace(",", "").strip())


@dataclass
class Row:
    """A line of a worked table; `came` and `went` list a figure and what it became later."""

    op: str
    text: str
    came: list[Fraction]
    went: list[Fraction]
    left: dict[str, tuple[Fraction, Fraction]]


@dataclass
class Worked:
    """A worked table, and the scenario of its name."""

    name: str
    rows: list[Row] = field(default_factory=list)

    @property
    def scenario(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = SCENARIOS[self.name]
        return found

    @property
    def ops(self) -> dict[str, Mapping[str, Any]]:
        return {op["id"]: op for op in self.scenario["ops"]}

    def final(self, op: str, side: str) -> Fraction:
        """What an op is worth in the end; `↳` rows add to it."""
        return sum(
            (getattr(row, side)[-1] for row in self.of(op) if getattr(row, side)), Fraction()
        )

    def of(self, op: str) -> list[Row]:
        """The rows of an op: its own, and those that true it up."""
        return [row for row in self.rows if row.op == op]


def _figures(cell: str) -> list[Fraction]:
    return [number(part) for part in cell.split("→")] if cell else []


def _left(cell: str) -> dict[str, tuple[Fraction, Fraction]]:
    found = {}
    for part in filter(None, cell.split(" · ")):
        place, _, figures = part.rpartition(": ")
        qty, value = figures.split(" / ")
        found[place] = (number(qty), number(value))
    return found


def _worked() -> dict[str, Worked]:
    found: dict[str, Worked] = {}
    now: Worked | None = None
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            now = None
        elif re.fullmatch(r"[A-Z]+-\d{3}", cells[0]):
            assert cells[0] not in found, f"{cells[0]} stands twice"
            now = found[cells[0]] = Worked(cells[0])
        elif now is not None and not cells[0].startswith("--"):
            op, text, came, went, left = cells
            row = Row(op.removeprefix("↳ "), text, _figures(came), _figures(went), _left(left))
            now.rows.append(row)
    return found


WORKED = _worked()
pytestmark = pytest.mark.parametrize("name", WORKED)


def test_worked_table__has_every_document_once(name: str) -> None:
    worked = WORKED[name]
    own = [row.op for row in worked.rows]
    assert set(own) == set(worked.ops)
    assert len(own) - len(set(own)) == sum("rue-up" in row.text for row in worked.rows)


def test_worked_table__names_quantities_and_prices(name: str) -> None:
    worked = WORKED[name]
    for op in worked.ops.values():
        said = {
            number(part)
            for part in re.findall(r"-?\d[\d,]*(?:\.\d+)?", worked.of(op["id"])[0].text)
        }
        given = [op.get(key) for key in ("unit_cost", "amount", "counted_qty")]
        if op["op"] in {"receive", "issue", "sales_return", "purchase_return", "invoice"}:
            given.append(op["qty"])
        missing = {number(one) for one in given if one is not None} - said
        assert not missing or "the other" in worked.of(op["id"])[0].text, (op["id"], missing)


def test_worked_table__adds_up(name: str) -> None:
    """Every value that is left is the one before, plus what came, less what went."""
    worked, value = WORKED[name], Fraction()
    by_place: dict[str, Fraction] = {}
    for row in worked.rows:
        value += (row.came or [Fraction()])[-1]
        value -= (row.went or [Fraction()])[-1]
        by_place |= {place: left for place, (_, left) in row.left.items()}
        if row.left:
            assert sum(by_place.values()) == value, row.op


def test_worked_table__ends_where_the_scenario_ends(name: str) -> None:
    worked = WORKED[name]
    left: dict[str, tuple[Fraction, Fraction]] = {}
    for row in worked.rows:
        left |= row.left
    unseen = set(left)
    for balance in worked.scenario["expect"]["balances"]:
        names = {balance["item"], balance["warehouse"], balance.get("batch", "")}
        places = names & set(left) or set(left)
        qty = sum((left[place][0] for place in places), Fraction())
        value = sum((left[place][1] for place in places), Fraction())
        assert qty == number(balance["qty"]), balance
        assert value == number(balance["value"]), balance
        unseen -= places
    # What the scenario does not speak of is gone.
    assert not any(any(left[place]) for place in unseen), unseen


def test_worked_table__costs_are_the_scenarios(name: str) -> None:
    worked, expect = WORKED[name], WORKED[name].scenario["expect"]
    for issue in expect.get("issues", ()):
        op, cost = issue["op"], number(issue["cost"])
        credit = re.search(r"credit ([\d.,]+\d)", worked.of(op)[0].text)
        assert cost == (number(credit[1]) if credit else worked.final(op, "went")), issue
    for receipt in expect.get("receipts", ()):
        assert worked.final(receipt["op"], "came") == number(receipt["value"]), receipt
    for booked in expect.get("accounts", ()):
        assert _booked(worked, booked["account"]) == number(booked["amount"]), booked
    for point in expect.get("checkpoints", ()):
        for issue in point.get("issues", ()):
            assert number(issue["cost"]) in _history(worked, issue["op"], "went"), point
        for receipt in point.get("receipts", ()):
            assert number(receipt["value"]) in _history(worked, receipt["op"], "came"), point


def _history(worked: Worked, op: str, side: str) -> list[Fraction]:
    """Everything an op was worth at some time."""
    figures = [figure for row in worked.of(op) for figure in getattr(row, side)]
    return [*figures, worked.final(op, side)]


def _booked(worked: Worked, account: str) -> Fraction:
    """What the rows say of a variance: in words, or by what a new standard brought in."""
    if account == "revaluation":
        return -sum(
            (worked.final(row.op, "came") for row in worked.rows if "standard" in row.text),
            Fraction(),
        )
    words = {"cogs_adjust": r"(-?[\d.,]+\d),? (?:all of it )?to cogs_adjust"}
    pattern = words.get(account, r"variance (-?[\d.,]+\d)")
    return sum(
        (number(m) for row in worked.rows for m in re.findall(pattern, row.text)), Fraction()
    )
