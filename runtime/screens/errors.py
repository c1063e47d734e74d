"""An AppError becomes a page, or a message a script shows; always one a clerk can act on."""

from collections.abc import Mapping
from typing import Final

from flask import Response, g, make_response, request, url_for

from runtime.infra.errors import AppError, FactorMissing, NotSignedIn
from runtime.screens.entrance import door, to_the_door
from runtime.screens.i18n import _, said, sentences
from runtime.screens.render import add_trigger, go, render

PICTURES: Final[Mapping[int, str]] = {403: "lock", 404: "search", 409: "history", 503: "clock"}
OUR_FAULT: Final = 500


def answer(refusal: AppError) -> Response:
    """Return what a person sees of a refusal."""
    if isinstance(refusal, NotSignedIn):
        return to_the_door()
    if isinstance(refusal, FactorMissing):
        return make_response(go("screens.second_factor"))
    if refusal.code == "form_token_refused" and request.endpoint == "screens.sign_in":
        return door(name=request.form.get("name", "")[:64], notice=_("页面放久了，请再登录一次"))
    if request.headers.get("HX-Request") == "true":
        return _to_a_script(refusal)
    return _page(refusal)


def texts(refusal: AppError) -> tuple[str, ...]:
    """Return every reason in words, the refusal's own first."""
    own = said(refusal.code, refusal.params)
    return (own, *(said(problem.code, problem.params) for problem in refusal.problems))


def _to_a_script(refusal: AppError) -> Response:
    message = sentences(texts(refusal)[:4])
    response = make_response(message, refusal.status)
    response.mimetype = "text/plain"
    # Nothing on the page changes: what a person typed stays where it is.
    response.headers["HX-Reswap"] = "none"
    detail = {"text": message, "tone": "err", "number": _number(refusal)}
    return add_trigger(response, "ui:toast", detail)


def _page(refusal: AppError) -> Response:
    own, *others = texts(refusal)
    return render(
        "error.html",
        status=refusal.status,
        title=_title(refusal.status),
        text=own,
        hint=sentences(others) or (said(refusal.hint) if refusal.hint else ""),
        picture=PICTURES.get(refusal.status, "alert-triangle"),
        retry=request.full_path.rstrip("?") if _may_retry(refusal) else "",
        error_no=_number(refusal),
        home=url_for("screens.home"),
    )


def _title(status: int) -> str:
    titles = {
        403: _("没有权限"),
        404: _("没有找到"),
        405: _("不能这样打开"),
        409: _("有人先改了"),
        413: _("内容太大"),
        429: _("请稍等一下"),
        503: _("暂时不可用"),
    }
    return titles.get(status) or (_("出了意外") if status >= OUR_FAULT else _("没有成功"))


def _may_retry(refusal: AppError) -> bool:
    return request.method == "GET" and refusal.status >= OUR_FAULT


def _number(refusal: AppError) -> str:
    return str(g.get("request_id", ""))[:8].upper() if refusal.status >= OUR_FAULT else ""
