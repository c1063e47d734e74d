"""How long the flows of an app take, by step and by person, for machines: what the page shows."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from flask import Response

from runtime.api.acting import app_of, reading
from runtime.api.problems import locale
from runtime.api.records.cursors import LARGEST_SIZE
from runtime.api.routes import allow_parameters, json_answer, route, whole_number
from runtime.infra import users
from runtime.infra.errors import NotFound
from runtime.infra.strict_json import Json
from runtime.query.shapes import instant
from runtime.workflow import statistics
from runtime.workflow.statistics import Overdue, PersonFigures, StepFigures

DAYS: Final = 30
MOST_DAYS: Final = 3650
MOST_LATE: Final = 50


@route("/apps/<app>/flows/<flow_code>/times", permission="admin")
def get_flow_times(app: str, flow_code: str) -> Response:
    """How long a flow takes since so many `days`, by step and person; what is overdue now."""
    allow_parameters("days", "limit")
    days = whole_number("days", DAYS, highest=MOST_DAYS)
    limit = whole_number("limit", MOST_LATE, highest=LARGEST_SIZE)
    with reading() as act:
        flow = app_of(act, app).workflows.get(flow_code)
        if flow is None or not flow.is_approval:
            raise NotFound
        since = act.now - timedelta(days=days)
        found = statistics.times(act, app, flow_code, since=since)
        late = statistics.overdue(act, app, flow_code)
        named = {each.user_id for each in found.people} | {each.user_id for each in late[:limit]}
        names = users.names(act.connection, named)
    return json_answer(
        {
            "code": flow_code,
            "label": flow.label.text(locale()),
            "since": instant(since),
            "runs": asdict(found.whole),
            "steps": [_step(each) for each in found.steps],
            "people": [_person(each, names) for each in found.people],
            "overdue_count": len(late),
            "overdue": [_late(each, names) for each in late[:limit]],
        }
    )


def _step(found: StepFigures) -> Json:
    return {**asdict(found), "label": found.label.text(locale())}


def _person(found: PersonFigures, names: Any) -> Json:
    return {**asdict(found), "name": names.get(found.user_id, "")}


def _late(found: Overdue, names: Any) -> Json:
    return {
        "task": found.task_id,
        "form": found.form,
        "record": found.record_id,
        "step": found.step,
        "user_id": found.user_id,
        "name": names.get(found.user_id, ""),
        "opened_at": instant(found.opened_at),
        "due_at": instant(found.due_at),
    }
