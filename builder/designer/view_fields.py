"""What a view of a draft may show, ask, sort by and count: fields of its form, and near ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from runtime.compile import App, Field, Form
from runtime.kinds.families import DEPARTMENTS, PEOPLE
from runtime.kinds.options import option_label
from runtime.query.filters import ME
from runtime.query.own_fields import own_fields
from runtime.query.page import UNSORTABLE
from runtime.query.totals import fits
from runtime.query.where import STATUS
from runtime.screens.i18n import _, label, locale
from runtime.screens.lists.words import NO_VALUE, OPTIONED, operator_text
from runtime.screens.statuses import STATUSES, status_text

Json = Mapping[str, Any]
Pair = tuple[str, str]
# Which records or departments there are is of an installation; a definition names none of them.
UNNAMED: Final = frozenset({"reference", "tree", "region"}) | DEPARTMENTS
FNS: Final = ("sum", "avg", "min", "max", "count")


@dataclass(frozen=True)
class Asked:
    """A field a condition may name: its path, its name, how it compares, what it may be."""

    path: str
    label: str
    group: str
    kind: str
    operators: tuple[Pair, ...]
    options: tuple[Pair, ...] = ()


@dataclass(frozen=True)
class Shown:
    """A field of the form itself: whether a list can be sorted by it, and what it adds up to."""

    code: str
    label: str
    kind: str
    sorts: bool
    fns: tuple[str, ...] = ()


def asked_fields(app: App | None, form_code: str) -> Iterator[Asked]:
    """Yield every field a condition of a view may name, the form's own first."""
    form = app.forms.get(form_code) if app else None
    if form is None:
        return
    if form.is_document:
        states = tuple((code, status_text(code)) for code in STATUSES if code != "active")
        yield Asked(STATUS, _("状态"), "", STATUS, _texts(("any_of", "none_of")), states)
    yield from _asked(form.fields, "", "")
    for field in form.fields:
        if field.is_lines:
            yield from _asked(
                form.lines_of(field.code).fields, f"{field.code}.", label(field.label)
            )
        elif field.target and field.target in form.siblings:
            behind = form.siblings[field.target].fields
            yield from _asked(behind, f"{field.code}.", label(field.label))
    yield from _asked(tuple(own_fields(form).values()), "", _("记录"))


def shown_fields(form: Form) -> Iterator[Shown]:
    """Yield the fields a view may have as columns, sort by and group by."""
    for field in (*form.fields, *own_fields(form).values()):
        if field.column is not None:
            kind = field.stored.kind
            fns = tuple(fn for fn in FNS if fits(field, fn))
            yield Shown(field.code, label(field.label), kind, kind not in UNSORTABLE, fns)


def as_json(asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """Return what the script of the sheet reads."""
    return [asdict(each) for each in asked]


def _asked(fields: Sequence[Field], before: str, group: str) -> Iterator[Asked]:
    for field in fields:
        kind = field.stored.kind
        compares = field.stored.operators
        operators = [each for each in compares if kind not in UNNAMED or each in NO_VALUE]
        if field.column is not None and operators:
            path, text = f"{before}{field.code}", label(field.label)
            options = tuple(_options(field))
            yield Asked(path, text, group, kind, _texts(operators), options)


def _options(field: Field) -> Iterator[Pair]:
    if field.stored.kind in OPTIONED:
        for option in field.stored_as.options.get("options", ()):
            yield option["code"], option_label(field.stored_as, option["code"], locale())
    elif field.stored.kind in PEOPLE:
        yield ME, _("我")


def _texts(operators: Sequence[str]) -> tuple[Pair, ...]:
    return tuple((each, operator_text(each)) for each in operators)
