"""Publishing while others write: whoever writes is of the version that runs when it commits."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.compile import App
from runtime.infra import jobs
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.settings import read, with_secret
from runtime.platform import set_up
from runtime.posting import is_retryable
from runtime.tasks import TASKS
from tests.live import wait_until

Json = dict[str, Any]
WRITERS = 2
# An odd number, so that the last one has figures.
VERSIONS = 5


def shop(*, counted: bool) -> Json:
    """Sellers and sales; counted, a seller knows how many there are and what they come to."""
    seller: list[Json] = [{"code": "name", "kind": "text", "label": "名称"}]
    if counted:
        source = {"form": "sale", "reference": "seller"}
        seller += [
            _f("n", "rollup", **source, measure="count", result="number", places=0),
            _f("sum", "rollup", **source, measure="sum", field="amount", result="money"),
        ]
    sale = [
        _f("seller", "reference", form="seller"),
        _f("amount", "money"),
        {"code": "day", "kind": "date", "label": "日期"},
    ]
    forms = [
        {"code": "seller", "label": "卖家", "type": "record", "fields": seller},
        {"code": "sale", "label": "销售", "type": "record", "fields": sale, "title": "day"},
    ]
    return {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": forms}


def _f(code: str, kind: str, **options: Any) -> Json:
    return {"code": code, "kind": kind, "label": code, "options": options}


class Door:
    """A process of the product, as far as this goes: its own connections and compiled apps."""

    def __init__(self, url: str, now: datetime) -> None:
        self.database, self.catalogue, self.now = Database(url), Catalogue(), now

    def act(self, what: Callable[[Act], Any]) -> Any:
        with self.database.transaction() as connection:
            return what(Act(connection, SYSTEM, self.now))

    def publish(self, *, counted: bool) -> Any:
        return self.act(lambda act: publish(act, shop(counted=counted), "test"))

    def sell(self, act: Act, seller: int) -> None:
        form = self.catalogue.form(act.connection, "demo", "sale")
        documents.create(act, form, {"seller": seller, "amount": "10", "day": date(2026, 11, 1)})

    def app(self) -> App:
        with self.database.reading() as connection:
            return self.catalogue.app(connection, "demo")

    def figures(self) -> tuple[Any, ...]:
        """What the seller says, and what is there."""
        app = self.app()
        told, sales = app.forms["seller"].table, app.forms["sale"].table
        with self.database.reading() as connection:
            n, total = connection.execute(select(told.c.f_n, told.c.f_sum)).one()
            amounts = connection.execute(select(sales.c.f_amount)).scalars().all()
        return (int(n or 0), total or 0), (len(amounts), sum(amounts))


@pytest.fixture
def door(database_url: str, now: datetime) -> Iterator[Door]:
    made = Door(database_url, now)
    with made.database.transaction() as connection:
        set_up(connection)
    made.publish(counted=False)
    made.act(lambda act: documents.create(act, made.app().forms["seller"], {"name": "王"}))
    yield made
    made.database.dispose()


def computed(door: Door, tmp_path: Any) -> None:
    """Let what was published be computed of what is there."""
    settings = with_secret(read({"DAJIAN_HOME": str(tmp_path)}))
    while jobs.run_one(door.database, settings, TASKS):
        pass


def someone_waits(door: Door) -> bool:
    asked = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with door.database.reading() as connection:
        return bool(connection.execute(asked).scalar_one())


def test_publisher_waits_for_who_writes(postgres_url: str, now: datetime, tmp_path: Any) -> None:
    """A sale under way belongs to the old version; the new one is computed with it in place."""
    door, other = Door(postgres_url, now), Door(postgres_url, now)
    with door.database.transaction() as connection:
        set_up(connection)
    door.publish(counted=False)
    seller = door.act(lambda act: documents.create(act, door.app().forms["seller"], {"name": "王"}))
    publishing = threading.Thread(target=lambda: other.publish(counted=True))
    with door.database.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        assert door.catalogue.app(connection, "demo").version == 1
        publishing.start()
        wait_until(lambda: someone_waits(door), "the publisher waits")
        door.sell(act, seller.id)
        assert door.app().version == 1
    publishing.join()
    assert door.app().version == 2
    computed(door, tmp_path)
    assert door.figures() == ((1, 10), (1, 10))
    for each in (door, other):
        each.database.dispose()


def test_who_writes_waits_for_the_publisher(postgres_url: str, now: datetime) -> None:
    """A process that has the old version compiled writes by the new one, and counts the sale."""
    door, other = Door(postgres_url, now), Door(postgres_url, now)
    with door.database.transaction() as connection:
        set_up(connection)
    door.publish(counted=False)
    seller = door.act(lambda act: documents.create(act, door.app().forms["seller"], {"name": "王"}))
    assert door.app().version == 1, "held, and out of date in a moment"
    selling = threading.Thread(target=lambda: door.act(lambda act: door.sell(act, seller.id)))
    with other.database.transaction() as connection:
        publish(Act(connection, SYSTEM, now), shop(counted=True), "test")
        selling.start()
        wait_until(lambda: someone_waits(other), "the writer waits")
    selling.join()
    # Nothing was computed since: the sale itself went into the figures.
    assert door.figures() == ((1, 10), (1, 10))
    for each in (door, other):
        each.database.dispose()


def again(what: Callable[[], Any]) -> None:
    """Do it; what the database asks to be tried again is tried again, as the doors do."""
    while True:
        try:
            what()
        except Exception as error:
            if not is_retryable(error):
                raise
            continue
        return


def _writing(url: str, now: datetime, over: Any, sold: Any) -> None:
    """A process that sells until it is told to stop; what the database asks for is tried again."""
    door = Door(url, now)
    while not over.is_set():
        again(lambda: door.act(lambda act: door.sell(act, 1)))
        with sold.get_lock():
            sold.value += 1
    door.database.dispose()


def test_published_again_and_again__no_sale_is_missed(door: Door, tmp_path: Any) -> None:
    """Processes that sell all the while, and a version with figures or without every moment."""
    url = door.database.url.render_as_string(hide_password=False)
    spawned = multiprocessing.get_context("spawn")
    over, sold = spawned.Event(), spawned.Value("q", 0)
    args = (url, door.now, over, sold)
    writers = [spawned.Process(target=_writing, args=args, daemon=True) for _ in range(WRITERS)]
    for each in writers:
        each.start()
    wait_until(lambda: sold.value > 0, "something is sold")
    for version in range(VERSIONS):
        again(lambda version=version: door.publish(counted=version % 2 == 0))
        before = sold.value
        wait_until(lambda before=before: sold.value > before + WRITERS, "something is sold")
    over.set()
    for each in writers:
        each.join()
        assert each.exitcode == 0
    computed(door, tmp_path)
    told, there = door.figures()
    assert told == there
    assert there[0] == sold.value


def test_what_was_sent_is_not_changed(door: Door) -> None:
    """The JSON that is published stays the caller's."""
    source = shop(counted=True)
    kept = deepcopy(source)
    door.act(lambda act: publish(act, source, "test"))
    assert source == kept
