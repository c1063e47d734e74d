"""Rows: lines by difference, order kept, two thousand of them quickly."""

import time
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select

from runtime import documents
from runtime.documents.prepare import prepare
from runtime.infra.errors import AppError
from runtime.query import Record, record

# A line is `qty` or `qty=line` where line is the place the line had before (1, 2, …).
# before     sent                 after
DIFFERENCES = """
1 2 3      | 1=1 2=2 3=3        | 1@1 2@2 3@3
1 2 3      | 1=1 3=3            | 1@1 3@3
1 2 3      | 3=3 2=2 1=1        | 3@3 2@2 1@1
1 2 3      | 9 1=1 2=2 3=3      | 9@4 1@1 2@2 3@3
1 2 3      | 1=1 9 3=3          | 1@1 9@4 3@3
1 2 3      | 7=2                | 7@2
1 2 3      | 4 5 6              | 4@4 5@5 6@6
1 2 3      |                    |
           | 1                  | 1@1
1          | 2=1 2              | 2@1 2@2
"""


def test_lines__by_difference(shop: Any) -> None:
    form = shop.form("delivery")
    for row in DIFFERENCES.strip("\n").splitlines():
        before, sent, after = (cell.split() for cell in row.split("|"))
        made: Record = shop.do(
            "clerk",
            lambda act, before=before: documents.create(
                act, form, shop.delivery(*(("pen", qty) for qty in before))
            ),
        )
        ids = [line.id for line in made.lines["lines"]]
        lines: list[dict[str, Any]] = []
        for word in sent:
            qty, _, place = word.partition("=")
            known = {"id": ids[int(place) - 1]} if place else {"item": shop.ids["pen"]}
            lines.append({**known, "qty": qty})
        changed: Record = shop.do(
            "clerk",
            lambda act, made=made, lines=lines: documents.update(
                act, form, made.id, {"lines": lines}, version=1
            ),
        )
        found = changed.lines["lines"]
        assert [line.line_no for line in found] == list(range(1, len(after) + 1))
        assert changed == shop.do("clerk", lambda act, made=made: record(act, form, made.id))
        # New lines get the ids after those there were.
        new = iter(range(len(ids) + 1, 100))
        places = {line.id: ids.index(line.id) + 1 for line in found if line.id in ids}
        for line in sorted(found, key=lambda line: line.id):
            if line.id not in places:
                places[line.id] = next(new)
        assert [
            f"{line.values['qty']:f}".split(".")[0] + f"@{places[line.id]}" for line in found
        ] == after, row


def test_two_thousand_lines__in_few_statements(shop: Any) -> None:
    form = shop.form("delivery")
    values = shop.delivery(*(("pen", number % 7 + 1) for number in range(2000)))
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(shop.database.engine, "before_cursor_execute", note)
    began = time.thread_time()
    made = shop.do("clerk", lambda act: documents.create(act, form, values))
    created = time.thread_time() - began
    count = len(statements)
    lines = [{"id": line.id} for line in made.lines["lines"]]
    lines[1234]["qty"] = Decimal(9)
    changed = shop.do(
        "clerk", lambda act: documents.update(act, form, made.id, {"lines": lines}, version=1)
    )
    event.remove(shop.database.engine, "before_cursor_execute", note)
    assert len(changed.lines["lines"]) == 2000
    assert count < 40, "statements do not grow with the lines"
    assert len(statements) - count < 40
    assert sum("UPDATE" in text and "__lines" in text for text in statements) == 1
    # A generous bound: a slow machine passes, a statement per line does not.
    assert created < 10


def test_search_text__has_words_codes_and_initials(shop: Any) -> None:
    form = shop.form("delivery")
    made = shop.do(
        "clerk",
        lambda act: documents.create_and_submit(
            act, form, shop.delivery(("pen", 1), remark="加急 A1")
        ),
    )
    with shop.database.reading() as connection:
        query = select(form.table.c.search_text).where(form.table.c.id == made.id)
        text = connection.execute(query).scalar_one()
    for word in ("xsck-202611210001", "上海银行", "shyh", "加急", "a1"):
        assert word in text


def test_two_writers_with_one_code__the_second_is_told(shop: Any) -> None:
    item = shop.form("item")
    values = {"item_no": "SAME", "name": "甲"}

    def both(act: Any) -> None:
        documents.create(act, item, values)
        prepared = prepare(act, item, {**values, "item_no": "T"}, None, complete=True)
        same = type(prepared)({**prepared.values, "item_no": "SAME"}, {})
        documents.save.insert_record(act, item, same, "active")

    books = shop.fingerprint()
    with pytest.raises(AppError, match="written_at_the_same_time"):
        shop.do("clerk", both)
    assert shop.fingerprint() == books
