"""What buttons and queries name must be there: a form, its fields, fields of the own form."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from runtime.definitions import AppDef, FieldDef
from runtime.infra.errors import Problem

# The record itself, where a value of it is asked for.
ITSELF: Final = "id"
PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def link_problems(
    app: AppDef, field: FieldDef, peers: Sequence[FieldDef], pointer: str
) -> Iterator[Problem]:
    """Yield what a button or a query names that is not there."""
    own = {peer.code for peer in peers}
    at = f"{pointer}/options"
    if field.kind == "query":
        yield from _target(app, field, own, "where", at)
    elif field.kind == "button":
        yield from _button(app, field, peers, at)


def _button(app: AppDef, field: FieldDef, peers: Sequence[FieldDef], at: str) -> Iterator[Problem]:
    wanted = {"create": "form", "open": "field", "url": "url"}[str(field.options["action"])]
    if not field.options.get(wanted):
        yield Problem(f"{at}/{wanted}", "property_missing", {"name": wanted})
        return
    own = {peer.code for peer in peers}
    if wanted == "form":
        yield from _target(app, field, own, "values", at)
    elif wanted == "field":
        name = field.options["field"]
        if not any(peer.code == name and peer.kind == "reference" for peer in peers):
            yield Problem(f"{at}/field", "reference_field_unknown", {"name": name})
    else:
        yield from _unknown(PLACE.findall(field.options["url"]), own | {ITSELF}, f"{at}/url")


def _target(app: AppDef, field: FieldDef, own: set[str], pairs: str, at: str) -> Iterator[Problem]:
    form = app.form(str(field.options["form"]))
    if form is None:
        yield Problem(f"{at}/form", "form_unknown", {"name": field.options["form"]})
        return
    theirs = {each.code for each in form.fields}
    given: Mapping[str, str] = field.options.get(pairs, {})
    yield from _unknown(given, theirs, f"{at}/{pairs}")
    yield from _unknown(given.values(), own | {ITSELF}, f"{at}/{pairs}")
    yield from _unknown(field.options.get("columns", ()), theirs, f"{at}/columns")


def _unknown(names: Iterable[str], known: set[str], at: str) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield Problem(at, "field_unknown", {"name": name})
