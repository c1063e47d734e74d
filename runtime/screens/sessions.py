"""Signing in and out."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Response, g, make_response, request, url_for

from runtime.infra import sessions
from runtime.infra.errors import AppError, NotSignedIn, TooManyRequests
from runtime.infra.sessions import SecondFactorNeeded, Visitor
from runtime.screens.acting import platform
from runtime.screens.i18n import LANGUAGE_TAGS, LOCALES, locale, said
from runtime.screens.render import go, go_to, render
from runtime.screens.routes import permission

A_YEAR: Final = 31_536_000
LONGEST_NEXT: Final = 2000


@permission("public")
def sign_in() -> Any:
    """Show the front door; on POST let in whoever name and password fit."""
    if request.method == "POST":
        return _try_to_sign_in()
    if "actor" in g:
        return go_to(safe_next(request.args.get("next", "")))
    chosen = request.args.get("language", "")
    if chosen not in LOCALES:
        return door(notice=said("factor_step_over") if "late" in request.args else "")
    answer = go("screens.sign_in", next=safe_next(request.args.get("next", "")))
    secure = platform().settings.is_https
    answer.set_cookie("language", chosen, A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return answer


@permission("signed_in")
def sign_out() -> Any:
    """End the session: its row is gone, the cookie finds nothing."""
    here = platform()
    token = request.cookies.get("__Host-sid" if here.settings.is_https else "sid", "")
    with here.database.transaction() as connection:
        sessions.end(connection, token)
    g.closed_session = True
    return go("screens.sign_in")


def door(
    *, name: str = "", problem: str = "", notice: str = "", status: int = 200, wait: int = 0
) -> Response:
    """Show the front door, with what went wrong."""
    answer = render(
        "sign_in.html",
        status=status,
        name=name,
        problem=problem,
        notice=notice,
        next=safe_next(request.values.get("next", "")),
        language=locale(),
        languages=language_names(),
        language_tags=LANGUAGE_TAGS,
    )
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def language_names() -> Sequence[tuple[str, str]]:
    """Return the languages, each in its own words."""
    return (("zh", "简体中文"), ("en", "English"))


def safe_next(target: str) -> str:
    """Return where to go after signing in: an address of ours, or home."""
    home = url_for("screens.home")
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    if not is_path or len(target) > LONGEST_NEXT or not target.isprintable() or "\\" in target:
        return home
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or parts.path == url_for("screens.sign_in"):
        return home
    return target


def to_the_door() -> Response:
    """Send a visitor to the front door, and back afterwards."""
    came_from = request.full_path.rstrip("?") if request.method == "GET" else ""
    if request.headers.get("HX-Request") == "true":
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        came_from = f"{shown.path}?{shown.query}" if shown.query else shown.path
    target = safe_next(came_from)
    values = {} if target == url_for("screens.home") else {"next": target}
    return make_response(go("screens.sign_in", **values))


def _try_to_sign_in() -> Any:
    name, password = request.form.get("name", ""), request.form.get("password", "")
    visitor = Visitor(request.remote_addr or "", request.user_agent.string)
    here = platform()
    try:
        opened = sessions.sign_in(here.database, name, password, visitor, here.clock())
    except TooManyRequests as error:
        seconds = int(error.params["seconds"])
        return _refused(error, name, wait=seconds)
    except SecondFactorNeeded as waiting:
        from runtime.screens.account.door import ask_code  # noqa: PLC0415 - it leads back here

        return ask_code(waiting)
    except NotSignedIn as error:
        return _refused(error, name)
    g.opened_session = opened
    return go_to(safe_next(request.form.get("next", "")))


def _refused(error: AppError, name: str, *, wait: int = 0) -> Response:
    text = said(error.code, error.params)
    # The answer is an ordinary page: some browsers hide the body of a 401 behind a dialog.
    status = error.status if wait else 422
    return door(name=name[:64], problem=text, status=status, wait=wait)
