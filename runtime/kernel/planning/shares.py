"""Splitting a sum by largest remainder: parts always add up, of equal claims the last wins."""

from collections.abc import Sequence
from fractions import Fraction


def split(total: int, weights: Sequence[tuple[int, int]]) -> list[int]:
    """Parts of a whole number in proportion to exact weights, none of them negative."""
    if len(weights) == 1:
        return [total]
    shares = [Fraction(*weight) for weight in weights]
    whole = sum(shares)
    if not whole:
        shares, whole = [Fraction(1)] * len(shares), Fraction(len(shares))
    sign = -1 if total < 0 else 1
    exact = [abs(total) * share / whole for share in shares]
    parts = [int(part) for part in exact]
    left = abs(total) - sum(parts)
    by_claim = sorted(
        range(len(parts)), key=lambda place: (exact[place] - parts[place], place), reverse=True
    )
    for place in by_claim[:left]:
        parts[place] += 1
    return [sign * part for part in parts]
