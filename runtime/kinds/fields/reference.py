"""A record of another form."""

from runtime.kinds.field_type import options_schema
from runtime.kinds.key_field import KeyField

_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


class Reference(KeyField):
    """The id of a record; people see its title.

    `columns` are what the lookup shows, `fill` copies columns of the chosen record into fields
    that are still empty.
    """

    kind = "reference"
    options = options_schema(
        {
            "form": _CODE,
            "columns": {"type": "array", "maxItems": 8, "items": _CODE},
            "fill": {"type": "object", "propertyNames": _CODE, "additionalProperties": _CODE},
        },
        required=("form",),
    )
