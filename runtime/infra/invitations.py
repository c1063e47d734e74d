"""Links with which a person sets a password: the first one, or a new one. Good once, for a day."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Text,
    delete,
    select,
    update,
)

from runtime.infra import audit, passwords, users
from runtime.infra.act import Act
from runtime.infra.columns import Instant, Key
from runtime.infra.db import Database, system_table
from runtime.infra.errors import Forbidden, NotFound
from runtime.infra.service_accounts import is_service
from runtime.infra.sessions import Visitor, counted, digest, forgive
from runtime.infra.upsert import insert_row
from runtime.infra.users import NewUser, User

HOURS: Final = 24
LONGEST_TOKEN: Final = 80
_ATTEMPTS: Final = "#invitation"

invitation_table: Final = system_table(
    "s_invitation",
    Column("id", Key(), primary_key=True),
    Column("user_id", Key(), ForeignKey("s_user.id"), nullable=False),
    # invitation: the first password; reset: a new one.
    Column("kind", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("auth_epoch", Integer, nullable=False),
    Column("created_by", Key()),
    Column("created_at", Instant(), nullable=False),
    Column("expires_at", Instant(), nullable=False),
    Column("used_at", Instant()),
    Index("ix_s_invitation_user_id", "user_id"),
)


@dataclass(frozen=True)
class Link:
    """A link that was made: `token` is known this once."""

    user: User
    token: str
    expires_at: datetime

    def address(self, public_url: str) -> str:
        """Return the address to hand over.

        The token stands behind the #: a browser sends that part to nobody, so no log has it.
        """
        return f"{public_url.rstrip('/')}/invitation#{self.token}"


def invite(act: Act, new: NewUser) -> Link:
    """Make a user nobody can sign in as before the link was used."""
    user = users.create(act, replace(new, password=secrets.token_urlsafe(32)))
    return make(act, user.id, kind="invitation")


def make(act: Act, user_id: int, *, kind: str = "reset") -> Link:
    """Make a link for a person; one that was made before and not used is void."""
    user = users.get(act.connection, user_id)
    if user.is_disabled:
        raise Forbidden("user_is_disabled", {"name": user.display_name})
    if is_service(act.connection, user_id):
        raise Forbidden("user_is_service", {"name": user.display_name})
    open_one = invitation_table.c.used_at.is_(None)
    act.connection.execute(
        delete(invitation_table).where(invitation_table.c.user_id == user_id, open_one)
    )
    token = secrets.token_urlsafe(32)
    values = {
        "user_id": user_id,
        "kind": kind,
        "token_hash": digest(token),
        "auth_epoch": user.auth_epoch,
        "created_by": act.actor.user_id,
        "created_at": act.now,
        "expires_at": act.now + timedelta(hours=HOURS),
    }
    link_id = insert_row(act.connection, invitation_table, values)
    audit.write(act, "invite", "invitation", link_id, {"user": user.name, "kind": kind})
    return Link(user, token, act.now + timedelta(hours=HOURS))


def accept(
    database: Database, token: object, password: object, visitor: Visitor, now: datetime
) -> User:
    """Set the password with a link, and use the link up. Attempts are counted by network."""
    text = token if isinstance(token, str) and len(token) <= LONGEST_TOKEN else ""
    attempt = counted(database, _ATTEMPTS, visitor, now)
    with database.reading() as connection:
        user = _holder(connection, text, now)
    checked = passwords.check(password, names=(user.name, user.display_name))
    with database.transaction() as connection:
        used = update(invitation_table).where(
            invitation_table.c.token_hash == digest(text), invitation_table.c.used_at.is_(None)
        )
        if connection.execute(used.values(used_at=now)).rowcount != 1:
            raise NotFound("invitation_void")
        act = Act(connection, user.actor("screen"), now)
        users.set_password(act, user.id, checked)
        audit.write(act, "accept", "invitation", None, {"user": user.name})
        forgive(connection, attempt)
    return user


def waiting(connection: Connection, user_id: int, now: datetime) -> datetime | None:
    """Return until when an unused link of a person is good, or None."""
    columns = invitation_table.c
    query = select(columns.expires_at).where(
        columns.user_id == user_id, columns.used_at.is_(None), columns.expires_at > now
    )
    return connection.execute(query).scalar()


def sweep(connection: Connection, now: datetime) -> None:
    """Remove links that are over; that they were made and used stands in the audit trail."""
    over = invitation_table.c.expires_at < now - timedelta(hours=HOURS)
    connection.execute(delete(invitation_table).where(over))


def _holder(connection: Connection, token: str, now: datetime) -> User:
    """The person a good link was made for; every other link is void in the same words."""
    query = select(invitation_table).where(invitation_table.c.token_hash == digest(token))
    row = connection.execute(query).first()
    if row is None or row.used_at is not None or row.expires_at <= now:
        raise NotFound("invitation_void")
    user = users.get(connection, row.user_id)
    if user.is_disabled or user.auth_epoch != row.auth_epoch:
        raise NotFound("invitation_void")
    return user
