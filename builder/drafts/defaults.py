"""What a new field begins with: a name, a code, an id that is never used again, and options."""

import secrets
from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any, Final

from builder.drafts.working import Object, Working, every_field, id_of, name_of
from builder.workbook.codes import FIELD_CHARS, LINES_CHARS, field_code
from runtime.definitions.label import read_label
from runtime.kinds.fields import FIELD_TYPES

_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_ID_CHARS: Final = 9
_CHOICES: Final = {
    "options": [
        {"code": "1", "label": {"zh": "选项 1", "en": "Option 1"}},
        {"code": "2", "label": {"zh": "选项 2", "en": "Option 2"}},
    ]
}
# Options without which a kind can do nothing. What only the author knows (the form a reference
# points to, a formula) stays open and is a problem until it is said.
OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "choice": _CHOICES,
    "multi_choice": _CHOICES,
    "lines": {"fields": []},
}


def new_label(kind: str, fields: Collection[Mapping[str, Any]]) -> Any:
    """The kind's own name, with a number where a field of the form is called so already."""
    options = FIELD_TYPES[kind].options
    plain = {"zh": str(options.get("title", kind)), "en": str(options.get("title_en", ""))}
    taken = {name_of(each) for each in fields}
    number = 1
    label = plain
    while label["zh"] in taken:
        number += 1
        label = {name: f"{text} {number}" for name, text in plain.items() if text}
    return {name: text for name, text in label.items() if text}


def new_code(work: Working, form: str, lines: str | None, field: Mapping[str, Any]) -> str:
    """A code from a name: the one fields of that name have elsewhere in the app, where it is free.

    A code that ever named a column is not free: the data of the field that had it is still there.
    """
    taken = taken_codes(work, form, lines)
    # The code of a line table is part of the name of a table of the database.
    most = LINES_CHARS if field["kind"] == "lines" else FIELD_CHARS
    return field_code(read_label(field["label"]).zh, taken, _usual(work), most=most)


def taken_codes(work: Working, form: str, lines: str | None) -> frozenset[str]:
    """Codes and ids a new field of the form (or line table) may not have."""
    fields = work.fields(form, lines)
    own = {each["code"] for each in fields} | {id_of(each) for each in fields}
    gone = {each.code for each in work.removed if (each.form, each.lines) == (form, lines)}
    return frozenset(own | gone | work.here.published(form, lines))


def new_id(work: Working, form: Mapping[str, Any]) -> str:
    """An id nothing ever had: drawn, so that copies of an app never come to the same one."""
    taken = {id_of(each) for _, each in every_field(form)} | {each.id for each in work.removed}
    while True:
        drawn = "f" + "".join(secrets.choice(_ALPHABET) for _ in range(_ID_CHARS))
        if drawn not in taken:
            return drawn


def new_options(kind: str) -> Object:
    """The options a new field of a kind begins with."""
    return deepcopy(dict(OPTIONS.get(kind, {})))


def _usual(work: Working) -> dict[str, str]:
    known: dict[str, str] = {}
    for form in work.source["forms"]:
        for _, field in every_field(form):
            known.setdefault(name_of(field), field["code"])
    return known
