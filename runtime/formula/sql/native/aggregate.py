"""Many values at once: over arguments, and over the rows of a line table by subqueries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from runtime.formula.binding import kind_at
from runtime.formula.cell_errors import NO_VALUES
from runtime.formula.sql import arithmetic, convert
from runtime.formula.sql.compiler import Builder, Compiler, Of
from runtime.formula.sql.element import Element, Sql, UnsuitableError, any_of, fault_when, first
from runtime.formula.sql.value import Value, common_lines
from runtime.formula.tree import Call, Node, Reference

DATES: Final = ("date", "datetime")
# More lines than a record can have.
MOST_LINES: Final = 10**6


@dataclass(frozen=True)
class Item:
    """An argument: a single value, or a column with a value in each row.

    Its `sql` is NULL where it does not take part; `signs` carries its faults and flags.
    """

    value: Value
    signs: Value
    lines: str | None


def items(compiler: Compiler, node: Call) -> list[Item]:
    """The arguments as values that take part or not."""
    found = []
    for place, argument in enumerate(node.arguments):
        kind = kind_at(node.function.parameters, place)
        value = compiler.of(argument)
        if value.kind == "reference":
            raise UnsuitableError("a reference among values")
        is_cell = value.lines is not None or isinstance(argument, Reference)
        read = _cell(value) if is_cell else _direct(compiler, kind, value)
        found.append(Item(read.bare(), _signs(compiler, read), value.lines))
    return found


def _cell(value: Value) -> Value:
    """A field is read like a cell: what is no number or date is skipped."""
    if value.kind in ("number", *DATES):
        return value
    return replace(value, kind="empty", sql=Sql("NULL"), nullable=True)


def _direct(compiler: Compiler, kind: str, value: Value) -> Value:
    """A value written in the formula is turned into a number."""
    if kind == "ordered" and value.kind in DATES:
        if value.nullable:
            raise UnsuitableError("a date that may be empty among values")
        return value
    return convert.number(compiler.dialect, value)


def _signs(compiler: Compiler, value: Value) -> Value:
    """Only the faults and flags: of a column those of its rows, the first fault first."""
    if value.lines is None:
        return Value("empty", Sql("NULL"), fault=value.fault, flag=value.flag)
    fault = None if value.fault is None else compiler.first_of(value.lines, value.fault)
    flag = compiler.any_row(value.lines, value.flag)
    return Value("empty", Sql("NULL"), fault=fault, flag=flag)


def _numbers(found: Sequence[Item]) -> list[Item]:
    """Those that are numbers at all."""
    return [each for each in found if each.value.kind == "number"]


def summed(compiler: Compiler, found: Sequence[Item]) -> Value:
    """The sum of all numbers."""
    total = arithmetic.exactly(compiler.dialect, 0, 0)
    for each in _numbers(found):
        part = each.value
        if each.lines is not None:
            part = column_total(compiler, each.lines, part)
        total = arithmetic.add(compiler.dialect, total, convert.number(compiler.dialect, part))
    return total.with_signs(*(each.signs for each in found))


def column_total(compiler: Compiler, code: str, value: Value) -> Value:
    """The sum of a column; its rows without a number are NULL."""
    value = replace(value, sql=compiler.by_row(code, value.sql))
    made, beyond = compiler.dialect.total(value)
    flag = None if beyond is None else compiler.over(code, "{0}", beyond)
    total = Value(
        "number",
        compiler.over(code, "{0}", made),
        flag=flag,
        scale=value.scale,
        low=min(value.low * MOST_LINES, 0),
        high=max(value.high * MOST_LINES, 0),
    )
    return compiler.dialect.bounded(total)


def counted(compiler: Compiler, found: Sequence[Item]) -> Value:
    """How many there are."""
    parts: list[Element] = []
    for each in found:
        there: Element = Sql("CASE WHEN {0} IS NULL THEN 0 ELSE 1 END", each.value.sql)
        if each.value.kind == "empty":
            continue
        if each.lines is not None:
            there = compiler.over(each.lines, "coalesce(sum({0}), 0)", there)
        parts.append(there)
    made = Sql(" + ".join(f"{{{at}}}" for at in range(len(parts))).join("()"), *parts)
    return arithmetic.integer(compiler.dialect, made if parts else Sql("0"), 0, MOST_LINES * 255)


def sum_(compiler: Compiler, node: Call, of: Of) -> Value:
    """SUM."""
    del of
    return summed(compiler, items(compiler, node))


def sumsq(compiler: Compiler, node: Call, of: Of) -> Value:
    """SUMSQ."""
    del of
    found = items(compiler, node)
    signs = [each.signs for each in found]
    return summed(compiler, [_square(compiler, each) for each in _numbers(found)]).with_signs(
        *signs
    )


def _square(compiler: Compiler, item: Item) -> Item:
    """A number multiplied by itself, absent where it is."""
    value = arithmetic.multiply(compiler.dialect, item.value, item.value)
    signs = _signs(compiler, replace(value, lines=item.lines))
    return Item(replace(value, nullable=item.value.nullable).bare(), signs, item.lines)


def average(compiler: Compiler, node: Call, of: Of) -> Value:
    """AVERAGE."""
    del of
    found = items(compiler, node)
    return mean(compiler, summed(compiler, found), counted(compiler, _numbers(found)))


def mean(compiler: Compiler, total: Value, count: Value) -> Value:
    """A sum divided by a count; of nothing it is #DIV/0!."""
    none = fault_when(Sql("({0} = 0)", count.sql), NO_VALUES)
    found = arithmetic.divide(compiler.dialect, total, count)
    return replace(found, fault=first(total.fault, none))


