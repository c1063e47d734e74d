"""What the books say behind stock: places, availability, layers, traces, causes, journal, rules."""

from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any, Final, cast

from flask import Response, request

from runtime import access, query
from runtime.api.acting import app_of, form_of, reading
from runtime.api.routes import allow_parameters, json_answer, parameter, route, whole_number
from runtime.compile.model import App
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Forbidden, NotFound
from runtime.infra.strict_json import Json
from runtime.posting import datasets

LARGEST: Final = 10**15
MOST_ITEMS: Final = 500
LONGEST_KEY: Final = 100
BY: Final = ("lot", "serial", "bin")
DIRECTIONS: Final = ("both", "up", "down")
# What of a row is cost, and shown only to whom cost is shown.
COST: Final = frozenset(
    {"value", "unit_cost", "amount", "opening_value", "in_value", "out_value", "closing_value"}
)


@route("/apps/<app>/stock/places")
def stock_places(app: str) -> Response:
    """What there is by lot, serial number or bin."""
    allow_parameters("item", "warehouse", "by")
    by = _word("by", BY)
    item, warehouse = optional_id("item"), optional_id("warehouse")
    with reading() as act:
        opened(act, app)
        rows = datasets.stock_places(
            act.connection, app, item=item, warehouse=warehouse, by=cast(Any, by)
        )
    return json_answer({"places": [row_json(row) for row in rows]})


@route("/apps/<app>/stock/status")
def stock_status(app: str) -> Response:
    """How items stand: on hand, reserved, in transit, on order, available; `items` by commas."""
    allow_parameters("items", "warehouse")
    items, warehouse = _ids("items"), optional_id("warehouse")
    with reading() as act:
        opened(act, app)
        found = datasets.stock_status(act.connection, app, items, warehouse)
    return json_answer({"status": [{"item": key, **row_json(row)} for key, row in found.items()]})


@route("/apps/<app>/stock/available")
def stock_available(app: str) -> Response:
    """How much of an item can leave a warehouse on each day so that nothing later goes short."""
    allow_parameters("item", "warehouse")
    item, warehouse = _needed_id("item"), _needed_id("warehouse")
    with reading() as act:
        opened(act, app)
        rows = datasets.available_by_date(act.connection, app, item, warehouse)
    return json_answer({"available": [row_json(row) for row in rows]})


@route("/apps/<app>/stock/reservations")
def stock_reservations(app: str) -> Response:
    """What is held for somebody, and what is left of it."""
    allow_parameters("item", "warehouse")
    item, warehouse = optional_id("item"), optional_id("warehouse")
    with reading() as act:
        opened(act, app)
        rows = datasets.reservations(act.connection, app, item=item, warehouse=warehouse)
    return json_answer({"reservations": [row_json(row) for row in rows]})


@route("/apps/<app>/stock/summary")
def stock_summary(app: str) -> Response:
    """Opening, in, out and closing from the day `first` to the day `last`, both included."""
    allow_parameters("first", "last", "item", "warehouse")
    first, last = _needed_day("first"), _needed_day("last")
    item, warehouse = optional_id("item"), optional_id("warehouse")
    with reading() as act:
        with_cost = access.may_see_cost(act.actor, opened(act, app))
        rows = datasets.in_out_summary(
            act.connection, app, first, last, item=item, warehouse=warehouse
        )
    return json_answer({"summary": [row_json(row, with_cost=with_cost) for row in rows]})


@route("/apps/<app>/stock/trace")
def stock_trace(app: str) -> Response:
    """Where a lot or serial number came from and went: `item` may be left out."""
    allow_parameters("key", "item", "direction")
    key, item = parameter("key")[:LONGEST_KEY], optional_id("item")
    direction = cast(Any, _word("direction", DIRECTIONS))
    if not key:
        raise BadRequest("parameter_missing", {"name": "key"})
    with reading() as act:
        found = opened(act, app)
        items = [item] if item else datasets.items_of_lot(act.connection, app, key)
        rows = [
            row
            for one in items[:MOST_ITEMS]
            for row in datasets.trace(act.connection, app, one, key, direction)
        ]
        shown = [replace(row, party=_party(act, found, row.party)) for row in rows]
    return json_answer({"trace": [row_json(row) for row in shown]})


@route("/apps/<app>/stock/layers")
def stock_layers(app: str) -> Response:
    """Of which receipts what is on hand consists, each part with its own cost."""
    allow_parameters("item", "warehouse")
    item, warehouse = _needed_id("item"), _needed_id("warehouse")
    with reading() as act:
        opened(act, app, needs_cost=True)
        rows = datasets.layers(act.connection, app, item, warehouse)
    return json_answer({"layers": [row_json(row) for row in rows]})


@route("/apps/<app>/stock/chain")
def stock_chain(app: str) -> Response:
    """The bookings that made today's value of an item in a warehouse, the newest first."""
    allow_parameters("item", "warehouse")
    item, warehouse = _needed_id("item"), _needed_id("warehouse")
    with reading() as act:
        opened(act, app, needs_cost=True)
        rows = datasets.cost_chain(act.connection, app, item, warehouse)
    return json_answer({"chain": [row_json(row) for row in rows]})


