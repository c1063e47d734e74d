"""Signing in and out."""

from typing import Any, Final

from flask import Response, g, request

from runtime.infra import sessions
from runtime.infra.errors import AppError, NotSignedIn, TooManyRequests
from runtime.infra.sessions import SecondFactorNeeded, Visitor
from runtime.screens.account.door import ask_code
from runtime.screens.acting import platform
from runtime.screens.entrance import door, safe_next
from runtime.screens.i18n import LOCALES, said
from runtime.screens.render import go, go_to
from runtime.screens.routes import permission

A_YEAR: Final = 31_536_000


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
    """End the session: its row is gone, the cookie finds nothing.

    The browser forgets what it keeps, but not scans that were never sent (`keep`).
    """
    here = platform()
    token = request.cookies.get("__Host-sid" if here.settings.is_https else "sid", "")
    with here.database.transaction() as connection:
        sessions.end(connection, token)
    g.closed_session = True
    g.keeps_scans = request.form.get("keep") == "scans"
    return go("screens.sign_in")


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
