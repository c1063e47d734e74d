"""The order of a run: what takes long comes first, or one worker ends minutes after the others."""

from itertools import islice
from typing import Final

import pytest

# The longest first; a name stands for every test that begins with it.
LONG: Final = (
    "tests/browser/test_walk.py",
    "tests/security/test_faults.py::test_crash_at_a_write",
    "tests/security/test_faults.py::test_web_process_killed",
    "tests/live_server/test_random_acts.py",
    "tests/kernel/test_scenarios.py",
    "tests/screens/test_documents.py::test_two_thousand_lines",
    "tests/kernel/test_differential.py",
    "tests/browser/test_line_grid.py::test_machine_speed",
    "tests/unit/documents/test_machine.py",
    "tests/unit/exchange/test_corpus.py",
)


def in_shares(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Deal the long tests out to the workers' shares, each before whatever else is in it.

    With `--dist worksteal` a worker begins with a share of its own, cut from the list as it
    stands, and later takes over from the end of another's: short tests, then.
    """
    ranked = sorted((rank(item.nodeid), place) for place, item in enumerate(items))
    long = [items[place] for number, place in ranked if number < len(LONG)]
    short = iter([item for item in items if rank(item.nodeid) == len(LONG)])
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        share = (len(items) - len(ordered)) // (workers - worker)
        mine = long[worker::workers]
        ordered += [*mine, *islice(short, share - len(mine))]
    return [*ordered, *short]


def rank(name: str) -> int:
    """How long a test takes among the long ones; the same for all that are short."""
    return next((place for place, long in enumerate(LONG) if name.startswith(long)), len(LONG))
