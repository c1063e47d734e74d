"""A field with everything it names resolved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Column

from runtime.definitions import FieldDef, Label
from runtime.formula import Formula
from runtime.kinds.families import DRAWN_FROM
from runtime.kinds.field_type import FieldType, Value
from runtime.kinds.layout_field import LAYOUT

# Fields the system fills; from outside they are refused.
COMPUTED_KINDS = frozenset({"formula", "lookup", "rollup", "document_number", "rmb"}) | LAYOUT


@dataclass(frozen=True, eq=False)
class Field:
    """A field ready to run.

    `kind` is its own; `stored` and `stored_as` are the kind and definition of what is kept: the
    same,
    but for a lookup those of the column looked at, for a formula those of its result.
    """

    definition: FieldDef
    kind: FieldType
    stored: FieldType
    stored_as: FieldDef
    column: Column[Any] | None = None
    formula: Formula | None = None
    default: Formula | None = None
    # Bounds that are computed for each record, by `min` and `max`.
    limits: Mapping[str, Formula] = field(default_factory=dict)

    @cached_property
    def code(self) -> str:
        """The code used in JSON and SQL."""
        return self.definition.code

    @cached_property
    def label(self) -> Label:
        """What people call it."""
        return self.definition.label

    @cached_property
    def required(self) -> bool:
        """Whether a complete record needs it."""
        return self.definition.required

    @cached_property
    def options(self) -> Mapping[str, Any]:
        """The options of its own kind."""
        return self.definition.options

    @cached_property
    def is_lines(self) -> bool:
        """Whether it is a line table."""
        return self.kind.kind == "lines"

    @cached_property
    def is_computed(self) -> bool:
        """Whether the system fills it."""
        return self.kind.kind in COMPUTED_KINDS or self.drawn_from is not None

    @cached_property
    def drawn_from(self) -> str | None:
        """The field beside it that it is another picture of, without a value of its own."""
        named = self.options.get(DRAWN_FROM.get(self.kind.kind, ""))
        return str(named) if named else None

    @property
    def is_live(self) -> bool:
        """Whether a lookup follows the record it looks at instead of keeping a copy."""
        return self.kind.kind == "lookup" and bool(self.options.get("live"))

    @property
    def target(self) -> str | None:
        """The form a reference points to (also when looked up through another reference)."""
        if self.stored.kind != "reference":
            return None
        return str(self.stored_as.options["form"])

    def format(self, value: Value, locale: str = "zh") -> str:
        """Write a value the way people read it."""
        return self.stored.format(value, self.stored_as, locale)
