"""Apps and their forms as the caller may see them, jobs, and who one is."""

from typing import Any

from flask import Response, g

from runtime import access
from runtime.api.acting import app_of, form_of, platform, reading
from runtime.api.routes import allow_parameters, json_answer, route
from runtime.compile.field import Field
from runtime.compile.model import App, Form
from runtime.definitions import Label
from runtime.definitions.role import VERBS
from runtime.infra import queue
from runtime.infra.act import Act, Actor
from runtime.infra.errors import NotFound
from runtime.infra.strict_json import Json
from runtime.query.shapes import instant


@route("/me")
def me() -> Response:
    """Who the token or session speaks for."""
    allow_parameters()
    actor: Actor = g.actor
    scope = g.bearer.scope if "bearer" in g else None
    body = {"id": actor.user_id, "name": actor.name, "roles": sorted(actor.roles)}
    return json_answer({**body, "is_admin": actor.is_admin, "scope": scope})


@route("/apps")
def list_apps() -> Response:
    """The apps of which the caller may see something."""
    allow_parameters()
    with reading() as act:
        apps = platform().catalogue.apps(act.connection)
        shown = [_app(act, app) for app in apps if _forms(act, app)]
    return json_answer({"apps": shown})


@route("/apps/<app>")
def get_app(app: str) -> Response:
    """One app: its forms with their fields and what the caller may do."""
    allow_parameters()
    with reading() as act:
        found = app_of(act, app)
        forms = _forms(act, found)
        if not forms:
            raise NotFound
        body = {**_app(act, found), "forms": [_form(act, form) for form in forms]}
    return json_answer(body)


@route("/apps/<app>/forms/<form>")
def get_form(app: str, form: str) -> Response:
    """One form: its fields, its lines, and what the caller may do with it."""
    allow_parameters()
    with reading() as act:
        found = form_of(act, app, form)
        access.require(act.actor, "view", found)
        body = _form(act, found)
    return json_answer(body)


@route("/jobs/<int:job_id>")
def get_job(job_id: int) -> Response:
    """How far a job of the caller is."""
    allow_parameters()
    with reading() as act:
        job = queue.find(act.connection, job_id)
    if job.created_by != act.actor.user_id and not act.actor.is_admin:
        raise NotFound
    names = ("id", "name", "state", "done", "total", "text", "result", "error")
    body: dict[str, Any] = {name: getattr(job, name) for name in names}
    body["created_at"], body["finished_at"] = instant(job.created_at), instant(job.finished_at)
    return json_answer(body)


def _app(act: Act, app: App) -> dict[str, Json]:
    codes = [form.code for form in _forms(act, app)]
    return {
        "code": app.code,
        "label": label_json(app.label),
        "version": app.version,
        "forms": codes,
    }


def _forms(act: Act, app: App) -> tuple[Form, ...]:
    return tuple(form for form in app.forms.values() if access.may(act.actor, "view", form))


def _form(act: Act, form: Form) -> Json:
    fixed = _fixed(act, form)
    lines = [
        {
            "code": table.code,
            "label": label_json(table.label),
            "fields": [
                _field(f, is_fixed=not fixed.isdisjoint((table.code, f"{table.code}.{f.code}")))
                for f in access.visible_line_fields(act.actor, form, table)
            ],
        }
        for table in form.lines
    ]
    fields = [f for f in access.visible_fields(act.actor, form) if not f.is_lines]
    return {
        "code": form.code,
        "label": label_json(form.label),
        "type": form.type,
        "title": form.title,
        "fields": [_field(field, is_fixed=field.code in fixed) for field in fields],
        "lines": [table for table in lines if table["fields"]],
        "conversions": [
            {"code": each.code, "label": label_json(each.label), "to": each.target}
            for each in form.conversions
            if access.may(act.actor, "create", form.siblings[each.target])
        ],
        "may": [verb for verb in VERBS if access.may(act.actor, verb, form)],
    }


def _fixed(act: Act, form: Form) -> frozenset[str]:
    """The fields they can write neither in a new record nor in one that is there."""
    writing = [verb for verb in ("create", "update") if access.may(act.actor, verb, form)]
    found = [access.fixed_fields(act.actor, form, verb) for verb in writing]
    return frozenset.intersection(*found) if found else frozenset()


def _field(field: Field, *, is_fixed: bool) -> Json:
    return {
        "code": field.code,
        "kind": field.kind.kind,
        "stored": field.stored.kind,
        "label": label_json(field.label),
        "required": field.required,
        "computed": field.is_computed,
        "readonly": is_fixed or field.definition.readonly,
        "form": field.target,
        "operators": list(field.stored.operators),
    }


def label_json(label: Label) -> Json:
    """A label in the languages there are."""
    return {"zh": label.text("zh"), "en": label.text("en")}
