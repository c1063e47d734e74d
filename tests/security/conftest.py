"""The demo company with one more person in it, from whom fields and records are hidden."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from builder.packages import read_package
from builder.publish import publish
from runtime.infra import users
from runtime.infra.act import SYSTEM, Act
from tests.prepared import Prepared, opened
from tests.screens.conftest import JXC, NOW, demo_company, noted, quick_hashes, running
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


def company_with_a_trainee(url: str) -> None:
    """Fill an empty database with the demo company and one more person."""
    demo_company(url)
    package: dict[str, Any] = dict(read_package(JXC))
    package["roles"] = [*package["roles"], TRAINEE]
    with opened(url) as database, database.transaction() as connection:
        act = Act(connection, SYSTEM, NOW)
        publish(act, package, "a trainee")
        users.create(act, users.NewUser("shixi", PASSWORD, frozenset({"trainee"}), "小石"))


@pytest.fixture(scope="module")
def app(
    module_url: str, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The whole application over the demo company: one for all tests of a module."""
    prepared.fill(module_url, "company with a trainee", company_with_a_trainee)
    with running(module_url, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def scene(app: Flask) -> Scene:
    """The application, the people in it, and what it holds."""
    return Scene(app)
