"""The canvas of the form designer: a form of a draft with its tabs, sections and fields."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from builder.designer.canvas_fields import Card, Marks, Names, card_of, other_name
from runtime.definitions import FieldDef, SectionDef
from runtime.definitions.form import read_field
from runtime.definitions.label import Label, read_label
from runtime.screens.i18n import _, joined, label

Json = Mapping[str, Any]
EVERY_FORM: Final = "*"


@dataclass(frozen=True)
class Place:
    """A section as it is drawn; `code` is empty for what stands in none."""

    code: str
    label: str
    tab: str
    cards: tuple[Card, ...]
    is_folded: bool = False
    other: str = ""

    @property
    def path(self) -> str:
        """How the scripts name it."""
        return f"§{self.code}"

    @property
    def is_table_alone(self) -> bool:
        """Whether it holds one line table and nothing else."""
        return len(self.cards) == 1 and self.cards[0].is_table


@dataclass(frozen=True)
class Page:
    """A tab of the form; the one without a code stands above all others."""

    code: str
    label: str
    places: tuple[Place, ...]
    other: str = ""


@dataclass(frozen=True)
class Viewer:
    """Through whose eyes the canvas is seen: an administrator's, or a role's."""

    code: str = ""
    label: str = ""
    hidden: frozenset[str] = frozenset()
    readonly: frozenset[str] = frozenset()
    may_view: bool = True

    def marks(self, path: str, table: str | None) -> Marks:
        """What the role sees of a field; what hides a table hides its columns."""
        paths = {path, table} if table else {path}
        return Marks(
            is_hidden=not self.may_view or bool(paths & self.hidden),
            is_locked=bool(paths & self.readonly),
        )


@dataclass(frozen=True)
class Canvas:
    """What `canvas.html` draws."""

    form_code: str
    pages: tuple[Page, ...]
    viewer: Viewer
    fields: int
    columns: int
    has_tabs: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing on it yet."""
        return not self.fields


def canvas_of(source: Json, form: Json, role: str = "") -> Canvas:
    """Lay a form out as it would stand on the screen, seen by a role."""
    fields = [read_field(each) for each in form.get("fields", ())]
    viewer = _viewer(source, str(form["code"]), role)
    cards = _cards(fields, _names(source, fields), viewer)
    places = tuple(_places(form, cards))
    tabs = [(tab["code"], read_label(tab.get("label"))) for tab in form.get("tabs", ())]
    known = {code for code, _name in tabs}
    loose = tuple(each for each in places if each.tab not in known)
    first = (Page("", "", loose),) if loose or not tabs else ()
    pages = tuple(
        Page(code, label(name), tuple(one for one in places if one.tab == code), other_name(name))
        for code, name in tabs
    )
    columns = sum(len(card.columns) for card in cards.values())
    return Canvas(str(form["code"]), (*first, *pages), viewer, len(fields), columns, bool(tabs))


def roles_of(source: Json) -> Iterator[tuple[str, str]]:
    """Yield the roles one may look at the form as."""
    for role in source.get("roles", ()):
        yield role["code"], label(read_label(role.get("label"), role["code"]))


def _viewer(source: Json, form_code: str, role_code: str) -> Viewer:
    role = next((each for each in source.get("roles", ()) if each["code"] == role_code), None)
    if role is None:
        return Viewer()
    name = label(read_label(role.get("label"), role_code))
    grants = [
        grant
        for grant in role.get("grants", ())
        if grant["form"] in {EVERY_FORM, form_code} and "view" in grant["verbs"]
    ]
    if not grants:
        return Viewer(role_code, name, may_view=False)
    # One grant that shows a field is enough, and one that lets it be written.
    hidden = frozenset.intersection(*(frozenset(each.get("hidden", ())) for each in grants))
    locked = frozenset.intersection(*(frozenset(each.get("readonly", ())) for each in grants))
    return Viewer(role_code, name, hidden, locked)


def _names(source: Json, fields: Sequence[FieldDef]) -> Names:
    forms = {form["code"]: label(read_label(form.get("label"))) for form in source.get("forms", ())}
    own: dict[str, str] = {}
    for item in fields:
        own[item.code] = label(item.label)
        own |= {f"{item.code}.{column.code}": label(column.label) for column in item.columns}
    return Names(forms, own)


def _cards(fields: Sequence[FieldDef], names: Names, viewer: Viewer) -> dict[str, Card]:
    return {item.code: _card(item, names, viewer) for item in fields}


def _card(item: FieldDef, names: Names, viewer: Viewer) -> Card:
    card = card_of(item, None, names, viewer.marks(item.code, None))
    if item.kind != "lines":
        return card
    columns = tuple(
        card_of(column, item.code, names, viewer.marks(f"{item.code}.{column.code}", item.code))
        for column in item.columns
    )
    called = {column.code: column.label for column in columns}
    stops = [called[code] for code in item.options.get("stops", ()) if code in called]
    return replace(card, columns=columns, stops=joined(stops))


def _places(form: Json, cards: Mapping[str, Card]) -> Iterator[Place]:
    sections = [_section(each) for each in form.get("sections", ())]
    placed = {code for section in sections for code in section.fields}
    rest = tuple(card for code, card in cards.items() if code not in placed)
    if rest or not sections:
        name = _("未分组") if sections else label(read_label(form.get("label")))
        yield Place("", name, "", rest)
    for section in sections:
        yield Place(
            section.code,
            label(section.label),
            section.tab or "",
            tuple(cards[code] for code in section.fields if code in cards),
            section.phone == "folded",
            other_name(section.label),
        )


def _section(source: Json) -> SectionDef:
    called = read_label(source.get("label"), source["code"]) if source else Label("")
    return SectionDef(
        source["code"], called, tuple(source.get("fields", ())), source.get("tab"),
        source.get("phone", "open"),
    )  # fmt: skip
