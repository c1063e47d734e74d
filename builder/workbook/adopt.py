"""A table becomes a form, or new fields of a form: drafted for the check, then published."""

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from builder.checks import check_app
from builder.publish import publish
from builder.workbook import blueprint, codes, propose
from builder.workbook.blueprint import CHECK, Blueprint
from runtime.catalogue import active_definition
from runtime.compile import App, compile_app
from runtime.definitions import load_app
from runtime.exchange.adoption import Choices, Draft, taken_fields
from runtime.exchange.merging import APART
from runtime.exchange.whole import Part, SheetPlan, Whole, table_key
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Forbidden, NotFound, ValidationFailed

Json = dict[str, Any]


class WorkbookForms:
    """The builder's part of an import (see `runtime.exchange.adoption.FormMaker`)."""

    def __init__(self) -> None:
        # The last whole workbook that was drawn; what is kept is never changed.
        self._drawn: dict[tuple[str, int, str], Whole] = {}

    def draft(self, act: Act, app: App, table: Json, choices: Choices) -> Draft:
        """Return the app's definition with the new form or fields in it, checked and compiled."""
        require_builder(act)
        found = active_definition(act.connection, app.code)
        if found is None:
            raise NotFound("app_not_found", {"app": app.code})
        source, version = copy.deepcopy(found[0]), found[1]
        code, fields = (
            _extended(source, table, choices) if choices.form else _added(source, table, choices)
        )
        definition = load_app(source)
        problems = check_app(definition)
        if problems:
            raise ValidationFailed("definition_invalid", problems=problems)
        compiled = compile_app(definition, version + 1)
        return Draft(source, version, compiled.forms[code], fields)

    def draft_all(self, act: Act, app: App, inspection: Json, plans: Sequence[SheetPlan]) -> Whole:
        """Return the app's definition with a form for every table, checked and compiled."""
        require_builder(act)
        found = active_definition(act.connection, app.code)
        if found is None:
            raise NotFound("app_not_found", {"app": app.code})
        asked = (app.code, found[1], json.dumps([inspection, plans], default=repr))
        known = self._drawn.get(asked)
        if known is None:
            # Deciding, checking and starting ask for the same thing three times in a row.
            self._drawn = {asked: self._draw_all(found[0], found[1], inspection, plans)}
            known = self._drawn[asked]
        return replace(known, source=copy.deepcopy(known.source))

    def _draw_all(
        self, before: Json, version: int, inspection: Json, plans: Sequence[SheetPlan]
    ) -> Whole:
        source = copy.deepcopy(before)
        drawn = blueprint.draw(source, version + 1, inspection, plans)
        if not drawn.forms:
            raise BadRequest("import_no_columns")
        compiled = compile_app(load_app(drawn.source), version + 1)
        tables = {table_key(table): table for table in inspection["tables"]}
        parts = tuple(
            part for key in drawn.order for part in _parts(drawn, compiled, tables[key], key)
        )
        kept = {at: why for at, why in drawn.refused.items() if not at[1].startswith(CHECK)}
        return Whole(drawn.source, version, parts, kept)

    def publish_all(self, act: Act, whole: Whole, note: str) -> None:
        """Make all of it live; another version published meanwhile is a Conflict."""
        require_builder(act)
        publish(act, whole.source, note, base_version=whole.base_version)

    def publish(self, act: Act, draft: Draft, note: str) -> None:
        """Make the draft live; another version published meanwhile is a Conflict."""
        require_builder(act)
        publish(act, draft.source, note, base_version=draft.base_version)


def _parts(drawn: Blueprint, compiled: App, table: Json, key: str) -> Iterator[Part]:
    """What goes into a form: its table, or every sheet of those it was made of."""
    form, places = compiled.forms[drawn.forms[key]], drawn.places[key]
    label, header = drawn.labels[key], drawn.headers[key]
    members = table.get("members")
    if not members:
        yield Part(key, label, form, places, header)
        return
    for member in members:
        cols = {**member["cols"], APART: APART}
        own = {cols[col]: place for col, place in places.items() if col in cols}
        apart = next((c["name"] for c in table["columns"] if c["col"] == APART), "")
        said = (apart, str(member["value"]))
        yield Part(member["key"], f"{label} · {member['value']}", form, own, header, key, said)


def require_builder(act: Act) -> None:
    """Only who may change definitions makes forms out of workbooks."""
    if not act.actor.is_admin:
        raise Forbidden("import_needs_builder")


def _added(source: Json, table: Json, choices: Choices) -> tuple[str, dict[str, str]]:
    forms = source.setdefault("forms", [])
    made = propose.new_fields(table, choices.columns, (), _known_names(forms))
    if not made:
        raise BadRequest("import_no_columns")
    code = codes.form_code(choices.label, [form["code"] for form in forms])
    forms.append(propose.form_definition(choices.label, code, list(made.values())))
    return code, {col: field["code"] for col, field in made.items()}


def _extended(source: Json, table: Json, choices: Choices) -> tuple[str, dict[str, str]]:
    form = next((form for form in source["forms"] if form["code"] == choices.form), None)
    if form is None:
        raise NotFound("form_not_found", {"form": choices.form})
    here = [field["code"] for field in form["fields"]]
    made = propose.new_fields(table, choices.columns, here, _known_names(source["forms"]))
    for field in made.values():
        # Records that are there already have no value: a new field asks for none of them.
        field.pop("required", None)
        field.pop("unique", None)
    form["fields"].extend(made.values())
    if form.get("sections") and made:
        form["sections"][-1]["fields"].extend(field["code"] for field in made.values())
    fields = taken_fields(choices.columns)
    return choices.form, fields | {col: field["code"] for col, field in made.items()}


def _known_names(forms: list[Json]) -> dict[str, str]:
    """The names fields already have in this app: 备注 is `note` everywhere."""
    found: dict[str, str] = {}
    for form in forms:
        for field in form["fields"]:
            label = field.get("label")
            name = label.get("zh", "") if isinstance(label, dict) else str(label or "")
            if name and field["kind"] not in {"lines", "reference", "formula", "lookup", "rollup"}:
                found.setdefault(name, field["code"])
    return found
