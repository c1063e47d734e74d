"""Every reason to say no, in order of precedence."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from runtime.kernel.commands import DocumentRef


class Refusal(StrEnum):
    """Checked top to bottom: the first that holds is the answer."""

    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    UNKNOWN_REF = "UNKNOWN_REF"
    CANNOT_REVERSE = "CANNOT_REVERSE"
    ALREADY_CANCELLED = "ALREADY_CANCELLED"
    PERIOD_CLOSED = "PERIOD_CLOSED"
    UNKNOWN_ITEM = "UNKNOWN_ITEM"
    UNKNOWN_WAREHOUSE = "UNKNOWN_WAREHOUSE"
    UNKNOWN_UOM = "UNKNOWN_UOM"
    BAD_QTY = "BAD_QTY"
    SAME_WAREHOUSE = "SAME_WAREHOUSE"
    BAD_VALUE = "BAD_VALUE"
    NEGATIVE_VALUE = "NEGATIVE_VALUE"
    OVER_RETURN = "OVER_RETURN"
    HAS_DEPENDENTS = "HAS_DEPENDENTS"
    NEGATIVE_STOCK = "NEGATIVE_STOCK"
    NEGATIVE_STOCK_FUTURE = "NEGATIVE_STOCK_FUTURE"


@dataclass(frozen=True, slots=True)
class Problem:
    """One place where a refusal holds: the line and column of the command and what stands there."""

    line: int | None = None
    field: str = ""
    item: str = ""
    warehouse: str = ""
    qty: Fraction | None = None
    on_hand: Fraction | None = None
    date: str = ""
    documents: tuple[DocumentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer no: a reason and every place where it holds."""

    code: Refusal
    problems: tuple[Problem, ...] = (Problem(),)
