"""Whether a recomputed value is what the file shows: at the precision it is displayed with."""

from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from runtime.exchange import cells
from runtime.exchange.cells import Cell
from runtime.exchange.formats import Format
from runtime.formula import CellError

# What is left of a binary number beyond its 15 digits, after a few operations.
_NOISE: Final = Decimal("1e-12")
# A cell without a format shows eleven characters.
_GENERAL_DIGITS: Final = 11
_SECONDS: Final = 86_400
_HALF_SECOND: Final = Decimal("0.5") / _SECONDS


def is_same(ours: Any, cell: Cell | None, shape: Format, *, epoch_1904: bool) -> bool:
    """Compare our value with a cell; an empty cell is nothing, an empty text, or a blank."""
    if cell is None or (cell.kind == cells.TEXT and not cell.value.strip()):
        return ours is None or (isinstance(ours, str) and not ours.strip())
    if isinstance(ours, CellError) or cell.kind == cells.ERROR:
        return isinstance(ours, CellError) and cell.kind == cells.ERROR
    if cell.kind == cells.BOOLEAN:
        return ours is (cell.value == "1")
    if cell.kind == cells.NUMBER:
        return _same_number(ours, cell.value, shape, epoch_1904=epoch_1904)
    return as_text(ours).strip() == cell.value.strip()


def _same_number(ours: Any, stored: str, shape: Format, *, epoch_1904: bool) -> bool:
    told = cells.decimal_of(stored)
    if ours is None or ours == "":
        # A reference to an empty cell shows 0.
        return told == 0
    if isinstance(ours, date | time):
        return abs(serial_of(ours, epoch_1904=epoch_1904) - told) <= _HALF_SECOND
    if isinstance(ours, str):
        return ours.strip() == cells.plain_text(stored)
    if not isinstance(ours, Decimal):
        return False
    if abs(ours - told) <= max(abs(ours), abs(told)) * _NOISE:
        return True
    return _displayed(ours, shape) == _displayed(told, shape)


def _displayed(value: Decimal, shape: Format) -> Decimal:
    if shape.shape in {"number", "money", "percent"}:
        places = shape.places + (2 if shape.shape == "percent" else 0)
        return value.quantize(Decimal(1).scaleb(-min(places, 15)), ROUND_HALF_UP)
    if not value:
        return value
    return round(value, _GENERAL_DIGITS - 1 - value.adjusted())


def serial_of(moment: date | time, *, epoch_1904: bool) -> Decimal:
    """The number Excel stores for a moment."""
    if isinstance(moment, time):
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
        return Decimal(seconds) / _SECONDS
    start = datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30)  # noqa: DTZ001
    whole = moment if isinstance(moment, datetime) else datetime.combine(moment, time(0))
    apart: timedelta = whole.replace(tzinfo=None) - start
    return Decimal(apart.days) + Decimal(apart.seconds) / _SECONDS


def as_text(value: Any) -> str:
    """A value the way a cell would show it."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case Decimal():
            return format(value.normalize() if value else Decimal(0), "f")
        case CellError():
            return value.kind
        case date() | time():
            return value.isoformat()
    return str(value)
