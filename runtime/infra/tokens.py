"""API tokens: shown once, kept as a hash, with a scope and an end."""

import secrets
from dataclasses import dataclass
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
)

from runtime.infra import audit, users
from runtime.infra.act import Act
from runtime.infra.columns import Instant, Key
from runtime.infra.db import system_table
from runtime.infra.errors import NotFound, Problem, ValidationFailed
from runtime.infra.sessions import digest
from runtime.infra.upsert import insert_row
from runtime.infra.users import User

# Each scope contains the ones before it.
SCOPES: Final = ("read", "write", "design")
LONGEST_DAYS: Final = 730
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


@dataclass(frozen=True)
class Bearer:
    """Who a token speaks for, and how far it reaches."""

    user: User
    scope: str

    def reaches(self, scope: str) -> bool:
        """Say whether the token may do what needs `scope`."""
        return SCOPES.index(scope) <= SCOPES.index(self.scope)


def create(act: Act, user_id: int, *, scope: str, days: int, label: str = "") -> str:
    """Make a token and return it: the only time anybody sees it."""
    problems = []
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
    changes = {"user": user.name, "scope": scope, "days": days, "label": label}
    audit.write(act, "create", "token", token_id, changes)
    return token


def load(connection: Connection, token: str, now: datetime) -> Bearer | None:
    """Return who a token speaks for, while it, its user and its epoch are good."""
    row = connection.execute(
        select(token_table).where(token_table.c.token_hash == digest(token))
    ).first()
    if row is None or row.expires_at <= now:
        return None
    user = users.find(connection, row.user_id)
    if user is None or user.is_disabled or user.auth_epoch != row.auth_epoch:
        return None
    return Bearer(user, row.scope)


def revoke(act: Act, token_id: int) -> None:
    """End a token."""
    result = act.connection.execute(delete(token_table).where(token_table.c.id == token_id))
    if result.rowcount == 0:
        raise NotFound
    audit.write(act, "delete", "token", token_id)
