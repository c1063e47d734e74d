"""A percentage, kept as a fraction."""

from decimal import Decimal
from typing import Final

from runtime.definitions.form import FieldDef
from runtime.kinds.decimal_field import BOUNDED, DecimalField
from runtime.kinds.field_type import Unreadable, Value, options_schema
from runtime.kinds.reading import grouped, narrow, read_decimal

_HUNDREDTH: Final = Decimal("0.01")


class Percent(DecimalField):
    """13 % is 0.13 in JSON, in formulas and in the database; people type and read 13."""

    kind = "percent"
    options = options_schema("百分比", "Percent", BOUNDED)
    formula_type = "percent"
    default_places = 4

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read `13` and `13%` as 0.13."""
        source = narrow(text).removesuffix("%").strip()
        if not source:
            return None
        number = read_decimal(source)
        return Unreadable(text, "number_expected") if number is None else number * _HUNDREDTH

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Hundredths with their sign: 13%."""
        return "" if value is None else f"{grouped(value * 100, None)}%"
