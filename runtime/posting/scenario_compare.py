"""What came out of a scenario against what it expects; only what is expected is compared."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from runtime.infra.strict_json import Json

# By what an expected figure finds its counterpart, and what it has when there is none.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "balances": ("item", "warehouse", "batch"),
    "issues": ("op",),
    "receipts": ("op", "line"),
    "accounts": ("account",),
    "available": ("item", "warehouse"),
    "layers": ("item", "warehouse"),
    "stocktake_diffs": ("op",),
}
_ZERO_WHEN_MISSING = {"balances", "accounts", "available"}


def mismatches(
    result: Mapping[str, Any], expect: Mapping[str, Any], *, with_history: bool
) -> list[Json]:
    """Every expected figure that came out differently; without history only the final ones."""
    found: list[Json] = [
        {"id": result["id"], **wrong} for wrong in _figures(result, expect, at="end")
    ]
    if with_history:
        points = {point["after"]: point for point in result["checkpoints"]}
        for point in expect.get("checkpoints", ()):
            wrong = _figures(points.get(point["after"], {}), point, at=f"after {point['after']}")
            found += [{"id": result["id"], **one} for one in wrong]
    if "errors" in expect and _codes(result["errors"]) != _codes(expect["errors"]):
        found.append(
            {
                "id": result["id"],
                "what": "errors",
                "at": "end",
                "expected": expect["errors"],
                "got": result["errors"],
            }
        )
    return found


def _codes(errors: Any) -> list[tuple[str, str]]:
    return sorted((error["op"], error["code"]) for error in errors)


def _figures(
    result: Mapping[str, Any], expect: Mapping[str, Any], *, at: str
) -> Iterator[dict[str, Json]]:
    for what, keys in _KEYS.items():
        got = {_key(row, keys): row for row in result.get(what, ())}
        for row in expect.get(what, ()):
            own = got.get(_key(row, keys))
            if not _same(row, own, keys, zero_when_missing=what in _ZERO_WHEN_MISSING):
                yield {"what": what, "at": at, "expected": row, "got": own}


def _key(row: Mapping[str, Any], keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(row.get(key, "")) for key in keys)


def _same(
    expected: Mapping[str, Any],
    got: Mapping[str, Any] | None,
    keys: tuple[str, ...],
    *,
    zero_when_missing: bool,
) -> bool:
    if got is None and not zero_when_missing:
        return False
    return all(
        _equal(value, "0" if got is None else got.get(name))
        for name, value in expected.items()
        if name not in keys
    )


def _equal(expected: Any, got: Any) -> bool:
    """Numbers are compared as numbers: 100 is 100.00."""
    if isinstance(expected, list):
        return (
            isinstance(got, list) and len(expected) == len(got) and all(map(_equal, expected, got))
        )
    return got is not None and Fraction(str(expected)) == Fraction(str(got))
