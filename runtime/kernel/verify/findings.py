"""The answer of the proof for one invariant."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether an invariant holds, over how many things, and what breaks it."""

    id: str
    ok: bool
    checked: int
    detail: str


def finding(number: str, says: str, checked: int, broken: Sequence[str]) -> Finding:
    """The finding that nothing, or something, is broken."""
    detail = f"{says}; broken at: {', '.join(broken)}" if broken else says
    return Finding(number, not broken, checked, detail)
