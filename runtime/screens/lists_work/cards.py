"""A record as a card: its name, a few of its values, where it may be moved to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from runtime import query
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.query import Page, PageRequest
from runtime.query.called import names_of, written
from runtime.query.page import Row, visible_by_code
from runtime.query.views import View
from runtime.screens.form_fields import plain, record_url
from runtime.screens.i18n import label, locale
from runtime.screens.lists.state import ListState
from runtime.screens.masks import brief
from runtime.screens.statuses import status_text, status_tone

STATUS: Final = "status"
MOST_FACTS: Final = 3


@dataclass(frozen=True)
class Look:
    """A view that is looked at: which records, and the field that moving one changes."""

    form: Form
    view: View
    asked: PageRequest
    state: ListState
    moves: str


@dataclass(frozen=True)
class Card:
    """One record. `value` is what stands in the field that says where it is, for scripts."""

    id: int
    href: str
    title: str
    version: int
    facts: tuple[tuple[str, str], ...]
    status: str = ""
    tone: str = ""
    value: str = ""
    picture: str = ""
    can_move: bool = False


def page_of(act: Act, look: Look, asked: PageRequest, *extra: str) -> Page:
    """Read records with the columns cards are made of."""
    form, view = look.form, look.view.definition
    visible = visible_by_code(act, form)
    codes = dict.fromkeys([view.title or form.title, *(asked.columns or form.list_columns), *extra])
    columns = tuple(code for code in codes if code in visible)
    return query.page(act, form, replace(asked, columns=columns))


def cards(act: Act, look: Look, page: Page, *hidden: str) -> Iterator[Card]:
    """Make cards of the records of a page; fields in `hidden` are told by the place of the card."""
    names = names_of(act.connection, page.columns, [row.values for row in page.rows])
    title = look.view.definition.title or look.form.title
    for row in page.rows:
        shown = {field.code: _text(field, row, names) for field in page.columns}
        facts = tuple(
            (label(field.label), shown[field.code])
            for field in page.columns
            if field.code not in {title, *hidden} and shown[field.code]
        )
        is_open = not look.form.is_document or row.status == "draft"
        yield Card(
            id=row.id,
            href=record_url(look.form, row.id),
            title=shown.get(title) or f"#{row.id}",
            version=row.version,
            facts=facts[:MOST_FACTS],
            status=status_text(row.status) if look.form.is_document else "",
            tone=status_tone(row.status),
            value=_place(look, row),
            can_move=bool(look.moves) and is_open,
        )


def _text(field: Field, row: Row, names: Any) -> str:
    value = row.values[field.code]
    if field.code in names:
        return written(value, names[field.code])
    found = row.titles.get(field.code)
    return brief(field, value, locale()) if found is None else found


def _place(look: Look, row: Row) -> str:
    """What stands in the field that moving changes, the way it is typed."""
    value = row.values.get(look.moves) if look.moves else None
    if isinstance(value, datetime):
        return look.form.by_code[look.moves].format(value)
    return plain(value)
