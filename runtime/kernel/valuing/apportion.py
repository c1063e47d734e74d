"""Splitting a total by weights so that the parts always add up."""

from collections.abc import Sequence


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Parts by largest remainder, ties to the last; without any weight the last takes all."""
    whole = sum(weights)
    if whole <= 0:
        return [0] * (len(weights) - 1) + [total] if weights else []
    sign = 1 if total >= 0 else -1
    parts = []
    rests = []
    for place, weight in enumerate(weights):
        part, rest = divmod(abs(total) * weight, whole)
        parts.append(part)
        rests.append((rest, place))
    for _, place in sorted(rests, reverse=True)[: abs(total) - sum(parts)]:
        parts[place] += 1
    return [sign * part for part in parts]
