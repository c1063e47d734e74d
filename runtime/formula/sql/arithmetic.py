"""Sums, products and quotients with proved ranges."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from runtime.formula.cell_errors import DIVISION_BY_ZERO
from runtime.formula.numbers import small, whole
from runtime.formula.sql.dialect import Dialect, Rounded
from runtime.formula.sql.element import Element, Sql, UnsuitableError, fault_when
from runtime.formula.sql.value import Value
from runtime.infra.decimals import moved, shortest

MOST_SCALE: Final = 40


def literal(dialect: Dialect, value: Decimal) -> Value:
    """A number of the formula."""
    sign, digits, exponent = shortest(value).as_tuple()
    assert isinstance(exponent, int), "a literal is finite"
    scale = max(-exponent, 0)
    units = int("".join(map(str, digits))) * 10 ** max(exponent, 0) * (-1 if sign else 1)
    return exactly(dialect, units, scale, value)


def exactly(dialect: Dialect, units: int, scale: int, known: Decimal | None = None) -> Value:
    """A number whose units are known."""
    sql = dialect.number(units, scale)
    return Value("number", sql, scale=scale, low=units, high=units, known=known)


def integer(dialect: Dialect, sql: Element, low: int, high: int) -> Value:
    """A number that is a small integer of the database."""
    return Value("number", dialect.from_integer(sql), low=low, high=high)


def aligned(dialect: Dialect, value: Value, scale: int) -> Value:
    """The number in smaller units."""
    steps = scale - value.scale
    assert steps >= 0, "digits are never lost here"
    if value.low == value.high and not value.nullable:
        units = value.low * 10**steps
        return exactly(dialect, units, scale, value.known).with_signs(value)
    return replace(
        value,
        sql=dialect.rescaled(value.sql, steps),
        scale=scale,
        low=value.low * 10**steps,
        high=value.high * 10**steps,
        factors=(),
        ratio=None,
    )


def add(dialect: Dialect, left: Value, right: Value, sign: int = 1) -> Value:
    """Left plus right, or minus it."""
    scale = max(left.scale, right.scale)
    a, b = aligned(dialect, left, scale), aligned(dialect, right, scale)
    low, high = (b.low, b.high) if sign > 0 else (-b.high, -b.low)
    made = Sql("({0} + {1})" if sign > 0 else "({0} - {1})", a.sql, b.sql)
    found = Value("number", made, scale=scale, low=a.low + low, high=a.high + high)
    return dialect.bounded(found).with_signs(left, right)


def negative(dialect: Dialect, value: Value) -> Value:
    """The other sign."""
    if value.low == value.high:
        return exactly(dialect, -value.low, value.scale).with_signs(value)
    made = Sql("(-{0})", value.sql)
    found = Value("number", made, scale=value.scale, low=-value.high, high=-value.low)
    return found.with_signs(value)


def multiply(dialect: Dialect, left: Value, right: Value) -> Value:
    """The product; its factors stay known, because a rounded product can be had more cheaply."""
    ends = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    scale = left.scale + right.scale
    made = Sql("({0} * {1})", left.sql, right.sql)
    if scale > MOST_SCALE:
        raise UnsuitableError("too many decimals")
    found = Value("number", made, scale=scale, low=min(ends), high=max(ends))
    found = dialect.bounded(found).with_signs(left, right)
    return replace(found, factors=(left, right))


def divide(dialect: Dialect, left: Value, right: Value) -> Value:
    """The quotient; a constant that divides evenly multiplies instead."""
    if right.low == right.high and right.low:
        even = _even(dialect, left, right)
        if even is not None:
            return even
    zero: Element | None = None
    if right.low <= 0 <= right.high:
        zero = fault_when(Sql("{0} = 0", right.sql), DIVISION_BY_ZERO)
    try:
        found = dialect.broken(left, right)
    except UnsuitableError:
        # Whoever rounds it does not need it as a number.
        found = replace(exactly(dialect, 0, 0), flag=Sql("(1 = 1)"))
    found = replace(found, fault=zero).with_signs(left, right)
    return replace(found, ratio=(left, right))


def _even(dialect: Dialect, left: Value, right: Value) -> Value | None:
    """Divide by 100, 4 or 0.5 without leaving decimals."""
    steps = next((n for n in range(19) if not 10**n % right.low), None)
    if steps is None:
        return None
    units = 10**steps // right.low * 10**right.scale
    while steps and not units % 10:
        units, steps = units // 10, steps - 1
    return multiply(dialect, left, exactly(dialect, units, steps)).with_signs(right)


def percent(dialect: Dialect, value: Value) -> Value:
    """A hundredth."""
    if value.low == value.high:
        return exactly(dialect, value.low, value.scale + 2).with_signs(value)
    return multiply(dialect, value, exactly(dialect, 1, 2))


def power(dialect: Dialect, base: Value, exponent: Value) -> Value:
    """A small whole power: products, as long as they are exact."""
    if exponent.low != exponent.high or exponent.scale or not 0 < exponent.low <= 20:
        raise UnsuitableError("a power that is no small whole number")
    found = base
    for _ in range(exponent.low - 1):
        found = multiply(dialect, found, base.bare())
        if max(abs(found.low), abs(found.high)) >= 10**34:
            raise UnsuitableError("a power with too many digits")
    return replace(found, factors=()).with_signs(exponent)


def settled(dialect: Dialect, scale: int, left: Value, right: Value) -> tuple[Value, Value]:
    """Two numbers in the same units without their guard digits, before they decide anything."""
    a, b = (aligned(dialect, dialect.finished(each), scale) for each in (left, right))
    return dialect.bounded(a), dialect.bounded(b)


def rounding(value: Value, how: str) -> Rounded:
    """How to round by digits that the formula says."""
    if not isinstance(value.known, Decimal):
        if value.low != value.high:
            raise UnsuitableError("the digits to round to are not written in the formula")
        return Rounded(how, whole(moved(Decimal(value.low), -value.scale)))
    return Rounded(how, small(value.known, 200))


def round_to(dialect: Dialect, value: Value, how: Rounded) -> Value:
    """Round a number, a product or a quotient."""
    digits = how.digits
    if value.ratio is not None:
        return _rounded_ratio(dialect, value, how)
    value = dialect.finished(value)
    if digits >= value.scale:
        return replace(value, factors=(), ratio=None)
    if value.factors and how.how in ("half", "down"):
        found = _rounded_product(dialect, value, how)
        if found is not None:
            return found
    made = dialect.rounded(value, how)
    return replace(
        _within(made, value, digits), fault=value.fault, flag=value.flag, lines=value.lines
    )


def _within(made: Element, value: Value, digits: int) -> Value:
    """A rounded number with the range it then has."""
    scale = max(digits, 0)
    step = 10 ** (value.scale - scale)
    least = 10 ** max(-digits, 0)
    low, high = value.low // step - least, -(-value.high // step) + least
    return Value("number", made, scale=scale, low=low, high=high)


def _rounded_ratio(dialect: Dialect, value: Value, how: Rounded) -> Value:
    assert value.ratio is not None, "a quotient has its parts"
    if how.digits < 0:
        raise UnsuitableError("a quotient rounded to tens")
    above, below = value.ratio
    made, flag = dialect.quotient(above, below, how)
    most = max(abs(above.low), abs(above.high)) * 10 ** (how.digits + below.scale)
    most = min(most // 10**above.scale + 1, dialect.limit)
    found = Value("number", made, flag=flag, scale=how.digits, low=-most, high=most)
    return replace(found.with_signs(above, below), fault=value.fault, lines=value.lines)


def _rounded_product(dialect: Dialect, value: Value, how: Rounded) -> Value | None:
    """Round a product whose exact digits do not fit, on integers.

    p * c with p = h * step + l: h * c is whole and l * c alone is rounded, for both have one sign.
    """
    left, right = value.factors
    steps = value.scale - how.digits
    if dialect.name != "sqlite" or how.digits < 0 or not 0 < steps <= 18:
        return None
    if value.flag is None or _fits(left, right, dialect.limit):
        return None
    step = 10**steps
    p, c = (left, right) if right.scale <= left.scale else (right, left)
    most = dialect.limit // step
    if most < 1:
        return None
    flag = None
    low, high = c.low, c.high
    if low < -most or high > most:
        flag = Sql(f"({{0}} NOT BETWEEN {-most} AND {most})", c.sql)
        low, high = max(low, -most), min(high, most)
    part = Value(
        "number",
        Sql(f"({{0}} % {step} * {{1}})", p.sql, c.sql),
        scale=steps,
        low=-dialect.limit if p.low < 0 or low < 0 else 0,
        high=dialect.limit,
    )
    rest = dialect.rounded(part, Rounded(how.how, 0))
    made = Sql(f"({{0}} / {step} * {{1}} + {{2}})", p.sql, c.sql, rest)
    ends = [a * b for a in (p.low, p.high) for b in (low, high)]
    found = Value(
        "number",
        made,
        flag=flag,
        scale=how.digits,
        low=min(ends) // step - 1,
        high=max(ends) // step + 2,
    )
    found = dialect.bounded(found).with_signs(left, right)
    return replace(found, fault=value.fault, lines=value.lines)


def _fits(left: Value, right: Value, limit: int) -> bool:
    ends = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    return -limit <= min(ends) and max(ends) <= limit
