"""Accounts of programs: they hold tokens and roles, and nobody signs in as them."""

import secrets
from typing import Final

from sqlalchemy import Column, Connection, ForeignKey, Text, exists, insert, select

from runtime.infra import audit, users
from runtime.infra.act import Act
from runtime.infra.columns import Instant, Key
from runtime.infra.db import system_table
from runtime.infra.users import NewUser, User

LONGEST_PURPOSE: Final = 200

service_table: Final = system_table(
    "s_service_account",
    Column("user_id", Key(), ForeignKey("s_user.id"), primary_key=True, autoincrement=False),
    Column("purpose", Text, nullable=False),
    Column("created_by", Key()),
    Column("created_at", Instant(), nullable=False),
)


def create(act: Act, name: str, roles: frozenset[str], purpose: str) -> User:
    """Make an account for a program; its password is known to nobody."""
    user = users.create(act, NewUser(name, secrets.token_urlsafe(32), roles))
    values = {
        "user_id": user.id,
        "purpose": purpose.strip()[:LONGEST_PURPOSE],
        "created_by": act.actor.user_id,
        "created_at": act.now,
    }
    act.connection.execute(insert(service_table).values(values))
    audit.write(act, "update", "user", user.id, {"service": purpose.strip()[:LONGEST_PURPOSE]})
    return user


def is_service(connection: Connection, user_id: int) -> bool:
    """Say whether an account belongs to a program."""
    return bool(
        connection.execute(select(exists().where(service_table.c.user_id == user_id))).scalar()
    )


def everyone(connection: Connection) -> tuple[tuple[User, str], ...]:
    """Return the accounts of programs with what each is for."""
    purposes = {row.user_id: row.purpose for row in connection.execute(select(service_table))}
    return tuple(
        (user, purposes[user.id]) for user in users.everybody(connection) if user.id in purposes
    )
