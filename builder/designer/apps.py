"""The apps of this installation as their designers see them: what runs, what is being changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from runtime.compile import App
from runtime.definitions.label import read_label
from runtime.infra.act import Act
from runtime.infra.errors import AppError
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, label
from runtime.screens.render import go, render
from runtime.screens.routes import permission

LONGEST_NAME: Final = 40
LONGEST_CODE: Final = 12


@dataclass(frozen=True)
class AppCard:
    """One app: `version` 0 was never published; `changed_by` is empty where nothing is changed."""

    code: str
    name: str
    href: str
    forms: int
    version: int
    changed_by: str = ""
    changed_at: datetime | None = None


@permission("admin")
def apps() -> Response:
    """Show every app, and the ones that are still only a draft."""
    return _page()


@permission("admin")
def create_app() -> AnyResponse:
    """Begin a new, empty app and go to its page; refused, what was typed stays."""
    name = request.form.get("label", "").strip()[:LONGEST_NAME]
    code = request.form.get("code", "").strip()[:LONGEST_CODE]
    if not name:
        return _page((_("请填写应用的名称"),), name, code)

    def work(act: Act) -> drafts.Draft:
        return drafts.create_app(act, code or None, name)

    try:
        made = carry_out(work)
    except AppError as error:
        return _page(tuple(texts(error)), name, code)
    return go("designer.overview", app_code=made.app_code)


def _page(problems: tuple[str, ...] = (), name: str = "", code: str = "") -> Response:
    with reading() as act:
        return render(
            "designer/apps.html",
            status=422 if problems else 200,
            cards=tuple(_cards(act)),
            problems=problems,
            name=name,
            code=code,
        )


def _cards(act: Act) -> Iterator[AppCard]:
    running = {app.code: app for app in platform().catalogue.apps(act.connection)}
    kept = {draft.app_code: draft for draft in drafts.kept(act)}
    for code in dict.fromkeys((*running, *kept)):
        yield _card(code, running.get(code), kept.get(code))


def _card(code: str, app: App | None, draft: drafts.Kept | None) -> AppCard:
    changed = draft if draft and draft.is_changed else None
    return AppCard(
        code=code,
        name=label(app.label if app else draft.label if draft else read_label(None, code)),
        href=url_for("designer.overview", app_code=code),
        forms=sum(form.aggregate is None for form in app.forms.values()) if app else 0,
        version=app.version if app else 0,
        changed_by=changed.changed_by if changed else "",
        changed_at=changed.changed_at if changed else None,
    )
