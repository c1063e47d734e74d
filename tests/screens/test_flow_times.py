"""The page of how long approvals take: each step, each person, what is late."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from builder.publish import publish
from runtime import documents, workflow
from runtime.catalogue import Catalogue
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said
from runtime.infra import users
from runtime.infra.act import SYSTEM, Act
from tests.prepared import Prepared, opened
from tests.screens import flow_company
from tests.screens.conftest import NOW, running
from tests.screens.person import PASSWORD, Person

Signed = Callable[[str], Person]
TIMES = "/flows/deal/times"
ORDERS = 5
# who     after hours  of which order  does what
DONE = (
    ("qian", 2, 1, "approve"),
    ("qian", 3, 2, "approve"),
    ("qian", 5, 4, "reject"),
    ("qian", 30, 3, "approve"),
    ("zhao", 50, 1, "approve"),
    ("zhao", 70, 2, "approve"),
    ("zhou", 71, 1, "fill"),
    ("zhou", 71, 2, "fill"),
)


def definition() -> dict[str, Any]:
    """The company's app, whose lead has a day, and a director who needs no signature."""
    app = deepcopy(flow_company.definition())
    lead, branch, *_rest = app["workflows"][0]["steps"]
    lead |= {"limit": {"for": {"n": 1, "unit": "days"}, "do": "remind"}, "access": {}}
    branch["branches"][0]["steps"][0] |= {"demand": {}}
    return app


def busy(url: str, now: datetime) -> None:
    """Five orders of four days ago: two under way, two approved, one rejected."""
    flow_company.company(url, now, PASSWORD)
    begun = now - timedelta(days=4)
    with opened(url) as database:
        with database.transaction() as connection:
            publish(Act(connection, SYSTEM, begun), definition(), "times")

        def do(name: str, hours: int, what: Callable[[Act], Any]) -> Any:
            with database.transaction() as connection:
                person = users.by_name(connection, name)
                assert person is not None
                at = begun + timedelta(hours=hours)
                return what(Act(connection, person.actor("test"), at))

        def form(act: Act) -> Any:
            return Catalogue().form(act.connection, "deal", "order")

        def answer(decision: str, record: int) -> Callable[[Act], Any]:
            def decide(act: Act) -> Any:
                task = next(t for t in workflow.to_do(act) if t.record_id == record)
                said = Said("看过了")
                return acts.decide(act, form(act), record, decision, said, task_id=task.task_id)

            return decide

        rows = [{"what": "阀门", "qty": "2000", "price": "100"}]
        values = {"customer": "海通机械", "cost": "70", "rows": rows}
        for _ in range(ORDERS):
            do("sun", 0, lambda act: documents.create_and_submit(act, form(act), dict(values)))
        for name, hours, record, decision in DONE:
            do(name, hours, answer(decision, record))


@pytest.fixture(scope="module")
def app(
    module_url: str, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application over a company that has been at work for some days."""
    prepared.fill(module_url, "order flow with times", lambda url: busy(url, NOW))
    with running(module_url, tmp_path_factory.mktemp("home")) as made:
        yield made


def test_times__of_steps_people_and_what_is_late(person: Signed) -> None:
    page = person("root").get(TIMES)
    assert page.texts(".nav a[aria-current=page]") == ["审批用时"]
    facts = [text.split() for text in page.texts(".ft-facts > div")]
    assert [each[-1] for each in facts[1:]] == ["5", "2", "2", "1", "1"]
    steps, people, late = (table.select("tbody tr") for table in page.soup.select(".ft-t"))
    told = [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in steps]
    assert [row[0] for row in told] == ["销售主管", "总经理 最耗时", "仓库确认"]
    # The lead: 2, 3, 5 and 30 hours; one order waits since four days, and its day is over.
    assert told[0][1:] == ["3 小时", "10 小时", "1 天 6 小时", "4", "1 最久 4 天", "0", "0"]
    assert told[1][4] == "2"
    bars = [[str(part["width"]) for part in row.select("rect")] for row in steps]
    assert bars[0] == ["100", str(100 * 30 // 67), str(100 * 3 // 67)]
    assert bars[1][1] == "100"
    assert [row.select_one("th").get_text() for row in people] == ["赵敏之", "钱进", "周仓"]  # type: ignore[union-attr]
    (row,) = late
    assert "销售主管" in row.get_text()
    assert "钱进" in row.get_text()
    assert row.select("a[href^='/a/deal/order/']")
    assert "3 天" in row.get_text()


def test_times__of_another_period_or_of_nothing(person: Signed) -> None:
    root = person("root")
    assert root.get(f"{TIMES}?code=order_approval&days=365").status == 200
    for query in ("code=none", "days=31", "days=x9", "code=order_counted"):
        assert root.get(f"{TIMES}?{query}").status == (200 if query == "days=x9" else 404), query
    assert root.get("/flows/none/times").status == 404
    chosen = root.get(f"{TIMES}?days=90").one("#f-days option[selected]")
    assert chosen.get_text() == "最近 90 天"


def test_times__are_the_administrators(person: Signed) -> None:
    seller = person("sun")
    assert seller.get(TIMES).status == 403
    assert "审批用时" not in seller.get("/").text
