"""Who comes and which records are theirs, as a programmer writes it by hand for one company.

The session or token is looked up by its hash with its person, who must not be locked out and not
have changed their password since; their roles are read; sales see what their departments made.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, Connection, Table, false, select

from bench.seeds import NOW
from runtime.infra.departments import member_table
from runtime.infra.sessions import session_table
from runtime.infra.tokens import token_table
from runtime.infra.users import user_role_table, user_table


@dataclass(frozen=True)
class Person:
    """Who asks."""

    id: int
    name: str
    sees_all: bool


def by_session(connection: Connection, token: str, idle_seconds: int = 8 * 3600) -> Person:
    """Whose session a cookie is."""
    person = _person(connection, session_table, token)
    if (NOW - person.last_seen_at).total_seconds() > idle_seconds:
        abort(401)
    return _with_roles(connection, person)


def by_token(connection: Connection, token: str) -> Person:
    """Whose token a program has."""
    person = _person(connection, token_table, token)
    if person.expires_at <= NOW:
        abort(401)
    return _with_roles(connection, person)


def theirs(person: Person, records: Table) -> ColumnElement[bool] | None:
    """The records somebody sees, None for all: those made by people of their departments."""
    if person.sees_all:
        return None
    own = select(member_table.c.department_id).where(member_table.c.user_id == person.id)
    people = select(member_table.c.user_id).where(member_table.c.department_id.in_(own))
    made_by = records.c.created_by
    return (made_by == person.id) | made_by.in_(people)


def _person(connection: Connection, kept: Table, token: str) -> Any:
    digest = hashlib.sha256(token.encode()).hexdigest()
    person = connection.execute(
        select(kept, user_table.c.display_name, user_table.c.is_admin)
        .join_from(kept, user_table, user_table.c.id == kept.c.user_id)
        .where(
            kept.c.token_hash == digest,
            user_table.c.is_disabled == false(),
            user_table.c.auth_epoch == kept.c.auth_epoch,
        )
    ).first()
    if person is None:
        abort(401)
    return person


def _with_roles(connection: Connection, person: Any) -> Person:
    held = select(user_role_table.c.role).where(user_role_table.c.user_id == person.user_id)
    roles = set(connection.execute(held).scalars())
    if not person.is_admin and "sales" not in roles:
        abort(403)
    return Person(person.user_id, person.display_name, person.is_admin)
