"""Administrators make public links of a form, see what became of them, and take them back."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request, url_for

from runtime.compile import Form
from runtime.infra import public_links as links
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, NotFound, Problem, ValidationFailed
from runtime.infra.public_links import NewLink, PublicLink
from runtime.screens.account.identity import fresh
from runtime.screens.acting import carry_out, form_of, platform, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, instant, joined, label
from runtime.screens.public.fields import addable, problems, readable
from runtime.screens.render import go, render
from runtime.screens.routes import permission

HOME = "screens.home"


@permission("admin")
def public_links(app_code: str, form_code: str) -> Response:
    """Show the links of a form."""
    return _page(app_code, form_code)


@permission("admin")
@fresh(HOME)
def create_public_link(app_code: str, form_code: str) -> Response:
    """Make a link, and show its address this once."""

    def create(act: Act) -> str:
        form = form_of(act, app_code, form_code)
        new = _sent(form)
        wrong = list(problems(form, new))
        if wrong:
            raise ValidationFailed(problems=wrong)
        return links.create(act, new)[1]

    try:
        token = carry_out(create)
    except AppError as refusal:
        if refusal.status not in {409, 422}:
            raise
        return _page(app_code, form_code, refusal=texts(refusal), status=refusal.status)
    base = (platform().settings.public_url or request.host_url).rstrip("/")
    return _page(app_code, form_code, made=base + url_for("screens.public_page", link_token=token))


@permission("admin")
@fresh(HOME)
def allow_public_links(app_code: str, form_code: str) -> Any:
    """Let the whole app have public links, or close all it has."""
    wanted = request.form.get("to", "")
    if wanted not in {"open", "closed"}:
        raise BadRequest("form_incomplete")
    is_allowed = wanted == "open"

    def allow(act: Act) -> None:
        form_of(act, app_code, form_code)
        links.allow(act, app_code, is_allowed=is_allowed)

    carry_out(allow)
    return go("screens.public_links", app_code=app_code, form_code=form_code)


@permission("admin")
@fresh(HOME)
def revoke_public_link(app_code: str, form_code: str, link_id: int) -> Any:
    """Take a link back for good."""

    def revoke(act: Act) -> None:
        found = links.get(act.connection, link_id)
        if (found.app, found.form) != (app_code, form_code):
            raise NotFound
        links.revoke(act, link_id)

    carry_out(revoke)
    return go("screens.public_links", app_code=app_code, form_code=form_code)


def _sent(form: Form) -> NewLink:
    sent = request.form
    quota = sent.get("quota", "").strip()
    return NewLink(
        app=form.app_code,
        form=form.code,
        purpose="read" if sent.get("purpose") == "read" else "add",
        label=sent.get("label", ""),
        fields=tuple(dict.fromkeys(sent.getlist("field"))),
        condition=sent.get("condition", "").strip() if sent.get("purpose") == "read" else "",
        password=sent.get("password", ""),
        opens_at=_moment(form, "opens_at"),
        closes_at=_moment(form, "closes_at"),
        quota=int(quota) if quota.isascii() and quota.isdigit() and len(quota) < 9 else None,
        asks_puzzle="asks_puzzle" in sent,
    )


def _moment(form: Form, name: str) -> datetime | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(form.zone))
    except ValueError:
        params = {"label": text[:30]}
        problem = Problem(f"/{name}", "public_link_moment", params)
        raise ValidationFailed(problems=[problem]) from None


def _page(
    app_code: str,
    form_code: str,
    *,
    refusal: tuple[str, ...] = (),
    status: int = 200,
    made: str = "",
) -> Response:
    with reading() as act:
        form = form_of(act, app_code, form_code)
        return render(
            "public/links.html",
            status=status,
            form=form,
            problems=refusal,
            made=made,
            typed=request.form if refusal else {},
            chosen=request.form.getlist("field") if refusal else [],
            is_allowed=links.allowed(act.connection, app_code),
            links=[_row(form, each, act.now) for each in _links(act, form)],
            addable=[(item.code, label(item.label), item.required) for item in addable(form)],
            readable=[(item.code, label(item.label)) for item in readable(form)],
            here=url_for("screens.public_links", app_code=app_code, form_code=form_code),
        )


def _links(act: Act, form: Form) -> tuple[PublicLink, ...]:
    return tuple(links.of_form(act.connection, form.app_code, form.code))


def _row(form: Form, each: PublicLink, now: datetime) -> dict[str, Any]:
    states = {"": _("可用"), "revoked": _("已收回"), "early": _("还没开始"), "over": _("已结束"),
              "full": _("已用完")}  # fmt: skip
    names = (label(form.by_code[code].label) for code in each.fields if code in form.by_code)
    state = each.state(now)
    return {
        "id": each.id,
        "label": each.label,
        "purpose": _("填写") if each.purpose == "add" else _("查看"),
        "state": states[state],
        "is_open": state == "",
        "is_revoked": state == "revoked",
        "fields": joined(names),
        "used": each.used if each.quota is None else f"{each.used} / {each.quota}",
        "until": instant(each.closes_at),
        "has_password": each.has_password,
    }
