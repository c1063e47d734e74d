"""Values that stand once: in one field, in several together, among the lines of a document."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from runtime import documents, platform
from runtime.compile import App, compile_app
from runtime.definitions import load_app
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.db import Database
from runtime.infra.errors import Problem, ValidationFailed

COLUMNS = [
    {"code": "serial", "kind": "text", "label": "序列号", "unique": True},
    {"code": "note", "kind": "text", "label": "说明"},
]
FORM = {
    "code": "thing",
    "label": "物品",
    "type": "record",
    "title": "name",
    "fields": [
        {"code": "name", "kind": "text", "label": "名称", "required": True},
        {"code": "code", "kind": "text", "label": "编码", "unique": True},
        {"code": "place", "kind": "text", "label": "仓库"},
        {"code": "shelf", "kind": "number", "label": "货位"},
        {"code": "rows", "kind": "lines", "label": "明细", "options": {"fields": COLUMNS}},
    ],
    "unique_together": [["place", "shelf"]],
}
GRANT = {"form": "thing", "verbs": ["view", "create"], "rows": "own"}
SOURCE = {
    "format": "dajian-app/1",
    "code": "demo",
    "label": "演示",
    "forms": [FORM],
    "roles": [{"code": "keeper", "label": "保管", "grants": [GRANT]}],
}
KEEPER = Actor(7, "Kim", frozenset({"keeper"}), is_admin=False)


@pytest.fixture
def app(database: Database) -> App:
    made = compile_app(load_app(SOURCE), 1)
    with database.transaction() as connection:
        platform.set_up(connection)
        made.metadata.create_all(connection)
    return made


@contextmanager
def acting(database: Database, now: datetime, actor: Actor = SYSTEM) -> Iterator[Act]:
    with database.transaction() as connection:
        yield Act(connection, actor, now)


def told(problem: Problem) -> tuple[str, str, Any]:
    return problem.pointer, problem.code, problem.params.get("title", problem.params.get("row"))


def test_what_another_record_has__is_refused_with_its_name(
    app: App, database: Database, now: datetime
) -> None:
    thing = app.forms["thing"]
    with acting(database, now) as act:
        kept = documents.create(
            act, thing, {"name": "螺栓", "code": "1", "place": "A", "shelf": "1.50"}
        )
        documents.create(act, thing, {"name": "螺母", "place": "A"})
        documents.create(act, thing, {"name": "垫片", "place": "A"})
    refused = [
        # what is sent, who sends it, what is told
        ({"code": "1"}, SYSTEM, [("/code", "value_taken_by", "螺栓")]),
        ({"code": " 1 "}, SYSTEM, [("/code", "value_taken_by", "螺栓")]),
        ({"place": "A", "shelf": "1.5"}, SYSTEM,
         [("/place", "values_taken_by", "螺栓"), ("/shelf", "values_taken_by", "螺栓")]),
        ({"code": "1"}, KEEPER, [("/code", "value_taken", None)]),
        ({"rows": [{"serial": "x"}, {"serial": "y"}, {"serial": "x"}]}, SYSTEM,
         [("/rows/2/serial", "value_twice", 1)]),
    ]  # fmt: skip
    for sent, actor, expected in refused:
        with pytest.raises(ValidationFailed) as caught, acting(database, now, actor) as act:
            documents.create(act, thing, {"name": "新", **sent})
        assert [told(problem) for problem in caught.value.problems] == expected, sent
    with acting(database, now) as act:
        # Itself is no other record.
        documents.update(
            act, thing, kept.id, {"name": "螺栓 M8", "code": "1"}, version=kept.version
        )


def test_lines__are_apart_in_their_document_and_may_change_places(
    app: App, database: Database, now: datetime
) -> None:
    thing = app.forms["thing"]
    rows = [{"serial": "x"}, {"serial": "y"}, {"note": "无"}, {"note": "无"}]
    with acting(database, now) as act:
        first = documents.create(act, thing, {"name": "甲", "rows": rows})
        documents.create(act, thing, {"name": "乙", "rows": rows})
    x, y, *_ = (line.id for line in first.lines["rows"])
    swapped = [{"id": x, "serial": "y"}, {"id": y, "serial": "x"}]
    with acting(database, now) as act:
        after = documents.update(act, thing, first.id, {"rows": swapped}, version=first.version)
    assert [(line.id, line.values["serial"]) for line in after.lines["rows"]] == [
        (x, "y"),
        (y, "x"),
    ]
