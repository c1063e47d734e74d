"""Roll-ups and aggregate tables that come to records that are there, or are changed later."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import inspect, select

from builder.publish import Published, publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.compile import App
from runtime.infra import jobs
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.settings import read, with_secret
from runtime.platform import set_up
from runtime.tasks import TASKS
from tests.unit.documents.figures import company, line

Json = dict[str, Any]


class Firm:
    """A company that is published, and published again."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now
        with database.transaction() as connection:
            set_up(connection)

    def act(self, what: Callable[[Act], Any]) -> Any:
        with self.database.transaction() as connection:
            return what(Act(connection, SYSTEM, self.now))

    def publish(self, source: Json) -> Published:
        found: Published = self.act(lambda act: publish(act, deepcopy(source), "test"))
        return found

    def app(self) -> App:
        with self.database.reading() as connection:
            return Catalogue().app(connection, "co")

    def create(self, code: str, **values: Any) -> int:
        form = self.app().forms[code]
        verb = documents.create_and_submit if form.is_document else documents.create
        return int(self.act(lambda act: verb(act, form, values)).id)

    def column(self, code: str, name: str) -> list[Any]:
        table = self.app().forms[code].table
        with self.database.reading() as connection:
            query = select(table.c[f"f_{name}"]).order_by(table.c.id)
            return list(connection.execute(query).scalars())


@pytest.fixture
def co(database: Database, now: datetime) -> Firm:
    return Firm(database, now)


def bare(source: Json) -> Json:
    """The company before anybody asked for figures."""
    forms = [
        {**form, "fields": [each for each in form["fields"] if each["kind"] != "rollup"]}
        for form in source["forms"]
    ]
    return {name: value for name, value in source.items() if name != "aggregates"} | {
        "forms": forms
    }


def work(co: Firm, tmp_path: Any) -> None:
    """Do every job there is."""
    settings = with_secret(read({"DAJIAN_HOME": str(tmp_path)}))
    while jobs.run_one(co.database, settings, TASKS):
        pass


def test_figures_come_to_what_is_there(co: Firm, tmp_path: Any) -> None:
    co.publish(bare(company()))
    supplier, item = co.create("supplier", name="north"), co.create("item", name="pen")
    values: Json = {"supplier": supplier, "day": date(2026, 11, 3), "place": "north"}
    for price in ("10", "30"):
        co.create("receipt", **values, lines=[line(item, 2, price)])
    done = co.publish(company())
    kinds = {(change.kind, change.table) for change in done.plan.changes}
    assert ("create_table", "g_co__months") in kinds
    assert ("add_column", "a_co__supplier") in kinds
    work(co, tmp_path)
    assert co.column("supplier", "spent") == [80]
    assert co.column("supplier", "mean") == [40]
    assert co.column("supplier", "kinds") == [1]
    assert co.column("months", "worth") == [80]
    assert co.column("months", "sources") == [1]


def test_another_shape__the_table_is_made_anew_and_filled(co: Firm, tmp_path: Any) -> None:
    source = company()
    co.publish(source)
    supplier, item = co.create("supplier", name="north"), co.create("item", name="pen")
    values: Json = {"supplier": supplier, "day": date(2026, 11, 3), "place": "north"}
    co.create("receipt", **values, lines=[line(item, 3, "1.1111")])
    assert co.column("months", "mean") == [Decimal("1.111100")]
    # The price keeps two places more: what was kept of it is kept in another way.
    receipt = next(form for form in source["forms"] if form["code"] == "receipt")
    lines = next(field for field in receipt["fields"] if field["code"] == "lines")
    lines["options"]["fields"][2]["options"]["places"] = 6
    for table in source["aggregates"]:
        for measure in table["measures"]:
            if measure["code"] in ("dearest", "cheapest"):
                measure["places"] = 6
    goods = next(form for form in source["forms"] if form["code"] == "item")
    for field in goods["fields"]:
        if field["code"] in ("dearest", "cheapest", "much_least"):
            field["options"]["places"] = 6
    done = co.publish(source)
    assert ("renew_table", "g_co__months") in {(c.kind, c.table) for c in done.plan.changes}
    assert co.column("months", "mean") == []
    work(co, tmp_path)
    assert co.column("months", "mean") == [Decimal("1.111100")]
    co.create("receipt", **values, lines=[line(item, 1, "2.222222")])
    assert co.column("months", "dearest") == [Decimal("2.222222")]
    assert co.column("item", "dearest") == [Decimal("2.222222")]


def test_removed__its_table_stays_and_nobody_feeds_it(co: Firm) -> None:
    co.publish(company())
    co.publish(bare(company()))
    item = co.create("item", name="pen")
    co.create("receipt", day=date(2026, 11, 3), place="north", lines=[line(item, 3, 1)])
    with co.database.reading() as connection:
        assert "g_co__months" in inspect(connection).get_table_names()
