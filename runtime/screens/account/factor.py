"""One's own second step: setting it up with an app, codes for paper, turning it off."""

from base64 import b64encode
from typing import Any, Final

from flask import Response, g, request

from runtime.infra import kept_secret, sessions, totp
from runtime.infra import second_factor as factors
from runtime.infra.act import Act
from runtime.infra.errors import ValidationFailed
from runtime.screens.account.identity import fresh
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.barcodes import svg
from runtime.screens.errors import texts
from runtime.screens.i18n import instant
from runtime.screens.render import go, render
from runtime.screens.routes import permission

ISSUER: Final = "Dajian"
HERE: Final = "screens.second_factor"


@permission("signed_in")
def second_factor() -> Response:
    """Show whether it is on; a secret that waits for its first code is shown to be scanned."""
    return _page()


@permission("signed_in")
@fresh(HERE)
def begin_second_factor() -> Any:
    """Make a secret."""
    carry_out(lambda act: factors.begin(act, g.session.user.id, _keys()))
    return go(HERE)


@permission("signed_in")
@fresh(HERE)
def confirm_second_factor() -> Any:
    """Take the first code: now it is on, and the codes for paper are shown this once."""
    typed = request.form.get("code", "")
    user_id = g.session.user.id
    try:
        codes = carry_out(lambda act: factors.confirm(act, user_id, typed, _keys()))
    except ValidationFailed as error:
        return _page(problem=texts(error)[-1], status=error.status)
    return _page(codes=codes)


@permission("signed_in")
@fresh(HERE)
def renew_codes() -> Response:
    """Make new codes for paper and show them this once."""

    def renew(act: Act) -> tuple[str, ...]:
        if not factors.state(act.connection, g.session.user.id).is_on:
            raise ValidationFailed
        return factors.renew_codes(act, g.session.user.id)

    return _page(codes=carry_out(renew))


@permission("signed_in")
@fresh(HERE)
def remove_second_factor() -> Any:
    """Turn it off, unless a rule asks for it."""
    carry_out(lambda act: factors.remove(act, g.session.user.id))
    return go(HERE)


@permission("admin")
@fresh("screens.home")
def reset_second_factor(user_id: int) -> Any:
    """Turn it off for somebody whose phone is gone; a rule lets them set it up anew."""
    carry_out(lambda act: factors.remove(act, user_id, by_rule=False))
    return go("screens.home")


def _page(codes: tuple[str, ...] = (), problem: str = "", status: int = 200) -> Response:
    user = g.session.user
    with reading() as act:
        state = factors.state(act.connection, user.id)
        secret = None if state.is_on else factors.unfinished(act.connection, user.id, _keys())
        # Only who typed the password a moment ago sees it.
        shown = secret if sessions.is_fresh(g.session, platform().clock()) else None
        return render(
            "account/second_factor.html",
            status=status,
            state=state,
            since=instant(state.since),
            is_required=factors.is_required(act.connection, user),
            spelled=totp.spelled(shown) if shown else "",
            picture=_picture(shown, user.name) if shown else "",
            codes=codes,
            problem=problem,
        )


def _picture(secret: bytes, name: str) -> str:
    """The drawing within its own address: no other one ever holds the secret."""
    drawn = svg(totp.address(secret, name, ISSUER), "qr").encode()
    return f"data:image/svg+xml;base64,{b64encode(drawn).decode()}"


def _keys() -> tuple[str, ...]:
    return kept_secret.keys_of(platform().settings)
