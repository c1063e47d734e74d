"""People: who they are, which roles they hold, how they want to see things."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    RowMapping,
    Text,
    bindparam,
    delete,
    false,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError

from runtime.infra import audit, lent_roles, passwords
from runtime.infra.act import Act, Actor, Source
from runtime.infra.columns import Flag, Instant, Key
from runtime.infra.db import system_table
from runtime.infra.errors import Conflict, NotFound, Problem, ValidationFailed
from runtime.infra.upsert import insert_row

THEMES: Final = ("auto", "light", "dark", "contrast")
DENSITIES: Final = ("comfortable", "compact", "cozy")
LANGUAGES: Final = ("auto", "zh", "en")
LONGEST_NAME: Final = 64
# Letters of other scripts can look like these; a name must not pass for somebody else's.
_SCRIPTS: Final = ("LATIN", "CJK UNIFIED", "HIRAGANA", "KATAKANA", "HANGUL")
_PUNCTUATION: Final = frozenset("._-@· ")

user_table: Final = system_table(
    "s_user",
    Column("id", Key(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("is_admin", Flag(), nullable=False),
    Column("is_disabled", Flag(), nullable=False),
    Column("auth_epoch", Integer, nullable=False),
    Column("theme", Text, nullable=False),
    Column("density", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("created_at", Instant(), nullable=False),
)

user_role_table: Final = system_table(
    "s_user_role",
    Column("user_id", Key(), ForeignKey("s_user.id"), primary_key=True),
    Column("role", Text, primary_key=True),
)

# No role is called so; it stands between those of a person, who is one row and one statement.
_BETWEEN: Final = "\x1f"
# Asked at every request, so they are put together once: the person, and the roles they hold or
# have from departments.
PERSON: Final = (
    *user_table.c,
    select(func.aggregate_strings(user_role_table.c.role, _BETWEEN))
    .where(user_role_table.c.user_id == user_table.c.id)
    .correlate(user_table)
    .scalar_subquery()
    .label("held_roles"),
    lent_roles.listed(user_table.c.id, _BETWEEN).label("lent_roles"),
)
_ONE: Final = select(*PERSON).where(user_table.c.id == bindparam("user"))
_NAMES: Final = select(user_table.c.id, user_table.c.display_name).where(
    user_table.c.id.in_(bindparam("users", expanding=True))
)


@dataclass(frozen=True)
class Preferences:
    """How a person wants to see things."""

    theme: str = THEMES[0]
    density: str = DENSITIES[0]
    language: str = LANGUAGES[0]


@dataclass(frozen=True)
class User:
    """A person who may sign in; the password hash never leaves this module's room."""

    id: int
    name: str
    display_name: str
    roles: frozenset[str]
    is_admin: bool
    is_disabled: bool
    auth_epoch: int
    preferences: Preferences
    # What the departments they belong to lend them.
    lent: frozenset[str] = frozenset()

    def actor(self, source: Source) -> Actor:
        """Return this person as the one who acts."""
        held = self.roles | self.lent
        return Actor(self.id, self.display_name, held, source, self.is_admin)


@dataclass(frozen=True)
class NewUser:
    """What it takes to make a user."""

    name: str
    password: str
    roles: frozenset[str] = frozenset()
    display_name: str = ""
    is_admin: bool = False


