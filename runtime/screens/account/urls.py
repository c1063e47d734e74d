"""The addresses of accounts: rule, name, view, methods."""

from collections.abc import Callable
from typing import Any, Final

from runtime.screens.account import (
    door,
    factor,
    factor_rules,
    identity,
    invitation,
    password,
    places,
    tokens,
)

Address = tuple[str, str, Callable[..., Any], tuple[str, ...]]
GET: Final = ("GET",)
POST: Final = ("POST",)
ACCOUNT: Final = "/account"
FACTOR: Final = f"{ACCOUNT}/second-factor"

URLS: Final[tuple[Address, ...]] = (
    ("/sign-in/code", "second_step", door.second_step, POST),
    ("/invitation", "invitation", invitation.invitation, GET),
    ("/invitation", "accept_invitation", invitation.accept_invitation, POST),
    (f"{ACCOUNT}/confirmation", "confirm_identity", identity.confirm_identity, GET),
    (f"{ACCOUNT}/confirmation", "prove_identity", identity.prove_identity, POST),
    (f"{ACCOUNT}/password", "password", password.password, GET),
    (f"{ACCOUNT}/password", "change_password", password.change_password, POST),
    (FACTOR, "second_factor", factor.second_factor, GET),
    (FACTOR, "begin_second_factor", factor.begin_second_factor, POST),
    (f"{FACTOR}/confirmation", "confirm_second_factor", factor.confirm_second_factor, POST),
    (f"{FACTOR}/codes", "renew_codes", factor.renew_codes, POST),
    (f"{FACTOR}/removal", "remove_second_factor", factor.remove_second_factor, POST),
    (f"{FACTOR}/rules", "factor_rules", factor_rules.factor_rules, GET),
    (f"{FACTOR}/rules", "set_factor_rules", factor_rules.set_factor_rules, POST),
    (f"{ACCOUNT}/sessions", "places", places.places, GET),
    (f"{ACCOUNT}/sessions/ending", "end_other_places", places.end_other_places, POST),
    (f"{ACCOUNT}/sessions/<int:session_id>/ending", "end_place", places.end_place, POST),
    (f"{ACCOUNT}/tokens", "tokens", tokens.tokens, GET),
    (f"{ACCOUNT}/tokens", "create_token", tokens.create_token, POST),
    (f"{ACCOUNT}/tokens/<int:token_id>/revocation", "revoke_token", tokens.revoke_token, POST),
    ("/service-accounts", "service_accounts", tokens.service_accounts, GET),
    ("/service-accounts", "create_service_account", tokens.create_service_account, POST),
    ("/service-accounts/<int:user_id>", "service_account", tokens.service_account, GET),
    (
        "/service-accounts/<int:user_id>/tokens",
        "create_service_token",
        tokens.create_service_token,
        POST,
    ),
    ("/users/<int:user_id>/second-factor", "reset_second_factor", factor.reset_second_factor, POST),
    ("/users/<int:user_id>/link", "make_link", invitation.make_link, POST),
)
