"""Counting working days without walking over them: all of time costs no more than a week."""

from bisect import bisect_left, bisect_right
from collections.abc import Set
from datetime import date

from runtime.formula.cell_errors import NO_SUCH_DATE, CellFaultError


class Calendar:
    """A week of seven digits from Monday on (1 is off), other days off, and weekends worked."""

    def __init__(
        self, week: str, off: Set[date] = frozenset(), worked: Set[date] = frozenset()
    ) -> None:
        self.week = [each == "0" for each in week]
        # Only what differs from the week counts; a day of both lists is off.
        self.off = sorted(day.toordinal() for day in off if self._works(day.toordinal()))
        self.worked = sorted(
            day.toordinal() for day in worked - off if not self._works(day.toordinal())
        )

    def between(self, first: date, last: date) -> int:
        """The working days from one date to a later one, both included."""
        return self._until(last.toordinal()) - self._until(first.toordinal() - 1)

    def moved(self, start: date, days: int) -> date:
        """The date so many working days later, or earlier."""
        day = start.toordinal()
        if days > 0:
            return self._reaching(self._until(day) + days)
        if days < 0:
            return self._reaching(self._until(day - 1) + days + 1)
        return start

    def _works(self, day: int) -> bool:
        """Whether the week has work on a day; the first day of year 1 was a Monday."""
        return self.week[(day - 1) % 7]

    def _until(self, day: int) -> int:
        """The working days up to a day since the beginning of time."""
        weeks, rest = divmod(day, 7)
        found = weeks * sum(self.week) + sum(self.week[:rest])
        return found - bisect_right(self.off, day) + bisect_right(self.worked, day)

    def _reaching(self, count: int) -> date:
        """The first day by which there have been so many working days."""
        days = range(1, date.max.toordinal() + 1)
        place = bisect_left(days, count, key=self._until)
        if count < 1 or place == len(days):
            raise CellFaultError(NO_SUCH_DATE)
        return date.fromordinal(days[place])
