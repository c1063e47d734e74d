"""What a list shows of a value: numbers of people masked, ratings as stars."""

from collections.abc import Sequence

from runtime.compile import Field
from runtime.kinds.contacts import is_masked, masked
from runtime.kinds.field_type import Value
from runtime.kinds.options import STARS


def briefs(item: Field, values: Sequence[Value], language: str) -> list[str]:
    """Write the values of a column for a list."""
    kind, told = item.stored.kind, item.stored_as
    if kind == "rating" or is_masked(kind, told.options):
        return [brief(item, value, language) for value in values]
    written = item.stored.format
    return [written(value, told, language) for value in values]


def brief(item: Field, value: Value, language: str) -> str:
    """Write a value for a list; whoever opens the record sees all of it."""
    text = item.format(value, language)
    kind, options = item.stored.kind, item.stored_as.options
    if not text:
        return text
    if kind == "rating":
        stars = max(int(value), int(options.get("stars", STARS)))
        return "★" * int(value) + "☆" * (stars - int(value))
    return masked(text) if is_masked(kind, options) else text
