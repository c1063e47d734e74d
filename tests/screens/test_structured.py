"""Pages of the app with every structured kind: tabs, folded sections, each kind as it is drawn."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from builder.publish import publish
from runtime.infra import users
from runtime.infra.act import SYSTEM, Act
from runtime.platform import Platform, set_up
from tests.prepared import Prepared, opened
from tests.screens.conftest import NOW, running
from tests.screens.person import PASSWORD, Person
from tests.structured import SOURCE

NEW = "/a/kit/equipment/new"
PEOPLE = {"admin": "管理员", "li": "李静", "wang": "王建国"}


def company_with_kit(url: str) -> None:
    with opened(url) as database, database.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, NOW)
        for name, shown in PEOPLE.items():
            roles = frozenset({"keeper"} if name != "admin" else ())
            users.create(act, users.NewUser(name, PASSWORD, roles, shown, name == "admin"))
        publish(act, SOURCE, "test")


@pytest.fixture(scope="module")
def app(
    module_url: str, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    prepared.fill(module_url, "company with kit", company_with_kit)
    with running(module_url, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def admin(person: Callable[[str], Person]) -> Person:
    return person("admin")


def here(app: Flask) -> Platform:
    found: Platform = app.extensions["dajian"]
    return found


def test_tabs__hold_their_sections_and_the_first_is_open(admin: Person) -> None:
    page = admin.get(NEW)
    assert page.status == 200
    assert page.texts(".dform > section h2") == ["基本信息"]
    assert [tab["aria-selected"] for tab in page.soup.select("[role=tab]")] == ["true", "false"]
    assert [tab.span.text for tab in page.soup.select("[role=tab]") if tab.span] == ["购置", "备件"]
    open_one, closed = page.soup.select("[role=tabpanel]")
    assert (open_one.has_attr("hidden"), closed.has_attr("hidden")) == (False, True)
    assert [head.text for head in open_one.select("h2")] == ["购置", "说明"]
    assert closed.select_one('input[name="parts.0.part"]') is not None


def test_phone__leaves_out_and_folds(admin: Person) -> None:
    page = admin.get(NEW)
    hidden = page.soup.select(".field.ph-hide input, td.ph-hide input:not([type=hidden])")
    assert {str(box["name"]) for box in hidden} == {
        "model",
        "parts.0.place",
        "parts.__key__.place",
    }
    folded = page.one("section.is-folded")
    assert folded["data-section"] == "more"
    assert page.one("[data-fold]")["aria-expanded"] == "false"
