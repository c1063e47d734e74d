"""A field of a draft as the canvas draws it: with the running form's macros, from its JSON alone.

A draft need not compile, so nothing here is looked up: what a field names may not be there yet.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from jinja2 import TemplateError
from markupsafe import Markup

from builder.designer.kind_words import kind_icon
from runtime.compile.field import COMPUTED_KINDS
from runtime.definitions import FieldDef, Label
from runtime.kinds.fields import FIELD_TYPES
from runtime.screens.form_fields import (
    COLUMN_CLASS,
    DEFAULT_WIDTH,
    SHORT,
    TONES,
    WIDTHS,
    Cell,
    FieldView,
    Option,
)
from runtime.screens.i18n import _, label, locale

Json = Mapping[str, Any]
# The kind whose box needs nothing but a text.
PLAIN: Final = "text"
DECIMALS: Final = frozenset({"number", "money", "quantity", "percent"})
PLACES: Final = {"number": 2, "money": 2, "quantity": 0, "percent": 2}
# What a person reads of the defaults that are written most often.
MOST_SHOWN: Final = 24


class Unsaid(dict[str, Any]):
    """What a kind's template asks beyond the field itself: here every answer is empty."""

    def __missing__(self, _name: str) -> str:
        return ""


@dataclass(frozen=True)
class Marks:
    """What the canvas says of a field besides drawing it."""

    is_hidden: bool = False
    is_locked: bool = False
    is_new: bool = False
    has_problem: bool = False


@dataclass(frozen=True)
class Card:
    """One field, or one column of a line table, on the canvas."""

    path: str
    key: str
    code: str
    kind: str
    label: str
    kind_label: str
    icon: str
    width: int
    view: FieldView
    cell: Cell
    other: str = ""
    marks: Marks = Marks()
    columns: tuple["Card", ...] = field(default=())
    stops: str = ""

    def box(self) -> Markup:
        """What one will type into, drawn as the running form draws it.

        A kind may ask for what only a field that runs has; then its box is a plain one.
        """
        try:
            return self.view.input(self.cell, in_grid=False)
        except (TemplateError, TypeError, ValueError):
            return replace(self.view, kind=PLAIN).input(self.cell, in_grid=False)

    @property
    def is_table(self) -> bool:
        """Whether it is a line table."""
        return self.kind == "lines"


def other_name(name: Label) -> str:
    """The name in the language that is not the reader's, where somebody wrote one."""
    if locale() == "en":
        return name.zh if name.zh != name.en else ""
    return name.en


def _other(item: FieldDef) -> str:
    """What a kind is called is nobody's translation: a new name leaves it behind."""
    known = FIELD_TYPES.get(item.kind)
    titles = [known.options.get("title"), known.options.get("title_en")] if known else []
    name = other_name(item.label)
    return "" if re.sub(r" \d+$", "", name) in titles else name


def kind_text(kind: str) -> str:
    """Return what a kind of field is called; one that is not installed shows its code."""
    known = FIELD_TYPES.get(kind)
    schema = known.options if known else {}
    title = schema.get("title")
    return label({"zh": title, "en": schema.get("title_en") or title}) if title else kind


def card_of(item: FieldDef, lines: str | None, names: "Names", marks: Marks) -> Card:
    """Describe a field, with what its box would show."""
    path = item.code if lines is None else f"{lines}.{item.code}"
    return Card(
        path=path,
        key=f"cv-{lines or ''}-{item.id}",
        code=item.code,
        kind=item.kind,
        label=label(item.label),
        kind_label=kind_text(item.kind),
        icon=kind_icon(item.kind),
        width=width_of(item),
        view=_view(item, path, names),
        cell=Cell(id=f"cv-box-{path}", name="", text=_sample(item, names), key=_key(item)),
        other=_other(item),
        marks=marks,
    )


