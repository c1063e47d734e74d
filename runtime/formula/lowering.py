"""Our tree -> the few `ast` nodes that are evaluated, built by nobody but us.

simpleeval walks `ast` nodes; which of them there may be is decided here, where they are made.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from runtime.formula import binding
from runtime.formula.scope import Callee
from runtime.formula.tree import Binary, Call, Literal, Node, Reference, Unary, spine


@dataclass(frozen=True, eq=False)
class Program:
    """A tree made ready to run, kept with the formula."""

    body: ast.expr
    functions: Mapping[str, Callee]
    references: Mapping[str, Reference]
    # What each node was made of: whoever explains a result goes back that way.
    origins: Mapping[ast.expr, Node]


def lower(tree: Node, days_apart: frozenset[Node]) -> Program:
    """Turn our tree into the nodes that are evaluated."""
    lowering = _Lowering(days_apart)
    return Program(lowering.of(tree), lowering.functions, lowering.references, lowering.origins)


_ARITHMETIC: Final[Mapping[str, Callable[[], ast.operator]]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "^": ast.Pow,
    "&": ast.BitAnd,
}
_COMPARISONS: Final[Mapping[str, Callable[[], ast.cmpop]]] = {
    "=": ast.Eq,
    "<>": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_SIGNS: Final[Mapping[str, Callable[[], ast.unaryop]]] = {
    "-": ast.USub,
    "+": ast.UAdd,
    "%": ast.Invert,
}


class Exact(ast.Constant):
    """A constant whose value is a Decimal; `ast` itself has already cut a literal to 17 digits."""

    def __init__(self, value: Any) -> None:
        super().__init__(value=value)


class _Lowering:
    """One walk over the tree."""

    def __init__(self, days_apart: frozenset[Node]) -> None:
        self.days_apart = days_apart
        self.functions: dict[str, Callee] = {}
        self.references: dict[str, Reference] = {}
        self.origins: dict[ast.expr, Node] = {}

    def of(self, node: Node) -> ast.expr:
        made = self.made(node)
        self.origins[made] = node
        return made

    def made(self, node: Node) -> ast.expr:
        match node:
            case Literal():
                return Exact(node.value)
            case Reference():
                return self.name(node)
            case Unary():
                return ast.UnaryOp(op=_SIGNS[node.operator](), operand=self.of(node.operand))
            case Call():
                self.functions[node.function.name] = node.function
                return ast.Call(
                    func=ast.Name(id=node.function.name, ctx=ast.Load()),
                    args=[self.argument(node, place) for place in range(len(node.arguments))],
                    keywords=[],
                )
            case Binary():
                return self.chain(node)

    def name(self, node: Reference) -> ast.Name:
        # A line table and a form may have one name, so each part has its place.
        parts = (node.form, node.via, node.lines, str(node.many), node.code)
        name = "/".join(part or "" for part in parts)
        self.references[name] = node
        return ast.Name(id=name, ctx=ast.Load())

    def argument(self, node: Call, place: int) -> ast.expr:
        """A field standing alone where cells are read is marked by a list of one."""
        argument = self.of(node.arguments[place])
        kind = binding.kind_at(node.function.parameters, place)
        if kind in binding.CELLS and isinstance(node.arguments[place], Reference):
            return ast.Tuple(elts=[argument], ctx=ast.Load())
        return argument

    def chain(self, node: Binary) -> ast.expr:
        first, operations = spine(node)
        left = self.of(first)
        for operation in operations:
            right = self.of(operation.right)
            if operation.operator in _COMPARISONS:
                comparison = _COMPARISONS[operation.operator]()
                left = ast.Compare(left=left, ops=[comparison], comparators=[right])
            else:
                operator = _ARITHMETIC[operation.operator]()
                if operation in self.days_apart:
                    operator = ast.FloorDiv()
                left = ast.BinOp(left=left, op=operator, right=right)
            self.origins[left] = operation
        return left