def name_key(name: str) -> str:
    """Return the form in which names are compared: NFKC, case folded."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def create(act: Act, new: NewUser) -> User:
    """Make a user who may sign in at once."""
    values = {
        "name": _checked_name(new.name),
        "name_key": name_key(new.name),
        "display_name": new.display_name.strip() or new.name,
        "password_hash": passwords.hash_of(
            passwords.check(new.password, names=(new.name, new.display_name))
        ),
        "is_admin": new.is_admin,
        "is_disabled": False,
        "auth_epoch": 1,
        "theme": THEMES[0],
        "density": DENSITIES[0],
        "language": LANGUAGES[0],
        "created_at": act.now,
    }
    if _id_of(act.connection, new.name) is not None:
        raise ValidationFailed(problems=[Problem("/name", "user_name_taken", {"name": new.name})])
    try:
        user_id = insert_row(act.connection, user_table, values)
    except IntegrityError as error:
        taken = Problem("/name", "user_name_taken", {"name": new.name})
        raise ValidationFailed(problems=[taken]) from error
    _write_roles(act.connection, user_id, new.roles)
    changes = {"name": new.name, "roles": sorted(new.roles), "is_admin": new.is_admin}
    audit.write(act, "create", "user", user_id, changes)
    return get(act.connection, user_id)


def find(connection: Connection, user_id: int) -> User | None:
    """Return a user, or None."""
    row = connection.execute(_ONE, {"user": user_id}).mappings().first()
    return None if row is None else of_row(row)


def of_row(row: RowMapping) -> User:
    """Return the user a row of `PERSON` is about, with the roles they hold now."""
    held, lent = (
        frozenset(filter(None, (row[name] or "").split(_BETWEEN)))
        for name in ("held_roles", "lent_roles")
    )
    return replace(_user(row, held), lent=lent)


def get(connection: Connection, user_id: int) -> User:
    """Return a user who exists."""
    found = find(connection, user_id)
    if found is None:
        raise NotFound
    return found


def by_name(connection: Connection, name: str) -> User | None:
    """Return the user of that name, whatever its case and width."""
    user_id = _id_of(connection, name)
    return None if user_id is None else find(connection, user_id)


def everybody(connection: Connection) -> tuple[User, ...]:
    """Return all users by name."""
    roles: dict[int, set[str]] = {}
    for user_id, role in connection.execute(select(user_role_table)):
        roles.setdefault(user_id, set()).add(role)
    rows = connection.execute(select(user_table).order_by(user_table.c.name_key)).mappings()
    return tuple(_user(row, frozenset(roles.get(row["id"], ()))) for row in rows)


def working(connection: Connection) -> tuple[tuple[int, str], ...]:
    """Return everybody who may sign in, by name: who they are, and what to call them."""
    query = select(user_table.c.id, user_table.c.display_name).where(
        user_table.c.is_disabled == false()
    )
    rows = connection.execute(query.order_by(user_table.c.name_key))
    return tuple((row.id, row.display_name) for row in rows)


def with_role(connection: Connection, role: str) -> tuple[int, ...]:
    """Return the ids of the people who hold a role and may sign in."""
    given = select(user_role_table.c.user_id).where(user_role_table.c.role == role)
    holds = user_table.c.id.in_(given) | user_table.c.id.in_(lent_roles.holders(role))
    statement = (
        select(user_table.c.id)
        .where(holds, user_table.c.is_disabled == false())
        .order_by(user_table.c.id)
    )
    return tuple(connection.execute(statement).scalars())


def names(connection: Connection, user_ids: Collection[int]) -> Mapping[int, str]:
    """Return what to call each of these people."""
    if not user_ids:
        return {}
    rows = connection.execute(_NAMES, {"users": sorted(set(user_ids))})
    return {row.id: row.display_name for row in rows}


def set_roles(act: Act, user_id: int, roles: Collection[str]) -> None:
    """Give a user exactly these roles; what he opened with the old ones ends."""
    before = get(act.connection, user_id).roles
    act.connection.execute(delete(user_role_table).where(user_role_table.c.user_id == user_id))
    _write_roles(act.connection, user_id, roles)
    end_credentials(act, user_id)
    changes = {"roles": [sorted(before), sorted(roles)]}
    audit.write(act, "update", "user", user_id, changes)


def set_password(act: Act, user_id: int, password: str) -> None:
    """Give a user a new password; every session and token of the old one ends."""
    user = get(act.connection, user_id)
    hashed = passwords.hash_of(passwords.check(password, names=(user.name, user.display_name)))
    _set(act.connection, user_id, {"password_hash": hashed})
    end_credentials(act, user_id)
    audit.write(act, "reset_password", "user", user_id)


def set_admin(act: Act, user_id: int, *, is_admin: bool) -> None:
    """Make somebody an administrator, or one no more; there is always another one left."""
    before = get(act.connection, user_id).is_admin
    if before == is_admin:
        return
    if not is_admin:
        _require_other_admin(act, user_id)
    _set(act.connection, user_id, {"is_admin": is_admin})
    end_credentials(act, user_id)
    audit.write(act, "update", "user", user_id, {"is_admin": [before, is_admin]})


def _require_other_admin(act: Act, user_id: int) -> None:
    """Nobody locks themselves out, and nobody the last one who could let them in again."""
    if act.actor.user_id == user_id:
        raise Conflict("own_admin_right")
    query = select(user_table.c.id).where(
        user_table.c.is_admin == true(),
        user_table.c.is_disabled == false(),
        user_table.c.id != user_id,
    )
    # Two who take it from each other at once meet here.
    if act.connection.execute(query.with_for_update()).first() is None:
        raise Conflict("last_admin")


def set_disabled(act: Act, user_id: int, *, is_disabled: bool) -> None:
    """Lock a user out, or let him in again; never oneself, nor the last administrator."""
    found = get(act.connection, user_id)
    if is_disabled and (found.is_admin or act.actor.user_id == user_id):
        _require_other_admin(act, user_id)
    _set(act.connection, user_id, {"is_disabled": is_disabled})
    end_credentials(act, user_id)
    audit.write(act, "update", "user", user_id, {"is_disabled": [not is_disabled, is_disabled]})


def set_preferences(act: Act, preferences: Preferences) -> None:
    """Remember how the acting person wants to see things."""
    allowed = {"theme": THEMES, "density": DENSITIES, "language": LANGUAGES}
    values = {name: getattr(preferences, name) for name in allowed}
    wrong = [name for name, value in values.items() if value not in allowed[name]]
    if wrong:
        problems = [
            Problem(f"/{name}", "choice_unknown", {"value": values[name]}) for name in wrong
        ]
        raise ValidationFailed(problems=problems)
    assert act.actor.user_id is not None, "only a person has preferences"
    _set(act.connection, act.actor.user_id, values)


def end_credentials(act: Act, user_id: int) -> None:
    """End every session and token of a user: each carries the epoch it was made in."""
    epoch = user_table.c.auth_epoch + 1
    _set(act.connection, user_id, {"auth_epoch": epoch})


def _set(connection: Connection, user_id: int, values: Mapping[str, object]) -> None:
    result = connection.execute(
        update(user_table).where(user_table.c.id == user_id).values(dict(values))
    )
    if result.rowcount == 0:
        raise NotFound


def _id_of(connection: Connection, name: str) -> int | None:
    return connection.execute(
        select(user_table.c.id).where(user_table.c.name_key == name_key(name))
    ).scalar()


def _write_roles(connection: Connection, user_id: int, roles: Collection[str]) -> None:
    rows = [{"user_id": user_id, "role": role} for role in sorted(set(roles))]
    if rows:
        connection.execute(insert(user_role_table), rows)


def _checked_name(name: str) -> str:
    plain = name == unicodedata.normalize("NFKC", name).strip() and "  " not in name
    if not (plain and 0 < len(name) <= LONGEST_NAME and all(map(_is_allowed, name))):
        raise ValidationFailed(problems=[Problem("/name", "user_name_invalid", {"name": name})])
    return name


def _is_allowed(character: str) -> bool:
    if character in _PUNCTUATION or (character.isascii() and character.isdigit()):
        return True
    return character.isalpha() and unicodedata.name(character, "").startswith(_SCRIPTS)


def _user(row: RowMapping, roles: frozenset[str]) -> User:
    return User(
        id=row["id"],
        name=row["name"],
        display_name=row["display_name"],
        roles=roles,
        is_admin=row["is_admin"],
        is_disabled=row["is_disabled"],
        auth_epoch=row["auth_epoch"],
        preferences=Preferences(row["theme"], row["density"], row["language"]),
    )
