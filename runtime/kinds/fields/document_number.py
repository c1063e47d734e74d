"""A number people call a document by."""

from runtime.kinds.field_type import options_schema
from runtime.kinds.plain_field import PlainField


class DocumentNumber(PlainField):
    """Given on submit, without gaps: prefix, date part, running number."""

    kind = "document_number"
    options = options_schema(
        {
            "prefix": {"type": "string", "pattern": "^[A-Za-z0-9_/-]*$", "maxLength": 12},
            "date": {"enum": ["", "YYYY", "YYYYMM", "YYMM", "YYYYMMDD", "YYMMDD"]},
            "width": {"type": "integer", "minimum": 1, "maximum": 12},
            "reset": {"enum": ["never", "year", "month", "day"]},
        }
    )
    default_length = 60
