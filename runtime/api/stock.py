"""Stock on hand and the stock ledger, by the rights on the forms that name item and warehouse."""

from typing import Final

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from runtime import access
from runtime.api.acting import reading
from runtime.api.books import opened, optional_day, optional_id, row_json
from runtime.api.routes import (
    allow_parameters,
    json_answer,
    parameter,
    route,
    whole_number,
)
from runtime.infra.errors import BadRequest
from runtime.infra.strict_json import Json
from runtime.posting import datasets

PAGE: Final = 100
LARGEST_PAGE: Final = 500


@route("/apps/<app>/stock")
def stock_on_hand(app: str) -> Response:
    """What there is: quantity, and to whom cost is shown value and unit cost; also `as_of` a day.

    `known_at` asks what the books said when they ended with that sequence number.
    """
    allow_parameters("item", "warehouse", "as_of", "known_at")
    item, warehouse = optional_id("item"), optional_id("warehouse")
    day, known_at = optional_day("as_of"), optional_id("known_at")
    with reading() as act:
        found = opened(act, app)
        rows = datasets.stock_on_hand(
            act.connection, app, item=item, warehouse=warehouse, as_of=day, known_at=known_at
        )
        with_cost = access.may_see_cost(act.actor, found)
    return json_answer({"stock": [_on_hand(row, with_cost=with_cost) for row in rows]})


@route("/apps/<app>/stock/ledger")
def stock_ledger(app: str) -> Response:
    """Every movement of an item with the balance after it; `document` leads back to its record."""
    allow_parameters("item", "warehouse", "cursor", "limit")
    item, warehouse = optional_id("item"), optional_id("warehouse")
    if item is None:
        raise BadRequest("parameter_missing", {"name": "item"})
    limit = whole_number("limit", PAGE, highest=LARGEST_PAGE)
    with reading() as act:
        found = opened(act, app)
        after = _after()
        rows = datasets.stock_ledger(
            act.connection, app, item, warehouse, after=after, limit=limit + 1
        )
        with_cost = access.may_see_cost(act.actor, found)
    shown = rows[:limit]
    more = _serializer().dumps(shown[-1].after) if len(rows) > limit else ""
    return json_answer(
        {"entries": [_entry(row, with_cost=with_cost) for row in shown], "next": more}
    )


def _on_hand(row: datasets.StockOnHand, *, with_cost: bool) -> Json:
    return row_json(row, with_cost=with_cost)


def _entry(row: datasets.StockLedgerRow, *, with_cost: bool) -> Json:
    names = [
        "seq", "date", "kind", "form", "document", "line", "warehouse", "qty", "qty_after",
        "lot", "serial", "bin", "is_undone",
    ]  # fmt: skip
    if with_cost:
        names += ["value", "value_after"]
    return {name: getattr(row, name) for name in names}


def _serializer() -> URLSafeSerializer:
    # A cursor is good for the one who got it and for the list it was made for.
    place = f"{request.path} {parameter('item')} {parameter('warehouse')}"
    return URLSafeSerializer(current_app.secret_key or "", f"cursor {g.actor.user_id} {place}")


def _after() -> str | None:
    text = parameter("cursor")
    try:
        return str(_serializer().loads(text)) if text else None
    except BadSignature as error:
        raise BadRequest("cursor_invalid") from error
