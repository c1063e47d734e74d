"""Formulas a template may keep: they compute from its own cells and reach for nothing."""

import re
from typing import Final

from runtime.exchange.refusals import FileRefused

_CALL: Final = re.compile(r"([A-Za-z_][\w.]*)\s*\(")
_TEXT: Final = re.compile(r"\"(?:[^\"]|\"\")*\"")
_LONGEST: Final = 2_000
# A closed list: what computes or looks up within the workbook.
_NAMES: Final = """
ABS AND AVERAGE AVERAGEIF AVERAGEIFS CEILING CHAR CHOOSE CLEAN CODE COLUMN COLUMNS CONCAT
CONCATENATE COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS DATE DATEDIF DATEVALUE DAY DAYS DAYS360
EDATE EOMONTH EXACT FALSE FIND FIXED FLOOR HLOOKUP HOUR IF IFERROR IFNA IFS INDEX INT ISBLANK
ISERROR ISNA ISNUMBER ISTEXT LARGE LEFT LEN LOOKUP LOWER MATCH MAX MAXIFS MEDIAN MID MIN MINIFS
MINUTE MOD MONTH NA NETWORKDAYS NOT NOW NUMBERSTRING OR POWER PRODUCT PROPER QUOTIENT RANK
REPLACE REPT RIGHT ROUND ROUNDDOWN ROUNDUP ROW ROWS SEARCH SECOND SIGN SMALL SQRT SUBSTITUTE
SUBTOTAL SUM SUMIF SUMIFS SUMPRODUCT SWITCH TEXT TEXTJOIN TIME TODAY TRIM TRUE TRUNC UPPER VALUE
VLOOKUP WEEKDAY WEEKNUM WORKDAY XLOOKUP YEAR
"""
_FUNCTIONS: Final = frozenset(_NAMES.split())


def require_plain(text: str, at: str) -> None:
    """Refuse a formula that reaches out of the workbook or calls what is not on the list."""
    bare = _TEXT.sub('""', text)
    if len(text) > _LONGEST or "[" in bare or "|" in bare or "#REF" in bare:
        raise FileRefused("template_formula", {"cell": at, "formula": text[:80]})
    for match in _CALL.finditer(bare):
        name = match[1].upper().removeprefix("_XLFN.").removeprefix("_XLWS.")
        if name not in _FUNCTIONS:
            params = {"cell": at, "formula": text[:80], "name": match[1][:40]}
            raise FileRefused("template_function", params)
