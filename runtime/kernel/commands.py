"""What may be asked of the kernel: typed intents, complete and immutable."""

from dataclasses import dataclass
from datetime import date, datetime

from runtime.kernel.amounts import Exact


@dataclass(frozen=True, slots=True, order=True)
class DocumentRef:
    """The document outside the kernel that a posting stands for."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class LineRef:
    """A line of an earlier posting that this line continues."""

    posting: int
    line: int


@dataclass(frozen=True, slots=True)
class Header:
    """What every command carries: whose books, once-only key, business time, document and author.

    `order` is the place of the document among those of the same moment; without it
    documents of one moment stand in the order in which they were posted.
    """

    company: int
    key: str
    date: date
    document: DocumentRef
    user: str
    posted_at: datetime
    order: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiveLine:
    """Goods that come in, with a unit cost (per the named unit) or a total amount."""

    item: str
    warehouse: str
    qty: Exact
    unit_cost: Exact | None = None
    amount: Exact | None = None
    uom: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True)
class IssueLine:
    """Goods that go out at the cost of their pool."""

    item: str
    warehouse: str
    qty: Exact
    uom: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True)
class TransferLine:
    """Goods that go from one warehouse to another, value unchanged.

    `source` names the first leg of a transfer in two steps; this leg then carries its cost.
    """

    item: str
    warehouse: str
    to_warehouse: str
    qty: Exact
    uom: str = ""
    source: LineRef | None = None
    lot: str = ""


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
    """Move goods between warehouses."""

    header: Header
    lines: tuple[TransferLine, ...]


@dataclass(frozen=True, slots=True)
class Void:
    """Undo a posting as if it had never been made.

    The header's date is not used: a void takes the business time of what it undoes.
    """

    header: Header
    posting: int


Line = ReceiveLine | IssueLine | TransferLine
Command = Receive | Issue | Transfer | Void


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
