"""The same request twice, also at the same moment, is one record."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from runtime import documents
from runtime.documents.idempotency import forget
from runtime.documents.tables import idempotency
from runtime.infra.act import SYSTEM, Act
from runtime.infra.errors import AppError, Conflict, Refused


def count(shop: Any, form: str) -> int:
    with shop.database.reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(shop.form(form).table)) or 0)


def test_forget__what_nobody_sends_again_and_nothing_younger(shop: Any) -> None:
    form = shop.form("delivery")
    values = shop.delivery(("pen", 2))

    def send(key: str) -> Any:
        return lambda act: documents.create(act, form, values, key=key)

    first = shop.do("clerk", send("old")).id
    keys = [idempotency.c.key]
    for days, left in ((30, ["old"]), (31, [])):
        with shop.database.transaction() as connection:
            forget(Act(connection, SYSTEM, shop.now + timedelta(days=days)))
            assert list(connection.execute(select(*keys)).scalars()) == left
    assert shop.do("clerk", send("old")).id != first


def test_same_key_and_body__gives_the_first_record(shop: Any) -> None:
    form = shop.form("quick")
    values = shop.delivery(("pen", 2))
    del values["customer"]

    def send(act: Any) -> Any:
        return documents.create_and_submit(act, form, values, key="nonce-1")

    first = shop.do("clerk", send)
    books = shop.fingerprint()
    again = shop.do("clerk", send)
    assert (again.id, again.values) == (first.id, first.values)
    assert shop.fingerprint() == books
    assert shop.do("clerk", lambda act: shop.kernel.on_hand(act, shop.ids["pen"])) == 8


# what the second request does differently            is it the same request
OTHERS = [
    ({}, "clerk", "create", True),
    ({"remark": "x"}, "clerk", "create", False),
    ({"lines": []}, "clerk", "create", False),
    ({}, "clerk", "create_and_submit", False),
    ({}, "carol", "create", None),
]


@pytest.mark.parametrize(("more", "who", "verb", "same"), OTHERS)
def test_same_key_and_another_body__is_a_conflict(
    shop: Any, more: dict[str, Any], who: str, verb: str, same: bool | None
) -> None:
    form = shop.form("delivery")
    values = shop.delivery(("pen", 2))
    first = shop.do("clerk", lambda act: documents.create(act, form, values, key="k"))

    def second(act: Any) -> Any:
        return getattr(documents, verb)(act, form, {**values, **more}, key="k")

    if same is False:
        with pytest.raises(Conflict, match="idempotency_conflict"):
            shop.do(who, second)
        return
    # Somebody else's key is another key.
    assert (shop.do(who, second).id == first.id) is (same is True)


def test_refused_request__leaves_its_key_free(shop: Any) -> None:
    form = shop.form("delivery")
    values = shop.delivery(("pen", 11))
    with pytest.raises(Refused):
        shop.do("clerk", lambda act: documents.create_and_submit(act, form, values, key="k"))
    values["lines"][0]["qty"] = Decimal(1)
    made = shop.do("clerk", lambda act: documents.create_and_submit(act, form, values, key="k"))
    assert made.status == "submitted"


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "a\x00"])
def test_key__that_is_none(shop: Any, key: str) -> None:
    with pytest.raises(AppError, match="idempotency_key_invalid"):
        shop.do("clerk", lambda act: documents.create(act, shop.form("note"), {}, key=key))


def test_twenty_at_the_same_moment__are_one_record(shop: Any) -> None:
    form = shop.form("quick")
    values = shop.delivery(("pen", 1))
    del values["customer"]
    start = threading.Barrier(20)
    ids: list[int] = []
    failures: list[BaseException] = []

    def send() -> None:
        start.wait()
        try:
            ids.append(
                shop.do(
                    "clerk",
                    lambda act: documents.create_and_submit(act, form, values, key="click"),
                ).id
            )
        except BaseException as failure:
            failures.append(failure)
            raise

    clicks = [threading.Thread(target=send) for _ in range(20)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert not failures
    assert len(ids) == 20
    assert len(set(ids)) == 1
    assert count(shop, "quick") == 1
    assert shop.do("clerk", lambda act: shop.kernel.on_hand(act, shop.ids["pen"])) == 9
    with shop.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(idempotency)) == 1
