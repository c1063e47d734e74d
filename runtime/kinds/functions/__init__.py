"""The formula functions, one family per file; adding one is a function and a line in its tuple."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from runtime.kinds.function import Function
from runtime.kinds.functions.aggregate import AGGREGATE
from runtime.kinds.functions.chinese import CHINESE
from runtime.kinds.functions.conversion import CONVERSION
from runtime.kinds.functions.date import DATE
from runtime.kinds.functions.information import INFORMATION
from runtime.kinds.functions.logic import LOGIC
from runtime.kinds.functions.math import MATH
from runtime.kinds.functions.powers import POWERS
from runtime.kinds.functions.text import TEXT

FAMILIES: Final[Mapping[str, tuple[Function, ...]]] = MappingProxyType(
    {
        "logic": LOGIC,
        "information": INFORMATION,
        "math": MATH,
        "powers": POWERS,
        "aggregate": AGGREGATE,
        "text": TEXT,
        "conversion": CONVERSION,
        "date": DATE,
        "chinese": CHINESE,
    }
)


def _by_name() -> Mapping[str, Function]:
    """Every function under its name and its aliases."""
    found: dict[str, Function] = {}
    for family in FAMILIES.values():
        for function in family:
            for name in (function.name, *function.aliases):
                assert name not in found, f"two functions are called {name}"
                found[name] = function
    return MappingProxyType(found)


FUNCTIONS: Final = _by_name()
