"""Who stands in for whom while they are away, and from when to when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Row, false, or_, select, update

from runtime.infra import audit
from runtime.infra.act import Act
from runtime.infra.errors import Forbidden, NotFound, Problem, ValidationFailed
from runtime.infra.upsert import insert_row
from runtime.infra.users import user_table
from runtime.workflow.tables import delegations

LONGEST: Final = timedelta(days=366)
# Who stands in may be away too; beyond so many, whoever was asked first is asked.
DEEPEST: Final = 3

_columns = delegations.c


@dataclass(frozen=True)
class Delegation:
    """One person stands in for another for a time; app and form empty: everywhere."""

    id: int
    user_id: int
    to_id: int
    app: str
    form: str
    starts_at: datetime
    ends_at: datetime


class Asked(NamedTuple):
    """What somebody wants: who stands in for whom, for what, from when to when."""

    user_id: int
    to_id: int
    about: tuple[str, str]
    starts_at: datetime
    ends_at: datetime


def create(
    act: Act,
    to_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    about: tuple[str, str] = ("", ""),
    user_id: int | None = None,
) -> int:
    """Let somebody stand in for the actor; an administrator may say so for somebody else."""
    own = act.actor.user_id if user_id is None else user_id
    if own is None or (own != act.actor.user_id and not act.actor.is_admin):
        raise Forbidden("not_your_task")
    problem = _wrong(act, Asked(own, to_id, about, starts_at, ends_at))
    if problem is not None:
        raise ValidationFailed(problems=[problem])
    app, form = about
    values = {
        "user_id": own,
        "to_id": to_id,
        "app": app,
        "form": form,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "created_by": act.actor.user_id,
        "created_at": act.now,
        "ended_at": None,
    }
    made = insert_row(act.connection, delegations, values)
    noted = {"user": own, "to": to_id, "app": app, "form": form}
    audit.write(act, "create", "delegation", made, noted)
    return made


def end(act: Act, delegation_id: int) -> None:
    """Let nobody stand in any more; tasks already handed on stay where they are."""
    row = act.connection.execute(select(delegations).where(_columns.id == delegation_id)).first()
    if row is None or (row.user_id != act.actor.user_id and not act.actor.is_admin):
        raise NotFound
    ending = update(delegations).where(_columns.id == delegation_id, _columns.ended_at.is_(None))
    act.connection.execute(ending.values(ended_at=act.now))
    audit.write(act, "delete", "delegation", delegation_id, {"user": row.user_id, "to": row.to_id})


def mine(act: Act) -> tuple[Delegation, ...]:
    """The actor's own, and those by which they stand in for others, that are not over."""
    own = act.actor.user_id
    return _read(act, or_(_columns.user_id == own, _columns.to_id == own))


def everybody(act: Act) -> tuple[Delegation, ...]:
    """All that are not over, for administrators."""
    if not act.actor.is_admin:
        raise Forbidden("not_your_task")
    return _read(act, _columns.id > 0)


def stand_ins(act: Act, user_ids: Collection[int], app: str, form: str) -> Mapping[int, int]:
    """Who answers now for those of the people who are away: nobody who is away themselves.

    A circle, or a chain that is too long, ends at whoever was asked: they are asked.
    """
    found: dict[int, int] = {}
    for user_id in user_ids:
        seen, here = {user_id}, _next(act, user_id, app, form)
        while here is not None and here not in seen and len(seen) <= DEEPEST:
            seen.add(here)
            further = _next(act, here, app, form)
            if further is None:
                found[user_id] = here
            here = further
    return found


def _next(act: Act, user_id: int, app: str, form: str) -> int | None:
    """Who stands in for a person now; what is said for one form goes before the rest."""
    query = (
        select(_columns.to_id, _columns.form, _columns.app)
        .join(user_table, user_table.c.id == _columns.to_id)
        .where(
            _columns.user_id == user_id,
            *_lasting(act),
            _columns.starts_at <= act.now,
            _columns.app.in_(("", app)),
            _columns.form.in_(("", form)),
            user_table.c.is_disabled == false(),
        )
        .order_by(_columns.form.desc(), _columns.app.desc(), _columns.id.desc())
    )
    return act.connection.execute(query).scalars().first()


def _wrong(act: Act, asked: Asked) -> Problem | None:
    if asked.to_id == asked.user_id:
        return Problem("/to", "delegation_to_oneself")
    query = select(user_table.c.id).where(
        user_table.c.id == asked.to_id, user_table.c.is_disabled == false()
    )
    if act.connection.execute(query).first() is None:
        return Problem("/to", "delegation_to_nobody")
    starts_at, ends_at = asked.starts_at, asked.ends_at
    if not (starts_at < ends_at <= starts_at + LONGEST and ends_at > act.now):
        return Problem("/ends", "delegation_period", {"limit": LONGEST.days})
    during = [
        each
        for each in _read(act, _columns.id > 0)
        if each.starts_at < ends_at and each.ends_at > starts_at
    ]
    own = (each for each in during if each.user_id == asked.user_id)
    if any((each.app, each.form) == asked.about for each in own):
        return Problem("/starts", "delegation_overlaps")
    return _circle(during, asked)


def _circle(during: Collection[Delegation], asked: Asked) -> Problem | None:
    """Whoever stands in must not, over however many, come back to who is away."""
    waiting, seen = {asked.to_id}, set[int]()
    while waiting:
        here = waiting.pop()
        if here == asked.user_id:
            return Problem("/to", "delegation_in_a_circle")
        seen.add(here)
        waiting |= {each.to_id for each in during if each.user_id == here} - seen
    return None


def _lasting(act: Act) -> tuple[ColumnElement[bool], ...]:
    return _columns.ended_at.is_(None), _columns.ends_at > act.now


def _read(act: Act, which: ColumnElement[bool]) -> tuple[Delegation, ...]:
    query = select(delegations).where(which, *_lasting(act)).order_by(_columns.id)
    return tuple(_one(row) for row in act.connection.execute(query))


def _one(row: Row[tuple[object, ...]]) -> Delegation:
    return Delegation(**{name: row._mapping[name] for name in Delegation.__dataclass_fields__})
