"""The OpenAPI 3.1 documents: all addresses, and each app as the caller may use it."""

from collections.abc import Iterator

from flask import Response, g

from runtime import access
from runtime.api.acting import app_of, platform, reading
from runtime.api.openapi.document import document, document_of
from runtime.api.openapi.schemas import KINDS, schemas_of
from runtime.api.routes import Declared, allow_parameters, blueprint, json_answer, route
from runtime.infra.errors import NotFound
from runtime.infra.strict_json import Json

__all__ = ["KINDS", "app_openapi", "openapi"]


def openapi() -> Response:
    """Describe the API; signed in, also the values of the forms the caller may see."""
    allow_parameters()
    return json_answer(document(platform().settings.public_url, _schemas()))


openapi.declared = Declared(permission="public", csrf=False)  # type: ignore[attr-defined]
blueprint.add_url_rule("/openapi.json", view_func=openapi, methods=["GET"])


@route("/apps/<app>/openapi.json")
def app_openapi(app: str) -> Response:
    """Describe one app: an address for each act on each form that the caller may do."""
    allow_parameters()
    with reading() as act:
        found = app_of(act, app)
    if not any(access.may(g.actor, "view", form) for form in found.forms.values()):
        raise NotFound
    return json_answer(document_of(platform().settings.public_url, found, g.actor))


def _schemas() -> Iterator[tuple[str, Json]]:
    if "actor" not in g:
        return
    with reading() as act:
        apps = platform().catalogue.apps(act.connection)
    for app in apps:
        for form in app.forms.values():
            if access.may(g.actor, "view", form):
                yield from schemas_of(g.actor, form)
