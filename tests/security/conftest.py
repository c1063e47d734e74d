"""The demo company with one more person in it, from whom fields and records are hidden."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask

from builder.app import ROOMS
from builder.demo import load_demo
from builder.packages import read_package
from builder.publish import publish
from runtime.app import create_app
from runtime.infra import users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.settings import read, with_secret
from runtime.platform import Platform, set_up
from tests.screens.conftest import JXC, NOW, _postgres, noted, quick_hashes
from tests.screens.person import PASSWORD
from tests.security.scene import Scene

__all__ = ["noted", "quick_hashes"]

# 实习: sees no barcode and no purchase price, and of the receipts only their own, without prices.
TRAINEE = {
    "code": "trainee",
    "label": "实习",
    "grants": [
        {
            "form": "item",
            "verbs": ["view", "create", "update", "import"],
            "hidden": ["barcode", "price_purchase"],
        },
        {
            "form": "purchase_receipt",
            "verbs": ["view", "create", "update", "submit", "cancel"],
            "rows": "own",
            "hidden": ["lines.price", "note", "attachments"],
        },
        {"form": "supplier", "verbs": ["view"], "rows": "own"},
        {"form": "warehouse", "verbs": ["view"]},
        {"form": "uom", "verbs": ["view"]},
    ],
}


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The whole application over the demo company: one for all tests of a module."""
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
        _add_trainee(here)
        yield made
        here.database.dispose()


def _add_trainee(here: Platform) -> None:
    package: dict[str, Any] = dict(read_package(JXC))
    package["roles"] = [*package["roles"], TRAINEE]
    with here.database.transaction() as connection:
        act = Act(connection, SYSTEM, NOW)
        publish(act, package, "a trainee")
        users.create(act, users.NewUser("shixi", PASSWORD, frozenset({"trainee"}), "小石"))


@pytest.fixture
def scene(app: Flask) -> Scene:
    """The application, the people in it, and what it holds."""
    return Scene(app)