def product(compiler: Compiler, node: Call, of: Of) -> Value:
    """PRODUCT of single values."""
    del of
    dialect = compiler.dialect
    found = items(compiler, node)
    if any(each.lines for each in found):
        raise UnsuitableError("the product of a column")
    numbers = _numbers(found)
    total = arithmetic.exactly(dialect, 1, 0)
    for each in numbers:
        value = each.value
        if value.nullable:
            one = 10**value.scale if dialect.name == "sqlite" else 1
            sql = Sql(f"coalesce({{0}}, {one})", value.sql)
            high = max(value.high, 10**value.scale)
            value = replace(value, sql=sql, nullable=False, high=high)
        total = arithmetic.multiply(dialect, total, value)
    if all(each.value.nullable for each in numbers):
        none = Sql("({0} = 0)", counted(compiler, numbers).sql)
        made = Sql("CASE WHEN {0} THEN 0 ELSE {1} END", none, total.sql)
        total = replace(total, sql=made, low=min(total.low, 0), factors=())
    return total.with_signs(*(each.signs for each in found))


def count(compiler: Compiler, node: Call, of: Of) -> Value:
    """COUNT: errors are no numbers; a text written in the formula may be one."""
    del of
    for argument in node.arguments:
        value = compiler.of(argument)
        is_cell = value.lines is not None or isinstance(argument, Reference)
        if not is_cell and value.kind in ("text", "boolean"):
            raise UnsuitableError("a text or truth value that counts as a number")

    def there(value: Value) -> Element | None:
        if value.kind not in ("number", *DATES):
            return None
        return _sound(value, Sql("{0} IS NOT NULL", value.sql))

    return _tally(compiler, node, there)


def counta(compiler: Compiler, node: Call, of: Of) -> Value:
    """COUNTA: an error is something too, and so is the text ""."""
    del of

    def there(value: Value) -> Element | None:
        something = any_of(Sql("{0} IS NOT NULL", value.sql), value.blank)
        failed = None if value.fault is None else Sql("{0} IS NOT NULL", value.fault)
        return any_of(something, failed)

    return _tally(compiler, node, there)


def countblank(compiler: Compiler, node: Call, of: Of) -> Value:
    """COUNTBLANK."""
    del of

    def there(value: Value) -> Element | None:
        empty = convert.is_empty_text(value)
        return None if empty is None else _sound(value, empty)

    return _tally(compiler, node, there)


def _sound(value: Value, condition: Element) -> Element:
    if value.fault is None:
        return condition
    return Sql("({0} IS NULL AND {1})", value.fault, condition)


