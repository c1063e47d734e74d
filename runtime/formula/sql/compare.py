"""Excel's order: numbers and dates, then texts without capitals, then FALSE and TRUE."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from runtime.formula.sql import arithmetic
from runtime.formula.sql.convert import number
from runtime.formula.sql.dialect import Dialect
from runtime.formula.sql.element import Element, Sql, UnsuitableError, any_of, text
from runtime.formula.sql.value import Value

OPERATORS: Final = ("=", "<>", "<", "<=", ">", ">=")
DATES: Final = ("date", "datetime")
_RANK: Final = {"number": 0, "date": 0, "datetime": 0, "text": 1, "boolean": 2}
# What holds of an order of -1, 0 or 1.
_HOLDS: Final[Mapping[str, tuple[int, ...]]] = {
    "=": (0,),
    "<>": (-1, 1),
    "<": (-1,),
    "<=": (-1, 0),
    ">": (1,),
    ">=": (0, 1),
}


def compare(dialect: Dialect, operator: str, left: Value, right: Value) -> Value:
    """Whether the comparison holds."""
    if left.blank is not None or right.blank is not None:
        raise UnsuitableError('a value that may be the text "" is compared')
    made, flag = _compared(dialect, operator, left, right)
    return Value("boolean", made, flag=flag).with_signs(left, right)


def _compared(
    dialect: Dialect, operator: str, left: Value, right: Value
) -> tuple[Element, Element | None]:
    if left.kind == right.kind == "empty":
        return _constant(operator, 0), None
    if right.kind == "empty":
        right = _zero_like(dialect, left)
    if left.kind == "empty":
        left = _zero_like(dialect, right)
    if "reference" in (left.kind, right.kind):
        return _references(operator, left, right), None
    if left.kind in DATES and right.kind in DATES:
        return _dates(dialect, operator, left, right), None
    if left.kind != right.kind:
        return _ranked(dialect, operator, left, right)
    return _SAME[left.kind](dialect, operator, left, right)


def _constant(operator: str, order: int) -> Element:
    return Sql("TRUE" if order in _HOLDS[operator] else "FALSE")


def _or(value: Value, otherwise: str) -> Element:
    return Sql(f"coalesce({{0}}, {otherwise})", value.sql) if value.nullable else value.sql


def _zero_like(dialect: Dialect, other: Value) -> Value:
    """Nothing means 0, "" or FALSE, whichever it is compared with; before a date it is empty."""
    match other.kind:
        case "text":
            return Value("text", Sql("''"), known="")
        case "boolean":
            return Value("boolean", Sql("FALSE"))
        case "date" | "datetime" | "reference":
            return Value(other.kind, Sql("NULL"), nullable=True)
    return arithmetic.exactly(dialect, 0, 0)


def _numbers(
    dialect: Dialect, operator: str, left: Value, right: Value
) -> tuple[Element, Element | None]:
    a, b = number(dialect, left), number(dialect, right)
    scale = max(a.scale, b.scale)
    a, b = arithmetic.settled(dialect, scale, a.bare(), b.bare())
    return Sql(f"({{0}} {operator} {{1}})", a.sql, b.sql), any_of(a.flag, b.flag)


def _texts(
    dialect: Dialect, operator: str, left: Value, right: Value
) -> tuple[Element, Element | None]:
    a, b = _or(left, "''"), _or(right, "''")
    if "" in (left.known, right.known) and operator in ("=", "<>"):
        return Sql(f"({{0}} {operator} {{1}})", a, b), None
    made = Sql(f"({{0}} {operator} {{1}})", folded(dialect, left, a), folded(dialect, right, b))
    flags = [
        dialect.cased(sql)
        for value, sql in ((left, a), (right, b))
        if not isinstance(value.known, str)
    ]
    return made, any_of(*flags)


def folded(dialect: Dialect, value: Value, sql: Element) -> Element:
    """A text in small letters; a literal is folded here."""
    if isinstance(value.known, str):
        small: Element = text(value.known.lower())
    else:
        small = dialect.lower(sql)
    return Sql('({0} COLLATE "C")', small) if dialect.name == "postgresql" else small


def _ranked(
    dialect: Dialect, operator: str, left: Value, right: Value
) -> tuple[Element, Element | None]:
    """Different kinds: the kind decides, unless one of them is empty and means the other's zero."""
    kinds = {left.kind, right.kind}
    if kinds & set(DATES) and "text" not in kinds:
        raise UnsuitableError("a date is compared with another kind")
    order = -1 if _RANK[left.kind] < _RANK[right.kind] else 1
    made: Element = _constant(operator, order)
    flags: list[Element | None] = []
    a, b = (replace(each, nullable=False) for each in (left, right))
    if left.nullable:
        found, flag = _compared(dialect, operator, _zero_like(dialect, b), b)
        made = Sql("CASE WHEN {0} IS NULL THEN {1} ELSE {2} END", left.sql, found, made)
        flags.append(flag)
    if right.nullable:
        found, flag = _compared(dialect, operator, a, _zero_like(dialect, a))
        made = Sql("CASE WHEN {0} IS NULL THEN {1} ELSE {2} END", right.sql, found, made)
        flags.append(flag)
    if left.nullable and right.nullable:
        equal = _constant(operator, 0)
        both = "CASE WHEN {0} IS NULL AND {1} IS NULL THEN {2} ELSE {3} END"
        made = Sql(both, left.sql, right.sql, equal, made)
    return made, any_of(*flags)


def _booleans(
    _: Dialect, operator: str, left: Value, right: Value
) -> tuple[Element, Element | None]:
    return Sql(f"({{0}} {operator} {{1}})", _or(left, "FALSE"), _or(right, "FALSE")), None


def _references(operator: str, left: Value, right: Value) -> Element:
    if left.kind != right.kind:
        return _no_reference(operator, left, right)
    if operator not in ("=", "<>"):
        raise UnsuitableError("references have no order")
    same = "({0} = {1})" if operator == "=" else "({0} <> {1})"
    # An empty reference is the text "" beside another.
    return Sql(same, *(Sql("coalesce({0}, -1)", each.sql) for each in (left, right)))


def _no_reference(operator: str, left: Value, right: Value) -> Element:
    """A reference beside the text "" is asked whether it is empty."""
    reference, other = (left, right) if left.kind == "reference" else (right, left)
    if other.known != "" or operator not in ("=", "<>"):
        raise UnsuitableError("a reference is compared with something else")
    return Sql("({0} IS NULL)" if operator == "=" else "({0} IS NOT NULL)", reference.sql)


def _dates(dialect: Dialect, operator: str, left: Value, right: Value) -> Element:
    """An empty date comes before all."""
    if left.kind != right.kind:
        left, right = (
            replace(each, sql=dialect.midnight(each.sql)) if each.kind == "date" else each
            for each in (left, right)
        )
    made: Element = Sql(f"({{0}} {operator} {{1}})", left.sql, right.sql)
    if not left.nullable and not right.nullable:
        return made
    truth = {order: "TRUE" if order in _HOLDS[operator] else "FALSE" for order in (-1, 0, 1)}
    whens = (
        f"WHEN {{0}} IS NULL AND {{1}} IS NULL THEN {truth[0]}"
        f" WHEN {{0}} IS NULL THEN {truth[-1]} WHEN {{1}} IS NULL THEN {truth[1]}"
    )
    return Sql(f"CASE {whens} ELSE {{2}} END", left.sql, right.sql, made)


_SAME: Final = {"number": _numbers, "text": _texts, "boolean": _booleans}
