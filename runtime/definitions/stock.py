"""What the books are told of an app's items and warehouses, and by which rules they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# What a choice field that feeds the books may offer, by the part it feeds.
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "method": ("moving_average", "fifo", "month_end_average", "specific", "standard"),
    "tracking": ("none", "batch", "serial"),
    "scope": ("warehouse", "company", "batch"),
    "variance": ("expense", "rate"),
    "negative": ("forbid", "allow"),
}


@dataclass(frozen=True)
class UnitsDef:
    """The further units of an item: `qty` of the unit are `base_qty` base units, so 3 瓶 = 1 箱."""

    lines: str
    uom: str
    qty: str
    base_qty: str


@dataclass(frozen=True)
class StockItemDef:
    """Which fields of the item form the books take over when they first meet an item."""

    form: str
    method: str | None = None
    tracking: str | None = None
    scope: str | None = None
    variance: str | None = None
    negative: str | None = None
    base_uom: str | None = None
    standard_cost: str | None = None
    estimate_cost: str | None = None
    group: str | None = None
    units: UnitsDef | None = None


@dataclass(frozen=True)
class StockDef:
    """The items, the warehouses and the rules with which the books of an app are opened."""

    item: StockItemDef
    warehouse: str
    rules: Mapping[str, str] = field(default_factory=dict)


def read_stock(source: Mapping[str, Any]) -> StockDef:
    """Turn the JSON of an app's stock settings (already of the right shape) into a StockDef."""
    item = dict(source["item"])
    units = item.pop("units", None)
    return StockDef(
        item=StockItemDef(**item, units=UnitsDef(**units) if units else None),
        warehouse=source["warehouse"],
        rules=source.get("rules", {}),
    )
