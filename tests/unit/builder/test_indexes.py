"""What is unique and what has an index, when it comes, and when it goes again."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import inspect

from builder.checks import check_app
from builder.drafts.problems import errors_of
from runtime.definitions import load_app
from runtime.infra.db import Database
from runtime.infra.errors import ValidationFailed
from tests.unit.builder.test_publish import app, field, insert, published, ready

__all__ = ["ready"]
UNIQUE = {**field("code"), "unique": True}
PAIR = {"unique_together": [["name", "code"]]}


def indexes(database: Database) -> dict[str, bool]:
    with database.reading() as connection:
        found = inspect(connection).get_indexes("a_demo__thing")
        return {str(each["name"]): bool(each["unique"]) for each in found}


def changes(done: Any) -> list[tuple[str, str]]:
    return [(change.kind, change.name) for change in done.plan.changes]


def test_a_field_that_becomes_unique__is_so_in_the_database(ready: Database, now: datetime) -> None:
    published(ready, app(field("name"), field("code")), now)
    insert(ready, now, f_name="a", f_code="1")
    insert(ready, now, f_name="b", f_code=None)
    insert(ready, now, f_name="c", f_code=None)
    done = published(ready, app(field("name"), UNIQUE), now)
    assert changes(done) == [("add_index", "uq_a_demo__thing__code")]
    with pytest.raises(Exception, match=r"(?i)unique"):
        insert(ready, now, f_name="d", f_code="1")


def test_what_stands_twice__is_told_with_an_example(ready: Database, now: datetime) -> None:
    published(ready, app(field("name"), field("code")), now)
    for name, code in (("a", "1"), ("b", "1"), ("c", "2"), ("d", "2"), ("e", "2"), ("a", "3")):
        insert(ready, now, f_name=name, f_code=code)
    with pytest.raises(ValidationFailed) as caught:
        published(ready, app(field("name"), UNIQUE), now)
    (problem,) = caught.value.problems
    assert (problem.code, problem.params) == (
        "unique_has_duplicates",
        {"labels": "code", "count": 2, "example": "2"},
    )
    # Together they are different.
    assert published(ready, app(field("name"), field("code"), **PAIR), now).changed


def test_fields_together__and_what_is_empty_is_nobodys(ready: Database, now: datetime) -> None:
    published(ready, app(field("name"), field("code"), **PAIR), now)
    for name, code in (("a", "1"), ("a", "2"), ("b", "1"), ("a", None), ("a", None)):
        insert(ready, now, f_name=name, f_code=code)
    with pytest.raises(Exception, match=r"(?i)unique"):
        insert(ready, now, f_name="a", f_code="2")


def test_what_need_not_be_unique_any_more__may_repeat(ready: Database, now: datetime) -> None:
    published(ready, app(field("name"), UNIQUE, **PAIR), now)
    insert(ready, now, f_name="a", f_code="1")
    done = published(ready, app(field("name"), field("code")), now)
    assert changes(done) == [
        ("drop_index", "uq_a_demo__thing__code"),
        ("drop_index", "uq_a_demo__thing__name__code"),
    ]
    insert(ready, now, f_name="a", f_code="1")


def test_an_index_of_a_field__comes_and_goes(ready: Database, now: datetime) -> None:
    name = "ix_a_demo__thing__code"
    published(ready, app(field("name"), field("code")), now)
    assert name not in indexes(ready)
    published(ready, app(field("name"), {**field("code"), "index": True}), now)
    assert indexes(ready)[name] is False
    again = published(
        ready, app(field("name", max_length=20), {**field("code"), "index": True}), now
    )
    assert changes(again) == []
    published(ready, app(field("name"), field("code")), now)
    assert name not in indexes(ready)


def test_a_removed_field__takes_no_index_with_its_data(ready: Database, now: datetime) -> None:
    published(ready, app(field("name"), UNIQUE), now)
    insert(ready, now, f_name="a", f_code="1")
    published(ready, app(field("name")), now)
    assert "uq_a_demo__thing__code" not in indexes(ready)
    published(ready, app(field("name"), UNIQUE), now)
    with pytest.raises(Exception, match=r"(?i)unique"):
        insert(ready, now, f_name="b", f_code="1")


LINES = {"code": "rows", "kind": "lines", "label": "rows"}
WRONG = [
    # form, where it is told, code
    (app(field("name"), {**field("text", "long_text"), "unique": True}),
     "/forms/0/fields/1/unique", "unique_not_possible"),
    (app(field("name"), {**field("sum", "formula", formula="=1", result="number"), "unique": True}),
     "/forms/0/fields/1/unique", "unique_not_possible"),
    (app(field("name"), {**field("files", "attachment"), "index": True}),
     "/forms/0/fields/1/index", "index_not_possible"),
    (app({**LINES, "options": {"fields": [{**field("text", "long_text"), "unique": True}]}}),
     "/forms/0/fields/0/options/fields/0/unique", "unique_not_possible"),
    (app(field("name"), unique_together=[["name", "nothing"]]),
     "/forms/0/unique_together/0/1", "field_unknown"),
    (app(field("name"), field("files", "attachment"), unique_together=[["name", "files"]]),
     "/forms/0/unique_together/0/1", "unique_not_possible"),
    (app(field("name"), field("code"), unique_together=[["name", "code"], ["code", "name"]]),
     "/forms/0/unique_together/1", "code_twice"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "pointer", "code"), WRONG)
def test_what_is_no_key__is_told_where(source: dict[str, Any], pointer: str, code: str) -> None:
    (problem,) = check_app(load_app(source))
    assert (problem.pointer, problem.code) == (pointer, code)


@pytest.mark.parametrize(("source", "pointer", "code"), WRONG)
def test_what_is_no_key__is_told_of_a_draft_too(
    source: dict[str, Any], pointer: str, code: str
) -> None:
    assert (pointer, code) in {(each.pointer, each.code) for each in errors_of(source)}
