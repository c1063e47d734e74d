"""Fields that conversions name: they follow when a field gets another code."""

from collections.abc import Callable, Mapping
from typing import Any

from builder.drafts.view_fields import Renamed
from builder.drafts.working import Object, Working
from runtime.definitions.conversion import HEADER


def follow_in_conversions(work: Working, what: Renamed) -> None:
    """Follow in every conversion from or to the form of the field."""
    if any(what.form in (each["from"], each["to"]) for each in work.source.get("conversions", ())):
        for each in work.part("conversions"):
            if each["from"] == what.form:
                _in_source(each, what)
            if each["to"] == what.form:
                _in_target(each, what)


def _in_source(conversion: Object, what: Renamed) -> None:
    """What a conversion takes: columns of lines, and fields of the header by `header.`."""
    lines = conversion.get("lines", {})
    is_header = what.lines is None
    is_line = what.lines == lines.get("from")

    def followed(path: str) -> str:
        if path.startswith(HEADER):
            own = path.removeprefix(HEADER)
            return f"{HEADER}{what.code(own)}" if is_header else path
        return str(what.code(path)) if is_line else path

    if is_header:
        _follow(conversion, "map", what.code)
        if "from" in lines:
            lines["from"] = what.code(lines["from"])
    _follow(lines, "map", followed)
    if "quantity" in lines:
        lines["quantity"] = {**lines["quantity"], "from": followed(lines["quantity"]["from"])}


def _in_target(conversion: Object, what: Renamed) -> None:
    """What a conversion fills: columns of the lines, or fields of the header."""
    lines = conversion.get("lines", {})
    if what.lines is None:
        _follow_names(conversion, what)
        if "to" in lines:
            lines["to"] = what.code(lines["to"])
    elif what.lines == lines.get("to"):
        _follow_names(lines, what)
        what.codes(lines, "keep")
        if "quantity" in lines:
            lines["quantity"] = {**lines["quantity"], "to": what.code(lines["quantity"]["to"])}


def _follow(holder: Object, name: str, follow: Callable[[str], Any]) -> None:
    given: Mapping[str, str] = holder.get(name, {})
    if given:
        holder[name] = {code: follow(path) for code, path in given.items()}


def _follow_names(holder: Object, what: Renamed) -> None:
    given: Mapping[str, str] = holder.get("map", {})
    if given:
        holder["map"] = {what.code(code): path for code, path in given.items()}
