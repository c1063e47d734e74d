"""From one document to the next, for programs: what is open, and a draft of what is taken."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from flask import Response

from runtime import documents
from runtime.api.acting import allow_members, form_of, member, reading, write
from runtime.api.records.places import FORM, pointing
from runtime.api.routes import allow_parameters, json_answer, json_body, parameter, route
from runtime.documents import OpenLine, Taken
from runtime.documents.convert import conversion_of
from runtime.infra.act import Act
from runtime.infra.columns import is_key
from runtime.infra.errors import BadRequest
from runtime.infra.requests import Answer
from runtime.infra.strict_json import Json
from runtime.query.shapes import line_json, record_json

CONVERSION: Final = f"{FORM}/conversions/<conversion>"
MOST_RECORDS: Final = 50
MOST_LINES: Final = 2000
QUANTITY: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


@route(CONVERSION)
def list_open_lines(app: str, form: str, conversion: str) -> Response:
    """The lines of records (`records`, ids by commas) with what is still open of each."""
    allow_parameters("records")
    ids = _ids(parameter("records"))
    with reading() as act:
        found = form_of(act, app, form)
        target = conversion_of(act, found, conversion).target
        lines = [_open(one) for one in documents.open_lines(act, found, conversion, ids)]
    return json_answer({"to": target, "lines": lines})


@route(CONVERSION, "POST", "write")
def convert_records(app: str, form: str, conversion: str) -> Response:
    """Make a draft of the next form out of `lines`; without a `quantity` all that is open is taken.

    Each of them names a `record`, and the `line` where the conversion takes lines.
    """
    body = json_body()
    allow_members(body, "lines")
    takes = _takes(body)
    with reading() as act:
        target = conversion_of(act, form_of(act, app, form), conversion).target

    def work(act: Act) -> Answer:
        # What is wrong with the draft is no member of what was sent.
        with pointing("/lines", "/lines"):
            made = documents.convert(act, form_of(act, app, form), conversion, takes)
        return Answer(201, record_json(made))

    place = f"/api/v1/apps/{app}/forms/{target}/records"
    return write(work, key_required=True, located=place)


def _open(one: OpenLine) -> dict[str, Json]:
    return {
        "record": one.record.id,
        "title": one.record.title,
        "line": None if one.line is None else one.line.id,
        "values": None if one.line is None else line_json(one.line),
        "quantity": _plain(one.quantity),
        "taken": _plain(one.taken),
        "open": _plain(one.open),
    }


def _plain(value: Decimal | None) -> str | None:
    """A quantity without the places it does not use."""
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _ids(text: str) -> list[int]:
    given = text.split(",") if text else []
    if not 0 < len(given) <= MOST_RECORDS or not all(
        each.isascii() and each.isdigit() and len(each) < 16 and is_key(int(each)) for each in given
    ):
        raise BadRequest("member_invalid", {"name": "records"})
    return [int(each) for each in given]


def _takes(body: Mapping[str, Any]) -> list[Taken]:
    given: list[Any] = member(body, "lines", list, [])
    if len(given) > MOST_LINES:
        raise BadRequest("member_invalid", {"name": "lines"})
    return [_taken(each, f"lines/{number}") for number, each in enumerate(given)]


def _taken(given: Any, place: str) -> Taken:
    if not isinstance(given, Mapping):
        raise BadRequest("member_invalid", {"name": place})
    unknown = sorted(set(given) - {"record", "line", "quantity"})
    if unknown:
        raise BadRequest("member_unknown", {"name": f"{place}/{unknown[0][:60]}"})
    record, line = given.get("record"), given.get("line")
    if record is None or not _is_id(record):
        raise BadRequest("member_invalid", {"name": f"{place}/record"})
    if line is not None and not _is_id(line):
        raise BadRequest("member_invalid", {"name": f"{place}/line"})
    return Taken(record, line, _quantity(given.get("quantity"), f"{place}/quantity"))


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and is_key(value)


def _quantity(value: Any, place: str) -> Decimal | None:
    """A quantity, exact: a text as everywhere, or a whole number."""
    if value is None:
        return None
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or QUANTITY.fullmatch(text) is None:
        raise BadRequest("member_invalid", {"name": place})
    return Decimal(text)
