"""A cell as text a person reads, and as a plain value for import."""

from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from runtime.exchange import cells
from runtime.exchange.cells import Cell
from runtime.exchange.formats import Format
from runtime.exchange.moments import Moment, iso_moment

_MOMENTS: Final = frozenset({"date", "time", "datetime"})
MIDNIGHT: Final = time(0)


def moment(cell: Cell, shape: Format, *, epoch_1904: bool) -> Moment | None:
    """Return the date or time a cell shows; None when it is a plain value."""
    if cell.kind == cells.MOMENT:
        return iso_moment(cell.value)
    if cell.kind != cells.NUMBER or shape.shape not in _MOMENTS:
        return None
    if shape.shape == "time" and cells.decimal_of(cell.value) == 0:
        return MIDNIGHT
    return cells.moment_of(cell.value, epoch_1904=epoch_1904)


def spell(found: Moment) -> str:
    """Return a moment as ISO text with a blank between date and time."""
    if isinstance(found, datetime):
        return found.isoformat(" ", "seconds")
    return found.isoformat() if isinstance(found, date) else found.isoformat("seconds")


def as_shown(cell: Cell, shape: Format, *, epoch_1904: bool) -> str:
    """Return the cell the way the sheet shows it, near enough to recognise it."""
    found = moment(cell, shape, epoch_1904=epoch_1904)
    if found is not None:
        return spell(found)
    if cell.kind == cells.BOOLEAN:
        return "TRUE" if cell.value == "1" else "FALSE"
    if cell.kind != cells.NUMBER:
        return cell.value
    if shape.shape in {"general", "text", *_MOMENTS}:
        return cells.plain_text(cell.value)
    if shape.shape == "code":
        return cells.plain_text(cell.value).zfill(shape.places)
    return _number(cells.decimal_of(cell.value), shape)


def _number(value: Decimal, shape: Format) -> str:
    if value.adjusted() > 20:
        return format(value, "f")
    scaled = value.scaleb(2) if shape.shape == "percent" else value
    rounded = scaled.quantize(Decimal(1).scaleb(-min(shape.places, 10)), ROUND_HALF_UP)
    text = format(rounded, ",f" if shape.grouped else "f")
    return f"{text}%" if shape.shape == "percent" else text


def as_value(cell: Cell, shape: Format, *, epoch_1904: bool) -> tuple[str, str] | None:
    """Return kind and text for import: number, text, boolean, moment, or nothing to take."""
    found = moment(cell, shape, epoch_1904=epoch_1904)
    if found is not None:
        return cells.MOMENT, spell(found)
    if cell.kind in {cells.ERROR, cells.BAD}:
        return None
    if cell.kind == cells.NUMBER:
        if shape.shape == "code":
            return cells.TEXT, cells.plain_text(cell.value).zfill(shape.places)
        return cells.NUMBER, cells.plain_text(cell.value)
    if cell.kind == cells.TEXT:
        text = cell.value.strip()
        return (cells.TEXT, text) if text else None
    return cell.kind, cell.value
