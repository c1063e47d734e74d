"""Tree -> SQL, from the leaves up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, select
from sqlalchemy.types import TypeEngine

from runtime.formula.formula import FieldKey, Formula
from runtime.formula.sql import arithmetic, convert, dates
from runtime.formula.sql.compare import OPERATORS, compare
from runtime.formula.sql.dialect import STEADY, Dialect, Rounded
from runtime.formula.sql.element import Element, Sql, UnsuitableError, any_of, stands_on, text
from runtime.formula.sql.value import Clock, Lines, Source, Value, text_value
from runtime.formula.tree import Binary, Call, Literal, Node, Reference, Unary, spine
from runtime.formula.types import NUMERIC, TEXTS
from runtime.formula.values import MAX_TEXT
from runtime.infra.columns import MAX_SCALED, ExactDecimal

Of = Callable[[Node], Value]
Builder = Callable[["Compiler", Call, Of], Value]
FEW_DECIMALS: Final = 3
_LARGEST_INTEGER: Final = 2**63 - 1


class Compiler:
    """One walk over a formula for one statement."""

    def __init__(
        self,
        formula: Formula,
        source: Source,
        dialect: Dialect,
        clock: Clock,
        builders: Mapping[str, Builder],
        choices: frozenset[str],
    ) -> None:
        # What is taken for granted of the columns; None: nothing may be.
        self.assumed: dict[FieldKey, Element] | None = None
        # Assume few decimals instead of nothing unusual: SQLite then has room for larger numbers.
        self.few_decimals = False
        self.formula = formula
        self.source = source
        self.dialect = dialect
        self.clock = clock
        self.builders = builders
        self.choices = choices

    def of(self, node: Node) -> Value:
        """The value of a node."""
        match node:
            case Literal():
                return convert.literal(self.dialect, node.value)
            case Reference():
                return self._reference(node)
            case Unary():
                operand = convert.number(self.dialect, self.of(node.operand))
                match node.operator:
                    case "-":
                        return arithmetic.negative(self.dialect, operand)
                    case "%":
                        return arithmetic.percent(self.dialect, operand)
                return operand
            case Call():
                return self._builder(node)(self, node, self.of)
            case Binary():
                return self._chain(node)

    def rounded(self, node: Node, how: Rounded) -> Value:
        """A number rounded; a choice rounds what it chooses, so that quotients stay quotients."""
        if isinstance(node, Call) and node.function.name in self.choices:
            return self._builder(node)(self, node, partial(self.rounded, how=how))
        value = self.of(node)
        if value.kind != "number":
            return value
        return arithmetic.round_to(self.dialect, value, how)

    def _builder(self, node: Call) -> Builder:
        builder = self.builders.get(node.function.name)
        if builder is None:
            raise UnsuitableError(f"{node.function.name} is computed by Python only")
        return builder

    def _chain(self, node: Binary) -> Value:
        first, operations = spine(node)
        value = self.of(first)
        for each in operations:
            value = self._operation(each, value, self.of(each.right))
        return value

    def _operation(self, node: Binary, left: Value, right: Value) -> Value:
        operator = node.operator
        if operator in OPERATORS:
            return compare(self.dialect, operator, left, right)
        if operator == "&":
            return self.joined([left, right])
        if {left.kind, right.kind} & set(dates.DATES):
            return self._moved(node, left, right)
        a, b = convert.number(self.dialect, left), convert.number(self.dialect, right)
        match operator:
            case "+":
                return arithmetic.add(self.dialect, a, b)
            case "-":
                return arithmetic.add(self.dialect, a, b, -1)
            case "*":
                return arithmetic.multiply(self.dialect, a, b)
            case "/":
                return arithmetic.divide(self.dialect, a, b)
        return arithmetic.power(self.dialect, a, b)

    def _moved(self, node: Binary, left: Value, right: Value) -> Value:
        if node in self.formula.days_apart:
            return dates.days_between(self.dialect, left, right)
        if left.kind in dates.DATES and node.operator in ("+", "-"):
            return dates.move(self.dialect, left, right, 1 if node.operator == "+" else -1)
        if node.operator == "+":
            return dates.move(self.dialect, right, left)
        raise UnsuitableError("a date is taken from what may be no date")

    def joined(self, values: Sequence[Value], between: str = "") -> Value:
        """Texts put together; one too long for a cell is Python's."""
        texts = [convert.as_text(self.dialect, each) for each in values]
        if not texts:
            return text_value(Sql("''"), 0, known="")
        parts = [each.sql for each in texts]
        if between:
            parts = [piece for part in parts for piece in (text(between), part)][1:]
        made = self.dialect.joined(*parts)
        longest = sum(each.longest for each in texts) + len(between) * (len(texts) - 1)
        return self.checked(text_value(made, longest)).with_signs(*texts)

    def checked(self, value: Value) -> Value:
        """Flag texts longer than a cell holds."""
        if value.longest <= MAX_TEXT:
            return value
        flag = Sql(f"(length({{0}}) > {MAX_TEXT})", value.sql)
        return replace(value, flag=any_of(value.flag, flag), longest=MAX_TEXT)

    def _reference(self, node: Reference) -> Value:
        if not node.is_own:
            raise UnsuitableError("a field of another form")
        if node.many:
            lines = self.source.lines.get(node.lines or "")
            if lines is None or node.code not in lines.columns:
                raise UnsuitableError(f"no column for {node.lines}.{node.code}")
            value = self._column(node, lines.columns[node.code])
            return replace(value, lines=node.lines)
        column = self.source.columns.get((node.lines, node.code))
        if column is None:
            raise UnsuitableError(f"no column for {node.code}")
        return self._column(node, column)

    def _column(self, node: Reference, column: ColumnElement[Any]) -> Value:
        key = (node.lines, node.code)
        if node.type in NUMERIC:
            value = self._number(column, self.source.bounds.get(key))
            if self.assumed is None or node.many:
                return value
            if self.few_decimals:
                return self._coarse(value, key)
            most = 1 if node.type == "percent" else self.dialect.usual
            return self._usual(value, key, most)
        if node.type in TEXTS:
            longest = self.source.longest.get(key, MAX_TEXT + 1)
            return self.checked(text_value(column, longest, nullable=True))
        match node.type:
            case "boolean" | "date" | "reference":
                return Value(node.type, column, nullable=True)
            case "datetime":
                return self._instant(column)
        raise UnsuitableError(f"a field of type {node.type}")

    def _number(self, column: ColumnElement[Any], bounds: tuple[int, int] | None) -> Value:
        scale, low, high = _extent(column.type)
        sql: Element = column
        if scale is None:
            sql, scale = self.dialect.from_integer(column), 0
        if bounds is not None:
            low, high = max(low, bounds[0]), min(high, bounds[1])
        return Value("number", sql, nullable=True, scale=scale, low=low, high=high)

    def _usual(self, value: Value, key: FieldKey, most: int | None) -> Value:
        """The number as it nearly always is: there, not negative, not immense; that is noted."""
        assert self.assumed is not None, "something is assumed"
        high = value.high if most is None else min(value.high, most * 10**value.scale)
        zero, limit = (self.dialect.number(each, value.scale) for each in (0, high))
        made = "({0} >= {1} AND {0} <= {2})" if high < value.high else "({0} >= {1})"
        self.assumed[key] = Sql(made, value.sql, zero, limit)
        return replace(value, nullable=False, low=max(value.low, 0), high=high)

    def _coarse(self, value: Value, key: FieldKey) -> Value:
        """The number in larger units, where it is whole in them; that is noted."""
        assert self.assumed is not None, "something is assumed"
        if value.scale <= FEW_DECIMALS:
            return value
        step = 10 ** (value.scale - FEW_DECIMALS)
        self.assumed[key] = Sql(f"(coalesce({{0}}, 0) % {step} = 0)", value.sql)
        return replace(
            value,
            sql=Sql(f"({{0}} / {step})", value.sql),
            scale=FEW_DECIMALS,
            low=-(-value.low // step),
            high=value.high // step,
        )

    def _instant(self, column: ColumnElement[Any]) -> Value:
        """Wall time, in the years whose offset is known."""
        offset = self.dialect.zone_offset(self.clock.zone)
        steady = self.dialect.between_years(column, STEADY[0], STEADY[1])
        flag = Sql("(NOT {0})", steady)
        return Value("datetime", self.dialect.wall(column, offset), nullable=True, flag=flag)

    def lines(self, code: str) -> Lines:
        """The rows of a line table."""
        return self.source.lines[code]

    def over(self, code: str, made: str, *parts: Element) -> Element:
        """A value aggregated from the rows of a line table."""
        lines = self.lines(code)
        rows = [self.by_row(code, part) for part in parts] if made != "{0}" else parts
        chosen = select(Sql(made, *rows)).select_from(lines.table).where(lines.where)
        return chosen.correlate_except(lines.table).scalar_subquery()

    def by_row(self, code: str, part: Element) -> Element:
        """A value of each row that is plainly one, also where it reads no column of the rows.

        An aggregate of outer columns alone would belong to the outer query, which has no groups.
        """
        lines = self.lines(code)
        if stands_on(part, lines.table):
            return part
        return Sql("CASE WHEN {0} IS NOT NULL THEN {1} END", lines.order[-1], part)

    def any_row(self, code: str, found: Element | None) -> Element | None:
        """Whether a condition holds in a row of a line table; None where there is no condition."""
        if found is None:
            return None
        return self.over(code, "coalesce(max(CASE WHEN {0} THEN 1 ELSE 0 END), 0) = 1", found)

    def first_of(self, code: str, found: Element) -> Element:
        """The first that is not NULL in the rows of a line table."""
        lines = self.lines(code)
        there = Sql("({0} IS NOT NULL)", found)
        chosen = select(Sql("{0}", found)).select_from(lines.table).where(lines.where, there)
        chosen = chosen.order_by(*lines.order).limit(1)
        return chosen.correlate_except(lines.table).scalar_subquery()


def _extent(kind: TypeEngine[Any]) -> tuple[int | None, int, int]:
    """The scale and the range of a column of numbers."""
    if isinstance(kind, ExactDecimal):
        return kind.scale, -MAX_SCALED * 10, MAX_SCALED * 10
    if isinstance(kind, Integer):
        return None, -_LARGEST_INTEGER, _LARGEST_INTEGER
    raise UnsuitableError(f"a column of type {kind!r} is not exact")
