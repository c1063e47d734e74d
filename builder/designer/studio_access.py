"""The question a new field brings: who sees it, who fills it. One click takes the usual answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import current_app, url_for

from builder.drafts import Draft
from runtime.definitions.label import read_label
from runtime.screens.i18n import label

Json = Mapping[str, Any]
FILLING: Final = frozenset({"create", "update"})


@dataclass(frozen=True)
class Reader:
    """A role that sees the form; `access` is what it may do with a new field."""

    code: str
    label: str
    access: str


@dataclass(frozen=True)
class Asked:
    """New fields of a form nobody decided about, newest last; empty when there is no question."""

    paths: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    readers: tuple[Reader, ...] = ()
    href: str = ""


def asked_of(draft: Draft, form: Json) -> Asked:
    """Return which new fields of a form wait for a decision, and whose it is about."""
    readers = tuple(_readers(draft, str(form["code"])))
    waiting = {(each.lines, each.id) for each in draft.undecided if each.form == form["code"]}
    found = tuple(_found(form, waiting)) if readers else ()
    if not found:
        return Asked()
    paths, labels = zip(*found, strict=True)
    return Asked(paths, labels, readers, _room(draft.app_code, str(form["code"])))


def _room(app_code: str, form_code: str) -> str:
    """Where fields are decided about one by one, where there is such a room."""
    room = "designer.form_access"
    if room not in current_app.view_functions:
        return ""
    return url_for(room, app_code=app_code, form_code=form_code)


def _found(form: Json, waiting: set[tuple[str | None, str]]) -> Iterator[tuple[str, str]]:
    for field in form.get("fields", ()):
        if (None, _id(field)) in waiting:
            yield field["code"], _label(field)
        for column in field.get("options", {}).get("fields", ()):
            # The columns of a table that is itself new go with it.
            if isinstance(column, Mapping) and (field["code"], _id(column)) in waiting:
                yield f"{field['code']}.{column['code']}", _label(column)


def _readers(draft: Draft, form_code: str) -> Iterator[Reader]:
    for role in draft.source.get("roles", ()):
        for grant in role.get("grants", ()):
            if grant["form"] == form_code and "view" in grant["verbs"]:
                access = "edit" if FILLING.intersection(grant["verbs"]) else "read"
                yield Reader(
                    role["code"], label(read_label(role.get("label"), role["code"])), access
                )


def _id(field: Json) -> str:
    return str(field.get("id") or field["code"])


def _label(field: Json) -> str:
    return label(read_label(field.get("label"), field["code"]))
