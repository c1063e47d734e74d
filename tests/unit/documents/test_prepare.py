"""What may be sent, what is refused and where, what the system fills in by itself."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert

from runtime import documents
from runtime.infra.act import Act
from runtime.infra.errors import ValidationFailed
from runtime.infra.files import file_table
from runtime.kinds.field_type import Unreadable
from runtime.query import Record


def create(shop: Any, form: str, values: dict[str, Any], who: str = "clerk") -> Record:
    made: Record = shop.do(who, lambda act: documents.create(act, shop.form(form), values))
    return made


def problems(shop: Any, form: str, values: dict[str, Any], who: str = "clerk") -> list[str]:
    """Send values that are refused; returns `pointer code` of every problem, nothing written."""
    books = shop.fingerprint()
    with pytest.raises(ValidationFailed) as refusal:
        create(shop, form, values, who)
    assert shop.fingerprint() == books
    return [f"{problem.pointer} {problem.code}" for problem in refusal.value.problems]


def test_every_problem_at_once__each_with_its_place(shop: Any) -> None:
    ids = shop.ids
    values = {
        "customer": 999,
        "warehouse": ids["main"],
        "document_date": Unreadable("明天", "date_expected"),
        "document_no": "XSCK-1",
        "amount_total": "1",
        "status": "posted",
        "nonsense": 1,
        "lines": [
            {"item": ids["pen"], "qty": Unreadable("三", "number_expected")},
            {"item": ids["old"], "qty": "1"},
            {"item": ids["pen"], "qty": "0"},
            {"item": ids["pen"], "qty": "1", "amount": "5", "specification": "x"},
            {"item": ids["pen"], "qty": "1", "id": 77},
            {"item": 998, "qty": "1.1234567"},
        ],
    }
    assert sorted(problems(shop, "delivery", values)) == [
        "/amount_total field_computed",
        "/customer reference_missing",
        "/document_date date_expected",
        "/document_no field_computed",
        "/lines/0/qty number_expected",
        "/lines/1/item reference_disabled",
        "/lines/2/qty number_not_above",
        "/lines/3/amount field_computed",
        "/lines/3/specification field_computed",
        "/lines/4/id line_unknown",
        "/lines/5/item reference_missing",
        "/lines/5/qty number_too_many_places",
        "/nonsense field_unknown",
        "/status field_unknown",
    ]


# what is sent for an item                          who     refused as
ITEMS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({}, "clerk", ["/item_no value_missing", "/name value_missing"]),
    ({"item_no": "", "name": "  "}, "clerk", ["/item_no value_missing", "/name value_missing"]),
    ({"item_no": "P1", "name": "笔"}, "clerk", ["/item_no value_taken_by"]),
    ({"item_no": "X", "name": "笔", "serial": "1"}, "clerk", ["/serial field_readonly"]),
    ({"item_no": "X", "name": "笔", "cost_secret": "1"}, "clerk", ["/cost_secret field_unknown"]),
    ({"item_no": "X", "name": "笔", "id": 5}, "clerk", ["/id field_unknown"]),
    ({"item_no": "X", "name": "笔", "created_by": 5}, "clerk", ["/created_by field_unknown"]),
    ({"item_no": "X", "name": "笔", "version": 5}, "admin", ["/version field_unknown"]),
    ({"item_no": "X", "name": "笔", "price_sale": "1.005"}, "admin",
     ["/price_sale number_too_many_places"]),
    ({"item_no": 5, "name": "笔"}, "admin", ["/item_no text_expected"]),
]  # fmt: skip


def test_items__refused(shop: Any) -> None:
    for values, who, expected in ITEMS:
        assert problems(shop, "item", values, who) == expected, values


def test_defaults_lookups_and_formulas__are_filled_in(shop: Any) -> None:
    made = create(shop, "delivery", shop.delivery(("pen", 3), ("ink", 2)))
    assert made.values["document_date"] == date(2026, 11, 21)
    assert made.values["amount_total"] == Decimal("53.5")
    assert [
        tuple(line.values[code] for code in ("specification", "price", "amount"))
        for line in made.lines["lines"]
    ] == [("0.5mm", Decimal("12.5"), Decimal("37.5")), (None, Decimal(8), Decimal(16))]


def test_fill__leaves_what_was_typed(shop: Any) -> None:
    lines = [{"item": shop.ids["pen"], "qty": "2", "price": "9.99"}]
    made = create(shop, "delivery", shop.delivery(lines=lines))
    assert made.lines["lines"][0].values["amount"] == Decimal("19.98")


def test_fill__follows_a_changed_reference_only(shop: Any) -> None:
    form = shop.form("delivery")
    made = create(shop, "delivery", shop.delivery(("pen", 1), ("pen", 1)))
    first, second = (line.id for line in made.lines["lines"])
    lines = [
        {"id": first, "price": None},
        {"id": second, "price": None, "item": shop.ids["ink"]},
    ]
    changed = shop.do(
        "clerk", lambda act: documents.update(act, form, made.id, {"lines": lines}, version=1)
    )
    prices = [line.values["price"] for line in changed.lines["lines"]]
    assert prices == [None, Decimal(8)], "a price that was cleared stays cleared"


def test_update__keeps_what_is_not_sent(shop: Any) -> None:
    form = shop.form("delivery")
    made = create(shop, "delivery", shop.delivery(("pen", 1), remark="急"))
    changed = shop.do(
        "clerk",
        lambda act: documents.update(
            act, form, made.id, {"document_date": "2026-11-22"}, version=1
        ),
    )
    assert (changed.values["remark"], changed.version) == ("急", 2)
    assert changed.lines == made.lines


def test_update__that_changes_nothing__is_no_new_version(shop: Any) -> None:
    form = shop.form("delivery")
    made = create(shop, "delivery", shop.delivery(("pen", 1), remark="急"))
    books = shop.fingerprint()
    same = shop.do(
        "clerk",
        lambda act: documents.update(
            act,
            form,
            made.id,
            {"remark": "急", "lines": [{"id": made.lines["lines"][0].id, "qty": "1.0"}]},
            version=1,
        ),
    )
    assert same.version == 1
    assert shop.fingerprint() == books


def test_update__by_somebody_who_does_not_see_a_field__keeps_it(shop: Any) -> None:
    item = shop.form("item")
    values = {"item_no": "Q", "name": "甲", "cost_secret": "3"}
    made = create(shop, "item", values, "admin")
    changed = shop.do(
        "clerk", lambda act: documents.update(act, item, made.id, {"name": "乙"}, version=1)
    )
    assert "cost_secret" not in changed.values
    assert shop.do("admin", lambda act: documents.history(act, item, made.id))[0].changes == (
        "name：甲 → 乙",
    )


def test_disabled_reference__may_stay_where_it_was(shop: Any) -> None:
    form, item = shop.form("delivery"), shop.form("item")
    made = create(shop, "delivery", shop.delivery(("pen", 1)))
    shop.do(
        "clerk",
        lambda act: documents.update(act, item, shop.ids["pen"], {"is_disabled": True}, version=1),
    )
    changed = shop.do(
        "clerk", lambda act: documents.update(act, form, made.id, {"remark": "x"}, version=1)
    )
    assert changed.version == 2
    assert problems(shop, "delivery", shop.delivery(("pen", 1))) == [
        "/lines/0/item reference_disabled"
    ]


def test_reference__the_actor_may_not_view__is_answered_like_a_missing_one(shop: Any) -> None:
    values = {"customer": shop.ids["acme"], "warehouse": 999}
    assert problems(shop, "delivery", values, "mole") == [
        "/customer reference_missing",
        "/warehouse reference_missing",
    ]


def test_user_field__names_somebody(shop: Any) -> None:
    made = create(shop, "customer", {"name": "甲", "keeper": 2}, "admin")
    assert made.values["keeper"] == 2
    refused = problems(shop, "customer", {"name": "甲", "keeper": 99}, "admin")
    assert refused == ["/keeper reference_missing"]


def test_files__are_ones_own_or_already_here(shop: Any) -> None:
    def upload(act: Act) -> int:
        row = {
            "key": f"k{act.actor.user_id}",
            "name": "a.png",
            "media_type": "image/png",
            "size": 1,
            "sha256": "",
            "created_by": act.actor.user_id,
            "created_at": act.now,
        }
        key = act.connection.execute(insert(file_table).returning(file_table.c.id), row)
        return int(key.scalar_one())

    mine, theirs = shop.do("clerk", upload), shop.do("carol", upload)
    assert problems(shop, "note", {"words": "x", "files": [mine, theirs]}) == [
        "/files file_missing"
    ]
    made = create(shop, "note", {"words": "x", "files": [mine]})
    kept = shop.do(
        "carol",
        lambda act: documents.update(
            act, shop.form("note"), made.id, {"files": [mine, theirs]}, version=1
        ),
    )
    assert kept.values["files"] == (mine, theirs)
    assert problems(shop, "note", {"words": "y", "files": [mine]}) == ["/files file_missing"]


def test_lines__named_twice_or_of_another_document(shop: Any) -> None:
    form = shop.form("delivery")
    one, two = (create(shop, "delivery", shop.delivery(("pen", 1))) for _ in range(2))
    mine, theirs = one.lines["lines"][0].id, two.lines["lines"][0].id
    for lines, expected in (
        ([{"id": theirs}], ["/lines/0/id"]),
        ([{"id": mine}, {"id": mine}], ["/lines/1/id"]),
        ([{"id": mine}, {"id": 10**9}], ["/lines/1/id"]),
    ):
        with pytest.raises(ValidationFailed) as refusal:
            shop.do(
                "clerk",
                lambda act, lines=lines: documents.update(
                    act, form, one.id, {"lines": lines}, version=1
                ),
            )
        assert [problem.pointer for problem in refusal.value.problems] == expected
