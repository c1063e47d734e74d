"""A figure over all records that refer to this one."""

from runtime.kinds.field_type import options_schema
from runtime.kinds.plain_field import PlainField

MEASURES = ["sum", "count", "min", "max", "average", "distinct"]
RESULTS = ["money", "quantity", "number", "percent", "date", "datetime"]
_PATH = {"type": "string", "pattern": r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$", "maxLength": 62}


class Rollup(PlainField):
    """Kept up to date by every act on the referring form, without a limit on their number.

    `reference` is the field of `form` that points here, in its header or in its lines; `field` is
    what is summed or compared, and only records that count and satisfy `where` take part. Compiling
    replaces what is kept by the kind of the result.
    """

    kind = "rollup"
    options = options_schema(
        {
            "form": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 24},
            "reference": _PATH,
            "measure": {"enum": MEASURES},
            "field": _PATH,
            "where": {"type": "string", "minLength": 1, "maxLength": 5000},
            "result": {"enum": RESULTS},
            "places": {"type": "integer", "minimum": 0, "maximum": 10},
        },
        required=("form", "reference", "measure", "result"),
    )
    operators = ("empty", "not_empty")
    breaks_lines = True
