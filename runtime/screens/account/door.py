"""The second step at the front door: the code, for who has just given the password."""

from typing import Any, Final

from flask import Response, current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer

from runtime.infra import kept_secret, sessions
from runtime.infra.errors import NotSignedIn, TooManyRequests
from runtime.infra.sessions import SecondFactorNeeded, Visitor
from runtime.screens.acting import platform
from runtime.screens.entrance import safe_next
from runtime.screens.i18n import said
from runtime.screens.render import go, go_to, render
from runtime.screens.routes import permission

SECONDS: Final = 300
REFUSED: Final = 422


def ask_code(waiting: SecondFactorNeeded, *, problem: str = "", status: int = 200) -> Response:
    """Ask for the code; who the password belonged to stands in a ticket only we can write."""
    ticket = _tickets().dumps([waiting.user_id, waiting.auth_epoch])
    target = safe_next(request.form.get("next", ""))
    return render(
        "account/second_step.html", status=status, ticket=ticket, next=target, problem=problem
    )


@permission("public")
def second_step() -> Any:
    """Take the code and open the session."""
    here = platform()
    waiting = _waiting()
    if waiting is None:
        return go("screens.sign_in", late=1)
    visitor = Visitor(request.remote_addr or "", request.user_agent.string)
    keys = kept_secret.keys_of(here.settings)
    typed = request.form.get("code", "")
    try:
        opened = sessions.second_step(here.database, waiting, typed, visitor, here.clock(), keys)
    except TooManyRequests as error:
        return ask_code(waiting, problem=said(error.code, error.params), status=error.status)
    except NotSignedIn as error:
        return ask_code(waiting, problem=said(error.code, error.params), status=REFUSED)
    g.opened_session = opened
    return go_to(safe_next(request.form.get("next", "")))


def _waiting() -> SecondFactorNeeded | None:
    try:
        user_id, epoch = _tickets().loads(request.form.get("ticket", ""), max_age=SECONDS)
    except (BadData, ValueError):
        return None
    return SecondFactorNeeded(int(user_id), int(epoch))


def _tickets() -> URLSafeTimedSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeTimedSerializer(keys, salt="second step")
