"""The same company for all tests of a module: tests that write take records of their own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from builder.app import ROOMS
from runtime.app import create_app
from runtime.infra.settings import read, with_secret
from runtime.platform import Platform
from tests.api.conftest import Api, Masters, company_of_four, make_masters, way_to
from tests.prepared import Prepared
from tests.tally import uses

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def app(
    module_url: str, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application over the company of four, once of each kind of database."""
    prepared.fill(module_url, "company of four", lambda url: company_of_four(url, NOW))
    home = str(tmp_path_factory.mktemp("home"))
    settings = with_secret(read({"DAJIAN_HOME": home, "DAJIAN_DATABASE": module_url}))
    made = create_app(settings, ROOMS, clock=lambda: NOW)
    yield made
    here: Platform = made.extensions["dajian"]
    here.database.dispose()


@pytest.fixture(autouse=True)
def noted(request: pytest.FixtureRequest) -> None:
    """Note for the tally on which database a test ran."""
    if "app" in request.fixturenames:
        here: Platform = request.getfixturevalue("app").extensions["dajian"]
        uses(request, here.database.kind)


@pytest.fixture(scope="module")
def api(app: Flask) -> Callable[..., Api]:
    """Return the way of a person to the API."""
    return lambda name, scope="write": way_to(app, name, scope, NOW)


@pytest.fixture(scope="module")
def masters(api: Callable[..., Api]) -> Masters:
    """What documents refer to."""
    return make_masters(api("admin"))
