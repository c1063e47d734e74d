"""A quantity in a unit of measure."""

from runtime.definitions.form import FieldDef
from runtime.kinds.decimal_field import BOUNDED, DecimalField
from runtime.kinds.field_type import Value, options_schema
from runtime.kinds.reading import grouped


class Quantity(DecimalField):
    """A quantity: six places, as the kernel keeps them."""

    kind = "quantity"
    options = options_schema("数量", "Quantity", BOUNDED)
    formula_type = "number"
    default_places = 6

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Thousands separators, no trailing zeros: 1,234.5."""
        return "" if value is None else grouped(value, None)
