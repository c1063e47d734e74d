"""The recycle bin: what goes in comes out as it was, through the validator, for whom it may."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from runtime import documents, query
from runtime.documents import recycle
from runtime.infra.errors import Forbidden, NotFound, ValidationFailed


def rows_of(shop: Any, form: str) -> dict[str, list[Any]]:
    """What is stored of a form's records but version and last change."""
    found: dict[str, list[Any]] = {}
    compiled = shop.form(form)
    with shop.database.reading() as connection:
        for table in (compiled.table, *(lines.table for lines in compiled.lines)):
            rows = connection.execute(text(f'SELECT * FROM "{table.name}" ORDER BY id'))
            dropped = {"version", "updated_at", "updated_by"}
            found[table.name] = [
                {key: value for key, value in row._mapping.items() if key not in dropped}
                for row in rows
            ]
    return found


def test_deleted_and_brought_back__is_byte_for_byte_the_same(shop: Any) -> None:
    form = shop.form("delivery")
    made = shop.do(
        "clerk",
        lambda act: documents.create(
            act, form, shop.delivery(("pen", 1), ("ink", Decimal("2.5")), remark="急")
        ),
    )
    before = rows_of(shop, "delivery")
    shop.do("clerk", lambda act: documents.delete(act, form, made.id, version=1))
    assert not any(rows_of(shop, "delivery").values())
    (one,) = shop.do("clerk", lambda act: documents.deleted(act, form))
    assert (one.id, one.status, one.deleted_by) == (made.id, "draft", 1)
    seen = shop.do("clerk", lambda act: documents.look(act, form, made.id))
    assert seen.shown("customer") == "上海银行"

    back = shop.do("clerk", lambda act: documents.undelete(act, form, made.id))
    assert rows_of(shop, "delivery") == before
    assert (back.id, back.version) == (made.id, 2)
    assert shop.do("clerk", lambda act: documents.deleted(act, form)) == ()
    told = shop.do("clerk", lambda act: documents.history(act, form, made.id))
    assert [one.action for one in told] == ["undelete", "delete", "create"]
    then = shop.do("clerk", lambda act: documents.as_of(act, form, made.id, version=None))
    assert [line.id for line in then.lines["lines"]] == [line.id for line in made.lines["lines"]]
    # The next one gets an id of its own.
    new = shop.do("clerk", lambda act: documents.create(act, form, shop.delivery(("pen", 1))))
    assert new.id > made.id


def test_what_is_taken_or_gone__is_said(shop: Any) -> None:
    item, quick = shop.form("item"), shop.form("quick")
    ink = shop.ids["ink"]
    sent = {"warehouse": shop.ids["main"], "lines": [{"item": ink, "qty": "1"}]}
    draft = shop.do("clerk", lambda act: documents.create(act, quick, sent))
    shop.do("clerk", lambda act: documents.delete(act, quick, draft.id, version=1))
    shop.do("clerk", lambda act: documents.delete(act, item, ink, version=1))
    shop.do("clerk", lambda act: documents.create(act, item, {"item_no": "I1", "name": "墨"}))

    def refused(form: Any, key: int) -> list[tuple[str, str]]:
        with pytest.raises(ValidationFailed) as error:
            shop.do("clerk", lambda act: documents.undelete(act, form, key))
        return [(problem.pointer, problem.code) for problem in error.value.problems]

    before = shop.fingerprint()
    assert refused(quick, draft.id) == [("/lines/0/item", "reference_missing")]
    assert refused(item, ink) == [("/item_no", "value_taken_by")]
    assert shop.fingerprint() == before


def test_bin__shows_what_is_ones_own_unless_all_may_be_deleted(shop: Any) -> None:
    form = shop.form("note")
    made = shop.do("clerk", lambda act: documents.create(act, form, {"words": "甲"}))
    kid = shop.do("kid", lambda act: documents.create(act, form, {"words": "乙"}))
    shop.do("clerk", lambda act: documents.delete(act, form, made.id, version=1))
    shop.do("clerk", lambda act: documents.delete(act, form, kid.id, version=1))
    assert [one.title for one in shop.do("carol", lambda act: documents.deleted(act, form))] == [
        "乙",
        "甲",
    ]
    for who in ("kid", "wang"):
        # One may not delete at all, the other only look.
        with pytest.raises(Forbidden):
            shop.do(who, lambda act: documents.deleted(act, form))
        with pytest.raises(Forbidden):
            shop.do(who, lambda act: documents.undelete(act, form, kid.id))
    with pytest.raises(NotFound):
        shop.do("clerk", lambda act: documents.undelete(act, form, 999))


def test_purge__is_the_admins_and_time_does_it_too(shop: Any) -> None:
    form = shop.form("note")
    keys = []
    for words in "甲乙丙":
        made = shop.do("clerk", lambda act, w=words: documents.create(act, form, {"words": w}))
        shop.do("clerk", lambda act, k=made.id: documents.delete(act, form, k, version=1))
        keys.append(made.id)
    with pytest.raises(Forbidden):
        shop.do("clerk", lambda act: documents.purge(act, form, keys[:1]))
    assert shop.do("admin", lambda act: documents.purge(act, form, keys[:1])) == 1
    with pytest.raises(NotFound):
        shop.do("clerk", lambda act: documents.undelete(act, form, keys[0]))
    back = shop.do("clerk", lambda act: documents.undelete(act, form, keys[1]))
    assert shop.do("clerk", lambda act: query.record(act, form, back.id)) is not None
    almost = replace(shop, now=shop.now + recycle.KEPT)
    assert almost.do("system", recycle.expire) == 0
    later = replace(shop, now=shop.now + recycle.KEPT + timedelta(seconds=1))
    assert later.do("system", recycle.expire) == 1
    assert shop.do("admin", lambda act: documents.deleted(act, form)) == ()
