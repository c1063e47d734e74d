"""Numbers: signs, rounding, remainders."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from runtime.formula.cell_errors import DIVISION_BY_ZERO, OUT_OF_RANGE
from runtime.formula.sql import arithmetic, convert
from runtime.formula.sql.compiler import Builder, Compiler, Of
from runtime.formula.sql.element import Element, Sql, any_of, fault_when, first
from runtime.formula.sql.native.eager import constant, eager
from runtime.formula.sql.value import Value
from runtime.formula.tree import Call

_PI: Final = 3141592653589793238462643383279503
_SIZE: Final = "CASE WHEN {0} < 0 THEN -{0} ELSE {0} END"


def abs_(_: Compiler, number: Value) -> Value:
    """ABS."""
    if number.low >= 0:
        return number
    most = max(abs(number.low), abs(number.high))
    made = Sql(f"({_SIZE})", number.sql)
    return Value("number", made, scale=number.scale, low=0, high=most)


def sign(compiler: Compiler, number: Value) -> Value:
    """SIGN."""
    made = Sql("CASE WHEN {0} > 0 THEN 1 WHEN {0} < 0 THEN -1 ELSE 0 END", number.sql)
    return arithmetic.integer(compiler.dialect, made, -1, 1)


def rounder(how: str) -> Builder:
    """A builder of ROUND and its family; INT has no digits."""

    def build(compiler: Compiler, node: Call, of: Of) -> Value:
        del of
        digits = arithmetic.exactly(compiler.dialect, 0, 0)
        if len(node.arguments) > 1:
            digits = convert.number(compiler.dialect, compiler.of(node.arguments[1]))
        rounding = arithmetic.rounding(digits, how)
        value = compiler.rounded(node.arguments[0], rounding)
        rounded = value.kind == "number"
        number = convert.number(compiler.dialect, value)
        if not rounded:
            number = arithmetic.round_to(compiler.dialect, number, rounding)
        return number.with_signs(digits)

    return build


def to_multiple(compiler: Compiler, value: Value, step: Value, how: str) -> Value:
    """Rounded to a multiple of `step`, which is not zero where that counts."""
    scale = max(value.scale, step.scale)
    dialect = compiler.dialect
    a, b = arithmetic.settled(dialect, scale, value, step)
    rest = dialect.remainder(a.sql, b.sql)
    away = "CASE WHEN ({0} < 0) = ({1} < 0) THEN {1} ELSE -{1} END"
    down, up = "{0} - {2}", f"{{0}} - {{2}} + {away}"
    size = "CASE WHEN {%d} < 0 THEN -{%d} ELSE {%d} END"
    wants_up = {
        "up": "TRUE",
        "down": "FALSE",
        "ceiling": "{0} > 0",
        "floor": "{0} < 0",
        "half": f"2 * ({size % (2, 2, 2)}) >= {size % (1, 1, 1)}",
    }[how]
    made = f"CASE WHEN {{2}} = 0 THEN {{0}} WHEN {wants_up} THEN {up} ELSE {down} END"
    most = max(abs(a.low), abs(a.high)) + max(abs(b.low), abs(b.high))
    found = Value("number", Sql(made, a.sql, b.sql, rest), scale=scale, low=-most, high=most)
    return replace(dialect.bounded(found), lines=None).with_signs(_flags(a), _flags(b))


def _flags(value: Value) -> Value:
    return replace(value, fault=None)


def _or_zero(found: Value, zero: Element) -> Value:
    """0 where the condition holds; no fault there."""
    fault = (
        None
        if found.fault is None
        else Sql("CASE WHEN {0} THEN NULL ELSE {1} END", zero, found.fault)
    )
    made = Sql("CASE WHEN {0} THEN 0 ELSE {1} END", zero, found.sql)
    return replace(found, sql=made, fault=fault, low=min(found.low, 0), high=max(found.high, 0))


def _one(compiler: Compiler) -> Value:
    return arithmetic.exactly(compiler.dialect, 1, 0)


def ceiling(compiler: Compiler, number: Value, step: Value | None = None) -> Value:
    """CEILING."""
    return _to_step(compiler, number, step, "ceiling", "up", "({0} = 0 OR {1} = 0)")


def floor(compiler: Compiler, number: Value, step: Value | None = None) -> Value:
    """FLOOR."""
    found = _to_step(compiler, number, step, "floor", "down", "({0} = 0)")
    if step is None:
        return found
    zero = fault_when(Sql("({1} <> 0 AND {0} = 0)", step.sql, number.sql), DIVISION_BY_ZERO)
    return replace(found, fault=first(zero, found.fault))


def _to_step(
    compiler: Compiler, number: Value, step: Value | None, how: str, negative: str, zero: str
) -> Value:
    step = step or _one(compiler)
    wrong = fault_when(Sql("({0} > 0 AND {1} < 0)", number.sql, step.sql), OUT_OF_RANGE)
    if step.low > 0:
        found = to_multiple(compiler, number, step, how)
    else:
        plus = to_multiple(compiler, number, step, how)
        minus = to_multiple(compiler, number, step, negative)
        made = Sql("CASE WHEN {0} < 0 THEN {1} ELSE {2} END", step.sql, minus.sql, plus.sql)
        found = replace(plus, sql=made, fault=wrong, flag=any_of(plus.flag, minus.flag))
    return _or_zero(found, Sql(zero, number.sql, step.sql))


def mround(compiler: Compiler, number: Value, multiple: Value) -> Value:
    """MROUND."""
    found = to_multiple(compiler, number, multiple, "half")
    wrong = fault_when(Sql("(({0} < 0) <> ({1} < 0))", number.sql, multiple.sql), OUT_OF_RANGE)
    zero = Sql("({0} = 0 OR {1} = 0)", number.sql, multiple.sql)
    return _or_zero(replace(found, fault=wrong), zero)


def even(compiler: Compiler, number: Value) -> Value:
    """EVEN."""
    return to_multiple(compiler, number, arithmetic.exactly(compiler.dialect, 2, 0), "up")


def odd(compiler: Compiler, number: Value) -> Value:
    """ODD: one beyond the even number beyond the next."""
    dialect = compiler.dialect
    step = sign(compiler, number)
    farther = arithmetic.add(dialect, number, step)
    beyond = to_multiple(compiler, farther, arithmetic.exactly(dialect, 2, 0), "up")
    found = arithmetic.add(dialect, beyond, step, -1)
    units = 10**found.scale if dialect.name == "sqlite" else 1
    made = Sql(f"CASE WHEN {{0}} = 0 THEN {units} ELSE {{1}} END", number.sql, found.sql)
    return replace(found, sql=made, low=min(found.low, 10**found.scale),
                   high=max(found.high, 10**found.scale)).with_signs(farther)  # fmt: skip


def mod(compiler: Compiler, number: Value, divisor: Value) -> Value:
    """MOD; the remainder has the sign of the divisor."""
    a, b = _same_units(compiler, number, divisor)
    rest = compiler.dialect.remainder(a.sql, b.sql)
    other = "{0} <> 0 AND ({0} < 0) <> ({1} < 0)"
    made = Sql(f"CASE WHEN {other} THEN {{0}} + {{1}} ELSE {{0}} END", rest, b.sql)
    most = max(abs(b.low), abs(b.high))
    zero = fault_when(Sql("({0} = 0)", divisor.sql), DIVISION_BY_ZERO)
    found = Value("number", made, scale=a.scale, low=-most, high=most, fault=zero)
    return found.with_signs(_flags(a), _flags(b))


def quotient(compiler: Compiler, number: Value, divisor: Value) -> Value:
    """QUOTIENT."""
    a, b = _same_units(compiler, number, divisor)
    name = (
        "{0} / nullif({1}, 0)" if compiler.dialect.name == "sqlite" else "div({0}, nullif({1}, 0))"
    )
    most = max(abs(a.low), abs(a.high))
    zero = fault_when(Sql("({0} = 0)", divisor.sql), DIVISION_BY_ZERO)
    found = Value("number", Sql(f"({name})", a.sql, b.sql), low=-most, high=most, fault=zero)
    return compiler.dialect.bounded(found).with_signs(_flags(a), _flags(b))


def _same_units(compiler: Compiler, left: Value, right: Value) -> tuple[Value, Value]:
    dialect = compiler.dialect
    scale = max(left.scale, right.scale)
    return arithmetic.settled(dialect, scale, left, right)


def power(compiler: Compiler, base: Value, exponent: Value) -> Value:
    """POWER."""
    return arithmetic.power(compiler.dialect, base, exponent)


MATH: Final[Mapping[str, Builder]] = {
    "ABS": eager(abs_),
    "SIGN": eager(sign),
    "ROUND": rounder("half"),
    "ROUNDUP": rounder("up"),
    "ROUNDDOWN": rounder("down"),
    "TRUNC": rounder("down"),
    "INT": rounder("floor"),
    "CEILING": eager(ceiling),
    "FLOOR": eager(floor),
    "MROUND": eager(mround),
    "EVEN": eager(even),
    "ODD": eager(odd),
    "MOD": eager(mod),
    "QUOTIENT": eager(quotient),
    "POWER": eager(power),
    "PI": constant(lambda compiler: arithmetic.exactly(compiler.dialect, _PI, 33)),
}
