"""Reading what people type: numbers with commas and ￥, dates in the usual spellings."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

_WIDE: Final = str.maketrans("０１２３４５６７８９．，－＋％：／￥　", "0123456789.,-+%:/¥ ")
_GROUPED: Final = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", re.ASCII)
_PLAIN: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)
_DATES: Final = (
    re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", re.ASCII),
    re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})[日号]?", re.ASCII),
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII),
)


def narrow(text: str) -> str:
    """Turn full-width digits and signs into the usual ones and trim."""
    return text.translate(_WIDE).replace("\u2212", "-").strip()


def read_decimal(text: str) -> Decimal | None:
    """Read `1,234.50`, `￥12`, `（3）`-free plain numbers, `1.2万`; None when it is no number."""
    source = narrow(text).removeprefix("¥").removeprefix("$").removesuffix("元").strip()
    factor = Decimal(1)
    if source.endswith("万"):
        factor, source = Decimal(10_000), source[:-1].strip()
    if _GROUPED.fullmatch(source):
        source = source.replace(",", "")
    if len(source) > 40 or not _PLAIN.fullmatch(source):
        return None
    try:
        return Decimal(source) * factor
    except InvalidOperation:
        return None


def read_date(text: str) -> date | None:
    """Read `2026-11-21`, `2026/11/21`, `2026.11.21`, `2026年11月21日`, `20261121`."""
    source = narrow(text)
    for pattern in _DATES:
        found = pattern.fullmatch(source)
        if found:
            try:
                return date(int(found[1]), int(found[2]), int(found[3]))
            except ValueError:
                return None
    return None


def grouped(number: Decimal, places: int | None) -> str:
    """Write a number with thousands separators; `places` None drops trailing zeros."""
    if places is None:
        text = format(number.normalize(), ",f")
        return "0" if text in {"-0", "0"} else text
    return format(number, f",.{places}f")
