"""What may be asked of the kernel: typed intents, complete and immutable."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

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
class Header:
    """What every command carries: whose books, once-only key, business time, document and author.

    `order` is the place of the document among those of the same moment; without it
    documents of one moment stand in the order in which they were posted. `party` is the supplier
    or customer, kept for tracing. `purpose` names what the document is for (`scrap`, `opening`,
    `sale`) where that decides the account; empty for the command's own kind.
    """

    company: int
    key: str
    date: date
    document: DocumentRef
    user: str
    posted_at: datetime
    order: int | None = None
    party: str = ""
    purpose: str = ""


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


@dataclass(frozen=True, slots=True)
class Receive:
    """Take goods into stock."""

    header: Header
    lines: tuple[ReceiveLine, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """Give goods out of stock."""

    header: Header
    lines: tuple[IssueLine, ...]


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move goods between warehouses or bins."""

    header: Header
    lines: tuple[TransferLine, ...]


@dataclass(frozen=True, slots=True)
class PurchaseReturn:
    """Send received goods back to the supplier, at what they cost."""

    header: Header
    lines: tuple[ReturnLine, ...]


@dataclass(frozen=True, slots=True)
class SalesReturn:
    """Take issued goods back from the customer, at what they had cost."""

    header: Header
    lines: tuple[ReturnLine, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """Bring the books to what was counted."""

    header: Header
    lines: tuple[CountLine, ...]


Basis = Literal["amount", "qty", "equal", "manual"]


@dataclass(frozen=True, slots=True)
class LandedCost:
    """Spread freight, duty and the like over receipt lines."""

    header: Header
    amount: Exact
    lines: tuple[LandedLine, ...]
    basis: Basis = "amount"


@dataclass(frozen=True, slots=True)
class Invoice:
    """Settle what receipts really cost, by difference to what they were received at."""

    header: Header
    lines: tuple[InvoiceLine, ...]


@dataclass(frozen=True, slots=True)
class Adjust:
    """Change the value of pools without moving goods."""

    header: Header
    lines: tuple[AdjustLine, ...]


@dataclass(frozen=True, slots=True)
class Assemble:
    """Use goods up and bring others out, value conserved; `kind` only names the direction."""

    header: Header
    inputs: tuple[IssueLine, ...]
    outputs: tuple[OutputLine, ...]
    extra_cost: Exact = 0
    kind: Literal["assemble", "disassemble"] = "assemble"


@dataclass(frozen=True, slots=True)
class SetStandard:
    """Give an item a new standard cost per base unit and re-value what lies in stock."""

    header: Header
    item: str
    unit_cost: Exact


@dataclass(frozen=True, slots=True)
class ChangePolicy:
    """Cost an item differently from a moment on, value unchanged; nothing means as before."""

    header: Header
    item: str
    method: str | None = None
    variance: str | None = None
    negative: str | None = None
    estimate_cost: Exact | None = None


@dataclass(frozen=True, slots=True)
class Reserve:
    """Hold goods for somebody; the header's key is the reservation's name."""

    header: Header
    item: str
    warehouse: str
    qty: Exact
    uom: str = ""
    lot: str = ""
    owner: str = ""
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Let go of what is left of a reservation; `expired` says that its time ran out."""

    header: Header
    reservation: str
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Void:
    """Undo a posting as if it had never been made.

    The header's date is not used: a void takes the business time of what it undoes.
    """

    header: Header
    posting: int


@dataclass(frozen=True, slots=True)
class Reverse:
    """Undo a posting by a red one at the header's date and at the original cost (红字)."""

    header: Header
    posting: int


@dataclass(frozen=True, slots=True)
class ClosePeriod:
    """Close a month (`2026-11`): nothing of it changes any more."""

    header: Header
    ym: str


@dataclass(frozen=True, slots=True)
class ReopenPeriod:
    """Open the last closed month again, with a reason."""

    header: Header
    ym: str
    reason: str


GoodsLine = ReceiveLine | IssueLine | TransferLine | CountLine | OutputLine | AdjustLine
Line = GoodsLine | ReturnLine | LandedLine | InvoiceLine
StockCommand = (
    Receive | Issue | Transfer | PurchaseReturn | SalesReturn | Count | LandedCost | Invoice
    | Adjust | Assemble | SetStandard
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Batch:
    """Several documents that stand or fall together, in one posting.

    Each part keeps its own header's date, document and party; key and author are the batch's.
    """

    header: Header
    parts: tuple[StockCommand, ...]


Command = (
    StockCommand | ChangePolicy | Reserve | Release | Void | Reverse | ClosePeriod | ReopenPeriod
    | Batch
)  # fmt: skip

# What each stock command is called in the books, unless its header names a purpose.
KIND_OF: Final[dict[type, str]] = {
    Receive: "receive",
    Issue: "issue",
    Transfer: "transfer",
    PurchaseReturn: "purchase_return",
    SalesReturn: "sales_return",
    Count: "stocktake",
    LandedCost: "landed_cost",
    Invoice: "invoice",
    Adjust: "cost_adjust",
    SetStandard: "set_standard",
    ChangePolicy: "change_policy",
    Reserve: "reserve",
    Release: "release",
    Void: "void",
    Reverse: "reverse",
    ClosePeriod: "close_period",
    ReopenPeriod: "reopen_period",
    Batch: "batch",
}


@dataclass(frozen=True, slots=True)
class PostedLine:
    """The value in minor units that a line moved when it was posted: in is positive."""

    line: int
    value: int


@dataclass(frozen=True, slots=True)
class Posted:
    """The answer yes: where the posting stands in the books and what each line was worth."""

    posting: int
    seq: int
    hash: str
    lines: tuple[PostedLine, ...]
    revalued: int = 0
