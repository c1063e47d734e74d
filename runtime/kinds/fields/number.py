"""A number with a fixed number of places."""

from runtime.definitions.form import FieldDef
from runtime.kinds.decimal_field import BOUNDED, DecimalField
from runtime.kinds.field_type import Value, options_schema
from runtime.kinds.reading import grouped


class Number(DecimalField):
    """A plain number."""

    kind = "number"
    options = options_schema("数字", "Number", BOUNDED)
    formula_type = "number"
    default_places = 2

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Thousands separators, no trailing zeros."""
        return "" if value is None else grouped(value, None)
