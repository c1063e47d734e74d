"""One kind of value turned into another, as in Python; what is not exact is flagged."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from runtime.formula.cell_errors import (
    NOT_A_BOOLEAN,
    NOT_A_DATE,
    NOT_A_NUMBER,
    CellFaultError,
)
from runtime.formula.numbers import read_number
from runtime.formula.sql import arithmetic
from runtime.formula.sql.dialect import Dialect
from runtime.formula.sql.element import (
    Element,
    Sql,
    UnsuitableError,
    any_of,
    fault,
    fault_when,
    first,
    text,
)
from runtime.formula.sql.value import Value, text_value
from runtime.formula.values import to_boolean, to_date

LONGEST_NUMBER: Final = 120
LONGEST_DATE: Final = 19


def number(dialect: Dialect, value: Value) -> Value:
    """Nothing is 0, TRUE is 1; a text is read where it is plainly written."""
    match value.kind:
        case "number":
            return _present(value, "0" if dialect.name == "sqlite" else "0::numeric")
        case "empty":
            return arithmetic.exactly(dialect, 0, 0).with_signs(value)
        case "boolean":
            made = Sql("CASE WHEN {0} THEN 1 ELSE 0 END", value.sql)
            return arithmetic.integer(dialect, made, 0, 1).with_signs(value)
        case "text":
            return _read(dialect, value)
    return _faulty(dialect, value)


def _present(value: Value, zero: str) -> Value:
    """A number with 0 where it is empty; an empty text is no number."""
    fault_ = value.fault
    if value.blank is not None:
        fault_ = first(fault_, fault_when(value.blank, NOT_A_NUMBER))
    if not value.nullable:
        return replace(value, fault=fault_, blank=None)
    return replace(
        value,
        sql=Sql(f"coalesce({{0}}, {zero})", value.sql),
        nullable=False,
        low=min(value.low, 0),
        high=max(value.high, 0),
        fault=fault_,
        blank=None,
    )


def _read(dialect: Dialect, value: Value) -> Value:
    if isinstance(value.known, str):
        try:
            return arithmetic.literal(dialect, read_number(value.known)).with_signs(value)
        except CellFaultError as found:
            wrong = replace(arithmetic.exactly(dialect, 0, 0), fault=fault(found.error))
            return wrong.with_signs(value)
    made, unread, scale = dialect.typed_number(value.sql)
    sql = Sql(f"CASE WHEN {{0}} IS NULL THEN {_zero(dialect)} ELSE {{1}} END", value.sql, made)
    found_number = Value("number", sql, flag=unread, scale=scale, low=-(10**15), high=10**15)
    return found_number.with_signs(value)


def _zero(dialect: Dialect) -> str:
    return "0" if dialect.name == "sqlite" else "0::numeric"


def _faulty(dialect: Dialect, value: Value) -> Value:
    """A date is no number, unless it is empty."""
    wrong = fault_when(Sql("{0} IS NOT NULL", value.sql), NOT_A_NUMBER)
    found = replace(arithmetic.exactly(dialect, 0, 0), fault=wrong)
    return found.with_signs(value)


def as_text(dialect: Dialect, value: Value) -> Value:
    """Nothing is "", a number its digits, a date its ISO form."""
    match value.kind:
        case "text":
            if not value.nullable:
                return value
            return replace(value, sql=Sql("coalesce({0}, '')", value.sql), nullable=False)
        case "empty":
            return text_value(Sql("''"), 0, known="").with_signs(value)
        case "boolean":
            words = Sql("CASE WHEN {0} THEN 'TRUE' ELSE 'FALSE' END", value.sql)
            return _written(value, words, 5)
        case "number":
            return _written(value, dialect.number_text(value), LONGEST_NUMBER)
        case "date" | "datetime":
            pattern = "YYYY-MM-DD" if value.kind == "date" else "YYYY-MM-DD HH24:MI:SS"
            made: Element = value.sql
            if dialect.name == "postgresql":
                made = Sql(f"to_char({{0}}, '{pattern}')", value.sql)
            return _written(value, made, LONGEST_DATE)
    raise UnsuitableError(f"a {value.kind} as a text")


def _written(value: Value, made: Element, longest: int) -> Value:
    """Empty stays empty: the text "" ."""
    if value.nullable:
        made = Sql("CASE WHEN {0} IS NULL THEN '' ELSE {1} END", value.sql, made)
    found = text_value(made, longest)
    if value.factors or value.ratio:
        value = replace(value, factors=(), ratio=None)
    return found.with_signs(value)


def truth(dialect: Dialect, value: Value) -> Value:
    """Nothing and 0 are FALSE; of texts only TRUE and FALSE mean something."""
    match value.kind:
        case "boolean" | "number":
            return _plain_truth(value)
        case "empty":
            return Value("boolean", Sql("FALSE")).with_signs(value)
        case "text":
            return _text_truth(dialect, value)
        case "date" | "datetime":
            wrong = fault_when(Sql("{0} IS NOT NULL", value.sql), NOT_A_BOOLEAN)
            return Value("boolean", Sql("FALSE"), fault=wrong).with_signs(value)
    raise UnsuitableError(f"a {value.kind} as a condition")


def _plain_truth(value: Value) -> Value:
    made: Element = value.sql if value.kind == "boolean" else Sql("({0} <> 0)", value.sql)
    if value.nullable:
        made = Sql("coalesce({0}, FALSE)", made)
    wrong = None
    if value.blank is not None:
        wrong = fault_when(value.blank, NOT_A_BOOLEAN)
    return Value("boolean", made, fault=wrong).with_signs(value)


def _text_truth(dialect: Dialect, value: Value) -> Value:
    """Other letters than ASCII's in capitals make no TRUE or FALSE, except ſ: that is Python's."""
    if isinstance(value.known, str):
        try:
            truth_of = Value("boolean", Sql(str(to_boolean(value.known)).upper()))
        except CellFaultError as found:
            truth_of = Value("boolean", Sql("FALSE"), fault=fault(found.error))
        return truth_of.with_signs(value)
    upper = "upper({0})" if dialect.name == "sqlite" else 'upper({0} COLLATE "C")'
    made = Sql(f"coalesce({upper} = 'TRUE', FALSE)", value.sql)
    other = Sql(f"{{0}} IS NOT NULL AND {upper} NOT IN ('TRUE', 'FALSE')", value.sql)
    flag = Sql("({0} LIKE '%ſ%')", value.sql)
    wrong = fault_when(other, NOT_A_BOOLEAN)
    return Value("boolean", made, fault=wrong, flag=flag).with_signs(value)


def day(dialect: Dialect, value: Value) -> Value:
    """A date or a datetime; a text of the formula is read."""
    match value.kind:
        case "date" | "datetime" | "empty":
            return value
        case "text" if isinstance(value.known, str):
            return known_date(dialect, value.known).with_signs(value)
        case "number" | "boolean":
            there = Sql("{0} IS NOT NULL", value.sql)
            some = Sql("CASE WHEN {0} THEN {1} END", there, dialect.date_literal(date.min))
            wrong = fault_when(there, NOT_A_DATE)
            return Value("date", some, nullable=True, fault=wrong).with_signs(value)
    raise UnsuitableError(f"a {value.kind} as a date")


def known_date(dialect: Dialect, given: str) -> Value:
    """The date a text of the formula says."""
    if not given:
        return Value("empty", Sql("NULL"), nullable=True)
    try:
        found = to_date(given)
    except CellFaultError as wrong:
        return Value("date", dialect.date_literal(date.min), fault=fault(wrong.error))
    if isinstance(found, datetime):
        return Value("datetime", dialect.moment_literal(found))
    return Value("date", dialect.date_literal(found))


def anything(dialect: Dialect, value: Value) -> Value:
    """As it is."""
    del dialect
    return value


CONVERSIONS: Final[Mapping[str, Callable[[Dialect, Value], Value]]] = {
    "number": number,
    "text": as_text,
    "boolean": truth,
    "date": day,
    "clock": day,
    "any": anything,
    "raw": anything,
}


def is_empty_text(value: Value) -> Any:
    """Where a value is nothing or the text ""; None where it is always something."""
    if value.kind == "text":
        return Sql("(coalesce({0}, '') = '')", value.sql)
    if value.kind == "empty":
        return Sql("(1 = 1)")
    if value.nullable or value.blank is not None:
        return any_of(Sql("({0} IS NULL)", value.sql), value.blank)
    return None


def literal(dialect: Dialect, given: Any) -> Value:
    """A literal of the formula."""
    match given:
        case None:
            return Value("empty", Sql("NULL"), nullable=True)
        case bool():
            return Value("boolean", Sql("TRUE" if given else "FALSE"), known=given)
        case str():
            return text_value(text(given), len(given), known=given)
    return arithmetic.literal(dialect, given)
