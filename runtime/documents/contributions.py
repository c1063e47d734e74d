"""What a record brings to roll-ups and aggregate tables, and how figures are put together."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.types import TypeEngine

from runtime.compile.figures import Rows, Values
from runtime.formula import Context, Formula, evaluate_in
from runtime.infra.columns import MAX_SCALED, ExactDecimal
from runtime.query import Record

# Whatever the clock says, what is asked here has the same answer: such formulas are refused.
_ANY_TIME = datetime.min.replace(tzinfo=ZoneInfo("UTC")).replace(year=2000)


def rows_of(record: Record | None, rows: Rows) -> Iterator[tuple[Values, Values | None]]:
    """The rows of a record that take part: itself, or its lines, as (header, line)."""
    if record is None or not record.form.counts(record.status):
        return
    if rows.lines is None:
        lines: tuple[Values | None, ...] = (None,)
    else:
        lines = tuple(line.values for line in record.lines.get(rows.lines, ()))
    for line in lines:
        if rows.where is None or value_of(rows.where, record, line) is True:
            yield record.values, line


def value_of(formula: Formula, record: Record, line: Values | None) -> Any:
    """The value of a steady formula on a row of a record."""
    tables = {code: [each.values for each in lines] for code, lines in record.lines.items()}
    zone = ZoneInfo(record.form.zone)
    return evaluate_in(formula, Context(record.values, tables, _ANY_TIME, zone, line))


def value_in(formula: Formula, row: Values, zone: str) -> Any:
    """The value of a steady formula on a row that has no lines."""
    return evaluate_in(formula, Context(row, {}, _ANY_TIME, ZoneInfo(zone)))


def on_scale(value: Any, kept: TypeEngine[Any] | None) -> Any:
    """Bring a computed figure onto the scale it is kept at; what is no figure is nothing."""
    if not isinstance(kept, ExactDecimal):
        return value
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        return None
    exact = Decimal(value)
    if not fits(exact, kept):
        return exact
    return exact.quantize(Decimal(1).scaleb(-kept.scale), rounding=ROUND_HALF_UP)


def fits(value: Any, kept: TypeEngine[Any]) -> bool:
    """Say whether a column of that type can hold a figure."""
    if value is None or not isinstance(kept, ExactDecimal):
        return True
    return bool(abs(Decimal(value)) < Decimal(MAX_SCALED).scaleb(-kept.scale))


def average(total: Decimal, number: int, places: int) -> Decimal | None:
    """Divide exactly and round once, half up; the average of nothing is nothing."""
    if number <= 0:
        return None
    above, below = total.as_integer_ratio()
    above, below = above * 10**places, below * number
    rounded = (2 * abs(above) + below) // (2 * below)
    return Decimal(-rounded if above < 0 else rounded).scaleb(-places)


def by_kind(values: Mapping[Any, int]) -> Iterator[tuple[Any, int]]:
    """Values with how many more (or fewer) of each there are; what evens out is left out."""
    yield from ((value, n) for value, n in values.items() if n)
