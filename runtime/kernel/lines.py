"""What the lines of documents say: goods, quantities, places, and what they continue."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from runtime.kernel.amounts import Exact


@dataclass(frozen=True, slots=True, order=True)
class DocumentRef:
    """The document outside the kernel that a posting stands for."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class LineRef:
    """A line of an earlier posting that this line continues, returns, invoices or makes dearer."""

    posting: int
    line: int


@dataclass(frozen=True, slots=True)
class ReceiveLine:
    """Goods that come in, with a unit cost (per the named unit) or a total amount.

    A provisional line (暂估) awaits its invoice. Serial numbers are as many as base units.
    """

    item: str
    warehouse: str
    qty: Exact
    unit_cost: Exact | None = None
    amount: Exact | None = None
    uom: str = ""
    lot: str = ""
    serials: tuple[str, ...] = ()
    bin: str = ""
    owner: str = ""
    produced: date | None = None
    expiry: date | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class IssueLine:
    """Goods that go out at the cost of their pool; `reservation` names what held them."""

    item: str
    warehouse: str
    qty: Exact
    uom: str = ""
    lot: str = ""
    serials: tuple[str, ...] = ()
    bin: str = ""
    owner: str = ""
    reservation: str = ""


@dataclass(frozen=True, slots=True)
class TransferLine:
    """Goods that go from one warehouse (or bin) to another, value unchanged.

    `source` names the first leg of a transfer in two steps; this leg then carries its cost.
    The same warehouse twice is allowed where the bins differ.
    """

    item: str
    warehouse: str
    to_warehouse: str
    qty: Exact
    uom: str = ""
    source: LineRef | None = None
    lot: str = ""
    serials: tuple[str, ...] = ()
    bin: str = ""
    to_bin: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Goods that go back where they came from; item, lot and warehouse are the source line's.

    `warehouse` may name another place to which a customer returns.
    """

    source: LineRef
    qty: Exact
    uom: str = ""
    serials: tuple[str, ...] = ()
    warehouse: str = ""
    bin: str = ""


@dataclass(frozen=True, slots=True)
class CountLine:
    """What was counted: the difference to the books is posted as gain or loss.

    `unit_cost` values a gain (per the named unit); `set_unit_cost` re-values all that is there.
    """

    item: str
    warehouse: str
    counted: Exact
    uom: str = ""
    lot: str = ""
    serials: tuple[str, ...] = ()
    bin: str = ""
    owner: str = ""
    unit_cost: Exact | None = None
    set_unit_cost: Exact | None = None


@dataclass(frozen=True, slots=True)
class LandedLine:
    """A receipt line that bears a share of the cost; `part` is given where the basis is manual."""

    source: LineRef
    part: Exact | None = None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """The price a receipt line was billed at: a unit cost (per the named unit) or an amount."""

    source: LineRef
    qty: Exact
    uom: str = ""
    unit_cost: Exact | None = None
    amount: Exact | None = None


@dataclass(frozen=True, slots=True)
class AdjustLine:
    """A change of the value of what lies in a pool, positive or negative."""

    item: str
    warehouse: str
    amount: Exact
    lot: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class OutputLine:
    """What an assembly brings out.

    Its value is `unit_cost` where that is given (the word "input": what the same item among the
    inputs cost), else its part of the rest by `share` or, without any share, by quantity.
    """

    item: str
    warehouse: str
    qty: Exact
    uom: str = ""
    lot: str = ""
    serials: tuple[str, ...] = ()
    bin: str = ""
    owner: str = ""
    share: Exact | None = None
    unit_cost: Exact | Literal["input"] | None = None
    produced: date | None = None
    expiry: date | None = None
