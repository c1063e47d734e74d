"""Kill a decision that posts at its writes, one after the other, and check what is left.

usage: one_decision.py DATABASE_ADDRESS CALL[,CALL…] STEP

The approval makes a record, tells somebody and posts to the kernel. Whatever moment it is killed
at, everything says that it was made or that it was not; and it can then be made, once.
"""

import sys
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, text

from runtime import documents, workflow
from runtime.compile import App, compile_app
from runtime.definitions import load_app
from runtime.infra.act import Act, Actor
from runtime.infra.db import Database
from runtime.infra.errors import Conflict
from runtime.posting import books
from runtime.workflow.instances import Subject, last
from tests.security.one_publish import Tried, sweep, wait_until_alone
from tests.unit.documents.conftest import APP, open_shop

NOW: Final = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
WANG: Final = Actor(2, "Wang", frozenset({"lead"}))
RECORD: Final = 1
STEPS: Final[list[dict[str, Any]]] = [
    {"id": "n_lead", "type": "approve", "who": {"by": "role", "role": "lead"}},
    {"id": "m_note", "type": "create", "form": "note", "set": {"words": '="出库"'}},
    {"id": "m_tell", "type": "notify", "who": {"by": "initiator"}, "text": '="已出库"'},
]
# What is counted                                                              before  after
COUNTED: Final = {
    "a_shop__delivery WHERE status = 'submitted'": (1, 0),
    "a_shop__delivery WHERE status = 'posted'": (0, 1),
    "a_shop__note": (0, 1),
    "k_posting WHERE doc_type = 'delivery'": (0, 1),
    "s_workflow_task WHERE state = 'open'": (2, 0),
    "s_workflow_task WHERE state = 'approved'": (0, 1),
    "s_workflow_instance WHERE state = 'running'": (1, 0),
    "s_workflow_instance WHERE state = 'approved'": (0, 1),
    "s_workflow_event WHERE kind = 'decided'": (0, 1),
    "s_audit WHERE form = 'shop.delivery' AND action = 'approve'": (0, 1),
    "s_audit WHERE form = 'shop.delivery' AND action = 'post'": (0, 1),
}


@cache
def app() -> App:
    """The shop of the tests, whose approval does more than say yes."""
    source = deepcopy(APP)
    source["workflows"][0]["steps"] = STEPS
    return compile_app(load_app(source), 1)


def make(database: Database) -> None:
    """Stock on the shelf, and a delivery that waits for its approval."""
    shop = open_shop(database, app(), NOW, None)
    goods = [{"item": shop.ids["pen"], "qty": 10, "price": 3}]
    values = {"warehouse": shop.ids["main"], "lines": goods}
    receipt, delivery = shop.form("receipt"), shop.form("delivery")
    shop.do("admin", lambda act: documents.create_and_submit(act, receipt, values))
    sent = shop.delivery(("pen", 3))
    shop.do("clerk", lambda act: documents.create_and_submit(act, delivery, sent))


def approve(database: Database) -> None:
    """The decision, in one transaction."""
    form = app().forms["delivery"]
    with database.transaction() as connection:
        act = Act(connection, WANG, NOW)
        documents.decide(act, form, RECORD, "approve", "", task_id=1)


def check(database: Database) -> str:
    """Say what is wrong: anything between before and after; then the decision is made again."""
    wait_until_alone(database)
    was_made, wrong = _state(database)
    if wrong:
        return wrong
    try:
        approve(database)
    except Conflict as refusal:
        if not was_made or refusal.code != "task_is_closed":
            return f"again: {refusal.code}"
    else:
        if was_made:
            return "made twice"
    is_made, wrong = _state(database)
    return wrong or ("" if is_made else "again: not made")


def _state(database: Database) -> tuple[bool, str]:
    """Whether the decision was made, and what does not fit that."""
    with database.reading() as connection:
        found = {each: _count(connection, each) for each in COUNTED}
        is_made = found["s_workflow_event WHERE kind = 'decided'"] > 0
        wrong = [each for each, counts in COUNTED.items() if found[each] != counts[is_made]]
        wrong += [str(one) for one in books.verify(connection) if not one["ok"]]
        act = Act(connection, WANG, NOW)
        run = last(act, Subject("shop", "delivery", RECORD))
        if run is None or run.instance.state != ("approved" if is_made else "running"):
            wrong.append("the log leads elsewhere")
        if workflow.count_to_do(act) != (not is_made):
            wrong.append("the inbox says something else")
        if database.kind == "sqlite":
            integrity = connection.execute(text("PRAGMA integrity_check")).scalar()
            wrong += [] if integrity == "ok" else [str(integrity)]
    return is_made, "; ".join(wrong)


def _count(connection: Connection, what: str) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one())


if __name__ == "__main__":
    app()  # once, for all the forks
    sys.exit(sweep(Tried(make, approve, check), sys.argv[1], sys.argv[2], int(sys.argv[3])))
