"""Definitions through the API, read and written as data is: design-time, for administrators."""

from flask import Flask, Response, request

from builder.publish import publish
from builder.recompute import Recomputing
from runtime.api.acting import app_of, etag, reading, version_given, write
from runtime.api.routes import (
    BODY_LIMIT,
    Declared,
    allow_parameters,
    blueprint,
    check_scope,
    json_answer,
    json_body,
)
from runtime.catalogue import active_definition
from runtime.compile.edges import field_of, label_of
from runtime.compile.graph import Place
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, NotFound
from runtime.infra.requests import Answer
from runtime.infra.strict_json import Json
from runtime.query import uses_of

ADDRESS = f"{blueprint.url_prefix}/apps/<app>/definition"
USES = f"{blueprint.url_prefix}/apps/<app>/forms/<form>/fields/<field>/uses"


def init_app(app: Flask) -> None:
    """Add `/api/v1/apps/<app>/definition` and where a field is used."""
    for method, view in (("GET", get_definition), ("PUT", put_definition)):
        app.add_url_rule(ADDRESS, f"definitions.{view.__name__}", view, methods=[method])
    app.add_url_rule(USES, "definitions.get_field_uses", get_field_uses, methods=["GET"])


def get_definition(app: str) -> Response:
    """The whole JSON of an app as it runs; `ETag` is its version."""
    check_scope(get_definition)
    allow_parameters()
    with reading() as act:
        found = active_definition(act.connection, app)
    if found is None:
        raise NotFound("app_not_found", {"app": app})
    return json_answer(found[0], ETag=etag(found[1]))


def put_definition(app: str) -> Response:
    """Publish the whole JSON of an app: checked, planned, migrated and active, or nothing at all.

    `If-Match` names the version it was made from; `If-None-Match: *` says it is a new app.
    """
    check_scope(put_definition)
    source = json_body()
    if source.get("code") != app:
        raise BadRequest("member_invalid", {"name": "code"})
    base = 0 if request.headers.get("If-None-Match") == "*" else version_given()

    def work(act: Act) -> Answer:
        published = publish(act, source, "api", base_version=base)
        status = 201 if published.app.version == 1 and published.changed else 200
        body = {
            "code": app,
            "version": published.app.version,
            "changed": published.changed,
            "recompute": _recomputing(published.recomputing),
        }
        return Answer(status, body)

    return write(work, key_required=False)


def get_field_uses(app: str, form: str, field: str) -> Response:
    """Where a field is used; one of a line table is named `lines.qty`."""
    check_scope(get_field_uses)
    allow_parameters()
    with reading() as act:
        found = app_of(act, app)
        if form not in found.forms or field_of(found.forms[form], _place(field)) is None:
            raise NotFound
        uses = [
            {
                "form": use.form,
                "lines": use.lines,
                "field": use.field,
                "how": use.how,
                "label": label_of(found.forms, use.node),
            }
            for use in uses_of(act.connection, found, form, field)
        ]
    return json_answer({"uses": uses})


def _place(field: str) -> Place:
    lines, _, code = field.rpartition(".")
    return lines or None, code


def _recomputing(asked: Recomputing) -> Json:
    """What existing records are computed again, and the job that does it."""
    forms = [{"form": each.form, "fields": each.fields, "rows": each.rows} for each in asked.forms]
    return {"rows": asked.rows, "forms": forms, "job": asked.job}


for _view, _scope in (
    (get_definition, "read"),
    (put_definition, "design"),
    (get_field_uses, "read"),
):
    _view.declared = Declared("admin", body=BODY_LIMIT, scope=_scope)  # type: ignore[union-attr]
