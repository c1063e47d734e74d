"""The simulator's prediction is the real run: the same steps, the same people, the same end."""

import random
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from builder.designer.flow.trial import trial_of
from runtime import documents
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said
from runtime.documents.prepare import as_values
from runtime.infra.act import Act
from runtime.infra.db import Database
from runtime.query import Record
from runtime.workflow import inbox
from runtime.workflow.instances import Subject, last
from tests.conftest import depth
from tests.unit.documents.conftest import APP, Kernel, Shop, open_shop

Json = dict[str, Any]
Story = list[tuple[str, tuple[int, ...]]]
RECORDS = 1000 if depth() == "full" else 20
CODE = APP["workflows"][0]["code"]


def asked(code: str, role: str, **more: Any) -> Json:
    return {"id": code, "type": "approve", "who": {"by": "role", "role": role}, **more}


STEPS: list[Json] = [
    asked("n_lead", "lead"),
    {"id": "b", "type": "branch", "match": "first", "branches": [
        {"id": "c_big", "when": "{amount_total}>=60", "steps": [asked("n_boss", "boss")]},
        {"id": "c_many", "when": "MAX({lines.qty})>=3", "steps": [
            asked("n_both", "lead", mode="all"),
            {"id": "m_copy", "type": "copy", "who": {"by": "role", "role": "boss"}}]},
        {"id": "c_rest", "else": True, "steps": []}]},
    {"id": "every", "type": "branch", "match": "all", "branches": [
        {"id": "e_ink", "when": "{amount_total}<30", "steps": [asked("n_small", "boss")]},
        {"id": "e_text", "when": "NOT(ISBLANK({remark}))", "steps": [
            {"id": "n_fill", "type": "fill", "who": {"by": "initiator"}, "self": True}]}]},
    {"id": "p", "type": "parallel", "branches": [
        {"id": "p_a", "steps": [asked("n_a", "boss")]},
        {"id": "p_b", "steps": [asked("n_b", "intern", empty="pass")]}]},
]  # fmt: skip


@pytest.fixture
def company(database: Database, now: datetime, kernel: Kernel) -> Shop:
    source = deepcopy(APP)
    source["workflows"][0]["steps"] = STEPS
    found = open_shop(database, compile_app(load_app(source), 1), now, kernel)
    with database.transaction() as connection:
        # Enough on hand: what is proved is the way, not the stock.
        act = Act(connection, found.people["admin"], now)
        kernel.give(act, found.ids["pen"], 100_000)
        kernel.give(act, found.ids["ink"], 100_000)
    return found


@pytest.mark.timeout(1800)  # A thousand records at full depth.
def test_prediction__is_the_real_run(company: Shop, seed: int) -> None:
    dice, ways = random.Random(seed), set[tuple[str, ...]]()
    form, clerk = company.form("delivery"), company.people["clerk"].user_id or 0
    for _ in range(RECORDS):
        lines = [(dice.choice(["pen", "ink"]), Decimal(dice.randint(1, 4))) for _ in range(2)]
        remark = dice.choice([{}, {"remark": "急"}])
        values = company.delivery(*lines, **remark)
        draft = company.do("clerk", lambda act, v=values: documents.create(act, form, v))
        path = company.do(
            "clerk",
            lambda act, d=draft: trial_of(act, form, CODE, as_values(d), clerk),
        )
        story: Story = [
            # Who gets a copy is asked nothing.
            (each.step_id, tuple(sorted(p.user_id for p in each.people if each.kind != "copy")))
            for each in path.steps
        ]
        company.do(
            "clerk", lambda act, d=draft: documents.submit(act, form, d.id, version=d.version)
        )
        through(company, draft)
        run = company.do("admin", lambda act, d=draft: last(act, Subject("shop", "delivery", d.id)))
        assert path.outcome == run.instance.state == "approved"
        assert sorted(story) == sorted(
            (each.step_id, tuple(sorted(task.approver.user_id for task in each.tasks)))
            for each in run.instance.visits
        )
        ways.add(tuple(sorted(step for step, _people in story)))
    assert len(ways) > 3, "the records hardly differ"


def through(company: Shop, document: Record) -> None:
    """Everybody who is asked says yes, until nobody is asked any more."""
    names = ("wang", "li", "boss", "kid", "clerk")
    while sum(company.do(name, lambda act: answered(act, company, document)) for name in names):
        pass


def answered(act: Act, company: Shop, document: Record) -> int:
    """Answer whatever one is asked about it; returns how much that was."""
    form = company.form("delivery")
    mine = [each for each in inbox.to_do(act, limit=1000) if each.record_id == document.id]
    for each in mine:
        decision = "fill" if each.step == "n_fill" else "approve"
        acts.decide(act, form, document.id, decision, Said(), task_id=each.task_id)
    return len(mine)
