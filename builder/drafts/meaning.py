"""What of an app decides whether it compiles: everything but how it looks and who may do what."""

from typing import Any, Final

from builder.drafts.model import Json

_LOOKS_OF_FIELD: Final = frozenset({"width", "help", "placeholder", "phone"})
_LOOKS_OF_FORM: Final = frozenset({"icon", "list", "search", "fields", "sections", "tabs", "views"})
_BESIDE: Final = frozenset({"forms", "roles", "menus", "tests", "tests_block_publish"})


def meaning(source: Json) -> Json:
    """The app without what only people see: two apps of one meaning have the same problems.

    Sections stay by their codes, as rules name them.
    """
    rest = {name: value for name, value in source.items() if name not in _BESIDE}
    return {**rest, "forms": [_form(form) for form in source["forms"]]}


def _form(form: Json) -> Json:
    rest: dict[str, Any] = {
        name: value for name, value in form.items() if name not in _LOOKS_OF_FORM
    }
    rest["fields"] = [_field(field) for field in form["fields"]]
    rest["sections"] = sorted(section["code"] for section in form.get("sections", ()))
    return rest


def _field(field: Json) -> Json:
    rest = {name: value for name, value in field.items() if name not in _LOOKS_OF_FIELD}
    if field["kind"] == "lines":
        options = field.get("options", {})
        rest["options"] = {**options, "fields": [_field(each) for each in options["fields"]]}
    return rest
