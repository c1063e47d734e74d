"""Rows of a line table that meet criteria: SUMIF, COUNTIFS and their family as subqueries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from runtime.formula import criteria
from runtime.formula.sql import arithmetic, convert
from runtime.formula.sql.compare import compare
from runtime.formula.sql.compiler import Builder, Compiler, Of
from runtime.formula.sql.dialect import Dialect
from runtime.formula.sql.element import Element, Sql, UnsuitableError, all_of, any_of, text
from runtime.formula.sql.native.aggregate import Item, column, column_total, extreme, mean
from runtime.formula.sql.value import Value, common_lines, text_value
from runtime.formula.tree import Call, Node

_DATES: Final = ("date", "datetime")
Test = tuple[Element, Element | None]


@dataclass(frozen=True)
class Chosen:
    """The rows that meet all criteria: their table, the condition, its faults and flags."""

    lines: str
    holds: Element
    signs: Value


def chosen(compiler: Compiler, pairs: Sequence[Node], *others: Value) -> Chosen:
    """Rows by pairs of a column and a criterion."""
    holds: list[Element] = []
    flags: list[Element | None] = []
    ranges: list[Value] = []
    signs: list[Value] = []
    for place, wanted in zip(pairs[::2], pairs[1::2], strict=True):
        rows = column(compiler, place)
        if rows.fault is not None or rows.blank is not None:
            raise UnsuitableError("errors in a column with a criterion")
        given = compiler.of(wanted)
        if given.lines is not None:
            raise UnsuitableError("a column of criteria")
        condition, flag = _test(compiler.dialect, rows, given)
        holds.append(condition)
        flags += [flag, rows.flag]
        ranges.append(rows)
        signs.append(given)
    lines = common_lines(*ranges, *others)
    assert lines is not None, "the ranges are columns"
    whole = Value("empty", Sql("NULL"), flag=compiler.any_row(lines, any_of(*flags)))
    return Chosen(lines, all_of(*holds), whole.with_signs(*signs))


def _test(dialect: Dialect, rows: Value, wanted: Value) -> Test:
    """Whether a row meets a criterion."""
    if wanted.blank is not None:
        raise UnsuitableError('a criterion that may be the text ""')
    if wanted.kind == "empty":
        return _like(dialect, "=", rows, arithmetic.exactly(dialect, 0, 0))
    if wanted.kind == "text":
        if isinstance(wanted.known, str):
            return _written(dialect, rows, wanted.known)
        return _plain(dialect, rows, wanted)
    if wanted.kind == "number":
        wanted = convert.number(dialect, wanted)
    if wanted.nullable:
        raise UnsuitableError("a criterion that may be empty")
    return _like(dialect, "=", rows, wanted)


def _like(
    dialect: Dialect, operator: str, rows: Value, wanted: Value, *, others: bool = False
) -> Test:
    """Rows of the same kind are compared; those of another kind only differ."""
    otherwise = "TRUE" if others else "FALSE"
    alike = rows.kind == wanted.kind or {rows.kind, wanted.kind} <= set(_DATES)
    if not alike:
        if rows.kind == "text" and wanted.kind == "number" and operator in ("=", "<>"):
            # A text that reads as the number is equal to it, and only Python reads.
            raise UnsuitableError("texts that may be numbers")
        return Sql(otherwise), None
    there = replace(rows, nullable=False, flag=None, lines=None, factors=(), ratio=None)
    found = compare(dialect, operator, there, wanted.bare())
    made = Sql(f"CASE WHEN {{0}} IS NULL THEN {otherwise} ELSE {{1}} END", rows.sql, found.sql)
    return made, found.flag


def _written(dialect: Dialect, rows: Value, given: str) -> Test:
    """A criterion written in the formula."""
    found = criteria.CRITERION.fullmatch(given)
    assert found is not None, "the pattern takes any text"
    sign, rest = found[1], found[2]
    if rest == "":
        return _empty(sign, rows), None
    value = criteria.read_criterion(rest)
    if isinstance(value, str) and sign in (None, "=", "<>") and criteria.has_wildcard(rest):
        raise UnsuitableError("a criterion with wildcards")
    wanted = _value(dialect, value)
    others = sign == "<>"
    return _like(dialect, sign or "=", rows, wanted, others=others)


def _value(dialect: Dialect, value: Any) -> Value:
    match value:
        case Decimal() | bool():
            return convert.literal(dialect, value)
        case str():
            return text_value(text(value), len(value), known=value)
        case datetime():
            return Value("datetime", dialect.moment_literal(value))
        case date():
            return Value("date", dialect.date_literal(value))
        case time():
            raise UnsuitableError("a time as a criterion")
    raise AssertionError(f"no criterion is a {type(value).__name__}")


def _empty(sign: str | None, rows: Value) -> Element:
    if sign is None:
        found: Element | None = convert.is_empty_text(rows)
        return Sql("FALSE") if found is None else found
    if sign == "<>":
        return Sql("({0} IS NOT NULL)", rows.sql)
    return Sql("({0} IS NULL)" if sign == "=" else "FALSE", rows.sql)


def _plain(dialect: Dialect, rows: Value, wanted: Value) -> Test:
    """A criterion out of a field: a text without signs and digits means itself."""
    if rows.kind != "text":
        raise UnsuitableError("a criterion that is read row by row")
    given = wanted.sql if not wanted.nullable else Sql("coalesce({0}, '')", wanted.sql)
    letters = ((0x41, 0x5A), (0x61, 0x7A), (0x4E00, 0x9FFF))
    others = dialect.has_others(given, letters)
    truth = Sql("(upper({0}) IN ('', 'TRUE', 'FALSE'))", given)
    made, flag = _like(dialect, "=", rows, text_value(given))
    return made, any_of(flag, others, truth)


def _numbers(compiler: Compiler, summed: Value, rows: Chosen) -> Item:
    """The numbers of a column in the chosen rows."""
    if summed.kind != "number":
        summed = Value("empty", Sql("NULL"), nullable=True, lines=summed.lines)
        return Item(summed, rows.signs, rows.lines)
    sql = Sql("CASE WHEN {0} THEN {1} END", rows.holds, summed.sql)
    value = Value(
        "number", sql, nullable=True, scale=summed.scale, low=summed.low, high=summed.high
    )
    fault = None
    if summed.fault is not None:
        found = Sql("CASE WHEN {0} THEN {1} END", rows.holds, summed.fault)
        fault = compiler.first_of(rows.lines, found)
    flag = compiler.any_row(rows.lines, summed.flag)
    signs = Value("empty", Sql("NULL"), fault=fault, flag=flag).with_signs(rows.signs)
    return Item(value, signs, rows.lines)


def _count(compiler: Compiler, rows: Chosen, condition: Element) -> Value:
    made = "coalesce(sum(CASE WHEN {0} THEN 1 ELSE 0 END), 0)"
    counted = compiler.over(rows.lines, made, condition)
    return arithmetic.integer(compiler.dialect, counted, 0, 10**6)


def _total(compiler: Compiler, item: Item) -> Value:
    assert item.lines is not None, "the rows have a table"
    if item.value.kind == "empty":
        return arithmetic.exactly(compiler.dialect, 0, 0).with_signs(item.signs)
    return column_total(compiler, item.lines, item.value).with_signs(item.signs)


Finish = Callable[[Compiler, Item, Chosen], Value]


def _sum(compiler: Compiler, item: Item, rows: Chosen) -> Value:
    del rows
    return _total(compiler, item)


def _average(compiler: Compiler, item: Item, rows: Chosen) -> Value:
    there = _count(compiler, rows, Sql("({0} IS NOT NULL)", item.value.sql))
    return mean(compiler, _total(compiler, item), there)


def _extreme(name: str) -> Finish:
    def build(compiler: Compiler, item: Item, rows: Chosen) -> Value:
        del rows
        return extreme(compiler, name, [item]).with_signs(item.signs)

    return build


def _if(finish: Finish) -> Builder:
    """SUMIF(range, criterion, [column])."""

    def build(compiler: Compiler, node: Call, of: Of) -> Value:
        del of
        summed = column(compiler, node.arguments[2 if len(node.arguments) > 2 else 0])
        rows = chosen(compiler, node.arguments[:2], summed)
        return finish(compiler, _numbers(compiler, summed, rows), rows)

    return build


def _ifs(finish: Finish) -> Builder:
    """SUMIFS(column, range, criterion, …)."""

    def build(compiler: Compiler, node: Call, of: Of) -> Value:
        del of
        summed = column(compiler, node.arguments[0])
        rows = chosen(compiler, node.arguments[1:], summed)
        return finish(compiler, _numbers(compiler, summed, rows), rows)

    return build


def countifs(compiler: Compiler, node: Call, of: Of) -> Value:
    """COUNTIF and COUNTIFS."""
    del of
    rows = chosen(compiler, node.arguments)
    return _count(compiler, rows, rows.holds).with_signs(rows.signs)


CONDITIONAL: Final[Mapping[str, Builder]] = {
    "SUMIF": _if(_sum),
    "SUMIFS": _ifs(_sum),
    "AVERAGEIF": _if(_average),
    "AVERAGEIFS": _ifs(_average),
    "MAXIFS": _ifs(_extreme("max")),
    "MINIFS": _ifs(_extreme("min")),
    "COUNTIF": countifs,
    "COUNTIFS": countifs,
}
