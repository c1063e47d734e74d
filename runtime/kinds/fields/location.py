"""A place on the globe."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from marshmallow import fields
from sqlalchemy import Column, Text

from runtime.definitions.form import FieldDef
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name, options_schema
from runtime.kinds.reading import narrow
from runtime.kinds.strict import StrictField, fail

# Six places are a tenth of a metre.
PLACES: Final = 6
_DEGREES: Final = rf"([+-]?[0-9]{{1,3}}(?:\.[0-9]{{1,{PLACES}}})?)"
_PAIR: Final = re.compile(rf"{_DEGREES}\s*[, ]\s*{_DEGREES}", re.ASCII)
_LIMITS: Final = (Decimal(90), Decimal(180))


class _StrictLocation(StrictField):
    """`"31.2304,121.4737"`, or `{"lat": "31.2304", "lng": "121.4737"}`; exact, never a float."""

    def read(self, value: Any) -> str:
        """Return latitude and longitude between a comma, without superfluous zeros."""
        if isinstance(value, Mapping) and set(value) == {"lat", "lng"}:
            value = f"{value['lat']},{value['lng']}"
        found = _PAIR.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            fail("location_expected")
        degrees = [Decimal(part) for part in found.groups()]
        if any(abs(part) > limit for part, limit in zip(degrees, _LIMITS, strict=True)):
            fail("location_out_of_range")
        return ",".join(_plain(part) for part in degrees)


class Location(FieldType):
    """Latitude and longitude in degrees (WGS 84) as text, up to six places."""

    kind = "location"
    options = options_schema("定位", "Location", {})
    operators = ("empty", "not_empty")
    formula_type = ""

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One text column."""
        return (Column(column_name(field), Text),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """Latitude and longitude inside the globe."""
        return _StrictLocation()

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read `31.2304, 121.4737`."""
        source = narrow(text)
        if not source:
            return None
        found = _PAIR.fullmatch(source)
        return ",".join(found.groups()) if found else Unreadable(text, "location_expected")

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Latitude, longitude."""
        return "" if value is None else str(value).replace(",", ", ")


def _plain(degrees: Decimal) -> str:
    text = format(degrees, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", "+0"} else text
