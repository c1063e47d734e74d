"""Hostile definitions of the catalogue: each is refused with problems, or kept harmless."""

import json
from pathlib import Path
from typing import Any

import pytest

from builder.checks import check_app
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.infra import strict_json
from runtime.infra.errors import AppError, ValidationFailed

CASES = json.loads(
    (Path(__file__).parents[2] / "data/attacks/definition.json").read_text(encoding="utf-8")
)
# Workflows, prints, packages and changes of data have tests beside what they concern.
GROUPS = {"identifier", "label", "type", "json-text", "relation", "formula-field", "json-schema"}
# Refused elsewhere for reasons our design does not have.
HARMLESS = {
    "D178": "a text default is bound as data, never written into DDL",
    "D180": "no template engine ever sees a definition's text",
    "D261": "texts are limited in length and a record's work is limited as a whole",
}
KINDS = {"relation": "reference", "string": "text", "select": "choice"}


def adapted(form: Any) -> Any:
    """Bring a form of the catalogue's neutral shape into ours; what we do not know stays."""
    if not isinstance(form, dict):
        return form
    ours = {k: v for k, v in form.items() if k not in {"title", "fields"}}
    ours["label"] = form.get("title")
    ours["type"] = "record"
    fields = form.get("fields")
    ours["fields"] = [_field(f) for f in fields] if isinstance(fields, list) else fields
    return ours


def _field(field: Any) -> Any:
    if not isinstance(field, dict):
        return field
    known = {"code", "label", "required", "unique", "default", "help", "id"}
    ours = {k: v for k, v in field.items() if k in known}
    kind = field.get("type")
    ours["kind"] = KINDS.get(kind, kind) if isinstance(kind, str) else kind
    options = {k: v for k, v in field.items() if k not in known | {"type"}}
    if ours["kind"] == "formula":
        options.setdefault("result", "number")
    if "target" in options:
        options["form"] = options.pop("target")
    if options:
        ours["options"] = options
    return ours


def _source(case: dict[str, Any]) -> Any:
    given = case["input"]
    if "$raw" in given:
        return strict_json.loads(given["$raw"], max_bytes=1_000_000)
    if "$gen" in given:
        return eval(given["$gen"])
    return given


def _tried(case: dict[str, Any]) -> str:
    try:
        source = _source(case)
        form = source.get("form") if isinstance(source, dict) else source
        app = {"format": "dajian-app/1", "code": "demo", "label": "Demo", "forms": [adapted(form)]}
        definition = load_app(app)
        problems = check_app(definition)
        if problems:
            raise ValidationFailed("definition_invalid", problems=problems)
        compile_app(definition, 1)
    except AppError:
        return "reject"
    return "accept"


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["group"] in GROUPS], ids=lambda case: case["id"]
)
def test_hostile_definition(case: dict[str, Any]) -> None:
    found = _tried(case)
    if case["id"] in HARMLESS:
        return
    if case["expect"] == "reject":
        assert found == "reject", case["why"]
