"""A postal address: the division, then the street."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import JsonText
from runtime.kinds import regions
from runtime.kinds.field_type import FieldType, Value, column_name, options_schema, titled
from runtime.kinds.strict import StrictField, StrictText, fail

LONGEST_STREET = 200


class _StrictAddress(StrictField):
    """`{"region": "330106", "street": "文三路 1 号"}`; either may be missing, not both."""

    def __init__(self, *, needs_region: bool) -> None:
        super().__init__()
        self.needs_region = needs_region

    def read(self, value: Any) -> dict[str, str] | None:
        """Return the parts that are there."""
        if not isinstance(value, Mapping) or not set(value) <= {"region", "street"}:
            fail("address_expected")
        region = value.get("region") or None
        if region is not None and (not isinstance(region, str) or region not in regions.names()):
            fail("region_unknown", text=str(region)[:60])
        street = StrictText(LONGEST_STREET).read(value.get("street") or "")
        if street and region is None and self.needs_region:
            fail("region_missing")
        parts = {"region": region, "street": street}
        return {name: part for name, part in parts.items() if part} or None


class Address(FieldType):
    """A division by its code and a street as text; people see both as one."""

    kind = "address"
    options = options_schema(
        "地址",
        "Address",
        {"needs_region": titled("省市区必选", "The region must be given", {"type": "boolean"})},
    )
    operators = ("empty", "not_empty")
    formula_type = ""

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One JSON column with both parts."""
        return (Column(column_name(field), JsonText()),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """A region that exists, a street of some length."""
        return _StrictAddress(needs_region=bool(field.options.get("needs_region")))

    def parse(self, text: str, field: FieldDef) -> Value:
        """Read `330106 文三路 1 号` as a page posts it, `杭州市西湖区文三路 1 号` as typed."""
        source = text.strip()
        head, _, rest = source.partition(" ")
        region = head if head in regions.names() else None
        if region is None:
            region, rest = regions.begins(source)
        parts = {"region": region, "street": rest.strip()}
        return {name: part for name, part in parts.items() if part} or None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """The names from the province down, then the street."""
        if not value:
            return ""
        parts = (regions.path(value.get("region", "")), value.get("street", ""))
        return " ".join(part for part in parts if part)
