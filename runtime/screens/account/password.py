"""Changing one's own password."""

from typing import Any

from flask import Response, g, request

from runtime.infra import passwords, sessions, users
from runtime.infra.errors import NotSignedIn, TooManyRequests, ValidationFailed
from runtime.infra.sessions import Visitor
from runtime.screens.acting import carry_out, platform
from runtime.screens.errors import texts
from runtime.screens.i18n import said
from runtime.screens.render import go, render
from runtime.screens.routes import permission


@permission("signed_in")
def password() -> Response:
    """Show the form."""
    return _page(is_done="changed" in request.args)


@permission("signed_in")
def change_password() -> Any:
    """Take the present password and the new one; everything opened with the old one ends."""
    here = platform()
    visitor = Visitor(request.remote_addr or "", request.user_agent.string)
    sent = request.form
    chosen = sent.get("password", "")
    if chosen != sent.get("again", ""):
        return _page(said("password_differs"))
    try:
        user = g.session.user
        passwords.check(chosen, names=(user.name, user.display_name))
        now = here.clock()
        sessions.confirm(here.database, g.session, sent.get("now", ""), visitor, now)
        carry_out(lambda act: users.set_password(act, user.id, chosen))
    except ValidationFailed as error:
        return _page(texts(error)[-1])
    except TooManyRequests as error:
        return _page(said(error.code, error.params), status=error.status)
    except NotSignedIn:
        return _page(said("password_now_wrong"))
    with here.database.transaction() as connection:
        g.opened_session = sessions.start(connection, users.get(connection, user.id), visitor, now)
    return go("screens.password", changed=1)


def _page(problem: str = "", *, is_done: bool = False, status: int = 0) -> Response:
    return render(
        "account/password.html",
        status=status or (ValidationFailed.status if problem else 200),
        problem=problem,
        is_done=is_done,
        shortest=passwords.SHORTEST,
        longest=passwords.LONGEST,
    )
