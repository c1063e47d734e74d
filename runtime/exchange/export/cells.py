"""What becomes of a value in a file: a number stays one, everything else is text or a day."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from runtime.compile import Field
from runtime.kinds.contacts import is_masked, masked
from runtime.kinds.decimal_field import DecimalField
from runtime.query.called import written

Style = Literal["text", "number", "money", "percent", "date", "datetime"]
# What a cell holds: a datetime is wall time where the company is, without a zone.
Cell = str | Decimal | date | datetime | None
# A spreadsheet's numbers have 15 digits; longer ones keep all of theirs as text.
DIGITS: Final = 15
# The first day on which all spreadsheets agree.
FIRST_DAY: Final = date(1900, 3, 1)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_SIGNED_NUMBER: Final = re.compile(r"[+-][0-9][0-9.,]*", re.ASCII)
_NUMBERS: Final[Mapping[str, Style]] = {"money": "money", "percent": "percent", "duration": "text"}
_DAYS: Final[Mapping[str, Style]] = {"date": "date", "datetime": "datetime"}


@dataclass(frozen=True)
class Column:
    """A column of the file: its heading and what its cells are."""

    heading: str
    style: Style


def style_of(field: Field) -> Style:
    """Return what the cells of a field are."""
    kind = field.stored.kind
    if isinstance(field.stored, DecimalField):
        return _NUMBERS.get(kind, "number")
    return _DAYS.get(kind, "text")


def cell_of(
    field: Field, value: Any, *, title: str | None, names: Mapping[int, str] | None, locale: str
) -> Cell:
    """Return the cell of a value: what a list shows of it, but typed."""
    if value is None:
        return None
    if title is not None:
        return title
    if names is not None:
        return written(value, names)
    style = style_of(field)
    if style in {"number", "money", "percent"}:
        return _number(value)
    if style == "date":
        return _day(value)
    if style == "datetime":
        return _wall_time(field, value, locale)
    text = field.format(value, locale)
    return masked(text) if is_masked(field.stored.kind, field.stored_as.options) else text


def plain(cell: Cell) -> str:
    """Write a cell as a file of texts has it; what a spreadsheet would calculate is disarmed."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds" if cell.second else "minutes")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    # One apostrophe is taken away again where the file is read, so one that is there gets another.
    return f"'{cell}" if is_formula(cell.lstrip("'")) else cell


def is_formula(text: str) -> bool:
    """Whether a spreadsheet that opens a file of texts would calculate this one."""
    return text.startswith(_FORMULA) and not _SIGNED_NUMBER.fullmatch(text)


def _number(value: Decimal) -> Cell:
    return value if len(value.normalize().as_tuple().digits) <= DIGITS else format(value, "f")


def _day(value: date) -> Cell:
    return value if value >= FIRST_DAY else value.isoformat()


def _wall_time(field: Field, value: datetime, locale: str) -> Cell:
    zone = ZoneInfo(field.stored_as.options.get("zone") or "Asia/Shanghai")
    there = value.astimezone(zone).replace(tzinfo=None)
    return there if there.date() >= FIRST_DAY else field.format(value, locale)
