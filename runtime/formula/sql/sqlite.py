"""SQLite: numbers are scaled 64-bit integers, dates ISO texts.

Integer arithmetic that leaves 64 bits becomes a float there, which is looked for where it may
happen: such rows are Python's. Every number kept stays within ±LIMIT, so that one step more (half a
unit to round, the double to compare) cannot leave 64 bits unseen.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from runtime.formula.sql.dialect import DAY, Dialect, Rounded
from runtime.formula.sql.element import Element, Sql, UnsuitableError, any_of, text
from runtime.formula.sql.value import Value

LIMIT: Final = 4 * 10**18
_PARTS: Final = {
    "year": (1, 4),
    "month": (6, 2),
    "day": (9, 2),
    "hour": (12, 2),
    "minute": (15, 2),
    "second": (18, 2),
}
_UNIX: Final = date(1970, 1, 1).toordinal()
_MOST_STEPS: Final = 18


class Sqlite(Dialect):
    """SQLite's words."""

    name = "sqlite"
    limit = LIMIT
    usual = None
    positions = "instr"

    def number(self, units: int, scale: int) -> Element:
        """Its units; beyond 64 bits there is no such number."""
        del scale
        if abs(units) > LIMIT:
            raise UnsuitableError("a number of the formula has too many digits")
        return Sql(str(units) if units >= 0 else f"({units})")

    def rescaled(self, number: Element, steps: int) -> Element:
        """Multiplied."""
        if steps > _MOST_STEPS:
            raise UnsuitableError("decimals too far apart")
        return Sql(f"({{0}} * {10**steps})", number) if steps else number

    def bounded(self, value: Value) -> Value:
        """Rows whose number leaves the range are flagged."""
        if value.low >= -LIMIT and value.high <= LIMIT:
            return value
        outside = f"NOT BETWEEN {-LIMIT} AND {LIMIT}" if value.low < -LIMIT else f"> {LIMIT}"
        flag = Sql(f"({{0}} {outside})", value.sql)
        return replace(
            value,
            flag=any_of(value.flag, flag),
            low=max(value.low, -LIMIT),
            high=min(value.high, LIMIT),
        )

    def finished(self, value: Value) -> Value:
        """It has no more than 19."""
        return value

    def rounded(self, value: Value, rounding: Rounded) -> Element:
        """Integer division goes towards zero."""
        steps = value.scale - rounding.digits
        if steps <= 0:
            return self.rescaled(value.sql, -steps)
        back = -rounding.digits if rounding.digits < 0 else 0
        if steps > _MOST_STEPS:
            raise UnsuitableError("decimals too far apart")
        found = self._stepped(value, 10**steps, rounding.how)
        return self.rescaled(found, back)

    def _stepped(self, value: Value, step: int, how: str) -> Element:
        match how:
            case "half" if value.low >= 0:
                return Sql(f"(({{0}} + {step // 2}) / {step})", value.sql)
            case "half":
                half = f"CASE WHEN {{0}} < 0 THEN {-step // 2} ELSE {step // 2} END"
                return Sql(f"(({{0}} + {half}) / {step})", value.sql)
            case "down":
                return Sql(f"({{0}} / {step})", value.sql)
            case "floor":
                return Sql(f"({{0}} / {step} - ({{0}} % {step} < 0))", value.sql)
            case "ceiling":
                return Sql(f"({{0}} / {step} + ({{0}} % {step} > 0))", value.sql)
        away = f"({{0}} % {step} > 0) - ({{0}} % {step} < 0)"
        return Sql(f"({{0}} / {step} + {away})", value.sql)

    def quotient(self, above: Value, below: Value, rounding: Rounded) -> tuple[Element, Element]:
        """One integer division; the rest decides how it is rounded."""
        shift = max(rounding.digits, 0) - above.scale + below.scale
        top = self.rescaled(above.sql, max(shift, 0))
        bottom = self.rescaled(below.sql, max(-shift, 0))
        half = LIMIT // 2
        flag = Sql(
            f"({{0}} NOT BETWEEN {-half} AND {half} OR {{1}} NOT BETWEEN {-LIMIT} AND {LIMIT})",
            top,
            bottom,
        )
        size = "CASE WHEN {{{0}}} < 0 THEN -{{{0}}} ELSE {{{0}}} END"
        n, d = size.format(0), size.format(1)
        sign = "CASE WHEN ({0} < 0) = ({1} < 0) THEN 1 ELSE -1 END"
        whole, rest = "{0} / nullif({1}, 0)", "{0} % nullif({1}, 0)"
        match rounding.how:
            case "half":
                made = f"((2 * ({n}) + {d}) / nullif(2 * ({d}), 0) * {sign})"
            case "down":
                made = f"({whole})"
            case "up":
                made = f"(({n} + {d} - 1) / nullif({d}, 0) * {sign})"
            case "floor":
                made = f"({whole} - ({rest} <> 0 AND ({{0}} < 0) <> ({{1}} < 0)))"
            case _:
                made = f"({whole} + ({rest} <> 0 AND ({{0}} < 0) = ({{1}} < 0)))"
        return Sql(made, top, bottom), flag

    def broken(self, above: Value, below: Value) -> Value:
        """Only quotients with few decimals are numbers here; other rows are Python's."""
        scale = min(max(above.scale, 6), 9)
        shift = scale - above.scale + below.scale
        top = self.rescaled(above.sql, max(shift, 0))
        bottom = self.rescaled(below.sql, max(-shift, 0))
        flag = Sql(
            f"({{0}} NOT BETWEEN {-LIMIT} AND {LIMIT} OR {{1}} NOT BETWEEN {-LIMIT} AND {LIMIT}"
            " OR {0} % nullif({1}, 0) <> 0)",
            top,
            bottom,
        )
        most = max(abs(above.low), abs(above.high)) * 10 ** max(shift, 0)
        most = min(most, LIMIT)
        made = Sql("({0} / nullif({1}, 0))", top, bottom)
        return Value("number", made, flag=flag, scale=scale, low=-most, high=most)

    def remainder(self, above: Element, below: Element) -> Element:
        """Integer remainder."""
        return Sql("({0} % nullif({1}, 0))", above, below)

    def from_integer(self, integer: Element) -> Element:
        """They are the same."""
        return integer

    def integer(self, value: Value, limit: int) -> Element:
        """Divided towards zero."""
        whole = Sql(f"({{0}} / {10**value.scale})", value.sql) if value.scale else value.sql
        step = 10**value.scale
        if -limit * step <= value.low and value.high <= limit * step:
            return whole
        return Sql(f"max(min({{0}}, {limit}), {-limit})", whole)

    def number_text(self, value: Value) -> Element:
        """The whole part, the decimals with their zeros cut off, and the sign."""
        if not value.scale:
            return Sql("CAST({0} AS TEXT)", value.sql)
        step = 10**value.scale
        size = "CASE WHEN {0} < 0 THEN -{0} ELSE {0} END"
        digits = f"printf('%d.%0{value.scale}d', ({size}) / {step}, ({size}) % {step})"
        sign = "CASE WHEN {0} < 0 THEN '-' ELSE '' END"
        return Sql(f"({sign} || rtrim(rtrim({digits}, '0'), '.'))", value.sql)

    def total(self, value: Value) -> tuple[Element, Element | None]:
        """Summed in two halves, because sum() fails where it would leave 64 bits."""
        if value.low >= -(10**12) and value.high <= 10**12:
            return Sql("coalesce(sum({0}), 0)", value.sql), None
        high, low = "coalesce(sum({0} >> 32), 0)", "coalesce(sum({0} & 4294967295), 0)"
        whole = f"({high} + {low} / 4294967296)"
        limit = LIMIT // 2**32
        flag = Sql(f"({whole} NOT BETWEEN {-limit} AND {limit - 1})", value.sql)
        # Where it is too large the product would be a float: such rows are flagged.
        return Sql(f"({whole} * 4294967296 + {low} % 4294967296)", value.sql), flag

    def least(self, *found: Element) -> Element:
        """min() of several arguments."""
        return _several("min", found)

    def greatest(self, *found: Element) -> Element:
        """max() of several arguments."""
        return _several("max", found)

    def ordinal(self, day: Element) -> Element:
        """By whole seconds, which are integers."""
        return Sql(f"(unixepoch({{0}}) / {DAY} + {_UNIX})", day)

    def from_ordinal(self, number: Element) -> Element:
        """By whole seconds."""
        return Sql(f"date(({{0}} - {_UNIX}) * {DAY}, 'unixepoch')", number)

    def made(self, year: Element, month: Element, day: Element) -> Element:
        """Written as ISO."""
        return Sql("printf('%04d-%02d-%02d', {0}, {1}, {2})", year, month, day)

    def part(self, name: str, moment: Element) -> Element:
        """Cut out of the text; a date has no hours: the cut is empty and means 0."""
        start, count = _PARTS[name]
        return Sql(f"CAST(substr({{0}}, {start}, {count}) AS INTEGER)", moment)

    def day_of(self, moment: Element) -> Element:
        """The first ten characters."""
        return Sql("substr({0}, 1, 10)", moment)

    def midnight(self, day: Element) -> Element:
        """With its hours."""
        return Sql("({0} || ' 00:00:00')", day)

    def seconds(self, moment: Element) -> Element:
        """Since 1970, moved to the first day."""
        return Sql(f"(unixepoch({{0}}) + {_UNIX * DAY})", moment)

    def from_seconds(self, number: Element) -> Element:
        """Since 1970."""
        return Sql(f"datetime({{0}} - {_UNIX * DAY}, 'unixepoch')", number)

    def date_literal(self, day: date) -> Element:
        """As text."""
        return text(day.isoformat())

    def moment_literal(self, moment: datetime) -> Element:
        """As text."""
        return text(moment.isoformat(" ", "seconds"))

    def wall(self, instant: Element, offset: int) -> Element:
        """Without the fraction, moved."""
        return Sql(f"datetime(substr({{0}}, 1, 19), '{offset:+} seconds')", instant)

    def instant_of(self, wall: Element, offset: int) -> Element:
        """The text a column keeps: one width, microseconds and Z."""
        moved = f"datetime({{0}}, '{-offset:+} seconds')"
        return Sql(f"(replace({moved}, ' ', 'T') || '.000000Z')", wall)

    def between_years(self, instant: Element, first: int, last: int) -> Element:
        """Texts sort like time."""
        return Sql(f"({{0}} >= '{first:04}' AND {{0}} < '{last:04}')", instant)

    def has_others(self, given: Element, ranges: Sequence[tuple[int, int]]) -> Element:
        """GLOB knows ranges of code points."""
        inside = "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
        return Sql("({0} GLOB {1})", given, text(f"*[^{inside}]*"))

    def repeated(self, given: Element, times: Element) -> Element:
        """Zeros in so many pairs, each replaced."""
        return Sql("replace(hex(zeroblob({1})), '00', {0})", given, times)

    def typed_number(self, given: Element) -> tuple[Element, Element, int]:
        """Whole numbers of at most 15 digits, with a sign or none."""
        digits = "ltrim({0}, '+-')"
        plain = (
            f"(length({digits}) BETWEEN 1 AND 15 AND {digits} NOT GLOB '*[^0-9]*'"
            f" AND length({{0}}) - length({digits}) <= 1)"
        )
        return Sql("CAST({0} AS INTEGER)", given), Sql(f"(NOT {plain})", given), 0

    def character(self, code: Element) -> Element:
        """char()."""
        return Sql("char({0})", code)

    def code_point(self, given: Element) -> Element:
        """unicode()."""
        return Sql("unicode({0})", given)

    def strung(self, given: Element, order: Element) -> Element:
        """group_concat()."""
        return Sql("coalesce(group_concat({0}, '' ORDER BY {1}), '')", given, order)

    def upper(self, given: Element) -> Element:
        """Only ASCII's letters anyway."""
        return Sql("upper({0})", given)

    def reversed(self, given: Element) -> Element:
        """Character by character, from the last."""
        step = "SELECT i - 1, s || substr({0}, i, 1) FROM r_ WHERE i > 0"
        rows = f"r_(i, s) AS (SELECT length({{0}}), '' UNION ALL {step})"
        return Sql(f"(WITH RECURSIVE {rows} SELECT s FROM r_ WHERE i = 0)", given)  # noqa: S608

    def bound(self, given: Element, made: str) -> Element:
        """Written out: a subquery costs more than computing twice."""
        return Sql(made, given)


def _several(name: str, found: Sequence[Element]) -> Element:
    if len(found) == 1:
        return found[0]
    return Sql(f"{name}({', '.join(f'{{{at}}}' for at in range(len(found)))})", *found)
