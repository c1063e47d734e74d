"""A column carried over from a referenced record."""

from runtime.kinds.field_type import options_schema
from runtime.kinds.plain_field import PlainField

_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


class Lookup(PlainField):
    """Copied when the document is saved, so it says what was true then.

    Compiling replaces what is kept by the kind of the column looked at; being text serves a lookup
    whose target cannot be resolved.
    """

    kind = "lookup"
    options = options_schema({"reference": _CODE, "field": _CODE}, required=("reference", "field"))
    operators = ("empty", "not_empty")
    breaks_lines = True
