"""What the two databases say differently; everything else is written once."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import ClassVar, Final

from runtime.formula.sql.element import Element, Sql, UnsuitableError
from runtime.formula.sql.value import Value

FIRST_DAY: Final = date.min.toordinal()
LAST_DAY: Final = date.max.toordinal()
DAY: Final = 86_400
# Characters without capitals, as ranges: Chinese, Japanese, Korean, punctuation, signs, emoji.
# ASCII aside, a text with any other character is left to Python, whose tables decide.
CASELESS: Final = (
    (0x80, 0xB4), (0xD7, 0xD7), (0xF7, 0xF7), (0x2010, 0x205E), (0x20A0, 0x20C0),
    (0x2190, 0x23FF), (0x2500, 0x2BFF), (0x2E80, 0xA48F), (0xAC00, 0xD7A3), (0xF900, 0xFAFF),
    (0xFE30, 0xFE6F), (0xFF01, 0xFF20), (0xFF3B, 0xFF40), (0xFF5B, 0xFFEE),
    (0x1F300, 0x1FAFF), (0x20000, 0x3FFFD),
)  # fmt: skip
# Zones are read by their offset of these years, where it never changes; other years are Python's.
STEADY: Final = (1992, 2100)


@dataclass(frozen=True)
class Rounded:
    """How digits go: half away from zero, up, down, floor, ceiling."""

    how: str
    digits: int


class Dialect(ABC):
    """The words of one database."""

    name: ClassVar[str]
    # The largest number in units of its scale that is certainly exact.
    limit: ClassVar[int]
    # What numbers are nearly always smaller than, where knowing that makes them cheaper.
    usual: ClassVar[int | None]
    positions: ClassVar[str]  # where a text stands in another
    instant: ClassVar[str]

    @abstractmethod
    def number(self, units: int, scale: int) -> Element:
        """A number of the formula."""

    @abstractmethod
    def rescaled(self, number: Element, steps: int) -> Element:
        """The same number in units so many powers of ten smaller."""

    @abstractmethod
    def bounded(self, value: Value) -> Value:
        """The number inside what is exact: rounded as Python does, or flagged for Python."""

    @abstractmethod
    def finished(self, value: Value) -> Value:
        """The number as a result: of 28 digits."""

    @abstractmethod
    def rounded(self, value: Value, rounding: Rounded) -> Element:
        """The number rounded, in units of the digits (of 1 where they are negative)."""

    @abstractmethod
    def quotient(self, above: Value, below: Value, rounding: Rounded) -> tuple[Element, Element]:
        """A quotient rounded, in such units, and where it would not be exact."""

    @abstractmethod
    def broken(self, above: Value, below: Value) -> Value:
        """A quotient as a number of its own."""

    @abstractmethod
    def remainder(self, above: Element, below: Element) -> Element:
        """The rest of a division towards zero, both in the same units."""

    @abstractmethod
    def from_integer(self, integer: Element) -> Element:
        """An integer of the database as a number without decimals."""

    @abstractmethod
    def integer(self, value: Value, limit: int) -> Element:
        """A number without its decimals as an integer of the database, kept within ±limit."""

    @abstractmethod
    def number_text(self, value: Value) -> Element:
        """The digits of a number, without trailing zeros."""

    @abstractmethod
    def total(self, value: Value) -> tuple[Element, Element | None]:
        """The sum of a number over rows, and where it would leave what is exact."""

    @abstractmethod
    def least(self, *found: Element) -> Element:
        """The least of values that are all there."""

    @abstractmethod
    def greatest(self, *found: Element) -> Element:
        """The greatest of values that are all there."""

    @abstractmethod
    def ordinal(self, day: Element) -> Element:
        """The number of a date, 1 for the first of January of the year 1."""

    @abstractmethod
    def from_ordinal(self, number: Element) -> Element:
        """The date of a number, which is in range."""

    @abstractmethod
    def made(self, year: Element, month: Element, day: Element) -> Element:
        """The date of a year, a month and a day that exists."""

    @abstractmethod
    def part(self, name: str, moment: Element) -> Element:
        """The year, month, day, hour, minute or second as an integer."""

    @abstractmethod
    def day_of(self, moment: Element) -> Element:
        """The date of a date and time."""

    @abstractmethod
    def midnight(self, day: Element) -> Element:
        """The date and time a date begins at."""

    @abstractmethod
    def seconds(self, moment: Element) -> Element:
        """The seconds from the first day to a date and time."""

    @abstractmethod
    def from_seconds(self, number: Element) -> Element:
        """The date and time of a number of seconds, which is in range."""

    @abstractmethod
    def date_literal(self, day: date) -> Element:
        """A date."""

    @abstractmethod
    def moment_literal(self, moment: datetime) -> Element:
        """A date and time of the wall."""

    @abstractmethod
    def wall(self, instant: Element, offset: int) -> Element:
        """What a clock of the zone shows at an instant of a column."""

    @abstractmethod
    def instant_of(self, wall: Element, offset: int) -> Element:
        """The instant, as columns keep it, when the clock of the zone shows this."""

    @abstractmethod
    def between_years(self, instant: Element, first: int, last: int) -> Element:
        """Whether an instant of a column lies in those years."""

    @abstractmethod
    def has_others(self, given: Element, ranges: Sequence[tuple[int, int]]) -> Element:
        """Whether a text has a character outside of the ranges."""

    @abstractmethod
    def repeated(self, given: Element, times: Element) -> Element:
        """A text so many times."""

    @abstractmethod
    def typed_number(self, given: Element) -> tuple[Element, Element, int]:
        """A plainly written number in a text, where it is not plain, and its scale."""

    @abstractmethod
    def character(self, code: Element) -> Element:
        """The character of a code point."""

    @abstractmethod
    def code_point(self, given: Element) -> Element:
        """The code point of the first character of a text that is not empty."""

    @abstractmethod
    def strung(self, given: Element, order: Element) -> Element:
        """The texts of many rows in their order, put together."""

    @abstractmethod
    def upper(self, given: Element) -> Element:
        """A text in capitals, where it has no letters but ASCII's."""

    @abstractmethod
    def reversed(self, given: Element) -> Element:
        """A text backwards."""

    @abstractmethod
    def bound(self, given: Element, made: str) -> Element:
        """`made` of a value named {0} there, which is computed once."""

    def zone_offset(self, zone: tzinfo) -> int:
        """The seconds a zone is ahead of UTC, where it has always been so."""
        found = {
            datetime(year, month, 1, tzinfo=zone).utcoffset()
            for year in range(STEADY[0], STEADY[1])
            for month in range(1, 13)
        }
        offset = found.pop()
        if found or offset is None:
            raise UnsuitableError("the zone changes its clocks")
        return int(offset / timedelta(seconds=1))

    def cased(self, given: Element) -> Element:
        """Whether capitals in a text are only Python's to know."""
        return self.has_others(given, ((1, 0x7F), *CASELESS))

    def lower(self, given: Element) -> Element:
        """A text in small letters, where it has no letters but ASCII's."""
        return Sql("lower({0})", given)

    def joined(self, *texts: Element) -> Element:
        """Texts put together."""
        return Sql(" || ".join(f"{{{at}}}" for at in range(len(texts))).join("()"), *texts)

    def found(self, whole: Element, part: Element) -> Element:
        """Where a text first stands in another, 0 where it does not."""
        return Sql(f"{self.positions}({{0}}, {{1}})", whole, part)
