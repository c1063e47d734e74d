"""What the product tells people: kept until they have read it, shown with the rights of that day.

`tell` is called by whoever makes something happen, inside the transaction in which it happens. A
notice about a record keeps no words of the record: its title is looked up when it is read, and who
may not view the record any more reads neither title nor `params`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    RowMapping,
    Select,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from runtime.infra import mailboxes, preferences
from runtime.infra.act import Act
from runtime.infra.columns import Instant, JsonText, Key, is_key
from runtime.infra.db import system_table
from runtime.infra.users import user_table

PAGE: Final = 50
# Longer than anybody is on holiday.
KEPT: Final = timedelta(days=90)


class Kind(NamedTuple):
    """A kind of notice; its text is the message `notice_<code>`."""

    code: str
    icon: str
    # What somebody does is no news to them, unless a machine finished it while they were away.
    is_own: bool = False


KINDS: Final = (
    Kind("mention", "at"),
    Kind("comment", "message"),
    Kind("approved", "circle-check"),
    Kind("rejected", "alert-circle"),
    Kind("flow", "sitemap"),
    Kind("job", "loader-2", is_own=True),
    Kind("account", "user", is_own=True),
    Kind("trouble", "alert-triangle", is_own=True),
    Kind("robot", "alert-triangle", is_own=True),
)
# Safety is not a matter of taste: these cannot be switched off.
ALWAYS: Final = frozenset({"account", "trouble", "robot"})
BY_CODE: Final = {kind.code: kind for kind in KINDS}


class Place(NamedTuple):
    """The record a notice is about, and where in its page."""

    app: str
    form: str
    record_id: int
    anchor: str = ""


notice_table: Final = system_table(
    "s_notice",
    Column("id", Key(), primary_key=True),
    Column("user_id", Key(), ForeignKey("s_user.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("params", JsonText(), nullable=False),
    Column("app", Text),
    Column("form", Text),
    Column("record_id", Key()),
    # The part of the record's page, or a whole address of ours where there is no record.
    Column("target", Text, nullable=False),
    Column("at", Instant(), nullable=False),
    Column("read_at", Instant()),
    Index("ix_s_notice_user_id", "user_id", "id"),
    Index("ix_s_notice_unread", "user_id", "read_at"),
    Index("ix_s_notice_at", "at"),
)


@dataclass(frozen=True)
class Notice:
    """One notice as it is kept; `place` is None where it is about no record."""

    id: int
    kind: Kind
    params: Mapping[str, Any]
    place: Place | None
    href: str
    at: datetime
    read_at: datetime | None


def tell(
    act: Act,
    user_ids: Iterable[int],
    kind: str,
    params: Mapping[str, Any],
    link: Place | str,
) -> None:
    """Tell people something, once each; stands or falls with the caller's transaction.

    Nobody is told of what they did themselves, nor of a kind they have switched off, nor when
    their account is closed. `link` is a record, or an address of ours such as a job's.
    """
    chosen = BY_CODE[kind]
    place = link if isinstance(link, Place) else None
    assert place or (str(link).startswith("/") and not str(link).startswith("//")), link
    told = _listeners(act, set(user_ids), chosen)
    row = {
        "kind": kind,
        "params": dict(params),
        "app": place.app if place else None,
        "form": place.form if place else None,
        "record_id": place.record_id if place else None,
        "target": place.anchor if place else str(link),
        "at": act.now,
        "read_at": None,
    }
    if told:
        rows = [{"user_id": user_id, **row} for user_id in told]
        act.connection.execute(insert(notice_table), rows)
        mailboxes.ask(act, told)


def _listeners(act: Act, user_ids: set[int], kind: Kind) -> tuple[int, ...]:
    """Those of the people who want to hear this and still work here."""
    wanted = {user_id for user_id in user_ids if is_key(user_id)}
    if not kind.is_own:
        wanted.discard(act.actor.user_id or 0)
    if kind.code not in ALWAYS:
        wanted -= preferences.who_chose(act.connection, wanted, switch(kind.code), "off")
    query = (
        select(user_table.c.id)
        .where(user_table.c.id.in_(sorted(wanted)), user_table.c.is_disabled == False)  # noqa: E712 - SQL
        .order_by(user_table.c.id)
    )
    return tuple(act.connection.execute(query).scalars()) if wanted else ()


def switch(kind: str) -> str:
    """Return the name of the preference that turns a kind off."""
    return f"notice.{kind}"


def mine(
    act: Act, *, before: int | None = None, is_unread: bool = False, limit: int = PAGE
) -> tuple[Notice, ...]:
    """Return the actor's notices, the latest first; `before` is the last one already seen."""
    query: Select[Any] = select(notice_table).where(notice_table.c.user_id == act.actor.user_id)
    if is_unread:
        query = query.where(notice_table.c.read_at.is_(None))
    if is_key(before):
        query = query.where(notice_table.c.id < before)
    rows = act.connection.execute(query.order_by(notice_table.c.id.desc()).limit(limit)).mappings()
    return tuple(_notice(row) for row in rows if row["kind"] in BY_CODE)


def unread(user_id: Any) -> Select[Any]:
    """How many somebody has not read, as a query: the figure on the bell."""
    mine = (notice_table.c.user_id == user_id) & notice_table.c.read_at.is_(None)
    return select(func.count()).where(mine)


def count_unread(act: Act) -> int:
    """How many the actor has not read."""
    return int(act.connection.scalar(unread(act.actor.user_id)) or 0)


def mark_read(act: Act, ids: Collection[int] | None = None) -> None:
    """Note that the actor has read these, or all there are; somebody else's stay as they are."""
    _mark(act, None if ids is None else notice_table.c.id.in_(sorted(filter(is_key, ids))))


def mark_place_read(act: Act, place: Place) -> None:
    """Note that the actor has opened a record: what was told about it is read."""
    at = (notice_table.c.app == place.app) & (notice_table.c.form == place.form)
    _mark(act, at & (notice_table.c.record_id == place.record_id))


def _mark(act: Act, which: Any) -> None:
    changed = update(notice_table).where(
        notice_table.c.user_id == act.actor.user_id, notice_table.c.read_at.is_(None)
    )
    if which is not None:
        changed = changed.where(which)
    act.connection.execute(changed.values(read_at=act.now))


def sweep(connection: Connection, now: datetime) -> None:
    """Remove what nobody will look for any more."""
    connection.execute(delete(notice_table).where(notice_table.c.at < now - KEPT))


def _notice(row: RowMapping) -> Notice:
    has_place = row["record_id"] is not None
    place = Place(row["app"], row["form"], row["record_id"], row["target"]) if has_place else None
    return Notice(
        id=row["id"],
        kind=BY_CODE[row["kind"]],
        params=row["params"],
        place=place,
        href="" if has_place else row["target"],
        at=row["at"],
        read_at=row["read_at"],
    )
