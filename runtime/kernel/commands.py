"""What may be asked of the kernel: typed intents, complete and immutable."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from runtime.kernel.amounts import Exact
from runtime.kernel.lines import (
    AdjustLine,
    CountLine,
    DocumentRef,
    InvoiceLine,
    IssueLine,
    LandedLine,
    OutputLine,
    ReceiveLine,
    ReturnLine,
    TransferLine,
)


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
