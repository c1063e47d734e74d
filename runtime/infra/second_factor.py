"""The second step of signing in: a code of an app, or one of ten codes kept on paper."""

import secrets
from base64 import b32encode
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from runtime.infra import audit, kept_secret, lent_roles, totp, users
from runtime.infra.act import Act
from runtime.infra.columns import Instant, Key
from runtime.infra.db import system_table
from runtime.infra.errors import Conflict, Forbidden, Problem, ValidationFailed
from runtime.infra.upsert import insert_into

PURPOSE: Final = "second factor"
CODES: Final = 10
CODE_BYTES: Final = 10
# Beside roles: everybody, and those who administer.
EVERYBODY: Final = "@everybody"
ADMINISTRATORS: Final = "@administrators"
_NEVER: Final = 0

factor_table: Final = system_table(
    "s_second_factor",
    Column("user_id", Key(), ForeignKey("s_user.id"), primary_key=True, autoincrement=False),
    Column("secret", Text, nullable=False),
    # The half minute of the last code that was used: none is good twice.
    Column("last_step", Key(), nullable=False),
    Column("created_at", Instant(), nullable=False),
    Column("confirmed_at", Instant()),
)
recovery_table: Final = system_table(
    "s_recovery_code",
    Column("id", Key(), primary_key=True),
    Column("user_id", Key(), ForeignKey("s_user.id"), nullable=False),
    Column("code_hash", Text, nullable=False),
    Column("used_at", Instant()),
    Index("ix_s_recovery_code_user_id", "user_id"),
)
rule_table: Final = system_table("s_factor_rule", Column("role", Text, primary_key=True))

# Asked at every request, so they are put together once.
_ASKS: Final = exists().where(rule_table.c.role.in_(bindparam("roles", expanding=True)))
_ASKED: Final = select(_ASKS)


def _lacked() -> ColumnElement[bool]:
    """Whether a rule asks it of the person a row is about and it is not on: part of that row."""
    person, held = users.user_table.c, users.user_role_table.c
    called = rule_table.c.role
    own = select(held.role).where(held.user_id == person.id).correlate(users.user_table)
    lent = lent_roles.of(person.id).correlate(users.user_table)
    asked = or_(
        called == EVERYBODY,
        and_(called == ADMINISTRATORS, person.is_admin == true()),
        called.in_(own),
        called.in_(lent),
    )
    is_on = exists().where(
        factor_table.c.user_id == person.id, factor_table.c.confirmed_at.is_not(None)
    )
    return exists().where(asked).correlate(users.user_table) & ~is_on.correlate(users.user_table)


LACKED: Final = _lacked()


@dataclass(frozen=True)
class Factor:
    """How far somebody is with the second step."""

    is_on: bool
    since: datetime | None = None
    codes_left: int = 0


def state(connection: Connection, user_id: int) -> Factor:
    """Return whether the second step is asked of a person, and how many codes are left."""
    query = select(factor_table.c.confirmed_at).where(factor_table.c.user_id == user_id)
    since = connection.execute(query).scalar()
    if since is None:
        return Factor(is_on=False)
    unused = (recovery_table.c.user_id == user_id) & recovery_table.c.used_at.is_(None)
    left = connection.execute(select(func.count()).select_from(recovery_table).where(unused))
    return Factor(is_on=True, since=since, codes_left=int(left.scalar_one()))


def begin(act: Act, user_id: int, keys: tuple[str, ...]) -> None:
    """Make a secret that counts once a code of it was typed; an earlier unfinished one is gone."""
    if state(act.connection, user_id).is_on:
        raise Conflict("factor_is_on")
    values = {
        "secret": kept_secret.hide(totp.new_secret(), PURPOSE, keys),
        "last_step": _NEVER,
        "created_at": act.now,
    }
    making = insert_into(act.connection, factor_table).values(user_id=user_id, **values)
    act.connection.execute(making.on_conflict_do_update(index_elements=["user_id"], set_=values))


def unfinished(connection: Connection, user_id: int, keys: tuple[str, ...]) -> bytes | None:
    """Return the secret somebody is about to put into an app, or None."""
    open_one = (factor_table.c.user_id == user_id) & factor_table.c.confirmed_at.is_(None)
    stored = connection.execute(select(factor_table.c.secret).where(open_one)).scalar()
    return None if stored is None else kept_secret.reveal(stored, PURPOSE, keys)


