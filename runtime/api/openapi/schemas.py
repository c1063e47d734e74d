"""What values, records and problems look like, in JSON Schema; by form as somebody may see it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runtime import access
from runtime.compile.field import Field
from runtime.compile.model import Form
from runtime.infra.act import Actor
from runtime.infra.strict_json import Json

DECIMAL: Final = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
ID: Final = {"type": "integer", "minimum": 1}
TEXT: Final = {"type": "string"}
# What a value of each kind is in JSON; every kind has a row, a test says so.
KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": {"type": "string"},
    "long_text": {"type": "string"},
    "number": DECIMAL,
    "money": DECIMAL,
    "quantity": DECIMAL,
    "percent": DECIMAL,
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
    "multi_choice": {"type": "array", "items": {"type": "string"}},
    "reference": ID,
    "user": ID,
    "region": {"type": "string"},
    "address": {
        "type": "object",
        "properties": {"region": {"type": "string"}, "street": {"type": "string"}},
    },
    "location": {"type": "string"},
    "cascade": {"type": "string"},
    "users": {"type": "array", "items": ID},
    "department": ID,
    "departments": {"type": "array", "items": ID},
    "attachment": {"type": "array", "items": ID},
    "image": {"type": "array", "items": ID},
    "signature": {"type": "array", "items": ID},
    "barcode": {"type": "string"},
    "document_number": {"type": "string"},
    "email": {"type": "string", "format": "email"},
    "rich_text": {"type": "string", "contentMediaType": "text/html"},
    "phone": {"type": "string"},
    "url": {"type": "string", "format": "uri"},
    "id_card": {"type": "string"},
    "time": {"type": "string", "format": "time"},
    "duration": DECIMAL,
    "rating": DECIMAL,
    "rmb": {"type": "string"},
}
PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "code", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "params": {"type": "object"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "params": {"type": "object"},
                },
            },
        },
    },
}
RECORD: Final = {
    "type": "object",
    "required": ["id", "version", "status", "values"],
    "properties": {
        "id": ID,
        "version": {"type": "integer"},
        "status": {"type": "string"},
        "title": {"type": "string"},
        "values": {"type": "object"},
        "titles": {"type": "object"},
        "created_by": {"type": ["integer", "null"]},
        "created_at": {"type": "string", "format": "date-time"},
        "updated_by": {"type": ["integer", "null"]},
        "updated_at": {"type": "string", "format": "date-time"},
    },
}


def schemas_of(actor: Actor, form: Form) -> Iterator[tuple[str, Json]]:
    """Yield a form's schemas by name: its values, what may be sent of them, and its record."""
    values = _values(actor, form)
    name = name_of(form)
    yield name, values
    yield f"{name}.sent", {**values, "required": []}
    yield f"{name}.record", {"allOf": [ref("Record"), {"properties": {"values": ref(name)}}]}
    for table in form.lines:
        cells = _cells(actor, form, table.code)
        if cells:
            yield f"{name}.{table.code}", _object(cells, table.label.zh)


def name_of(form: Form) -> str:
    """Return what the schema of a form's values is called."""
    return f"{form.app_code}.{form.code}"


def ref(name: str) -> dict[str, Json]:
    """Point to a schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def line_tables(actor: Actor, form: Form) -> tuple[str, ...]:
    """Return the line tables of which somebody sees something."""
    return tuple(table.code for table in form.lines if _cells(actor, form, table.code))


def _values(actor: Actor, form: Form) -> dict[str, Json]:
    fields = [f for f in access.visible_fields(actor, form) if f.column is not None]
    properties: dict[str, Json] = {field.code: _value(field) for field in fields}
    for code in line_tables(actor, form):
        line = {"id": ID, **_cells(actor, form, code)}
        title = form.lines_of(code).label.zh
        properties[code] = {"type": "array", "title": title, "items": _object(line, title)}
    required = [field.code for field in fields if field.required]
    return {**_object(properties, form.label.zh), "required": required}


def _cells(actor: Actor, form: Form, lines: str) -> dict[str, Json]:
    cells = access.visible_line_fields(actor, form, form.lines_of(lines))
    return {cell.code: _value(cell) for cell in cells if cell.column is not None}


def _object(properties: Mapping[str, Json], title: str) -> dict[str, Json]:
    return {
        "type": "object",
        "title": title,
        "properties": dict(properties),
        "additionalProperties": False,
    }


def _value(field: Field) -> Json:
    schema = dict(KINDS[field.stored.kind])
    return {
        **schema,
        "type": [schema["type"], "null"],
        "title": field.label.zh,
        "readOnly": field.is_computed or field.definition.readonly,
    }
