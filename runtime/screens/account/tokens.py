"""Tokens for programs: one's own, and those of accounts nobody signs in as."""

from collections.abc import Iterator
from typing import Any, Final

from flask import Response, g, request, url_for

from runtime.infra import service_accounts as services
from runtime.infra import tokens as kept
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.errors import NotFound, Problem, ValidationFailed
from runtime.infra.users import User
from runtime.screens.account.identity import fresh
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, instant, label
from runtime.screens.render import go, render
from runtime.screens.routes import permission

DAYS: Final = (7, 30, 90, 365)
OWN: Final = "screens.tokens"
SERVICES: Final = "screens.service_accounts"


@permission("signed_in")
def tokens() -> Response:
    """Show one's own tokens."""
    return _page(g.session.user)


@permission("signed_in")
@fresh(OWN)
def create_token() -> Response:
    """Make a token of one's own, and show it this once."""
    return _create(g.session.user)


@permission("signed_in")
@fresh(OWN)
def revoke_token(token_id: int) -> Any:
    """End a token: one's own, or as an administrator that of a program's account."""

    def revoke(act: Act) -> int | None:
        service = act.actor.is_admin and _service_of(act, token_id)
        kept.revoke(act, token_id, user_id=service or g.session.user.id)
        return service or None

    service = carry_out(revoke)
    return go("screens.service_account", user_id=service) if service else go(OWN)


@permission("admin")
def service_accounts() -> Response:
    """Show the accounts of programs."""
    return _services()


@permission("admin")
@fresh(SERVICES)
def create_service_account() -> Any:
    """Make an account for a program."""
    sent = request.form
    roles, purpose = frozenset(sent.getlist("role")), sent.get("purpose", "")

    def create(act: Act) -> User:
        known = {code for code, _text in _roles(act)}
        if not roles <= known:
            params = {"role": ", ".join(sorted(roles - known)), "known": ", ".join(sorted(known))}
            raise ValidationFailed(problems=[Problem("/role", "user_role_unknown", params)])
        return services.create(act, sent.get("name", ""), roles, purpose)

    try:
        made = carry_out(create)
    except ValidationFailed as error:
        return _services(problem=texts(error)[-1])
    return go("screens.service_account", user_id=made.id)


@permission("admin")
def service_account(user_id: int) -> Response:
    """Show the tokens of a program's account."""
    return _page(_service(user_id), is_service=True)


@permission("admin")
@fresh(SERVICES)
def create_service_token(user_id: int) -> Response:
    """Make a token for a program, and show it this once."""
    return _create(_service(user_id), is_service=True)


def _create(user: User, *, is_service: bool = False) -> Response:
    sent = request.form

    def create(act: Act) -> str:
        reach = sent.getlist("reach")
        unknown = sorted(set(reach) - {code for code, _text in _reaches(act)})
        if unknown:
            problem = Problem("/reach", "token_reach_unknown", {"name": unknown[0]})
            raise ValidationFailed(problems=[problem])
        days = sent.get("days", "")
        return kept.create(
            act,
            user.id,
            scope=sent.get("scope", ""),
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0,
            label=sent.get("label", "").strip(),
            reach=reach,
        )

    try:
        made = carry_out(create)
    except ValidationFailed as error:
        return _page(user, problem=texts(error)[-1], is_service=is_service)
    return _page(user, made=made, is_service=is_service)


def _page(user: User, *, made: str = "", problem: str = "", is_service: bool = False) -> Response:
    with reading() as act:
        found = kept.of_user(act.connection, user, platform().clock())
        creating = (
            url_for("screens.create_service_token", user_id=user.id)
            if is_service
            else url_for("screens.create_token")
        )
        return render(
            "account/tokens.html",
            status=ValidationFailed.status if problem else 200,
            owner=user.display_name if is_service else "",
            tokens=[_shown(token, dict(_reaches(act))) for token in found],
            scopes=_scopes(),
            days=DAYS,
            reaches=list(_reaches(act)),
            creating=creating,
            made=made,
            problem=problem,
        )


def _services(problem: str = "") -> Response:
    with reading() as act:
        now = platform().clock()
        accounts = [
            (
                url_for("screens.service_account", user_id=user.id),
                user.name,
                purpose,
                len(kept.of_user(act.connection, user, now)),
            )
            for user, purpose in services.everyone(act.connection)
        ]
        return render(
            "account/service_accounts.html",
            status=ValidationFailed.status if problem else 200,
            accounts=accounts,
            roles=_roles(act),
            problem=problem,
            typed=request.form,
        )


def _shown(token: kept.Token, reaches: dict[str, str]) -> dict[str, Any]:
    return {
        "id": token.id,
        "label": token.label or _("没有写用途"),
        "scope": dict(_scopes()).get(token.scope, token.scope),
        "reach": "，".join(reaches.get(code, code) for code in token.reach) or _("全部应用"),
        "expires": token.expires_at.date().isoformat(),
        "last": instant(token.last_used_at) if token.last_used_at else _("还没用过"),
        "network": token.network,
    }


def _scopes() -> tuple[tuple[str, str], ...]:
    return (("read", _("只读")), ("write", _("读写")), ("design", _("读写和改应用")))


def _reaches(act: Act) -> Iterator[tuple[str, str]]:
    for app in platform().catalogue.apps(act.connection):
        called = label(app.label)
        yield app.code, _("整个%(app)s", app=called)
        for form in app.forms.values():
            yield f"{app.code}.{form.code}", f"{called} / {label(form.label)}"


def _roles(act: Act) -> list[tuple[str, str]]:
    apps = platform().catalogue.apps(act.connection)
    return [(code, label(role.label)) for app in apps for code, role in app.roles.items()]


def _service(user_id: int) -> User:
    with reading() as act:
        if not services.is_service(act.connection, user_id):
            raise NotFound
        return users.get(act.connection, user_id)


def _service_of(act: Act, token_id: int) -> int | None:
    owner = kept.owner(act.connection, token_id)
    return owner if owner is not None and services.is_service(act.connection, owner) else None