@dataclass(frozen=True)
class Names:
    """What forms and fields are called, for the words that stand in boxes."""

    forms: Mapping[str, str]
    fields: Mapping[str, str]

    def reference(self, item: FieldDef) -> str:
        """What one chooses in a reference."""
        form = self.forms.get(str(item.options.get("form", "")), "")
        return _("选择%(what)s", what=form) if form else _("还没有选关联的表单")

    def looked_up(self, item: FieldDef, lines: str | None = None) -> str:
        """Where a looked-up value comes from: 客户.联系人."""
        reference = str(item.options.get("reference", ""))
        return self.fields.get(reference) or self.fields.get(f"{lines}.{reference}", "")


def width_of(item: FieldDef) -> int:
    """How many of the twelve columns it takes."""
    return item.width or WIDTHS.get(item.kind, DEFAULT_WIDTH)


def result_kind(item: FieldDef) -> str:
    """The kind of what is kept, as far as the field itself says."""
    if item.kind in {"formula", "rollup"}:
        return str(item.options.get("result", "number"))
    return item.kind


def _view(item: FieldDef, path: str, names: Names) -> FieldView:
    kind = result_kind(item)
    is_short = item.kind in SHORT
    return FieldView(
        path=path,
        code=item.code,
        kind=item.kind,
        label=label(item.label),
        help=label(item.help),
        on_phone=item.phone == "show",
        placeholder=label(item.placeholder) or _placeholder(item, names),
        is_required=item.required,
        is_editable=item.kind not in COMPUTED_KINDS and not item.readonly,
        is_number=kind in DECIMALS,
        span_class=f"c-{width_of(item)}" + (" c-m6" if is_short else ""),
        width_class=COLUMN_CLASS.get(kind, "w-text"),
        suffix="%" if kind == "percent" else "",
        options=_options(item),
        more=Unsaid(max_files=1, max_side=0),
    )


def _placeholder(item: FieldDef, names: Names) -> str:
    if item.kind == "reference":
        return names.reference(item)
    return _("选择成员") if item.kind == "user" else ""


def _options(item: FieldDef) -> tuple[Option, ...]:
    listed = item.options.get("options", ())
    return tuple(
        Option(one["code"], label(one.get("label", one["code"])), _tone(one))
        for one in listed
        if isinstance(one, Mapping) and "code" in one
    )


def _tone(option: Json) -> str:
    return TONES.get(str(option.get("colour")), "plain")


def _key(item: FieldDef) -> str:
    if item.kind == "boolean":
        return "true" if item.default is True else ""
    return str(item.default) if item.kind == "choice" and item.default else ""


def _sample(item: FieldDef, names: Names) -> str:
    """What stands in the box while nobody has filled it."""
    if item.kind == "document_number":
        return _number_pattern(item.options)
    if item.kind == "lookup":
        return _carried(item, names)
    if item.kind in COMPUTED_KINDS:
        return _zero(item) if result_kind(item) in DECIMALS else ""
    return _default(item)


def _number_pattern(options: Json) -> str:
    """XSDD-{YYYYMMDD}-0001: how a number will look."""
    width = options.get("width", 4)
    count = "1".rjust(width if isinstance(width, int) else 4, "0")
    day = f"{{{options['date']}}}-" if options.get("date") else ""
    return f"{options.get('prefix', '')}{day}{count}"


def _carried(item: FieldDef, names: Names) -> str:
    whence = names.looked_up(item)
    return _("取自%(what)s", what=whence) if whence else ""


def _zero(item: FieldDef) -> str:
    kind = result_kind(item)
    places = item.options.get("places", PLACES[kind])
    text = f"{0:.{places}f}" if isinstance(places, int) else "0"
    return f"{text}%" if kind == "percent" else text


def _default(item: FieldDef) -> str:
    if item.kind == "user" and item.options.get("current"):
        return _("当前用户")
    if not isinstance(item.default, str) or item.kind in {"choice", "boolean"}:
        return ""
    if not item.default.startswith("="):
        return item.default
    known = {"=TODAY()": _("今天"), "=NOW()": _("现在")}
    formula = item.default.replace(" ", "").upper()
    return known.get(formula, f"ƒ {item.default[1:MOST_SHOWN]}")
