"""Going over to another version: the preview is what happens, nobody is stuck, all goes back."""

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from builder import running
from runtime import documents
from runtime.compile import App, compile_app
from runtime.compile.model import Form
from runtime.definitions import load_app
from runtime.definitions.workflow import read_workflow
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said
from runtime.infra.act import Act
from runtime.infra.db import Database
from runtime.infra.errors import Conflict
from runtime.workflow import inbox, migration
from runtime.workflow.instances import Run, load_many
from runtime.workflow.tables import instances, tasks, timers
from tests.conftest import depth
from tests.unit.documents.conftest import APP, Kernel, Shop, open_shop

Json = dict[str, Any]
CODE = APP["workflows"][0]["code"]
# In a quick run a few dozen, in a full one as many as the promise is about.
RUNS = 1000 if depth() == "full" else 14
TURNS = 12 if depth() == "full" else 3


def asked(code: str, role: str, **more: Any) -> Json:
    return {"id": code, "type": "approve", "who": {"by": "role", "role": role}, **more}


STEPS: list[Json] = [
    asked("n_lead", "lead"),
    {"id": "p", "type": "parallel", "branches": [
        {"id": "p_a", "steps": [asked("n_a", "boss")]},
        {"id": "p_b", "steps": [asked("n_b", "lead", mode="all")]}]},
    {"id": "b", "type": "branch", "branches": [
        {"id": "c_big", "when": "{amount_total}>=20", "steps": [
            {"id": "w", "type": "wait", "for": {"n": 3, "unit": "days"}}]},
        {"id": "c_rest", "else": True, "steps": []}]},
    asked("n_last", "boss"),
]  # fmt: skip


@pytest.fixture
def company(database: Database, now: datetime, kernel: Kernel) -> Shop:
    source = deepcopy(APP)
    source["workflows"][0]["steps"] = STEPS
    app: App = compile_app(load_app(source), 1)
    return open_shop(database, app, now, kernel)


def begun(company: Shop, dice: random.Random) -> None:
    """Runs under way, each as far as chance has it; none of them has ended."""
    form = company.form("delivery")
    for _ in range(RUNS):
        values = company.delivery(("pen", dice.randint(1, 3)))
        record = company.do(
            "clerk", lambda act, v=values: documents.create_and_submit(act, form, v)
        )
        for name in dice.choice([(), ("wang",), ("wang", "boss"), ("wang", "boss", "wang", "li")]):
            company.do(name, lambda act, key=record.id: decided(act, form, key))


def decided(act: Act, form: Form, record_id: int) -> None:
    mine = [each for each in inbox.to_do(act, limit=5000) if each.record_id == record_id]
    if mine:
        acts.decide(act, form, record_id, "approve", Said(), task_id=mine[0].task_id)


def fresh(form: Form, dice: random.Random) -> tuple[Form, Mapping[str, str]]:
    """The form with another definition of its flow, and a map that mostly says where steps are."""
    steps, named = deepcopy(STEPS), {}
    ways = steps[1]["branches"]
    holders = [steps, *(way["steps"] for way in ways)]
    for holder in holders:
        for step in holder:
            if step["type"] == "approve" and dice.random() < 0.5:
                named[step["id"]] = f"{step['id']}_new"
                step["id"] = named[step["id"]]
    if dice.random() < 0.5:
        steps.insert(dice.randint(0, 2), asked("n_more", "lead"))
    if dice.random() < 0.3:
        ways[0]["steps"].clear()
    if dice.random() < 0.3:
        del steps[-1]
    told = {old: new for old, new in named.items() if dice.random() < 0.8}
    source = {"code": CODE, "form": "delivery", "steps": steps}
    return replace(form, workflows={CODE: read_workflow(source)}), told


def state(act: Act) -> str:
    """A hash of where every run stands: rows, tasks, timers, and what the logs say."""
    found: list[Any] = [
        *act.connection.execute(select(instances).order_by(instances.c.id)),
        *act.connection.execute(select(tasks).order_by(tasks.c.id)),
        *act.connection.execute(select(timers).order_by(timers.c.id)),
        *(each.instance for each in everyone(act)),
    ]
    return hashlib.sha256("\n".join(map(repr, found)).encode()).hexdigest()


