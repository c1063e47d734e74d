"""Options that stand below each other: a tree of codes with labels."""

from collections.abc import Iterator
from typing import Final

from runtime.definitions.form import FieldDef
from runtime.kinds.options import option_label

DEEPEST: Final = 10


def parents(field: FieldDef) -> dict[str, str]:
    """The code above each option; "" above the top ones."""
    return {each["code"]: each.get("parent", "") for each in field.options.get("options", ())}


def path(field: FieldDef, code: str, locale: str = "zh") -> str:
    """The labels from the top down to an option."""
    return " / ".join(reversed([option_label(field, each, locale) for each in _up(field, code)]))


def _up(field: FieldDef, code: str) -> Iterator[str]:
    above = parents(field)
    for _ in range(DEEPEST):
        if not code:
            return
        yield code
        code = above.get(code, "")
