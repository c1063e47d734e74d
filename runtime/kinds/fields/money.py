"""An amount, or a unit price, in the app's currency."""

from runtime.definitions.form import FieldDef
from runtime.kinds.decimal_field import BOUNDED, DecimalField
from runtime.kinds.field_type import Value, options_schema, titled
from runtime.kinds.reading import grouped

_CURRENCIES = ["CNY", "USD", "EUR", "HKD", "JPY"]

_CURRENCY_WORDS = {
    "CNY": {"zh": "人民币", "en": "Renminbi"},
    "USD": {"zh": "美元", "en": "US dollar"},
    "EUR": {"zh": "欧元", "en": "Euro"},
    "HKD": {"zh": "港元", "en": "Hong Kong dollar"},
    "JPY": {"zh": "日元", "en": "Yen"},
}


class Money(DecimalField):
    """An amount keeps the currency's places; a unit price may keep up to ten."""

    kind = "money"
    options = options_schema(
        "金额",
        "Money",
        {
            **BOUNDED,
            "currency": titled(
                "币种",
                "Currency",
                {"type": "string", "enum": _CURRENCIES, "words": _CURRENCY_WORDS},
            ),
        },
    )
    formula_type = "money"
    default_places = 2

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Two places at least, more only where the price has them: 1,234.50, 0.1234."""
        if value is None:
            return ""
        least = min(2, self.places(field))
        used = -int(value.normalize().as_tuple().exponent)
        return grouped(value, max(least, used))
