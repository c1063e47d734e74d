"""The whole application over the demo company, and the people in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask

from builder.app import ROOMS
from builder.demo import load_demo
from runtime.app import create_app
from runtime.catalogue import Catalogue
from runtime.infra import passwords
from runtime.infra.settings import read, with_secret
from runtime.platform import Platform, set_up
from tests.prepared import Prepared, opened
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


def demo_company(url: str) -> None:
    """Fill an empty database with the demo company."""
    with opened(url) as database:
        with database.transaction() as connection:
            set_up(connection)
        load_demo(Platform(read({}), database, Catalogue(), lambda: NOW), JXC, PASSWORD)


@contextmanager
def running(url: str, home: Path, **settings: str) -> Iterator[Flask]:
    """The whole application over a database."""
    environ = {"DAJIAN_HOME": str(home), "DAJIAN_DATABASE": url, **settings}
    made = create_app(with_secret(read(environ)), ROOMS, clock=lambda: NOW)
    yield made
    here: Platform = made.extensions["dajian"]
    here.database.dispose()


@pytest.fixture(scope="module")
def app(
    module_url: str, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The whole application over the demo company: one for all tests of a module.

    Tests that write take a person or document of their own.
    """
    prepared.fill(module_url, "demo company", demo_company)
    with running(module_url, tmp_path_factory.mktemp("home")) as made:
        yield made


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
