"""Design-time screens for administrators: the formulas of an app, and their editor."""

from typing import Final

from flask import Blueprint, Flask, url_for

from builder.designer import formula_answers, formula_list, formula_pages
from runtime.compile import App
from runtime.infra.act import Act
from runtime.screens import Url
from runtime.screens.i18n import _
from runtime.screens.shell import PAGES, Entry, is_here

FORMULAS: Final = "/design/<app_code>/formulas"
PLACE: Final = f"{FORMULAS}/<place_form>/<field_path>/<part>"

URLS: Final = (
    Url(FORMULAS, "formulas", formula_list.formulas),
    Url(f"{FORMULAS}/new", "new_formula", formula_pages.new_formula),
    Url(f"{FORMULAS}/new", "create_formula", formula_pages.create_formula, ("POST",)),
    Url(PLACE, "edit_formula", formula_pages.edit_formula),
    Url(PLACE, "save_formula", formula_pages.save_formula, ("POST",)),
    Url(f"{FORMULAS}/names", "formula_names", formula_answers.formula_names),
    Url(f"{FORMULAS}/records", "formula_records", formula_answers.formula_records),
    Url(f"{FORMULAS}/check", "check_formula", formula_answers.check_formula, ("POST",)),
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
    href = url_for("designer.formulas", app_code=app.code)
    here = is_here(*(f"designer.{url.endpoint}" for url in URLS))
    return (Entry(_("公式"), href, "math-function", here),)
