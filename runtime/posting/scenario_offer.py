"""What of the scenario format the kernel offers; the rest is skipped, and the skip says why."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runtime import kernel

Scenario = Mapping[str, Any]

# The fields of each operation that mean something to us.
_COMMON: Final = frozenset({"op", "id", "date", "key", "note"})
_PLACE: Final = frozenset({"item", "warehouse", "batch", "owner"})
_GOODS: Final = _COMMON | _PLACE | {"qty", "uom", "serials", "bin"}
_RETURN: Final = _COMMON | {"ref", "qty", "uom", "serials", "item", "warehouse", "batch"}
_ASSEMBLY: Final = _COMMON | {"inputs", "outputs", "extra_cost", "warehouse"}
OPS: Final[Mapping[str, frozenset[str]]] = {
    "receive": _GOODS | {"unit_cost", "amount", "expiry", "provisional"},
    "issue": _GOODS | {"reservation"},
    "transfer": _GOODS | {"to_warehouse", "to_bin", "ref"},
    "purchase_return": _RETURN,
    "sales_return": _RETURN,
    "stocktake": (_GOODS - {"qty"}) | {"counted_qty", "unit_cost", "set_unit_cost"},
    "landed_cost": _COMMON | {"ref", "refs", "amount", "basis", "parts"},
    "invoice": _COMMON | {"ref", "qty", "uom", "unit_cost", "amount"},
    "cost_adjust": _COMMON | _PLACE | {"amount"},
    "assemble": _ASSEMBLY,
    "disassemble": _ASSEMBLY,
    "set_standard": _COMMON | {"item", "unit_cost"},
    "change_method": _COMMON | {"item", "to"},
    "reserve": _COMMON | _PLACE | {"qty", "uom"},
    "unreserve": _COMMON | {"ref"},
    "close_period": _COMMON | {"period"},
    "reopen_period": _COMMON | {"period", "reason"},
    "cancel": _COMMON | {"ref"},
}

# What is the company's own, what is a rule of its, and what there is only one way of.
_OF_COMPANY: Final[Mapping[str, frozenset[str]]] = {
    "value_scale": frozenset({"0", "1", "2", "3", "4"}),
    "rounding": frozenset({"half_up", "half_even"}),
    "same_day": frozenset({"in_first", "sequence"}),
}
_ONE_WAY: Final[Mapping[str, frozenset[str]]] = {
    "order": frozenset({"effective"}),
    "negative_cost": frozenset({"last_known", "last known cost"}),
    "negative_fill": frozenset({"true_up"}),
    "transfer_layers": frozenset({"preserve"}),
    "estimate_settlement": frozenset({"difference"}),
    "avg_engine": frozenset({"exact"}),
    "unit_price_scale": frozenset({"none", "None"}),
    "month_negative": frozenset({"true_up"}),
    "value_floor": frozenset({"clamp"}),
}
_METHODS: Final = frozenset(kernel.CHOICES["method"])
_RULES: Final = {
    name: frozenset(choices) for name, choices in kernel.CHOICES.items() if name != "method"
}
_ITEM_FIELDS: Final = frozenset(
    {"id", "method", "base_uom", "uoms", "standard_cost", "estimate_cost", "allow_negative",
     "tracking", "name"}
)  # fmt: skip
_TRACKING: Final = frozenset({"none", "batch", "serial"})


def rules_of(scenario: Scenario) -> dict[str, str]:
    """The company's rules that a scenario sets."""
    policy = scenario.get("policy", {})
    rules = {name: str(policy[name]) for name in _RULES if name in policy}
    return {**rules, "method": scenario["method"]}


def skip_reason(scenario: Scenario) -> str | None:
    """The first thing about a scenario that is not offered."""
    return next(_not_offered(scenario), None)


def _not_offered(scenario: Scenario) -> Iterator[str]:
    offered = {**_OF_COMPANY, **_ONE_WAY, **_RULES}
    for name, value in scenario.get("policy", {}).items():
        if str(value) not in offered.get(name, ()):
            yield f"policy {name}: {value}"
    methods = [scenario["method"], *(item.get("method") for item in scenario["items"])]
    yield from (f"method {one}" for one in methods if one is not None and one not in _METHODS)
    for item in scenario["items"]:
        yield from (f"{name} of an item" for name in sorted(set(item) - _ITEM_FIELDS))
        if item.get("tracking", "none") not in _TRACKING:
            yield f"tracking {item['tracking']}"
    for op in scenario["ops"]:
        if op["op"] not in OPS:
            yield f"operation {op['op']}"
        else:
            unknown = sorted(set(op) - OPS[op["op"]])
            yield from (f"{name} of {op['op']}" for name in unknown)
