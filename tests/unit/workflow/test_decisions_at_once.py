"""Decisions at the same moment, with the real books behind them: one effect, one posting."""

import random
from collections import Counter
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text

from runtime import documents, workflow
from runtime.compile import App, compile_app
from runtime.definitions import load_app
from runtime.infra.act import Act
from runtime.infra.db import Database
from runtime.infra.messages import message
from runtime.posting import books
from runtime.query import Record, records_by_id
from runtime.workflow.instances import Subject, last
from runtime.workflow.tables import events, instances, tasks
from tests.conftest import Fill, depth
from tests.prepared import opened
from tests.unit.documents.conftest import APP, Shop, open_shop
from tests.unit.documents.test_at_the_same_moment import actions, decisions, together

ROUNDS = {"quick": 6, "full": 50}
CROWD = 50
# form, and who presses what together  what may come of it: how it ends, how many are told no
RACES: dict[tuple[str, str], set[tuple[str, int]]] = {
    ("quick", "wang+ li+"): {("posted", 1)},
    ("quick", "wang+ li-"): {("posted", 1), ("rejected", 1)},
    ("quick", "wang- li-"): {("rejected", 1)},
    ("delivery", "wang+ li+"): {("posted", 0)},
    ("delivery", "wang+ wang+ li+ li+"): {("posted", 2)},
    ("delivery", "wang+ li-"): {("rejected", 0), ("rejected", 1)},
    ("delivery", "wang- li-"): {("rejected", 1)},
}


@pytest.fixture(scope="module")
def both() -> App:
    """One of two is enough for a retail sale; of a delivery both have to approve."""
    source = deepcopy(APP)
    (lead,) = source["workflows"][0]["steps"]
    lead["mode"] = "all"
    sale = {"code": "sale_approval", "label": "零售审批", "form": "quick", "steps": [
        {"id": "n_any", "type": "approve", "who": {"by": "role", "role": "lead"}, "mode": "any"},
    ]}  # fmt: skip
    source["workflows"].append(sale)
    next(form for form in source["forms"] if form["code"] == "quick")["workflow"] = sale["code"]
    return compile_app(load_app(source), 1)


@pytest.fixture
def stocked(database: Database, both: App, now: datetime, fill: Fill) -> Shop:
    def make(url: str) -> Any:
        with opened(url) as empty:
            made = open_shop(empty, both, now, None)
            values = {
                "warehouse": made.ids["main"],
                "lines": [{"item": made.ids["pen"], "qty": 1000, "price": 3}],
            }
            form = made.form("receipt")
            made.do("admin", lambda act: documents.create_and_submit(act, form, values))
            return made.people, made.ids

    people, ids = fill("shop of two approvers", make)
    return Shop(both, database, now, None, dict(people), dict(ids))


def sent(shop: Shop, form: str) -> Record:
    values = shop.delivery(("pen", 1))
    if form == "quick":
        del values["customer"]
    made: Record = shop.do(
        "clerk", lambda act: documents.create_and_submit(act, shop.form(form), values)
    )
    return made


def require_one_effect(shop: Shop, record: Record, state: str, counted: int) -> None:
    """Status, log, tasks, trail and books say the same, once."""
    form = record.form.code
    subject = Subject("shop", form, record.id)
    with shop.database.reading() as connection:
        now = records_by_id(connection, record.form, [record.id])[record.id]
        run = last(Act(connection, shop.people["admin"], shop.now), subject)
        row = connection.execute(select(instances).where(instances.c.id == run.id)).one()
        said = select(func.count()).where(
            events.c.instance_id == run.id, events.c.kind == "decided"
        )
        decided = connection.scalar(said)
        waiting = select(func.count()).where(tasks.c.instance_id == run.id, tasks.c.state == "open")
        is_open = connection.scalar(waiting)
        asked = text("SELECT count(*) FROM k_posting WHERE doc_type = :form AND doc_id = :id")
        postings = connection.scalar(asked, {"form": form, "id": str(record.id)})
    assert now.status == state
    assert (row.state, run.instance.state) == ("approved" if state == "posted" else state,) * 2
    assert (decided, is_open) == (counted, 0)
    assert postings == (state == "posted")
    done = actions(shop, record.id, form)
    assert done["approve"] + done["reject"] == counted
    assert done["post"] == postings


def require_books(shop: Shop) -> None:
    with shop.database.reading() as connection:
        assert [one for one in books.verify(connection) if not one["ok"]] == []


def told(endings: Counter[str]) -> int:
    """How many were told no, and in words."""
    assert set(endings) <= {"ok", "task_is_closed"}, endings
    for code in set(endings) - {"ok"}:
        for locale in ("zh", "en"):
            assert len(message(code, locale=locale)) > 10
    return endings["task_is_closed"]


def test_two_at_the_same_moment(stocked: Shop, seed: int) -> None:
    """Of every race some rounds; of which, the seed says."""
    draw = random.Random(seed)
    names = list(RACES)
    for round_ in range(ROUNDS[depth()]):
        form, words = names[round_] if round_ < len(names) else draw.choice(names)
        record = sent(stocked, form)
        acts = decisions(stocked, record, words)
        draw.shuffle(acts)
        refused = told(together(acts))
        found = stocked.do("admin", lambda act, r=record: _now(act, r))
        assert (found, refused) in RACES[form, words], (form, words)
        require_one_effect(stocked, record, found, len(acts) - refused)
    require_books(stocked)


def _now(act: Act, record: Record) -> str:
    return records_by_id(act.connection, record.form, [record.id])[record.id].status


def test_fifty_times_by_one(stocked: Shop) -> None:
    record = sent(stocked, "quick")
    endings = together(decisions(stocked, record, "wang+ " * CROWD))
    assert told(endings) == CROWD - 1
    require_one_effect(stocked, record, "posted", 1)
    assert stocked.do("li", workflow.count_to_do) == 0
    require_books(stocked)
