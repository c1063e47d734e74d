"""Sessions are rows: a cookie is a random text whose hash finds one, and deleting it signs out."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Text,
    delete,
    func,
    select,
    update,
)

from runtime.infra import passwords, users
from runtime.infra.columns import Instant, Key
from runtime.infra.db import Database, system_table
from runtime.infra.errors import NotSignedIn, TooManyRequests
from runtime.infra.settings import Settings
from runtime.infra.upsert import insert_row
from runtime.infra.users import User, user_table

# Attempts are counted for so long; after the first few, each next one has to wait longer.
WINDOW: Final = timedelta(minutes=15)
FREE_ATTEMPTS: Final = 5
LONGEST_WAIT: Final = 60
# One name from many networks, and one network with many names, are slowed down later.
NAME_ATTEMPTS: Final = 50
NETWORK_ATTEMPTS: Final = 100
TOUCH_EVERY: Final = timedelta(minutes=1)

session_table: Final = system_table(
    "s_session",
    Column("id", Key(), primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("user_id", Key(), ForeignKey("s_user.id"), nullable=False),
    Column("auth_epoch", Integer, nullable=False),
    Column("csrf_secret", Text, nullable=False),
    Column("created_at", Instant(), nullable=False),
    Column("last_seen_at", Instant(), nullable=False),
    Column("network", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Index("ix_s_session_user_id", "user_id"),
)

attempt_table: Final = system_table(
    "s_sign_in_attempt",
    Column("id", Key(), primary_key=True),
    Column("name_key", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("at", Instant(), nullable=False),
    Index("ix_s_sign_in_attempt_name_key", "name_key", "at"),
    Index("ix_s_sign_in_attempt_network", "network", "at"),
)


@dataclass(frozen=True)
class Visitor:
    """Where a request comes from."""

    network: str
    agent: str = ""


@dataclass(frozen=True)
class Session:
    """A signed-in person; `token` is known only while the session is being made."""

    id: int
    user: User
    csrf_secret: str
    last_seen_at: datetime
    token: str = ""


def digest(token: str) -> str:
    """Return the hash under which a credential is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(
    database: Database, name: object, password: object, visitor: Visitor, now: datetime
) -> Session:
    """Return a new session, or say that name and password do not fit, or to wait.

    The attempt is written before the password is looked at, so that many at once count too;
    the slow hash runs outside of any transaction.
    """
    text = name if isinstance(name, str) else ""
    key = users.name_key(text)[: users.LONGEST_NAME]
    with database.transaction() as connection:
        attempt = _attempt(connection, key, visitor, now)
        row = connection.execute(
            select(user_table.c.id, user_table.c.password_hash, user_table.c.is_disabled).where(
                user_table.c.name_key == key
            )
        ).first()
    usable = row is not None and not row.is_disabled
    if not passwords.matches(row.password_hash if row and usable else None, password):
        raise NotSignedIn("sign_in_refused")
    assert row is not None, "a password matched, so there is a user"
    assert isinstance(password, str), "only a text matches"
    fresh = passwords.hash_of(password) if passwords.is_outdated(row.password_hash) else None
    with database.transaction() as connection:
        connection.execute(delete(attempt_table).where(attempt_table.c.id == attempt))
        if fresh:
            changed = update(user_table).where(user_table.c.id == row.id)
            connection.execute(changed.values(password_hash=fresh))
        return start(connection, users.get(connection, row.id), visitor, now)


def start(connection: Connection, user: User, visitor: Visitor, now: datetime) -> Session:
    """Open a session with an id nobody has seen before."""
    token, csrf_secret = secrets.token_urlsafe(32), secrets.token_hex(32)
    values = {
        "token_hash": digest(token),
        "user_id": user.id,
        "auth_epoch": user.auth_epoch,
        "csrf_secret": csrf_secret,
        "created_at": now,
        "last_seen_at": now,
        "network": visitor.network,
        "agent": visitor.agent[:200],
    }
    session_id = insert_row(connection, session_table, values)
    return Session(session_id, user, csrf_secret, now, token)


def load(connection: Connection, token: str, settings: Settings, now: datetime) -> Session | None:
    """Return the session of a cookie while it, its user and its epoch are good."""
    row = connection.execute(
        select(session_table).where(session_table.c.token_hash == digest(token))
    ).first()
    if row is None:
        return None
    idle = now - row.last_seen_at > timedelta(minutes=settings.session_idle_minutes)
    old = now - row.created_at > timedelta(hours=settings.session_hours)
    user = users.find(connection, row.user_id)
    if idle or old or user is None or user.is_disabled or user.auth_epoch != row.auth_epoch:
        return None
    return Session(row.id, user, row.csrf_secret, row.last_seen_at)


def is_stale(session: Session, now: datetime) -> bool:
    """Say whether the last use was long enough ago to be worth writing down."""
    return now - session.last_seen_at > TOUCH_EVERY


def touch(connection: Connection, session_id: int, now: datetime) -> None:
    """Write down that a session is in use."""
    changed = update(session_table).where(session_table.c.id == session_id)
    connection.execute(changed.values(last_seen_at=now))


def end(connection: Connection, token: str) -> None:
    """Sign out: the cookie finds nothing any more."""
    connection.execute(delete(session_table).where(session_table.c.token_hash == digest(token)))


def sweep(connection: Connection, settings: Settings, now: datetime) -> None:
    """Remove sessions and attempts whose time is over."""
    idle = now - timedelta(minutes=settings.session_idle_minutes)
    old = now - timedelta(hours=settings.session_hours)
    over = (session_table.c.last_seen_at < idle) | (session_table.c.created_at < old)
    connection.execute(delete(session_table).where(over))
    connection.execute(delete(attempt_table).where(attempt_table.c.at < now - WINDOW))


def _attempt(connection: Connection, key: str, visitor: Visitor, now: datetime) -> int:
    by_name = attempt_table.c.name_key == key
    by_network = attempt_table.c.network == visitor.network
    waits = (
        _wait(connection, by_name & by_network, FREE_ATTEMPTS, now),
        _wait(connection, by_name, NAME_ATTEMPTS, now),
        _wait(connection, by_network, NETWORK_ATTEMPTS, now),
    )
    if max(waits) > 0:
        raise TooManyRequests("sign_in_wait", {"seconds": max(waits)})
    values = {"name_key": key, "network": visitor.network, "at": now}
    return insert_row(connection, attempt_table, values)


def _wait(connection: Connection, condition: ColumnElement[bool], free: int, now: datetime) -> int:
    recent = condition & (attempt_table.c.at > now - WINDOW)
    count, latest = connection.execute(
        select(func.count(), func.max(attempt_table.c.at)).where(recent)
    ).one()
    if count < free:
        return 0
    pause = min(2 ** min(count - free, 10), LONGEST_WAIT)
    left = (latest + timedelta(seconds=pause) - now).total_seconds()
    return max(0, -int(-left // 1))
