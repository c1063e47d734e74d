"""The formula functions, one family per file; adding one is a function and a line in its tuple."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from runtime.kinds.function import Function
from runtime.kinds.functions.aggregate import AGGREGATE
from runtime.kinds.functions.chance import CHANCE
from runtime.kinds.functions.chinese import CHINESE
from runtime.kinds.functions.conditional import CONDITIONAL
from runtime.kinds.functions.conversion import CONVERSION
from runtime.kinds.functions.date import DATE
from runtime.kinds.functions.encoding import ENCODING
from runtime.kinds.functions.finance import FINANCE
from runtime.kinds.functions.information import INFORMATION
from runtime.kinds.functions.lists import LISTS
from runtime.kinds.functions.logic import LOGIC
from runtime.kinds.functions.lookup import LOOKUP
from runtime.kinds.functions.math import MATH
from runtime.kinds.functions.numerals import NUMERALS
from runtime.kinds.functions.parts import PARTS
from runtime.kinds.functions.powers import POWERS
from runtime.kinds.functions.regression import REGRESSION
from runtime.kinds.functions.statistics import STATISTICS
from runtime.kinds.functions.text import TEXT
from runtime.kinds.functions.time import TIME
from runtime.kinds.functions.trigonometry import TRIGONOMETRY
from runtime.kinds.functions.workdays import WORKDAYS

# What people look through, in this order, with its families.
CATEGORIES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "logic": {"zh": "逻辑", "en": "Logic"},
        "math": {"zh": "数学", "en": "Numbers"},
        "aggregate": {"zh": "汇总", "en": "Sums and counts"},
        "lookup": {"zh": "查找与列表", "en": "Lookup and lists"},
        "date": {"zh": "日期与时间", "en": "Dates and times"},
        "text": {"zh": "文本", "en": "Text"},
        "statistics": {"zh": "统计", "en": "Statistics"},
        "finance": {"zh": "财务", "en": "Money"},
        "information": {"zh": "信息", "en": "Information"},
    }
)
_FAMILIES: Final[tuple[tuple[str, str, tuple[Function, ...]], ...]] = (
    ("logic", "logic", LOGIC),
    ("information", "information", INFORMATION),
    ("math", "math", MATH),
    ("powers", "math", POWERS),
    ("trigonometry", "math", TRIGONOMETRY),
    ("chance", "math", CHANCE),
    ("aggregate", "aggregate", AGGREGATE),
    ("conditional", "aggregate", CONDITIONAL),
    ("lookup", "lookup", LOOKUP),
    ("lists", "lookup", LISTS),
    ("date", "date", DATE),
    ("time", "date", TIME),
    ("workdays", "date", WORKDAYS),
    ("text", "text", TEXT),
    ("parts", "text", PARTS),
    ("conversion", "text", CONVERSION),
    ("encoding", "text", ENCODING),
    ("numerals", "text", NUMERALS),
    ("statistics", "statistics", STATISTICS),
    ("regression", "statistics", REGRESSION),
    ("finance", "finance", FINANCE),
    ("chinese", "finance", CHINESE),
)
FAMILIES: Final[Mapping[str, tuple[Function, ...]]] = MappingProxyType(
    {
        family: tuple(replace(each, family=family, category=category) for each in members)
        for family, category, members in _FAMILIES
    }
)


def _by_name() -> Mapping[str, Function]:
    """Every function under its name and its aliases."""
    found: dict[str, Function] = {}
    for family in FAMILIES.values():
        for function in family:
            assert function.category in CATEGORIES, f"no category {function.category}"
            for name in (function.name, *function.aliases):
                assert name not in found, f"two functions are called {name}"
                found[name] = function
    return MappingProxyType(found)


FUNCTIONS: Final = _by_name()
