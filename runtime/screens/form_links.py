"""Where buttons lead, and what a new record takes along from the one a button stood on."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import url_for

from runtime import access
from runtime.compile import Field, Form
from runtime.compile.links import PLACE
from runtime.infra.act import Act
from runtime.kinds.field_type import Unreadable
from runtime.screens.form_fields import plain, record_url
from runtime.screens.form_values import is_entered

# What a new record begins with stands in its address as `with.<code>`.
GIVEN: Final = "with."
LONGEST: Final = 500
LINKS: Final = frozenset({"button", "query"})


def link_of(
    act: Act, form: Form, item: Field, values: Mapping[str, Any], record_id: int | None
) -> str:
    """Where a button leads, and what a query was given; nothing before the record is saved."""
    if record_id is None:
        return ""
    own = {**values, "id": record_id}
    if item.kind.kind == "button":
        return leads_to(act, form, item, own)
    return urlencode({code: written(own.get(code)) for code in item.options["where"].values()})


def leads_to(act: Act, form: Form, item: Field, values: Mapping[str, Any]) -> str:
    """The address a button opens; nothing where it leads nowhere, or the actor may not go.

    `values` are those of a saved record, its `id` among them.
    """
    match item.options["action"]:
        case "create":
            return _new(act, form, item, values)
        case "open":
            target = form.target(form.by_code[item.options["field"]])
            key = values.get(item.options["field"])
            return record_url(target, key) if key and access.may(act.actor, "view", target) else ""
        case _:
            return PLACE.sub(
                lambda found: quote(written(values.get(found[1])), safe=""),
                str(item.options["url"]),
            )


def prefilled(act: Act, form: Form, asked: Mapping[str, str]) -> dict[str, Any]:
    """What the address of a new record gives its fields; what cannot be read is left out."""
    found: dict[str, Any] = {}
    for item in access.visible_fields(act.actor, form):
        text = asked.get(f"{GIVEN}{item.code}", "")[:LONGEST]
        if not text or item.is_lines or not is_entered(item):
            continue
        value = item.kind.parse(text, item.definition)
        if value is not None and not isinstance(value, Unreadable):
            found[item.code] = value
    return found


def written(value: Any) -> str:
    """A value as addresses carry it."""
    if isinstance(value, tuple):
        return ",".join(str(each) for each in value)
    return plain(value)


def _new(act: Act, form: Form, item: Field, values: Mapping[str, Any]) -> str:
    target = form.siblings[str(item.options["form"])]
    if not access.may(act.actor, "create", target):
        return ""
    given = {
        f"{GIVEN}{theirs}": written(values.get(ours))
        for theirs, ours in item.options.get("values", {}).items()
        if values.get(ours) is not None
    }
    address = url_for("screens.new_record", app_code=target.app_code, form_code=target.code)
    return f"{address}?{urlencode(given)}" if given else address
