"""What a list shows of a value: numbers of people masked, ratings as stars."""

from runtime.compile import Field
from runtime.kinds.contacts import is_masked, masked
from runtime.kinds.field_type import Value
from runtime.kinds.options import STARS


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
