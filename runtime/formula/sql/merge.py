"""One value out of several by conditions: the heart of IF, IFS, SWITCH and IFERROR."""

from collections.abc import Callable
from dataclasses import replace

from runtime.formula.cell_errors import CellError
from runtime.formula.sql import arithmetic
from runtime.formula.sql.dialect import Dialect
from runtime.formula.sql.element import Element, Sql, UnsuitableError, fault
from runtime.formula.sql.value import NOTHING, Value, common_lines, nothing


def failing(error: CellError) -> Value:
    """The value that is always an error."""
    return replace(nothing(), fault=fault(error))


def branch(dialect: Dialect, condition: Value, yes: Value, no: Value) -> Value:
    """`yes` where the condition holds, else `no`; only that one's faults count."""
    found = chosen(dialect, condition.sql, yes, no)
    return found.with_signs(condition)


def chosen(dialect: Dialect, holds: Element, yes: Value, no: Value) -> Value:
    """The same for a condition without faults of its own."""
    yes, no = _of_one_kind(dialect, yes, no)
    return Value(
        yes.kind,
        _case(holds, yes.sql, no.sql),
        nullable=yes.nullable or no.nullable,
        fault=_either(holds, yes, no, lambda each: each.fault),
        flag=_either(holds, yes, no, lambda each: each.flag),
        blank=_either(holds, yes, no, lambda each: each.blank),
        lines=common_lines(yes, no),
        scale=yes.scale,
        low=min(yes.low, no.low),
        high=max(yes.high, no.high),
        longest=max(yes.longest, no.longest),
    )


def _case(holds: Element, yes: Element, no: Element) -> Element:
    return Sql("CASE WHEN {0} THEN {1} ELSE {2} END", holds, yes, no)


def _either(
    holds: Element, yes: Value, no: Value, part: Callable[[Value], Element | None]
) -> Element | None:
    first, second = part(yes), part(no)
    if first is None and second is None:
        return None
    if second is None:
        return Sql("CASE WHEN {0} THEN {1} END", holds, NOTHING if first is None else first)
    if first is None:
        return Sql("CASE WHEN {0} THEN NULL ELSE {1} END", holds, second)
    return _case(holds, first, second)


def _of_one_kind(dialect: Dialect, yes: Value, no: Value) -> tuple[Value, Value]:
    """Both as the kind they share: nothing and the text "" go with every kind."""
    kinds = {each.kind for each in (yes, no)} - {"empty"}
    if len(kinds) == 2 and "text" in kinds:
        yes, no = _blank(yes), _blank(no)
        kinds = {each.kind for each in (yes, no)} - {"empty"}
    if len(kinds) > 1:
        raise UnsuitableError("a value of several kinds")
    kind = kinds.pop() if kinds else "empty"
    scale = max(yes.scale, no.scale)
    return _as(dialect, yes, kind, scale), _as(dialect, no, kind, scale)


def _blank(value: Value) -> Value:
    """The text "" beside a number: a place that says so."""
    if value.kind != "text" or value.known != "":
        return value
    return replace(nothing(), blank=Sql("TRUE")).with_signs(value)


def _as(dialect: Dialect, value: Value, kind: str, scale: int) -> Value:
    if value.kind == "empty":
        return replace(value, kind=kind, scale=scale)
    if kind == "number":
        return dialect.bounded(arithmetic.aligned(dialect, value, scale))
    return replace(value, known=None)
