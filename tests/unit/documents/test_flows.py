"""Documents in flows with branches, work and ways back: what people do, and what comes of it."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from runtime import documents, workflow
from runtime.compile import App, compile_app
from runtime.definitions import load_app
from runtime.definitions.workflow import read_workflow
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said, buttons
from runtime.documents.flows.preview import preview
from runtime.infra.act import Act
from runtime.infra.db import Database
from runtime.infra.errors import AppError
from runtime.query import Record, records_by_id
from runtime.workflow import inbox, migration, timeline
from runtime.workflow.acts import own
from runtime.workflow.instances import Subject, last
from tests.unit.documents.conftest import APP, Kernel, Shop, open_shop

# Of a decision that also changes the document, in a form with lines.
MOST_OF_DECISION = 29
STEPS: list[dict[str, Any]] = [
    {
        "id": "n_lead",
        "type": "approve",
        "who": {"by": "role", "role": "lead"},
        "access": {"remark": "require", "lines.qty": "edit"},
        "demand": {"reject": ["comment"]},
        "buttons": {"delegate": False},
    },
    {
        "id": "b",
        "type": "branch",
        "branches": [
            {
                "id": "big",
                "when": "{amount_total}>=100",
                "steps": [
                    {"id": "n_boss", "type": "approve", "who": {"by": "role", "role": "boss"}}
                ],
            },
            {"id": "rest", "else": True, "steps": []},
        ],
    },
    {"id": "m_note", "type": "create", "form": "note", "set": {"words": '="出库："&{remark}'}},
    {"id": "m_mark", "type": "update", "of": "m_note", "set": {"words": '={remark}&"，已记"'}},
    {"id": "m_calc", "type": "calculate", "set": {"remark": '={remark}&"✓"'}},
]


@pytest.fixture(scope="module")
def flow_app() -> App:
    source = deepcopy(APP)
    source["workflows"][0]["steps"] = STEPS
    return compile_app(load_app(source), 1)


@pytest.fixture
def company(database: Database, flow_app: App, now: datetime, kernel: Kernel) -> Shop:
    return open_shop(database, flow_app, now, kernel)


def sent(company: Shop, qty: int) -> Record:
    values = company.delivery(("pen", qty))
    form = company.form("delivery")
    made: Record = company.do("clerk", lambda act: documents.create_and_submit(act, form, values))
    return made


def now_of(company: Shop, record: Record) -> Record:
    form = company.form("delivery")
    found = company.do("admin", lambda act: records_by_id(act.connection, form, [record.id]))
    return found[record.id]


def task(act: Act) -> int:
    return workflow.to_do(act)[-1].task_id


def refused(company: Shop, who: str, doing: Callable[[Act], Any]) -> str:
    """The code of what is said instead; nothing is different afterwards."""
    before = company.fingerprint()
    with pytest.raises(AppError) as error:
        company.do(who, doing)
    assert company.fingerprint() == before
    problems = error.value.problems
    return problems[0].code if problems else error.value.code


def test_document__goes_its_way_and_does_the_work(company: Shop, kernel: Kernel) -> None:
    form, record = company.form("delivery"), sent(company, 10)

    def decide(values: dict[str, Any] | None, decision: str = "approve") -> Callable[[Act], Any]:
        version = now_of(company, record).version
        return lambda act: acts.decide(
            act, form, record.id, decision, Said(), task_id=task(act), version=version,
            values=values,
        )  # fmt: skip

    assert refused(company, "wang", decide(None)) == "field_of_step_missing"
    assert refused(company, "wang", decide({"customer": 1})) == "field_not_of_step"
    assert refused(company, "wang", decide(None, "reject")) == "demand_comment"
    line = record.lines["lines"][0].id
    rows = [{"id": line, "price": Decimal(1)}]
    assert refused(company, "wang", decide({"remark": "好", "lines": rows})) == "field_not_of_step"
    rows = [{"id": line, "qty": Decimal(9)}]
    company.do("wang", decide({"remark": "好", "lines": rows}))
    assert now_of(company, record).values["amount_total"] == Decimal("112.50")
    assert company.do("li", workflow.to_do) == ()
    company.do("boss", decide(None))
    after = now_of(company, record)
    assert (after.status, after.values["remark"]) == ("posted", "好✓")
    assert company.do("admin", lambda act: kernel.on_hand(act, company.ids["pen"])) == 1
    notes = company.do(
        "admin", lambda act: records_by_id(act.connection, company.form("note"), [1])
    )
    assert notes[1].values["words"] == "好，已记"
    run = company.do("admin", lambda act: last(act, Subject("shop", "delivery", record.id)))
    assert [v.step_id for v in run.instance.visits] == [
        "n_lead", "b", "n_boss", "m_note", "m_mark", "m_calc",
    ]  # fmt: skip


def test_condition_that_changes_under_the_decision__is_asked_in_it(company: Shop) -> None:
    """Attack W16: what was below the limit when it was looked at, is above it now."""
    form, record = company.form("delivery"), sent(company, 1)

    def decide(act: Act) -> Any:
        values = {"remark": "好", "lines": [{"id": line, "qty": Decimal(9)}]}
        about = (form, record.id, "approve", Said())
        return acts.decide(
            act, *about, task_id=task(act), version=record.version, values=values
        )  # fmt: skip

    line = record.lines["lines"][0].id
    company.do("wang", decide)
    after = now_of(company, record)
    assert (after.status, after.values["amount_total"]) == ("submitted", Decimal("112.50"))
    assert company.do("boss", workflow.count_to_do) == 1
    # The boss has seen the document as it was before.
    stale = (form, record.id, "approve", Said())

    def too_late(act: Act) -> Any:
        return acts.decide(act, *stale, task_id=task(act), version=record.version)

    assert refused(company, "boss", too_late) == "version_conflict"


def test_who_saw_another_document__does_not_decide(company: Shop) -> None:
    form, record = company.form("delivery"), sent(company, 1)

    def decide(act: Act) -> Any:
        return acts.decide(
            act, form, record.id, "approve", Said(), task_id=task(act), version=record.version + 7
        )

    assert refused(company, "wang", decide) == "version_conflict"
    offered = company.do("wang", lambda act: buttons(own(act, inbox.to_do(act)[0])))
    assert [each.code for each in offered] == [
        "approve", "reject", "send_back", "reassign", "add", "stash", "comment", "copy", "print",
    ]  # fmt: skip


def test_document_sent_back__is_put_right_by_whoever_submitted_it(company: Shop) -> None:
    form, record = company.form("delivery"), sent(company, 10)
    about = (form, record.id, Said("数量不对"))
    company.do("wang", lambda act: acts.send_back(act, *about, task_id=task(act), to="start"))

    def hand_in(act: Act) -> Any:
        return acts.decide(
            act, form, record.id, "fill", Said(), task_id=task(act), values={"remark": "改好了"}
        )

    company.do("clerk", hand_in)
    assert now_of(company, record).values["remark"] == "改好了"
    assert [len(company.do(who, workflow.to_do)) for who in ("wang", "li", "clerk")] == [1, 1, 0]
    company.do("clerk", lambda act: acts.withdraw(act, form, record.id, Said()))
    assert now_of(company, record).status == "draft"
    assert company.do("li", workflow.to_do) == ()


def test_preview__is_the_way_it_goes(company: Shop) -> None:
    form = company.form("delivery")
    for qty, expected in ((1, ["n_lead", "b"]), (10, ["n_lead", "b", "n_boss"])):
        values = company.delivery(("pen", qty))
        path = company.do("clerk", lambda act, v=values: preview(act, form, v))
        assert [each.step_id for each in path.steps][: len(expected)] == expected
        assert path.outcome == "approved"
        assert [each.user_id for each in path.steps[0].people] == [2, 3]
        record = sent(company, qty)
        run = company.do(
            "admin", lambda act, r=record: last(act, Subject("shop", "delivery", r.id))
        )
        assert [v.step_id for v in run.instance.visits] == ["n_lead"]


def test_running_instances__go_over_to_a_new_definition_and_back(company: Shop) -> None:
    form, record = company.form("delivery"), sent(company, 1)
    subject = Subject("shop", "delivery", record.id)
    assert form.workflow is not None
    fresh = read_workflow(
        {
            "code": form.workflow.code,
            "form": "delivery",
            "steps": [{"id": "n_new", "type": "approve", "who": {"by": "role", "role": "lead"}}],
        }
    )
    before = company.do("admin", lambda act: last(act, subject))
    stuck = company.do("admin", lambda act: migration.plan(act, "shop", fresh, {}))
    assert [each.problem for each in stuck.moves] == ["step_map_does_not_fit"]
    planned = company.do(
        "admin", lambda act: migration.plan(act, "shop", fresh, {"n_lead": "n_new"})
    )
    assert refused(company, "wang", lambda act: migration.migrate(act, planned)) == "not_your_task"
    batch = company.do("admin", lambda act: migration.migrate(act, planned))
    assert company.do("admin", lambda act: last(act, subject)).instance.visits[0].step_id == "n_new"
    standing = company.do("admin", lambda act: migration.standing(act, "shop", fresh.code))
    assert [(each.step, each.count) for each in standing] == [("n_new", 1)]
    assert company.do("admin", lambda act: migration.undo(act, batch)) == 1
    assert company.do("admin", lambda act: last(act, subject)).instance == before.instance
    company.do("admin", lambda act: migration.migrate(act, planned))
    version = now_of(company, record).version
    company.do(
        "wang",
        lambda act: acts.decide(
            act, form, record.id, "approve", Said("好"), task_id=task(act), version=version
        ),
    )
    assert now_of(company, record).status == "posted", "the new definition asks nobody else"
    told = company.do("admin", lambda act: timeline.rounds(act, "shop", "delivery", record.id))
    assert [(e.user_id, e.state, e.comment) for e in told[0].entries] == [
        (2, "approved", "好"),
        (3, "not_needed", ""),
    ]


def test_decision__few_statements(company: Shop) -> None:
    """Read once, written together: who must wait for the database, waits for each of them."""
    form, record = company.form("delivery"), sent(company, 10)
    said: list[str] = []

    def note(_c: object, _d: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    values = {"remark": "好"}
    company.do("wang", lambda act: acts.stash(
        act, form, record.id, Said(), task_id=task(act), values=values
    ))  # fmt: skip
    event.listen(company.database.engine, "before_cursor_execute", note)
    try:
        company.do("wang", lambda act: acts.decide(
            act, form, record.id, "approve", Said(), task_id=task(act), values=values
        ))  # fmt: skip
    finally:
        event.remove(company.database.engine, "before_cursor_execute", note)
    logs = [each for each in said if "s_workflow_event" in each]
    # What was filled in may have changed the run, so it is read again after that; a log that went
    # on by three events is written in one go.
    assert [each.split()[0] for each in logs] == ["SELECT", "SELECT", "INSERT"], said
    assert len([each for each in said if "INTO s_workflow_task" in each]) == 1, said
    assert len(said) <= MOST_OF_DECISION, (len(said), said)
