"""How long a flow takes, by the API: the page's figures, for administrators alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from builder.publish import publish
from runtime import documents, workflow
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said
from runtime.infra import users
from runtime.infra.act import SYSTEM, Act
from runtime.platform import Platform
from runtime.workflow import statistics
from tests.api.conftest import Api
from tests.api.test_flow_acts import ACTS

TIMES = "/apps/acts/flows/flow/times"
# who    after hours  which of the waiting  says
DONE = (
    ("wang", 2, 0, "approve"),
    ("wang", 6, 0, "approve"),
    ("wang", 9, 0, "reject"),
    ("zhou", 12, 0, "approve"),
)


def limited() -> dict[str, Any]:
    """The app of the acts, whose first step has a day."""
    first, second = ACTS["workflows"][0]["steps"]
    first = {**first, "limit": {"for": {"n": 1, "unit": "days"}, "do": "remind"}}
    flow = {**ACTS["workflows"][0], "steps": [first, second]}
    return {**ACTS, "workflows": [flow, *ACTS["workflows"][1:]]}


@pytest.fixture
def here(app: Flask, now: datetime) -> Platform:
    """Five requests of three days ago: one approved, one rejected, three under way."""
    found: Platform = app.extensions["dajian"]
    begun = now - timedelta(days=3)
    with found.database.transaction() as connection:
        form = publish(Act(connection, SYSTEM, begun), limited(), "test").app.forms["ask"]

    def do(name: str, hours: int, what: Callable[[Act], Any]) -> None:
        with found.database.transaction() as connection:
            person = users.by_name(connection, name)
            assert person is not None
            what(Act(connection, person.actor("test"), begun + timedelta(hours=hours)))

    def answer(nth: int, decision: str) -> Callable[[Act], Any]:
        def decide(act: Act) -> None:
            task = workflow.to_do(act)[nth]
            acts.decide(act, form, task.record_id, decision, Said(), task_id=task.task_id)

        return decide

    for _ in range(5):
        do("li", 0, lambda act: documents.create_and_submit(act, form, {"why": "买"}))
    for name, hours, nth, decision in DONE:
        do(name, hours, answer(nth, decision))
    return found


def test_times__by_step_person_and_what_is_late(
    here: Platform, api: Callable[..., Api], now: datetime
) -> None:
    found = api("admin").get(TIMES)
    hour = 3600
    assert found["runs"] == {
        "started": 5, "running": 3, "approved": 1, "rejected": 1, "withdrawn": 0, "failed": 0,
        "seconds_median": 9 * hour, "bottleneck": "a",
    }  # fmt: skip
    first, second = found["steps"]
    assert (first["step"], first["answered"], first["open"]) == ("a", 3, 2)
    assert (first["seconds_median"], first["seconds_longest"]) == (6 * hour, 9 * hour)
    assert first["open_seconds_longest"] == 72 * hour
    assert (second["step"], second["answered"], second["seconds_mean"]) == ("b", 1, 10 * hour)
    assert [(each["name"], each["answered"], each["open"]) for each in found["people"]] == [
        ("Zhou", 1, 1), ("Wang", 3, 2),
    ]  # fmt: skip
    assert found["overdue_count"] == 2
    late = found["overdue"]
    assert [(each["step"], each["name"], each["form"]) for each in late] == [
        ("a", "Wang", "ask"), ("a", "Wang", "ask"),
    ]  # fmt: skip
    assert datetime.fromisoformat(late[0]["due_at"]) == now - timedelta(days=2)
    assert len(api("admin").get(f"{TIMES}?limit=1")["overdue"]) == 1
    # The page reads the same.
    with here.database.reading() as connection:
        act = Act(connection, SYSTEM, now)
        told = statistics.times(act, "acts", "flow", since=now - timedelta(days=30))
    assert [each.seconds_median for each in told.steps] == [6 * hour, 10 * hour]
    assert told.whole.bottleneck == found["runs"]["bottleneck"]


def test_times__look_as_the_document_says(here: Platform, api: Callable[..., Api]) -> None:
    assert here is not None
    document = api("admin").get("/openapi.json")
    (path,) = (each for each in document["paths"] if each.endswith("/times"))
    schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    whole = {**schema["schema"], "components": document["components"]}
    Draft202012Validator(whole).validate(api("admin").get(TIMES))


def test_times__of_a_short_time_or_of_no_flow(here: Platform, api: Callable[..., Api]) -> None:
    assert here is not None
    admin = api("admin")
    latest = admin.get(f"{TIMES}?days=1")
    assert (latest["runs"]["started"], latest["steps"]) == (0, [])
    # What waits too long is told however long ago it began.
    assert latest["overdue_count"] == 2
    for wrong in ("days=0", "days=x", "days=3651", "limit=0", "since=1"):
        assert admin.send("GET", f"{TIMES}?{wrong}").status_code == 400, wrong
    for gone in ("/apps/acts/flows/none/times", "/apps/acts/flows/log/times",
                 "/apps/none/flows/flow/times"):  # fmt: skip
        assert admin.send("GET", gone).status_code == 404, gone


def test_times__are_the_administrators(here: Platform, api: Callable[..., Api]) -> None:
    assert here is not None
    assert api("wang").send("GET", TIMES).status_code == 403
    assert Api(api("wang").client, "none").send("GET", TIMES).status_code == 401
