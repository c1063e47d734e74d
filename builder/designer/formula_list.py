"""The formulas of an app: where each stands, what it says, what it reads, who reads it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response, request, url_for

from builder.designer.formula_words import (
    Piece,
    kind_text,
    labelled,
    path_text,
    pieces,
    reference_text,
)
from builder.formula_places import DEFAULT, FormulaPlace, field_at, formula_at, formula_places
from builder.stored_formulas import references
from runtime.catalogue import active_definition
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
        app = app_of(act, app_code)
        sections = tuple(_sections(act, app, asked.lower().split()[:8]))
        return render(
            "designer/formulas.html",
            "found",
            app_code=app.code,
            sections=sections,
            asked=asked,
            total=sum(len(section.entries) for section in sections),
            base=url_for("designer.formulas", app_code=app.code),
        )


def places_of(act: Act, app: App) -> Sequence[FormulaPlace]:
    """Return the places of the running app's formulas."""
    found = active_definition(act.connection, app.code)
    assert found is not None, f"{app.code} runs and has a definition"
    return tuple(formula_places(found[0]))


def place_text(app: App, place: FormulaPlace) -> str:
    """Return what a formula belongs to, with its form."""
    form = app.forms[place.form]
    name = path_text(form, place.lines, place.field)
    text = f"{label(form.label)} · {name}"
    return _("%(field)s 的默认值", field=text) if place.part == DEFAULT else text


def place_href(app: App, place: FormulaPlace) -> str:
    """Return where a formula is edited."""
    return url_for(
        "designer.edit_formula",
        app_code=app.code,
        place_form=place.form,
        field_path=place.path,
        part=place.part,
    )


def readers(app: App, places: Sequence[FormulaPlace], node: Node) -> Iterator[Reader]:
    """Yield what reads a field, wherever it stands in the app."""
    known = {(place.form, place.lines, place.field): place for place in places}
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
    }  # fmt: skip
    return words.get(how, "")


def _sections(act: Act, app: App, words: Sequence[str]) -> Iterator[Section]:
    places = places_of(act, app)
    for form in app.forms.values():
        mine = [place for place in places if place.form == form.code]
        entries = tuple(
            _entry(app, form, place, places) for place in mine if _fits(app, form, place, words)
        )
        if entries:
            new = url_for("designer.new_formula", app_code=app.code, form=form.code)
            yield Section(label(form.label), form.code, form.icon, entries, new)


def _fits(app: App, form: Form, place: FormulaPlace, words: Sequence[str]) -> bool:
    if not words:
        return True
    formula = formula_at(app, place)
    text = labelled(form, formula) if formula else place.text
    found = search_text((place_text(app, place), form.code, place.path, text, place.text))
    return all(word in found for word in words)


def _entry(app: App, form: Form, place: FormulaPlace, places: Sequence[FormulaPlace]) -> Entry:
    formula = formula_at(app, place)
    field = field_at(form, place.lines, place.field)
    assert formula is not None, f"{place.key} runs, so its formula was compiled"
    assert field is not None, f"{place.key} is a field"
    reads = dict.fromkeys(reference_text(form, each) for each in references(formula))
    node = Node(place.form, place.lines, place.field)
    known = () if place.part == DEFAULT else readers(app, places, node)
    return Entry(
        name=path_text(form, place.lines, place.field),
        part=_("默认值") if place.part == DEFAULT else "",
        href=place_href(app, place),
        pieces=tuple(pieces(form, formula)),
        kind=kind_text(field.stored.kind),
        reads=joined(reads),
        readers=joined(dict.fromkeys(each.name for each in known)),
    )
