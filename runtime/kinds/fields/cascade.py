"""One of a tree of options, chosen level by level."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column, Text

from runtime.definitions.form import FieldDef
from runtime.kinds.cascades import parents, path
from runtime.kinds.field_type import (
    FieldType,
    Unreadable,
    Value,
    column_name,
    options_schema,
    titled,
)
from runtime.kinds.options import option_label
from runtime.kinds.strict import StrictField, fail

_CODE = {"type": "string", "pattern": r"^[^\s,;/]+$", "maxLength": 40}
_LABEL = {"type": "string", "minLength": 1, "maxLength": 80}
_NAMES = {
    "type": "object",
    "properties": {"zh": _LABEL, "en": _LABEL},
    "required": ["zh"],
    "additionalProperties": False,
}
_TREE = {
    "type": "array",
    "minItems": 1,
    "maxItems": 2000,
    "widget": "tree",
    "items": {
        "type": "object",
        "properties": {
            "code": titled("编码", "Code", _CODE),
            "label": titled("名称", "Label", {"oneOf": [_LABEL, _NAMES]}),
            "parent": titled("上级", "Under", _CODE),
        },
        "required": ["code"],
        "additionalProperties": False,
    },
}


class _StrictBranch(StrictField):
    """The code of an option of the tree; of its ends alone, unless every level will do."""

    def __init__(self, field: FieldDef) -> None:
        super().__init__()
        self.field = field

    def read(self, value: Any) -> str:
        """Return the code."""
        if not isinstance(value, str) or value not in parents(self.field):
            fail("option_unknown", text=str(value)[:60])
        is_end = value not in parents(self.field).values()
        if not is_end and not self.field.options.get("any_level"):
            fail("cascade_not_exact", text=path(self.field, value))
        return value


class Cascade(FieldType):
    """The code of an option; people see the labels from the top down."""

    kind = "cascade"
    options = options_schema(
        "级联选择",
        "Cascade",
        {
            "options": titled("选项", "Options", _TREE),
            "any_level": titled("可以停在任意一级", "May stop at any level", {"type": "boolean"}),
        },
        required=("options",),
    )
    operators = ("any_of", "none_of", "empty", "not_empty")
    formula_type = "text"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One text column for the code."""
        return (Column(column_name(field), Text),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """One of the codes."""
        return _StrictBranch(field)

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read a code, the labels from the top down between slashes, or the last one of them."""
        source = "/".join(part.strip() for part in text.replace("／", "/").split("/"))
        if not source:
            return None
        codes = parents(field)
        if source in codes:
            return source
        meant = [
            code
            for code in codes
            if source in {path(field, code).replace(" / ", "/"), option_label(field, code)}
        ]
        return meant[0] if len(meant) == 1 else Unreadable(text, "option_unknown")

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """The labels from the top down."""
        return "" if value is None else path(field, value, locale)
