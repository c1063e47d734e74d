"""Asking for the password once more before what decides over an account."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from flask import Response, g, request, url_for

from runtime.infra import sessions
from runtime.infra.errors import NotSignedIn, TooManyRequests
from runtime.infra.sessions import Visitor
from runtime.screens.acting import platform
from runtime.screens.entrance import safe_next
from runtime.screens.i18n import said
from runtime.screens.render import go, go_to, render
from runtime.screens.routes import permission

View = Callable[..., Any]
REFUSED: Final = 422


def fresh(back: str) -> Callable[[View], View]:
    """Let a view be reached only a short while after the password was typed.

    Others are asked for it and come back to the page called `back`; what they sent is not kept.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*given: Any, **named: Any) -> Any:
            if sessions.is_fresh(g.session, platform().clock()):
                return view(*given, **named)
            return go("screens.confirm_identity", next=url_for(back))

        return guarded

    return guard


@permission("signed_in")
def confirm_identity() -> Response:
    """Ask for the password."""
    return _ask()


@permission("signed_in")
def prove_identity() -> Any:
    """Take the password: the session goes on under a new number nobody has seen."""
    here = platform()
    visitor = Visitor(request.remote_addr or "", request.user_agent.string)
    typed = request.form.get("password", "")
    try:
        opened = sessions.confirm(here.database, g.session, typed, visitor, here.clock())
    except TooManyRequests as error:
        return _ask(said(error.code, error.params), status=error.status)
    except NotSignedIn:
        return _ask(said("password_now_wrong"), status=REFUSED)
    g.opened_session = opened
    return go_to(safe_next(request.form.get("next", "")))


def _ask(problem: str = "", status: int = 200) -> Response:
    target = safe_next(request.values.get("next", ""))
    return render("account/identity.html", status=status, problem=problem, next=target)
