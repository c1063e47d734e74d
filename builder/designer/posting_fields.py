"""The fields of a form that the books take: what its posting rule maps."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from builder.designer.panel_spot import field_of, path_of, spot_at

Json = Mapping[str, Any]
# What a posting rule says that is no field.
_PLAIN: Final = frozenset({"command", "purpose", "outputs", "lines"})


def posted_fields(form: Json) -> Iterator[tuple[str, Json | None, Json]]:
    """Yield the part of the rule, the line table and the field, for each that is there."""
    rule: Json = form.get("posting") or {}
    for part, path in _paths(rule):
        spot = spot_at(form, path)
        if field_of(form, path) is not None:
            yield part, spot.lines, spot.item


def parts_of(form: Json, path: str) -> list[str]:
    """The parts of the posting rule that a field feeds."""
    found = posted_fields(form)
    return [part for part, lines, field in found if path_of(lines, field) == path]


def _paths(rule: Json) -> Iterator[tuple[str, str]]:
    yield from ((part, path) for part, path in rule.items() if part not in _PLAIN)
    if rule.get("lines"):
        yield "lines", rule["lines"]
    outputs: Json = rule.get("outputs") or {}
    yield from ((f"outputs.{part}", path) for part, path in outputs.items())
