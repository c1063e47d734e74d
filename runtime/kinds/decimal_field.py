"""What number, money, quantity and percent have in common: one exact column inside bounds."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import ExactDecimal
from runtime.kinds.bounds import bound
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name, titled
from runtime.kinds.reading import read_decimal
from runtime.kinds.strict import StrictDecimal

PLACES: Final = {"type": "integer", "minimum": 0, "maximum": 10}

BOUNDED: Final[Mapping[str, Any]] = {
    "places": titled("小数位", "Decimal places", PLACES),
    "min": bound("最小值", "Minimum", "decimal"),
    "max": bound("最大值", "Maximum", "decimal"),
    "min_exclusive": titled(
        "必须大于最小值",
        "Must exceed the minimum",
        {"type": "boolean"},
        about=("等于最小值也不行", "The minimum itself is refused too"),
    ),
}


class DecimalField(FieldType):
    """An exact decimal; a subclass says how many places and how it is written."""

    operators = ("eq", "ne", "lt", "le", "gt", "ge", "between", "empty", "not_empty")
    default_places: ClassVar[int]

    def places(self, field: FieldDef) -> int:
        """Return how many places the field keeps."""
        given = field.options.get("places")
        return self.default_places if given is None else int(given)

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One exact column on the field's scale."""
        return (Column(column_name(field), ExactDecimal(self.places(field))),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """An exact decimal inside its bounds."""
        return StrictDecimal(self.places(field), field.options)

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read a number as people write it."""
        if not text.strip():
            return None
        number = read_decimal(text)
        return Unreadable(text, "number_expected") if number is None else number
