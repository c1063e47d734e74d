"""Documents for the tests of the books: posted through the write path, by a clock that moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import select

from runtime import documents
from runtime.compile import Form
from runtime.infra import users
from runtime.infra.act import Act
from runtime.platform import Platform
from tests.screens.conftest import NOW

_numbers = count(1)


def platform_of(app: Flask) -> Platform:
    """The parts of the running app."""
    found: Platform = app.extensions["dajian"]
    return found


def record_id(app: Flask, form: str, field: str, value: str) -> int:
    """The id of a record by one of its values."""
    here = platform_of(app)
    with here.database.reading() as connection:
        found = here.catalogue.form(connection, "jxc", form)
        column = found.by_code[field].column
        assert column is not None
        key = connection.execute(select(found.table.c.id).where(column == value)).scalar_one()
    return int(key)


def created(app: Flask, form: str, **values: Any) -> int:
    """Make a record; its id."""
    with _acting(app) as act:
        return documents.create(act, _form(app, act, form), values).id


def posted(app: Flask, form: str, day: str, lines: list[dict[str, Any]], **header: Any) -> int:
    """Post a document of a form without approval; its id."""
    values = {"document_date": day, "lines": lines, **header}
    with _acting(app) as act:
        key = f"books {next(_numbers)}"
        return documents.create_and_submit(act, _form(app, act, form), values, key=key).id


def _form(app: Flask, act: Act, code: str) -> Form:
    return platform_of(app).catalogue.form(act.connection, "jxc", code)


@contextmanager
def _acting(app: Flask) -> Iterator[Act]:
    with platform_of(app).database.transaction() as connection:
        person = users.by_name(connection, "admin")
        assert person is not None
        yield Act(connection, person.actor("api"), NOW)


@contextmanager
def ticking(app: Flask) -> Iterator[None]:
    """Let each look at the clock be a second later: an act done twice is two acts."""
    here = platform_of(app)
    seconds = count(1)

    def clock() -> datetime:
        return NOW + timedelta(seconds=next(seconds))

    app.extensions["dajian"] = replace(here, clock=clock)
    try:
        yield
    finally:
        app.extensions["dajian"] = here
