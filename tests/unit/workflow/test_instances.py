"""Runs in the database: the log is the truth, the tasks follow it, the inbox shows them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from runtime import workflow
from runtime.definitions import Label, StepDef, WorkflowDef
from runtime.infra.act import Act, Actor
from runtime.infra.db import Database, metadata
from runtime.infra.errors import Conflict, Forbidden
from runtime.infra.users import user_role_table, user_table
from runtime.kinds.node_type import Decided, Ended, Started, Withdrawn
from runtime.screens.waiting import tasks_said
from runtime.workflow import inbox, instances
from runtime.workflow.acts import answer, own
from runtime.workflow.approvers import may_still_decide
from runtime.workflow.instances import Run, Subject, begin, happen, load, running
from runtime.workflow.tables import definitions, events, tasks

# id  name    roles       administrator  locked out
PEOPLE = """
1   | clerk |             | no  | no
2   | wang  | lead        | no  | no
3   | li    | lead        | no  | no
4   | boss  | boss        | no  | no
5   | gone  | lead,ghost  | no  | yes
6   | admin |             | yes | no
7   | root  |             | yes | no
"""


def install(act: Act) -> None:
    """Make the system tables and the people of the tests."""
    metadata.create_all(act.connection)
    for row in PEOPLE.strip().splitlines():
        number, name, roles, is_admin, is_disabled = (cell.strip() for cell in row.split("|"))
        values = {
            "id": int(number),
            "name": name,
            "name_key": name,
            "display_name": name.title(),
            "password_hash": "",
            "is_admin": is_admin == "yes",
            "is_disabled": is_disabled == "yes",
            "auth_epoch": 1,
            "theme": "auto",
            "density": "compact",
            "language": "auto",
            "created_at": act.now,
        }
        act.connection.execute(insert(user_table), values)
        for role in filter(None, roles.split(",")):
            values = {"user_id": int(number), "role": role}
            act.connection.execute(insert(user_role_table), values)


def steps(*sources: tuple[str, dict[str, object]]) -> WorkflowDef:
    """A workflow of approval steps called n_<name>."""
    made = tuple(
        StepDef(f"n_{name}", "approve", Label(f"{name}审批"), options) for name, options in sources
    )
    return WorkflowDef("delivery_approval", Label("审批"), "delivery", made)


def by(role: str, **options: object) -> tuple[str, dict[str, object]]:
    return role, {"who": {"by": "role", "role": role}, **options}


def users(*names: str, **options: object) -> tuple[str, dict[str, object]]:
    return "named", {"who": {"by": "users", "users": list(names)}, **options}


SUBJECT = Subject("jxc", "delivery", 42)


@pytest.fixture
def act(database: Database, now: datetime) -> Iterable[Act]:
    with database.transaction() as connection:
        clerk = Act(connection, Actor(1, "Clerk"), now)
        install(clerk)
        yield clerk


def as_user(act: Act, number: int, *roles: str) -> Act:
    return replace(act, actor=Actor(number, "", frozenset(roles)))


def start(act: Act, definition: WorkflowDef) -> Run:
    run = begin(act, SUBJECT, definition)
    return happen(act, run, Started(act.actor.user_id))[0]


def asked(act: Act) -> list[str]:
    """Who has an open task and why."""
    query = select(tasks.c.user_id, tasks.c.reason).where(tasks.c.state == "open")
    names = dict(act.connection.execute(select(user_table.c.id, user_table.c.name)).all())
    rows = act.connection.execute(query.order_by(tasks.c.id))
    return [f"{names[row.user_id]}:{row.reason}" for row in rows]


# initiator  step                                    who is asked
WHO = [
    (1, by("lead"), "wang:role li:role"),
    (2, by("lead"), "li:role"),
    (2, by("lead", self=True), "wang:role li:role"),
    (4, by("boss"), "admin:escalated root:escalated"),
    (4, by("boss", self=True), "boss:role"),
    (1, by("ghost"), "admin:escalated root:escalated"),
    (6, by("ghost"), "root:escalated"),
    (1, by("lead", mode="in_order"), "wang:role"),
    (1, users("li", "WANG"), "li:user wang:user"),
    (1, users("gone"), "admin:escalated root:escalated"),
    (1, users("999999"), "admin:escalated root:escalated"),
    (1, users("clerk"), "admin:escalated root:escalated"),
    (1, users("clerk", self=True), "clerk:user"),
]


@pytest.mark.parametrize(("initiator", "step", "expected"), WHO)
def test_who_is_asked(
    act: Act, initiator: int, step: tuple[str, dict[str, object]], expected: str
) -> None:
    start(as_user(act, initiator), steps(step))
    assert " ".join(asked(act)) == expected


def test_whoever_made_it_is_not_asked__though_somebody_else_submits(act: Act) -> None:
    second = ("second", by("lead", mode="all")[1])
    workflow.start(act, SUBJECT, steps(by("lead"), second), maker_id=2)
    assert asked(act) == ["li:role"]
    run = running(act, SUBJECT)
    assert run is not None
    run, _ = happen(act, run, Decided(1, 3, "approve", ""))
    assert asked(act) == ["li:role"], "the second step, found when the log is read again"


def test_nobody_but_the_initiator__is_refused(act: Act) -> None:
    act.connection.execute(update(user_table).where(user_table.c.id == 7).values(is_disabled=True))
    with pytest.raises(Conflict) as refusal:
        start(as_user(act, 6), steps(by("ghost")))
    assert (refusal.value.code, refusal.value.params) == ("no_approver", {"who": "ghost"})


def test_count__stops_where_nobody_reads_it(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    for record_id in range(1, 5):
        run = begin(act, Subject("jxc", "delivery", record_id), steps(by("lead")))
        happen(act, run, Started(act.actor.user_id))
    wang = as_user(act, 2)
    assert [(workflow.count_to_do(wang), tasks_said(4))] == [(4, "4")]
    monkeypatch.setattr(inbox, "MOST_COUNTED", 3)
    assert [(workflow.count_to_do(wang), tasks_said(3), tasks_said(2))] == [(3, "2+", "2")]


def test_definition__is_read_once_by_what_stands_in_it(
    act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def counted(found: Act, definition_id: int) -> dict[str, Any]:
        read.append(definition_id)
        return definition_of(found, definition_id)

    definition_of = instances.definition_of
    monkeypatch.setattr(instances, "definition_of", counted)
    monkeypatch.setattr(instances, "_flows", {})
    monkeypatch.setattr(instances, "MOST_READ", 2)
    runs = [
        begin(act, Subject("jxc", "delivery", number), steps(by("lead"), by("boss")) if number % 2
              else steps(by("boss"), by("lead")))
        for number in range(1, 5)
    ]  # fmt: skip
    for _ in range(2):
        found = [load(act, run.id) for run in runs]
        assert [each.instance.flow.steps[0].id for each in found] == [
            "n_lead", "n_boss", "n_lead", "n_boss",
        ]  # fmt: skip
    assert len(read) == 2


def test_run__told_by_its_log(act: Act) -> None:
    run = start(act, steps(by("lead"), by("boss")))
    wang = as_user(act, 2)
    assert workflow.count_to_do(wang) == 1
    run, effects = happen(wang, run, Decided(1, 2, "approve", "好"))
    assert Ended("approved") not in effects
    assert [(t.user_id, t.state) for t in workflow.of_record(act, "jxc", "delivery", 42)] == [
        (2, "approved"),
        (3, "not_needed"),
        (4, "open"),
    ]
    again = running(act, SUBJECT)
    assert again == run
    _, effects = happen(as_user(act, 4), run, Decided(2, 4, "approve", ""))
    assert effects == (Ended("approved"),)
    assert running(act, SUBJECT) is None
    kinds = act.connection.execute(select(events.c.kind).order_by(events.c.seq)).scalars().all()
    assert kinds == ["started", "approvers_found", "decided", "approvers_found", "decided"]


def test_inbox__to_do_done_and_started(act: Act) -> None:
    run = start(act, steps(by("lead")))
    li = as_user(act, 3)
    (item,) = workflow.to_do(li)
    assert (item.app, item.form, item.record_id, item.initiator_id) == ("jxc", "delivery", 42, 1)
    assert (item.step_label, item.reason) == (Label("lead审批"), "role")
    assert [found.state for found in workflow.started(act)] == ["running"]
    happen(li, run, Decided(1, 3, "reject", "数量不对"))
    assert workflow.to_do(li) == workflow.to_do(as_user(act, 2)) == ()
    assert [found.comment for found in workflow.done(li)] == ["数量不对"]
    assert workflow.done(as_user(act, 2)) == (), "what was not needed was not done"
    assert [found.state for found in workflow.started(act)] == ["rejected"]
    assert workflow.task_of(act, item.task_id + 1000) is None


def test_inbox__pages(act: Act) -> None:
    for number in range(5):
        run = begin(act, replace(SUBJECT, record_id=number + 1), steps(by("boss")))
        happen(act, run, Started(1))
    boss = as_user(act, 4)
    first = workflow.to_do(boss, limit=2)
    second = workflow.to_do(boss, limit=2, after=first[-1].task_id)
    assert [item.record_id for item in first + second] == [1, 2, 3, 4]
    newest = workflow.started(act, limit=2)
    older = workflow.started(act, limit=2, before=newest[-1].instance_id)
    assert [item.record_id for item in newest + older] == [5, 4, 3, 2]


def test_second_round__has_tasks_of_its_own(act: Act) -> None:
    run = start(act, steps(by("lead")))
    happen(as_user(act, 2), run, Decided(1, 2, "reject", ""))
    start(act, steps(by("lead")))
    assert asked(act) == ["wang:role", "li:role"]
    assert len(workflow.of_record(act, "jxc", "delivery", 42)) == 4


def test_withdrawn__leaves_no_open_task(act: Act) -> None:
    run = start(act, steps(by("lead", mode="all")))
    _, effects = happen(act, run, Withdrawn(1, "填错了"))
    assert effects == (Ended("withdrawn"),)
    assert asked(act) == []


def test_run__finishes_on_the_definition_it_began_with(act: Act) -> None:
    run = start(act, steps(by("lead")))
    begin(act, replace(SUBJECT, record_id=6), steps(by("lead")))
    changed = begin(act, replace(SUBJECT, record_id=7), steps(by("lead"), by("boss")))
    assert act.connection.execute(select(definitions.c.id)).all() == [(1,), (2,)]
    assert len(changed.instance.flow.steps) == 2
    _, effects = happen(as_user(act, 2), run, Decided(1, 2, "approve", ""))
    assert Ended("approved") in effects


def test_decision_twice__is_a_conflict(act: Act) -> None:
    run = start(act, steps(by("lead", mode="all")))
    run, _ = happen(as_user(act, 2), run, Decided(1, 2, "approve", ""))
    with pytest.raises(Conflict, match="task_is_closed"):
        happen(as_user(act, 2), run, Decided(1, 2, "approve", ""))


def test_verbs__start_answer_and_withdraw(act: Act) -> None:
    definition = steps(by("lead"))
    workflow.start(act, SUBJECT, definition)
    with pytest.raises(Conflict, match="flow_already_started"):
        workflow.start(act, SUBJECT, definition)
    li = as_user(act, 3, "lead")
    (task,) = workflow.to_do(li)
    with pytest.raises(Forbidden, match="not_your_task"):
        own(as_user(act, 2, "lead"), task)
    with pytest.raises(Forbidden, match="right_withdrawn"):
        own(as_user(act, 3), task)
    assert Ended("rejected") in answer(li, own(li, task), "reject", "")
    workflow.start(act, SUBJECT, definition)
    with pytest.raises(Conflict, match="task_is_closed"):
        own(li, task)
    workflow.withdraw(act, SUBJECT, "")
    workflow.withdraw(act, SUBJECT, "twice does no harm")
    assert asked(act) == []


# reason the task came   rights now            may decide
RIGHTS = [
    (by("lead"), ("lead",), False, True),
    (by("lead"), (), False, False),
    (by("ghost"), (), True, True),
    (by("ghost"), (), False, False),
    (users("wang"), (), False, True),
]


@pytest.mark.parametrize(("step", "roles", "is_admin", "expected"), RIGHTS)
def test_rights_are_read_at_the_decision(
    act: Act,
    step: tuple[str, dict[str, object]],
    roles: tuple[str, ...],
    is_admin: bool,
    expected: bool,
) -> None:
    run = start(act, steps(step))
    visit = run.instance.here()
    assert visit is not None
    actor = Actor(visit.tasks[0].approver.user_id, "", frozenset(roles), is_admin=is_admin)
    flow_step = run.instance.flow.step(visit.step_id)
    assert may_still_decide(act, flow_step, visit.tasks[0].approver, actor) is expected
