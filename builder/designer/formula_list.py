"""The formulas of an app: where each stands, what it says, what it reads, who reads it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response, request, url_for

from builder import drafts
from builder.designer.draft_app import app_of_draft
from builder.designer.formula_words import (
    Piece,
    kind_text,
    labelled,
    path_text,
    pieces,
    reference_text,
)
from builder.drafts import Draft
from builder.formula_places import (
    CHECK,
    DEFAULT,
    FORMULA,
    RULE,
    SOURCE,
    WHERE,
    FormulaPlace,
    field_at,
    formula_at,
    formula_places,
)
from builder.stored_formulas import references
from runtime.compile import App, Form
from runtime.compile.graph import Node
from runtime.infra.act import Act
from runtime.query.search import search_text
from runtime.screens.acting import app_of, reading
from runtime.screens.i18n import _, joined, label
from runtime.screens.render import render
from runtime.screens.routes import permission

LONGEST = 200


@dataclass(frozen=True)
class Entry:
    """One formula of the list."""

    name: str
    part: str
    href: str
    pieces: tuple[Piece, ...]
    kind: str
    reads: str
    readers: str


@dataclass(frozen=True)
class Section:
    """A form with its formulas."""

    name: str
    code: str
    icon: str
    entries: tuple[Entry, ...]
    new_href: str


@dataclass(frozen=True)
class Reader:
    """What reads a field: whose value it makes, in which way, and where its formula is edited."""

    name: str
    how: str
    href: str


@permission("admin")
def formulas(app_code: str) -> Response:
    """Show every formula of an app, or those that fit what was typed (`?q=`)."""
    asked = request.args.get("q", "")[:LONGEST]
    with reading() as act:
        draft = drafts.read(act, app_code)
        # Of an app that never ran and is not finished, not even the names can be told.
        app = app_of_draft(draft) if not draft.base_version else app_to_design(act, draft)
        sections = tuple(_sections(draft, app, asked.lower().split()[:8])) if app else ()
        return render(
            "designer/formulas.html",
            "found",
            app_code=draft.app_code,
            sections=sections,
            asked=asked,
            total=sum(len(section.entries) for section in sections),
            base=url_for("designer.formulas", app_code=draft.app_code),
        )


def app_to_design(act: Act, draft: Draft) -> App:
    """Return the app of a draft; of one whose names cannot be told, the app that runs."""
    return app_of_draft(draft) or app_of(act, draft.app_code)


def places_of(draft: Draft) -> Sequence[FormulaPlace]:
    """Return the places of a draft's formulas."""
    return tuple(formula_places(draft.source))


def place_text(app: App, place: FormulaPlace) -> str:
    """Return what a formula belongs to, with its form."""
    parts = (label(app.forms[place.form].label), place_name(app, place), part_text(place))
    return " · ".join(filter(None, parts))


def place_name(app: App, place: FormulaPlace) -> str:
    """Return what a formula belongs to: its field, or what its author says of it."""
    if place.field:
        return path_text(app.forms[place.form], place.lines, place.field)
    return label(place.note) if place.note else label(app.forms[place.names[0]].label)


def part_text(place: FormulaPlace) -> str:
    """Return which part of a field or form a formula is; nothing where it is the value itself."""
    words = {
        DEFAULT: _("默认值"),
        "min": _("最小值"),
        "max": _("最大值"),
        CHECK: _("校验"),
        RULE: _("规则"),
        WHERE: _("汇总条件"),
        SOURCE: _("来源 %(n)s", n=place.number),
    }
    return words.get(place.part, "")


def place_href(app: App, place: FormulaPlace) -> str:
    """Return where a formula is edited."""
    return url_for(
        "designer.edit_formula",
        app_code=app.code,
        place_form=place.form,
        field_path=place.path,
        part=place.name,
    )


def readers(app: App, places: Sequence[FormulaPlace], node: Node) -> Iterator[Reader]:
    """Yield what reads a field, wherever it stands in the app."""
    found = (place for place in places if place.part == FORMULA)
    known = {(place.form, place.lines, place.field): place for place in found}
    for edge in dict.fromkeys(edge for edge in app.forms.graph.edges if edge.reads == node):
        form, place = app.forms[edge.node.form], known.get(edge.node)
        name = f"{label(form.label)} · {path_text(form, *edge.node.place)}"
        yield Reader(name, _how(edge.how), place_href(app, place) if place else "")


def _how(how: str) -> str:
    """In which way a field is read, where it is not by a formula of the same record."""
    words = {
        "via": _("通过关联读取"), "table": _("读整列"), "live": _("实时带出"), "lookup": _("带出"),
        "rollup": _("汇总"), "aggregate": _("聚合表"), "fill": _("选中后填入"),
        "default": _("默认值"), "check": _("校验"),
        "rule": _("规则"),
    }  # fmt: skip
    return words.get(how, "")


def result_of(app: App, place: FormulaPlace) -> str:
    """Return the kind of what a formula gives: of the field it fills, or a condition."""
    field = field_at(app.forms[place.form], place.lines, place.field)
    return "boolean" if field is None or place.part == WHERE else field.stored.kind


def _named(app: App, place: FormulaPlace) -> Form:
    """The form whose names a formula is written in."""
    return app.forms[place.names[0]]


def _sections(draft: Draft, app: App, words: Sequence[str]) -> Iterator[Section]:
    places = places_of(draft)
    for form in app.forms.values():
        mine = [place for place in places if place.form == form.code]
        entries = tuple(
            _entry(app, place, places) for place in mine if _fits(app, form, place, words)
        )
        if entries:
            new = url_for("designer.new_formula", app_code=app.code, form=form.code)
            new = new if form.aggregate is None else ""
            yield Section(label(form.label), form.code, form.icon, entries, new)


def _fits(app: App, form: Form, place: FormulaPlace, words: Sequence[str]) -> bool:
    if not words:
        return True
    formula = formula_at(app, place)
    text = labelled(_named(app, place), formula) if formula else place.text
    found = search_text((place_text(app, place), form.code, place.path, text, place.text))
    return all(word in found for word in words)


def _entry(app: App, place: FormulaPlace, places: Sequence[FormulaPlace]) -> Entry:
    formula = formula_at(app, place)
    named = _named(app, place)
    found = references(formula) if formula else ()
    reads = dict.fromkeys(reference_text(named, each) for each in found)
    node = Node(place.form, place.lines, place.field)
    known = readers(app, places, node) if place.part == FORMULA else ()
    return Entry(
        name=place_name(app, place),
        part=part_text(place),
        href=place_href(app, place),
        pieces=tuple(pieces(named, formula)) if formula else (Piece(place.text),),
        kind=kind_text(result_of(app, place)),
        reads=joined(reads),
        readers=joined(dict.fromkeys(each.name for each in known)),
    )
