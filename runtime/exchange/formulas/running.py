"""Balances that go on from row to row: the last one, and what came, and what went."""

from dataclasses import dataclass

from runtime.exchange.formulas.parse import parse
from runtime.exchange.formulas.ranges import At
from runtime.exchange.formulas.tree import Area, Binary, Call, Node, NotConverted, Unary


@dataclass(frozen=True)
class Running:
    """The columns that are added to and taken from the balance of the row before."""

    plus: tuple[int, ...]
    minus: tuple[int, ...]


def running_of(formula: str, at: At) -> Running | None:
    """The running balance a formula is, or None."""
    try:
        tree = parse(formula)
    except NotConverted:
        return None
    total = _grown(tree, at)
    if total is not None:
        return Running((total,), ())
    terms = list(_terms(tree, sign=1))
    cells = [(sign, node) for sign, node in terms if isinstance(node, Area) and node.is_cell]
    before = [node for sign, node in cells if sign > 0 and _is_before(node, at)]
    here = [(sign, node.left) for sign, node in cells if _is_here(node, at)]
    if len(before) != 1 or len(before) + len(here) != len(terms) or not here:
        return None
    plus = tuple(column for sign, column in here if sign > 0)
    minus = tuple(column for sign, column in here if sign < 0)
    return Running(plus, minus)


def _terms(node: Node, sign: int) -> list[tuple[int, Node]]:
    if isinstance(node, Unary) and node.operator in "+-":
        return _terms(node.operand, sign if node.operator == "+" else -sign)
    if isinstance(node, Binary) and node.operator in {"+", "-"}:
        right = sign if node.operator == "+" else -sign
        return _terms(node.left, sign) + _terms(node.right, right)
    if isinstance(node, Call) and node.name in {"SUM", "N"} and node.arguments:
        return [term for each in node.arguments for term in _terms(each, sign)]
    return [(sign, node)]


def _is_before(node: Area, at: At) -> bool:
    own = at.sheet_of(node) is at.found.sheet and node.left == at.column
    return own and not node.top_fixed and 0 < at.row - node.top <= 2


def _is_here(node: Area, at: At) -> bool:
    own = at.sheet_of(node) is at.found.sheet and node.left in at.found.columns
    return own and not node.top_fixed and node.top == at.row


def _grown(node: Node, at: At) -> int | None:
    """SUM(E$3:E5): everything of a column down to this row."""
    if not isinstance(node, Call) or node.name != "SUM" or len(node.arguments) != 1:
        return None
    area = node.arguments[0]
    if not isinstance(area, Area) or area.left != area.right or area.left not in at.found.columns:
        return None
    grows = area.top_fixed and not area.bottom_fixed and area.bottom == at.row
    return area.left if grows and at.sheet_of(area) is at.found.sheet else None
