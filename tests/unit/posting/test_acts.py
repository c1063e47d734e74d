"""What the keepers of the books do without a document; each act is on record."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from runtime import posting
from runtime.infra.act import SYSTEM, Act
from runtime.infra.audit import audit_table
from runtime.infra.errors import AppError, BadRequest, NotFound, Refused
from runtime.infra.messages import message
from runtime.posting import acts, books, datasets

from .conftest import NOW, Shop


@pytest.fixture
def keeper(shop: Shop) -> Shop:
    shop.post("receipt", 1, (1, "10", "2.5"))
    return shop


def do(shop: Shop, verb: Callable[..., Any], *args: Any, **more: Any) -> Any:
    with shop.database.transaction() as connection:
        return verb(Act(connection, SYSTEM, NOW), "shop", *args, **more)


def noted(shop: Shop) -> list[tuple[str, str, dict[str, Any]]]:
    columns = (audit_table.c.action, audit_table.c.form, audit_table.c.changes)
    with shop.database.reading() as connection:
        rows = connection.execute(select(*columns).order_by(audit_table.c.id)).all()
    return [(row.action, row.form, row.changes) for row in rows]


def test_periods__close_and_reopen(keeper: Shop) -> None:
    do(keeper, acts.close_period, "2026-11")
    paper = keeper.paper("receipt", 20, (1, "1", "1"))
    with pytest.raises(Refused, match="period_closed"):
        keeper.do(posting.post_document, "receipt", paper)
    do(keeper, acts.reopen_period, "2026-11", " 补单 ")
    keeper.do(posting.post_document, "receipt", paper)
    told = noted(keeper)
    assert [(action, form) for action, form, _ in told] == [
        ("close_period", "shop.books"),
        ("reopen_period", "shop.books"),
    ]
    assert told[1][2]["reason"] == "补单"
    with keeper.database.reading() as connection:
        assert [finding for finding in books.verify(connection) if not finding["ok"]] == []


def test_rules__bear_on_what_comes(keeper: Shop) -> None:
    do(keeper, acts.set_rules, {"negative": "allow"})
    with keeper.database.reading() as connection:
        assert datasets.rules(connection, "shop")["negative"] == "allow"
    # An item the books meet from now on may go below zero, the one they know may not.
    keeper.post("delivery", 2, (2, "3", None))
    with pytest.raises(Refused, match="negative_stock"):
        keeper.post("delivery", 2, (1, "11", None))


def test_account_rule__says_where_a_change_is_booked(keeper: Shop) -> None:
    do(keeper, acts.set_account_rule, "issue", "6401")
    delivery = keeper.post("delivery", 2, (1, "4", None))
    with keeper.database.reading() as connection:
        lines = datasets.journal(connection, "shop", "delivery", delivery.id)
    assert {(line.account, str(line.amount)) for line in lines} >= {("6401", "10.00")}


def test_policy__changes_from_a_day_on(keeper: Shop) -> None:
    do(keeper, acts.change_policy, 1, on=date(2026, 11, 2), method="fifo")
    with keeper.database.reading() as connection:
        versions = datasets.policies(connection, "shop", 1)
    assert [version.method for version in versions] == ["moving_average", "fifo"]
    assert keeper.on_hand() == {(1, 1): ("10", "25.00")}
    assert noted(keeper)[-1][0] == "change_policy"


def test_reservation__held_and_let_go(keeper: Shop) -> None:
    do(keeper, acts.reserve, "r1", item=1, warehouse=1, qty=Decimal(8))
    with pytest.raises(Refused, match="reserved"):
        keeper.post("delivery", 2, (1, "3", None))
    do(keeper, acts.release, "r1")
    keeper.post("delivery", 2, (1, "3", None))


@pytest.mark.parametrize(
    ("verb", "args", "more", "code"),
    [
        (acts.close_period, ("2026-13",), {}, "close_order"),
        (acts.close_period, ("nonsense",), {}, "close_order"),
        (acts.reopen_period, ("2026-10", "x"), {}, "close_order"),
        (acts.reopen_period, ("2026-10", " "), {}, "reason_missing"),
        (acts.set_rules, ({"negative": "perhaps"},), {}, "books_rule_unknown"),
        (acts.set_rules, ({"colour": "red"},), {}, "books_rule_unknown"),
        (acts.set_account_rule, ("", "6401"), {}, "account_rule_incomplete"),
        (acts.set_account_rule, ("issue", "6401"), {"purpose": ""}, "account_rule_incomplete"),
        (acts.change_policy, (1,), {"on": date(2026, 11, 2), "method": "magic"}, "bad_policy"),
        (acts.change_policy, (9,), {"on": date(2026, 11, 2), "method": "fifo"}, "unknown_item"),
        (acts.release, ("r9",), {}, "unknown_ref"),
        (
            acts.reserve, ("r1",), {"item": 1, "warehouse": 1, "qty": Decimal(11)},
            "reserve_exceeds",
        ),
    ],
)  # fmt: skip
def test_act__that_cannot_be(
    keeper: Shop, verb: Callable[..., Any], args: Any, more: Any, code: str
) -> None:
    with pytest.raises((Refused, BadRequest)) as caught:
        do(keeper, verb, *args, **more)
    error: AppError = caught.value
    assert error.code == code
    for locale in ("zh", "en"):
        assert "…" not in message(error.code, error.params, locale)
    assert noted(keeper) == []


def test_act__before_there_are_books(shop: Shop) -> None:
    with pytest.raises(NotFound, match="books_not_open"):
        do(shop, acts.close_period, "2026-11")
