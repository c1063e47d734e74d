"""The index of letters and pairs: finds what going through all records finds, however they came."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, func, insert, select, update

from builder.publish import publish
from runtime import query
from runtime.catalogue import Catalogue
from runtime.compile import Form
from runtime.infra import grams, schema
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.db import Database
from runtime.platform import set_up
from runtime.query import PageRequest, search
from runtime.query.search import search_condition, search_text
from tests.conftest import Fill
from tests.prepared import opened
from tests.unit.query.test_query import APP, NOW, row

TEXTS = [
    "不锈钢六角螺栓 M8", "镀锌平垫圈", "钢", "钢卷尺 5m", "卷钢", "a_b", "a%b", "a\\b",
    "it's \"so\"", "100%棉手套", "XSCK-20260101-0001", "XSCK-20260102-0010", "Ünï", "𠮷野家",
    "c++ / c#", "0", "  ",
]  # fmt: skip
# Single letters, pairs, prefixes, codes, initials, several words.
WORDS = [
    "钢", "野", "6", "钢卷", "卷钢", "六角", "角螺栓", "镀锌平垫圈", "xsck", "0101-0",
    "20260101-0001", "bxglj", "gjc", "钢 5m", "钢 卷尺", "00", "ünï", "𠮷", "𠮷野", "a_", "_b",
    "a%",
]  # fmt: skip
# Signs of LIKE's and of the index's, and what stands nowhere.
SIGNS = [
    "%", "_", "\\", "\\b", '"', '"so"', "'s", "++", "c#", "/", "-", "没有", "钢没", "*", "and",
    "or not", "a" * 60, "钢\u3000卷尺", "NEAR(a b)", "\ufeff", "^a", "a:b",
]  # fmt: skip
READER = Actor(5, "reader", frozenset({"reader"}))


def stocked(url: str) -> None:
    with opened(url) as database, database.transaction() as connection:
        set_up(connection)
        publish(Act(connection, SYSTEM, NOW), APP, "test")
        form = Catalogue().form(connection, "demo", "item")
        connection.execute(insert(form.table), [_row(at, text) for at, text in enumerate(TEXTS)])


def _row(number: int, text: str) -> dict[str, Any]:
    return row(number) | {"f_name": text, "search_text": search_text([text]) or " "}


@pytest.fixture
def act(database: Database, fill: Fill, monkeypatch: pytest.MonkeyPatch) -> Iterator[Act]:
    fill("stocked", stocked)
    # One record is many, and one that has it few: the index is always asked.
    monkeypatch.setattr(search, "_NEWEST", 1)
    monkeypatch.setattr(search, "_OFTEN", 2)
    with database.transaction() as connection:
        yield Act(connection, READER, NOW)


def form_of(act: Act) -> Form:
    return Catalogue().form(act.connection, "demo", "item")


def found(act: Act, words: str) -> list[int]:
    form = form_of(act)
    condition = search_condition(act, form, words)
    query_of_it = select(form.table.c.id).order_by(form.table.c.id)
    if condition is not None:
        query_of_it = query_of_it.where(condition)
    return list(act.connection.execute(query_of_it).scalars())


def kept(act: Act) -> dict[int, str]:
    table = form_of(act).table
    rows = act.connection.execute(select(table.c.id, table.c.search_text))
    return {key: text for key, text in rows}  # noqa: C416 - rows are no pairs to mypy


def having(act: Act, words: str) -> list[int]:
    """The same by reading every record."""
    parts = [word.lower() for word in words.split()]
    return sorted(key for key, text in kept(act).items() if all(part in text for part in parts))


def indexed(act: Act) -> dict[str, list[int]]:
    """What the index itself says of each gram, without the text being looked at."""
    every = {gram for text in kept(act).values() for w in text.split() for gram in (*w, *pairs(w))}
    form = form_of(act)
    answers = {}
    for gram in sorted(every):
        narrowed = search._narrowed(act.connection, form, [gram])  # what is tested here
        answers[gram] = sorted(
            act.connection.execute(select(form.table.c.id).where(narrowed)).scalars()
        )
    return answers


def pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)]


def test_search__index_and_reading_everything_agree(act: Act) -> None:
    asked = [*WORDS, *SIGNS]
    assert {words: found(act, words) for words in asked} == {
        words: having(act, words) for words in asked
    }
    assert all(found(act, words) for words in WORDS), "these stand somewhere"


def test_index__follows_every_way_a_row_changes(act: Act) -> None:
    table = form_of(act).table
    run = act.connection.execute
    run(update(table).where(table.c.id == 3).values(search_text="新的 词"))
    run(update(table).where(table.c.id > 9).values(search_text=table.c.search_text + " 加"))
    run(update(table).where(table.c.id == 4).values(f_name="不变"))
    run(delete(table).where(table.c.id == 5))
    run(delete(table).where(table.c.id == 6))
    back = _row(70, "回来了") | {"id": 6}
    run(insert(table), [back])
    run(insert(table), [_row(50, "后来 的"), _row(51, "后来 者")])
    expected = {
        gram: sorted(key for key, text in kept(act).items() if gram in text)
        for gram in indexed(act)
    }
    assert indexed(act) == expected
    assert found(act, "回来") == [6]
    assert found(act, "钢") == having(act, "钢")


def test_index__forgets_what_was_rolled_back(act: Act) -> None:
    table = form_of(act).table
    with act.connection.begin_nested() as part:
        act.connection.execute(update(table).values(search_text="别的"))
        part.rollback()
    assert found(act, "别的") == []
    assert found(act, "镀锌") == having(act, "镀锌") != []


def test_index__is_what_finds_a_rare_word(act: Act) -> None:
    form = form_of(act)
    condition = search_condition(act, form, "镀锌平垫圈")
    assert condition is not None
    text = str(
        select(form.table.c.id)
        .where(condition)
        .compile(act.connection.engine, compile_kwargs={"literal_binds": True})
    )
    if act.connection.dialect.name == "postgresql":
        act.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = act.connection.exec_driver_sql("EXPLAIN " + text.replace("%", "%%"))
    else:
        plan = act.connection.exec_driver_sql("EXPLAIN QUERY PLAN " + text)
    said = " ".join(str(line) for line in plan)
    assert grams.index_name(form.table.name) in said, said


def test_search__goes_through_the_records_where_the_word_is_frequent(
    act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_OFTEN", 0)
    form = form_of(act)
    condition = search_condition(act, form, "钢")
    assert "grams" not in str(condition)
    assert found(act, "钢") == having(act, "钢")


def test_search__asks_no_index_of_what_is_hidden(act: Act) -> None:
    hidden = {"code": "blind", "label": "盲", "grants": [
        {"form": "item", "verbs": ["view"], "hidden": ["name"]}]}  # fmt: skip
    publish(Act(act.connection, SYSTEM, NOW), {**APP, "roles": [*APP["roles"], hidden]}, "test")
    blind = Act(act.connection, Actor(6, "blind", frozenset({"blind"})), NOW)
    statements: list[str] = []

    @event.listens_for(act.connection, "before_cursor_execute")
    def keep(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    assert found(blind, "镀锌") == []
    assert found(blind, "sp001") == [2]
    assert not [each for each in statements if "search_text" in each.split("FROM a_demo", 1)[-1]]


def test_upgrade__indexes_forms_that_were_there_before(
    act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_indexes(act.connection, form_of(act).table.name)
    act.connection.execute(update(schema.version_table).values(version_num="0011"))
    with monkeypatch.context() as then:
        # The step that brought the indexes, and none of those after it: their tables are there.
        then.setattr(schema, "VERSION", "0012")
        schema.upgrade(act.connection)
    assert found(act, "镀锌") == having(act, "镀锌") != []
    act.connection.execute(insert(form_of(act).table), [_row(60, "镀锌后来")])
    assert found(act, "镀锌") == having(act, "镀锌")


def _without_indexes(connection: Connection, table: str) -> None:
    name = grams.index_name(table)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
        connection.exec_driver_sql("DROP FUNCTION s_grams")
        return
    for trigger in ("made", "changed", "gone"):
        connection.exec_driver_sql(f'DROP TRIGGER "{name}_{trigger}"')
    connection.exec_driver_sql(f'DROP TABLE "{name}"')


def test_publish__field_more_keeps_what_is_found(act: Act) -> None:
    form: dict[str, Any] = APP["forms"][0]
    more = {"code": "brand", "kind": "text", "label": "品牌"}
    fields = [each | {"label": "名"} if each["code"] == "name" else each for each in form["fields"]]
    changed = {**form, "fields": [*fields, more], "search": ["item_no", "name", "brand"]}
    publish(Act(act.connection, SYSTEM, NOW), {**APP, "forms": [changed]}, "test")
    assert found(act, "镀锌") == having(act, "镀锌") != []


def test_page__of_a_search_over_many_records(act: Act) -> None:
    form = form_of(act)
    table = form.table
    act.connection.execute(insert(table), [_row(n, "钢板") for n in range(100, 160)])
    request = PageRequest(search="钢板", sort="-made_on", size=50)
    page = query.page(act, form, request)
    assert len(page.rows) == 50
    rest = query.page(act, form, PageRequest(search="钢板", sort="-made_on", after=page.next))
    total = act.connection.execute(
        select(func.count()).where(table.c.search_text.contains("钢板"))
    ).scalar_one()
    assert len(page.rows) + len(rest.rows) == total == query.count(act, form, request)
