"""How good something is, in stars."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import fields

from runtime.definitions.form import FieldDef
from runtime.kinds.decimal_field import DecimalField
from runtime.kinds.field_type import Unreadable, Value, options_schema, titled
from runtime.kinds.options import STARS
from runtime.kinds.reading import read_decimal
from runtime.kinds.strict import StrictDecimal


class Rating(DecimalField):
    """A whole number from 1 to the number of stars there are."""

    kind = "rating"
    options = options_schema(
        "评分",
        "Rating",
        {
            "stars": titled(
                "几颗星",
                "Stars",
                {"type": "integer", "minimum": 2, "maximum": 10, "default": STARS},
            )
        },
    )
    formula_type = "number"
    default_places = 0

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """From 1 to all of them."""
        return StrictDecimal(0, _bounds(field))

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read a number, or as many stars: ★★★☆☆."""
        source = text.strip()
        if source and not source.strip("★☆"):
            return Decimal(source.count("★")) or None
        if not source:
            return None
        number = read_decimal(source)
        return Unreadable(text, "number_expected") if number is None else number

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """The number of stars."""
        return "" if value is None else str(int(value))


def _bounds(field: FieldDef) -> Mapping[str, Any]:
    return {"min": "1", "max": str(field.options.get("stars", STARS))}
