"""What every page of the books starts from: the app, who may look, and what things are called."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask import url_for

from runtime import access, query
from runtime.compile import App, Form
from runtime.infra.act import Act
from runtime.infra.errors import Forbidden, NotFound
from runtime.query.brief import Brief, briefs
from runtime.screens.acting import app_of
from runtime.screens.book_words import kind_text
from runtime.screens.i18n import label
from runtime.screens.tables import Cell

FOUND = 1000
Key = tuple[str, int]


@dataclass(frozen=True)
class Paper:
    """A document as it is named in the books; without an address for who may not open it."""

    title: str
    form_label: str
    href: str


@dataclass(frozen=True)
class Room:
    """The books of an app as one person may read them."""

    act: Act
    app: App
    item: Form
    warehouse: Form

    @cached_property
    def shows_value(self) -> bool:
        """Whether cost is the reader's business."""
        return access.may_see_cost(self.act.actor, self.app)

    @cached_property
    def warehouses(self) -> tuple[tuple[int, str], ...]:
        """The warehouses the reader may choose from."""
        if not access.may(self.act.actor, "view", self.warehouse):
            return ()
        rows = query.lookup(self.act, self.warehouse, "", limit=50)
        return tuple((row.id, row.title) for row in rows)

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The kinds of business of the app, called as its forms are."""
        rules = ((form.posting, form) for form in self.app.forms.values())
        return {
            rule.purpose or rule.command: label(form.label)
            for rule, form in rules
            if rule is not None
        }

    def kind(self, code: str) -> str:
        """Return what a kind of business is called."""
        return self.kinds.get(code) or kind_text(code)

    @property
    def item_label(self) -> str:
        """What the app calls an item."""
        return label(self.item.label)

    @property
    def warehouse_label(self) -> str:
        """What the app calls a warehouse."""
        return label(self.warehouse.label)

    def items(self, ids: Collection[int]) -> Mapping[int, Brief]:
        """Return those of the items that the reader may see."""
        if not ids or not access.may(self.act.actor, "view", self.item):
            return {}
        return briefs(self.act, self.item, ids)

    def names(self, warehouses: Iterable[int]) -> Mapping[int, str]:
        """Return what warehouses are called; one that is gone keeps its number."""
        known = set(warehouses)
        found = query.titles(self.act, self.warehouse, known)
        return {key: found.get(key, f"#{key}") for key in known}

    def searched(self, text: str) -> Collection[int]:
        """Return the items that fit what was typed."""
        if not access.may(self.act.actor, "view", self.item):
            return ()
        found: set[int] = set()
        request = query.PageRequest(search=text, size=FOUND)
        while True:
            page = query.page(self.act, self.item, request)
            found.update(row.id for row in page.rows)
            if not page.next:
                return found
            # A stock list adds up what it shows: none of them may be left out.
            request = replace(request, after=page.next)

    def papers(self, wanted: Iterable[tuple[str, int | None]]) -> Mapping[Key, Paper]:
        """Return what documents are called, with the address of those that may be opened."""
        keys = {(form, key) for form, key in wanted if key is not None}
        return {
            key: paper for code in {form for form, _ in keys} for key, paper in self._of(code, keys)
        }

    def _of(self, code: str, keys: Iterable[Key]) -> Iterator[tuple[Key, Paper]]:
        ids = sorted(key for form, key in keys if form == code)
        form = self.app.forms.get(code)
        if form is None:
            # What the keepers of the books did without a document is named by what it was.
            yield from (((code, key), Paper(kind_text(code), "", "")) for key in ids)
            return
        titles = query.titles(self.act, form, ids)
        may_open = access.may(self.act.actor, "view", form)
        for key in ids:
            href = record_href(form, key) if may_open and key in titles else ""
            yield (code, key), Paper(titles.get(key, f"#{key}"), label(form.label), href)

    def parties(self, wanted: Iterable[str]) -> Mapping[str, Cell]:
        """Return suppliers, customers and owners, kept as `supplier:7`, to who may see them."""
        found: dict[str, Cell] = {}
        by_form: dict[str, set[int]] = {}
        for text in set(wanted):
            code, _colon, key = text.partition(":")
            is_record = code in self.app.forms and key.isdecimal()
            found[text] = Cell("—") if is_record else Cell(text)
            if is_record and access.may(self.act.actor, "view", self.app.forms[code]):
                by_form.setdefault(code, set()).add(int(key))
        for code, ids in by_form.items():
            form = self.app.forms[code]
            for record_id, title in query.titles(self.act, form, ids).items():
                found[f"{code}:{record_id}"] = Cell(title, record_href(form, record_id))
        return found

    def url(self, endpoint: str, **values: object) -> str:
        """Return the address of a page of these books."""
        given: dict[str, Any] = {
            name: str(value) for name, value in values.items() if value not in (None, "")
        }
        return url_for(f"screens.{endpoint}", app_code=self.app.code, **given)

    def item_cell(self, brief: Brief, href: str) -> Cell:
        """Return an item as the name of a row."""
        return Cell(brief.title, href, note=brief.note)


def opened(act: Act, app_code: str, *, needs_cost: bool = False) -> Room:
    """Return the books of an app. Raises Forbidden to whom stock (or cost) is no business."""
    app = app_of(act, app_code)
    if not access.may_see_stock(act.actor, app):
        raise Forbidden
    room = room_of(act, app)
    if needs_cost and not room.shows_value:
        raise Forbidden
    return room


def room_of(act: Act, app: App) -> Room:
    """Return the books of an app for who has been let in already."""
    if app.stock is not None:
        return Room(act, app, app.forms[app.stock.item.form], app.forms[app.stock.warehouse])
    for form in app.forms.values():
        rule = form.posting
        if rule is not None and rule.item and rule.warehouse:
            return Room(act, app, _pointed_at(form, rule.item), _pointed_at(form, rule.warehouse))
    raise NotFound


def record_href(form: Form, record_id: int) -> str:
    """Return the address of a record."""
    return url_for(
        "screens.show_record", app_code=form.app_code, form_code=form.code, record_id=record_id
    )


def paper_cell(paper: Paper | None, note: str = "") -> Cell:
    """Return a document as a cell, with its kind beside it."""
    if paper is None:
        return Cell("—", note=note)
    return Cell(paper.title, paper.href, note=" · ".join(filter(None, (paper.form_label, note))))


def _pointed_at(form: Form, path: str) -> Form:
    head, _dot, rest = path.partition(".")
    field = form.lines_of(head).by_code[rest] if rest else form.by_code[head]
    return form.target(field)
