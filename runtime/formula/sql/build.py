"""A formula as SQL, or why it is not."""

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import ColumnElement

from runtime.formula.formula import Formula
from runtime.formula.sql import faults
from runtime.formula.sql.compiler import Compiler
from runtime.formula.sql.dialect import Dialect, Rounded
from runtime.formula.sql.element import Element, Sql, UnsuitableError
from runtime.formula.sql.native import CHOICES, NATIVE
from runtime.formula.sql.postgresql import Postgresql
from runtime.formula.sql.sqlite import Sqlite
from runtime.formula.sql.value import Clock, Source, Value

DIALECTS: Final[dict[str, Dialect]] = {"sqlite": Sqlite(), "postgresql": Postgresql()}
# A result has 28 digits.
RESULT_DIGITS: Final = 28


@dataclass(frozen=True, eq=False)
class SqlFormula:
    """The value of a formula in a statement, and the code of its error.

    `error` is NULL where the value counts, `faults.ASK_PYTHON` where only Python knows; `certain`
    when that never happens. Numbers are in units of 10^-`scale` on SQLite, as ExactDecimal keeps
    them; a datetime is the wall's.
    """

    kind: str
    value: ColumnElement[object]
    error: ColumnElement[object]
    scale: int
    certain: bool
    # Where the value is the text "" instead, which a field keeps as nothing; None: nowhere.
    blank: ColumnElement[object] | None = None


@dataclass(frozen=True)
class Unsuitable:
    """The formula is Python's, and why."""

    reason: str


def compile_sql(
    formula: Formula, source: Source, dialect: str, clock: Clock, *, places: int | None = None
) -> SqlFormula | Unsuitable:
    """Compile a formula over the columns of `source`, which say their own types and scales.

    With `places` a number comes rounded half up to so many decimals, as a field keeps it.
    """
    try:
        return _compiled(formula, source, DIALECTS[dialect], clock, places)
    except UnsuitableError as error:
        return Unsuitable(error.reason)


def _compiled(
    formula: Formula, source: Source, dialect: Dialect, clock: Clock, places: int | None
) -> SqlFormula:
    compiler = Compiler(formula, source, dialect, clock, NATIVE, CHOICES)
    if places is None:
        value = compiler.of(formula.tree)
    else:
        value = compiler.rounded(formula.tree, Rounded("half", places))
    if value.lines is not None:
        raise UnsuitableError("a column is no single value")
    if value.kind == "number":
        value = _finished(dialect, value, places)
    error: Element = value.fault if value.fault is not None else Sql("NULL")
    if value.flag is not None:
        error = Sql(f"CASE WHEN {{0}} THEN {faults.ASK_PYTHON} ELSE {{1}} END", value.flag, error)
    certain = value.flag is None
    return SqlFormula(value.kind, value.sql, error, value.scale, certain, value.blank)


def _finished(dialect: Dialect, value: Value, places: int | None) -> Value:
    """Twenty-eight digits, then the decimals of the target."""
    largest = 10**RESULT_DIGITS
    if isinstance(dialect, Postgresql) and (value.high >= largest or value.low <= -largest):
        if places is not None:
            # Rounded already: what has more digits was rounded too early.
            flag = Sql(f"(abs({{0}}) >= 1e{RESULT_DIGITS - places})", value.sql)
            return replace(
                value, flag=flag if value.flag is None else Sql("({0} OR {1})", value.flag, flag)
            )
        return replace(value, sql=dialect.significant(value.sql, RESULT_DIGITS))
    if places is not None and value.scale < places:
        value = replace(
            value,
            sql=dialect.rescaled(value.sql, places - value.scale),
            scale=places,
            low=value.low * 10 ** (places - value.scale),
            high=value.high * 10 ** (places - value.scale),
        )
        value = dialect.bounded(value)
    return value
