"""From an order to its deliveries: open quantities, whoever takes, changes, cancels or deletes."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from builder.checks import check_app
from runtime import documents, platform
from runtime.compile import App, Form, compile_app
from runtime.definitions import load_app
from runtime.documents import Taken
from runtime.documents.convert import convert, offered, open_lines
from runtime.documents.links import related
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.db import Database
from runtime.infra.errors import AppError, Conflict, Forbidden, NotFound, ValidationFailed
from runtime.query import Record

NO = {"kind": "document_number", "label": "编号", "code": "no",
      "options": {"prefix": "N", "width": 4, "reset": "never"}}  # fmt: skip


def f(code: str, kind: str, **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, "options": options}


def lines(*fields: dict[str, Any]) -> dict[str, Any]:
    return f("rows", "lines", fields=list(fields))


def document(code: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "label": code, "type": "document", "title": "no", "fields": [NO, *fields]}


ITEM = f("item", "text")
SOURCE: dict[str, Any] = {
    "format": "dajian-app/1",
    "code": "co",
    "label": "公司",
    "forms": [
        document("sales", f("buyer", "text"), f("margin", "number"),
                 lines(ITEM, f("qty", "quantity"), f("cost", "money"))),
        document("shipping", f("buyer", "text"), f("margin", "number"), f("sale", "text"),
                 lines(ITEM, f("qty", "quantity"), f("cost", "money"), f("place", "number"),
                       f("of", "reference", form="sales"))),
        document("invoice", f("of", "reference", form="sales"), f("total", "number")),
    ],
    "conversions": [
        {"code": "ship", "label": "发货", "from": "sales", "to": "shipping",
         "map": {"buyer": "buyer", "margin": "margin"},
         "lines": {"from": "rows", "to": "rows",
                   "map": {"item": "item", "cost": "cost", "place": "$line_no", "of": "$id"},
                   "quantity": {"from": "qty", "to": "qty", "tolerance": "10"},
                   "keep": ["item", "of"]}},
        {"code": "bill", "label": "开票", "from": "sales", "to": "invoice", "map": {"of": "$id"}},
    ],
    "roles": [
        {"code": "clerk", "label": "文员", "grants": [
            {"form": "*", "verbs": ["view", "create", "update", "submit", "cancel", "delete"],
             "hidden": ["margin", "rows.cost"]}]},
        {"code": "reader", "label": "读者", "grants": [{"form": "*", "verbs": ["view"]}]},
        {"code": "own", "label": "自己", "grants": [
            {"form": "*", "verbs": ["view", "create"], "rows": "own"}]},
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Firm:
    """The company and its people: 1 may do everything but see cost, 2 reads, 3 has her own."""

    app: App
    database: Database
    now: datetime

    def do(self, what: Callable[[Act], Any], who: int | None = None) -> Any:
        roles = {1: "clerk", 2: "reader", 3: "own"}
        actor = Actor(who, "x", frozenset({roles[who]})) if who else SYSTEM
        with self.database.transaction() as connection:
            return what(Act(connection, actor, self.now))

    def form(self, code: str) -> Form:
        return self.app.forms[code]

    def order(self, *qty: int, buyer: str = "甲", who: int | None = None) -> Record:
        """A submitted order of so much of every line."""
        rows = [{"item": f"p{i}", "qty": str(each), "cost": "7"} for i, each in enumerate(qty)]
        sent = {"buyer": buyer, "margin": "3", "rows": rows}
        form = self.form("sales")
        found: Record = self.do(lambda act: documents.create_and_submit(act, form, sent), who)
        return found

    def ship(self, order: Record, *qty: str | None, who: int | None = None) -> Record:
        """Take so much of each line; None is all that is open."""
        rows = order.lines["rows"]
        takes = [
            Taken(order.id, row.id, None if each is None else Decimal(each))
            for row, each in zip(rows, qty, strict=False)
        ]
        made: Record = self.do(lambda act: convert(act, order.form, "ship", takes), who)
        return made

    def take(self, takes: list[Taken]) -> Record:
        made: Record = self.do(lambda act: convert(act, self.form("sales"), "ship", takes))
        return made

    def open(self, order: Record) -> list[str]:
        found = self.do(lambda act: open_lines(act, order.form, "ship", [order.id]))
        return [format(one.open.normalize(), "f") for one in found]


@pytest.fixture
def firm(database: Database, now: datetime) -> Firm:
    definition = load_app(SOURCE)
    assert check_app(definition) == ()
    app = compile_app(definition, 1)
    with database.transaction() as connection:
        platform.set_up(connection)
        app.metadata.create_all(connection)
    return Firm(app, database, now)


def told(error: pytest.ExceptionInfo[ValidationFailed]) -> list[tuple[str, str, Any]]:
    return [(each.pointer, each.code, each.params.get("open")) for each in error.value.problems]


def test_part_by_part__until_nothing_is_open(firm: Firm) -> None:
    order = firm.order(10, 4)
    first = firm.ship(order, "3", "4")
    assert first.status == "draft"
    assert first.values["buyer"] == "甲"
    assert [
        (row.values["item"], str(row.values["qty"]), row.values["place"], row.values["of"])
        for row in first.lines["rows"]
    ] == [("p0", "3.000000", 1, order.id), ("p1", "4.000000", 2, order.id)]
    assert firm.open(order) == ["7", "0"]

    with pytest.raises(ValidationFailed) as refused:
        firm.ship(order, "8.1", "1")
    assert told(refused) == [
        ("/lines/0/quantity", "over_converted", "8"),
        ("/lines/1/quantity", "over_converted", "0.4"),
    ]
    second = firm.ship(order, None)
    assert str(second.lines["rows"][0].values["qty"]) == "7.000000"
    assert firm.open(order) == ["0", "0"]
    assert [one.code for one in firm.do(lambda act: offered(act, order.form, order))] == ["bill"]


def test_draft_that_is_changed__gives_back_and_is_held_to_what_is_open(firm: Firm) -> None:
    order, ship = firm.order(10), firm.form("shipping")
    firm.ship(order, "3")
    second = firm.ship(order, "7")
    row = second.lines["rows"][0]

    def change(qty: str, version: int, **more: Any) -> Record:
        sent = {"rows": [{"id": row.id, "qty": qty, **more}]}
        made: Record = firm.do(
            lambda act: documents.update(act, ship, second.id, sent, version=version)
        )
        return made

    changed = change("2", 1)
    assert firm.open(order) == ["5"]
    with pytest.raises(ValidationFailed) as refused:
        change("8.5", changed.version)
    assert told(refused) == [("/rows/0/qty", "over_converted", "8")]
    with pytest.raises(ValidationFailed) as refused:
        change("2", changed.version, item="other")
    assert told(refused) == [("/rows/0/item", "not_as_in_source", None)]


def test_what_goes__gives_back_and_what_comes_back_takes_again(firm: Firm) -> None:
    order, ship = firm.order(10, 4), firm.form("shipping")
    first, second = firm.ship(order, "3", "4"), firm.ship(order, "2")
    firm.do(lambda act: documents.delete(act, ship, second.id, version=1))
    sent = firm.do(lambda act: documents.submit(act, ship, first.id, version=1))
    assert firm.open(order) == ["7", "0"]
    firm.ship(order, "7")
    with pytest.raises(ValidationFailed) as refused:
        firm.do(lambda act: documents.undelete(act, ship, second.id))
    assert told(refused) == [("/rows/0/qty", "over_converted", "1")]
    firm.do(lambda act: documents.cancel(act, ship, sent.id, version=sent.version, reason="错"))
    assert firm.open(order) == ["3", "4"]
    firm.do(lambda act: documents.undelete(act, ship, second.id))
    assert firm.open(order) == ["1", "4"]


def test_chain__is_seen_from_both_ends_and_holds_the_source(firm: Firm) -> None:
    order, ship = firm.order(10), firm.form("shipping")
    third = firm.ship(order, "7")
    with pytest.raises(Conflict, match="is_continued"):
        firm.do(
            lambda act: documents.cancel(
                act, order.form, order.id, version=order.version, reason="错"
            )
        )
    assert [
        (one.form.code, one.side, len(one.titles))
        for one in firm.do(lambda act: related(act, order.form, order.id))
    ] == [("shipping", "target", 1), ("invoice", "target", 0)]
    assert [
        (one.form.code, one.side, list(one.titles.values()))
        for one in firm.do(lambda act: related(act, ship, third.id))
    ] == [("sales", "source", ["N0001"])]


def test_several_into_one__where_they_agree(firm: Firm) -> None:
    one, two, other = firm.order(5), firm.order(6), firm.order(1, buyer="乙")

    def join(*orders: Record) -> Record:
        takes = [Taken(order.id, order.lines["rows"][0].id) for order in orders]
        made: Record = firm.do(lambda act: convert(act, one.form, "ship", takes))
        return made

    made = join(two, one)
    assert [(row.values["of"], str(row.values["qty"])) for row in made.lines["rows"]] == [
        (two.id, "6.000000"),
        (one.id, "5.000000"),
    ]
    assert firm.open(one) == firm.open(two) == ["0"]
    with pytest.raises(ValidationFailed) as refused:
        join(firm.order(1), other)
    assert told(refused) == [("/lines", "sources_differ", None)]


def test_rights__nothing_hidden_goes_along(firm: Firm) -> None:
    order = firm.order(5)
    made = firm.ship(order, "1", who=1)
    whole = firm.do(lambda act: documents.as_of(act, firm.form("shipping"), made.id))
    assert (whole.values["margin"], whole.lines["rows"][0].values["cost"]) == (None, None)
    with pytest.raises(Forbidden):
        firm.ship(order, "1", who=2)
    with pytest.raises(NotFound):
        firm.ship(order, "1", who=3)
    assert related_titles(firm, order, 3) == [0, 0]
    assert related_titles(firm, order, 1) == [1, 0]


def related_titles(firm: Firm, order: Record, who: int) -> list[int]:
    found = firm.do(lambda act: related(act, order.form, order.id), who)
    return [len(one.titles) for one in found]


def test_what_is_not_there_or_not_in_force__is_not_taken(firm: Firm) -> None:
    order, form = firm.order(5), firm.form("sales")
    draft = firm.do(lambda act: documents.create(act, form, {"rows": [{"item": "a", "qty": "1"}]}))
    refusals: list[tuple[list[Taken], type[AppError], str]] = [
        ([Taken(draft.id, draft.lines["rows"][0].id)], Conflict, "not_convertible"),
        ([Taken(order.id, draft.lines["rows"][0].id)], ValidationFailed, "line_unknown"),
        ([Taken(order.id, order.lines["rows"][0].id)] * 2, ValidationFailed, "line_unknown"),
        ([Taken(order.id, order.lines["rows"][0].id, Decimal(0))],
         ValidationFailed, "quantity_not_positive"),
        ([Taken(order.id, order.lines["rows"][0].id, Decimal(-1))],
         ValidationFailed, "quantity_not_positive"),
        ([], ValidationFailed, "nothing_taken"),
        ([Taken(999, 1)], NotFound, "not_found"),
    ]  # fmt: skip
    for takes, kind, code in refusals:
        with pytest.raises(kind) as refused:
            firm.take(takes)
        codes = [problem.code for problem in refused.value.problems] or [refused.value.code]
        assert codes[0] == code
    bill = firm.do(lambda act: convert(act, form, "bill", [Taken(order.id)]))
    assert bill.values["of"] == order.id
    assert [one.key for one in firm.do(lambda act: open_lines(act, form, "bill", [order.id]))] == [
        str(order.id)
    ]


@dataclass
class Life:
    """People who take from one order in any order, and what they have of it."""

    firm: Firm
    order: Record
    draw: random.Random
    live: dict[int, Record]
    gone: list[int]

    def act(self) -> None:
        """One of them does something."""
        verbs = [self.take, self.take, self.change, self.delete, self.back, self.submit]
        self.draw.choice([*verbs, self.cancel])()

    def quantity(self) -> str:
        return str(Decimal(self.draw.randint(1, 60)) / 10)

    def one(self) -> Record:
        return self.draw.choice(list(self.live.values()))

    def take(self) -> None:
        made = self.firm.ship(self.order, self.quantity())
        self.live[made.id] = made

    def put(self, verb: Any, key: int, *given: Any, **more: Any) -> None:
        ship = self.firm.form("shipping")
        self.live[key] = self.firm.do(lambda act: verb(act, ship, key, *given, **more))

    def change(self) -> None:
        one = self.one()
        sent = {"rows": [{"id": one.lines["rows"][0].id, "qty": self.quantity()}]}
        self.put(documents.update, one.id, sent, version=one.version)

    def submit(self) -> None:
        one = self.one()
        self.put(documents.submit, one.id, version=one.version)

    def cancel(self) -> None:
        one = self.one()
        self.put(documents.cancel, one.id, version=one.version, reason="x")

    def delete(self) -> None:
        one, ship = self.one(), self.firm.form("shipping")
        self.firm.do(lambda act: documents.delete(act, ship, one.id, version=one.version))
        self.gone.append(self.live.pop(one.id).id)

    def back(self) -> None:
        self.put(documents.undelete, self.gone[-1])
        self.gone.pop()

    def taken(self) -> Decimal:
        """What stands in everything that counts."""
        counting = (one for one in self.live.values() if one.status != "cancelled")
        return sum((one.lines["rows"][0].values["qty"] for one in counting), Decimal(0))


def test_any_order_of_acts__never_takes_more_than_allowed(firm: Firm, seed: int) -> None:
    order = firm.order(10)
    life, done = Life(firm, order, random.Random(seed), {}, []), 0
    for _ in range(40):
        # An empty list to choose from is nothing to do either.
        with suppress(AppError, IndexError):
            life.act()
            done += 1
        assert life.taken() <= 11
        assert Decimal(firm.open(order)[0]) == max(Decimal(10) - life.taken(), Decimal(0))
    assert done > 5


@pytest.mark.parametrize(("path", "value", "pointer", "code"), [
    ("from", "none", "/conversions/0/from", "form_unknown"),
    ("map", {"none": "buyer"}, "/conversions/0/map/none", "check_field_unknown"),
    ("map", {"buyer": "none"}, "/conversions/0/map/buyer", "check_field_unknown"),
    ("map", {"margin": "buyer"}, "/conversions/0/map/margin", "conversion_kinds_differ"),
    ("map", {"no": "no"}, "/conversions/0/map/no", "conversion_not_filled"),
    ("map", {"margin": "$line_no"}, "/conversions/0/map/margin", "conversion_kinds_differ"),
    ("lines", {"from": "rows", "to": "none"}, "/conversions/0/lines/to", "check_lines_unknown"),
    ("lines", {"from": "rows", "to": "rows", "keep": ["item"]},
     "/conversions/0/lines/keep/0", "conversion_not_taken"),
    ("lines", {"from": "rows", "to": "rows", "quantity": {"from": "item", "to": "qty"}},
     "/conversions/0/lines/quantity/from", "conversion_no_quantity"),
    ("code", "bill", "/conversions/1/code", "code_twice"),
])  # fmt: skip
def test_definition__wrong_names_are_told(path: str, value: Any, pointer: str, code: str) -> None:
    first, second = SOURCE["conversions"]
    changed = {**SOURCE, "conversions": [{**first, path: value}, second]}
    found = check_app(load_app(changed))
    assert (pointer, code) in [(each.pointer, each.code) for each in found]
