"""The whole product: the runtime's application with the builder's rooms added."""

from flask import Flask

from builder import definitions_api, design_api, designer, workbook
from runtime import app as runtime_app
from runtime.app import Room
from runtime.infra.settings import Settings


def _workbooks(app: Flask) -> None:
    """Let the import wizard make forms: a run-only deployment has no such door."""
    app.extensions["dajian.workbook"] = workbook.FORMS


ROOMS: tuple[Room, ...] = (
    definitions_api.init_app,
    design_api.init_app,
    designer.init_app,
    _workbooks,
)


def create_app(settings: Settings) -> Flask:
    """Return the application with design-time rooms."""
    return runtime_app.create_app(settings, ROOMS)


def serve() -> Flask:
    """Return the application as a web process makes it."""
    return runtime_app.serve(ROOMS)
