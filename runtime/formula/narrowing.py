"""Which rows of another form a criterion leaves, where that can be told before they are read."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from runtime.formula.criteria import has_wildcard
from runtime.formula.scope import Callee
from runtime.formula.types import NUMERIC, TEXTS


def pairs(callee: Callee, count: int) -> Iterator[tuple[int, int]]:
    """The places of arrays and criteria in a call with so many arguments."""
    yield from (pair for pair in callee.narrows if max(pair) < count)
    repeated = sum(each.repeated for each in callee.parameters)
    array, criterion = callee.narrows[-1]
    while repeated and max(array, criterion) + repeated < count:
        array, criterion = array + repeated, criterion + repeated
        yield array, criterion


def key_of(kind: str, wanted: Any) -> Any:
    """What a row must equal, if a criterion says that and nothing else; None if not.

    What reads as a number means the very text where texts stand (see criteria.py).
    """
    if kind == "reference":
        return int(wanted) if isinstance(wanted, str) and wanted.isdecimal() else None
    match wanted:
        case Decimal() if kind in NUMERIC:
            return wanted
        case datetime() if kind == "datetime":
            return None
        case date() if kind == "date" and not isinstance(wanted, datetime):
            return wanted
        case str() if kind in TEXTS and _is_plain(wanted):
            return wanted
    return None


def _is_plain(text: str) -> bool:
    """Whether a criterion of this text means just this text where texts stand."""
    return bool(text) and text[0] not in "<>=" and not has_wildcard(text)
