"""Sessions are rows: a cookie is a random text whose hash finds one, and deleting it signs out."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)

from runtime.infra import audit, passwords, second_factor, users
from runtime.infra.act import Act
from runtime.infra.columns import Instant, Key
from runtime.infra.db import Database, system_table
from runtime.infra.errors import NotFound, NotSignedIn, TooManyRequests
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
# So long after a password was typed, what decides over an account may be done without asking again.
FRESH: Final = timedelta(minutes=15)
# Names cannot contain this: the attempts of a second step are not those of somebody's name.
_CODES: Final = "#code:"
log: Final = structlog.get_logger("sessions")

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

# Asked at every request: the session of a token, whose it is, and what is asked of them.
_LOADED: Final = (
    select(
        *users.PERSON,
        second_factor.LACKED.label("lacks_factor"),
        session_table.c.id.label("session_id"),
        session_table.c.auth_epoch.label("session_epoch"),
        session_table.c.csrf_secret,
        session_table.c.created_at.label("opened_at"),
        session_table.c.last_seen_at,
    )
    .join_from(session_table, user_table, user_table.c.id == session_table.c.user_id)
    .where(session_table.c.token_hash == bindparam("token"))
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
    created_at: datetime | None = None
    lacks_factor: bool = False


@dataclass(frozen=True)
class Place:
    """A session as its owner sees it: where, since when, last used."""

    id: int
    network: str
    agent: str
    created_at: datetime
    last_seen_at: datetime


class SecondFactorNeeded(NotSignedIn):
    """The password fits, and a code is asked for before anything is opened."""

    default_code = "second_factor_needed"

    def __init__(self, user_id: int, auth_epoch: int) -> None:
        super().__init__()
        self.user_id = user_id
        self.auth_epoch = auth_epoch


def digest(token: str) -> str:
    """Return the hash under which a credential is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(
    database: Database, name: object, password: object, visitor: Visitor, now: datetime
) -> Session:
    """Return a new session, or say that name and password do not fit, or to wait.

    The attempt is written before the password is looked at, so that many at once count too;
    the slow hash runs outside of any transaction. Who has a second step is asked for it.
    """
    text = name if isinstance(name, str) else ""
    user_id, attempt = _proved(database, text, password, visitor, now)
    with database.transaction() as connection:
        forgive(connection, attempt)
        user = users.get(connection, user_id)
        if not second_factor.state(connection, user_id).is_on:
            return _opened(connection, user, visitor, now)
    raise SecondFactorNeeded(user.id, user.auth_epoch)


def second_step(
    database: Database,
    waiting: SecondFactorNeeded,
    code: object,
    visitor: Visitor,
    now: datetime,
    keys: tuple[str, ...],
) -> Session:
    """Return a new session for who gave the password a moment ago and gives the code now."""
    attempt = counted(database, f"{_CODES}{waiting.user_id}", visitor, now)
    typed = code if isinstance(code, str) and len(code) <= passwords.LONGEST else ""
    with database.transaction() as connection:
        user = users.find(connection, waiting.user_id)
        if user is None or user.is_disabled or user.auth_epoch != waiting.auth_epoch:
            raise NotSignedIn("sign_in_refused")
        if second_factor.accepts(connection, user.id, typed, now, keys):
            forgive(connection, attempt)
            return _opened(connection, user, visitor, now)
    log.warning("factor_code_refused", user=waiting.user_id, network=visitor.network)
    raise NotSignedIn("factor_code_refused")


def confirm(
    database: Database, session: Session, password: object, visitor: Visitor, now: datetime
) -> Session:
    """Return a fresh session in the place of one whose owner gives the password once more."""
    _, attempt = _proved(database, session.user.name, password, visitor, now)
    with database.transaction() as connection:
        forgive(connection, attempt)
        connection.execute(delete(session_table).where(session_table.c.id == session.id))
        opened = start(connection, session.user, visitor, now)
        act = Act(connection, session.user.actor("screen"), now)
        audit.write(act, "confirm", "session", opened.id)
        return opened


def prove(
    database: Database, session: Session, password: object, visitor: Visitor, now: datetime
) -> None:
    """Ask whoever is signed in for their password again; a wrong one counts like at the door."""
    _, attempt = _proved(database, session.user.name, password, visitor, now)
    with database.transaction() as connection:
        forgive(connection, attempt)


def is_fresh(session: Session, now: datetime) -> bool:
    """Say whether the password was typed a short while ago."""
    return session.created_at is not None and now - session.created_at <= FRESH


