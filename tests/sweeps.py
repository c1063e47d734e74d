"""What a quick run leaves to a full one, chosen by the seed: sweeps and walks that take long."""

import zlib
from collections.abc import Sequence
from typing import Final

import pytest

# Made on one of the databases, file by file; a name stands for every test that begins with it. What
# is not in this list is where the databases differ most: costing, guards, posting, query, SQL.
ON_ONE_DATABASE: Final = (
    "tests/api/",
    "tests/browser/",
    "tests/cli/",
    "tests/kernel/test_concurrency.py::test_sixteen_processes",
    "tests/kernel/test_differential.py",
    "tests/kernel/test_periods.py",
    "tests/kernel/test_planning.py",
    "tests/kernel/test_refusals.py",
    "tests/kernel/test_reservations.py",
    "tests/kernel/test_scenarios.py::test_any_order_of_arrival",
    "tests/kernel/test_verify.py",
    "tests/kernel/test_views.py",
    "tests/live_server/test_random_acts.py",
    "tests/screens/",
    "tests/security/test_faults.py::test_web_process_killed",
    "tests/security/test_http.py",
    "tests/security/test_rule_matrix.py",
    "tests/security/test_leaks.py",
    "tests/security/test_routes.py",
    "tests/test_live.py",
    "tests/unit/builder/",
    "tests/unit/documents/",
    "tests/unit/exchange/",
    "tests/unit/formula/test_exact.py",
    "tests/unit/printing/",
    "tests/unit/workbook/",
    "tests/unit/workflow/test_instances.py",
)
# Walks through a browser and over every address: one of so many is made.
ONE_OF: Final = {
    "tests/browser/test_designer": 4,
    "tests/browser/test_first_day": 3,
    "tests/browser/test_formula_editor": 4,
    "tests/browser/test_line_grid": 4,
    "tests/browser/test_rules": 4,
    "tests/security/test_routes.py::test_reading": 2,
    "tests/security/test_routes.py::test_writing": 2,
}


def of_a_quick_run(
    items: Sequence[pytest.Item], databases: Sequence[str], seed: int
) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the tests of a quick run, and those that are left to a full one."""
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        is_chosen = _is_drawn(item, seed) and _is_on_drawn_database(item, databases, seed)
        (kept if is_chosen else left).append(item)
    return kept, left


def _is_drawn(item: pytest.Item, seed: int) -> bool:
    found = next((name for name in ONE_OF if item.nodeid.startswith(name)), None)
    if found is None:
        return True
    is_drawn = (seed + _number(item.nodeid)) % ONE_OF[found] == 0
    if is_drawn:
        item.user_properties.append(("sample", f"{found}…: 1 of {ONE_OF[found]} walks"))
    return is_drawn


def _is_on_drawn_database(item: pytest.Item, databases: Sequence[str], seed: int) -> bool:
    on = next((name for name in databases if _is_on(item.nodeid, name)), None)
    found = next((name for name in ON_ONE_DATABASE if item.nodeid.startswith(name)), None)
    if on is None or found is None:
        return True
    # All tests of a file alike: what they share is then made once.
    file = item.nodeid.partition("::")[0]
    drawn = databases[(seed + _number(file)) % len(databases)]
    if drawn == on:
        item.user_properties.append(("sample", f"{file} on {on} alone"))
    return drawn == on


def _number(name: str) -> int:
    # Not hash(): it differs from process to process, and all workers must choose alike.
    return zlib.crc32(name.encode())


def _is_on(nodeid: str, database: str) -> bool:
    _, _, parameters = nodeid.partition("[")
    return database in parameters.rstrip("]").split("-")
