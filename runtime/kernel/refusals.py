"""Every reason to say no, in order of precedence."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from runtime.kernel.lines import DocumentRef


class Refusal(StrEnum):
    """Checked top to bottom: the first that holds is the answer."""

    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    UNKNOWN_REF = "UNKNOWN_REF"
    CANNOT_REVERSE = "CANNOT_REVERSE"
    ALREADY_CANCELLED = "ALREADY_CANCELLED"
    CLOSE_ORDER = "CLOSE_ORDER"
    PERIOD_CLOSED = "PERIOD_CLOSED"
    UNKNOWN_ITEM = "UNKNOWN_ITEM"
    UNKNOWN_WAREHOUSE = "UNKNOWN_WAREHOUSE"
    UNKNOWN_UOM = "UNKNOWN_UOM"
    BAD_POLICY = "BAD_POLICY"
    BAD_QTY = "BAD_QTY"
    SERIAL_COUNT = "SERIAL_COUNT"
    LOT_REQUIRED = "LOT_REQUIRED"
    SAME_WAREHOUSE = "SAME_WAREHOUSE"
    BAD_VALUE = "BAD_VALUE"
    NEGATIVE_VALUE = "NEGATIVE_VALUE"
    BATCH_EXPIRED = "BATCH_EXPIRED"
    OVER_RETURN = "OVER_RETURN"
    OVER_INVOICE = "OVER_INVOICE"
    HAS_DEPENDENTS = "HAS_DEPENDENTS"
    RESERVE_EXCEEDS = "RESERVE_EXCEEDS"
    SERIAL_DUPLICATE = "SERIAL_DUPLICATE"
    SERIAL_NOT_IN_STOCK = "SERIAL_NOT_IN_STOCK"
    NEGATIVE_STOCK = "NEGATIVE_STOCK"
    NEGATIVE_STOCK_FUTURE = "NEGATIVE_STOCK_FUTURE"
    RESERVED = "RESERVED"
    ADJUST_WITHOUT_STOCK = "ADJUST_WITHOUT_STOCK"
    COST_CYCLE = "COST_CYCLE"
    TOO_LARGE = "TOO_LARGE"
    CLOSE_NEGATIVE = "CLOSE_NEGATIVE"


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
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer no: a reason and every place where it holds."""

    code: Refusal
    problems: tuple[Problem, ...] = (Problem(),)
