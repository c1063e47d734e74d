"""What kind of thing a converted formula is: figures of the row, a lookup, a roll-up, a mixture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runtime.exchange.formulas.ranges import Tree

_ROLLUPS: Final = {
    "SUMIF": "sum",
    "SUMIFS": "sum",
    "COUNTIF": "count",
    "COUNTIFS": "count",
    "AVERAGEIF": "average",
    "AVERAGEIFS": "average",
    "MAXIFS": "max",
    "MINIFS": "min",
}


@dataclass(frozen=True)
class Lookup:
    """One exact lookup by a field of the row, with nothing around it."""

    key_col: str
    table: str
    match_col: str
    value_col: str


@dataclass(frozen=True)
class Rollup:
    """One figure over the rows of a table whose columns equal values of this row."""

    function: str
    table: str
    value_col: str | None
    pairs: tuple[tuple[str, Tree], ...]


def kind_of(tree: Sequence[Any]) -> str:
    """`row`, `lookup`, `rollup`, `aggregate` or `mixed`."""
    if lookup_of(tree) is not None:
        return "lookup"
    rollup = rollup_of(tree)
    if rollup is not None:
        simple = len(rollup.pairs) == 1 and rollup.pairs[0][1][0] == "own"
        return "rollup" if simple else "aggregate"
    kinds = {each[0] for each in walk(tree)}
    if not kinds & {"col", "look"}:
        return "row"
    return "aggregate" if "own" not in kinds else "mixed"


def walk(tree: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Every node of a tree."""
    yield tree
    for part in tree[1:]:
        if isinstance(part, str) or not isinstance(part, Sequence):
            continue
        for each in part if _is_list(part) else [part]:
            yield from walk(each)


def _is_list(part: Sequence[Any]) -> bool:
    return not part or not isinstance(part[0], str)


def lookup_of(tree: Sequence[Any]) -> Lookup | None:
    """The lookup a formula is, also where it shows nothing for a key that is not there."""
    bare = _without_guard(tree)
    if bare[0] != "look" or bare[1][0] != "own":
        return None
    if len(bare) > 5 and not _is_nothing(bare[5]):
        return None
    return Lookup(bare[1][1], bare[2], bare[3], bare[4])


def _without_guard(tree: Sequence[Any]) -> Sequence[Any]:
    if tree[0] == "call" and tree[1] in {"IFERROR", "IFNA"} and _is_nothing(tree[2][1]):
        return _without_guard(tree[2][0])
    if tree[0] == "call" and tree[1] == "IF" and len(tree[2]) == 3:
        condition, first, second = tree[2]
        asked = _asks_for_nothing(condition)
        if asked == "=" and _is_nothing(first):
            return _without_guard(second)
        if asked == "<>" and _is_nothing(second):
            return _without_guard(first)
    return tree


def _asks_for_nothing(tree: Sequence[Any]) -> str:
    if tree[0] == "op" and tree[2][0] == "own" and _is_nothing(tree[3]):
        return str(tree[1])
    return ""


def _is_nothing(tree: Sequence[Any]) -> bool:
    return tree[0] == "none" or (tree[0] == "t" and not str(tree[1]).strip())


def rollup_of(tree: Sequence[Any]) -> Rollup | None:
    """The roll-up a formula is: SUMIF, COUNTIF and their like over one table."""
    if tree[0] != "call" or tree[1] not in _ROLLUPS:
        return None
    given = tree[2]
    if any(each[0] == "col" for each in given[1:2]) and tree[1] in {"SUMIF", "AVERAGEIF"}:
        return None
    values, pairs = _taken_apart(tree[1], given)
    tables = {far[1] for far, _ in pairs} | ({values[1]} if values else set())
    if len(tables) != 1 or not pairs:
        return None
    named = tuple((far[2], wanted) for far, wanted in pairs)
    return Rollup(_ROLLUPS[tree[1]], tables.pop(), values[2] if values else None, named)


def _taken_apart(name: str, given: Sequence[Any]) -> tuple[Any, list[tuple[Any, Any]]]:
    if name in {"SUMIF", "AVERAGEIF"}:
        values = given[2] if len(given) > 2 else given[0]
        rest = given[:2]
    elif name in {"COUNTIF", "COUNTIFS"}:
        values, rest = None, given
    else:
        values, rest = given[0], given[1:]
    pairs = list(zip(rest[::2], rest[1::2], strict=False))
    if any(far[0] != "col" for far, _ in pairs) or (values and values[0] != "col"):
        return None, []
    return values, pairs
