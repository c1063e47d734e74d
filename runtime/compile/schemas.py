"""Fields -> a marshmallow schema that reads what people, programs and workbooks send."""

from collections.abc import Sequence

from marshmallow import EXCLUDE, Schema

from runtime.compile.field import Field


def record_schema(fields: Sequence[Field]) -> Schema:
    """Build the schema of a header or of a line: only fields that may be filled from outside.

    Missing fields stay missing; completeness is asked by `validate.missing`.
    """
    open_fields = {
        field.code: field.kind.schema(field.definition)
        for field in fields
        if not field.is_computed and not field.is_lines
    }
    schema = Schema.from_dict(open_fields, name="Record")
    return schema(unknown=EXCLUDE, partial=True)
