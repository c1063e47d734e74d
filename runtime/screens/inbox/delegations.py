"""Being away: who decides in one's place, for what, from which day to which."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from runtime import access
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, NotFound
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.i18n import _, label, zone
from runtime.screens.inbox.page import trouble_of
from runtime.screens.render import go, render
from runtime.screens.routes import permission
from runtime.workflow import delegation
from runtime.workflow.delegation import Delegation

ANSWERED_HERE = frozenset({400, 409, 422})


@dataclass(frozen=True)
class Line:
    """One delegation in words; `href` ends it, where the reader may."""

    who: str
    to: str
    about: str
    first: date
    last: date
    is_now: bool
    href: str


@dataclass(frozen=True)
class Choice:
    """One entry of a box one chooses from."""

    value: str
    text: str


@permission("signed_in")
def show_delegations() -> Response:
    """Show who stands in for the reader, and for whom they stand in."""
    with reading() as act:
        return _page(act)


@permission("signed_in")
def create_delegation() -> AnyResponse:
    """Let somebody stand in for the actor from one day to another."""
    to_id, about = request.form.get("to", type=int), request.form.get("about", "")
    try:
        starts, ends = _moment("first"), _moment("last") + timedelta(days=1)
        if to_id is None:
            raise BadRequest("form_incomplete")
        carry_out(lambda act: _create(act, to_id, (starts, ends), about))
    except AppError as error:
        if error.status not in ANSWERED_HERE:
            raise
        with reading() as act:
            return _page(act, status=error.status, problem=trouble_of(error), typed=request.form)
    return go("screens.delegations")


@permission("signed_in")
def end_delegation(delegation_id: int) -> AnyResponse:
    """Let nobody stand in any more."""
    carry_out(lambda act: delegation.end(act, delegation_id))
    return go("screens.delegations")


def _create(act: Act, to_id: int, period: tuple[datetime, datetime], about: str) -> int:
    app, _dot, form = about.partition(".")
    if about and about not in {choice.value for choice in _forms(act)}:
        raise NotFound
    return delegation.create(act, to_id, *period, about=(app, form))


def _moment(name: str) -> datetime:
    """The beginning of a day where the company is."""
    try:
        day = date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise BadRequest("form_incomplete") from None
    return datetime.combine(day, time(), zone())


def _page(act: Act, *, status: int = 200, **said: Any) -> Response:
    people = [
        Choice(str(user.id), user.display_name)
        for user in users.everybody(act.connection)
        if not user.is_disabled and user.id != act.actor.user_id
    ]
    mine = delegation.mine(act)
    return render(
        "inbox/delegations.html",
        status=status,
        given=tuple(_lines(act, [each for each in mine if each.user_id == act.actor.user_id])),
        taken=tuple(_lines(act, [each for each in mine if each.to_id == act.actor.user_id])),
        people=people,
        forms=tuple(_forms(act)),
        today=act.now.astimezone(zone()).date(),
        **{"problem": None, "typed": {}, **said},
    )


def _lines(act: Act, found: list[Delegation]) -> Iterator[Line]:
    names = users.names(act.connection, {key for one in found for key in (one.user_id, one.to_id)})
    words = {choice.value: choice.text for choice in _forms(act)}
    for each in found:
        is_own = each.user_id == act.actor.user_id
        href = url_for("screens.end_delegation", delegation_id=each.id) if is_own else ""
        last = each.ends_at.astimezone(zone()) - timedelta(seconds=1)
        yield Line(
            names.get(each.user_id, ""),
            names.get(each.to_id, ""),
            words.get(f"{each.app}.{each.form}", each.form) if each.app else _("所有单据"),
            each.starts_at.astimezone(zone()).date(),
            last.date(),
            each.starts_at <= act.now,
            href,
        )


def _forms(act: Act) -> Iterator[Choice]:
    """Yield the forms with an approval that the actor may view."""
    for app in platform().catalogue.apps(act.connection):
        for form in app.forms.values():
            if form.workflow is not None and access.may(act.actor, "view", form):
                yield Choice(f"{app.code}.{form.code}", label(form.label))
