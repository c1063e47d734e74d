"""What of the scenario format the kernel offers; the rest is skipped, and the skip says why."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Scenario = Mapping[str, Any]

METHODS: Final = frozenset({"moving_average"})

# The fields of each operation that mean something to us.
_COMMON: Final = frozenset({"op", "id", "date", "key"})
_GOODS: Final = _COMMON | {"item", "warehouse", "qty", "uom", "batch"}
OPS: Final[Mapping[str, frozenset[str]]] = {
    "receive": _GOODS | {"unit_cost", "amount"},
    "issue": _GOODS,
    "transfer": _GOODS | {"to_warehouse", "ref"},
    "cancel": _COMMON | {"ref"},
}

POLICIES: Final[Mapping[str, frozenset[str]]] = {
    "value_scale": frozenset({"0", "1", "2", "3", "4"}),
    "rounding": frozenset({"half_up", "half_even"}),
    "same_day": frozenset({"in_first", "sequence"}),
    "scope": frozenset({"warehouse"}),
    "order": frozenset({"effective"}),
    "negative": frozenset({"forbid"}),
    "cancel": frozenset({"void"}),
    "avg_engine": frozenset({"exact"}),
}

_ITEM_FIELDS: Final = frozenset({"id", "method", "base_uom", "uoms"})
# A batch is ours under the name of lot: of no lot more may go than has come.
_NO_MATTER: Final = (("tracking", "none"), ("tracking", "batch"), ("allow_negative", False))


def skip_reason(scenario: Scenario) -> str | None:
    """The first thing about a scenario that is not offered."""
    return next(_not_offered(scenario), None)


def _not_offered(scenario: Scenario) -> Iterator[str]:
    for name, value in scenario.get("policy", {}).items():
        if str(value) not in POLICIES.get(name, ()):
            yield f"policy {name}: {value}"
    methods = [item.get("method", scenario["method"]) for item in scenario["items"]]
    yield from (f"method {method}" for method in methods if method not in METHODS)
    for item in scenario["items"]:
        yield from (
            f"{name} of an item: {item[name]}"
            for name in sorted(set(item) - _ITEM_FIELDS)
            if (name, item[name]) not in _NO_MATTER
        )
    for op in scenario["ops"]:
        if op["op"] not in OPS:
            yield f"operation {op['op']}"
        else:
            unknown = sorted(set(op) - OPS[op["op"]])
            yield from (f"{name} of {op['op']}" for name in unknown)
