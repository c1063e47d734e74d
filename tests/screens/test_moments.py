"""What one page asks of the database: little, of one moment, by the rights of that moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, g
from markupsafe import Markup
from sqlalchemy import event

from runtime.infra import departments, lent_roles, preferences, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.platform import Platform, Snapshot
from runtime.screens import acting
from runtime.screens.stencils import Stencil, escaped, hole, unmarked
from tests.screens.conftest import NOW
from tests.screens.person import PASSWORD, Person

Signed = Callable[[str], Person]
RECEIPTS = "/a/jxc/purchase_receipt"


@pytest.fixture
def database(app: Flask) -> Database:
    here: Platform = app.extensions["dajian"]
    return here.database


@contextmanager
def asked(database: Database) -> Iterator[list[str]]:
    """The queries that are asked meanwhile."""
    seen: list[str] = []

    def note(_c: object, _d: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("sort", "queries"), [("", 5), ("?sort=-document_no", 6)])
def test_list__few_queries(person: Signed, database: Database, sort: str, queries: int) -> None:
    buyer = person("chenli")
    buyer.get(RECEIPTS + sort)
    with asked(database) as seen:
        assert buyer.get(RECEIPTS + sort).rows()[0][1] == "永康五金工具厂"
    # The person, the apps, the views, the page with all names on it, what waits; a page that is not
    # full looks for records without a value to sort by as well.
    assert len(seen) == queries, seen


def test_list__sorted_by_what_has_no_index_names_the_same(person: Signed) -> None:
    buyer = person("chenli")
    plain, sorted_up = buyer.get(RECEIPTS).rows(), buyer.get(f"{RECEIPTS}?sort=amount_total").rows()
    assert sorted(plain) == sorted(sorted_up)
    assert plain != sorted_up


def test_list__rights_of_the_department_hold_from_the_next_page_on(
    app: Flask, database: Database
) -> None:
    with database.transaction() as connection:
        act = Act(connection, SYSTEM, NOW)
        newcomer = users.create(act, users.NewUser("newcomer", PASSWORD))
        place = departments.create(act, "采购部")
        departments.set_members(act, place.id, [newcomer.id])
    someone = Person(app.test_client())
    someone.sign_in("newcomer")
    for roles, status, may_create in (
        ([], 403, False),
        (["buyer"], 200, True),
        ([], 403, False),
        (["warehouse_lead"], 200, False),
    ):
        with database.transaction() as connection:
            lent_roles.set_of_department(Act(connection, SYSTEM, NOW), place.id, roles)
        page = someone.get("/a/jxc/supplier")
        assert (page.status, bool(page.soup.select("#new"))) == (status, may_create), roles


def test_reading__goes_on_from_where_the_person_was_read(app: Flask, database: Database) -> None:
    with app.test_request_context():
        g.actor = SYSTEM
        g.snapshot = Snapshot(database)
        # A snapshot is taken by the first query.
        assert preferences.of(Act(g.snapshot.connection, SYSTEM, NOW), 1) == {}
        with database.transaction() as connection:
            preferences.keep(Act(connection, SYSTEM, NOW), 1, "first_steps", "off")
        with acting.reading() as act:
            assert preferences.of(act, 1) == {}
        with acting.reading() as act:
            assert preferences.of(act, 1) == {"first_steps": "off"}


def test_reading__after_a_write_sees_it(app: Flask, database: Database) -> None:
    with app.test_request_context():
        g.actor = SYSTEM
        g.snapshot = Snapshot(database)
        preferences.of(Act(g.snapshot.connection, SYSTEM, NOW), 2)
        with acting.acting() as act:
            preferences.keep(act, 2, "first_steps", "off")
        with acting.reading() as act:
            assert preferences.of(act, 2) == {"first_steps": "off"}


@pytest.mark.parametrize("path", [RECEIPTS, "/", "/nothing", "/a/jxc/nothing", "/sign-in"])
def test_page__gives_its_connection_back(person: Signed, database: Database, path: str) -> None:
    person("chenli").get(path)
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["<b>", "a&b", "", "50%", "%s"], ["&lt;b&gt;", "a&amp;b", "", "50%", "%s"]),
        # What stands between the texts of a column stands in one of them.
        (["a\x00b", "<"], ["a\x00b", "&lt;"]),
        ([Markup("<i>"), Markup("<b>")], ["<i>", "<b>"]),
        # One that is no markup makes all of them texts.
        ([Markup("<i>"), "<b>"], ["&lt;i&gt;", "&lt;b&gt;"]),
        ([], []),
    ],
)
def test_escaped__each_text_stays_in_its_place(texts: list[str], found: list[str]) -> None:
    assert escaped(texts) == found


def test_stencil__holes_are_filled_in_their_places() -> None:
    stencil = Stencil(f"<p title={hole('b')}>{unmarked('100% a')}\n{hole('a')} {hole('b')}</p>")
    drawn = stencil.filled({"a": [1, 2], "b": ["%s", "<"], "unused": []})
    assert drawn == "<p title=%s>100% a\n1 %s</p><p title=&lt;>100% a\n2 &lt;</p>"
