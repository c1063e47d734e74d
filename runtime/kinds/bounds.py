"""What a value may be at least and at most: a fixed value, or a formula over the record."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from runtime.kinds.field_type import titled

# What a fixed bound looks like; anything that begins with = is a formula.
_FIXED: Final = {
    "decimal": r"-?[0-9]{1,15}(\.[0-9]{1,10})?",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "datetime": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?[+-][0-9]{2}:[0-9]{2}",
    "time": r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?",
}
LONGEST: Final = 5000
SIDES: Final = ("min", "max")


def bound(zh: str, en: str, sort: str) -> Mapping[str, Any]:
    """The option for one bound."""
    return titled(
        zh,
        en,
        {
            "type": "string",
            "maxLength": LONGEST,
            "pattern": f"^({_FIXED[sort]}|=[\\s\\S]+)$",
            "widget": f"{sort}_or_formula",
        },
        about=("固定值，或以 = 开头的公式", "A fixed value, or a formula that begins with ="),
    )


def fixed_bound(value: Any) -> str | None:
    """A bound that is no formula."""
    return None if value is None or is_formula(value) else str(value)


def fixed_sides(options: Mapping[str, Any], read: Callable[[str], Any]) -> tuple[Any, Any]:
    """The two bounds of a moment that are no formulas."""
    texts = [fixed_bound(options.get(side)) for side in SIDES]
    low, high = (None if text is None else read(text) for text in texts)
    return low, high


def is_formula(value: Any) -> bool:
    """Whether a bound is computed for each record."""
    return isinstance(value, str) and value.startswith("=")
