"""A form of a draft as it will run: the document page itself, of which nothing is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, request, url_for

from builder import drafts
from builder.designer.canvas import roles_of
from builder.designer.draft_app import app_of_draft
from builder.designer.studio_frame import form_in
from runtime import access
from runtime.compile import Form, defaults
from runtime.infra.act import Act
from runtime.screens.acting import reading
from runtime.screens.form_page import Content, Page, page_of
from runtime.screens.i18n import _
from runtime.screens.render import render
from runtime.screens.routes import permission

BODY: Final = 8_000_000


@dataclass(frozen=True)
class Eyes:
    """Through whose eyes the form is seen: a link for each."""

    label: str
    href: str
    is_current: bool


@permission("admin")
def preview_design(app_code: str, form_code: str) -> Response:
    """Show a new record of the form as the draft has it, seen by an administrator or a role."""
    role = request.args.get("as", "")
    with reading() as act:
        draft = drafts.read(act, app_code)
        form_in(draft, form_code)
        app = app_of_draft(draft)
        form = app.forms.get(form_code) if app else None
        back = url_for("designer.studio", app_code=app_code, form_code=form_code)
        page = None if form is None else _page(_seen_by(act, role), form)
        eyes = tuple(_eyes(draft, form_code, role))
        if page is None:
            return render("designer/studio_no_preview.html", back=back, eyes=eyes, broken=not form)
        return render("designer/studio_preview.html", back=back, eyes=eyes, p=page)


@permission("admin", body=BODY)
def save_preview(app_code: str, form_code: str) -> Response:  # noqa: ARG001 - the page's address
    """Say that nothing was saved: Enter in a box sends the form, in a preview as well."""
    return render("designer/studio_unsaved.html")


def _seen_by(act: Act, role: str) -> Act:
    """The act of somebody who has this role and nothing else."""
    if not role:
        return act
    return replace(act, actor=replace(act.actor, roles=frozenset({role}), is_admin=False))


def _page(act: Act, form: Form) -> Page | None:
    """The page of a new record without any way to keep it; none for who may not begin one."""
    if not access.may(act.actor, "create", form):
        return None
    given = defaults(access.visible_fields(act.actor, form), act.now, form.zone, act.actor.user_id)
    page = page_of(act, form, None, Content(given))
    here = url_for("designer.save_preview", app_code=form.app_code, form_code=form.code)
    key = f"preview:{page.draft_key}"
    return replace(page, may_save=False, submit_label="", more=(), action_url=here, draft_key=key)


def _eyes(draft: drafts.Draft, form_code: str, role: str) -> Iterator[Eyes]:
    for code, name in (("", _("管理员")), *roles_of(draft.source)):
        seen: dict[str, Any] = {"as": code} if code else {}
        href = url_for(
            "designer.preview_design", app_code=draft.app_code, form_code=form_code, **seen
        )
        yield Eyes(name, href, code == role)
