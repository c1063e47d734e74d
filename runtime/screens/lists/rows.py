"""The table of a list: headings, rows, cells; what a card on a phone shows of them.

A page has hundreds of cells, so they are put together here: what cells have in common is drawn by
the template once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.query.called import names_of, written
from runtime.query.page import UNSORTABLE, Page, Row
from runtime.screens.i18n import _, label, locale
from runtime.screens.lists.asked import list_address
from runtime.screens.lists.state import ListState
from runtime.screens.masks import brief
from runtime.screens.render import macros
from runtime.screens.statuses import status_text, status_tone

RIGHT: Final = frozenset({"number", "money", "quantity", "percent", "duration"})
CARD_TEXTS: Final = 3


@dataclass(frozen=True)
class Heading:
    """A column: its name, the way it is sorted now, the address that sorts it."""

    label: str
    is_right: bool = False
    sort: str = ""
    href: str = ""
    code: str = ""
    width: int = 0
    pinned: bool = False


class Line(NamedTuple):
    """One record of the list: its title, then the elements of its other cells."""

    id: int
    href: str
    title: str
    cells: Markup


Names = Mapping[str, Mapping[int, str]]
_NOTHING: Final = escape("")


class _Column:
    """What the cells of a column have in common: the field, and how they begin by their marks."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self._cells = macros("lists/_cells.html")
        self.is_figure = field.stored.kind in RIGHT
        self._label = label(field.label)
        self._begun: dict[str, Markup] = {}

    def begun(self, mark: str) -> Markup:
        """Return the start of a cell with such a mark."""
        if mark not in self._begun:
            self._begun[mark] = self._cells.begun(mark, self._label)
        return self._begun[mark]


def headings(form: Form, page: Page, state: ListState) -> tuple[Heading, ...]:
    """Return the columns of a page."""
    return tuple(_headings(form, page, state))


def _headings(form: Form, page: Page, state: ListState) -> Iterator[Heading]:
    shaped = {column.field: column for column in state.columns}
    ways = {code.lstrip("-"): code.startswith("-") for code in state.sort.split(",") if code}
    for field in page.columns:
        sort, way = field.code, ""
        if field.code in ways:
            way = "descending" if ways[field.code] else "ascending"
            sort = "" if ways[field.code] else f"-{field.code}"
        can_sort = field.stored.kind not in UNSORTABLE
        column = shaped.get(field.code)
        yield Heading(
            label=label(field.label),
            is_right=field.stored.kind in RIGHT,
            sort=way,
            href=state.sorted_by(sort).href if can_sort else "",
            code=field.code,
            width=column.width if column else 0,
            pinned=column.pinned if column else False,
        )
    if form.is_document:
        yield Heading(_("状态"))


def lines(act: Act, form: Form, page: Page) -> tuple[Line, ...]:
    """Return the rows of a page, ready to be drawn."""
    people = names_of(act.connection, page.columns, [row.values for row in page.rows])
    return tuple(_lines(form, page, people))


def _lines(form: Form, page: Page, people: Names) -> Iterator[Line]:
    """Draw the rows; what all of them share is looked up once."""
    columns = tuple(_Column(field) for field in page.columns)
    language = locale()
    statuses = {row.status for row in page.rows} if form.is_document else set()
    cells = macros("lists/_cells.html")
    tags = {code: cells.status(status_text(code), status_tone(code)) for code in statuses}
    ended = cells.ended()
    base = list_address(form)
    for row in page.rows:
        texts = [_text(column.field, row, people, language) for column in columns]
        drawn = [*_carded(columns[1:], texts[1:], row, ended), tags.get(row.status, "")]
        # A record stands below its list.
        title = texts[0] if texts else ""
        yield Line(row.id, f"{base}/{row.id}", title, _NOTHING.join(drawn))


def _carded(
    columns: Sequence[_Column], texts: Sequence[str], row: Row, ended: Markup
) -> Iterator[str]:
    """Write cells, marking what a card on a phone shows: three texts and the last figure.

    What is no markup yet is escaped where they are joined.
    """
    last = max((place for place, column in enumerate(columns) if column.is_figure), default=-1)
    left = CARD_TEXTS
    for place, (column, text) in enumerate(zip(columns, texts, strict=True)):
        if column.is_figure:
            mark = f"{_figure(column, row)} {'is-amount' if place == last else 'is-more'}"
        elif text and left:
            mark, left = "is-side", left - 1
        else:
            mark = "is-more"
        yield column.begun(mark)
        yield text
        yield ended


def _text(field: Field, row: Row, people: Names, language: str) -> str:
    value = row.values[field.code]
    if field.code in people:
        return written(value, people[field.code])
    title = row.titles.get(field.code)
    return brief(field, value, language) if title is None else title


def _figure(column: _Column, row: Row) -> str:
    value = row.values[column.field.code]
    return "r neg" if value is not None and value < 0 else "r"
