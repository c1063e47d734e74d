"""What a template needs of a field, and of one value of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from flask import current_app, url_for
from markupsafe import Markup

from runtime import access
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.kinds.barcodes import wrong
from runtime.kinds.decimal_field import DecimalField
from runtime.kinds.families import FILES, KEYED, PICKED
from runtime.kinds.field_type import Value
from runtime.kinds.options import option_label
from runtime.query.called import written
from runtime.screens.form_kinds import more_of
from runtime.screens.i18n import label, locale

WIDTHS: Final = {
    "long_text": 12,
    "attachment": 6,
    "image": 6,
    "signature": 4,
    "users": 6,
    "departments": 6,
    "barcode": 4,
    "cascade": 6,
    "region": 6,
    "address": 12,
    "location": 4,
    "query": 12,
    "multi_choice": 6,
    "reference": 4,
    "text": 4,
    "email": 4,
    "url": 6,
    "rich_text": 12,
    "rmb": 6,
    "rating": 4,
    "note": 12,
    "divider": 12,
}
DEFAULT_WIDTH: Final = 3
# What is short enough to share a line with another field on a phone.
SHORT: Final = frozenset(
    "date number money quantity percent choice boolean formula rollup user time duration".split()  # noqa: SIM905
)
COLUMN_CLASS: Final = {
    "reference": "w-ref",
    "user": "w-short",
    "department": "w-short",
    "money": "w-money",
    "quantity": "w-num",
    "number": "w-num",
    "percent": "w-num",
    "boolean": "w-flag",
    "date": "w-short",
    "time": "w-short",
    "duration": "w-num",
    "rating": "w-num",
    "choice": "w-short",
}
TONES: Final = {
    "grey": "plain",
    "blue": "info",
    "green": "ok",
    "amber": "warn",
    "red": "err",
    "violet": "vio",
}
# The pseudo column that shows what is available.
STOCK: Final = "_stock"


@dataclass(frozen=True)
class Option:
    """One choice as it is offered."""

    code: str
    label: str
    tone: str


@dataclass(frozen=True)
class File:
    """One attachment."""

    id: int
    name: str
    href: str
    # Where it can be seen, when it is a picture.
    picture: str = ""


@dataclass(frozen=True)
class Cell:
    """One value and its place: what stands in the box, and what is wrong with it.

    `text` is what people read or typed, `key` what is posted beside it (a record's id, an
    option's code) or, for computed fields, the plain value scripts calculate with.
    """

    id: str = ""
    name: str = ""
    text: str = ""
    key: str = ""
    keys: tuple[str, ...] = ()
    problem: str = ""
    href: str = ""
    code: str = ""
    files: tuple[File, ...] = ()
    # Several people or departments: what is posted, and what people read.
    picks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class FieldView:
    """A field as its template draws it; `path` is `qty` or `lines.qty`."""

    path: str
    code: str
    kind: str
    label: str
    help: str = ""
    placeholder: str = ""
    is_required: bool = False
    is_editable: bool = True
    is_number: bool = False
    has_code: bool = False
    on_phone: bool = True
    is_hidden: bool = False
    # Shown as it is on a page that is filled in: a step of a flow leaves it alone.
    is_fact: bool = False
    span_class: str = ""
    width_class: str = ""
    cell_class: str = ""
    places: int = 0
    least: int = 0
    suffix: str = ""
    options: tuple[Option, ...] = field(default=())
    lookup_url: str = ""
    create_url: str = ""
    # What the template of its kind alone asks for.
    more: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def macros(self) -> Any:
        """The macros of its kind, `input` and `display`: fetched once, drawn for every line."""
        return current_app.jinja_env.get_template(f"fields/{self.kind}.html").module

    def input(self, cell: Cell, in_grid: bool) -> Markup:  # noqa: FBT001 - read by templates
        """Draw the box a person types into."""
        drawn: Markup = self.macros.input(self, cell, in_grid)
        return drawn

    def display(self, cell: Cell) -> Markup:
        """Draw the value for reading."""
        drawn: Markup = self.macros.display(self, cell)
        return drawn

    def has_option(self, code: str) -> bool:
        """Say whether a code is still among the options."""
        return any(option.code == code for option in self.options)

    def tone(self, code: str) -> str:
        """Return the colour of an option."""
        return next((o.tone for o in self.options if o.code == code), "plain")


def field_view(act: Act, form: Form, item: Field, lines: str | None = None) -> FieldView:
    """Describe a field of the header, or of a line table, for its template."""
    definition, kind = item.definition, item.kind.kind
    is_decimal = isinstance(item.stored, DecimalField)
    path = item.code if lines is None else f"{lines}.{item.code}"
    return FieldView(
        path=path,
        code=item.code,
        kind=kind,
        label=label(item.label),
        help=label(definition.help),
        placeholder=label(definition.placeholder),
        is_required=item.required,
        is_editable=not item.is_computed and not definition.readonly,
        is_number=is_decimal,
        on_phone=definition.phone == "show",
        span_class=_span(item),
        width_class=_column(item),
        cell_class=_cell_class(item),
        places=places_of(item),
        least=min(2, places_of(item)) if item.stored.kind == "money" else 0,
        suffix="%" if item.stored.kind == "percent" else "",
        options=_options(item),
        lookup_url=_lookup_url(form, path) if kind in KEYED | PICKED else "",
        create_url=_create_url(act, form, item),
        more=more_of(form, item),
    )


def places_of(item: Field) -> int:
    """Return how many places a decimal field keeps; 0 for anything else."""
    if isinstance(item.stored, DecimalField):
        return item.stored.places(item.stored_as) - (2 if item.stored.kind == "percent" else 0)
    return 0


def _span(item: Field) -> str:
    width = item.definition.width or WIDTHS.get(item.kind.kind, DEFAULT_WIDTH)
    hidden = " ph-hide" if item.definition.phone == "hide" else ""
    return f"c-{width}" + (" c-m6" if item.kind.kind in SHORT else "") + hidden


def _column(item: Field) -> str:
    """A looked-up reference (a unit, a category) is a short word; looked-up text has room."""
    if item.is_computed and item.stored.kind == "reference":
        return "w-word"
    if item.is_computed and item.stored.kind == "text":
        return "w-carried"
    return COLUMN_CLASS.get(item.stored.kind if item.is_computed else item.kind.kind, "w-text")


def _cell_class(item: Field) -> str:
    kind = item.kind.kind
    right = " r" if isinstance(item.stored, DecimalField) else ""
    if kind == "reference":
        return "k-ref"
    if kind == "lookup":
        return "carry" + right
    if kind in {"formula", "rollup", "document_number"}:
        return "calc" + right
    wide = " wide" if kind in {"text", "long_text", "multi_choice"} else ""
    return "box" + wide + right


def _options(item: Field) -> tuple[Option, ...]:
    listed = item.stored_as.options.get("options", ())
    return tuple(
        Option(
            one["code"],
            option_label(item.stored_as, one["code"], locale()),
            TONES.get(one.get("colour", ""), "plain"),
        )
        for one in listed
    )


def _lookup_url(form: Form, path: str) -> str:
    return url_for("screens.lookup", app_code=form.app_code, form_code=form.code, field_path=path)


def _create_url(act: Act, form: Form, item: Field) -> str:
    if item.kind.kind != "reference":
        return ""
    target = form.target(item)
    if not access.may(act.actor, "create", target):
        return ""
    return url_for("screens.new_record", app_code=target.app_code, form_code=target.code)


def record_url(form: Form, record_id: int) -> str:
    """Return the address of a record."""
    return url_for(
        "screens.show_record", app_code=form.app_code, form_code=form.code, record_id=record_id
    )


def plain(value: Value) -> str:
    """Write a value for scripts: decimal text, ISO day, `true`; nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return str(value)


Labels = Mapping[int, str]


def numbers(keys: Iterable[str]) -> tuple[int, ...]:
    """The ids among what was posted."""
    return tuple(int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 16)


def picks_of(ids: Iterable[int], names: Labels) -> tuple[tuple[str, str], ...]:
    """Return several people or departments as the page shows them."""
    return tuple((str(key), names.get(key, f"#{key}")) for key in ids)


def _keys(values: Value) -> tuple[str, ...]:
    return tuple(str(value) for value in values or ())


def cell_of(  # noqa: PLR0913 - a value, its field, its place and its words
    item: Field,
    value: Value,
    *,
    cell_id: str,
    name: str,
    labels: Labels,
    href: str = "",
    files: Mapping[int, File] | None = None,
) -> Cell:
    """Return the cell of a stored value; `labels` name records and people by id."""
    kind = item.stored.kind
    if kind in KEYED:
        text = "" if value is None else labels.get(value, f"#{value}")
        return Cell(cell_id, name, text, plain(value), href=href)
    if kind in PICKED:
        picks = picks_of(value or (), labels)
        return Cell(cell_id, name, written(value, labels), keys=_keys(value), picks=picks)
    if kind in FILES:
        known = files or {}
        listed = tuple(known[key] for key in value or () if key in known)
        return Cell(cell_id, name, item.format(value), keys=_keys(value), files=listed)
    if kind == "multi_choice":
        return Cell(cell_id, name, item.format(value, locale()), keys=_keys(value))
    if kind == "address":
        parts = value or {}
        text = item.format(value)
        return Cell(cell_id, name, text, parts.get("region", ""), code=parts.get("street", ""))
    if kind == "barcode":
        is_wrong = wrong(value or "", str(item.stored_as.options.get("symbology", "qr")))
        return Cell(cell_id, name, item.format(value), code="wrong" if is_wrong else "")
    return Cell(cell_id, name, item.format(value, locale()), plain(value))