def _proved(
    database: Database, name: str, password: object, visitor: Visitor, now: datetime
) -> tuple[int, int]:
    """Return whose name and password these are, and the attempt that was counted."""
    key = users.name_key(name)[: users.LONGEST_NAME]
    attempt = counted(database, key, visitor, now)
    with database.reading() as connection:
        row = connection.execute(
            select(user_table.c.id, user_table.c.password_hash, user_table.c.is_disabled).where(
                user_table.c.name_key == key
            )
        ).first()
    usable = row is not None and not row.is_disabled
    if not passwords.matches(row.password_hash if row and usable else None, password):
        # Not the name that was typed: people type their password there by mistake.
        log.warning("sign_in_refused", user=row.id if row else None, network=visitor.network)
        raise NotSignedIn("sign_in_refused")
    assert row is not None, "a password matched, so there is a user"
    assert isinstance(password, str), "only a text matches"
    if passwords.is_outdated(row.password_hash):
        fresh = passwords.hash_of(password)
        with database.transaction() as connection:
            # Unless somebody has set another one meanwhile.
            same = user_table.c.password_hash == row.password_hash
            changed = update(user_table).where(user_table.c.id == row.id, same)
            connection.execute(changed.values(password_hash=fresh))
    return int(row.id), attempt


def _opened(connection: Connection, user: User, visitor: Visitor, now: datetime) -> Session:
    opened = start(connection, user, visitor, now)
    where = {"network": visitor.network, "agent": visitor.agent[:200]}
    act = Act(connection, user.actor("screen"), now)
    audit.write(act, "sign_in", "session", opened.id, where)
    return opened


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
    return Session(session_id, user, csrf_secret, now, token, now)


def load(connection: Connection, token: str, settings: Settings, now: datetime) -> Session | None:
    """Return the session of a cookie while it, its user and its epoch are good."""
    row = connection.execute(_LOADED, {"token": digest(token)}).mappings().first()
    if row is None:
        return None
    idle = now - row["last_seen_at"] > timedelta(minutes=settings.session_idle_minutes)
    old = now - row["opened_at"] > timedelta(hours=settings.session_hours)
    if idle or old or row["is_disabled"] or row["auth_epoch"] != row["session_epoch"]:
        return None
    return Session(
        row["session_id"],
        users.of_row(row),
        row["csrf_secret"],
        row["last_seen_at"],
        created_at=row["opened_at"],
        lacks_factor=bool(row["lacks_factor"]),
    )


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


def places(
    connection: Connection, user: User, settings: Settings, now: datetime
) -> tuple[Place, ...]:
    """Return where a person is signed in, the last used first."""
    columns = session_table.c
    query = select(*(columns[name] for name in Place.__dataclass_fields__)).where(
        columns.user_id == user.id,
        columns.auth_epoch == user.auth_epoch,
        columns.last_seen_at > now - timedelta(minutes=settings.session_idle_minutes),
        columns.created_at > now - timedelta(hours=settings.session_hours),
    )
    rows = connection.execute(query.order_by(columns.last_seen_at.desc(), columns.id)).mappings()
    return tuple(Place(**row) for row in rows)


def end_place(act: Act, user_id: int, session_id: int) -> None:
    """Sign a person out at one place."""
    own = (session_table.c.user_id == user_id) & (session_table.c.id == session_id)
    if act.connection.execute(delete(session_table).where(own)).rowcount == 0:
        raise NotFound
    audit.write(act, "sign_out", "session", session_id)


def end_others(act: Act, user_id: int, kept: int) -> None:
    """Sign a person out everywhere but here; API tokens stay as they are."""
    others = (session_table.c.user_id == user_id) & (session_table.c.id != kept)
    count = act.connection.execute(delete(session_table).where(others)).rowcount
    audit.write(act, "sign_out", "session", None, {"others": count})


def sweep(connection: Connection, settings: Settings, now: datetime) -> None:
    """Remove sessions and attempts whose time is over."""
    idle = now - timedelta(minutes=settings.session_idle_minutes)
    old = now - timedelta(hours=settings.session_hours)
    over = (session_table.c.last_seen_at < idle) | (session_table.c.created_at < old)
    connection.execute(delete(session_table).where(over))
    connection.execute(delete(attempt_table).where(attempt_table.c.at < now - WINDOW))


def counted(database: Database, key: str, visitor: Visitor, now: datetime) -> int:
    """Write down an attempt before it is made, or say how long to wait."""
    with database.transaction() as connection:
        return _attempt(connection, key, visitor, now)


def forgive(connection: Connection, attempt: int) -> None:
    """Take back an attempt that was right: only wrong ones count."""
    connection.execute(delete(attempt_table).where(attempt_table.c.id == attempt))


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
