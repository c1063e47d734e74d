"""What the history of a document says."""

from typing import Any

import pytest

from runtime import documents
from runtime.infra.errors import NotFound


def test_history__in_words(shop: Any) -> None:
    form, ids = shop.form("delivery"), shop.ids
    made = shop.do(
        "clerk",
        lambda act: documents.create(act, form, shop.delivery(("pen", 1), ("ink", 2))),
    )
    first = made.lines["lines"][0].id
    lines = [{"id": first, "qty": "3"}, {"item": ids["pen"], "qty": "1", "price": "1.5"}]
    sent = {"lines": lines, "remark": "急"}
    shop.do("carol", lambda act: documents.update(act, form, made.id, sent, version=1))
    shop.do(
        "clerk",
        lambda act: documents.update(act, form, made.id, {"remark": None}, version=2),
    )
    shop.do(
        "clerk",
        lambda act: documents.cancel(act, form, made.id, version=3, reason="客户不要了"),
    )
    cancelled, cleared, changed, created = shop.do(
        "wang", lambda act: documents.history(act, form, made.id)
    )
    assert created.text == "Clerk 新建"
    assert created.changes == (
        "customer：上海银行",
        "warehouse：主仓",
        "document_date：2026-11-21",
        "amount_total：28.50",
        "lines 第 1 行 item：钢笔",
        "lines 第 1 行 specification：0.5mm",
        "lines 第 1 行 qty：1",
        "lines 第 1 行 price：12.50",
        "lines 第 1 行 amount：12.50",
        "lines 第 2 行 item：墨水",
        "lines 第 2 行 qty：2",
        "lines 第 2 行 price：8.00",
        "lines 第 2 行 amount：16.00",
    )
    assert (changed.text, changed.who) == ("Carol 修改", "Carol")
    assert changed.changes == (
        "remark：急",
        "amount_total：28.50 → 39.00",
        "lines 第 2 行 item：清空（原为 墨水）",
        "lines 第 2 行 qty：清空（原为 2）",
        "lines 第 2 行 price：清空（原为 8.00）",
        "lines 第 2 行 amount：清空（原为 16.00）",
        "lines 第 1 行 qty：1 → 3",
        "lines 第 1 行 amount：12.50 → 37.50",
        "lines 第 2 行 item：钢笔",
        "lines 第 2 行 specification：0.5mm",
        "lines 第 2 行 qty：1",
        "lines 第 2 行 price：1.50",
        "lines 第 2 行 amount：1.50",
    )
    assert cleared.changes == ("remark：清空（原为 急）",)
    assert (cancelled.text, cancelled.comment) == ("Clerk 作废", "客户不要了")


def test_history__in_english(shop: Any) -> None:
    note = shop.form("note")
    made = shop.do("clerk", lambda act: documents.create(act, note, {"words": "a"}))
    shop.do("clerk", lambda act: documents.update(act, note, made.id, {"words": "b"}, version=1))
    told = shop.do("clerk", lambda act: documents.history(act, note, made.id, locale="en"))
    assert [(happening.text, happening.changes) for happening in told] == [
        ("Clerk changed it", ("words: a → b",)),
        ("Clerk created it", ("words: a",)),
    ]


def test_history__of_what_is_not_theirs(shop: Any) -> None:
    note = shop.form("note")
    made = shop.do("clerk", lambda act: documents.create(act, note, {"words": "a"}))
    with pytest.raises(NotFound):
        shop.do("kid", lambda act: documents.history(act, note, made.id))


def test_history__leaves_hidden_fields_out(shop: Any) -> None:
    item = shop.form("item")
    values = {"item_no": "Z", "name": "甲", "cost_secret": "3"}
    made = shop.do("admin", lambda act: documents.create(act, item, values))
    (open_book,) = shop.do("admin", lambda act: documents.history(act, item, made.id))
    (masked,) = shop.do("clerk", lambda act: documents.history(act, item, made.id))
    assert set(open_book.changes) - set(masked.changes) == {"cost_secret：3.00"}


def test_history__of_a_value_of_another_kind__shows_it_as_it_was(shop: Any) -> None:
    note = shop.form("note")
    field = note.by_code["words"]
    words = documents.history.__globals__["_Words"](note, {}, "zh")
    assert words.sentence((None, 0, field, {"old": 1}, "x")) == "words：{'old': 1} → x"
