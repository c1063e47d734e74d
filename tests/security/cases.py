"""The attacks of `tests/data/attacks/http.json`: where each is tried, or what it waits for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.security.scene import Scene

Attack = Callable[[Scene], None]
DATA: Final = Path(__file__).parents[1] / "data" / "attacks" / "http.json"
CASES: Final[dict[str, Attack]] = {}

# Tried by the tests of the part that withstands them.
ELSEWHERE: Final = {
    "A04": "tests/unit/infra/test_sessions.py",
    "A10": "tests/unit/infra/test_invitations.py",
    "A27": "tests/unit/infra/test_users.py",
    "A28": "tests/unit/infra/test_second_factor.py",
    "H04": "tests/unit/infra/test_egress.py",
    "H05": "tests/unit/infra/test_egress.py",
    "H06": "tests/unit/infra/test_egress.py",
    "H08": "tests/api/shared/test_webhooks.py",
    "H09": "tests/unit/infra/test_egress.py",
    "H11": "tests/unit/infra/test_egress.py",
    "H12": "tests/api/test_hooks.py",
    "H13": "tests/api/test_hooks.py",
    "K01": "tests/kernel/test_guards.py",
    "K06": "tests/kernel/test_guards.py",
    "K07": "tests/kernel/test_guards.py",
    "M10": "tests/unit/definitions/test_attacks.py",
    "K13": "tests/kernel/test_refusals.py",
    "K16": "tests/kernel/test_costing.py",
    "K19": "tests/kernel/test_concurrency.py",
    "K20": "tests/security/test_faults.py",
    "K22": "tests/unit/definitions/test_attacks.py",
    "K23": "tests/kernel/test_concurrency.py",
    "P03": "tests/unit/definitions/test_attacks.py",
    "P06": "tests/unit/definitions/test_attacks.py",
    "P09": "tests/unit/builder/test_publish.py",
    "U10": "tests/unit/infra/test_files.py",
    "U11": "tests/unit/infra/test_files.py",
    "W08": "tests/unit/documents/test_lifecycle.py",
    "W16": "tests/unit/documents/test_flows.py",
    "W25": "tests/unit/workflow/test_instances.py",
    "W27": "tests/unit/documents/test_automations.py",
    "W28": "tests/unit/documents/test_automations.py",
}

# What the first slice does not have cannot be attacked in it.
LATER: Final = {
    "passwords by mail, acting for others, shared links": "A02 A25 A30",
    "closing of periods, opening balances": "K11 K18",
    "packages with versions and signatures, installed by designers": "P05 P07 P08 P12",
    "aggregates, saved views": "Q19 Q34",
    "conditions of visibility": "R30",
    "pictures": "U04",
    "export and printing": "X03 X06 X07 X09 X11 X12 X14 X15 X17",
}


def attack(number: str) -> Callable[[Attack], Attack]:
    """Register what tries an attack of the catalogue."""
    assert number not in CASES, number

    def register(tries: Attack) -> Attack:
        CASES[number] = tries
        return tries

    return register


def catalogue() -> dict[str, str]:
    """The attacks by number."""
    return {case["id"]: case["input"] for case in json.loads(DATA.read_text(encoding="utf-8"))}


def later() -> dict[str, str]:
    """The attacks that wait, each with what they wait for."""
    return {number: what for what, these in LATER.items() for number in these.split()}
