"""Records as they were: the versions of one with the way back, and a list as of a past moment."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from flask import Response

from runtime import access, documents, query
from runtime.api.acting import form_of, reading
from runtime.api.problems import locale
from runtime.api.records.cursors import (
    DEFAULT_SIZE,
    LARGEST_SIZE,
    address_asked,
    signed,
    unsigned,
)
from runtime.api.records.places import RECORD, write_record
from runtime.api.routes import allow_parameters, json_answer, parameter, route, whole_number
from runtime.compile.field import Field
from runtime.compile.model import Form
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, NotFound, Problem, ValidationFailed
from runtime.infra.strict_json import Json
from runtime.query import Record
from runtime.query.called import NAMED, names_of, written
from runtime.query.shapes import instant, record_json, value_json

VERSIONS: Final = f"{RECORD}/versions"
VERSION: Final = f"{VERSIONS}/<int:version_id>"


@route(VERSIONS)
def list_versions(app: str, form: str, record_id: int) -> Response:
    """The acts after each of which a record was as it can be seen, the latest first."""
    allow_parameters()
    with reading() as act:
        found = documents.versions(act, form_of(act, app, form), record_id)
    shown = [
        {
            "id": each.id,
            "at": instant(each.at),
            "by": each.who,
            "source": each.source,
            "action": each.action,
            "comment": each.comment,
            "changed": each.count,
        }
        for each in found
    ]
    return json_answer({"versions": shown})


@route(VERSION)
def get_version(app: str, form: str, record_id: int, version_id: int) -> Response:
    """A record as it was after an act, and what differs today; `version` is that of today."""
    allow_parameters()
    with reading() as act:
        found = form_of(act, app, form)
        then = documents.as_of(act, found, record_id, version=version_id)
        now = query.record(act, found, record_id)
        if then is None or now is None:
            raise NotFound
        told = documents.differences(act, found, then, now, locale=locale())
    different = [
        {"place": each.place, "field": each.field, "then": each.old, "now": each.new}
        for each in told
    ]
    return json_answer({"record": record_json(then), "differences": different})


@route(f"{VERSION}/restoration", "POST", "write")
def restore_version(app: str, form: str, record_id: int, version_id: int) -> Response:
    """Change a record back into what it was: an update like any other, refused like any other."""

    def restore(act: Act, found: Form, version: int) -> Record:
        return documents.restore_version(
            act, found, record_id, restored=version_id, version=version
        )

    return write_record(app, form, restore)


def instant_of(text: str) -> datetime | None:
    """An instant as programs write it; without its zone nobody knows which one is meant."""
    if not text:
        return None
    with suppress(ValueError, OverflowError):
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    raise BadRequest("parameter_not_an_instant", {"name": "as_of"})


def list_as_of(app: str, form: str, moment: datetime) -> Response:
    """One page of the records there were at a moment, in the order of their ids.

    What the past is not kept by cannot narrow or order it: there is no filter, search or sort.
    """
    allow_parameters("as_of", "columns", "cursor", "limit")
    size = whole_number("limit", DEFAULT_SIZE, highest=LARGEST_SIZE)
    after = int(unsigned(parameter("cursor"), address_asked()) or 0)
    with reading() as act:
        found = form_of(act, app, form)
        if found.aggregate is not None:
            # Figures follow from the records of other forms; of themselves they have no past.
            raise BadRequest("parameter_unknown", {"name": "as_of"})
        columns = _columns(act, found, parameter("columns"))
        past = documents.listed_as_of(act, found, moment, after=after, size=size)
        rows = _rows(act, found, columns, past.records)
    cursor = str(past.after) if past.after else ""
    return json_answer({"records": rows, "next": signed(cursor, address_asked())})


def _columns(act: Act, form: Form, text: str) -> tuple[Field, ...]:
    access.require(act.actor, "view", form)
    kept = {f.code: f for f in access.visible_fields(act.actor, form) if f.column is not None}
    given = text.split(",") if text else [code for code in form.list_columns if code in kept]
    for index, code in enumerate(given):
        if code not in kept:
            problem = Problem(f"/columns/{index}", "field_unknown", {"name": code[:60]})
            raise ValidationFailed("filter_invalid", problems=[problem])
    return tuple(kept[code] for code in dict.fromkeys(given))


def _rows(
    act: Act, form: Form, columns: Sequence[Field], records: Sequence[Record]
) -> list[dict[str, Json]]:
    names = _names(act, form, columns, records)
    return [
        {
            "id": record.id,
            "version": record.version,
            "status": record.status,
            "values": {f.code: value_json(record.values.get(f.code)) for f in columns},
            "shown": {f.code: _shown(f, record.values.get(f.code), names) for f in columns},
        }
        for record in records
    ]


def _names(
    act: Act, form: Form, columns: Sequence[Field], records: Sequence[Record]
) -> Mapping[str, Mapping[int, str]]:
    """What records and people are called today, by the field that points to them."""
    found = dict(names_of(act.connection, columns, [record.values for record in records]))
    for field in columns:
        if field.target:
            held = (record.values.get(field.code) for record in records)
            ids = {key for key in held if key is not None}
            found[field.code] = query.titles(act, form.target(field), ids)
    return found


def _shown(field: Field, value: Any, names: Mapping[str, Mapping[int, str]]) -> str:
    if value is None:
        return ""
    if field.target:
        return names[field.code].get(value, f"#{value}")
    return written(value, names[field.code]) if field.stored.kind in NAMED else field.format(value)
