"""A quick run makes each long sweep on one database and a share of the walks; a full one all."""

from types import SimpleNamespace
from typing import cast

import pytest

from tests.conftest import DATABASES
from tests.sweeps import ON_ONE_DATABASE, ONE_OF, of_a_quick_run


def items(*names: str) -> list[pytest.Item]:
    made = [SimpleNamespace(nodeid=name, name=name, user_properties=[]) for name in names]
    return cast("list[pytest.Item]", made)


def chosen(seed: int, *names: str) -> list[str]:
    kept, left = of_a_quick_run(items(*names), DATABASES, seed)
    assert sorted(each.nodeid for each in (*kept, *left)) == sorted(names)
    return [each.nodeid for each in kept]


@pytest.mark.parametrize("sweep", ON_ONE_DATABASE)
def test_sweep__on_one_database_and_over_the_seeds_on_each(sweep: str) -> None:
    file = sweep if "::" in sweep or sweep.endswith(".py") else f"{sweep}x.py"
    both = [f"{file}::test_a[{name}-9]" for name in DATABASES]
    found = {tuple(chosen(seed, *both)) for seed in range(8)}
    assert found == {(both[0],), (both[1],)}


def test_tests_of_a_file__on_the_same_database() -> None:
    names = [
        f"tests/screens/test_x.py::test_{letter}[{database}]"
        for letter in "abcdefgh"
        for database in DATABASES
    ]
    for seed in range(8):
        assert len({name.partition("[")[2] for name in chosen(seed, *names)}) == 1


@pytest.mark.parametrize(("walks", "share"), ONE_OF.items())
def test_walks__each_in_some_quick_run(walks: str, share: int) -> None:
    names = [f"{walks}_x.py::test_{number}" for number in range(40)]
    found = [set(chosen(seed, *names)) for seed in range(share)]
    assert set.union(*found) == set(names)
    assert all(0 < len(some) < len(names) for some in found)


def test_any_other_test__on_both() -> None:
    both = [f"tests/kernel/test_costing.py::test_a[{name}]" for name in DATABASES]
    assert chosen(1, *both) == both


def test_without_a_database__always() -> None:
    alone = ["tests/screens/x.py::test_a", "tests/screens/x.py::test_b[postgres]"]
    assert chosen(1, *alone) == alone
