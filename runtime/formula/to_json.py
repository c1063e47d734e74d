"""Tree -> JSON for static/js/formula.js, which knows nothing of text, names or types.

["n", digits] ["t", text] ["b", true] ["e"]      number, text, boolean, nothing
["f", code, type]                                field of the header
["l", code, type]                                column of the present line
["a", lines, code, type]                         column of a line table
["u", sign, node]                                a sign, or % behind
["o", first, operator, next, operator, next …]   a chain from left to right; "days" subtracts dates
["c", name, kinds, repeated, nodes]              call: the kind of each parameter, how many repeat
["v", lines or "", reference, code, type]
                                field of the record pointed to, where the page knows it
["s", node]                                      a field standing alone where cells are read
"""

from typing import Any

from runtime.formula.binding import CELLS, kind_at
from runtime.formula.formula import Formula
from runtime.formula.numbers import plain
from runtime.formula.tree import Binary, Call, Literal, Node, Reference, Unary, spine, walk

FORMAT = 2


def to_json(formula: Formula) -> dict[str, Any]:
    """What the browser needs to compute the formula, and whether it can."""
    calls = [each.function for each in walk(formula.tree) if isinstance(each, Call)]
    return {
        "format": FORMAT,
        "type": formula.type,
        "server_only": any(each.server_only for each in calls)
        or any(each.via is None or each.many for each in formula.far),
        "families": sorted({each.family for each in calls if not each.server_only}),
        "volatile": formula.volatile,
        "reads": sorted(
            [["" if lines is None else lines, code] for lines, code in formula.references]
        ),
        "tree": _node(formula.tree, formula.days_apart),
    }


def _node(node: Node, days: frozenset[Node]) -> list[Any]:
    match node:
        case Literal():
            return _literal(node)
        case Reference() if node.via is not None:
            return ["v", node.lines or "", node.via, node.code, node.type]
        case Reference() if node.many:
            return ["a", node.lines, node.code, node.type]
        case Reference():
            return ["f" if node.lines is None else "l", node.code, node.type]
        case Unary():
            return ["u", node.operator, _node(node.operand, days)]
        case Binary():
            return _chain(node, days)
        case Call():
            parameters = node.function.parameters
            kinds = [each.type for each in parameters]
            repeated = sum(each.repeated for each in parameters)
            nodes = [_argument(node, place, days) for place in range(len(node.arguments))]
            return ["c", node.function.name, kinds, repeated, nodes]


def _literal(node: Literal) -> list[Any]:
    match node.value:
        case None:
            return ["e"]
        case bool():
            return ["b", node.value]
        case str():
            return ["t", node.value]
    return ["n", plain(node.value)]


def _argument(node: Call, place: int, days: frozenset[Node]) -> list[Any]:
    argument = node.arguments[place]
    cell = kind_at(node.function.parameters, place) in CELLS and isinstance(argument, Reference)
    found = _node(argument, days)
    return ["s", found] if cell else found


def _chain(node: Binary, days: frozenset[Node]) -> list[Any]:
    first, operations = spine(node)
    chain = ["o", _node(first, days)]
    for each in operations:
        chain += ["days" if each in days else each.operator, _node(each.right, days)]
    return chain
