"""A formula as SQL, or why it is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sqlalchemy import ColumnElement

from runtime.formula.formula import Formula
from runtime.formula.sql import arithmetic, faults
from runtime.formula.sql.compiler import Builder, Compiler
from runtime.formula.sql.dialect import Dialect, Rounded
from runtime.formula.sql.element import Element, Sql, UnsuitableError, all_of
from runtime.formula.sql.native import CHOICES, NATIVE
from runtime.formula.sql.postgresql import Postgresql
from runtime.formula.sql.sqlite import Sqlite
from runtime.formula.sql.value import NOTHING, Clock, Source, Value

_NO_MORE: Final[Mapping[str, Builder]] = MappingProxyType({})
DIALECTS: Final[dict[str, Dialect]] = {"sqlite": Sqlite(), "postgresql": Postgresql()}


@dataclass(frozen=True, eq=False)
class SqlFormula:
    """The value of a formula in a statement, and the code of its error.

    `value` counts where `fault` is NULL and `doubtful` does not hold: there only Python knows.
    Numbers are in units of 10^-`scale` on SQLite, as ExactDecimal keeps them; `low` and `high`
    bound those units on both databases. A datetime is the wall's. `blank` holds where the value is
    the text "" instead, which a field keeps as nothing.
    """

    kind: str
    value: Element
    fault: Element | None
    doubtful: Element | None
    blank: Element | None
    scale: int
    low: int
    high: int

    @property
    def certain(self) -> ColumnElement[bool]:
        """Where a condition holds: not where it fails, and not where only Python knows."""
        holds: Element = Sql("coalesce({0}, FALSE)", self.value)
        if self.fault is not None:
            holds = Sql("({0} IS NULL AND {1})", self.fault, holds)
        if self.doubtful is not None:
            holds = Sql("(({0}) IS NOT TRUE AND {1})", self.doubtful, holds)
        return holds

    @property
    def error(self) -> Element:
        """The code of the error, `faults.ASK_PYTHON` where only Python knows, else NULL."""
        fault = NOTHING if self.fault is None else self.fault
        if self.doubtful is None:
            return fault
        return Sql(f"CASE WHEN {{0}} THEN {faults.ASK_PYTHON} ELSE {{1}} END", self.doubtful, fault)


@dataclass(frozen=True)
class Unsuitable:
    """The formula is Python's, and why."""

    reason: str


def compile_sql(
    formula: Formula,
    source: Source,
    dialect: str,
    clock: Clock,
    *,
    places: int | None = None,
    more: Mapping[str, Builder] = _NO_MORE,
) -> SqlFormula | Unsuitable:
    """Compile a formula over the columns of `source`, which say their own types and scales.

    With `places` a number comes rounded half up to so many decimals, as a field keeps it. `more`
    are functions that only this place knows.
    """
    compiler = _compiler(formula, source, dialect, clock, more)
    try:
        return _compiled(compiler, places)
    except UnsuitableError as error:
        return Unsuitable(error.reason)


def compile_usual(
    formula: Formula,
    source: Source,
    dialect: str,
    clock: Clock,
    *,
    places: int | None,
    few_decimals: bool = False,
) -> tuple[SqlFormula, Element] | None:
    """The same for rows whose numbers are there, not negative and not immense, and which those are.

    What is known of the numbers makes a shorter expression; None where nothing can be assumed. With
    `few_decimals` rows whose numbers need no more than three: on SQLite far larger ones are exact.
    """
    compiler = _compiler(formula, source, dialect, clock)
    compiler.assumed = {}
    compiler.few_decimals = few_decimals
    try:
        found = _compiled(compiler, places)
    except UnsuitableError:
        return None
    return (found, all_of(*compiler.assumed.values())) if compiler.assumed else None


def _compiler(
    formula: Formula,
    source: Source,
    dialect: str,
    clock: Clock,
    more: Mapping[str, Builder] = _NO_MORE,
) -> Compiler:
    builders = {**NATIVE, **more} if more else NATIVE
    return Compiler(formula, source, DIALECTS[dialect], clock, builders, CHOICES)


def _compiled(compiler: Compiler, places: int | None) -> SqlFormula:
    tree = compiler.formula.tree
    rounding = None if places is None else Rounded("half", places)
    value = compiler.of(tree) if rounding is None else compiler.rounded(tree, rounding)
    if value.lines is not None:
        raise UnsuitableError("a column is no single value")
    if value.kind == "number":
        value = _finished(compiler.dialect, value, places)
    return SqlFormula(
        value.kind,
        value.sql,
        value.fault,
        value.flag,
        value.blank,
        value.scale,
        value.low,
        value.high,
    )


def _finished(dialect: Dialect, value: Value, places: int | None) -> Value:
    """Twenty-eight digits, in the units of the target."""
    if places is None:
        return dialect.finished(value)
    if value.scale > places:
        raise UnsuitableError("a result that was not rounded")
    return dialect.bounded(arithmetic.aligned(dialect, value, places))
