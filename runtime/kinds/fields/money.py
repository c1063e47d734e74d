"""An amount, or a unit price, in the app's currency."""

from runtime.definitions.form import FieldDef
from runtime.kinds.decimal_field import BOUNDED, DecimalField
from runtime.kinds.field_type import Value, options_schema
from runtime.kinds.reading import grouped

_CURRENCIES = ["CNY", "USD", "EUR", "HKD", "JPY"]


class Money(DecimalField):
    """An amount keeps the currency's places; a unit price may keep up to ten."""

    kind = "money"
    options = options_schema({**BOUNDED, "currency": {"type": "string", "enum": _CURRENCIES}})
    formula_type = "money"
    default_places = 2

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Two places at least, more only where the price has them: 1,234.50, 0.1234."""
        if value is None:
            return ""
        least = min(2, self.places(field))
        used = -int(value.normalize().as_tuple().exponent)
        return grouped(value, max(least, used))
