"""PostgreSQL: numbers are NUMERIC, rounded to 34 digits where Python rounds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from runtime.formula.sql.dialect import DAY, Dialect, Rounded
from runtime.formula.sql.element import Element, Sql, UnsuitableError, any_of, text
from runtime.formula.sql.value import Value
from runtime.infra.decimals import moved

DIGITS: Final = 34
_CLOCK: Final = ("hour", "minute", "second")
RESULT_DIGITS: Final = 28
LIMIT: Final = 10**DIGITS
# Where a rounded quotient is kept: enough decimals that its own rounding decides nothing.
_MOST_DECIMALS: Final = 90
_BEYOND: Final = 36
# A number with so many digits before the point is large for any business.
_ROOMY: Final = 12
# A thousand million of these still have 34 digits together.
_SUMMED: Final = 10**25
_FIRST: Final = "date '0001-01-01'"


class Postgresql(Dialect):
    """PostgreSQL's words."""

    name = "postgresql"
    limit = LIMIT
    usual = 10**7
    positions = "strpos"

    def number(self, units: int, scale: int) -> Element:
        """Typed, so that two whole numbers divide as decimals."""
        return Sql(f"({moved(Decimal(units), -scale):f})::numeric")

    def rescaled(self, number: Element, steps: int) -> Element:
        """The number itself is kept, not its units."""
        del steps
        return number

    def bounded(self, value: Value) -> Value:
        """Rounded to 34 digits where it may have more."""
        if value.low > -LIMIT and value.high < LIMIT:
            return value
        if value.scale > _MOST_DECIMALS:
            raise UnsuitableError("too many decimals")
        flag = value.flag
        if DIGITS - value.scale >= _ROOMY:
            # Asking whether it has more digits is cheaper than rounding, and nearly always not so.
            beyond = Sql(f"(abs({{0}}) >= 1e{DIGITS - value.scale})", value.sql)
            return replace(
                value,
                flag=any_of(flag, beyond),
                low=max(value.low, -LIMIT + 1),
                high=min(value.high, LIMIT - 1),
            )
        largest = LIMIT * 10**value.scale
        if value.low <= -largest or value.high >= largest:
            flag = any_of(flag, Sql(f"(abs({{0}}) >= 1e{DIGITS})", value.sql))
        return replace(
            value,
            sql=self.significant(value.sql, DIGITS),
            flag=flag,
            low=max(value.low, -largest),
            high=min(value.high, largest),
        )

    def finished(self, value: Value) -> Value:
        """Rounded to 28 digits where it may have more; where that is hardly so it is asked."""
        largest = 10**RESULT_DIGITS
        if value.low > -largest and value.high < largest:
            return value
        if RESULT_DIGITS - value.scale >= _ROOMY:
            beyond = Sql(f"(abs({{0}}) >= 1e{RESULT_DIGITS - value.scale})", value.sql)
            return replace(
                value,
                flag=any_of(value.flag, beyond),
                low=max(value.low, 1 - largest),
                high=min(value.high, largest - 1),
            )
        return replace(
            value, sql=self.significant(value.sql, RESULT_DIGITS), factors=(), ratio=None
        )

    def significant(self, number: Element, digits: int) -> Element:
        """Rounded half away from zero to so many digits, wherever the point is."""
        before = f"{digits} - length(trunc(abs({{0}}))::text)"
        after = f"{digits} + coalesce(length(substring(({{0}})::text from '\\.(0*)')), 0)"
        return self.bound(
            number, f"round({{0}}, CASE WHEN abs({{0}}) >= 1 THEN {before} ELSE {after} END)"
        )

    def rounded(self, value: Value, rounding: Rounded) -> Element:
        """round() is half away from zero."""
        digits = rounding.digits
        match rounding.how:
            case "half":
                return Sql(f"round({{0}}, {digits})", value.sql)
            case "down":
                return Sql(f"trunc({{0}}, {digits})", value.sql)
            case "floor" | "ceiling" if digits == 0:
                return Sql(f"{rounding.how}({{0}})", value.sql)
            case "floor" | "ceiling":
                up, down = f"1e{digits}::numeric", f"1e{-digits}::numeric"
                return Sql(f"({rounding.how}({{0}} * {up}) * {down})", value.sql)
        away = f"CASE WHEN {{0}} = trunc({{0}}, {digits}) THEN 0 ELSE sign({{0}}) END"
        return Sql(f"(trunc({{0}}, {digits}) + {away} * 1e{-digits}::numeric)", value.sql)

    def quotient(self, above: Value, below: Value, rounding: Rounded) -> tuple[Element, Element]:
        """Divided with so many decimals that none of those left out could decide.

        A quotient of whole numbers differs from the half between two roundings by 1 / (2 * divisor)
        at least, so decimals beyond the divisor's digits tell nothing new; and as long as the
        dividend has fewer than 33 digits, neither do those beyond 34.
        """
        digits = max(rounding.digits, 0)
        divisor = len(str(max(abs(below.low), abs(below.high), 1)))
        decimals = max(digits, above.scale) + divisor + 3
        if decimals > 400:
            raise UnsuitableError("too many decimals")
        made = Sql(f"(round({{0}}, {decimals}) / nullif({{1}}, 0))", above.sql, below.sql)
        most = 27 - max(digits + below.scale, above.scale)
        flag = Sql(f"(abs({{0}}) >= 1e{most}::numeric)", above.sql)
        held = replace(above, sql=made, scale=decimals)
        return self.rounded(held, rounding), flag

    def broken(self, above: Value, below: Value) -> Value:
        """A quotient of 34 digits."""
        divisor = len(str(max(abs(below.low), abs(below.high), 1)))
        scale = above.scale + max(divisor - below.scale, 0) + DIGITS
        decimals = scale + _BEYOND
        if scale > _MOST_DECIMALS:
            raise UnsuitableError("too many decimals")
        most = max(abs(above.low), abs(above.high)) * 10 ** (scale - above.scale + below.scale)
        made = Sql(f"(round({{0}}, {decimals}) / nullif({{1}}, 0))", above.sql, below.sql)
        found = Value("number", made, scale=scale, low=-most, high=most)
        return self.bounded(found)

    def remainder(self, above: Element, below: Element) -> Element:
        """Exact on NUMERIC."""
        return Sql("({0} % nullif({1}, 0))", above, below)

    def from_integer(self, integer: Element) -> Element:
        """As NUMERIC."""
        return Sql("({0})::numeric", integer)

    def integer(self, value: Value, limit: int) -> Element:
        """Cut towards zero, guard digits first."""
        value = self.finished(value)
        kind = "int" if limit < 2**31 else "bigint"
        return Sql(f"least(greatest(trunc({{0}}), {-limit}), {limit})::{kind}", value.sql)

    def number_text(self, value: Value) -> Element:
        """NUMERIC is written without an exponent."""
        return Sql("trim_scale({0})::text", value.sql)

    def total(self, value: Value) -> tuple[Element, Element | None]:
        """Exact on NUMERIC."""
        flag = None
        if max(abs(value.low), abs(value.high)) > _SUMMED:
            # Larger numbers could be rounded on the way.
            flag = Sql(f"(coalesce(max(abs({{0}})), 0) >= 1e{25 - value.scale})", value.sql)
        return Sql("coalesce(sum({0}), 0)", value.sql), flag

    def least(self, *found: Element) -> Element:
        """least()."""
        return _several("least", found)

    def greatest(self, *found: Element) -> Element:
        """greatest()."""
        return _several("greatest", found)

    def ordinal(self, day: Element) -> Element:
        """Days since the first."""
        return Sql(f"({{0}} - {_FIRST} + 1)", day)

    def from_ordinal(self, number: Element) -> Element:
        """Days since the first."""
        return Sql(f"({_FIRST} + ({{0}} - 1)::int)", number)

    def made(self, year: Element, month: Element, day: Element) -> Element:
        """make_date."""
        return Sql("make_date(({0})::int, ({1})::int, ({2})::int)", year, month, day)

    def part(self, name: str, moment: Element) -> Element:
        """extract(); seconds have no fraction here."""
        return Sql(f"extract({name} from ({{0}})::timestamp)::int", moment)

    def day_of(self, moment: Element) -> Element:
        """As DATE."""
        return Sql("({0})::date", moment)

    def midnight(self, day: Element) -> Element:
        """As TIMESTAMP."""
        return Sql("({0})::timestamp", day)

    def seconds(self, moment: Element) -> Element:
        """Days and the seconds of the day, both whole."""
        days = f"(({{0}})::date - {_FIRST} + 1)::bigint * {DAY}"
        clock = {name: f"extract({name} from ({{0}})::timestamp)::int" for name in _CLOCK}
        hours = f"{clock['hour']} * 3600 + {clock['minute']} * 60"
        return Sql(f"({days} + {hours} + {clock['second']})", moment)

    def from_seconds(self, number: Element) -> Element:
        """Days, then the seconds of the day."""
        day = f"({_FIRST} + ({{0}} / {DAY} - 1)::int)::timestamp"
        return Sql(f"({day} + make_interval(secs => ({{0}} % {DAY})::int))", number)

    def date_literal(self, day: date) -> Element:
        """A typed literal."""
        return Sql(f"date '{day.isoformat()}'")

    def moment_literal(self, moment: datetime) -> Element:
        """A typed literal."""
        return Sql(f"timestamp '{moment.isoformat(' ', 'seconds')}'")

    def wall(self, instant: Element, offset: int) -> Element:
        """Without the fraction, moved."""
        moved = f"({{0}} AT TIME ZONE 'UTC') + make_interval(secs => {offset})"
        return Sql(f"date_trunc('second', {moved})", instant)

    def instant_of(self, wall: Element, offset: int) -> Element:
        """Moved back."""
        return Sql(f"(({{0}} - make_interval(secs => {offset})) AT TIME ZONE 'UTC')", wall)

    def between_years(self, instant: Element, first: int, last: int) -> Element:
        """Compared as instants."""
        start, end = (f"timestamptz '{year:04}-01-01 00:00:00+00'" for year in (first, last))
        return Sql(f"({{0}} >= {start} AND {{0}} < {end})", instant)

    def has_others(self, given: Element, ranges: Sequence[tuple[int, int]]) -> Element:
        """A class of code points."""
        inside = "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
        return Sql("({0} ~ {1})", given, text(f"[^{inside}]"))

    def repeated(self, given: Element, times: Element) -> Element:
        """repeat()."""
        return Sql("repeat({0}, {1})", given, times)

    def typed_number(self, given: Element) -> tuple[Element, Element, int]:
        """Whole numbers of at most 15 digits, with a sign or none."""
        plain = "({0} ~ '^[+-]?[0-9]{{1,15}}$')"
        return (
            Sql(f"CASE WHEN {plain} THEN ({{0}})::numeric ELSE 0 END", given),
            Sql(f"(NOT {plain})", given),
            0,
        )

    def character(self, code: Element) -> Element:
        """chr()."""
        return Sql("chr({0})", code)

    def code_point(self, given: Element) -> Element:
        """ascii() knows more than ASCII."""
        return Sql("ascii({0})", given)

    def strung(self, given: Element, order: Element) -> Element:
        """string_agg()."""
        return Sql("coalesce(string_agg({0}, '' ORDER BY {1}), '')", given, order)

    def upper(self, given: Element) -> Element:
        """By code point, whatever the database's language."""
        return Sql('upper({0} COLLATE "C")', given)

    def reversed(self, given: Element) -> Element:
        """reverse()."""
        return Sql("reverse({0})", given)

    def bound(self, given: Element, made: str) -> Element:
        """A subquery that is not pulled up."""
        inner = made.replace("{0}", "n_.x")
        once = "(SELECT {0} AS x OFFSET 0) AS n_"
        return Sql(f"(SELECT {inner} FROM {once})", given)  # noqa: S608 - nobody's words in it

    def lower(self, given: Element) -> Element:
        """By code point, whatever the database's language."""
        return Sql('lower({0} COLLATE "C")', given)


def _several(name: str, found: Sequence[Element]) -> Element:
    return Sql(f"{name}({', '.join(f'{{{at}}}' for at in range(len(found)))})", *found)
