"""The catalogue of attacks over HTTP: one test for each that the product's surfaces allow."""

import sys
from pathlib import Path

import pytest

from tests.security import approvals, doors, lists, machines, papers, payloads
from tests.security.cases import CASES, ELSEWHERE, catalogue, later
from tests.security.scene import Scene

ROOT = Path(__file__).parents[2]
# The modules register what they try when they are loaded.
TRIED_BY = (approvals, doors, lists, machines, papers, payloads)


@pytest.mark.parametrize("number", sorted(CASES))
def test_attack(scene: Scene, number: str) -> None:
    CASES[number](scene)


def test_catalogue__each_attack_is_tried_somewhere_or_waits(
    capsys: pytest.CaptureFixture[str],
) -> None:
    waiting = later()
    with capsys.disabled():
        for number, what in sorted(waiting.items()):
            sys.stdout.write(f"\nlater  {number}  {what}")
    assert set(catalogue()) == {*CASES, *ELSEWHERE, *waiting}
    assert not set(CASES) & set(waiting), "what is tried does not wait"
    assert all((ROOT / path).is_file() for path in ELSEWHERE.values())
    assert all(module.__doc__ for module in TRIED_BY)
