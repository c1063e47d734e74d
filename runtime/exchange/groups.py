"""Sheets that look alike: one per month, per brand, per shop, which belong into one form."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from runtime.exchange.found import Found

_LEAST_COLUMNS: Final = 2
_KINDS: Final = (
    (re.compile(r".*\d{4}\s*[年.\-/]?\s*\d{1,2}\s*月?"), "月份"),
    (re.compile(r"\s*(\d{1,2}|[一二三四五六七八九十]{1,2})\s*月.*"), "月份"),
    (
        re.compile(r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*.*", re.IGNORECASE),
        "月份",
    ),
    (re.compile(r"\s*\d{4}\s*年?\s*"), "年份"),
    (re.compile(r".*\d{1,2}\s*[日号]\s*"), "日期"),
    (re.compile(r".*(店|仓|部|公司|区|车间)\s*"), "部门"),
)


@dataclass(frozen=True)
class Group:
    """Tables with the same columns, and what the column should be called that tells them apart."""

    tables: tuple[str, ...]
    column: str
    values: tuple[str, ...]


def groups(tables: Sequence[Found]) -> list[Group]:
    """Return the tables that look alike, in the order of the workbook."""
    by_names: dict[tuple[str, ...], list[Found]] = defaultdict(list)
    for found in tables:
        names = tuple(looked.name for looked in found.columns.values() if not looked.invented)
        if len(names) >= _LEAST_COLUMNS and found.table.header.rows:
            by_names[names].append(found)
    together = [each for each in by_names.values() if len({found.key for found in each}) > 1]
    return [_group(each) for each in together]


def _group(alike: Sequence[Found]) -> Group:
    values = tuple(found.table.label for found in alike)
    return Group(tuple(found.key for found in alike), _column(values), values)


def _column(values: Sequence[str]) -> str:
    for kind, name in _KINDS:
        if all(kind.fullmatch(value) for value in values):
            return name
    return "来源"