def confirm(act: Act, user_id: int, typed: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Turn the second step on; returns the codes for paper, the only time anybody sees them."""
    secret = unfinished(act.connection, user_id, keys)
    if secret is None or not _take_step(act.connection, user_id, secret, typed, act.now):
        raise ValidationFailed(problems=[Problem("/code", "factor_code_refused")])
    own = factor_table.c.user_id == user_id
    act.connection.execute(update(factor_table).where(own).values(confirmed_at=act.now))
    audit.write(act, "create", "second_factor", user_id)
    return renew_codes(act, user_id)


def renew_codes(act: Act, user_id: int) -> tuple[str, ...]:
    """Make ten new codes for paper; the ones before are void."""
    made = tuple(_spelled(secrets.token_bytes(CODE_BYTES)) for _ in range(CODES))
    act.connection.execute(delete(recovery_table).where(recovery_table.c.user_id == user_id))
    rows = [{"user_id": user_id, "code_hash": _hash(code)} for code in made]
    act.connection.execute(insert(recovery_table), rows)
    audit.write(act, "update", "second_factor", user_id, {"codes": CODES})
    return made


def remove(act: Act, user_id: int, *, by_rule: bool = True) -> None:
    """Turn the second step off; where a rule asks for it only an administrator may."""
    if by_rule and is_required(act.connection, users.get(act.connection, user_id)):
        raise Forbidden("factor_is_required")
    for table in (recovery_table, factor_table):
        act.connection.execute(delete(table).where(table.c.user_id == user_id))
    audit.write(act, "delete", "second_factor", user_id)


def accepts(
    connection: Connection, user_id: int, typed: str, now: datetime, keys: tuple[str, ...]
) -> bool:
    """Say whether a code is right, and use it up: it is good this once."""
    plain = "".join(typed.split())
    own = (factor_table.c.user_id == user_id) & factor_table.c.confirmed_at.is_not(None)
    stored = connection.execute(select(factor_table.c.secret).where(own)).scalar()
    if stored is None:
        return False
    secret = kept_secret.reveal(stored, PURPOSE, keys)
    if secret is not None and _take_step(connection, user_id, secret, plain, now):
        return True
    used = update(recovery_table).where(
        recovery_table.c.user_id == user_id,
        recovery_table.c.code_hash == _hash(plain),
        recovery_table.c.used_at.is_(None),
    )
    return connection.execute(used.values(used_at=now)).rowcount == 1


def rules(connection: Connection) -> frozenset[str]:
    """Return the roles the second step is asked of."""
    return frozenset(connection.execute(select(rule_table.c.role)).scalars())


def set_rules(act: Act, roles: Collection[str]) -> None:
    """Ask the second step of exactly these roles; who lacks it sets it up at the next page."""
    before, after = sorted(rules(act.connection)), sorted(set(roles))
    act.connection.execute(delete(rule_table))
    if after:
        act.connection.execute(insert(rule_table), [{"role": role} for role in after])
    audit.write(act, "update", "second_factor", None, {"roles": [before, after]})


def is_required(connection: Connection, user: users.User) -> bool:
    """Say whether a rule asks the second step of a person."""
    return bool(connection.execute(_ASKED, {"roles": sorted(_called(user))}).scalar())


def _called(user: users.User) -> frozenset[str]:
    """What the rules call the person."""
    held = user.roles | user.lent | {EVERYBODY}
    return held | {ADMINISTRATORS} if user.is_admin else held


def _take_step(
    connection: Connection, user_id: int, secret: bytes, typed: str, now: datetime
) -> bool:
    # The condition decides between two who type the same code at once.
    own = factor_table.c.user_id == user_id
    return any(
        connection.execute(
            update(factor_table).where(own, factor_table.c.last_step < step).values(last_step=step)
        ).rowcount
        == 1
        for step in totp.steps_of(secret, "".join(typed.split()), now)
    )


def _spelled(code: bytes) -> str:
    text = b32encode(code).decode()
    return "-".join(_quarters(text))


def _quarters(text: str) -> Iterator[str]:
    for start in range(0, len(text), 4):
        yield text[start : start + 4]


def _hash(code: str) -> str:
    # Eighty random bits: nobody tries them out, so a quick hash will do.
    plain = code.replace("-", "").upper()
    return sha256(plain.encode()).hexdigest()
