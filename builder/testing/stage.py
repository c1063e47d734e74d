"""The database a run of tests is thrown away with: an app, people, and nothing else."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import Connection, insert

from builder.checks import check_app
from builder.migrate import migrate
from builder.plan import plan
from builder.testing.outcome import BrokenTestError
from builder.testing.world import World
from runtime import posting
from runtime.compile import App, compile_app
from runtime.definitions import load_app
from runtime.infra import users
from runtime.infra.act import Actor
from runtime.infra.db import Database
from runtime.infra.errors import ValidationFailed
from runtime.infra.upsert import insert_row
from runtime.platform import open_database, set_up

# Nobody signs in here, so nobody waits for a password to be hashed.
_NO_PASSWORD: Final = "!"  # noqa: S105 - the hash of none
# Members of an app that say how it is tried and not what it is.
_OF_TESTS: Final = frozenset({"tests", "tests_block_publish"})
ADMIN: Final = "admin"


@contextmanager
def throw_away() -> Iterator[Database]:
    """A database of its own, in a folder that goes with it."""
    with TemporaryDirectory(prefix="dajian-test-") as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'test.db'}")
        try:
            yield database
        finally:
            database.dispose()


@contextmanager
def stage(database: Database, source: Mapping[str, Any], now: datetime) -> Iterator[World]:
    """The app of `source` on an empty database, with a person of each role; undone at the end.

    Raises ValidationFailed with every Problem of an app that could not be published.
    """
    plain = {name: value for name, value in source.items() if name not in _OF_TESTS}
    with database.engine.connect() as connection:
        connection.info["write"] = True
        transaction = connection.begin()
        try:
            set_up(connection)
            app = _open(connection, plain)
            yield World(connection, app, _crew(connection, app, now), now)
        finally:
            transaction.rollback()


def _open(connection: Connection, source: Mapping[str, Any]) -> App:
    """The app with its tables and books: what publishing does, without a history of versions."""
    definition = load_app(source)
    problems = check_app(definition)
    if problems:
        raise ValidationFailed("definition_invalid", problems=problems)
    app = compile_app(definition, 1)
    migrate(connection, app, plan(connection, app))
    posting.open_books(connection, app)
    return app


def join(world: World, people: Mapping[str, tuple[str, ...]]) -> None:
    """Let more people take part; who is here already stays who they are."""
    joined = dict(world.people)
    known = {users.name_key(name) for name in joined}
    for name, roles in people.items():
        if name in joined and joined[name].roles == frozenset(roles):
            continue
        if users.name_key(name) in known:
            raise BrokenTestError("test_person_twice", {"name": name})
        known.add(users.name_key(name))
        joined[name] = person(world.connection, name, frozenset(roles), world.now)
    world.people = joined


def person(connection: Connection, name: str, roles: frozenset[str], now: datetime) -> Actor:
    """Make somebody who holds these roles; `admin` is an administrator."""
    row = {
        "name": name,
        "name_key": users.name_key(name),
        "display_name": name,
        "password_hash": _NO_PASSWORD,
        "is_admin": name == ADMIN,
        "is_disabled": False,
        "auth_epoch": 1,
        "theme": users.THEMES[0],
        "density": users.DENSITIES[0],
        "language": users.LANGUAGES[0],
        "created_at": now,
    }
    key = insert_row(connection, users.user_table, row)
    held = [{"user_id": key, "role": role} for role in sorted(roles)]
    if held:
        connection.execute(insert(users.user_role_table), held)
    return users.get(connection, key).actor("screen")


def _crew(connection: Connection, app: App, now: datetime) -> dict[str, Actor]:
    crew = {ADMIN: person(connection, ADMIN, frozenset(), now)}
    for role in app.roles:
        crew[role] = person(connection, role, frozenset({role}), now)
    return crew
