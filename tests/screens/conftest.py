"""The whole application over the demo company, and the people in it."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy
from argon2 import PasswordHasher
from flask import Flask

from builder.app import ROOMS
from builder.demo import load_demo
from runtime.app import create_app
from runtime.infra import passwords
from runtime.infra.settings import read, with_secret
from runtime.platform import Platform, set_up
from tests.screens.person import PASSWORD, Person
from tests.tally import uses

JXC = Path(__file__).parents[2] / "app_templates" / "jxc"
# Saturday 2026-11-21, 09:30 in Shanghai.
NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="module")
def quick_hashes() -> Iterator[None]:
    """Hash with the least work: the real parameters have a test of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: PasswordHasher(1, 8, 1))
        yield


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The whole application over the demo company: one for all tests of a module.

    Loading the demo takes seconds, so tests that write take a person or document of their own.
    """
    home = tmp_path_factory.mktemp("home")
    with ExitStack() as stack:
        url = f"sqlite:///{home / 'test.db'}"
        if request.param == "postgresql":
            url = stack.enter_context(_postgres(request.getfixturevalue("postgres_server")))
        environ = {"DAJIAN_HOME": str(home), "DAJIAN_DATABASE": url}
        made = create_app(with_secret(read(environ)), ROOMS, clock=lambda: NOW)
        here: Platform = made.extensions["dajian"]
        with here.database.transaction() as connection:
            set_up(connection)
        load_demo(here, JXC, PASSWORD)
        yield made
        here.database.dispose()


@contextmanager
def _postgres(server: str) -> Iterator[str]:
    address, name = sqlalchemy.make_url(server), f"dajian_screens_{os.getpid()}"
    admin = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield address.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.dispose()


@pytest.fixture(autouse=True)
def noted(request: pytest.FixtureRequest) -> None:
    """Note for the tally on which database a test ran."""
    if "app" in request.fixturenames:
        here: Platform = request.getfixturevalue("app").extensions["dajian"]
        uses(request, here.database.kind)


@pytest.fixture
def visitor(app: Flask) -> Person:
    """Somebody who has not signed in."""
    return Person(app.test_client())


@pytest.fixture
def person(app: Flask) -> Callable[[str], Person]:
    """Return a person of the demo company, signed in: 陈丽 buys, 王建国 leads, 张敏 sells."""

    def signed_in(name: str) -> Person:
        somebody = Person(app.test_client())
        assert somebody.sign_in(name).status == 303
        return somebody

    return signed_in
