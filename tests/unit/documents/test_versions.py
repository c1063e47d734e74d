"""A record as of any past moment: random lives played back, compared, brought back."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from runtime import documents
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, Forbidden, NotFound, ValidationFailed
from runtime.query import Record


def shape(record: Record | None) -> Any:
    """What a person sees of a record."""
    if record is None:
        return None
    lines = {code: [dict(line.values) for line in rows] for code, rows in record.lines.items()}
    return record.status, dict(record.values), lines


def edited(draw: random.Random, ids: dict[str, int], record: Record) -> dict[str, Any]:
    """Lines taken out, put in, moved and changed, and a remark now and then."""
    rows: list[dict[str, Any]] = [{"id": line.id} for line in record.lines["lines"]]
    draw.shuffle(rows)
    rows = rows[: draw.randint(1, max(1, len(rows)))]
    for row in rows:
        if draw.random() < 0.4:
            row["qty"] = Decimal(draw.randint(1, 9))
    for _ in range(draw.randint(0, 2)):
        item = ids[draw.choice(["pen", "ink"])]
        rows.insert(draw.randint(0, len(rows)), {"item": item, "qty": Decimal(draw.randint(1, 9))})
    remark = {"remark": draw.choice([None, "急", "缓"])} if draw.random() < 0.5 else {}
    return {"lines": rows, **remark}


def test_random_life__is_played_back_and_brought_back(shop: Any, seed: int) -> None:
    draw, form = random.Random(seed), shop.form("delivery")
    made = shop.do(
        "clerk", lambda act: documents.create(act, form, shop.delivery(("pen", 1), ("ink", 2)))
    )
    record, states = made, [shape(made)]
    for hour in range(1, 16):
        later = replace(shop, now=shop.now + timedelta(hours=hour))
        sent, version = edited(draw, shop.ids, record), record.version
        record = later.do(
            "clerk",
            lambda act, s=sent, v=version: documents.update(act, form, made.id, s, version=v),
        )
        if record.version != version:
            states.append(shape(record))
    told = shop.do("clerk", lambda act: documents.versions(act, form, made.id))[::-1]
    assert len(told) == len(states)
    for version, state in zip(told, states, strict=True):
        then = shop.do(
            "clerk",
            lambda act, v=version: documents.as_of(act, form, made.id, version=v.id),
        )
        at = shop.do(
            "clerk", lambda act, v=version: documents.as_of(act, form, made.id, moment=v.at)
        )
        assert shape(then) == shape(at) == state
    before = shop.do(
        "clerk",
        lambda act: documents.as_of(act, form, made.id, moment=shop.now - timedelta(seconds=1)),
    )
    assert before is None

    wanted = draw.randrange(len(states))
    back = shop.do(
        "clerk",
        lambda act: documents.restore_version(
            act, form, made.id, restored=told[wanted].id, version=record.version
        ),
    )
    assert shape(back) == states[wanted]


def test_lines_that_live_on__keep_their_id_and_are_compared_by_it(shop: Any) -> None:
    form = shop.form("delivery")
    made = shop.do(
        "clerk", lambda act: documents.create(act, form, shop.delivery(("pen", 1), ("ink", 2)))
    )
    _pen, ink = made.lines["lines"]
    sent = {"lines": [{"id": ink.id, "qty": "3"}, {"item": shop.ids["pen"], "qty": "7"}]}
    now = shop.do("clerk", lambda act: documents.update(act, form, made.id, sent, version=1))

    def look(act: Act) -> Any:
        first = documents.versions(act, form, made.id)[-1]
        then = documents.as_of(act, form, made.id, version=first.id)
        assert then is not None
        return then, documents.differences(act, form, then, now)

    then, told = shop.do("clerk", look)
    assert [line.id > 0 for line in then.lines["lines"]] == [False, True]
    assert then.lines["lines"][1].id == ink.id
    assert [(one.place, one.field, one.old, one.new) for one in told] == [
        ("", "amount_total", "28.50", "111.50"),
        ("lines 第 1 行", "qty", "2", "3"),
        ("lines 第 1 行", "amount", "16.00", "24.00"),
        ("lines 第 2 行", "item", "", "钢笔"),
        ("lines 第 2 行", "specification", "", "0.5mm"),
        ("lines 第 2 行", "qty", "", "7"),
        ("lines 第 2 行", "price", "", "12.50"),
        ("lines 第 2 行", "amount", "", "87.50"),
        ("lines 第 1 行", "item", "钢笔", ""),
        ("lines 第 1 行", "specification", "0.5mm", ""),
        ("lines 第 1 行", "qty", "1", ""),
        ("lines 第 1 行", "price", "12.50", ""),
        ("lines 第 1 行", "amount", "12.50", ""),
    ]


def test_status__through_a_whole_life(shop: Any) -> None:
    form = shop.form("leave")
    made = shop.do("clerk", lambda act: documents.create(act, form, {"reason": "病", "days": 1}))
    shop.do("clerk", lambda act: documents.submit(act, form, made.id, version=1))
    shop.do(
        "clerk",
        lambda act: documents.cancel(act, form, made.id, version=2, reason="好了"),
    )
    told = shop.do("clerk", lambda act: documents.versions(act, form, made.id))
    found = [
        shop.do("clerk", lambda act, v=one: documents.as_of(act, form, made.id, version=v.id))
        for one in reversed(told)
    ]
    assert [one.action for one in told] == ["cancel", "submit", "create"]
    assert told[0].comment == "好了"
    assert [one.status for one in found] == ["draft", "submitted", "cancelled"]


def test_restoring__goes_through_the_one_validator(shop: Any) -> None:
    form = shop.form("item")
    pen = shop.ids["pen"]

    def change(sent: dict[str, Any], version: int) -> Record:
        return shop.do("clerk", lambda act: documents.update(act, form, pen, sent, version=version))

    shop.do("admin", lambda act: documents.update(act, form, pen, {"cost_secret": "5"}, version=1))
    changed = change({"item_no": "P9"}, 2)
    shop.do("clerk", lambda act: documents.create(act, form, {"item_no": "P1", "name": "新笔"}))
    first = shop.do("clerk", lambda act: documents.versions(act, form, pen))[-1]

    def back(who: str, version: int) -> Any:
        return shop.do(
            who,
            lambda act: documents.restore_version(
                act, form, pen, restored=first.id, version=version
            ),
        )

    with pytest.raises(ValidationFailed) as refused:
        back("clerk", changed.version)
    assert [problem.pointer for problem in refused.value.problems] == ["/item_no"]
    with pytest.raises(Conflict, match="version_conflict"):
        back("clerk", 1)
    with pytest.raises(Forbidden):
        back("wang", changed.version)


def test_hidden_values__are_not_in_the_past_and_stay_when_it_comes_back(shop: Any) -> None:
    form, pen = shop.form("item"), shop.ids["pen"]
    shop.do("admin", lambda act: documents.update(act, form, pen, {"cost_secret": "5"}, version=1))
    changed = shop.do(
        "clerk", lambda act: documents.update(act, form, pen, {"name": "铅笔"}, version=2)
    )
    told = shop.do("clerk", lambda act: documents.versions(act, form, pen))
    assert [one.count for one in told] == [1, 0, 5]
    then = shop.do("clerk", lambda act: documents.as_of(act, form, pen, version=told[1].id))
    assert "cost_secret" not in then.values
    shop.do(
        "clerk",
        lambda act: documents.restore_version(
            act, form, pen, restored=told[-1].id, version=changed.version
        ),
    )
    now = shop.do("admin", lambda act: documents.as_of(act, form, pen))
    assert (now.values["name"], now.values["cost_secret"]) == ("钢笔", Decimal(5))
    story = shop.do("clerk", lambda act: documents.history(act, form, pen))
    assert story[0].text == "Clerk 恢复成以前的样子"
    with pytest.raises(NotFound):
        shop.do("clerk", lambda act: documents.as_of(act, form, 9999))
