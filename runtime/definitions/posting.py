"""Which columns of a document feed which kernel command."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# The fields each command needs; values are paths: `warehouse` (header) or `lines.qty` (line).
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "receive": ("lines", "date", "item", "qty", "warehouse"),
    "issue": ("lines", "date", "item", "qty", "warehouse"),
    "transfer": ("lines", "date", "item", "qty", "warehouse", "to_warehouse"),
}


@dataclass(frozen=True)
class PostingDef:
    """A posting rule. A receipt is valued by `amount` or, failing that, `unit_cost` times qty."""

    command: str
    lines: str
    date: str
    item: str
    qty: str
    warehouse: str
    to_warehouse: str | None = None
    unit_cost: str | None = None
    amount: str | None = None


def read_posting(source: Mapping[str, Any]) -> PostingDef:
    """Turn a posting rule's JSON (already of the right shape) into a PostingDef."""
    return PostingDef(**source)
