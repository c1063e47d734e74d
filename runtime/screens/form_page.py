"""The document page: all that `document.html` draws, of a new record, a saved or a typed one."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from flask import url_for

from runtime import access, query
from runtime.compile import Field, Form, LineTable
from runtime.definitions import SectionDef
from runtime.documents import Happening, history
from runtime.infra import files as stored_files
from runtime.infra.act import Act
from runtime.kinds.families import FILES, PICKED
from runtime.query.called import names_of
from runtime.screens.form_aside import Link, links_of
from runtime.screens.form_fields import (
    Cell,
    FieldView,
    File,
    Labels,
    cell_of,
    field_view,
    numbers,
    picks_of,
    record_url,
)
from runtime.screens.form_flow import NO_FLOW, Flow, flow_of
from runtime.screens.form_grid import (
    GridRow,
    GridView,
    LineNames,
    codes_of,
    grid_view,
    saved_row,
    typed_row,
)
from runtime.screens.form_head import (
    Status,
    action_url,
    draft_key,
    page_title,
    rules_url,
    status_of,
)
from runtime.screens.form_layout import Section, Tab, above, tabs_of
from runtime.screens.form_life import Life, life_of
from runtime.screens.form_links import LINKS, link_of
from runtime.screens.form_model import form_model
from runtime.screens.form_report import Clash, Report
from runtime.screens.form_rights import Action, address, may_edit, number_of, rights_of
from runtime.screens.form_rules import Ruled, ruled
from runtime.screens.form_styles import styles_of
from runtime.screens.form_totals import Total, totals_of, words_of
from runtime.screens.form_values import Posted, is_entered
from runtime.screens.i18n import _, label, locale, zone
from runtime.screens.inbox.step_rights import veiled
from runtime.screens.inbox.timeline import Entry
from runtime.screens.printing import Offered

Mode = Literal["edit", "read", "past"]
HISTORY_SHOWN: Final = 8
NO_MODEL: Final[Mapping[str, Any]] = {"lines": {}}


@dataclass(frozen=True)
class Page:
    """What `document.html` draws; the urls are empty where nothing may be done."""

    form_label: str
    heading: str
    page_title: str
    crumb: str
    title: str
    number: str
    list_url: str
    action_url: str
    today: str
    version: int
    key: str
    draft_key: str
    sections: tuple[Section, ...]
    tabs: tuple[Tab, ...]
    model: Mapping[str, Any]
    locked: str
    rules_url: str
    totals: tuple[Total, ...]
    words: Total | None
    status: Status | None = None
    group: str = ""
    is_new: bool = False
    is_editable: bool = False
    is_posted: bool = False
    may_save: bool = False
    may_cancel: bool = False
    submit_label: str = ""
    decision_url: str = ""
    cancellation_url: str = ""
    deletion_url: str = ""
    more: tuple[Action, ...] = ()
    printouts: tuple[Offered, ...] = ()
    flow: Flow = NO_FLOW
    links: tuple[Link, ...] = ()
    history: tuple[Happening, ...] = ()
    history_url: str = ""
    explain_url: str = ""
    report: Report | None = None
    conflict: Clash | None = None
    life: Life | None = None
    # Where the record is filled in; empty where the actor may only read it.
    edit_url: str = ""

    @property
    def has_aside(self) -> bool:
        """Whether anything stands beside the document."""
        is_flow = bool(self.flow.story or self.flow.path)
        return bool(is_flow or self.links or self.history or self.life)

    @property
    def styles(self) -> Iterator[str]:
        """The styles few records need, by name, where the page draws what they are for."""
        return styles_of(self.sections, self.flow, is_new=self.is_new)

    @property
    def rejection(self) -> Entry | None:
        """Why the document came back to be put right."""
        is_back = self.is_editable and self.status is not None and self.status.code == "rejected"
        return self.flow.last_answer if is_back else None


@dataclass(frozen=True)
class Content:
    """Values to draw: a saved record, what was typed over it, or the defaults of a new one."""

    values: Mapping[str, Any]
    lines: Mapping[str, tuple[query.LineRecord, ...]] = field(default_factory=dict)
    labels: Mapping[tuple[str | None, str], Labels] = field(default_factory=dict)
    typed: Posted | None = None


def page_of(  # noqa: PLR0913 - a record, its values, what is wrong with them, and how to draw it
    act: Act,
    form: Form,
    record: query.Record | None,
    content: Content,
    *,
    report: Report | None = None,
    conflict: Clash | None = None,
    mode: Mode = "edit",
) -> Page:
    """Put a page together for the actor: to fill in where they may, to read, or of the past."""
    flow = flow_of(act, form, record, mode)
    act, record, content = _narrowed(act, form, record, content, flow)
    is_editable = flow.is_filled or (mode == "edit" and may_edit(act, form, record))
    sent = content.typed.values if content.typed else None
    rules = ruled(act, form, record, sent, is_task=flow.is_filled)
    boxes = report.by_box if report else {}
    record_id = record.id if record else None
    drawing = _Drawing(act, form, content, boxes, is_editable, rules, record_id, flow)
    grids = drawing.grids()
    version = content.typed.version if content.typed else record.version if record else 0
    number = number_of(form, record)
    totals = tuple(totals_of(act, form, content.values))
    sections = tuple(drawing.sections(grids, {total.code for total in totals}))
    tabs = tabs_of(form.tabs, sections)
    page = Page(
        form_label=label(form.label),
        heading=record.title if record and not form.is_document else label(form.label),
        page_title=page_title(form, record),
        crumb=_("新建") if record is None else (number or record.title),
        title=record.title if record else label(form.label),
        number=number if form.is_document else "",
        list_url=url_for("screens.list_records", app_code=form.app_code, form_code=form.code),
        action_url=action_url(form, record, is_task=flow.is_filled),
        today=act.now.astimezone(zone()).date().isoformat(),
        version=version,
        key=(content.typed.key if content.typed else None) or secrets.token_urlsafe(16),
        draft_key=draft_key(act, form, record),
        sections=above(tabs, sections),
        tabs=tabs,
        model=form_model(act, form, grids, content.values, rules) if is_editable else NO_MODEL,
        locked=" ".join(rules.shut(grids)),
        rules_url=rules_url(form, record),
        totals=tuple(each for each in totals if is_editable or not rules.hides(each.code)),
        words=words_of(act, form, content.values),
        status=status_of(form, record),
        is_new=record is None,
        is_editable=is_editable,
        report=report,
        conflict=conflict,
        flow=flow,
        **_rights(act, form, None if mode == "past" else record, page=(is_editable, flow)),
    )
    if record is None or mode == "past":
        return page
    return replace(page, **_story(act, form, record))


def _rights(
    act: Act, form: Form, record: query.Record | None, *, page: tuple[bool, Flow]
) -> dict[str, Any]:
    """What is filled in for a task is sent with its answer: there is nothing to save."""
    is_editable, flow = page
    return rights_of(act, form, record, is_editable=is_editable and not flow.is_filled)


def _narrowed(
    act: Act, form: Form, record: query.Record | None, content: Content, flow: Flow
) -> tuple[Act, query.Record | None, Content]:
    """What a step keeps out of sight is not read; what was put aside stands in the boxes."""
    narrow = veiled(act, form, flow.may)
    if narrow is not act and record is not None:
        record = query.record(narrow, form, record.id) or record
        content = replace(content, values=record.values, lines=record.lines, labels=record.labels)
    if flow.is_filled and content.typed is None and flow.stashed is not None:
        content = replace(content, typed=flow.stashed)
    return narrow, record, content


def _story(act: Act, form: Form, record: query.Record) -> dict[str, Any]:
    told = history(act, form, record.id, locale=locale(), limit=HISTORY_SHOWN + 1)
    is_cut = len(told) > HISTORY_SHOWN
    return {
        "links": tuple(links_of(act, form, record)),
        "history": told[:HISTORY_SHOWN],
        "history_url": address("record_history", form, record) if is_cut else "",
        "life": life_of(act, form, record),
        "edit_url": record_url(form, record.id) if may_edit(act, form, record) else "",
        "explain_url": f"{address('show_record', form, record)}/explain/",
    }


def _file(file: stored_files.StoredFile) -> File:
    is_picture = file.media_type in stored_files.PICTURE_TYPES
    picture = url_for("screens.show_picture", file_id=file.id) if is_picture else ""
    return File(file.id, file.name, url_for("screens.download_file", file_id=file.id), picture)


def _section(section: SectionDef, **parts: Any) -> Section:
    is_folded = section.phone == "folded"
    name, tab = label(section.label), section.tab or ""
    return Section(section.code, name, **parts, tab=tab, is_folded=is_folded)


@dataclass(frozen=True)
class _Drawing:
    """Draws the parts of one page; holds what they share."""

    act: Act
    form: Form
    content: Content
    problems: Mapping[str, str]
    is_editable: bool
    rules: Ruled
    record_id: int | None
    flow: Flow

    def grids(self) -> dict[str, GridView]:
        """Return every line table the actor sees."""
        seen = {item.code for item in access.visible_fields(self.act.actor, self.form)}
        return {
            table.code: self._grid(table)
            for table in self.form.lines
            if table.code in seen and self._is_drawn(table.code)
        }

    def _grid(self, table: LineTable) -> GridView:
        rows = self._rows(table.code)
        is_editable = self.is_editable and table.code not in self.rules.fixed
        is_editable = is_editable and self.flow.lines(self.form, table.code)
        grid = grid_view(self.act, self.form, table, rows, is_editable=is_editable)
        grid = self.rules.grid(grid, is_editable=is_editable)
        grid = self.flow.grid(grid) if is_editable else grid
        return replace(grid, is_fixed=self.is_editable and not is_editable)

    def sections(self, grids: Mapping[str, GridView], totals: set[str]) -> Iterator[Section]:
        """Yield the sections in order; what the totals bar shows is not shown twice."""
        cells = self._header()
        for section in self._layout():
            plain_fields: list[tuple[FieldView, Cell]] = []
            for code in section.fields:
                if code in grids:
                    yield self._grid_section(section, code, grids[code])
                elif code in cells and code not in totals and self._is_drawn(code):
                    plain_fields.append(cells[code])
            if plain_fields:
                yield _section(section, fields=tuple(plain_fields))

    def _is_drawn(self, code: str) -> bool:
        """Scripts show and hide what is filled in; a page to read leaves out what is hidden."""
        return self.is_editable or not self.rules.hides(code)

    def _layout(self) -> Iterable[SectionDef]:
        placed = {code for section in self.form.sections for code in section.fields}
        rest = tuple(item.code for item in self.form.fields if item.code not in placed)
        if not self.form.sections:
            return (SectionDef("all", self.form.label, rest),)
        if not rest:
            return self.form.sections
        first = self.form.sections[0]
        return (replace(first, fields=(*first.fields, *rest)), *self.form.sections[1:])

    def _grid_section(self, section: SectionDef, code: str, grid: GridView) -> Section:
        view = field_view(self.act, self.form, self.form.by_code[code])
        problem = self.problems.get(f"f-{code}", "")
        return _section(section, grid=grid, field=view, problem=problem)

    def _header(self) -> dict[str, tuple[FieldView, Cell]]:
        fields = [
            item for item in access.visible_fields(self.act.actor, self.form) if not item.is_lines
        ]
        people = self._people(fields)
        files = self._files(fields)
        return {item.code: self._header_cell(item, people, files) for item in fields}

    def _header_cell(
        self, item: Field, people: Mapping[str, Labels], files: Mapping[int, File]
    ) -> tuple[FieldView, Cell]:
        value, typed = self.content.values.get(item.drawn_from or item.code), self.content.typed
        names = people.get(item.code) or self._labels(None, item)
        cell = cell_of(
            item,
            value,
            cell_id=f"f-{item.code}",
            name=item.code,
            labels=names,
            href=record_url(self.form.target(item), value) if item.target and value else "",
            files=files,
        )
        if item.kind.kind in LINKS:
            href = link_of(self.act, self.form, item, self.content.values, self.record_id)
            cell = replace(cell, href=href)
        if typed is not None and is_entered(item) and item.code in typed.header:
            kept = typed.header[item.code]
            picks = picks_of(numbers(kept.keys), names) if item.kind.kind in PICKED else ()
            cell = replace(
                cell, text=kept.text, key=kept.key, keys=kept.keys, code=kept.code, picks=picks
            )
        problem = self.problems.get(cell.id, "")
        view = self.flow.field(self.rules.header(field_view(self.act, self.form, item)), item)
        return view, replace(cell, problem=problem)

    def _labels(self, lines: str | None, item: Field) -> Labels:
        return self.content.labels.get((lines, item.code), {})

    def _people(self, fields: Sequence[Field]) -> Mapping[str, Labels]:
        rows: list[Mapping[str, Any]] = [self.content.values]
        if self.content.typed is not None:
            rows.append({code: numbers(c.keys) for code, c in self.content.typed.header.items()})
        return names_of(self.act.connection, fields, rows)

    def _files(self, fields: Sequence[Field]) -> Mapping[int, File]:
        typed = self.content.typed
        ids: set[int] = set()
        for item in fields:
            if item.kind.kind in FILES:
                ids |= set(self.content.values.get(item.code) or ())
                cell = typed.header.get(item.code) if typed else None
                ids |= set(numbers(cell.keys)) if cell else set()
        found = stored_files.several(self.act.connection, ids) if ids else ()
        return {file.id: _file(file) for file in found}

    def _rows(self, code: str) -> tuple[GridRow, ...]:
        table = self.form.lines_of(code)
        if self.content.typed is not None:
            typed = self.content.typed.lines.get(code, ())
            chosen = [{c: numbers(cell.keys) for c, cell in line.cells.items()} for line in typed]
            people = names_of(self.act.connection, table.fields, chosen)
            return tuple(typed_row(table, line, self.problems, people) for line in typed)
        lines = self.content.lines.get(code, ())
        rows = [line.values for line in lines]
        names: dict[str, Labels] = dict(names_of(self.act.connection, table.fields, rows))
        codes: dict[str, Labels] = {}
        for item in table.fields:
            if item.target:
                names[item.code] = self._labels(code, item)
                ids = {line.values[item.code] for line in lines if line.values.get(item.code)}
                if ids and item.kind.kind == "reference":
                    codes[item.code] = codes_of(self.act, self.form, item, ids)
        shared = LineNames(names, codes)
        return tuple(
            saved_row(self.form, table, key, line, shared) for key, line in enumerate(lines)
        )
