"""What a list shows of a value: numbers of people masked, ratings as stars."""

from typing import Final

from runtime.compile import Field
from runtime.kinds.contacts import masked
from runtime.kinds.field_type import Value
from runtime.kinds.options import STARS

# Whether lists mask it when the author does not say.
_MASKED: Final = {"id_card": True, "phone": False}


def brief(item: Field, value: Value, language: str) -> str:
    """Write a value for a list; whoever opens the record sees all of it."""
    text = item.format(value, language)
    kind, options = item.stored.kind, item.stored_as.options
    if not text:
        return text
    if kind == "rating":
        stars = max(int(value), int(options.get("stars", STARS)))
        return "★" * int(value) + "☆" * (stars - int(value))
    return masked(text) if options.get("mask", _MASKED.get(kind, False)) else text
