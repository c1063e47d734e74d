"""The lines of a document one by one: each act is an update of the document as a whole."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Response

from runtime import documents, query
from runtime.api.acting import (
    allow_members,
    etag,
    form_of,
    member,
    reading,
    version_given,
    write,
)
from runtime.api.records.places import RECORD, pointing
from runtime.api.routes import allow_parameters, json_answer, json_body, route
from runtime.compile.model import Form
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, NotFound
from runtime.infra.requests import Answer
from runtime.query import LineRecord, Record
from runtime.query.shapes import line_json, record_json

LINES: Final = f"{RECORD}/lines/<lines>"
LINE: Final = f"{LINES}/<int:line_id>"
Row = dict[str, Any]


@route(LINES)
def list_lines(app: str, form: str, record_id: int, lines: str) -> Response:
    """The lines of one table of a record; `ETag` is the version of the record."""
    allow_parameters()
    with reading() as act:
        found, rows = _lines(act, form_of(act, app, form), record_id, lines)
    body = {"version": found.version, "lines": [line_json(row) for row in rows]}
    return json_answer(body, ETag=etag(found.version))


@route(LINE)
def get_line(app: str, form: str, record_id: int, lines: str, line_id: int) -> Response:
    """One line; `ETag` is the version of the record."""
    allow_parameters()
    with reading() as act:
        found, rows = _lines(act, form_of(act, app, form), record_id, lines)
    place = _place_of(rows, line_id)
    body = {"version": found.version, **line_json(rows[place])}
    return json_answer(body, ETag=etag(found.version))


@route(LINES, "POST", "write")
def create_line(app: str, form: str, record_id: int, lines: str) -> Response:
    """Add a line at the end, or before the line that is `before`; the record is answered."""
    body = json_body()
    allow_members(body, "values", "before")
    values, before = _values(body), member(body, "before", int)

    def added(rows: tuple[LineRecord, ...]) -> tuple[list[Row], int]:
        place = len(rows) if before is None else _place_of(rows, before)
        kept = _kept(rows)
        return [*kept[:place], dict(values), *kept[place:]], place

    return _change(app, form, (record_id, lines), added, 201)


@route(LINE, "PATCH", "write")
def update_line(app: str, form: str, record_id: int, lines: str, line_id: int) -> Response:
    """Change the named values of a line; the record is answered."""
    body = json_body()
    allow_members(body, "values")
    values = _values(body)

    def changed(rows: tuple[LineRecord, ...]) -> tuple[list[Row], int]:
        place, kept = _place_of(rows, line_id), _kept(rows)
        kept[place] |= values
        return kept, place

    return _change(app, form, (record_id, lines), changed)


@route(LINE, "DELETE", "write")
def delete_line(app: str, form: str, record_id: int, lines: str, line_id: int) -> Response:
    """Take a line out; the record is answered."""

    def without(rows: tuple[LineRecord, ...]) -> tuple[list[Row], int]:
        place, kept = _place_of(rows, line_id), _kept(rows)
        del kept[place]
        return kept, place

    return _change(app, form, (record_id, lines), without)


def _change(
    app: str,
    form: str,
    where: tuple[int, str],
    make: Callable[[tuple[LineRecord, ...]], tuple[list[Row], int]],
    status: int = 200,
) -> Response:
    version = version_given()
    record_id, lines = where

    def work(act: Act) -> Answer:
        found = form_of(act, app, form)
        rows, place = make(_lines(act, found, record_id, lines)[1])
        with pointing(f"/{lines}/{place}"):
            changed = documents.update(act, found, record_id, {lines: rows}, version=version)
        return Answer(status, record_json(changed))

    return write(work, key_required=False)


def _values(body: Mapping[str, Any]) -> Mapping[str, Any]:
    values: Mapping[str, Any] = member(body, "values", dict, {})
    if "id" in values:
        # Which line is meant says the address.
        raise BadRequest("member_unknown", {"name": "values/id"})
    return values


def _lines(
    act: Act, form: Form, record_id: int, lines: str
) -> tuple[Record, tuple[LineRecord, ...]]:
    found = query.record(act, form, record_id)
    if found is None or lines not in found.lines:
        raise NotFound
    return found, found.lines[lines]


def _place_of(rows: tuple[LineRecord, ...], line_id: int) -> int:
    for place, row in enumerate(rows):
        if row.id == line_id:
            return place
    raise NotFound


def _kept(rows: tuple[LineRecord, ...]) -> list[Row]:
    """Every line as it is: its id says so, and nothing of it is sent that is not theirs to see."""
    return [{"id": row.id} for row in rows]
