"""The functions that SQL computes itself, one family per file."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from runtime.formula.sql.compiler import Builder
from runtime.formula.sql.native.aggregate import AGGREGATE
from runtime.formula.sql.native.conditional import CONDITIONAL
from runtime.formula.sql.native.dates import DATES
from runtime.formula.sql.native.information import INFORMATION
from runtime.formula.sql.native.logic import CHOICES, LOGIC
from runtime.formula.sql.native.math import MATH
from runtime.formula.sql.native.text import TEXT

NATIVE: Final[Mapping[str, Builder]] = MappingProxyType(
    {**LOGIC, **INFORMATION, **MATH, **AGGREGATE, **CONDITIONAL, **TEXT, **DATES}
)
__all__ = ["CHOICES", "NATIVE"]
