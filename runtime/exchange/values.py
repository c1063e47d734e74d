"""A cell of a workbook and the field it goes into -> the value documents take."""

import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from runtime.compile import Field
from runtime.exchange import cells
from runtime.exchange.evidence import BLANK_WORDS
from runtime.exchange.moments import text_moment
from runtime.exchange.shown import spell
from runtime.exchange.spool import Taken
from runtime.kinds.decimal_field import DecimalField
from runtime.kinds.field_type import Unreadable

_DECIMALS: Final = frozenset({"number", "money", "quantity", "percent"})
_TEXTS: Final = frozenset({"text", "long_text"})
_MOMENTS: Final = frozenset({"date", "datetime"})
_NEVER_WORDS: Final = _MOMENTS | {"boolean"}
_BLANKS: Final = BLANK_WORDS - {"无"}


def value_of(taken: Taken, field: Field) -> Any:
    """Return what the field's own kind makes of a cell; Unreadable where it cannot.

    A cell without a value for such a field (`n/a` among numbers) is empty, not wrong.
    """
    kind = field.kind.kind
    text = clean(taken.text, lines=kind == "long_text")
    if taken.kind == cells.BOOLEAN and kind in _TEXTS:
        # In a field of text it is what the cell shows.
        text = "TRUE" if text == "1" else "FALSE"
    if kind in _DECIMALS:
        return _decimal(taken, text, field)
    if kind in _NEVER_WORDS and text.lower() in _BLANKS:
        return None
    if kind in _MOMENTS:
        return _moment(taken, text, field)
    return field.kind.parse(text, field.definition)


def clean(text: str, *, lines: bool) -> str:
    """Drop what nobody sees; outside long texts a line break is a blank."""
    if text.isprintable():
        return text.strip()
    broken = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        broken = broken.replace("\n", " ").replace("\t", " ")
    kept = (
        char
        for char in broken
        if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}
    )
    return "".join(kept).strip()


def _decimal(taken: Taken, text: str, field: Field) -> Any:
    if taken.kind == cells.NUMBER:
        if text.isdecimal():
            # A whole number has no places to be cut.
            return Decimal(text)
        # A percent cell holds the fraction; only typed text says 13 for 0.13.
        return _on_scale(Decimal(taken.text), field)
    if text.lower() in BLANK_WORDS:
        return None
    found = field.kind.parse(text, field.definition)
    return _on_scale(found, field) if isinstance(found, Decimal) else found


def _on_scale(number: Decimal, field: Field) -> Decimal:
    # Excel's arithmetic is binary: 19.607289329538858 is what a price of 19.6073 looks like there.
    assert isinstance(field.kind, DecimalField)
    places = field.kind.places(field.definition)
    exponent = number.as_tuple().exponent
    if number.adjusted() > 20 or not isinstance(exponent, int) or -exponent <= places:
        return number
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _moment(taken: Taken, text: str, field: Field) -> Any:
    if taken.kind == cells.NUMBER and field.kind.kind in _MOMENTS and "." not in text:
        # A bare serial under a header that speaks of a date; eight digits are a spelled day.
        found = cells.moment_of(text, epoch_1904=False) if len(text) == 5 else None
        text = spell(found) if found is not None else text
    elif taken.kind == cells.TEXT:
        spelled = text_moment(text)
        text = spell(spelled) if spelled is not None else text
    parsed = field.kind.parse(text, field.definition)
    if isinstance(parsed, Unreadable):
        return Unreadable(taken.text[:60], parsed.code)
    return parsed
