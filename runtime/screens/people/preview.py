"""A look through somebody else's eyes: only a look, marked on every page, and written down.

Which session looks through whose eyes stands in its signed cookie; `runtime.app.visits` reads it,
and refuses everything but looking while it does.
"""

from typing import Any

from flask import g, session

from runtime.infra import audit, users
from runtime.infra.act import Act
from runtime.infra.errors import Conflict
from runtime.infra.users import User
from runtime.screens.account.identity import fresh
from runtime.screens.acting import carry_out
from runtime.screens.render import go
from runtime.screens.routes import permission

PREVIEW = "preview"


@permission("admin")
@fresh("screens.users")
def begin_preview(user_id: int) -> Any:
    """Go on as somebody else, to look."""

    def begin(act: Act) -> User:
        found = users.get(act.connection, user_id)
        if found.is_disabled:
            raise Conflict("preview_of_disabled", {"name": found.display_name})
        audit.write(act, "begin_preview", "user", user_id)
        return found

    found = carry_out(begin)
    session[PREVIEW] = [g.session.id, found.id]
    return go("screens.home")


@permission("signed_in")
def end_preview() -> Any:
    """Go on as oneself."""
    user_id = g.get("previewed_id")
    session.pop(PREVIEW, None)
    if user_id is None:
        return go("screens.home")
    g.actor = g.session.user.actor("screen")
    g.previewed_id = None
    carry_out(lambda act: audit.write(act, "end_preview", "user", user_id))
    return go("screens.user", user_id=user_id)
