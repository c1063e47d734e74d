"""The list of people, and one of them: roles, departments, whether they may sign in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request, url_for

from runtime.infra import audit, departments, invitations, mailboxes, sessions, users
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, Problem, ValidationFailed
from runtime.infra.service_accounts import is_service
from runtime.infra.users import NewUser, User
from runtime.screens.account.identity import fresh
from runtime.screens.account.invitation import show_link
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, instant, joined
from runtime.screens.people.rights import rights_of
from runtime.screens.people.words import full_name, role_names, roles_of_apps
from runtime.screens.render import go, render
from runtime.screens.routes import permission

HERE: Final = "screens.users"
REFUSED: Final = frozenset({400, 403, 409, 422})


@dataclass(frozen=True)
class Somebody:
    """One person on the list."""

    id: int
    name: str
    display_name: str
    href: str
    roles: str
    departments: str
    seen: str
    is_admin: bool
    is_disabled: bool
    is_waiting: bool


@permission("admin")
def users_page() -> Response:
    """Show everybody, and what it takes to invite somebody."""
    return _list()


@permission("admin")
@fresh(HERE)
def invite_user() -> Any:
    """Make a person, and show the link with which they set their password."""
    sent = request.form
    name, display_name = sent.get("name", ""), sent.get("display_name", "")

    def invite(act: Act) -> invitations.Link:
        roles = _roles_sent(act)
        new = NewUser(name, "", roles, display_name, is_admin="is_admin" in sent)
        return invitations.invite(act, new)

    try:
        link = carry_out(invite)
    except AppError as refusal:
        return _list(_told(refusal), refusal.status)
    return show_link(link)


@permission("admin")
def user(user_id: int) -> Response:
    """Show one person, and what their roles come to (`?app=&form=&record=&field=`)."""
    return _one(user_id)


@permission("admin")
@fresh(HERE)
def change_user(user_id: int) -> Any:
    """Give somebody exactly these roles, and make them an administrator or not."""

    def change(act: Act) -> None:
        roles = _roles_sent(act)
        before = users.get(act.connection, user_id)
        if roles != before.roles:
            users.set_roles(act, user_id, roles)
        users.set_admin(act, user_id, is_admin="is_admin" in request.form)

    return changed(user_id, change)


@permission("admin")
@fresh(HERE)
def lock_user(user_id: int) -> Any:
    """Keep somebody from signing in, or let them in again."""
    wanted = request.form.get("to", "")
    if wanted not in {"locked", "open"}:
        raise BadRequest("form_incomplete")
    is_disabled = wanted == "locked"
    return changed(user_id, lambda act: users.set_disabled(act, user_id, is_disabled=is_disabled))


@permission("admin")
@fresh(HERE)
def end_user_sessions(user_id: int) -> Any:
    """Sign somebody out everywhere."""

    def end(act: Act) -> None:
        users.get(act.connection, user_id)
        users.end_credentials(act, user_id)
        audit.write(act, "sign_out", "user", user_id)

    return changed(user_id, end)


def changed(user_id: int, verb: Callable[[Act], None]) -> Any:
    """Carry out a change of somebody, and show them; a refusal stands on their page."""
    try:
        carry_out(verb)
    except AppError as refusal:
        return _one(user_id, _told(refusal), refusal.status)
    return go("screens.user", user_id=user_id)


def _told(refusal: AppError) -> tuple[str, ...]:
    if refusal.status not in REFUSED:
        raise refusal
    return texts(refusal)


def _roles_sent(act: Act) -> frozenset[str]:
    roles = frozenset(request.form.getlist("role"))
    known = role_names(act)
    if unknown := sorted(roles - known.keys()):
        params = {"role": ", ".join(unknown), "known": ", ".join(sorted(known))}
        raise ValidationFailed(problems=[Problem("/role", "user_role_unknown", params)])
    return roles


def _list(problems: tuple[str, ...] = (), status: int = 200) -> Response:
    wanted = request.args.get("q", "").strip().casefold()
    with reading() as act:
        everybody = tuple(_everybody(act))
        shown = [each for each in everybody if wanted in _words(each)]
        return render(
            "people/users.html",
            status=status,
            problems=problems,
            people=shown,
            total=len(everybody),
            asked=request.args.get("q", ""),
            apps=tuple(roles_of_apps(act)),
            typed=request.form,
        )


def _words(each: Somebody) -> str:
    return " ".join((each.name, each.display_name, each.roles, each.departments)).casefold()


def _everybody(act: Act) -> Iterator[Somebody]:
    names = role_names(act)
    places = _places(act)
    for each in users.everybody(act.connection):
        if is_service(act.connection, each.id):
            continue
        found = sessions.places(act.connection, each, platform().settings, act.now)
        yield Somebody(
            id=each.id,
            name=each.name,
            display_name=each.display_name,
            href=url_for("screens.user", user_id=each.id),
            roles=joined(names.get(code, code) for code in sorted(each.roles)),
            departments=joined(places[key] for key in departments.of_user(act.connection, each.id)),
            seen=instant(max((place.last_seen_at for place in found), default=None)),
            is_admin=each.is_admin,
            is_disabled=each.is_disabled,
            is_waiting=invitations.waiting(act.connection, each.id, act.now) is not None,
        )


def _places(act: Act) -> Mapping[int, str]:
    known = {each.id: each for each in departments.everyone(act.connection)}
    return {key: full_name(each, known) for key, each in known.items()}


def _one(user_id: int, problems: tuple[str, ...] = (), status: int = 200) -> Response:
    with reading() as act:
        found = users.get(act.connection, user_id)
        places = _places(act)
        names = role_names(act)
        return render(
            "people/user.html",
            status=status,
            problems=problems,
            person=found,
            is_me=found.id == act.actor.user_id,
            mail=mailboxes.of(act, user_id),
            has_mail=bool(platform().settings.mail),
            apps=tuple(roles_of_apps(act)),
            lent=joined(names.get(code, code) for code in sorted(found.lent)),
            departments=[
                (places[key], url_for("screens.department", department_id=key))
                for key in departments.of_user(act.connection, user_id)
            ],
            places=_sessions(act, found),
            waits_until=instant(invitations.waiting(act.connection, user_id, act.now)),
            rights=rights_of(act, found, _asked_record()),
        )


def _sessions(act: Act, found: User) -> list[tuple[str, str, str]]:
    open_ones = sessions.places(act.connection, found, platform().settings, act.now)
    return [
        (each.agent or _("未知设备"), each.network, instant(each.last_seen_at))
        for each in open_ones
    ]


def _asked_record() -> int | None:
    text = request.args.get("record", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadRequest("form_incomplete")
    return int(text)
