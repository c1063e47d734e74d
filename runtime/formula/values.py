"""Values and how they turn into one another: what Excel does, without a float or a guess."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from re import compile as pattern
from typing import Any, Final

from runtime.formula.cell_errors import (
    LENGTHS_DIFFER,
    LIMIT_STEPS,
    LIMIT_TEXT,
    NO_SUCH_DATE,
    NOT_A_BOOLEAN,
    NOT_A_DATE,
    NOT_A_NUMBER,
    NOT_A_TIME,
    WRONG_KIND,
    CellError,
    CellFaultError,
    LimitReachedError,
)
from runtime.formula.numbers import (
    ONE,
    ZERO,
    add,
    divide,
    multiply,
    plain,
    power,
    read_number,
    round_to,
    settled,
    small,
    subtract,
)

MAX_TEXT: Final = 32_767
MAX_STEPS: Final = 100_000
SECONDS_A_DAY: Final = Decimal(86_400)
_ISO: Final = pattern(
    r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})"
    r"(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?"
)
_CHINESE: Final = pattern(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日(.*)")
_CLOCK: Final = pattern(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: ?([AaPp])[Mm])?")
# A row that is only read in bulk costs so much less than an operation.
TEXT_A_STEP: Final = 64
ROWS_A_STEP: Final = 8
POWER_STEPS: Final = 50


@dataclass(frozen=True)
class Array:
    """The values of a column; a class of its own, so that nothing can grow or index it."""

    items: tuple[Any, ...]


Value = Decimal | str | bool | date | datetime | time | CellError | Array | None


class Work:
    """A budget of steps, for one formula or for all formulas of a record together."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Use up some steps; ends the evaluation when there are none left."""
        self.left -= steps
        if self.left < 0:
            raise LimitReachedError(LIMIT_STEPS)

    def read(self, rows: int) -> None:
        """Use up the steps of reading so many rows of a column."""
        self.spend(rows // ROWS_A_STEP)

    def weigh(self, values: Iterable[Any]) -> None:
        """Use up the steps of texts: long ones cost by their length, read or made."""
        for each in values:
            if isinstance(each, str) and len(each) >= TEXT_A_STEP:
                self.spend(len(each) // TEXT_A_STEP)


def to_number(value: Any) -> Decimal:
    """Nothing is 0, TRUE is 1, a text is read."""
    match value:
        case Decimal():
            return value
        case None:
            return ZERO
        case bool():
            return ONE if value else ZERO
        case str():
            return read_number(value)
    raise CellFaultError(NOT_A_NUMBER)


def to_text(value: Any) -> str:
    """Nothing is "", a number its digits, a date its ISO form."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case Decimal():
            return plain(value)
        case datetime():
            return value.isoformat(" ", "seconds")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("seconds")
    raise CellFaultError(WRONG_KIND)


def to_boolean(value: Any) -> bool:
    """Nothing and 0 are FALSE; of texts only TRUE and FALSE mean something."""
    match value:
        case bool():
            return value
        case None:
            return False
        case Decimal():
            return bool(value)
        case str() if value.upper() in ("TRUE", "FALSE"):
            return value.upper() == "TRUE"
    raise CellFaultError(NOT_A_BOOLEAN)


def to_date(value: Any) -> date:
    """A date or a datetime; a text in ISO order is read, or as 2026年2月9日."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and (found := _ISO.fullmatch(_plain_date(value.strip(" ")))):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        try:
            if found[4] is None:
                return date(year, month, day)
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - wall time
        except ValueError:
            pass  # 2026-02-30 is a text like any other
    raise CellFaultError(NOT_A_DATE)


def _plain_date(text: str) -> str:
    found = _CHINESE.fullmatch(text)
    return f"{found[1]}-{found[2]}-{found[3]}{found[4]}" if found else text


def to_time(value: Any) -> time:
    """The time of the day; a text such as 8:05 or 6:30 PM is read."""
    if isinstance(value, time):
        return value
    if isinstance(value, datetime):
        return value.time()
    found = _CLOCK.fullmatch(value.strip(" ")) if isinstance(value, str) else None
    if found is None:
        raise CellFaultError(NOT_A_TIME)
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    if found[4] is not None:
        if not 1 <= hour <= 12:
            raise CellFaultError(NOT_A_TIME)
        hour = hour % 12 + (12 if found[4] in "Pp" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise CellFaultError(NOT_A_TIME)
    return time(hour, minute, second)


def to_clock(value: Any) -> datetime | time:
    """What has an hour: a time, a datetime, a date at its midnight, or a text of one of them."""
    if isinstance(value, time):
        return value
    if isinstance(value, date):
        return midnight(value)
    text = value.strip(" ") if isinstance(value, str) else ""
    return to_time(text) if _CLOCK.fullmatch(text) else midnight(to_date(value))


def check_text(text: str) -> str:
    """Refuse a text longer than a cell of Excel holds."""
    if len(text) > MAX_TEXT:
        raise LimitReachedError(LIMIT_TEXT)
    return text


def guarded(operation: Callable[..., Any], *arguments: Any) -> Any:
    """Call and turn a fault into the error value it stands for."""
    try:
        return operation(*arguments)
    except CellFaultError as fault:
        return fault.error


def lifted(work: Work, operation: Callable[..., Any], *arguments: Any) -> Any:
    """Apply to each row when an argument is a column; an error among the operands is the result."""
    arrays = [each for each in arguments if isinstance(each, Array)]
    if not arrays:
        for each in arguments:
            if isinstance(each, CellError):
                return each
        work.weigh(arguments)
        work.spend(getattr(operation, "steps", 0))
        found = guarded(operation, *arguments)
        work.weigh((found,))
        return found
    length = max(len(each.items) for each in arrays)
    work.spend(length)
    return Array(
        tuple(
            lifted(work, operation, *(row_of(each, place) for each in arguments))
            for place in range(length)
        )
    )


def row_of(value: Any, place: int) -> Any:
    """What stands in a row of a column; a single value stands in every row."""
    if not isinstance(value, Array):
        return value
    return value.items[place] if place < len(value.items) else LENGTHS_DIFFER


def plus(left: Any, right: Any) -> Value:
    """Add numbers, days to a date, or a time to a date."""
    if isinstance(left, time) or isinstance(right, time):
        return _with_time(left, right)
    if isinstance(left, date):
        return move(left, right)
    return move(right, left) if isinstance(right, date) else add(to_number(left), to_number(right))


def _with_time(left: Any, right: Any) -> Value:
    """A date and a time of the day make a datetime; nothing else goes with a time."""
    day, clock = (right, left) if isinstance(left, time) else (left, right)
    if day is None or day == "":
        return None
    if not isinstance(day, date):
        raise CellFaultError(WRONG_KIND)
    try:
        return midnight(day) + timedelta(seconds=seconds_of(clock))
    except OverflowError:
        raise CellFaultError(NO_SUCH_DATE) from None


def seconds_of(clock: time) -> int:
    """The seconds since midnight."""
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def minus(left: Any, right: Any) -> Value:
    """Subtract numbers, days from a date, a date from a date, or a time from a time (in days)."""
    if isinstance(right, date) or (isinstance(left, time) and isinstance(right, time)):
        return days_between(left, right)
    if isinstance(left, date):
        return move(left, subtract(ZERO, to_number(right)))
    return subtract(to_number(left), to_number(right))


def days_between(left: Any, right: Any) -> Value:
    """The days from `right` to `left`, dates or times; nothing when one of them is empty."""
    if left is None or left == "" or right is None or right == "":
        return None
    if isinstance(left, time) and isinstance(right, time):
        return divide(Decimal(seconds_of(left) - seconds_of(right)), SECONDS_A_DAY)
    left, right = to_date(left), to_date(right)
    if not isinstance(left, datetime) and not isinstance(right, datetime):
        return Decimal((left - right).days)
    gap = midnight(left) - midnight(right)
    return divide(Decimal(gap.days * 86_400 + gap.seconds), SECONDS_A_DAY)


def midnight(value: date) -> datetime:
    """The wall time a date begins at; a datetime stays."""
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - wall time


def move(start: date, days: Any) -> date:
    """A date plus whole days, a datetime plus days rounded to the second."""
    if isinstance(days, date):
        raise CellFaultError(WRONG_KIND)
    count = to_number(days)
    try:
        if isinstance(start, datetime):
            seconds = round_to(multiply(count, SECONDS_A_DAY), ZERO)
            return start + timedelta(seconds=small(seconds, 10**12))
        return start + timedelta(days=small(count))
    except OverflowError:
        raise CellFaultError(NO_SUCH_DATE) from None


def negative(value: Any) -> Decimal:
    """Change the sign."""
    return subtract(ZERO, to_number(value))


def percent(value: Any) -> Decimal:
    """A hundredth."""
    return divide(to_number(value), Decimal(100))


def join(left: Any, right: Any) -> str:
    """Put two texts together."""
    return check_text(to_text(left) + to_text(right))


def compare(left: Any, right: Any) -> int:
    """Less, equal or greater as -1, 0, 1: Excel's order is number or date, text, FALSE, TRUE."""
    left, right = _like(left, right), _like(right, left)
    rank = _rank(left) - _rank(right)
    if rank:
        return -1 if rank < 0 else 1
    if isinstance(left, date | time) or isinstance(right, date | time):
        return _compare_days(left, right)
    if isinstance(left, str) and isinstance(right, str):
        left, right = left.lower(), right.lower()
    elif isinstance(left, Decimal) and isinstance(right, Decimal):
        left, right = settled(left), settled(right)
    return 1 if left > right else -1 if left < right else 0


def _like(value: Any, other: Any) -> Any:
    """Nothing means 0, "" or FALSE, whichever it is compared with."""
    if value is not None:
        return value
    match other:
        case str():
            return ""
        case bool():
            return False
    return ZERO


def _rank(value: Any) -> int:
    return 2 if isinstance(value, bool) else 1 if isinstance(value, str) else 0


def _compare_days(left: Any, right: Any) -> int:
    """An empty date or time is before all; one and a number or one of the other have no order."""
    if left == ZERO:
        return -1
    if right == ZERO:
        return 1
    if kind_of(left) is not kind_of(right):
        raise CellFaultError(WRONG_KIND)
    if isinstance(left, date):
        left, right = midnight(left), midnight(right)
    return 1 if left > right else -1 if left < right else 0


def kind_of(value: Any) -> type:
    """What is compared with its like only: numbers, dates (with and without a time), …"""
    return date if isinstance(value, datetime) else type(value)


# What values of one kind are compared by; far faster than `compare`, which takes any two.
KEYS: Final[dict[type, Callable[[Any], Any]]] = {
    Decimal: settled,
    str: lambda text: text.lower(),
    bool: lambda truth: truth,
    date: midnight,
    time: lambda clock: clock,
}


def in_order(items: Sequence[Any]) -> list[Any]:
    """Sorted as Excel sorts: numbers or dates, texts, FALSE, TRUE; nothing stands last."""
    groups: dict[type, list[Any]] = {kind: [] for kind in (Decimal, date, time, str, bool)}
    for each in items:
        if each is not None:
            groups[kind_of(each)].append(each)
    if sum(bool(groups[kind]) for kind in (Decimal, date, time)) > 1:
        raise CellFaultError(WRONG_KIND)
    found = [each for kind, group in groups.items() for each in sorted(group, key=KEYS[kind])]
    return found + [None] * (len(items) - len(found))


def times(left: Any, right: Any) -> Decimal:
    """Multiply."""
    return multiply(to_number(left), to_number(right))


def over(left: Any, right: Any) -> Decimal:
    """Divide."""
    return divide(to_number(left), to_number(right))


def raised(left: Any, right: Any) -> Decimal:
    """Raise to a power, which takes far longer than the other operations."""
    return power(to_number(left), to_number(right))


raised.steps = POWER_STEPS  # type: ignore[attr-defined]
