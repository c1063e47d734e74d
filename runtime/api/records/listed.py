"""Pages of records: asked for in an address, or by a query that says more than one can."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request

from runtime import query
from runtime.api.acting import allow_members, flag, form_of, member, reading
from runtime.api.records.cursors import (
    DEFAULT_SIZE,
    LARGEST_SIZE,
    address_asked,
    signed,
    unsigned,
)
from runtime.api.records.past import instant_of, list_as_of
from runtime.api.records.places import FORM, RECORDS
from runtime.api.routes import (
    allow_parameters,
    json_answer,
    json_body,
    parameter,
    route,
    whole_number,
)
from runtime.infra import strict_json
from runtime.infra.errors import BadRequest
from runtime.query import COUNT_CAP, Filter, PageRequest, read_where
from runtime.query.shapes import page_json

MOST_FILTERS: Final = 50
MOST_COLUMNS: Final = 200
FILTER: Final = "filter."


@route(RECORDS)
def list_records(app: str, form: str) -> Response:
    """One page of records; `next` is the cursor of the following one, empty at the end.

    With `as_of`, an instant with its zone, they are the records there were then, as they were.
    """
    moment = instant_of(parameter("as_of"))
    if moment is not None:
        return list_as_of(app, form, moment)
    allow_parameters("columns", "sort", "search", "cursor", "limit", prefix=FILTER)
    wanted = _page_request()
    with reading() as act:
        page = query.page(act, form_of(act, app, form), wanted)
    return json_answer({"records": page_json(page), "next": signed(page.next, address_asked())})


@route(f"{FORM}/query", "POST")
def query_records(app: str, form: str) -> Response:
    """One page of the records that meet `where`; with `"count": true` also how many there are.

    `where` is `{"all": […]}`, `{"any": […]}`, `{"not": …}` or `{"field", "op", "values"}`; `sort`
    is a list of field codes, `-code` for descending. The count stops at a bound (`capped`).
    """
    allow_parameters()
    body = json_body()
    allow_members(body, "columns", "where", "sort", "search", "cursor", "limit", "count")
    asked = strict_json.canonical({k: v for k, v in body.items() if k not in {"cursor", "limit"}})
    wanted = _queried(body, asked)
    with reading() as act:
        found = form_of(act, app, form)
        page = query.page(act, found, wanted)
        counted = query.count(act, found, wanted) if flag(body, "count") else None
    shown: dict[str, Any] = {"records": page_json(page), "next": signed(page.next, asked)}
    if counted is not None:
        shown |= {"count": min(counted, COUNT_CAP - 1), "capped": counted >= COUNT_CAP}
    return json_answer(shown)


def _queried(body: Mapping[str, Any], asked: str) -> PageRequest:
    size = member(body, "limit", int, DEFAULT_SIZE)
    if not 1 <= size <= LARGEST_SIZE:
        raise BadRequest("parameter_not_a_number", {"name": "limit", "highest": LARGEST_SIZE})
    return PageRequest(
        columns=words(body, "columns"),
        where=read_where(body.get("where")),
        sort=",".join(words(body, "sort")),
        search=member(body, "search", str, "")[:200],
        after=unsigned(member(body, "cursor", str, ""), asked),
        size=size,
    )


def words(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a member of the body that is a list of codes, each once."""
    given = member(body, name, list, [])
    if len(given) > MOST_COLUMNS or not all(isinstance(each, str) for each in given):
        raise BadRequest("member_invalid", {"name": name})
    return tuple(dict.fromkeys(given))


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
        after=unsigned(parameter("cursor"), address_asked()),
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
