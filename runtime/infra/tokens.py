"""API tokens: shown once, kept as a hash, with a scope and an end."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Select,
    Text,
    bindparam,
    delete,
    insert,
    select,
)

from runtime.infra import audit, users
from runtime.infra.act import Act
from runtime.infra.columns import Instant, JsonText, Key
from runtime.infra.db import system_table
from runtime.infra.errors import NotFound, Problem, ValidationFailed
from runtime.infra.sessions import TOUCH_EVERY, digest
from runtime.infra.upsert import insert_into, insert_row
from runtime.infra.users import User, user_table

# Each scope contains the ones before it.
SCOPES: Final = ("read", "write", "design")
LONGEST_DAYS: Final = 730
LONGEST_LABEL: Final = 100
PREFIX: Final = "dj_"

token_table: Final = system_table(
    "s_token",
    Column("id", Key(), primary_key=True),
    Column("user_id", Key(), ForeignKey("s_user.id"), nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("auth_epoch", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("created_at", Instant(), nullable=False),
    Column("expires_at", Instant(), nullable=False),
    Index("ix_s_token_user_id", "user_id"),
)
# What a token may reach, and when it was last used; a token of before this table has no row.
use_table: Final = system_table(
    "s_token_use",
    Column("token_id", Key(), ForeignKey("s_token.id"), primary_key=True, autoincrement=False),
    # Apps and forms by name, `jxc` or `jxc.item`; none: everything its user may.
    Column("reach", JsonText(), nullable=False),
    Column("last_used_at", Instant()),
    Column("network", Text, nullable=False),
)
# Asked at every request: the token, and whose it is.
_LOADED: Final = (
    select(
        *users.PERSON,
        token_table.c.id.label("token_id"),
        token_table.c.auth_epoch.label("token_epoch"),
        token_table.c.scope,
        token_table.c.expires_at,
        use_table.c.reach,
        use_table.c.last_used_at,
    )
    .join_from(token_table, user_table, user_table.c.id == token_table.c.user_id)
    .outerjoin(use_table, use_table.c.token_id == token_table.c.id)
    .where(token_table.c.token_hash == bindparam("token"))
)


@dataclass(frozen=True)
class Bearer:
    """Who a token speaks for, and how far it reaches."""

    user: User
    scope: str
    token_id: int = 0
    reach: frozenset[str] = frozenset()
    last_used_at: datetime | None = None

    def reaches(self, scope: str) -> bool:
        """Say whether the token may do what needs `scope`."""
        return SCOPES.index(scope) <= SCOPES.index(self.scope)

    def covers(self, app: str, form: str) -> bool:
        """Say whether the token reaches a form of an app, or with no form the app itself."""
        return not self.reach or app in self.reach or bool(form and f"{app}.{form}" in self.reach)

    def is_stale(self, now: datetime) -> bool:
        """Say whether the last use was long enough ago to be worth writing down."""
        return self.last_used_at is None or now - self.last_used_at > TOUCH_EVERY


@dataclass(frozen=True)
class Token:
    """A token as its owner sees it: everything but the token."""

    id: int
    label: str
    scope: str
    reach: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    network: str


def create(
    act: Act,
    user_id: int,
    *,
    scope: str,
    days: int,
    label: str = "",
    reach: Collection[str] = (),
) -> str:
    """Make a token and return it: the only time anybody sees it."""
    problems = []
    if len(label) > LONGEST_LABEL or not (label.isprintable() or not label):
        problems.append(Problem("/label", "token_label", {"limit": LONGEST_LABEL}))
    if scope not in SCOPES:
        problems.append(Problem("/scope", "choice_unknown", {"value": scope}))
    if not 0 < days <= LONGEST_DAYS:
        problems.append(Problem("/days", "token_days", {"longest": LONGEST_DAYS}))
    if problems:
        raise ValidationFailed(problems=problems)
    user = users.get(act.connection, user_id)
    token = PREFIX + secrets.token_urlsafe(32)
    values = {
        "user_id": user.id,
        "token_hash": digest(token),
        "auth_epoch": user.auth_epoch,
        "label": label,
        "scope": scope,
        "created_at": act.now,
        "expires_at": act.now + timedelta(days=days),
    }
    token_id = insert_row(act.connection, token_table, values)
    used = {"token_id": token_id, "reach": sorted(set(reach)), "network": ""}
    act.connection.execute(insert(use_table).values(used))
    changes: dict[str, Any] = {"user": user.name, "scope": scope, "days": days, "label": label}
    if reach:
        changes["reach"] = sorted(set(reach))
    audit.write(act, "create", "token", token_id, changes)
    return token


def load(connection: Connection, token: str, now: datetime) -> Bearer | None:
    """Return who a token speaks for, while it, its user and its epoch are good."""
    row = connection.execute(_LOADED, {"token": digest(token)}).mappings().first()
    if row is None or row["expires_at"] <= now:
        return None
    if row["is_disabled"] or row["auth_epoch"] != row["token_epoch"]:
        return None
    user, reach = users.of_row(row), frozenset(row["reach"] or ())
    return Bearer(user, row["scope"], row["token_id"], reach, row["last_used_at"])


def touch(connection: Connection, bearer: Bearer, network: str, now: datetime) -> None:
    """Write down that a token is in use, and from where."""
    used = {"last_used_at": now, "network": network}
    noting = insert_into(connection, use_table).values(
        token_id=bearer.token_id, reach=sorted(bearer.reach), **used
    )
    connection.execute(noting.on_conflict_do_update(index_elements=["token_id"], set_=used))


def of_user(connection: Connection, user: User, now: datetime) -> tuple[Token, ...]:
    """Return the tokens of a person that are still good, the latest first."""
    query = _with_use().where(
        token_table.c.user_id == user.id,
        token_table.c.auth_epoch == user.auth_epoch,
        token_table.c.expires_at > now,
    )
    return tuple(
        Token(
            row.id,
            row.label,
            row.scope,
            tuple(row.reach or ()),
            row.created_at,
            row.expires_at,
            row.last_used_at,
            row.network or "",
        )
        for row in connection.execute(query.order_by(token_table.c.id.desc()))
    )


def owner(connection: Connection, token_id: int) -> int | None:
    """Return whose token it is, or None."""
    query = select(token_table.c.user_id).where(token_table.c.id == token_id)
    return connection.execute(query).scalar()


def revoke(act: Act, token_id: int, *, user_id: int | None = None) -> None:
    """End a token; with `user_id` only one of that person."""
    own = token_table.c.id == token_id
    if user_id is not None:
        own &= token_table.c.user_id == user_id
    if act.connection.execute(select(token_table.c.id).where(own)).first() is None:
        raise NotFound
    act.connection.execute(delete(use_table).where(use_table.c.token_id == token_id))
    act.connection.execute(delete(token_table).where(own))
    audit.write(act, "delete", "token", token_id)


def _with_use() -> Select[Any]:
    columns = (use_table.c.reach, use_table.c.last_used_at, use_table.c.network)
    return select(token_table, *columns).outerjoin(
        use_table, use_table.c.token_id == token_table.c.id
    )
