"""The whole document: every address for any form, or each form of an app with its own values."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from flask import current_app
from werkzeug.routing import Rule

from runtime import access
from runtime.api.openapi.operations import OBJECT, Operation, Shapes, described
from runtime.api.openapi.schemas import PROBLEM, RECORD, TEXT, line_tables, name_of, ref, schemas_of
from runtime.api.routes import blueprint
from runtime.compile.model import App, Form
from runtime.infra.act import Actor
from runtime.infra.strict_json import Json

BINARY: Final = {"type": "string", "contentMediaType": "application/octet-stream"}
WRITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# They only read, though what they are asked does not fit into an address.
ASKING: Final = frozenset({"query_records", "summarize_records"})


@dataclass(frozen=True)
class Place:
    """What an address is about: anything, or a form as somebody sees it."""

    path: str
    given: frozenset[str] = frozenset()
    suffix: str = ""
    shapes: Shapes = field(default_factory=Shapes)


def document(public_url: str, schemas: Iterator[tuple[str, Json]]) -> Json:
    """Return the description of every address; `schemas` are the values of forms."""
    paths: dict[str, Any] = {}
    for rule in _rules():
        _add(paths, rule, Place(_template(rule.rule)))
    return _whole(public_url, paths, dict(schemas))


def document_of(public_url: str, app: App, actor: Actor) -> Json:
    """Return the description of one app as somebody may use it: a form, an address, its values."""
    forms = [form for form in app.forms.values() if access.may(actor, "view", form)]
    paths: dict[str, Any] = {}
    for rule in _rules():
        if "app" not in rule.arguments:
            continue
        path = rule.rule.replace("<app>", app.code)
        if "form" not in rule.arguments:
            _add(paths, rule, Place(_template(path), frozenset({"app"})))
            continue
        for form in forms:
            for place in _places(rule, path, form, actor):
                _add(paths, rule, place)
    found = (pair for form in forms for pair in schemas_of(actor, form))
    return _whole(public_url, paths, dict(found))


def _places(rule: Rule, path: str, form: Form, actor: Actor) -> Iterator[Place]:
    verb = described(_name(rule)).verb
    if not access.may(actor, verb, form):
        return
    name, path = name_of(form), path.replace("<form>", form.code)
    shapes = Shapes(ref(name), ref(f"{name}.sent"), ref(f"{name}.record"))
    if "lines" not in rule.arguments:
        yield Place(_template(path), frozenset({"app", "form"}), f"__{form.code}", shapes)
        return
    for lines in line_tables(actor, form):
        own = Shapes(shapes.values, shapes.sent, shapes.record, ref(f"{name}.{lines}"))
        yield Place(
            _template(path.replace("<lines>", lines)),
            frozenset({"app", "form", "lines"}),
            f"__{form.code}__{lines}",
            own,
        )


def _whole(public_url: str, paths: Json, schemas: dict[str, Json]) -> Json:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Dajian",
            "version": "1",
            "description": "Values are exact: decimals are strings, dates ISO 8601.",
        },
        "servers": [{"url": public_url or "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM, "Record": RECORD, **schemas},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _rules() -> Iterator[Rule]:
    for rule in current_app.url_map.iter_rules():
        if rule.rule.startswith(blueprint.url_prefix or ""):
            yield rule


def _template(path: str) -> str:
    return path.replace("<int:", "{").replace("<", "{").replace(">", "}")


def _name(rule: Rule) -> str:
    return current_app.view_functions[rule.endpoint].__name__


def _add(paths: dict[str, Any], rule: Rule, place: Place) -> None:
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        paths.setdefault(place.path, {})[method.lower()] = _operation(rule, method, place)


def _operation(rule: Rule, method: str, place: Place) -> Json:
    view: Any = current_app.view_functions[rule.endpoint]
    said = described(view.__name__)
    told = (view.__doc__ or "").split("\n")
    whole: dict[str, Any] = {
        "operationId": f"{view.__name__}{place.suffix}",
        "summary": told[0],
        "parameters": [*_in_path(rule, place), *_asked(view.__name__, said, method)],
        "responses": _responses(view.__name__, said, place),
    }
    if view.__name__ == "upload_file":
        content: Json = {"application/octet-stream": {"schema": BINARY}}
        whole["requestBody"] = {"required": True, "content": content}
    elif said.body is not None:
        content = {"application/json": {"schema": said.body(place.shapes)}}
        whole["requestBody"] = {"required": True, "content": content}
    if view.declared.permission == "public":
        whole["security"] = [{}, {"bearer": []}]
    return whole


def _responses(name: str, said: Operation, place: Place) -> Json:
    problem = {"application/problem+json": {"schema": ref("Problem")}}
    found: dict[str, Json] = {"default": {"description": "A problem", "content": problem}}
    if said.status == 204:
        return {"204": {"description": "Removed"}, **found}
    if name == "download_file":
        return {"200": {"description": "The file", "content": {"*/*": {}}}, **found}
    content = {"application/json": {"schema": said.answer(place.shapes)}}
    found[str(said.status)] = {"description": "Done", "content": content}
    if name == "get_record":
        found["304"] = {"description": "What `If-None-Match` names is what there is"}
    if name == "discard_draft":
        found["204"] = {"description": "There is no such app any more"}
    if said.needs_version and said.answer(place.shapes) is not OBJECT:
        found["204"] = {"description": "Done; `Prefer: return=minimal`"}
    return found


def _in_path(rule: Rule, place: Place) -> Iterator[Json]:
    for argument in sorted(rule.arguments - place.given):
        whole = f"<int:{argument}>" in rule.rule
        schema: Json = {"type": "integer", "minimum": 0, "maximum": 10**15 - 1} if whole else TEXT
        yield {"name": argument, "in": "path", "required": True, "schema": schema}


def _asked(name: str, said: Operation, method: str) -> Iterator[Json]:
    for parameter, schema in said.parameters.items():
        needed = {"required": True} if parameter in said.required else {}
        yield {"name": parameter, "in": "query", "schema": schema, **needed}
    if name == "list_records":
        yield _FILTER
    if name == "get_record":
        yield {"name": "If-None-Match", "in": "header", "schema": TEXT}
    if said.needs_version:
        yield {"name": "If-Match", "in": "header", "required": True, "schema": _TAG}
    if method in WRITING and name not in ASKING:
        key = {"type": "string", "minLength": 1, "maxLength": 200}
        yield {
            "name": "Idempotency-Key", "in": "header", "required": said.needs_key, "schema": key,
        }  # fmt: skip


_TAG: Final = {"type": "string", "pattern": r'^(W/)?"[0-9]{1,9}(-[0-9a-f]{16})?"$'}
_FILTER: Final = {
    "name": "filter",
    "in": "query",
    "description": "`filter.<field>.<operator>=value`; several values by commas",
    "style": "form",
    "explode": True,
    "schema": {
        "type": "object",
        "propertyNames": {"pattern": r"^filter\.[a-z0-9_]+(\.[a-z_]+)?$"},
        "additionalProperties": {"type": "string"},
    },
}
