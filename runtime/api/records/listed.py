"""Pages of records: asked for in an address."""

from typing import Final

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from runtime import query
from runtime.api.acting import form_of, reading
from runtime.api.records.places import RECORDS
from runtime.api.routes import allow_parameters, json_answer, parameter, route, whole_number
from runtime.api.shapes import page_json
from runtime.infra.errors import BadRequest
from runtime.query import Filter, PageRequest

DEFAULT_SIZE: Final = 50
LARGEST_SIZE: Final = 200
MOST_FILTERS: Final = 50
FILTER: Final = "filter."


@route(RECORDS)
def list_records(app: str, form: str) -> Response:
    """One page of records; `next` is the cursor of the following one, empty at the end."""
    allow_parameters("columns", "sort", "search", "cursor", "limit", prefix=FILTER)
    wanted = _page_request()
    with reading() as act:
        page = query.page(act, form_of(act, app, form), wanted)
    return json_answer({"records": page_json(page), "next": signed(page.next, _asked())})


def _page_request() -> PageRequest:
    filters = tuple(_filter(name) for name in request.args if name.startswith(FILTER))
    if len(filters) > MOST_FILTERS:
        raise BadRequest("too_many_parameters", {"limit": MOST_FILTERS})
    columns = parameter("columns")
    return PageRequest(
        columns=tuple(columns.split(",")) if columns else (),
        filters=filters,
        sort=parameter("sort"),
        search=parameter("search")[:200],
        after=unsigned(parameter("cursor"), _asked()),
        size=whole_number("limit", DEFAULT_SIZE, highest=LARGEST_SIZE),
    )


def _filter(name: str) -> Filter:
    """Read `filter.<field>.<operator>=a,b`."""
    field, _, operator = name.removeprefix(FILTER).partition(".")
    text = parameter(name)
    several = operator in {"any_of", "none_of", "between", "has_any"} or field == "status"
    values = tuple(text.split(",")) if several else (text,) if text else ()
    if len(values) > 500:
        raise BadRequest("too_many_parameters", {"limit": 500})
    return Filter(field, operator or "equals", values)


def _asked() -> str:
    return str(sorted((k, v) for k, v in request.args.items() if k not in {"cursor", "limit"}))


def signed(cursor: str, asked: str) -> str:
    """Return a cursor that is good for the one who got it and for the list it was made for."""
    return str(_serializer(asked).dumps(cursor)) if cursor else ""


def unsigned(text: str, asked: str) -> str:
    """Return what stands in a cursor that was given out for this list to this caller."""
    if not text:
        return ""
    try:
        return str(_serializer(asked).loads(text))
    except BadSignature as error:
        raise BadRequest("cursor_invalid") from error


def _serializer(asked: str) -> URLSafeSerializer:
    salt = f"cursor {g.actor.user_id} {request.path} {asked}"
    return URLSafeSerializer(current_app.secret_key or "", salt=salt)
