"""What a benchmark answers: our figure, the bare one of the same run, and the goal."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """One comparison. `cost` is how many times dearer we are than the bare work; goals bound it.

    Without bare work (`bare` is None) the figure itself is compared with the goal, and less is
    better: seconds to start, megabytes in memory.
    """

    name: str
    database: str
    unit: str  # "lines/s", "requests/s": more is better; "s", "ms", "MB": less is better
    ours: float
    bare: float | None = None
    goal: float | None = None

    @property
    def is_rate(self) -> bool:
        """Whether a larger figure is the better one."""
        return self.unit.endswith("/s")

    @property
    def cost(self) -> float:
        """Ours against bare, 1 is as good as bare; the figure itself where there is no bare."""
        if self.bare is None:
            return self.ours
        return self.bare / self.ours if self.is_rate else self.ours / self.bare

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met, None where there is none."""
        return None if self.goal is None else self.cost <= self.goal


def rate(work: Callable[[], int], repeats: int = 3) -> float:
    """Median of units per second; `work` does something and says how many units it did."""

    def once() -> float:
        began = time.perf_counter()
        done = work()
        return done / (time.perf_counter() - began)

    return statistics.median(once() for _ in range(repeats))


def side_by_side(
    ours: Callable[[], int], bare: Callable[[], int], repeats: int = 3
) -> tuple[float, float]:
    """Both rates after a warm-up, measured in turns, because a shared machine drifts."""
    for work in (ours, bare):
        work()
    pairs = [(rate(ours, 1), rate(bare, 1)) for _ in range(repeats)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)
