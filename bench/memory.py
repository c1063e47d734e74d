"""How much memory a piece of work takes at its most."""

from collections.abc import Callable
from pathlib import Path

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


def taken(work: Callable[[], object]) -> float:
    """The megabytes by which the resident memory of this process grows, at the most."""
    # 5 sets the high-water mark back to what is resident now.
    _RESET.write_text("5")
    before = _megabytes("VmRSS")
    work()
    return _megabytes("VmHWM") - before


def _megabytes(name: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024
