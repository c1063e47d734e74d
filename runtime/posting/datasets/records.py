"""The rows in which the books are shown: items, warehouses and documents by the app's own ids."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True)
class StockOnHand:
    """What there is of an item in a warehouse; the unit cost is for reading, not for adding up.

    `owner` is empty for the company's own goods, else who they belong to.
    """

    item: int
    warehouse: int
    qty: Decimal
    value: Decimal
    unit_cost: Decimal | None
    owner: str = ""


@dataclass(frozen=True)
class StockPlace:
    """What there is of an item by lot, serial number or bin.

    The names that were not asked for, or that the goods do not have, are empty; `expiry` is a date
    as text or empty.
    """

    item: int
    warehouse: int
    lot: str
    serial: str
    bin: str
    qty: Decimal
    expiry: str
    owner: str = ""


@dataclass(frozen=True)
class StockStatus:
    """How an item stands: available is on hand less reserved; on order comes from documents."""

    on_hand: Decimal
    reserved: Decimal
    in_transit: Decimal
    on_order: Decimal
    available: Decimal


@dataclass(frozen=True)
class AvailableOn:
    """How much can still leave on a date without any later document going short."""

    date: str
    qty: Decimal


@dataclass(frozen=True)
class StockLedgerRow:
    """A movement of an item, and quantity and value after it, in business order.

    `after` continues the page behind this row.
    """

    seq: int
    date: str
    kind: str
    form: str
    document: int
    line: int
    warehouse: int
    qty: Decimal
    value: Decimal
    qty_after: Decimal
    value_after: Decimal
    is_undone: bool
    after: str
    lot: str = ""
    serial: str = ""
    bin: str = ""
    party: str = ""


@dataclass(frozen=True)
class StockLayer:
    """A part of what is on hand with its own cost and the document it came in by.

    Where the method keeps no layers there is one row without a document.
    """

    qty: Decimal
    value: Decimal
    unit_cost: Decimal | None
    date: str
    form: str
    document: int | None
    owner: str = ""
    lot: str = ""


@dataclass(frozen=True)
class InOut:
    """Opening, what came in, what went out and closing of an item in a warehouse.

    A transfer comes in and goes out; changes of value alone are among what came in.
    """

    item: int
    warehouse: int
    opening_qty: Decimal
    opening_value: Decimal
    in_qty: Decimal
    in_value: Decimal
    out_qty: Decimal
    out_value: Decimal
    closing_qty: Decimal
    closing_value: Decimal


@dataclass(frozen=True)
class TraceRow:
    """A movement of a lot or serial number, of what it was made of or of what was made of it.

    `level` is 0 for the goods asked for, negative for what went into them (-1, -2, …), positive
    for what they went into.
    """

    date: str
    kind: str
    form: str
    document: int
    party: str
    item: int
    lot: str
    serial: str
    warehouse: int
    qty: Decimal
    is_undone: bool
    level: int
    line: int = 0


@dataclass(frozen=True)
class WhyRow:
    """One change of the value of a document's line: when it was booked and by which document.

    The first rows are of the document itself, the rest of those that came later.
    """

    line: int
    item: int
    warehouse: int
    date: str
    kind: str
    account: str
    amount: Decimal
    cause_form: str
    cause_document: int | None
    posted_at: str
    cause_kind: str = ""


@dataclass(frozen=True)
class CostStep:
    """A change of what an item in a warehouse is worth, newest first, with its balance after it."""

    seq: int
    date: str
    kind: str
    move_kind: str
    account: str
    form: str
    document: int
    line: int
    cause_form: str
    cause_document: int | None
    qty: Decimal
    value: Decimal
    qty_after: Decimal
    value_after: Decimal
    posted_at: str


@dataclass(frozen=True)
class Period:
    """A month of the books; who closed it, when, and the digest of what it then held."""

    ym: str
    state: Literal["open", "closed"]
    closed_at: str
    by: str
    digest: str
    n_postings: int
    reason: str = ""


@dataclass(frozen=True)
class JournalLine:
    """One line of what a document booked: debit positive. The role is what the account is for."""

    account: str
    role: str
    amount: Decimal
    posted_at: str
    kind: str = ""


@dataclass(frozen=True)
class AccountBalance:
    """What the books have booked on an account in one role so far: debit positive."""

    account: str
    role: str
    amount: Decimal


@dataclass(frozen=True)
class PolicyVersion:
    """How an item is costed from a business date on; the first version holds from the beginning.

    `standard` and `estimate` are unit costs per base unit as text, empty where there is none.
    """

    n: int
    date: str
    method: str
    variance: str
    negative: str
    standard: str
    estimate: str
    form: str
    document: int | None
    posted_at: str
    by: str


@dataclass(frozen=True)
class ItemCosting:
    """What of an item's costing never changes, beside the policy that holds now."""

    tracking: str
    scope: str
    base_uom: str
    item_group: str
    policy: PolicyVersion


@dataclass(frozen=True)
class AccountRule:
    """Which account a change of value is booked on; "*" stands for all."""

    posting_kind: str
    role: str
    item_group: str
    warehouse: str
    account: str
    by: str
    at: str


@dataclass(frozen=True)
class ReservationRow:
    """Goods that are held: what was asked for, what is still pending, and until when."""

    key: str
    item: int
    warehouse: int
    owner: str
    lot: str
    qty: Decimal
    pending: Decimal
    expires: str
    form: str
    document: int | None
    posted_at: str
    by: str


@dataclass(frozen=True)
class ChainHead:
    """The last link of the books' hash chain, to be kept outside of them."""

    company: str
    seq: int
    hash: str
    date: str
    n_postings: int
