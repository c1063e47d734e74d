"""Exact numbers: rounding has one home, and splitting never loses a unit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.kernel import amounts
from runtime.kernel.amounts import Rounding
from runtime.kernel.sql import in_chunks


@pytest.mark.parametrize(
    ("numerator", "denominator", "half_up", "half_even"),
    [
        (1, 2, 1, 0),
        (3, 2, 2, 2),
        (5, 2, 3, 2),
        (-1, 2, -1, 0),
        (-5, 2, -3, -2),
        (7, 3, 2, 2),
        (8, 3, 3, 3),
        (6, 3, 2, 2),
    ],
)
def test_round_ratio(numerator: int, denominator: int, half_up: int, half_even: int) -> None:
    assert amounts.round_ratio(numerator, denominator) == half_up
    assert amounts.round_ratio(numerator, denominator, Rounding.HALF_EVEN) == half_even


@pytest.mark.parametrize(
    ("qty", "per_base", "factor", "atoms"),
    [
        (Decimal("1.5"), 1_000_000, (1, 1), 1_500_000),
        (Decimal("0.0000001"), 1_000_000, (1, 1), None),
        (1, 3_000_000, (1, 3), 1_000_000),
        (Fraction(1, 3), 3_000_000, (1, 1), 1_000_000),
        (Fraction(1, 3), 1_000_000, (1, 1), None),
        (Decimal(-2), 1_000_000, (40, 1), -80_000_000),
    ],
)
def test_to_atoms(
    qty: amounts.Exact, per_base: int, factor: tuple[int, int], atoms: int | None
) -> None:
    assert amounts.to_atoms(qty, per_base, factor) == atoms


@pytest.mark.parametrize("unwelcome", [1.5, True, "1"])
def test_ratio__only_exact_numbers(unwelcome: object) -> None:
    with pytest.raises(AssertionError):
        amounts.ratio(unwelcome)  # type: ignore[arg-type]


def test_atoms_per_base__every_unit_is_whole() -> None:
    factors = (Fraction(1, 3), Fraction(1, 12), Fraction(40))
    per_base = amounts.atoms_per_base(factors)
    assert per_base == 12_000_000
    assert all((factor * per_base).denominator == 1 for factor in factors)


@given(
    st.integers(0, 10**15),
    st.lists(st.integers(1, 10**9), min_size=1, max_size=20),
    st.sampled_from(Rounding),
)
def test_share__no_unit_is_made_or_lost(total: int, parts: list[int], rounding: Rounding) -> None:
    whole = sum(parts)
    taken = [
        amounts.share(total, sum(parts[:place]), part, whole, rounding)
        for place, part in enumerate(parts)
    ]
    assert sum(taken) == total
    assert all(part >= 0 for part in taken)


@pytest.mark.parametrize(
    ("one", "other"),
    [(Decimal(10), Decimal("10.00")), (Fraction(1, 2), Decimal("0.5")), (3, Decimal(3))],
)
def test_as_text__equal_numbers_are_spelled_alike(one: amounts.Exact, other: amounts.Exact) -> None:
    assert amounts.as_text(one) == amounts.as_text(other)


def test_extend__rounds_once() -> None:
    # 3 x 1.005 is 3.015, which is 3.02; rounding the price first would give 3.03.
    assert amounts.extend(3, Decimal("1.005"), 2, Rounding.HALF_UP) == 302


def test_as_typed() -> None:
    assert amounts.as_typed(Decimal("1E+2")) == "100"
    assert amounts.as_typed(Fraction(1, 3)) == "1/3"
    assert amounts.as_typed(None) == ""


def test_in_chunks__nothing_is_left_out() -> None:
    assert list(in_chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(in_chunks(range(4), 2)) == [[0, 1], [2, 3]]
    assert list(in_chunks([], 2)) == []
