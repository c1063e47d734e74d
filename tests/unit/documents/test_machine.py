"""Random acts of random people against a model that fits on a page."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from runtime import documents, workflow
from runtime.infra.errors import AppError
from runtime.query import record

PEOPLE = ("clerk", "carol", "wang", "li", "admin")
CLERKS = ("clerk", "carol", "admin")
ACTS = ("create", "send", "edit", "submit", "approve", "reject", "cancel", "delete")

steps = st.lists(
    st.tuples(
        st.sampled_from(ACTS),
        st.sampled_from(PEOPLE),
        st.integers(0, 3),
        st.integers(1, 6),
        st.booleans(),
    ),
    min_size=5,
    max_size=25,
)


class Model:
    """What should be true: the status of each document, who made it, what it takes from stock."""

    def __init__(self, stock: int) -> None:
        self.stock = stock
        self.documents: dict[int, dict[str, Any]] = {}
        self.numbers = 0

    def available(self) -> int:
        taken = (d["qty"] for d in self.documents.values() if d["status"] == "posted")
        return self.stock - sum(taken)

    def allows(self, act: str, who: str, key: int | None, qty: int) -> bool:
        """Whether the act may happen now."""
        if act == "create":
            return who in CLERKS
        if act == "send":
            return who in CLERKS and qty <= self.available()
        if key is None:
            return False
        document = self.documents[key]
        status, enough = document["status"], document["qty"] <= self.available()
        editable = status == "draft" or (status == "rejected" and who in (document["by"], "admin"))
        asked = status == "submitted" and who in ("wang", "li")
        return {
            "edit": who in CLERKS and editable,
            "submit": who in CLERKS and editable and enough,
            "cancel": who in CLERKS and status != "cancelled",
            "delete": who in CLERKS and status == "draft" and not document["numbered"],
            "approve": asked and enough,
            "reject": asked,
        }[act]

    def happen(self, act: str, who: str, key: int, qty: int) -> None:
        """Follow an act that was carried out."""
        if act in ("create", "send"):
            self.documents[key] = {"status": "draft", "by": who, "qty": qty, "numbered": False}
        document = self.documents[key]
        if act in ("send", "submit"):
            self.numbers += not document["numbered"]
            document |= {"status": "submitted", "numbered": True}
        elif act == "edit":
            document |= {"status": "draft", "qty": qty}
        elif act == "delete":
            del self.documents[key]
        elif act in ("approve", "reject", "cancel"):
            endings = {"approve": "posted", "reject": "rejected", "cancel": "cancelled"}
            document["status"] = endings[act]


class Machine:
    """Carries the acts out on the real write path."""

    def __init__(self, shop: Any) -> None:
        self.shop, self.form = shop, shop.form("delivery")

    def do(self, act: str, who: str, key: int | None, qty: int) -> int:
        """Let somebody do something; returns the document's id."""
        return int(self.shop.do(who, lambda a: getattr(self, act)(a, key, qty)) or key or 0)

    def create(self, act: Any, _key: int | None, qty: int) -> int:
        return documents.create(act, self.form, self.shop.delivery(("pen", qty))).id

    def send(self, act: Any, _key: int | None, qty: int) -> int:
        return documents.create_and_submit(act, self.form, self.shop.delivery(("pen", qty))).id

    def edit(self, act: Any, key: int, qty: int) -> None:
        lines = [{"item": self.shop.ids["pen"], "qty": Decimal(qty)}]
        version = self.version(act, key)
        documents.update(act, self.form, key, {"lines": lines}, version=version)

    def submit(self, act: Any, key: int, _qty: int) -> None:
        documents.submit(act, self.form, key, version=self.version(act, key))

    def cancel(self, act: Any, key: int, _qty: int) -> None:
        documents.cancel(act, self.form, key, version=self.version(act, key), reason="错")

    def delete(self, act: Any, key: int, _qty: int) -> None:
        documents.delete(act, self.form, key, version=self.version(act, key))

    def approve(self, act: Any, key: int, _qty: int) -> None:
        self.decide(act, key, "approve")

    def reject(self, act: Any, key: int, _qty: int) -> None:
        self.decide(act, key, "reject")

    def decide(self, act: Any, key: int, decision: str) -> None:
        tasks = workflow.of_record(act, "shop", "delivery", key)
        mine = [task.task_id for task in tasks if task.user_id == act.actor.user_id]
        last = mine[-1] if mine else tasks[-1].task_id if tasks else 10**6
        documents.decide(act, self.form, key, decision, "", task_id=last)

    def version(self, act: Any, key: int) -> int:
        table = self.form.table
        return int(act.connection.scalar(select(table.c.version).where(table.c.id == key)) or 0)


@settings(
    max_examples=settings.default.max_examples // 3 if settings.default else 16,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(acts=steps)
def test_random_acts__follow_the_model(
    shop: Any, acts: list[tuple[str, str, int, int, bool]]
) -> None:
    machine = Machine(shop)
    before = _known(machine)
    model = Model(shop.do("admin", lambda a: shop.kernel.on_hand(a, shop.ids["pen"])))
    for act, who, choice, qty, stale in acts:
        keys = sorted(model.documents)
        key = keys[choice % len(keys)] if keys else None
        expected = model.allows(act, who, key, qty)
        if not expected:
            books = shop.fingerprint()
            with pytest.raises(AppError):
                machine.do(act, who, key or 10**6, qty)
            assert shop.fingerprint() == books, "what is refused changes nothing"
            continue
        made = machine.do(act, who, key or 10**6, qty)
        model.happen(act, who, made, qty)
        if stale and made in model.documents:
            with pytest.raises(AppError):
                shop.do(
                    "admin",
                    lambda a, made=made: documents.cancel(
                        a, machine.form, made, version=999, reason="错"
                    ),
                )
    _agrees(machine, model, before)


def _known(machine: Machine) -> set[int]:
    with machine.shop.database.reading() as connection:
        return set(connection.execute(select(machine.form.table.c.id)).scalars())


def _agrees(machine: Machine, model: Model, before: set[int]) -> None:
    shop, form = machine.shop, machine.form
    found = {
        key: shop.do("admin", lambda a, key=key: record(a, form, key))
        for key in _known(machine) - before
    }
    assert {key: document.status for key, document in found.items()} == {
        key: document["status"] for key, document in model.documents.items()
    }
    numbered = [d.values["document_no"] for d in found.values() if d.values["document_no"]]
    assert len(numbered) == model.numbers
    with shop.database.reading() as connection:
        given = connection.execute(select(form.by_code["document_no"].column)).scalars().all()
    running = sorted(int(number[-4:]) for number in given if number)
    assert running == list(range(1, len(running) + 1)), "no gap, no double"
    on_hand = shop.do("admin", lambda a: shop.kernel.on_hand(a, shop.ids["pen"]))
    assert on_hand == model.available() >= 0
    for key, document in found.items():
        tasks = shop.do("admin", lambda a, key=key: workflow.of_record(a, "shop", "delivery", key))
        waiting = sum(task.state == "open" for task in tasks)
        assert waiting == (2 if document.status == "submitted" else 0)
