"""A column carried over from a referenced record."""

from runtime.kinds.field_type import options_schema
from runtime.kinds.plain_field import PlainField

_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


class Lookup(PlainField):
    """Copied when the document is saved, so it says what was true then.

    A `live` one follows the record it looks at for as long as its own record may change: master
    data always, a document until it is submitted.
    Compiling replaces what is kept by the kind of the column looked at; being text serves a lookup
    whose target cannot be resolved.
    """

    kind = "lookup"
    options = options_schema(
        {"reference": _CODE, "field": _CODE, "live": {"type": "boolean"}},
        required=("reference", "field"),
    )
    operators = ("empty", "not_empty")
    breaks_lines = True
