"""Dates by whole numbers: years, months and days, and the number of a day."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from runtime.formula.cell_errors import NO_SUCH_DATE, NOT_A_DATE, OUT_OF_RANGE
from runtime.formula.sql import arithmetic, dates
from runtime.formula.sql.compiler import Builder, Compiler
from runtime.formula.sql.convert import known_date
from runtime.formula.sql.dialect import LAST_DAY
from runtime.formula.sql.element import Element, Sql, UnsuitableError, fault_when, first
from runtime.formula.sql.native.eager import constant, eager
from runtime.formula.sql.value import Value

MAX_MONTHS: Final = 200_000
_MOST: Final = 10**9
# The weekday a week of a kind begins with (Monday is 0), and the number of that day.
WEEKS: Final = {
    1: (6, 1),
    2: (0, 1),
    3: (0, 0),
    17: (6, 1),
    **{10 + n: (n - 1, 1) for n in range(1, 7)},
}


def today(compiler: Compiler) -> Value:
    """TODAY."""
    return Value("date", compiler.dialect.date_literal(compiler.clock.moment().date()))


def now(compiler: Compiler) -> Value:
    """NOW."""
    return Value("datetime", compiler.dialect.moment_literal(compiler.clock.moment()))


def _part(name: str, most: int) -> Callable[[Compiler, Value], Value]:
    def part(compiler: Compiler, given: Value) -> Value:
        if given.kind == "empty":
            return given
        if given.kind == "date" and name in ("hour", "minute", "second"):
            return arithmetic.exactly(compiler.dialect, 0, 0)
        made = compiler.dialect.part(name, given.sql)
        return arithmetic.integer(compiler.dialect, made, 0, most)

    return part


def _month(compiler: Compiler, given: Value) -> Element:
    """The months from the year 0 to a date."""
    dialect = compiler.dialect
    year, month = dialect.part("year", given.sql), dialect.part("month", given.sql)
    return Sql("({0} * 12 + {1} - 1)", year, month)


def _inside(months: Element) -> Element:
    return Sql("({0} BETWEEN 12 AND 119999)", months)


def _days_of(months: Element) -> Element:
    """The days of a month."""
    year, month = "({0} / 12)", "({0} % 12)"
    leap = f"{year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0)"
    return Sql(
        f"CASE WHEN {month} = 1 THEN CASE WHEN {leap} THEN 29 ELSE 28 END"
        f" WHEN {month} IN (3, 5, 8, 10) THEN 30 ELSE 31 END",
        months,
    )


def _day_in(compiler: Compiler, months: Element, day: Element) -> Element:
    """The date of a day in a month, or its last."""
    inside = _inside(months)
    last = _days_of(months)
    fitting = compiler.dialect.least(day, last)
    year, month = Sql("({0} / 12)", months), Sql("({0} % 12 + 1)", months)
    return Sql("CASE WHEN {0} THEN {1} END", inside, compiler.dialect.made(year, month, fitting))


def _dated(made: Element, months: Element) -> Value:
    return Value("date", made, fault=fault_when(Sql("(NOT {0})", _inside(months)), NO_SUCH_DATE))


def date_(compiler: Compiler, year: Value, month: Value, day: Value) -> Value:
    """DATE."""
    dialect = compiler.dialect
    number = dialect.integer(year, _MOST)
    full = Sql("CASE WHEN {0} BETWEEN 0 AND 1899 THEN {0} + 1900 ELSE {0} END", number)
    months = Sql("(CAST({0} AS BIGINT) * 12 + {1} - 1)", full, dialect.integer(month, _MOST))
    first_day = dialect.ordinal(_day_in(compiler, months, Sql("1")))
    place = Sql("({0} + CAST({1} AS BIGINT) - 1)", first_day, dialect.integer(day, _MOST))
    found = dates.from_ordinal(dialect, place)
    outside = fault_when(Sql("(NOT {0})", _inside(months)), NO_SUCH_DATE)
    return replace(found, fault=first(outside, found.fault))


def edate(compiler: Compiler, given: Value, months: Value) -> Value:
    """EDATE."""
    later = Sql(
        "({0} + {1})", _month(compiler, given), compiler.dialect.integer(months, MAX_MONTHS)
    )
    return _dated(_day_in(compiler, later, compiler.dialect.part("day", given.sql)), later)


def eomonth(compiler: Compiler, given: Value, months: Value | None = None) -> Value:
    """EOMONTH."""
    later = _month(compiler, given)
    if months is not None:
        later = Sql("({0} + {1})", later, compiler.dialect.integer(months, MAX_MONTHS))
    return _dated(_day_in(compiler, later, Sql("31")), later)


def _ordinal(compiler: Compiler, given: Value) -> Element:
    return compiler.dialect.ordinal(dates.calendar(compiler.dialect, given).sql)


def days(compiler: Compiler, end: Value, start: Value) -> Value:
    """DAYS."""
    gap = Sql("({0} - {1})", _ordinal(compiler, end), _ordinal(compiler, start))
    return arithmetic.integer(compiler.dialect, gap, -LAST_DAY, LAST_DAY)


def datedif(compiler: Compiler, start: Value, end: Value, unit: Value | None = None) -> Value:
    """DATEDIF, with a unit written in the formula."""
    name = "D" if unit is None else unit.known
    if not isinstance(name, str):
        raise UnsuitableError("a unit that is not written in the formula")
    name = name.upper()
    dialect = compiler.dialect
    first_day, last_day = _ordinal(compiler, start), _ordinal(compiler, end)
    wrong = fault_when(Sql("({0} > {1})", first_day, last_day), OUT_OF_RANGE)
    gap = Sql("({0} - {1})", _month(compiler, end), _month(compiler, start))
    day, since = dialect.part("day", end.sql), dialect.part("day", start.sql)
    months = Sql("({0} - CASE WHEN {1} < {2} THEN 1 ELSE 0 END)", gap, day, since)
    match name:
        case "D":
            made = Sql("({0} - {1})", last_day, first_day)
        case "M":
            made = months
        case "Y":
            made = Sql("({0} / 12)", months)
        case "YM":
            made = Sql("({0} % 12)", months)
        case "MD" | "YD":
            passed = months if name == "MD" else Sql("({0} / 12 * 12)", months)
            then = _day_in(compiler, Sql("({0} + {1})", _month(compiler, start), passed), since)
            made = Sql("({0} - {1})", last_day, dialect.ordinal(then))
        case _:
            raise UnsuitableError("a unit there is not")
    found = arithmetic.integer(dialect, made, 0, LAST_DAY)
    return replace(found, fault=wrong)


def _weekday(place: Element, start: int) -> Element:
    """The days since a week began; the first day of the year 1 was a Monday."""
    return Sql(f"(({{0}} + {6 - start}) % 7)", place)


def _kind(value: Value | None) -> int:
    if value is None:
        return 1
    if value.low != value.high or value.scale:
        raise UnsuitableError("a kind of week that is not written in the formula")
    return value.low


def weekday(compiler: Compiler, given: Value, kind: Value | None = None) -> Value:
    """WEEKDAY."""
    chosen = _kind(kind)
    if chosen not in WEEKS:
        raise UnsuitableError("a kind of week there is not")
    start, number = WEEKS[chosen]
    made = Sql(f"({{0}} + {number})", _weekday(_ordinal(compiler, given), start))
    return arithmetic.integer(compiler.dialect, made, 0, 7)


def weeknum(compiler: Compiler, given: Value, kind: Value | None = None) -> Value:
    """WEEKNUM."""
    chosen = _kind(kind)
    if chosen == 21:
        return isoweeknum(compiler, given)
    if chosen == 3 or chosen not in WEEKS:
        raise UnsuitableError("a kind of week there is not")
    new_year = _new_year(compiler, given)
    offset = _weekday(new_year, WEEKS[chosen][0])
    made = Sql("(({0} - {1} + {2}) / 7 + 1)", _ordinal(compiler, given), new_year, offset)
    return arithmetic.integer(compiler.dialect, made, 1, 54)


def _new_year(compiler: Compiler, given: Value) -> Element:
    year = compiler.dialect.part("year", given.sql)
    return compiler.dialect.ordinal(compiler.dialect.made(year, Sql("1"), Sql("1")))


def isoweeknum(compiler: Compiler, given: Value) -> Value:
    """ISOWEEKNUM: the week belongs to the year of its Thursday."""
    dialect = compiler.dialect
    place = _ordinal(compiler, given)
    thursday = Sql("({0} - {1} + 3)", place, _weekday(place, 0))
    year = _new_year(compiler, Value("date", dialect.from_ordinal(thursday)))
    made = Sql("(({0} - {1}) / 7 + 1)", thursday, year)
    return arithmetic.integer(dialect, made, 1, 53)


def datevalue(compiler: Compiler, given: Value) -> Value:
    """DATEVALUE."""
    if given.kind == "text" and isinstance(given.known, str) and given.known:
        given = known_date(compiler.dialect, given.known)
    if given.kind not in dates.DATES:
        raise UnsuitableError("a text read as a date")
    wrong = fault_when(Sql("({0} IS NULL)", given.sql), NOT_A_DATE) if given.nullable else None
    found = dates.calendar(compiler.dialect, given)
    return replace(found, nullable=False, fault=first(given.fault, wrong))


def datedelta(compiler: Compiler, given: Value, later: Value) -> Value:
    """DATEDELTA."""
    return dates.move(compiler.dialect, replace(given, nullable=False), later)


def days360(compiler: Compiler, start: Value, end: Value, european: Value | None = None) -> Value:
    """DAYS360."""
    dialect = compiler.dialect
    begin, finish = dialect.part("day", start.sql), dialect.part("day", end.sql)
    months = Sql("({0} - {1})", _month(compiler, end), _month(compiler, start))
    if european is not None and european.known is not False:
        if european.known is not True:
            raise UnsuitableError("a way of counting that is not written in the formula")
        begin, finish = (dialect.least(each, Sql("30")) for each in (begin, finish))
    else:
        last = Sql("({0} = {1})", begin, _days_of(_month(compiler, start)))
        february = Sql("({0} = 2 AND {1})", dialect.part("month", start.sql), last)
        begin = Sql("CASE WHEN {0} = 31 OR {1} THEN 30 ELSE {0} END", begin, february)
        finish = Sql("CASE WHEN {0} = 31 AND {1} = 30 THEN 30 ELSE {0} END", finish, begin)
    made = Sql("({0} * 30 + {1} - {2})", months, finish, begin)
    return arithmetic.integer(dialect, made, -LAST_DAY, LAST_DAY)


DATES: Final[Mapping[str, Builder]] = {
    "TODAY": constant(today),
    "NOW": constant(now),
    "DATE": eager(date_),
    "YEAR": eager(_part("year", 9999)),
    "MONTH": eager(_part("month", 12)),
    "DAY": eager(_part("day", 31)),
    "HOUR": eager(_part("hour", 23)),
    "MINUTE": eager(_part("minute", 59)),
    "SECOND": eager(_part("second", 59)),
    "EDATE": eager(edate),
    "EOMONTH": eager(eomonth),
    "DAYS": eager(days),
    "DATEDIF": eager(datedif),
    "WEEKDAY": eager(weekday),
    "WEEKNUM": eager(weeknum),
    "ISOWEEKNUM": eager(isoweeknum),
    "DATEVALUE": eager(datevalue),
    "DATEDELTA": eager(datedelta),
    "DAYS360": eager(days360),
}
