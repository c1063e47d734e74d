"""A formula of a workbook as a tree: what Excel means, before anything is made of it."""

from dataclasses import dataclass
from decimal import Decimal

from runtime.exchange.cells import MAX_ROW


class NotConverted(Exception):  # noqa: N818 - an answer, not a mistake
    """Why a formula stays a value: a message code and its parameters."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Literal:
    """A number, a text, TRUE or FALSE, or None for an argument left out."""

    value: Decimal | str | bool | None


@dataclass(frozen=True)
class Area:
    """Cells of a sheet ("" is the formula's own): one, or a range, or whole columns."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int
    top_fixed: bool = True
    bottom_fixed: bool = True

    @property
    def is_cell(self) -> bool:
        """Whether it is one cell, and not a range that only begins as one: B$2:B2."""
        same = self.top == self.bottom and self.left == self.right
        return same and self.top_fixed == self.bottom_fixed

    @property
    def is_fixed(self) -> bool:
        """Whether it stays where it is when the formula is filled down."""
        return (self.top_fixed and self.bottom_fixed) or self.bottom - self.top + 1 >= MAX_ROW


@dataclass(frozen=True)
class TableColumns:
    """Columns of an Excel table by name; `part` is "", "this row", "headers", "totals" or "all"."""

    table: str
    first: str
    last: str
    part: str


@dataclass(frozen=True)
class Name:
    """A name the author gave to cells, a value or a formula."""

    text: str


@dataclass(frozen=True)
class Unary:
    """`-` or `+` in front, `%` behind."""

    operator: str
    operand: "Node"


@dataclass(frozen=True)
class Binary:
    """Two operands and an operator."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Call:
    """A function, in capitals and without the prefixes of newer Excels."""

    name: str
    arguments: tuple["Node", ...]


Node = Literal | Area | TableColumns | Name | Unary | Binary | Call
