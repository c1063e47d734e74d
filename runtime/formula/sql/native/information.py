"""What kind of value something is: mostly known before any row is read."""

from collections.abc import Mapping
from typing import Final

from runtime.formula.cell_errors import NOT_AVAILABLE
from runtime.formula.sql import convert, faults
from runtime.formula.sql.arithmetic import exactly, round_to
from runtime.formula.sql.compiler import Builder, Compiler
from runtime.formula.sql.dialect import Rounded
from runtime.formula.sql.element import Element, Sql
from runtime.formula.sql.merge import failing
from runtime.formula.sql.native.eager import Function, constant, eager, raw
from runtime.formula.sql.value import Value, boolean

_YES: Final = Sql("TRUE")
_NO: Final = Sql("FALSE")


def _sound(value: Value, found: Element) -> Value:
    """FALSE of an error, else what was found."""
    if value.fault is None:
        return boolean(found)
    return boolean(Sql("({0} IS NULL AND {1})", value.fault, found))


def _is_there(value: Value) -> Element:
    return Sql("({0} IS NOT NULL)", value.sql) if value.nullable else _YES


def isblank(_: Compiler, value: Value) -> Value:
    """ISBLANK."""
    if not value.nullable:
        return boolean(_NO)
    if value.blank is None:
        return _sound(value, Sql("({0} IS NULL)", value.sql))
    return _sound(value, Sql("({0} IS NULL AND NOT coalesce({1}, FALSE))", value.sql, value.blank))


def isempty(_: Compiler, value: Value) -> Value:
    """ISEMPTY."""
    found = convert.is_empty_text(value)
    return boolean(_NO) if found is None else _sound(value, found)


def _of_kind(*kinds: str) -> Function:
    def test(_: Compiler, value: Value) -> Value:
        return _sound(value, _is_there(value)) if value.kind in kinds else boolean(_NO)

    return test


def istext(_: Compiler, value: Value) -> Value:
    """ISTEXT; a reference is the text of its number."""
    if value.kind in ("text", "reference"):
        return _sound(value, _is_there(value))
    return boolean(_NO) if value.blank is None else _sound(value, _blank(value))


def _blank(value: Value) -> Element:
    return Sql("coalesce({0}, FALSE)", value.blank if value.blank is not None else _NO)


def isnontext(compiler: Compiler, value: Value) -> Value:
    """ISNONTEXT."""
    return boolean(Sql("(NOT {0})", istext(compiler, value).sql))


def iserror(_: Compiler, value: Value) -> Value:
    """ISERROR."""
    return boolean(_NO if value.fault is None else Sql("({0} IS NOT NULL)", value.fault))


def iserr(_: Compiler, value: Value) -> Value:
    """ISERR."""
    return _of_error(value, "NOT IN")


def isna(_: Compiler, value: Value) -> Value:
    """ISNA."""
    return _of_error(value, "IN")


def _of_error(value: Value, among: str) -> Value:
    if value.fault is None:
        return boolean(_NO)
    codes = ", ".join(map(str, faults.codes(NOT_AVAILABLE.kind)))
    return boolean(Sql(f"coalesce({{0}} {among} ({codes}), FALSE)", value.fault))


def iseven(compiler: Compiler, number: Value) -> Value:
    """ISEVEN."""
    return _parity(compiler, number, "=")


def isodd(compiler: Compiler, number: Value) -> Value:
    """ISODD."""
    return _parity(compiler, number, "<>")


def _parity(compiler: Compiler, number: Value, operator: str) -> Value:
    whole = round_to(compiler.dialect, number, Rounded("down", 0))
    return boolean(Sql(f"({{0}} % 2 {operator} 0)", whole.sql), flag=whole.flag, fault=whole.fault)


def n(compiler: Compiler, value: Value) -> Value:
    """N."""
    if value.kind in ("text", "reference"):
        return exactly(compiler.dialect, 0, 0)
    if value.blank is not None:
        value = Value(value.kind, value.sql, nullable=True, scale=value.scale,
                      low=value.low, high=value.high)  # fmt: skip
    return convert.number(compiler.dialect, value)


INFORMATION: Final[Mapping[str, Builder]] = {
    "NA": constant(lambda _: failing(NOT_AVAILABLE)),
    "ISBLANK": raw(isblank),
    "ISEMPTY": raw(isempty),
    "ISNUMBER": raw(_of_kind("number", "date", "datetime", "time")),
    "ISTEXT": raw(istext),
    "ISNONTEXT": raw(isnontext),
    "ISLOGICAL": raw(_of_kind("boolean")),
    "ISERROR": raw(iserror),
    "ISERR": raw(iserr),
    "ISNA": raw(isna),
    "ISEVEN": eager(iseven),
    "ISODD": eager(isodd),
    "N": eager(n),
}
