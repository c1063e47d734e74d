"""The line table of a document."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.kinds.field_type import FieldType, Value, options_schema, titled
from runtime.kinds.strict import StrictKeys

_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


class Lines(FieldType):
    """Rows under the header, in a table of their own.

    `stops` are the cells Enter goes to, `stock` shows what is available beside each line.
    """

    kind = "lines"
    options = options_schema(
        "明细表",
        "Line table",
        {
            "fields": titled(
                "列",
                "Columns",
                {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 60,
                    "items": {"type": "object"},
                    "widget": "hidden",
                },
            ),
            "min": titled(
                "最少行数", "Rows at least", {"type": "integer", "minimum": 0, "maximum": 2000}
            ),
            "max": titled(
                "最多行数", "Rows at most", {"type": "integer", "minimum": 1, "maximum": 5000}
            ),
            "stops": titled(
                "回车停在这些列",
                "Columns Enter goes to",
                {"type": "array", "items": _CODE, "widget": "columns"},
            ),
            "stock": titled(
                "显示可用量",
                "Show what is available",
                {
                    "type": "object",
                    "properties": {
                        "item": titled("商品列", "Item column", {**_CODE, "widget": "column"}),
                        "warehouse": titled(
                            "仓库字段", "Warehouse field", {**_CODE, "widget": "field"}
                        ),
                    },
                    "required": ["item", "warehouse"],
                    "additionalProperties": False,
                },
            ),
        },
        required=("fields",),
    )
    operators = ()
    formula_type = "lines"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """None: lines live in their own table."""
        return ()

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """Replaced by the compiled schema of the line."""
        return StrictKeys(0)

    def parse(self, text: str, field: FieldDef) -> Value:
        """Lines are not typed as one text."""
        return None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """How many there are."""
        return str(len(value or ()))
