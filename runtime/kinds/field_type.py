"""What a field type is: eight members and no more.

HTML is `screens/templates/fields/<kind>.html`; workbooks, filters, printing and the designer are
driven by
the eight; what one subsystem alone needs to know about a type it keeps in its own table.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import fields as marshmallow_fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef

# A value as Python holds it: str, Decimal, date, datetime, bool, int, tuple or None.
Value = Any


@dataclass(frozen=True)
class Unreadable:
    """What a person typed that could not be read; validation turns it into a Problem."""

    text: str
    code: str


class FieldType(ABC):
    """One kind of field."""

    kind: ClassVar[str]
    # The JSON Schema of the field's `options`.
    options: ClassVar[Mapping[str, Any]]
    # The comparisons a filter offers.
    operators: ClassVar[tuple[str, ...]]
    # The type a formula sees; "" where formulas cannot use the field.
    formula_type: ClassVar[str]

    @abstractmethod
    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """Return the physical columns, named `f_<code>`; none for what is kept elsewhere."""

    @abstractmethod
    def schema(self, field: FieldDef) -> marshmallow_fields.Field[Any]:
        """Return the marshmallow field that reads JSON and already parsed values alike."""

    @abstractmethod
    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read what a person typed or a cell shows; empty text is None."""

    @abstractmethod
    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Write a value the way people read it; None is the empty text."""


def column_name(field: FieldDef) -> str:
    """Return the physical column of a field."""
    return f"f_{field.code}"


def titled(
    zh: str, en: str, schema: Mapping[str, Any], *, about: tuple[str, str] | None = None
) -> Mapping[str, Any]:
    """One option with what people call it; the designer's panel is drawn from these.

    A `widget` in the schema says which names the text may be (`form`, `field`, `formula`, …), and
    `words` gives the values of an enumeration in both languages.
    """
    told = {"description": about[0], "description_en": about[1]} if about else {}
    return {"title": zh, "title_en": en, **told, **schema}


def options_schema(
    zh: str, en: str, properties: Mapping[str, Any] | None = None, required: Sequence[str] = ()
) -> Mapping[str, Any]:
    """Build the JSON Schema of a kind's options, under the name people choose the kind by."""
    return {
        "title": zh,
        "title_en": en,
        "type": "object",
        "properties": dict(properties or {}),
        "required": list(required),
        "additionalProperties": False,
    }
