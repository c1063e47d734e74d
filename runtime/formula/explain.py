"""How a formula came to its value: the same evaluation, with every part it needed.

A derivation is a tree like the formula's own. A part that was not needed (the branch not taken) has
no value and says so; a column shows its first rows and how many there are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from runtime.formula.cell_errors import CellError
from runtime.formula.evaluate import trace
from runtime.formula.formula import Formula
from runtime.formula.reading import Context, outside
from runtime.formula.tree import Binary, Call, Literal, Node, Reference, Unary, spine, walk
from runtime.formula.values import Array

MOST_ROWS: Final = 200


@dataclass(frozen=True)
class Derivation:
    """One part of a formula.

    `kind` is literal, field, column, sign, chain or call; `text` is how it is written. `value` is
    as records have it, a tuple (of at most MOST_ROWS) for a column of `rows` rows, or a CellError.
    `sign` is the operator before this part in a chain, or that of a sign. `is_hidden` is for those
    who show it: the reader may not see the value.
    """

    kind: str
    text: str
    is_needed: bool
    value: Any = None
    rows: int | None = None
    sign: str = ""
    reference: Reference | None = None
    parts: tuple["Derivation", ...] = ()
    is_hidden: bool = False


def explain(
    formula: Formula, context: Context, name: Callable[[Reference], str] | None = None
) -> Derivation:
    """Evaluate the formula once and return what each of its parts came to.

    `name` says how a field is called in the texts; without it they are as they were written.
    """
    found = trace(formula.program, context)

    def of(node: Node, sign: str = "") -> Derivation:
        value = found.get(node)
        rows = len(value.items) if isinstance(value, Array) else None
        if isinstance(value, Array):
            value = Array(value.items[:MOST_ROWS])
        kind, parts = _taken_apart(node, of)
        return Derivation(
            kind=kind,
            text=_written(formula.text, node, name),
            is_needed=isinstance(node, Literal) or node in found,
            value=_shown(value, node, context),
            rows=rows,
            sign=sign or (node.operator if isinstance(node, Unary) else ""),
            reference=node if isinstance(node, Reference) else None,
            parts=parts,
        )

    return of(formula.tree)


def _written(text: str, node: Node, name: Callable[[Reference], str] | None) -> str:
    """A part of the formula as it stands, its fields by their names."""
    parts, place = [], node.span[0]
    fields = [] if name is None else [each for each in walk(node) if isinstance(each, Reference)]
    for each in sorted(fields, key=lambda reference: reference.span):
        assert name is not None, "there are fields only where there are names"
        parts += [text[place : each.span[0]], name(each)]
        place = each.span[1]
    return "".join([*parts, text[place : node.span[1]]]).strip()


def _shown(value: Any, node: Node, context: Context) -> Any:
    if isinstance(value, CellError):
        return value
    if isinstance(node, Literal):
        return node.value
    kind = node.type if isinstance(node, Reference) else "any"
    return outside(value, kind, context.zone)


def _taken_apart(node: Node, of: Callable[..., Derivation]) -> tuple[str, tuple[Derivation, ...]]:
    match node:
        case Literal():
            return "literal", ()
        case Reference():
            return "column" if node.many else "field", ()
        case Unary():
            return "sign", (of(node.operand),)
        case Call():
            return "call", tuple(of(each) for each in node.arguments)
        case Binary():
            first, operations = spine(node)
            return "chain", (of(first), *(of(each.right, each.operator) for each in operations))
