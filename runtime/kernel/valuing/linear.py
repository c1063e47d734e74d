"""Linear equations with exact fractions: the averages of pools that feed each other in a month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

ZERO = Fraction(0)


@dataclass(slots=True)
class Linear:
    """A value that is partly known and partly so many times an average still unknown."""

    known: Fraction | int = 0
    parts: dict[int, Fraction] = field(default_factory=dict)

    def add(self, other: "Linear", times: Fraction) -> None:
        """Add another one, so many times."""
        self.known += other.known * times
        for number, factor in other.parts.items():
            self.parts[number] = self.parts.get(number, ZERO) + factor * times


def solve(
    rows: Sequence[Mapping[int, Fraction]], known: Sequence[Fraction | int]
) -> list[Fraction] | None:
    """The one solution of as many equations as unknowns, or nothing where there is not one."""
    left = [{at: factor for at, factor in row.items() if factor} for row in rows]
    right = [Fraction(one) for one in known]
    waiting = set(range(len(left)))
    order: list[tuple[int, int]] = []
    while waiting:
        # The shortest equation first keeps a sparse system sparse.
        row = min(waiting, key=lambda number: (len(left[number]), number))
        if not left[row]:
            return None
        waiting.discard(row)
        pivot = min(left[row])
        order.append((row, pivot))
        for other in waiting:
            factor = left[other].pop(pivot, ZERO) / left[row][pivot]
            if factor:
                _subtract(left[other], left[row], factor, pivot)
                right[other] -= right[row] * factor
    solution = [ZERO] * len(left)
    for row, pivot in reversed(order):
        rest = sum((factor * solution[at] for at, factor in left[row].items() if at != pivot), ZERO)
        solution[pivot] = (right[row] - rest) / left[row][pivot]
    return solution


def _subtract(
    row: dict[int, Fraction], other: Mapping[int, Fraction], times: Fraction, pivot: int
) -> None:
    for at, factor in other.items():
        if at == pivot:
            continue
        changed = row.get(at, ZERO) - factor * times
        if changed:
            row[at] = changed
        else:
            row.pop(at, None)
