"""What a command comes to before it is numbered: its place in time, its moves and other rows."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from runtime.kernel.moves import Move

Row = tuple[int | str | None, ...]

_EPOCH: Final = date(1970, 1, 1)
RANKS_PER_SECOND: Final = 8
_SECONDS_PER_DAY: Final = 86400

# On one day goods come in before they go out; a clock time or the company's rule overrides that.
RANK: Final[dict[str, int]] = {
    "receive": 0,
    "transfer": 1,
    "assemble": 1,
    "issue": 2,
    "purchase_return": 2,
    "sales_return": 3,
    "count": 4,
    "value": 5,
}


@dataclass(frozen=True, slots=True)
class Planned:
    """The moves of a posting, whose ids are their places in it, and what else it writes.

    A move whose `ord` is 0 takes the posting's own order; others stand elsewhere in time and keep
    it. `start` is the earliest moment that is touched, with nothing for the posting's own order.
    `pools` are those whose values change although nothing moves there. `extras` are rows of other
    tables, with nothing where the posting's number belongs.
    """

    kind: str
    business_date: str
    at: int
    moves: tuple[Move, ...]
    # Seen before locking: a pool has moves at or after this moment, or something is undone.
    is_late: bool = False
    start: tuple[int, int | None] | None = None
    voids: int | None = None
    reverses: int | None = None
    pools: tuple[int, ...] = ()
    extras: tuple[tuple[str, Row], ...] = ()


def moment(when: date, rank: int, *, in_sequence: bool) -> int:
    """The business time as one number: seconds, and within one date the rank of the kind."""
    seconds = (when.toordinal() - _EPOCH.toordinal()) * _SECONDS_PER_DAY
    if isinstance(when, datetime):
        assert when.tzinfo is None, "business time is local; it has no zone"
        seconds += when.hour * 3600 + when.minute * 60 + when.second
        rank = 0
    return seconds * RANKS_PER_SECOND + (0 if in_sequence else rank)


def day_of(when: date) -> str:
    """The business date as text, `2026-11-21`."""
    return when.isoformat()[:10]


def day_at(at: int) -> str:
    """The business date of a moment."""
    return day_of(_EPOCH + timedelta(days=at // (RANKS_PER_SECOND * _SECONDS_PER_DAY)))
