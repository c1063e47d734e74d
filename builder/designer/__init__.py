"""Design-time screens for administrators: apps, their forms, formulas, versions and packages."""

from typing import Final

from flask import Blueprint, Flask, url_for

from builder.designer import (
    app_urls,
    formula_answers,
    formula_list,
    formula_pages,
    ops,
    panel_urls,
    studio,
    studio_preview,
    studio_problems,
)
from builder.designer.flow import urls as flow_urls
from runtime.compile import App
from runtime.infra.act import Act
from runtime.screens import Url
from runtime.screens.i18n import _
from runtime.screens.shell import PAGES, Entry, is_here

FORMULAS: Final = "/design/<app_code>/formulas"
PLACE: Final = f"{FORMULAS}/<place_form>/<field_path>/<part>"
FORM: Final = "/design/<app_code>/forms/<form_code>"

URLS: Final = (
    Url(FORMULAS, "formulas", formula_list.formulas),
    Url(f"{FORMULAS}/new", "new_formula", formula_pages.new_formula),
    Url(f"{FORMULAS}/new", "create_formula", formula_pages.create_formula, ("POST",)),
    Url(PLACE, "edit_formula", formula_pages.edit_formula),
    Url(PLACE, "save_formula", formula_pages.save_formula, ("POST",)),
    Url(f"{FORMULAS}/names", "formula_names", formula_answers.formula_names),
    Url(f"{FORMULAS}/records", "formula_records", formula_answers.formula_records),
    Url(f"{FORMULAS}/check", "check_formula", formula_answers.check_formula, ("POST",)),
    Url(FORM, "studio", studio.studio),
    Url(f"{FORM}/canvas", "canvas", studio.canvas),
    Url(f"{FORM}/ops", "design_ops", ops.design_ops, ("POST",)),
    Url(f"{FORM}/undo", "undo_design", ops.undo_design, ("POST",)),
    Url(f"{FORM}/redo", "redo_design", ops.redo_design, ("POST",)),
    Url(f"{FORM}/preview", "preview_design", studio_preview.preview_design),
    Url(f"{FORM}/preview", "save_preview", studio_preview.save_preview, ("POST",)),
    Url(f"{FORM}/problems", "design_problems", studio_problems.design_problems),
    Url(f"{FORM}/publication", "publish_design", studio_problems.publish_design, ("POST",)),
    *panel_urls.URLS,
    *flow_urls.URLS,
    *app_urls.URLS,
)


def init_app(app: Flask) -> None:
    """Add the rooms of the designer, and the way to them for who may enter."""
    room = Blueprint("designer", __name__, template_folder="templates")
    for url in URLS:
        room.add_url_rule(url.rule, url.endpoint, url.view, methods=url.methods)
    app.register_blueprint(room)
    app.extensions[PAGES] = _pages


def _pages(act: Act, app: App) -> tuple[Entry, ...]:
    """The pages of design: the administrator's alone."""
    if not act.actor.is_admin:
        return ()
    rooms = (
        ("overview", _("应用设计"), "apps", _is_at_app()),
        ("formulas", _("公式"), "math-function", _is_at_formulas()),
    )
    return tuple(
        Entry(text, url_for(f"designer.{endpoint}", app_code=app.code), icon, here)
        for endpoint, text, icon, here in rooms
    )


def _is_at_app() -> bool:
    return is_here(*(f"designer.{url.endpoint}" for url in app_urls.URLS))


def _is_at_formulas() -> bool:
    return is_here(*(f"designer.{url.endpoint}" for url in URLS if url.rule.startswith(FORMULAS)))
