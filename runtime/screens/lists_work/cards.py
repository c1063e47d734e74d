"""A record as a card: its name, a few of its values, where it may be moved to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from flask import url_for

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
    """A view that is looked at: which records, and the field that moving one changes.

    On a board of states moving is an act: `verbs` are those of `submit` and `cancel` one may do.
    """

    form: Form
    view: View
    asked: PageRequest
    state: ListState
    moves: str
    verbs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Card:
    """One record. `value` is what stands in the field that says where it is, for scripts.

    `acts` says lane by lane which address moves it there, where moving is an act.
    """

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
    acts: tuple[tuple[str, str], ...] = ()


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
        acts = tuple(_acts(look, row))
        yield Card(
            id=row.id,
            href=record_url(look.form, row.id),
            title=shown.get(title) or f"#{row.id}",
            version=row.version,
            facts=facts[:MOST_FACTS],
            status=status_text(row.status) if look.form.is_document else "",
            tone=status_tone(row.status),
            value=row.status if acts else _place(look, row),
            can_move=bool(acts) or (bool(look.moves) and is_open),
            acts=acts,
        )


def _acts(look: Look, row: Row) -> Iterator[tuple[str, str]]:
    """Where an act takes a document on a board of states: a draft on its way, the rest out."""
    form = look.form
    if "submit" in look.verbs and row.status == "draft":
        onward = "submitted" if form.workflow else "posted" if form.posting else "approved"
        yield onward, _address("submit_record", form, row.id)
    elif "cancel" in look.verbs and row.status not in {"draft", "cancelled"}:
        yield "cancelled", _address("cancel_record", form, row.id)


def _address(view: str, form: Form, record_id: int) -> str:
    code, app = form.code, form.app_code
    return url_for(f"screens.{view}", app_code=app, form_code=code, record_id=record_id)


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
