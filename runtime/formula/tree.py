"""Our own syntax tree: five frozen nodes, each knowing its place in the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from runtime.formula.errors import Span
from runtime.formula.scope import Callee


@dataclass(frozen=True, eq=False)
class Literal:
    """A number, a text, TRUE or FALSE, or nothing (an argument left out)."""

    value: Decimal | str | bool | None
    span: Span


@dataclass(frozen=True, eq=False)
class Reference:
    """A field of the header, of the present line, or (`many`) a column.

    With `via` it is a field of the record that the reference field of that code points to, which is
    one of `form`. With `form` alone it is a column of another form, or of its line table `lines`.
    `stored` is the whole name by ids, joined by dots.
    """

    lines: str | None
    code: str
    stored: str
    type: str
    span: Span
    many: bool = False
    via: str | None = None
    form: str | None = None

    @property
    def is_own(self) -> bool:
        """Whether the value stands in the record itself."""
        return self.form is None


@dataclass(frozen=True, eq=False)
class Unary:
    """`-`, `+` in front, `%` behind."""

    operator: str
    operand: "Node"
    span: Span


@dataclass(frozen=True, eq=False)
class Binary:
    """Two operands and an operator of Excel."""

    operator: str
    left: "Node"
    right: "Node"
    span: Span


@dataclass(frozen=True, eq=False)
class Call:
    """A function and its arguments."""

    function: Callee
    arguments: tuple["Node", ...]
    span: Span


Node = Literal | Reference | Unary | Binary | Call


def spine(node: Binary) -> tuple[Node, list[Binary]]:
    """Take a chain like a+b-c+d apart: its first operand, then its operations left to right.

    A sum of a thousand terms is a tree a thousand levels deep to the left; whoever walks the tree
    walks the chain in a loop, so that only what `parse` bounds is left to recursion.
    """
    operations = []
    first: Node = node
    while isinstance(first, Binary):
        operations.append(first)
        first = first.left
    return first, operations[::-1]


def walk(node: Node) -> Iterator[Node]:
    """Every node, without recursion."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        match each:
            case Unary():
                waiting.append(each.operand)
            case Binary():
                waiting += [each.left, each.right]
            case Call():
                waiting += each.arguments
            case _:
                pass
