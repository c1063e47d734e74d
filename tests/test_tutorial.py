"""The tutorial is done as it is written: its package installs, and the request goes its way."""

import json
import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from builder.packages import read_package
from builder.publish import publish
from runtime import documents, workflow
from runtime.infra import users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.platform import set_up

TUTORIAL = Path(__file__).parents[1] / "docs" / "tutorial"


def test_leave_request(database: Database, now: datetime) -> None:
    with database.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, now)
        form = publish(act, read_package(TUTORIAL / "leave"), "").app.forms["leave_request"]
        lili, wang = (
            users.create(
                act, users.NewUser(name=name, password="a long password", roles=frozenset({role}))
            ).actor("screen")
            for name, role in (("lili", "staff"), ("wang", "head"))
        )
        values = {"reason": "annual", "last_day": date(2026, 11, 25)}
        request = documents.create_and_submit(replace(act, actor=lili), form, values)
        assert request.status == "submitted"
        assert request.values["document_no"] == "QJ-202611001"
        assert request.values["first_day"] == date(2026, 11, 21)
        assert request.values["days"] == Decimal(5)
        boss = replace(act, actor=wang)
        (task,) = workflow.inbox.to_do(boss)
        decided = documents.decide(boss, form, request.id, "approve", "", task_id=task.task_id)
        assert decided is not None
        assert decided.status == "approved"


def test_snippets__stand_in_the_package() -> None:
    text = (TUTORIAL / "leave-request.md").read_text(encoding="utf-8")
    package = read_package(TUTORIAL / "leave")
    fields = {field["code"]: field for field in package["forms"][0]["fields"]}
    snippets = [json.loads(found) for found in re.findall(r"```json\n(.*?)\n```", text, re.DOTALL)]
    assert snippets[0].items() <= package.items()
    for snippet in snippets[1:]:
        assert snippet.items() <= fields[snippet["code"]].items()
