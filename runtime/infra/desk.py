"""What lies on a person's desk: the records they opened last, the pages they pinned."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    delete,
    func,
    select,
)

from runtime.infra.act import Act
from runtime.infra.columns import Instant, Key, is_key
from runtime.infra.db import system_table
from runtime.infra.errors import Problem, ValidationFailed
from runtime.infra.upsert import insert_into

KEPT: Final = 40
MOST_PINS: Final = 24
LONGEST_LABEL: Final = 60
LONGEST_ADDRESS: Final = 2000

opened_table: Final = system_table(
    "s_opened",
    Column("user_id", Key(), ForeignKey("s_user.id"), primary_key=True),
    Column("app", Text, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("record_id", Key(), primary_key=True),
    Column("at", Instant(), nullable=False),
    Index("ix_s_opened_at", "user_id", "at"),
)

pin_table: Final = system_table(
    "s_pin",
    Column("id", Key(), primary_key=True),
    Column("user_id", Key(), ForeignKey("s_user.id"), nullable=False),
    Column("href", Text, nullable=False),
    Column("label", Text, nullable=False),
    UniqueConstraint("user_id", "href"),
)


class Opened(NamedTuple):
    """A record somebody had open, and when."""

    app: str
    form: str
    record_id: int
    at: datetime


@dataclass(frozen=True)
class Pin:
    """A page somebody wants at hand."""

    id: int
    href: str
    label: str


def note_opened(act: Act, app: str, form: str, record_id: int) -> None:
    """Put a record on top of what the actor had open; the oldest falls off."""
    key = {"user_id": act.actor.user_id, "app": app, "form": form, "record_id": record_id}
    kept = insert_into(act.connection, opened_table).values(**key, at=act.now)
    act.connection.execute(
        kept.on_conflict_do_update(
            index_elements=["user_id", "app", "form", "record_id"], set_={"at": act.now}
        )
    )
    mine = opened_table.c.user_id == act.actor.user_id
    # The last one that stays; there is none as long as there are few.
    last = (
        select(opened_table.c.at)
        .where(mine)
        .order_by(opened_table.c.at.desc())
        .offset(KEPT - 1)
        .limit(1)
        .scalar_subquery()
    )
    act.connection.execute(delete(opened_table).where(mine, opened_table.c.at < last))


def opened(act: Act, limit: int) -> tuple[Opened, ...]:
    """Return what the actor had open, the latest first; rights are the reader's to ask."""
    columns = opened_table.c
    query = (
        select(columns.app, columns.form, columns.record_id, columns.at)
        .where(columns.user_id == act.actor.user_id)
        .order_by(columns.at.desc(), columns.record_id.desc())
        .limit(limit)
    )
    return tuple(Opened(*row) for row in act.connection.execute(query))


def opened_at(act: Act, app: str, form: str, record_id: int) -> datetime | None:
    """Return when the actor had a record open last, as far as that is still known."""
    columns = opened_table.c
    mine = (columns.user_id == act.actor.user_id, columns.app == app, columns.form == form)
    query = select(columns.at).where(*mine, columns.record_id == record_id)
    return act.connection.execute(query).scalar()


def pins(act: Act) -> tuple[Pin, ...]:
    """Return the actor's pinned pages in the order they were pinned."""
    query = select(pin_table).where(pin_table.c.user_id == act.actor.user_id)
    rows = act.connection.execute(query.order_by(pin_table.c.id))
    return tuple(Pin(row.id, row.href, row.label) for row in rows)


def pin(act: Act, href: str, label: str) -> None:
    """Pin a page; pinned already, it takes the new name."""
    name = " ".join(label.split())
    if not 0 < len(name) <= LONGEST_LABEL or not name.isprintable():
        limit = {"limit": LONGEST_LABEL}
        raise ValidationFailed(problems=[Problem("/label", "pin_label_invalid", limit)])
    mine = pin_table.c.user_id == act.actor.user_id
    count = act.connection.scalar(select(func.count()).where(mine, pin_table.c.href != href)) or 0
    if count >= MOST_PINS:
        problem = Problem("/href", "too_many_pins", {"limit": MOST_PINS})
        raise ValidationFailed(problems=[problem])
    row = {"user_id": act.actor.user_id, "href": href, "label": name}
    kept = insert_into(act.connection, pin_table).values(row)
    act.connection.execute(
        kept.on_conflict_do_update(index_elements=["user_id", "href"], set_={"label": name})
    )


def unpin(act: Act, pin_id: int) -> None:
    """Take a pin away; somebody else's stays."""
    mine = pin_table.c.user_id == act.actor.user_id
    if is_key(pin_id):
        act.connection.execute(delete(pin_table).where(mine, pin_table.c.id == pin_id))


def rename(act: Act, pin_id: int, label: str) -> None:
    """Give a pin another name."""
    found = next((each for each in pins(act) if each.id == pin_id), None)
    if found is not None:
        pin(act, found.href, label)