def _tally(compiler: Compiler, node: Call, there: Callable[[Value], Element | None]) -> Value:
    """How many arguments, and rows of columns, are there; faults count or not, but never pass."""
    total = arithmetic.exactly(compiler.dialect, 0, 0)
    flags: list[Element | None] = []
    for argument in node.arguments:
        value = compiler.of(argument)
        condition = there(value)
        flags.append(_signs(compiler, value).flag)
        if condition is None:
            continue
        one: Element = Sql("CASE WHEN {0} THEN 1 ELSE 0 END", condition)
        if value.lines is not None:
            one = compiler.over(value.lines, "coalesce(sum({0}), 0)", one)
        part = arithmetic.integer(compiler.dialect, one, 0, MOST_LINES)
        total = arithmetic.add(compiler.dialect, total, part)
    return replace(total, flag=any_of(total.flag, *flags))


def _extreme(name: str) -> Builder:
    def build(compiler: Compiler, node: Call, of: Of) -> Value:
        del of
        found = items(compiler, node)
        return extreme(compiler, name, found).with_signs(*(each.signs for each in found))

    return build


def extreme(compiler: Compiler, name: str, found: Sequence[Item]) -> Value:
    """The greatest or least of all numbers, or of all dates."""
    dialect = compiler.dialect
    taking = [each for each in found if each.value.kind != "empty"]
    kinds = {each.value.kind for each in taking}
    if not kinds:
        return arithmetic.exactly(dialect, 0, 0)
    if len(kinds) > 1:
        raise UnsuitableError("dates and numbers among values")
    scale = max(each.value.scale for each in taking)
    values = [
        dialect.bounded(arithmetic.aligned(dialect, each.value, scale))
        if each.value.kind == "number"
        else each.value
        for each in taking
    ]
    parts = [
        each.sql if item.lines is None else compiler.over(item.lines, f"{name}({{0}})", each.sql)
        for each, item in zip(values, taking, strict=True)
    ]
    rows = " UNION ALL ".join(f"SELECT {{{at}}} AS x" for at in range(len(parts)))
    made = parts[0]
    if len(parts) > 1:
        made = Sql(f"(SELECT {name}(x) FROM ({rows}) AS v_)", *parts)  # noqa: S608
    flag = any_of(
        *(_row_flag(compiler, each, item) for each, item in zip(values, taking, strict=True))
    )
    low, high = min(0, *(v.low for v in values)), max(0, *(v.high for v in values))
    kind = kinds.pop()
    if kind == "number":
        made = Sql(f"coalesce({{0}}, {'0' if dialect.name == 'sqlite' else '0::numeric'})", made)
        return Value("number", made, flag=flag, scale=scale, low=low, high=high)
    # Where there is no date at all the answer is the number 0.
    return Value(kind, made, flag=any_of(flag, Sql("({0} IS NULL)", made)))


def _row_flag(compiler: Compiler, value: Value, item: Item) -> Element | None:
    if item.lines is None:
        return value.flag
    return compiler.any_row(item.lines, value.flag)


def column(compiler: Compiler, node: Node) -> Value:
    """An argument that must be a column of a line table."""
    value = compiler.of(node)
    if value.lines is None:
        raise UnsuitableError("a single value where a column belongs")
    return value


def sumproduct(compiler: Compiler, node: Call, of: Of) -> Value:
    """SUMPRODUCT of columns of one line table."""
    del of
    dialect = compiler.dialect
    columns = [column(compiler, each) for each in node.arguments]
    common_lines(*columns)
    total = arithmetic.exactly(dialect, 1, 0)
    for each in columns:
        is_number = each.kind == "number"
        value = replace(each.bare(), blank=None) if is_number else arithmetic.exactly(dialect, 0, 0)
        total = arithmetic.multiply(dialect, total, convert.number(dialect, value))
    total = total.with_signs(*columns)
    assert total.lines is not None, "columns have a line table"
    signs = _signs(compiler, total)
    return column_total(compiler, total.lines, total.bare()).with_signs(signs)


AGGREGATE: Final[Mapping[str, Builder]] = {
    "SUM": sum_,
    "SUMSQ": sumsq,
    "AVERAGE": average,
    "PRODUCT": product,
    "COUNT": count,
    "COUNTA": counta,
    "COUNTBLANK": countblank,
    "MAX": _extreme("max"),
    "MIN": _extreme("min"),
    "SUMPRODUCT": sumproduct,
}