@route("/apps/<app>/forms/<form>/records/<int:record_id>/why")
def record_why(app: str, form: str, record_id: int) -> Response:
    """Every value entry behind a document's figures with the document that caused it."""
    allow_parameters()
    with reading() as act:
        _require_record(act, app, form, record_id)
        rows = datasets.why(act.connection, app, form, record_id)
    return json_answer({"why": [row_json(row) for row in rows]})


@route("/apps/<app>/forms/<form>/records/<int:record_id>/journal")
def record_journal(app: str, form: str, record_id: int) -> Response:
    """What a document booked, debit positive."""
    allow_parameters()
    with reading() as act:
        _require_record(act, app, form, record_id)
        rows = datasets.journal(act.connection, app, form, record_id)
    return json_answer({"journal": [row_json(row) for row in rows]})


@route("/apps/<app>/stock/balances")
def stock_balances(app: str) -> Response:
    """What the books have booked on each account, debit positive."""
    allow_parameters()
    with reading() as act:
        opened(act, app, needs_cost=True)
        rows = datasets.account_balances(act.connection, app)
    return json_answer({"balances": [row_json(row) for row in rows]})


@route("/apps/<app>/stock/periods")
def stock_periods(app: str) -> Response:
    """The months of the books, closed ones with their digest; for administrators."""
    allow_parameters()
    with reading() as act:
        opened(act, app, needs_admin=True)
        rows = datasets.periods(act.connection, app)
    return json_answer({"periods": [row_json(row) for row in rows]})


@route("/apps/<app>/stock/rules")
def stock_rules(app: str) -> Response:
    """The company's rules and account rules; for administrators."""
    allow_parameters()
    with reading() as act:
        opened(act, app, needs_admin=True)
        rules: dict[str, Json] = dict(datasets.rules(act.connection, app))
        accounts = datasets.account_rules(act.connection, app)
    return json_answer({"rules": rules, "accounts": [row_json(row) for row in accounts]})


@route("/apps/<app>/stock/policies")
def stock_policies(app: str) -> Response:
    """The versions of an item's costing policy; for administrators."""
    allow_parameters("item")
    item = _needed_id("item")
    with reading() as act:
        opened(act, app, needs_admin=True)
        rows = datasets.policies(act.connection, app, item)
    return json_answer({"policies": [row_json(row) for row in rows]})


def opened(act: Act, code: str, *, needs_cost: bool = False, needs_admin: bool = False) -> App:
    """Return an app to whom its stock is business; cost and rules ask for more."""
    found = app_of(act, code)
    may = access.may_see_stock(act.actor, found)
    if needs_cost:
        may = may and access.may_see_cost(act.actor, found)
    if not may or (needs_admin and not act.actor.is_admin):
        raise Forbidden
    return found


def row_json(row: Any, *, with_cost: bool = True) -> dict[str, Json]:
    """Return a row of the books with its names; without cost where that is not shown."""
    assert is_dataclass(row), "the books answer in rows"
    names = [field.name for field in fields(row)]
    return {name: getattr(row, name) for name in names if with_cost or name not in COST}


def optional_id(name: str) -> int | None:
    """Return an id of the address, nothing where it is not given."""
    return whole_number(name, 1, highest=LARGEST) if name in request.args else None


def optional_day(name: str) -> date | None:
    """Return a day of the address, nothing where it is not given."""
    text = parameter(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequest("date_expected", {"text": text[:60]}) from None


def _party(act: Act, app: App, party: str) -> str:
    """Suppliers and customers (`supplier:7`) are named to those who may see them."""
    form = app.forms.get(party.partition(":")[0])
    return party if form is None or access.may(act.actor, "view", form) else ""


def _require_record(act: Act, app: str, form: str, record_id: int) -> None:
    opened(act, app, needs_cost=True)
    found = form_of(act, app, form)
    access.require(act.actor, "view", found)
    if query.record(act, found, record_id) is None:
        raise NotFound


def _needed_id(name: str) -> int:
    found = optional_id(name)
    if found is None:
        raise BadRequest("parameter_missing", {"name": name})
    return found


def _needed_day(name: str) -> date:
    found = optional_day(name)
    if found is None:
        raise BadRequest("parameter_missing", {"name": name})
    return found


def _ids(name: str) -> list[int]:
    texts = [text.strip() for text in parameter(name).split(",") if text.strip()]
    if not texts:
        raise BadRequest("parameter_missing", {"name": name})
    is_good = all(text.isascii() and text.isdigit() and len(text) < 16 for text in texts)
    if not is_good or len(texts) > MOST_ITEMS:
        raise BadRequest("parameter_not_a_number", {"name": name, "highest": LARGEST})
    return [int(text) for text in texts]


def _word(name: str, words: tuple[str, ...]) -> str:
    found = parameter(name, words[0])
    if found not in words:
        raise BadRequest("parameter_not_among", {"name": name, "words": ", ".join(words)})
    return found
