"""Tables of the books: what stands in a cell, and how a page of such tables is put together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from runtime.screens.i18n import money, number

DASH: Final = "—"
UNIT_COST_PLACES: Final = 4
# Where a column stands on a phone's card; the first column is the card's title.
PLACES: Final = {
    "side": "is-side",
    "named": "is-side is-named",
    "amount": "is-amount",
    "more": "is-more",
}


@dataclass(frozen=True)
class Cell:
    """What stands in one cell; with an address it leads to where the figure comes from."""

    text: str = ""
    href: str = ""
    note: str = ""
    css: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Column:
    """A heading, and what becomes of its cells on a phone."""

    label: str
    place: str = "side"
    is_right: bool = False

    @property
    def css(self) -> str:
        """The classes of its cells."""
        return f"r {PLACES[self.place]}" if self.is_right else PLACES[self.place]


@dataclass(frozen=True)
class Line:
    """One row: its first cell names it; `href` is where a click on the row leads."""

    key: str
    cells: tuple[Cell, ...]
    href: str = ""


@dataclass(frozen=True)
class Empty:
    """What a table without rows says, and the way on."""

    text: str
    icon: str = "filter"
    href: str = ""
    verb: str = ""


@dataclass(frozen=True)
class Table:
    """A table of the page; `foot` are the sums of all rows, shown or not."""

    label: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    empty: Empty
    foot: tuple[Cell, ...] = ()
    note: str = ""
    first: str = ""
    next: str = ""
    has_title: bool = False


@dataclass(frozen=True)
class Sum:
    """A figure above the tables."""

    label: str
    text: str
    href: str = ""
    is_text: bool = False


@dataclass(frozen=True)
class Box:
    """One box of the bar above the tables."""

    name: str
    label: str
    kind: str
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class Tab:
    """A page beside this one."""

    label: str
    href: str
    is_current: bool = False


@dataclass(frozen=True)
class BookPage:
    """What `book_page.html` draws; `crumbs` lead back, `base` answers the bar above the tables."""

    title: str
    base: str
    heading: str = ""
    note: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    tabs: tuple[Tab, ...] = ()
    boxes: tuple[Box, ...] = ()
    sums: tuple[Sum, ...] = ()
    tables: tuple[Table, ...] = ()
    remark: str = ""
    links: tuple[Tab, ...] = field(default_factory=tuple)

    @property
    def back(self) -> str:
        """Where the arrow of a phone leads."""
        return self.crumbs[-1][1] if self.crumbs else ""

    @property
    def search(self) -> str:
        """The box one types into, where there is one."""
        return next((box.name for box in self.boxes if box.kind == "search"), "")


def quantity_cell(value: Decimal | None, *, href: str = "", css: str = "") -> Cell:
    """A quantity with no more places than it has; what is overdrawn is marked."""
    is_short = value is not None and value < 0
    return Cell(number(value), href, css="neg" if is_short and not css else css)


def amount_cell(value: Decimal | None, *, href: str = "", css: str = "") -> Cell:
    """An amount of money."""
    is_short = value is not None and value < 0
    return Cell(money(value), href, css="neg" if is_short and not css else css)


def cost_cell(value: Decimal | None, *, href: str = "") -> Cell:
    """A unit cost, or a dash where there is none."""
    return Cell(unit_cost(value), href if value is not None else "")


def unit_cost(value: Decimal | None) -> str:
    """Return a unit cost the way it is read."""
    return DASH if value is None else money(value, UNIT_COST_PLACES)


def total(values: Iterable[Decimal]) -> Decimal:
    """Return the sum of figures, zero of none."""
    return sum(values, Decimal(0))


def right(label: str, place: str = "side") -> Column:
    """Return a column of figures."""
    return Column(label, place, is_right=True)


def chosen(columns: Sequence[tuple[bool, Column, Cell]]) -> tuple[tuple[Column, Cell], ...]:
    """Return the columns that are to be shown, each with its cell."""
    return tuple((column, cell) for is_shown, column, cell in columns if is_shown)
