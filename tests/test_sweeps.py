"""A quick run makes each long sweep on one database, and every other test on both."""

from types import SimpleNamespace
from typing import cast

import pytest

from tests.conftest import DATABASES
from tests.sweeps import SWEEPS, on_one_database


def items(*names: str) -> list[pytest.Item]:
    made = [SimpleNamespace(nodeid=name, name=name, user_properties=[]) for name in names]
    return cast("list[pytest.Item]", made)


def chosen(seed: int, *names: str) -> list[str]:
    kept, left = on_one_database(items(*names), DATABASES, seed)
    assert sorted(each.nodeid for each in (*kept, *left)) == sorted(names)
    return [each.nodeid for each in kept]


@pytest.mark.parametrize("sweep", SWEEPS)
def test_sweep__on_one_database_and_over_the_seeds_on_each(sweep: str) -> None:
    both = [f"{sweep}x.py::test_a[{name}-9]" for name in DATABASES]
    found = {tuple(chosen(seed, *both)) for seed in range(8)}
    assert found == {(both[0],), (both[1],)}


def test_any_other_test__on_both() -> None:
    both = [f"tests/kernel/test_costing.py::test_a[{name}]" for name in DATABASES]
    assert chosen(1, *both) == both


def test_without_a_database__always() -> None:
    alone = [f"{SWEEPS[0]}x.py::test_a", f"{SWEEPS[0]}x.py::test_b[postgres]"]
    assert chosen(1, *alone) == alone
