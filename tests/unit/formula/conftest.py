"""What the tests of the language share: one scope, one record, one moment."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from runtime.formula import FieldName, Formula, Scope, evaluate, parse
from runtime.kinds.functions import FUNCTIONS

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
HEADER = {
    "qty": ("数量", "number"),
    "price": ("单价", "money"),
    "name": ("名称", "text"),
    "status": ("状态", "choice"),
    "tags": ("标签", "list of choice"),
    "today": ("今天", "date"),
    "moment": ("时刻", "datetime"),
    "customer": ("客户", "reference"),
    "fix": ("修正", "number"),
    "checked": ("已核对", "boolean"),
}
LINES = {
    "lines": {"qty": ("数量", "number"), "amount": ("金额", "money"), "note": ("备注", "text")},
    "d": {"items": ("件数", "number"), "price": ("价格", "money")},
}
ROW: Mapping[str, Any] = {
    "qty": Decimal(5),
    "price": Decimal("2.5"),
    "name": "苹果",
    "status": "draft",
    "tags": ("a", "b"),
    "today": date(2026, 11, 21),
    "moment": NOW,
    "customer": 17,
    "checked": True,
}
LINE_ROWS: Mapping[str, Any] = {
    "lines": [
        {"qty": Decimal(1), "amount": Decimal("10.01"), "note": "甲"},
        {"qty": Decimal(2), "amount": Decimal("20.02"), "note": None},
    ],
    "d": [{"items": Decimal(5)}],
}


def _names(fields: Mapping[str, tuple[str, str]]) -> dict[str, FieldName]:
    return {
        code: FieldName(f"f_{code}", code, (label,), kind) for code, (label, kind) in fields.items()
    }


def scope_of(row: str | None = None) -> Scope:
    """The scope of the header, or of a line."""
    lines = {code: _names(columns) for code, columns in LINES.items()}
    return Scope(_names(HEADER), lines, FUNCTIONS, row)


@pytest.fixture(scope="session")
def scope() -> Scope:
    return scope_of()


@pytest.fixture
def formula(scope: Scope) -> Callable[[str], Formula]:
    return lambda text: parse(text, scope)


@pytest.fixture
def value(scope: Scope) -> Callable[..., Any]:
    def compute(text: str, **values: Any) -> Any:
        return evaluate(parse(text, scope), {**ROW, **values}, LINE_ROWS, NOW, ZONE)

    return compute
