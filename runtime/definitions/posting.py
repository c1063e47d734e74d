"""Which columns of a document feed which kernel command."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# How a landed cost may be spread; what a choice field that feeds `basis` may offer.
BASES: Final = ("amount", "qty", "equal", "manual")


@dataclass(frozen=True)
class CommandDef:
    """What a rule of one command must say, what it may say, and who is its source.

    `values` are alternatives: one of them is needed. `source` is the command that the form pointed
    at must post. `in_lines` is false where one document is one thing and all stands in its header.
    """

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    source: str = ""
    in_lines: bool = True

    @property
    def parts(self) -> frozenset[str]:
        """Everything a rule of this command may say beside command, lines, date and purpose."""
        return frozenset((*self.needed, *self.optional, *self.values))


_GOODS: Final = ("item", "qty", "warehouse")
_PLACE: Final = ("uom", "lot", "serials", "bin", "owner", "party")
_LINE_OF: Final = ("source_line", "item")
_RETURN: Final = CommandDef(
    ("source", "qty"),
    (*_LINE_OF, "uom", "serials", "warehouse", "bin", "party"),
    source="receive",
)

COMMANDS: Final[Mapping[str, CommandDef]] = {
    "receive": CommandDef(
        _GOODS, (*_PLACE, "produced", "expiry", "provisional"), ("amount", "unit_cost")
    ),
    "issue": CommandDef(_GOODS, (*_PLACE, "reservation")),
    "transfer": CommandDef(
        (*_GOODS, "to_warehouse"), (*_PLACE, "to_bin", "source", "source_line"), source="transfer"
    ),
    "purchase_return": _RETURN,
    "sales_return": CommandDef(_RETURN.needed, _RETURN.optional, source="issue"),
    "stocktake": CommandDef(_GOODS, (*_PLACE, "unit_cost", "set_unit_cost")),
    "landed_cost": CommandDef(
        ("source", "amount"), (*_LINE_OF, "basis", "part", "party"), source="receive"
    ),
    "invoice": CommandDef(
        ("source", "qty"), (*_LINE_OF, "uom", "party"), ("amount", "unit_cost"), source="receive"
    ),
    "cost_adjust": CommandDef(("item", "warehouse", "amount"), ("lot", "owner", "party")),
    "assemble": CommandDef((*_GOODS, "outputs"), (*_PLACE, "extra_cost")),
    "disassemble": CommandDef((*_GOODS, "outputs"), (*_PLACE, "extra_cost")),
    "set_standard": CommandDef(("item", "unit_cost"), in_lines=False),
    "reserve": CommandDef(_GOODS, ("uom", "lot", "owner", "expires", "party"), in_lines=False),
    "release": CommandDef(("reservation",), ("item", "party"), in_lines=False),
}
OUTPUT: Final = CommandDef(
    _GOODS,
    ("uom", "lot", "serials", "bin", "owner", "share", "unit_cost", "at_input_cost", "produced",
     "expiry"),
)  # fmt: skip


@dataclass(frozen=True)
class OutputsDef:
    """The second line table of an assembly: what comes out.

    An output is worth `unit_cost` where that is filled, what the same item among the inputs cost
    where `at_input_cost` is ticked, else its part of the rest by `share` or by quantity.
    """

    lines: str
    item: str
    qty: str
    warehouse: str
    uom: str | None = None
    lot: str | None = None
    serials: str | None = None
    bin: str | None = None
    owner: str | None = None
    share: str | None = None
    unit_cost: str | None = None
    at_input_cost: str | None = None
    produced: str | None = None
    expiry: str | None = None


@dataclass(frozen=True)
class PostingDef:
    """A posting rule; values are paths, `warehouse` in the header or `lines.qty` in a line.

    A receipt is valued by `amount` or, failing that, `unit_cost` times qty. `source` points at an
    earlier document; which of its lines is meant says `source_line`, a number people read on it, or
    else `item`. `purpose` is a word for the kind of business (`scrap`) that account rules know.
    """

    command: str
    date: str
    lines: str = ""
    item: str = ""
    qty: str = ""
    warehouse: str = ""
    to_warehouse: str | None = None
    unit_cost: str | None = None
    amount: str | None = None
    uom: str | None = None
    lot: str | None = None
    serials: str | None = None
    bin: str | None = None
    to_bin: str | None = None
    owner: str | None = None
    produced: str | None = None
    expiry: str | None = None
    provisional: str | None = None
    party: str | None = None
    purpose: str = ""
    source: str | None = None
    source_line: str | None = None
    reservation: str | None = None
    set_unit_cost: str | None = None
    basis: str | None = None
    part: str | None = None
    extra_cost: str | None = None
    expires: str | None = None
    outputs: OutputsDef | None = None


def read_posting(source: Mapping[str, Any]) -> PostingDef:
    """Turn a posting rule's JSON (already of the right shape) into a PostingDef."""
    outputs = source.get("outputs")
    return PostingDef(**{**source, "outputs": OutputsDef(**outputs) if outputs else None})
