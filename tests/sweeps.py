"""Long sweeps that a quick run makes on one database, chosen by the seed; a full run on both."""

import zlib
from collections.abc import Sequence
from typing import Final

import pytest

# A name stands for every test that begins with it.
SWEEPS: Final = (
    "tests/browser/",
    "tests/kernel/test_concurrency.py::test_sixteen_processes",
    "tests/kernel/test_differential.py",
    "tests/kernel/test_scenarios.py::test_any_order_of_arrival",
    "tests/live_server/test_random_acts.py",
    "tests/security/test_faults.py::test_web_process_killed",
    "tests/unit/documents/test_machine.py",
    "tests/unit/documents/test_rollups.py::test_random",
)


def on_one_database(
    items: Sequence[pytest.Item], databases: Sequence[str], seed: int
) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the tests of a quick run, and those that are left to a full one."""
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        found = next((name for name in databases if _is_on(item.nodeid, name)), None)
        if found is None or not item.nodeid.startswith(SWEEPS):
            kept.append(item)
            continue
        # Not hash(): it differs from process to process, and all workers must choose alike.
        general = zlib.crc32(item.nodeid.replace(found, "*").encode())
        if databases[(seed + general) % len(databases)] == found:
            item.user_properties.append(("sample", f"{item.name}: 1 of {len(databases)} databases"))
            kept.append(item)
        else:
            left.append(item)
    return kept, left


def _is_on(nodeid: str, database: str) -> bool:
    _, _, parameters = nodeid.partition("[")
    return database in parameters.rstrip("]").split("-")
