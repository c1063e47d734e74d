"""What a workbook demands of its cells, and what it marks: validations and conditional formats.

A demand that every record keeps becomes one of the form; a mark becomes a warning. What some
records break already is told and not taken over, for they could not come in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runtime.exchange import cells
from runtime.exchange.cells import Cell, column_letters, decimal_of, split_range
from runtime.exchange.formulas.convert import convert
from runtime.exchange.formulas.prove import Prover
from runtime.exchange.formulas.ranges import At, Tree
from runtime.exchange.formulas.render import Names, app_text
from runtime.exchange.formulas.scene import Scene
from runtime.exchange.formulas.shapes import walk
from runtime.exchange.formulas.tree import NotConverted
from runtime.exchange.found import Found
from runtime.exchange.refusals import FileRefused
from runtime.exchange.sheet import Condition

_COMPARED: Final = {
    "equal": "=",
    "notEqual": "<>",
    "greaterThan": ">",
    "greaterThanOrEqual": ">=",
    "lessThan": "<",
    "lessThanOrEqual": "<=",
}
_NUMBERS: Final = frozenset({"integer", "decimal", "money", "percent"})
_MOST: Final = 20
_MOST_AGAINST: Final = 3


@dataclass(frozen=True)
class Bounds:
    """The least and the most a column may hold, and which of its records break that."""

    least: str | None
    most: str | None
    exclusive: bool
    kept: int
    of: int
    against: tuple[str, ...]


@dataclass(frozen=True)
class Demand:
    """A condition every record should keep (`marks`: or is only marked for not keeping)."""

    column: int
    tree: Tree
    message: str
    marks: bool
    kept: int
    of: int
    against: tuple[str, ...]


def bounds(found: Found) -> dict[int, Bounds]:
    """The validations that say no more than how small and how large a number is."""
    told: dict[int, Bounds] = {}
    for condition in found.sheet.facts.demands[:_MOST]:
        if condition.kind not in {"whole", "decimal"}:
            continue
        least, most, exclusive = _literal_bounds(condition)
        if least is None and most is None:
            continue
        for column in _columns(found, condition):
            if found.columns[column].guess.type in _NUMBERS:
                told[column] = _bounded(found, column, least, most, exclusive=exclusive)
    return told


def _literal_bounds(condition: Condition) -> tuple[str | None, str | None, bool]:
    told = (*condition.formulas, "", "")[:2]
    one, other = (text if cells.is_number(text) else None for text in told)
    match condition.operator or "between":
        case "between":
            return one, other, False
        case "greaterThanOrEqual":
            return one, None, False
        case "greaterThan":
            return one, None, True
        case "lessThanOrEqual":
            return None, one, False
    return None, None, False


def _bounded(
    found: Found, column: int, least: str | None, most: str | None, *, exclusive: bool
) -> Bounds:
    kept, against = 0, []
    numbers = [
        (row, decimal_of(cell.value))
        for row in found.table.rows
        if (cell := found.cell(row, column)) is not None and cell.kind == cells.NUMBER
    ]
    for row, value in numbers:
        low = least is not None and value < decimal_of(least)
        same = exclusive and least is not None and value == decimal_of(least)
        if low or same or (most is not None and value > decimal_of(most)):
            against.append(f"{column_letters(column)}{row} {cells.plain_text(str(value))}")
        else:
            kept += 1
    plain = [None if each is None else cells.plain_text(each) for each in (least, most)]
    shown = tuple(against[:_MOST_AGAINST])
    return Bounds(plain[0], plain[1], exclusive, kept, len(numbers), shown)


def demands(scene: Scene, prover: Prover, found: Found) -> Iterator[Demand]:
    """The validations and formats that say something in a formula, each asked of every record."""
    facts = found.sheet.facts
    for conditions, marks in ((facts.demands, False), (facts.marks, True)):
        for condition in conditions[:_MOST]:
            for column in _columns(found, condition)[:1]:
                try:
                    yield _demand(scene, prover, found, column, condition, marks=marks)
                except NotConverted:
                    continue


def _demand(
    scene: Scene, prover: Prover, found: Found, column: int, condition: Condition, *, marks: bool
) -> Demand:
    # The formula reads as it would in the first cell it is about.
    top, left = _first(condition)
    at = At(scene, found, top, left)
    own: Tree = ("own", column_letters(column))
    tree = _meant(condition, own, at)
    if not any(node[0] == "own" for node in walk(tree)):
        raise NotConverted("formula_kept_figures")
    if marks:
        tree = ("call", "NOT", [tree])
    tree = ("call", "OR", [("call", "ISBLANK", [own]), tree])
    kept, against, of = 0, [], 0
    for row, value in prover.values_of(found, tree):
        cell: Cell | None = found.cell(row, column)
        if cell is None:
            continue
        of += 1
        if value is True:
            kept += 1
        else:
            against.append(f"{column_letters(column)}{row} {cell.value[:30]}")
    shown = tuple(against[:_MOST_AGAINST])
    return Demand(column, tree, condition.message, marks, kept, of, shown)


def _meant(condition: Condition, own: Tree, at: At) -> Tree:
    given = [text for text in condition.formulas if text]
    if condition.kind in {"custom", "expression"} and given:
        return convert(given[0], at)
    if condition.kind == "textLength":
        own = ("call", "LEN", [own])
    elif condition.kind not in {"cellIs", "whole", "decimal", "date"}:
        raise NotConverted("formula_kept_unread")
    elif not condition.formulas or (
        _is_plain(condition) and condition.kind in {"whole", "decimal"}
    ):
        # Said by the bounds of the field.
        raise NotConverted("formula_kept_figures")
    sides = [convert(text, at) for text in given]
    operator = condition.operator or "between"
    if operator in _COMPARED and sides:
        return ("op", _COMPARED[operator], own, sides[0])
    if operator in {"between", "notBetween"} and len(sides) == 2:
        inside: Tree = ("call", "AND", [("op", ">=", own, sides[0]), ("op", "<=", own, sides[1])])
        return inside if operator == "between" else ("call", "NOT", [inside])
    raise NotConverted("formula_kept_unread")


def _is_plain(condition: Condition) -> bool:
    least, most, _ = _literal_bounds(condition)
    return least is not None or most is not None


def _first(condition: Condition) -> tuple[int, int]:
    ranges = [split_range(each) for each in condition.ranges.split()[:50]]
    return min(each[0] for each in ranges), min(each[1] for each in ranges)


def _columns(found: Found, condition: Condition) -> Sequence[int]:
    """The columns of the table it is about, where it is about most of their records."""
    told: dict[int, int] = {}
    first, last = found.table.first_row, max(found.table.last_row, found.table.first_row)
    for reference in condition.ranges.split()[:50]:
        try:
            top, left, bottom, right = split_range(reference)
        except FileRefused:
            return ()
        rows = min(bottom, last) - max(top, first) + 1
        for column in found.columns:
            if left <= column <= right and rows > 0:
                told[column] = told.get(column, 0) + rows
    return [column for column, rows in told.items() if rows * 2 > last - first]


def as_json(
    found: Found, all_bounds: Mapping[int, Bounds], asked: Sequence[Demand], names: Names
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Bounds by column letters, and the demands as trees and as a person reads them."""
    limits = {
        column_letters(column): {
            "least": each.least,
            "most": each.most,
            "exclusive": each.exclusive,
            "proved": each.kept,
            "of": each.of,
            "against": list(each.against),
        }
        for column, each in all_bounds.items()
    }
    # Excel keeps a rule once more for every block of cells it was copied to.
    told: dict[tuple[int, str, bool], dict[str, Any]] = {}
    for each in asked:
        formula = app_text(each.tree[2][1], names)
        one = {
            "col": column_letters(each.column),
            "name": found.columns[each.column].name,
            "tree": each.tree,
            "formula": formula,
            "message": each.message,
            "marks": each.marks,
            "proved": each.kept,
            "of": each.of,
            "against": list(each.against),
        }
        told.setdefault((each.column, formula, each.marks), one)
    return limits, list(told.values())
