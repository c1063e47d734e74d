"""The OpenAPI 3.1 document: the addresses, and the values of each form the caller may see."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import Response, current_app, g
from werkzeug.routing import Rule

from runtime import access
from runtime.api.acting import platform
from runtime.api.routes import Declared, allow_parameters, blueprint, json_answer
from runtime.compile.field import Field
from runtime.compile.model import App, Form
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
# Bodies by view; what is not named here takes none.
BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "create_record": {"values": {"type": "object"}, "submit": {"type": "boolean"}},
    "update_record": {"values": {"type": "object"}},
    "decide_record": {
        "decision": {"enum": ["approve", "reject"]},
        "comment": {"type": "string"},
        "task": ID,
    },
    "cancel_record": {"reason": {"type": "string"}},
    "put_definition": {},
    "create_app": {"code": TEXT, "label": {"type": ["string", "object"]}},
    "put_draft": {"source": {"type": "object"}, "why": TEXT},
    "change_draft": {"ops": {"type": "array", "items": {"type": "object"}}},
    "publish_draft": {"note": TEXT},
}
PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "upload_file": ("name",),
    "list_records": ("columns", "sort", "search", "cursor", "limit"),
    "explain_value": ("line",),
    "stock_on_hand": ("item", "warehouse", "as_of", "known_at"),
    "stock_places": ("item", "warehouse", "by"),
    "stock_status": ("items", "warehouse"),
    "stock_available": ("item", "warehouse"),
    "stock_reservations": ("item", "warehouse"),
    "stock_summary": ("first", "last", "item", "warehouse"),
    "stock_trace": ("key", "item", "direction"),
    "stock_layers": ("item", "warehouse"),
    "stock_chain": ("item", "warehouse"),
    "stock_policies": ("item",),
    "stock_ledger": ("item", "warehouse", "cursor", "limit"),
}
NEED_VERSION: Final = frozenset(
    {
        "update_record",
        "delete_record",
        "submit_record",
        "cancel_record",
        "put_draft",
        "discard_draft",
        "change_draft",
        "undo_draft",
        "redo_draft",
        "publish_draft",
    }
)
NEED_KEY: Final = frozenset({"create_record", "submit_record", "decide_record", "cancel_record"})


def openapi() -> Response:
    """Describe the API; signed in, also the values of the forms the caller may see."""
    from apispec import APISpec  # noqa: PLC0415 - asked for seldom

    allow_parameters()
    spec = APISpec(
        title="Dajian",
        version="1",
        openapi_version="3.1.0",
        info={"description": "Values are exact: decimals are strings, dates ISO 8601."},
        servers=[{"url": platform().settings.public_url or "/"}],
        security=[{"bearer": []}],
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", PROBLEM)
    spec.components.schema("Record", RECORD)
    for rule in current_app.url_map.iter_rules():
        if rule.rule.startswith(blueprint.url_prefix or ""):
            spec.path(path=_address(rule), operations=dict(_operations(rule)))
    if "actor" in g:
        for name, schema in _forms(g.actor):
            spec.components.schema(name, schema)
    return json_answer(spec.to_dict())


openapi.declared = Declared(permission="public", csrf=False)  # type: ignore[attr-defined]
blueprint.add_url_rule("/openapi.json", view_func=openapi, methods=["GET"])


def _address(rule: Rule) -> str:
    return rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}")


def _operations(rule: Rule) -> Iterator[tuple[str, Json]]:
    view = current_app.view_functions[rule.endpoint]
    name = view.__name__
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        operation: dict[str, Any] = {
            "operationId": name,
            "summary": (view.__doc__ or "").split("\n")[0],
            "parameters": list(_parameters(rule, name, method)),
            "responses": {
                "default": {
                    "description": "A problem",
                    "content": {"application/problem+json": {"schema": {"$ref": _ref("Problem")}}},
                },
                **_success(name),
            },
        }
        if name in BODIES:
            schema = {"type": "object", "properties": BODIES[name]}
            content = {"application/json": {"schema": schema}}
            operation["requestBody"] = {"required": True, "content": content}
        yield method.lower(), operation


def _success(name: str) -> dict[str, Json]:
    if name == "delete_record":
        return {"204": {"description": "Removed"}}
    schema: Json = {"$ref": _ref("Record")} if name.endswith("_record") else {"type": "object"}
    content = {"application/json": {"schema": schema}}
    status = "201" if name == "create_record" else "200"
    return {status: {"description": "Done", "content": content}}


def _parameters(rule: Rule, name: str, method: str) -> Iterator[Json]:
    for argument in sorted(rule.arguments):
        whole = f"<int:{argument}>" in rule.rule
        schema = {"type": "integer" if whole else "string"}
        yield {"name": argument, "in": "path", "required": True, "schema": schema}
    for parameter in PARAMETERS.get(name, ()):
        yield {"name": parameter, "in": "query", "schema": {"type": "string"}}
    if name == "list_records":
        text = "`filter.<field>.<operator>=value`; several values by commas"
        yield {
            "name": "filter",
            "in": "query",
            "description": text,
            "style": "form",
            "explode": True,
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    if name in NEED_VERSION:
        yield {"name": "If-Match", "in": "header", "required": True, "schema": TEXT}
    if method != "GET":
        needed = name in NEED_KEY
        yield {"name": "Idempotency-Key", "in": "header", "required": needed, "schema": TEXT}


def _forms(actor: Actor) -> Iterator[tuple[str, Json]]:
    here = platform()
    with here.database.reading() as connection:
        apps: tuple[App, ...] = here.catalogue.apps(connection)
    for app in apps:
        for form in app.forms.values():
            if access.may(actor, "view", form):
                yield f"{app.code}.{form.code}", _values(actor, form)


def _values(actor: Actor, form: Form) -> Json:
    fields = access.visible_fields(actor, form)
    properties = {field.code: _value(field) for field in fields if field.column is not None}
    for table in form.lines:
        cells = access.visible_line_fields(actor, form, table)
        if cells:
            line = {"id": ID, **{cell.code: _value(cell) for cell in cells}}
            items = {"type": "object", "properties": line}
            properties[table.code] = {"type": "array", "title": table.label.zh, "items": items}
    required = [field.code for field in fields if field.required and field.code in properties]
    return {
        "type": "object",
        "title": form.label.zh,
        "properties": properties,
        "required": required,
    }


def _value(field: Field) -> Json:
    schema = dict(KINDS[field.stored.kind])
    kinds = schema["type"]
    schema["type"] = [kinds, "null"]
    return {
        **schema,
        "title": field.label.zh,
        "readOnly": field.is_computed or field.definition.readonly,
    }


def _ref(name: str) -> str:
    return f"#/components/schemas/{name}"
