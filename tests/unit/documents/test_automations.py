"""Automations: every write sets them off, a run is whole or nothing, loops end, all is told."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from runtime import documents, workflow
from runtime.compile import App, Form, compile_app
from runtime.definitions import load_app
from runtime.documents.batch import run as batches
from runtime.documents.batch import store
from runtime.documents.flows import buttons, jobs, runs, schedule
from runtime.documents.flows.runs import RunRow
from runtime.documents.many import create_many
from runtime.infra import clock, notices
from runtime.infra.act import Act
from runtime.infra.audit import audit_table
from runtime.infra.errors import AppError, Conflict, NotFound
from runtime.infra.jobs import run_one
from runtime.infra.settings import Settings, read
from runtime.query import Record, records_by_id
from runtime.tasks import TASKS
from runtime.workflow.tables import pending
from tests.unit.documents.conftest import APP, Shop

Json = dict[str, Any]


def note(step_id: str, words: str) -> Json:
    return {"id": step_id, "type": "create", "form": "note", "set": {"words": words}}


def rule(code: str, form: str, trigger: Json, *steps: Json, **more: Any) -> Json:
    return {
        "code": code,
        "label": code,
        "form": form,
        "trigger": trigger,
        "steps": list(steps),
        **more,
    }


MADE = rule("made", "item", {"on": "create"}, note("n", '="新 "&{name}'))
PRICED = rule(
    "priced", "item", {"on": "change", "fields": ["price_sale"]}, note("n", '="价 "&{name}')
)
GONE = rule("gone", "item", {"on": "delete"}, note("n", '="删 "&{name}'))
SOLD = rule(
    "sold",
    "delivery",
    {"on": "change", "status": ["posted", "rejected"], "when": "{amount_total}>0"},
    note("n", '="出 "&{document_no}'),
)
ROWS = rule(
    "rows",
    "delivery",
    {"on": "change", "fields": ["lines.qty"]},
    note("n", '="量 "&{amount_total}'),
)


class Apps:
    """The app of a test in the place of what is published."""

    def __init__(self, app: App) -> None:
        self.one = app

    def form(self, _connection: Any, _app: str, form: str) -> Form:
        return self.one.forms[form]

    def app(self, _connection: Any, code: str) -> App:
        if code != self.one.code:
            raise NotFound
        return self.one


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read({"DAJIAN_HOME": str(tmp_path)})


@pytest.fixture
def opened(shop: Shop, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Shop]:
    """The shop with automations; its clock stands at `now`."""

    def make(*rules: Json) -> Shop:
        source = deepcopy(APP)
        source["workflows"] += rules
        found = replace(shop, app=compile_app(load_app(source), 1))
        for module in (jobs, schedule):
            monkeypatch.setattr(module, "Catalogue", lambda: Apps(found.app))
        monkeypatch.setattr(clock, "now", lambda: now)
        return found

    return make


def drain(shop: Shop, settings: Settings) -> None:
    """Let the worker do everything that is due."""
    while run_one(shop.database, settings, TASKS):
        pass


def words(shop: Shop) -> list[str]:
    form = shop.form("note")
    with shop.database.reading() as connection:
        found = connection.execute(select(form.table).order_by(form.table.c.id)).all()
    return [row._mapping[form.by_code["words"].column] for row in found]


def log(shop: Shop) -> tuple[RunRow, ...]:
    found: tuple[RunRow, ...] = shop.do("admin", lambda act: runs.listed(act, "shop"))
    return found


def item(shop: Shop, who: str = "clerk", **more: Any) -> Record:
    values = {"item_no": more.pop("item_no", "N1"), "name": "本子", **more}
    made: Record = shop.do(who, lambda act: documents.create(act, shop.form("item"), values))
    return made


def test_every_way_of_writing__sets_off(opened: Callable[..., Shop], settings: Settings) -> None:
    shop = opened(MADE, PRICED, GONE)
    form = shop.form("item")
    made = item(shop, price_sale=Decimal(1))

    def change(values: Mapping[str, Any]) -> Record:
        found = shop.do("clerk", lambda act: records_by_id(act.connection, form, [made.id]))
        version = found[made.id].version
        after: Record = shop.do(
            "clerk", lambda act: documents.update(act, form, made.id, values, version=version)
        )
        return after

    change({"price_sale": Decimal(2)})
    last = change({"specification": "厚"})
    first = shop.do("clerk", lambda act: documents.versions(act, form, made.id))[-1].id
    shop.do(
        "clerk",
        lambda act: documents.restore_version(
            act, form, made.id, restored=first, version=last.version
        ),
    )
    sent = [{"item_no": f"M{n}", "name": f"多{n}"} for n in range(2)]
    shop.do("admin", lambda act: create_many(act, form, sent))
    drain(shop, settings)
    shop.do("clerk", lambda act: documents.delete(act, form, made.id, version=last.version + 1))
    drain(shop, settings)
    expected = ["新 本子", "价 本子", "价 本子", "新 多0", "新 多1", "删 本子"]
    assert words(shop) == expected
    shop.do("clerk", lambda act: documents.undelete(act, form, made.id))
    _bulk(shop, form, made.id)
    drain(shop, settings)
    assert words(shop) == [*expected, "新 本子", "价 本子"]
    assert {(row.state, row.by) for row in log(shop)} == {
        ("approved", "Clerk"),
        ("approved", "Admin"),
    }
    assert {row.on for row in log(shop)} == {"create", "change", "delete"}
    assert not shop.do("admin", lambda act: act.connection.execute(select(pending)).all())


def _bulk(shop: Shop, form: Form, record_id: int) -> None:
    given = {"values": {"price_sale": "9"}}
    ids = select(form.table.c.id).where(form.table.c.id == record_id)
    batch = shop.do("clerk", lambda act: store.begin(act, form, "update", given, ids))

    @contextmanager
    def acting() -> Iterator[Act]:
        with shop.database.transaction() as connection:
            yield Act(connection, shop.people["clerk"], shop.now)

    batches.run(batch.id, acting, lambda _act: form, lambda _done: None)


def test_run__is_told_with_what_it_read_and_wrote(
    opened: Callable[..., Shop], settings: Settings
) -> None:
    find = {"id": "f", "type": "find", "form": "warehouse", "match": {"name": "主仓"}}
    wait = {"id": "w", "type": "wait", "for": {"n": 1, "unit": "hours"}}
    steps = (
        find,
        note("n", '="新 "&{name}'),
        wait,
        {"id": "c", "type": "calculate", "set": {"specification": "好"}},
    )
    shop = opened(rule("made", "item", {"on": "create"}, *steps))
    made = item(shop)
    drain(shop, settings)
    (row,) = log(shop)
    assert (row.state, row.on, row.record_id, row.form) == ("running", "create", made.id, "item")
    told = shop.do("admin", lambda act: runs.detail(act, row.id))
    assert [(each.step, each.state) for each in told.steps] == [
        ("f", "done"), ("n", "done"), ("w", "waiting"),
    ]  # fmt: skip
    assert told.steps[0].read == (("warehouse", shop.ids["main"]),)
    assert told.steps[1].wrote == (("note", 1, ["words"]),)
    with pytest.raises(AppError):
        shop.do("clerk", lambda act: runs.detail(act, row.id))
    audits = select(audit_table).where(audit_table.c.form == "shop.note")
    written = shop.do("admin", lambda act: act.connection.execute(audits).all())
    assert [(each.source, each.user_name) for each in written] == [("flow", "Clerk")]


def test_refused_step__undoes_the_run_and_is_tried_again(
    opened: Callable[..., Shop], settings: Settings
) -> None:
    twice = {"id": "t", "type": "create", "form": "item", "set": {"item_no": "P1", "name": "又"}}
    shop = opened(
        rule(
            "made",
            "item",
            {"on": "create", "when": '{item_no}="N1"', "retry": 1},
            note("n", "一"),
            twice,
        )
    )
    made = item(shop)
    drain(shop, settings)
    assert made.version == 1, "the write itself stands"
    assert words(shop) == []
    (row,) = log(shop)
    assert (row.state, row.error) == ("failed", "validation_failed")
    told = shop.do("admin", lambda act: runs.detail(act, row.id))
    assert [(each.step, each.state) for each in told.steps] == [("n", "undone"), ("t", "failed")]
    assert [(pointer, code) for pointer, code, _ in told.problems] == [
        ("/item_no", "value_taken_by")
    ]
    pen = shop.ids["pen"]
    form = shop.form("item")
    version = shop.do("admin", lambda act: records_by_id(act.connection, form, [pen]))[pen].version
    shop.do(
        "admin",
        lambda act: documents.update(act, form, pen, {"item_no": "P0"}, version=version),
    )
    state = shop.do("admin", lambda act: runs.retry(act, Apps(shop.app), row.id))
    assert (state, words(shop)) == ("approved", ["一"])
    with pytest.raises(Conflict):
        shop.do("admin", lambda act: runs.retry(act, Apps(shop.app), row.id))
    told = shop.do("admin", lambda act: runs.detail(act, row.id))
    assert [each.state for each in told.steps] == ["undone", "failed", "done", "done"]


def test_loop__stops_and_names_its_chain(opened: Callable[..., Shop], settings: Settings) -> None:
    grow = {"id": "c", "type": "calculate", "set": {"specification": '={specification}&"x"'}}
    shop = opened(rule("grow", "item", {"on": "change", "retry": 0}, grow))
    made = item(shop, specification="")
    form = shop.form("item")
    shop.do("clerk", lambda act: documents.update(act, form, made.id, {"name": "薄"}, version=1))
    drain(shop, settings)
    found = log(shop)
    assert [row.state for row in found] == ["failed", *["approved"] * 10]
    assert found[0].error == "flow_loop"
    assert found[0].error_params["chain"].count(f"grow #{made.id}") == 11
    assert [row.depth for row in found] == list(range(10, -1, -1))
    now = shop.do("admin", lambda act: records_by_id(act.connection, form, [made.id]))[made.id]
    assert now.values["specification"] == "x" * 10
    told = shop.do("admin", notices.count_unread)
    assert told == 1


def test_with_the_write__refuses_it(opened: Callable[..., Shop]) -> None:
    find = {
        "id": "f",
        "type": "find",
        "form": "warehouse",
        "match": {"name": "={name}"},
        "none": "stop",
    }
    grow = {"id": "c", "type": "calculate", "set": {"specification": "仓"}}
    shop = opened(rule("must", "item", {"on": "create", "runs": "with"}, find, grow))
    before = shop.fingerprint()
    with pytest.raises(Conflict) as refusal:
        item(shop)
    assert (refusal.value.code, refusal.value.params) == ("flow_refused_write", {"flow": "must"})
    assert [each.code for each in refusal.value.problems] == ["flow_target_missing"]
    assert shop.fingerprint() == before
    made = item(shop, item_no="N2", name="主仓")
    assert (made.version, made.values["specification"]) == (2, "仓")
    refused, kept = shop.do(
        "admin",
        lambda act: create_many(
            act, shop.form("item"),
            [{"item_no": "N3", "name": "无"}, {"item_no": "N4", "name": "主仓"}],
        ),
    )  # fmt: skip
    assert isinstance(refused, Conflict)
    assert not isinstance(kept, AppError)
    assert [row.state for row in log(shop)] == ["approved", "approved"]


def test_state_of_a_document__sets_off(opened: Callable[..., Shop], settings: Settings) -> None:
    shop = opened(SOLD, ROWS)
    form = shop.form("delivery")
    sent = shop.do(
        "clerk",
        lambda act: documents.create_and_submit(act, form, shop.delivery(("pen", 2))),
    )
    drain(shop, settings)
    assert words(shop) == []
    task = shop.do("wang", task_of)
    shop.do("wang", lambda act: documents.decide(act, form, sent.id, "approve", "", task_id=task))
    drain(shop, settings)
    assert words(shop) == [f"出 {sent.values['document_no']}"]
    draft = shop.do("clerk", lambda act: documents.create(act, form, shop.delivery(("pen", 1))))
    line = draft.lines["lines"][0].id
    rows = [{"id": line, "item": shop.ids["pen"], "qty": Decimal(3)}]
    shop.do("clerk", lambda act: documents.update(act, form, draft.id, {"lines": rows}, version=1))
    shop.do("clerk", lambda act: documents.update(act, form, draft.id, {"remark": "急"}, version=2))
    drain(shop, settings)
    assert words(shop)[1:] == ["量 37.5"]


def task_of(act: Act) -> int:
    return workflow.to_do(act)[-1].task_id


def test_button__for_whom_it_is_there(opened: Callable[..., Shop]) -> None:
    press = {"on": "button", "label": "复制", "roles": ["clerk"], "when": '{name}<>"钢笔"'}
    shop = opened(rule("copy", "item", press, note("n", '="抄 "&{name}')))
    form, made = shop.form("item"), item(shop)

    def offered(who: str, record: Record) -> list[str]:
        found = shop.do(who, lambda act: buttons.offered(act, form, record))
        return [each.label.zh for each in found]

    pen = shop.do("admin", lambda act: records_by_id(act.connection, form, [shop.ids["pen"]]))
    assert offered("clerk", made) == ["复制"]
    assert offered("clerk", pen[shop.ids["pen"]]) == []
    assert offered("wang", made) == []
    tries = [("wang", made.id, 1, "button_not_yours"), ("mole", made.id, 1, "form_forbidden"),
             ("clerk", made.id, 7, "version_conflict"), ("clerk", 999, 1, "not_found"),
             ("clerk", shop.ids["pen"], 1, "button_not_offered")]  # fmt: skip
    for who, record_id, version, why in tries:
        with pytest.raises(AppError) as refusal:
            shop.do(who, lambda act: buttons.press(act, form, record_id, "copy", version=version))  # noqa: B023
        assert refusal.value.code == why, (who, record_id)
    shop.do("clerk", lambda act: buttons.press(act, form, made.id, "copy", version=1))
    assert words(shop) == ["抄 本子"]


def test_schedule_and_dates__are_set_off_once(
    opened: Callable[..., Shop], settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = {"id": "f", "type": "find", "form": "item", "match": {"name": "钢笔"}, "take": "all"}
    each = {
        "id": "o",
        "type": "loop",
        "of": "f",
        "steps": [
            {
                "id": "n",
                "type": "create",
                "form": "note",
                "set": {"words": {"from": "f", "field": "item_no"}},
            }
        ],
    }
    shop = opened(
        rule("weekly", "item", {"on": "schedule", "every": "day", "time": "10:00"}, find, each),
        rule(
            "all",
            "warehouse",
            {"on": "schedule", "every": "day", "time": "10:30", "each": True},
            note("n", '="仓 "&{name}'),
        ),
        rule(
            "due",
            "delivery",
            {"on": "date", "field": "document_date", "offset": 1, "time": "11:00"},
            note("n", '="到 "&{remark}'),
        ),
    )
    item(shop, item_no="P2", name="钢笔")
    shop.do(
        "clerk",
        lambda act: documents.create(
            act, shop.form("delivery"), shop.delivery(("pen", 1), remark="甲")
        ),
    )

    def at(hours: float) -> list[str]:
        moment = now + timedelta(hours=hours)
        monkeypatch.setattr(clock, "now", lambda: moment)
        with shop.database.transaction() as connection:
            schedule.look_at(Act(connection, shop.people["system"], moment), shop.app)
        before = len(words(shop))
        drain(shop, settings)
        return words(shop)[before:]

    assert at(0) == []
    assert at(0.4) == []
    assert at(0.6) == ["P1", "P2"]
    assert at(0.7) == []
    assert at(1.1) == ["仓 主仓"]
    # A day was missed: what is late is done once. The delivery of the day before is due at eleven.
    assert sorted(at(49.6)) == sorted(["P1", "P2", "仓 主仓", "到 甲"])
    # A clock that was set wrong and put right again does not silence anything for long.
    assert sorted(at(9000)) == sorted(["P1", "P2", "仓 主仓"])
    assert at(50) == []
    assert at(72.6) == ["P1", "P2"]
