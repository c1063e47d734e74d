"""Figures over the records of a form: counted, added up, and put together by a field."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from flask import Response

from runtime import query
from runtime.api.acting import allow_members, form_of, member, reading
from runtime.api.records.places import FORM
from runtime.api.routes import allow_parameters, json_answer, json_body, route
from runtime.definitions.view import TotalFn, ViewTotal
from runtime.infra.errors import BadRequest
from runtime.infra.strict_json import Json
from runtime.query import COUNT_CAP, PageRequest, read_where
from runtime.query.groups import grouped
from runtime.query.shapes import value_json
from runtime.query.totals import Total, totals

FUNCTIONS: Final = get_args(TotalFn)
MOST_TOTALS: Final = 20


@route(f"{FORM}/summary", "POST")
def summarize_records(app: str, form: str) -> Response:
    """How many records meet `where`, their `totals`, and the same for each group of a field.

    `totals` are `{"field", "fn"}`, `group` a field or `status`. The count stops at a bound
    (`capped`), and so do the groups (`cut`); totals are of all records.
    """
    allow_parameters()
    body = json_body()
    allow_members(body, "where", "search", "totals", "group")
    asked = PageRequest(
        where=read_where(body.get("where")), search=member(body, "search", str, "")[:200]
    )
    wanted, group = _wanted(body), member(body, "group", str, "")
    with reading() as act:
        found = form_of(act, app, form)
        counted = query.count(act, found, asked)
        shown: dict[str, Any] = {
            "count": min(counted, COUNT_CAP - 1),
            "capped": counted >= COUNT_CAP,
            "totals": [_total(each) for each in totals(act, found, asked, wanted)],
        }
        if group:
            parts = grouped(act, found, asked, group, wanted)
            shown |= {
                "groups": [
                    {
                        "value": value_json(each.value),
                        "text": each.text,
                        "count": each.count,
                        "totals": [_total(one) for one in each.totals],
                    }
                    for each in parts.groups
                ],
                "cut": parts.is_cut,
            }
    return json_answer(shown)


def _wanted(body: Mapping[str, Any]) -> tuple[ViewTotal, ...]:
    given: list[Any] = member(body, "totals", list, [])
    if len(given) > MOST_TOTALS:
        raise BadRequest("member_invalid", {"name": "totals"})
    return tuple(_one(each, f"totals/{number}") for number, each in enumerate(given))


def _one(given: Any, place: str) -> ViewTotal:
    if not isinstance(given, Mapping) or set(given) - {"field", "fn"}:
        raise BadRequest("member_invalid", {"name": place})
    field, function = given.get("field"), given.get("fn", "sum")
    if not isinstance(field, str) or function not in FUNCTIONS:
        raise BadRequest("member_invalid", {"name": place})
    return ViewTotal(field, function)


def _total(total: Total) -> dict[str, Json]:
    return {"field": total.field.code, "fn": total.fn, "value": value_json(total.value)}
