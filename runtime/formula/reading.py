"""Values of records as the language has them, and results as records have them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from runtime.formula import values
from runtime.formula.cell_errors import NOT_A_NUMBER, CellError
from runtime.formula.numbers import finish, fit
from runtime.formula.scope import Tables
from runtime.formula.tree import Reference
from runtime.formula.types import NUMERIC, item
from runtime.formula.values import Array, Work, guarded


@dataclass
class Context:
    """What a formula is evaluated on; `work` may be shared by all formulas of a record."""

    row: Mapping[str, Any]
    lines: Mapping[str, Sequence[Mapping[str, Any]]]
    now: datetime
    zone: tzinfo
    line: Mapping[str, Any] | None = None
    work: Work = field(default_factory=Work)
    # Records that are pointed to, by form and id; columns of other forms. Without them there are
    # none of what they would give.
    related: Callable[[str, int], Mapping[str, Any]] | None = None
    tables: Tables | None = None

    def moment(self) -> datetime:
        """The wall time of the one instant this evaluation knows."""
        return _wall(self.now, self.zone)


def inside(reference: Reference, context: Context) -> Any:
    """The value of a field as the language has it."""
    if reference.form is not None and reference.via is None:
        return columns([reference], {}, context)[0]
    if reference.many:
        rows = context.lines.get(reference.lines or "", ())
        context.work.read(len(rows))
        return Array(tuple(_cell(reference, row, context) for row in rows))
    if reference.lines is not None:
        assert context.line is not None, "a line formula needs its line"
        return _cell(reference, context.line, context)
    return _cell(reference, context.row, context)


def _cell(reference: Reference, row: Mapping[str, Any], context: Context) -> Any:
    """A value of a row, or of the record its reference points to."""
    if reference.via is None:
        return _read(row.get(reference.code), reference.type, context.zone)
    context.work.spend()
    key = row.get(reference.via)
    if key is None or key == "" or context.related is None or reference.form is None:
        return None
    record = context.related(reference.form, int(key))
    return _read(record.get(reference.code), reference.type, context.zone)


def columns(
    references: Sequence[Reference], equal: Mapping[str, Any], context: Context
) -> list[Array]:
    """Columns of one form (or line table of it), in the order of their references."""
    first = references[0]
    if context.tables is None or first.form is None:
        return [Array(()) for _ in references]
    codes = sorted({each.code for each in references})
    found = context.tables.columns(first.form, first.lines, codes, equal)
    arrays = []
    for each in references:
        context.work.read(len(found[each.code]))
        items = (_read(item, each.type, context.zone) for item in found[each.code])
        arrays.append(Array(tuple(items)))
    return arrays


def _fitting(value: Decimal) -> Decimal:
    """The number itself if it fits, so that reading a column a hundred times keeps one copy."""
    found = fit(value)
    return value if not found.compare_total(value) else found


def _read(value: Any, kind: str, zone: tzinfo) -> Any:
    """From the record: decimals of 34 digits, wall time, a reference as the text of its id."""
    match value:
        case None | bool() | CellError():
            return value
        case Decimal():
            return guarded(_fitting, value) if value.is_finite() else NOT_A_NUMBER
        case str():
            return guarded(values.check_text, value)
        case int():
            return _read(Decimal(value), kind, zone) if item(kind) in NUMERIC else str(value)
        case datetime():
            return _wall(value, zone)
        case time():
            return value.replace(microsecond=0)
        case tuple() | list():
            return Array(tuple(_read(each, item(kind), zone) for each in value))
    assert isinstance(value, date), f"{type(value).__name__} is no value of a formula"
    return value


def _wall(instant: datetime, zone: tzinfo) -> datetime:
    """What a clock in the zone shows, to the second; formulas compute with that, as Excel does."""
    if instant.tzinfo is not None:
        instant = instant.astimezone(zone)
    return instant.replace(microsecond=0, tzinfo=None)


def outside(value: Any, kind: str, zone: tzinfo) -> Any:
    """To the record: 28 digits, an instant in UTC, a reference as its id."""
    match value:
        case Decimal():
            return guarded(finish, value)
        case datetime():
            return value.replace(tzinfo=zone).astimezone(UTC)
        case Array():
            return tuple(outside(each, item(kind), zone) for each in value.items)
        case str() if kind == "reference" and value.isdecimal():
            return int(value)
    return None if value == "" and kind not in ("text", "choice", "any", "empty") else value
