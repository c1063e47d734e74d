"""Fields that print templates name: they follow when a field gets another code."""

from collections.abc import Mapping
from typing import Any

from builder.drafts.view_fields import Renamed
from builder.drafts.working import Working, every_field


def follow_in_printouts(work: Working, what: Renamed) -> None:
    """Follow in every template whose placeholders lead to or through the field."""
    for index, each in enumerate(work.source.get("printouts", ())):
        told: Mapping[str, str] = each.get("places", {})
        places = {key: _followed(work, each["form"], path, what) for key, path in told.items()}
        if places != told:
            work.part("printouts")[index]["places"] = places


def _followed(work: Working, form_code: str, path: str, what: Renamed) -> str:
    """A path with its codes followed step by step: field, column of lines, field behind it."""
    form, lines, found = form_code, None, []
    for code in path.split("."):
        is_it = form == what.form and lines == what.lines and code == what.old
        found.append(what.new if is_it else code)
        field = _field(work, form, lines, code, what)
        if field is None:
            found += path.split(".")[len(found) :]
            break
        if field["kind"] == "lines":
            lines = code
        else:
            form, lines = str(field.get("options", {}).get("form", "")), None
    return ".".join(found)


def _field(
    work: Working, form: str, lines: str | None, code: str, what: Renamed
) -> Mapping[str, Any] | None:
    """The field of a step, whether it has its new code already or not yet."""
    source = next((each for each in work.source["forms"] if each["code"] == form), None)
    wanted = {code}
    if form == what.form and lines == what.lines and code == what.old:
        wanted.add(what.new)
    tables = {lines}
    if form == what.form and what.lines is None and lines == what.old:
        tables.add(what.new)
    for table, field in every_field(source) if source is not None else ():
        if table in tables and field["code"] in wanted:
            return field
    return None