def everyone(act: Act) -> Iterator[Run]:
    ids = act.connection.execute(select(instances.c.id).order_by(instances.c.id)).scalars().all()
    yield from load_many(act, ids)


def where(run: Run) -> dict[int, str]:
    visits = run.instance.visits
    return {each.no: each.step_id for each in visits if each.state in ("open", "away")}


def stuck(act: Act) -> list[int]:
    """Running instances at which nobody can do anything and nothing is due."""
    known: dict[int, set[str]] = {}
    for row in act.connection.execute(select(tasks).where(tasks.c.state == "open")):
        known.setdefault(row.instance_id, set()).add(row.step)
    due = set(act.connection.execute(select(timers.c.instance_id)).scalars())
    return [
        run.id
        for run in everyone(act)
        if (run.instance.state == "running" and not (run.id in due or known.get(run.id)))
        or not all(run.instance.flow.has(step) for step in known.get(run.id, ()))
    ]


@pytest.mark.timeout(1800)  # A thousand runs at full depth.
def test_what_is_previewed__is_what_happens_and_goes_back(company: Shop, seed: int) -> None:
    dice = random.Random(seed)
    begun(company, dice)
    moved = 0
    for _ in range(TURNS):
        form, told = fresh(company.form("delivery"), dice)
        moved += company.do("admin", lambda act, f=form, t=told: turn(act, f, t, dice))
    assert moved, "no definition took anybody over"


def turn(act: Act, form: Form, told: Mapping[str, str], dice: random.Random) -> int:
    """One migration and its way back; returns how many went over."""
    places = running.places_of(act, "shop", CODE)
    stops = {(each.standing.definition_id, each.standing.step) for each in places}
    only = {each for each in sorted(stops) if dice.random() < 0.8}
    before, hashed = {run.id: run for run in everyone(act)}, state(act)
    planned = running.preview(act, form, CODE, told, only)
    go, stay = len(planned.movable), len(planned.moves) - len(planned.movable)
    with pytest.raises(Conflict):
        running.go_over(act, form, CODE, told, only, seen=(go + 1, stay))
    assert state(act) == hashed, "a preview and a refusal change nothing"
    batch = running.go_over(act, form, CODE, told, only, seen=(go, stay))
    steps = {each.instance_id: each.steps for each in planned.movable}
    for run in everyone(act):
        assert where(run) == steps.get(run.id, where(before[run.id]))
        if run.id not in steps:
            assert run.instance == before[run.id].instance
    assert stuck(act) == []
    latest = migration.batches(act, "shop", CODE)[0]
    assert (latest.id, latest.count) == (batch, go)
    assert migration.undo(act, batch) == go
    assert state(act) == hashed
    return go


def test_who_went_over__goes_on_by_the_new_version(company: Shop, seed: int) -> None:
    """Those who were moved are asked, decide, and come to the steps of the new version."""
    begun(company, random.Random(seed))
    form = company.form("delivery")
    steps = [*STEPS[:-1], asked("n_between", "lead"), STEPS[-1]]
    source = {"code": CODE, "form": "delivery", "steps": steps}
    newer = replace(form, workflows={CODE: read_workflow(source)})
    only = company.do("admin", chosen)
    planned = company.do("admin", lambda act: running.preview(act, newer, CODE, {}, only))
    assert all(not each.problem for each in planned.moves)
    assert len(planned.moves) == RUNS
    company.do("admin", lambda act: running.go_over(act, newer, CODE, {}, only, seen=(RUNS, 0)))
    for _ in range(3):
        for name in ("wang", "li", "boss"):
            keys = company.do(name, lambda act: at(act, {"n_lead", "n_a", "n_b"}))
            for key in keys:
                company.do(name, lambda act, record=key: decided(act, form, record))
    left = {each.step for each in company.do("admin", standing)}
    assert left <= {"n_between", "n_last", ""}
    assert "n_between" in left


def chosen(act: Act) -> set[tuple[int, str]]:
    return {(each.definition_id, each.step) for each in standing(act)}


def standing(act: Act) -> Sequence[migration.Standing]:
    return migration.standing(act, "shop", CODE)


def at(act: Act, steps: set[str]) -> list[int]:
    return [each.record_id for each in inbox.to_do(act, limit=5000) if each.step in steps]
