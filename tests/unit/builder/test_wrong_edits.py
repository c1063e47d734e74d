"""Wrong edits of jxc: they are what they say, the same from the same seed, and its tests notice."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from build_tools.wrong_edits.draw import OPERATORS, draw, tried
from build_tools.wrong_edits.edit import Edit
from builder.packages import read_package
from tests.conftest import depth

JXC = Path(__file__).parents[3] / "app_templates" / "jxc"
SEED = 20261122
MOST_UNNOTICED = 10
Sample = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def jxc() -> dict[str, Any]:
    return read_package(JXC)


@pytest.fixture(scope="module")
def edits(jxc: dict[str, Any]) -> Sequence[Edit]:
    return draw(jxc, SEED, 100)


def test_draw__is_the_same_from_the_same_seed(jxc: dict[str, Any], edits: Sequence[Edit]) -> None:
    assert [edit.what for edit in draw(jxc, SEED, 100)] == [edit.what for edit in edits]
    assert len({(edit.pointer, str(edit.value)) for edit in edits}) == 100
    assert [edit.what for edit in draw(jxc, SEED + 1, 100)] != [edit.what for edit in edits]


def test_operators__change_one_place_and_leave_the_app_alone(jxc: dict[str, Any]) -> None:
    untouched = deepcopy(jxc)
    without = [operator.__name__ for operator in OPERATORS if not any(operator(jxc))]
    # jxc has no rules: the operator is for apps that do.
    assert without == ["rule_changed"]
    for operator in OPERATORS:
        for edit in operator(jxc):
            if edit.value != _at(jxc, edit):
                assert edit.made(jxc) != jxc, edit.what
            break
    assert jxc == untouched


@pytest.mark.timeout(7200)
def test_tests_of_jxc__notice_wrong_edits(
    jxc: dict[str, Any], edits: Sequence[Edit], sample: Sample
) -> None:
    chosen = sample(edits, fraction=0.04)
    unnoticed = [each.edit.what for each in tried(jxc, chosen) if each.by == "nobody"]
    # A few of a hundred may pass, and of a small sample at most one.
    assert len(unnoticed) <= (MOST_UNNOTICED if depth() == "full" else 1), unnoticed


def _at(source: Any, edit: Edit) -> Any:
    for step in edit.steps[:-1]:
        source = source[step]
    last = edit.steps[-1]
    if isinstance(source, dict):
        return source.get(last)
    return source[last] if isinstance(last, int) and last < len(source) else None
