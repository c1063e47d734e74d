"""Documents go to the kernel and come back with the field a person can change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from runtime import posting
from runtime.infra.act import SYSTEM, Act
from runtime.infra.errors import Conflict, Refused
from runtime.infra.messages import message
from runtime.posting.columns import Columns
from runtime.posting.rules import business_date

from .conftest import NOW, Line, Paper, Shop


def refused(shop: Shop, verb: Any, form: str, paper: Paper) -> Refused:
    with pytest.raises(Refused) as caught:
        shop.do(verb, form, paper)
    return caught.value


def test_a_day_in_the_shop(shop: Shop) -> None:
    shop.post("receipt", 1, (1, "10", "2.5"), (2, "4", "1"))
    shop.post("transfer", 2, (1, "3", None), target=2)
    shop.post("delivery", 3, (1, "2", None), (2, "4", None))
    assert shop.on_hand() == {(1, 1): ("5", "12.50"), (1, 2): ("3", "7.50")}
    with shop.database.reading() as connection:
        assert all(finding["ok"] for finding in posting.books.verify(connection))


def test_receipt__an_amount_goes_before_the_price(shop: Shop) -> None:
    paper = shop.paper("receipt", 1, (1, "3", "9.99"))
    line = Line({**paper.lines["lines"][0].values, "amount": Decimal("10.00")})
    shop.do(posting.post_document, "receipt", replace(paper, lines={"lines": (line,)}))
    assert shop.on_hand() == {(1, 1): ("3", "10.00")}


def test_posting_twice_is_posting_once(shop: Shop) -> None:
    paper = shop.post("receipt", 1, (1, "10", "2.5"))
    shop.do(posting.post_document, "receipt", paper)
    assert shop.on_hand() == {(1, 1): ("10", "25.00")}
    line = Line({**paper.lines["lines"][0].values, "qty": Decimal(11)})
    with pytest.raises(Conflict):
        shop.do(posting.post_document, "receipt", replace(paper, lines={"lines": (line,)}))


@pytest.mark.parametrize("verb", [posting.post_document, posting.check_document])
def test_shortage__names_every_line(shop: Shop, verb: Any) -> None:
    shop.post("receipt", 1, (1, "3", "2"), (2, "5", "2"))
    paper = shop.paper("delivery", 2, (1, "4", None), (2, "1", None), (2, "4.5", None))
    error = refused(shop, verb, "delivery", paper)
    assert error.code == "negative_stock"
    assert [
        (p.pointer, p.code, p.params["line"], p.params["item"], p.params["on_hand"])
        for p in error.problems
    ] == [
        ("/lines/0/qty", "negative_stock", 1, "螺丝", "3"),
        ("/lines/2/qty", "negative_stock", 3, "螺母", "4"),
    ]
    assert message(error.problems[0].code, error.problems[0].params) == (
        "第 1 行 螺丝：主仓 现有 3，不够出 4"
    )
    assert shop.on_hand() == {(1, 1): ("3", "6.00"), (2, 1): ("5", "10.00")}


def test_check__leaves_nothing_behind(shop: Shop) -> None:
    shop.post("receipt", 1, (1, "3", "2"))
    paper = shop.paper("delivery", 2, (1, "3", None))
    shop.do(posting.check_document, "delivery", paper)
    assert shop.on_hand() == {(1, 1): ("3", "6.00")}
    shop.do(posting.post_document, "delivery", paper)
    assert shop.on_hand() == {}


def test_shortage_later__names_who_needs_it(shop: Shop) -> None:
    shop.post("receipt", 1, (1, "3", "2"))
    later = shop.post("delivery", 9, (1, "3", None))
    error = refused(
        shop, posting.post_document, "delivery", shop.paper("delivery", 5, (1, "1", None))
    )
    assert error.code == "negative_stock_future"
    assert error.params["blocking"] == [
        {"form": "delivery", "id": later.id, "title": f"DELIVERY-{later.id}"}
    ]


def test_void__restores(shop: Shop) -> None:
    shop.post("receipt", 1, (1, "3", "3.333333"))
    was = shop.on_hand()
    paper = shop.post("delivery", 2, (1, "1", None))
    shop.do(posting.void_document, "delivery", paper)
    assert shop.on_hand() == was


def test_void__refused_while_others_need_it(shop: Shop) -> None:
    receipt = shop.post("receipt", 1, (1, "3", "2"))
    first = shop.post("delivery", 2, (1, "1", None))
    second = shop.post("transfer", 3, (1, "1", None), target=2)
    error = refused(shop, posting.void_document, "receipt", receipt)
    assert error.code == "has_dependents"
    assert [(one["form"], one["id"]) for one in error.params["blocking"]] == [
        ("delivery", first.id),
        ("transfer", second.id),
    ]
    assert message(error.code, error.params) == (
        f"不能作废：DELIVERY-{first.id}、TRANSFER-{second.id} 要用到它的库存，请先作废这些单据"
    )
    shop.do(posting.void_document, "transfer", second)
    shop.do(posting.void_document, "delivery", first)
    shop.do(posting.void_document, "receipt", receipt)
    assert shop.on_hand() == {}


@pytest.mark.parametrize(
    ("form", "line", "more", "code", "pointer"),
    [
        ("receipt", {"price": None}, {}, "bad_value", "/lines/0/price"),
        ("receipt", {"price": Decimal(-1)}, {}, "negative_value", "/lines/0/price"),
        ("receipt", {"item": None}, {}, "unknown_item", "/lines/0/item"),
        ("receipt", {"qty": None}, {}, "bad_qty", "/lines/0/qty"),
        ("receipt", {}, {"warehouse": None}, "unknown_warehouse", "/warehouse"),
        ("transfer", {}, {"target": 1}, "same_warehouse", "/target"),
        ("transfer", {}, {"target": None}, "unknown_warehouse", "/target"),
        ("delivery", {"qty": Decimal(0)}, {}, "bad_qty", "/lines/0/qty"),
    ],
)
def test_refusal__points_at_the_field(
    shop: Shop, form: str, line: dict[str, Any], more: dict[str, Any], code: str, pointer: str
) -> None:
    shop.post("receipt", 1, (1, "3", "2"))
    paper = shop.paper(form, 2, (1, "1", "2"), **more)
    changed = Line({**paper.lines["lines"][0].values, **line})
    paper = replace(paper, lines={"lines": (changed,)})
    error = refused(shop, posting.post_document, form, paper)
    assert [(problem.code, problem.pointer) for problem in error.problems] == [(code, pointer)]
    for locale in ("zh", "en"):
        assert "…" not in message(code, error.problems[0].params, locale)


def test_business_date__an_instant_is_read_on_the_clock_of_the_app(shop: Shop) -> None:
    rule = shop.form("receipt").posting
    assert rule is not None
    late = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
    paper = replace(shop.paper("receipt", 1), values={"day": late})
    assert business_date(rule, paper, "Asia/Shanghai").isoformat() == "2026-11-21T01:30:00"


def test_void__once(shop: Shop) -> None:
    paper = shop.post("receipt", 1, (1, "3", "2"))
    shop.do(posting.void_document, "receipt", paper)
    with pytest.raises(Conflict, match="already_cancelled"):
        shop.do(posting.void_document, "receipt", paper)


def test_void__of_a_closed_month(shop: Shop) -> None:
    """While today is closed too nothing can be undone; afterwards a red document does it."""
    paper = shop.post("receipt", 1, (1, "3", "2"))
    with shop.database.transaction() as connection:
        posting.acts.close_period(Act(connection, SYSTEM, NOW), "shop", "2026-11")
    error = refused(shop, posting.void_document, "receipt", paper)
    assert error.code == "period_closed"
    assert shop.on_hand() == {(1, 1): ("3", "6.00")}
    with shop.database.transaction() as connection:
        later = Act(connection, SYSTEM, NOW + timedelta(days=20))
        posting.void_document(later, shop.form("receipt"), paper)
    assert shop.on_hand() == {}
    with shop.database.reading() as connection:
        rows = posting.datasets.stock_ledger(connection, "shop", 1)
    assert [(row.date, str(row.qty)) for row in rows] == [("2026-11-01", "3"), ("2026-12-11", "-3")]


def test_shortage__names_a_document_whose_form_is_gone(shop: Shop) -> None:
    """The books outlive the definitions: what has no form any more is named by its id."""
    receipt = shop.post("receipt", 1, (1, "3", "2"))
    later = shop.post("delivery", 9, (1, "3", None))
    form = shop.form("receipt")
    left = {code: one for code, one in form.siblings.items() if code != "delivery"}
    with pytest.raises(Refused) as caught, shop.database.transaction() as connection:
        posting.void_document(Act(connection, SYSTEM, NOW), replace(form, siblings=left), receipt)
    assert caught.value.params["documents"] == f"delivery {later.id}"


def test_rule__names_and_addresses(shop: Shop) -> None:
    rule = shop.form("delivery").posting
    assert rule is not None
    columns, paper = Columns(rule), shop.paper("delivery", 1, (1, "1", None))
    table = (
        ("qty", 2, "/lines/2/qty"),
        ("warehouse", 2, "/warehouse"),
        ("to_warehouse", 2, "/lines/2"),
        ("to_warehouse", None, "/lines"),
    )
    for name, line, pointer in table:
        assert columns.pointer(name, line) == pointer
    assert columns.label(paper, "item", "1") == "螺丝"
    assert columns.label(paper, "item", "99") == "99"
    assert columns.label(paper, "to_warehouse", "1") == "1"
