"""JSON for machines: versioned, documented, with the same rights and the same write path."""

from flask import Flask, current_app, request

from runtime.api import (
    apps,
    books,
    explain,
    files,
    flow_times,
    hooks,
    inbox,
    limits,
    openapi,
    records,
    stock,
    webhooks,
)
from runtime.api.problems import answer
from runtime.api.routes import blueprint, check_scope

__all__ = ["answer", "init_app"]

# The rooms whose views stand on the blueprint.
ROOMS = (apps, records, explain, files, stock, books, webhooks, hooks, inbox, flow_times, openapi)


@blueprint.before_request
def _check() -> None:
    check_scope(current_app.view_functions[request.endpoint or ""])


def init_app(app: Flask) -> None:
    """Add `/api/v1/`."""
    limits.init_app(app)
    hooks.init_app(app)
    app.register_blueprint(blueprint)
    # After an answer that was refused, too: the blueprint's own hook does not see every one.
    app.after_request(limits.tell)
