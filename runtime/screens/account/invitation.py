"""Links to set a password with: taken by who was invited, made by administrators."""

from typing import Any

from flask import Response, request

from runtime.infra import invitations, passwords
from runtime.infra.errors import NotFound, TooManyRequests, ValidationFailed
from runtime.infra.sessions import Visitor
from runtime.screens.account.identity import fresh
from runtime.screens.acting import carry_out, platform
from runtime.screens.entrance import door
from runtime.screens.errors import texts
from runtime.screens.i18n import _, instant, said
from runtime.screens.render import render
from runtime.screens.routes import permission


@permission("public")
def invitation() -> Response:
    """Show the page of a link; the token stands behind the # and is filled in by a script."""
    return _page()


@permission("public")
def accept_invitation() -> Any:
    """Set the password; the way in is the front door, second step included."""
    here = platform()
    visitor = Visitor(request.remote_addr or "", request.user_agent.string)
    sent = request.form
    token, chosen = sent.get("token", "").strip(), sent.get("password", "")
    if chosen != sent.get("again", ""):
        return _page(said("password_differs"), token)
    try:
        user = invitations.accept(here.database, token, chosen, visitor, here.clock())
    except ValidationFailed as error:
        return _page(texts(error)[-1], token)
    except TooManyRequests as error:
        return _page(said(error.code, error.params), token, status=error.status)
    except NotFound as error:
        return _page(said(error.code, error.params))
    return door(name=user.name, notice=_("密码已设好，请用它登录。"))


@permission("admin")
@fresh("screens.home")
def make_link(user_id: int) -> Response:
    """Make a link for somebody to set a new password with, and show it this once."""
    link = carry_out(lambda act: invitations.make(act, user_id))
    return show_link(link)


def show_link(link: invitations.Link) -> Response:
    """Show a link that was made, to be copied and handed over: it is not kept."""
    return render(
        "account/link.html",
        name=link.user.display_name,
        address=link.address(platform().settings.public_url or request.host_url),
        until=instant(link.expires_at),
        hours=invitations.HOURS,
    )


def _page(problem: str = "", token: str = "", status: int = 0) -> Response:
    return render(
        "account/invitation.html",
        status=status or (ValidationFailed.status if problem else 200),
        problem=problem,
        token=token[: invitations.LONGEST_TOKEN],
        shortest=passwords.SHORTEST,
        longest=passwords.LONGEST,
    )
