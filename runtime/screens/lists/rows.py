"""The table of a list: headings, rows, cells; what a card on a phone shows of them.

A page has hundreds of cells, so the template draws a row once, with holes in it, and each record
fills them; texts are escaped by the column, not by the cell.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flask import request
from markupsafe import Markup

from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.query.called import names_of, written
from runtime.query.page import UNSORTABLE, Page, Row
from runtime.screens.i18n import _, label, locale
from runtime.screens.lists.asked import list_address
from runtime.screens.lists.state import ListState
from runtime.screens.lists.thumbs import MARK, is_pictured, thumbs
from runtime.screens.masks import briefs
from runtime.screens.render import macros
from runtime.screens.statuses import status_text, status_tone
from runtime.screens.stencils import Stencil, hole, unmarked

RIGHT: Final = frozenset({"number", "money", "quantity", "percent", "duration"})
CARD_TEXTS: Final = 3
Names = Mapping[str, Mapping[int, str]]
_NOTHING: Final = "—"


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


def headings(form: Form, page: Page, state: ListState) -> tuple[Heading, ...]:
    """Return the columns of a page."""
    asked = (form, page.columns, state.moved())
    if state.view is None:
        return _kept_headings(*asked, (locale(), request.script_root))
    return tuple(_headings(*asked))


@lru_cache(maxsize=512)
def _kept_headings(
    form: Form, columns: tuple[Field, ...], state: ListState, _reader: tuple[str, str]
) -> tuple[Heading, ...]:
    return tuple(_headings(form, columns, state))


def _headings(form: Form, columns: tuple[Field, ...], state: ListState) -> Iterator[Heading]:
    shaped = {column.field: column for column in state.columns}
    ways = {code.lstrip("-"): code.startswith("-") for code in state.sort.split(",") if code}
    for field in columns:
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


def body(act: Act, form: Form, page: Page, select_text: str = "") -> Markup:
    """Return the rows of a page as they stand in its table; with a text, each can be ticked."""
    rows, columns, language = page.rows, page.columns, locale()
    others = [field for field in columns if field.code not in page.people]
    people = {**page.people, **names_of(act.connection, others, [row.values for row in rows])}
    # What a record is called by is a text, whatever its column holds.
    texts = [
        thumbs(field, [row.values[field.code] for row in rows])
        if place and is_pictured(field)
        else _texts(field, rows, people, language)
        for place, field in enumerate(columns)
    ]
    base = list_address(form)
    filling: dict[str, Sequence[object]] = {
        "id": [row.id for row in rows],
        "href": [f"{base}/{row.id}" for row in rows],
        "title": [text or _NOTHING for text in texts[0]] if texts else [_NOTHING] * len(rows),
        "status": _tags(rows) if form.is_document else (),
        **dict(_cells(columns[1:], texts[1:], rows)),
    }
    stencil = _stencil(columns, language, select_text, has_status=form.is_document)
    return Markup(stencil.filled(filling))  # noqa: S704 - a template of ours; filling escapes


# A field is another one when its app is published anew.
@lru_cache(maxsize=512)
def _stencil(
    columns: tuple[Field, ...], _language: str, select_text: str, *, has_status: bool
) -> Stencil:
    labels = [unmarked(label(field.label)) for field in columns[1:]]
    return Stencil(macros("lists/_cells.html").row(hole, select_text, labels, has_status))


def _texts(field: Field, rows: Sequence[Row], people: Names, language: str) -> list[str]:
    code = field.code
    if code in people:
        return [written(row.values[code], people[code]) for row in rows]
    if rows and code in rows[0].titles:
        return [row.titles[code] for row in rows]
    return briefs(field, [row.values[code] for row in rows], language)


def _cells(
    columns: Sequence[Field], texts: Sequence[Sequence[str]], rows: Sequence[Row]
) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the marks of each column's cells, and their texts.

    Marks say what a card on a phone shows: three texts and the last figure.
    """
    figures = [place for place, field in enumerate(columns) if field.stored.kind in RIGHT]
    left = [CARD_TEXTS] * len(rows)
    for place, (field, shown) in enumerate(zip(columns, texts, strict=True)):
        if place in figures:
            mark = "is-amount" if place == figures[-1] else "is-more"
            yield f"mark{place + 1}", _figures(field, rows, mark)
        elif is_pictured(field):
            yield f"mark{place + 1}", [MARK] * len(rows)
        else:
            yield f"mark{place + 1}", _sides(shown, left)
        yield f"text{place + 1}", shown


def _figures(field: Field, rows: Sequence[Row], mark: str) -> list[str]:
    values = [row.values[field.code] for row in rows]
    below, plain = f"r neg {mark}", f"r {mark}"
    return [below if value is not None and value < 0 else plain for value in values]


def _sides(shown: Sequence[str], left: list[int]) -> list[str]:
    marks = []
    for row, text in enumerate(shown):
        is_side = bool(text) and left[row] > 0
        left[row] -= is_side
        marks.append("is-side" if is_side else "is-more")
    return marks


def _tags(rows: Sequence[Row]) -> list[Markup]:
    """Draw the tags of the rows' states, each state once."""
    cells = macros("lists/_cells.html")
    states = [row.status for row in rows]
    drawn = {code: cells.status(status_text(code), status_tone(code)) for code in set(states)}
    return [drawn[code] for code in states]
