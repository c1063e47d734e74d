"""The walk of a storekeeper with the real kernel behind the write path."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from runtime import documents, posting, workflow
from runtime.infra.act import Act
from runtime.infra.errors import Refused
from runtime.query import Record


def on_hand(shop: Any, item: str) -> tuple[Decimal, Decimal]:
    """Quantity and value of an item."""

    def look(act: Act) -> tuple[Decimal, Decimal]:
        rows = posting.datasets.stock_on_hand(act.connection, "shop", item=shop.ids[item])
        found = list(rows)
        return sum((row.qty for row in found), Decimal()), sum(
            (row.value for row in found), Decimal()
        )

    found: tuple[Decimal, Decimal] = shop.do("admin", look)
    return found


def send(shop: Any, form: str, *lines: tuple[str, str, str]) -> Record:
    """Create and submit a document of `(item, qty, price)` lines."""
    values = shop.delivery(
        lines=[{"item": shop.ids[item], "qty": qty, "price": price} for item, qty, price in lines]
    )
    if form != "delivery":
        del values["customer"]
    made: Record = shop.do(
        "clerk", lambda act: documents.create_and_submit(act, shop.form(form), values)
    )
    return made


def refused(shop: Any, what: Callable[[], Any]) -> Refused:
    """Do what the kernel refuses; nothing is written."""
    books = shop.fingerprint()
    with pytest.raises(Refused) as refusal:
        what()
    assert shop.fingerprint() == books
    return refusal.value


def approve(shop: Any) -> Record | None:
    def decide(act: Act) -> Record | None:
        task = workflow.to_do(act)[0]
        form = shop.form(task.form)
        return documents.decide(act, form, task.record_id, "approve", "", task_id=task.task_id)

    found: Record | None = shop.do("wang", decide)
    return found


def cancel(shop: Any, record: Record) -> Record:
    done: Record = shop.do(
        "clerk",
        lambda act: documents.cancel(
            act, record.form, record.id, version=record.version, reason="错"
        ),
    )
    return done


def test_walk__receive_deliver_cancel(real_shop: Any) -> None:
    shop = real_shop
    receipt = send(shop, "receipt", ("pen", "10", "3"), ("ink", "4", "2.5"))
    assert (receipt.status, receipt.values["document_no"]) == ("posted", "CGRK-202611210001")
    assert on_hand(shop, "pen") == (Decimal(10), Decimal(30))

    too_much = refused(shop, lambda: send(shop, "delivery", ("pen", "9", "5"), ("ink", "5", "5")))
    assert [problem.pointer for problem in too_much.problems] == ["/lines/1/qty"]

    delivery = send(shop, "delivery", ("pen", "4", "5"))
    assert on_hand(shop, "pen") == (Decimal(10), Decimal(30)), "nothing is taken before approval"
    posted = approve(shop)
    assert posted is not None
    assert posted.status == "posted"
    assert on_hand(shop, "pen") == (Decimal(6), Decimal(18))

    blocked = refused(shop, lambda: cancel(shop, receipt))
    assert blocked.code == "has_dependents"
    assert str(delivery.values["document_no"]) in repr(blocked.params) + repr(blocked.problems)

    assert cancel(shop, posted).status == "cancelled"
    assert on_hand(shop, "pen") == (Decimal(10), Decimal(30))
    assert cancel(shop, receipt).status == "cancelled"
    assert on_hand(shop, "pen") == (Decimal(0), Decimal(0))


def test_approval__after_the_stock_has_gone__is_refused_whole(real_shop: Any) -> None:
    shop = real_shop
    send(shop, "receipt", ("pen", "10", "3"))
    send(shop, "delivery", ("pen", "8", "5"))
    send(shop, "quick", ("pen", "5", "5"))
    refusal = refused(shop, lambda: approve(shop))
    assert [problem.pointer for problem in refusal.problems] == ["/lines/0/qty"]
    assert "钢笔" in repr(refusal.problems), "the item is named, not numbered"
