"""A document of every kind is posted, traced and cancelled, by the people who would do it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, select

from builder.demo import load_demo
from runtime import documents, posting
from runtime.catalogue import Catalogue
from runtime.compile import App, Form
from runtime.definitions.posting import COMMANDS
from runtime.infra import passwords
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import Conflict, Refused, ValidationFailed
from runtime.infra.settings import read
from runtime.platform import Platform, set_up
from tests.prepared import Prepared, opened
from tests.tally import uses

JXC = Path(__file__).parents[3] / "app_templates" / "jxc"
NOW = datetime.fromisoformat("2026-11-21T01:30:00+00:00")
# The items of the plain demo; only the documents of every kind are about the others.
PLAIN_ITEMS = 16


@dataclass(frozen=True)
class Firm:
    """The demo company with a document of every kind, in a transaction that leaves no trace."""

    connection: Connection
    app: App
    now: datetime = NOW

    @contextmanager
    def acting(self) -> Iterator[Act]:
        """What a request would do in a transaction of its own: all of it, or nothing."""
        with self.connection.begin_nested():
            yield Act(self.connection, SYSTEM, self.now)

    def posted(self) -> list[tuple[Form, int]]:
        """Every posted document, in the order in which they were posted."""
        found: list[tuple[datetime, int, Form, int]] = []
        for place, form in enumerate(self.app.forms.values()):
            if form.posting is None:
                continue
            query = select(form.table.c.id, form.table.c.updated_at)
            rows = self.connection.execute(query.where(form.table.c.status == "posted"))
            found += [(row.updated_at, place, form, row.id) for row in rows]
        found.sort(key=lambda row: (row[0], row[1], row[3]))
        return [(form, number) for _, _, form, number in found]

    def kinds(self) -> list[tuple[Form, int]]:
        """The documents that the plain demo has not."""
        return [
            (form, number)
            for form, number in self.posted()
            if not (rows := self.why(form, number)) or any(row.item > PLAIN_ITEMS for row in rows)
        ]

    def one(self, code: str) -> int:
        """The first document of a form among them."""
        return next(number for form, number in self.kinds() if form.code == code)

    def why(self, form: Form, number: int) -> list[Any]:
        return posting.datasets.why(self.connection, "jxc", form.code, number)

    def stock(self) -> dict[tuple[int, int], tuple[str, str]]:
        rows = posting.datasets.stock_on_hand(self.connection, "jxc")
        return {(row.item, row.warehouse): (str(row.qty), str(row.value)) for row in rows}

    def key(self, form: str, column: str, text: str) -> int:
        table = self.app.forms[form].table
        query = select(table.c.id).where(table.c[f"f_{column}"] == text)
        return int(self.connection.execute(query).scalar_one())

    def item(self, item_no: str) -> int:
        return self.key("item", "item_no", item_no)

    def place(self, warehouse_no: str = "WH01") -> int:
        return self.key("warehouse", "warehouse_no", warehouse_no)

    def version(self, form: Form, number: int) -> int:
        query = select(form.table.c.version).where(form.table.c.id == number)
        return int(self.connection.execute(query).scalar_one())

    def cancel(self, code: str, number: int) -> None:
        form = self.app.forms[code]
        with self.acting() as act:
            seen = self.version(form, number)
            documents.cancel(act, form, number, version=seen, reason="试一试")

    def submit(self, code: str, **values: Any) -> int:
        with self.acting() as act:
            return documents.create_and_submit(act, self.app.forms[code], values).id

    def change_item(self, item_no: str, **values: Any) -> None:
        form, number = self.app.forms["item"], self.item(item_no)
        with self.acting() as act:
            documents.update(act, form, number, values, version=self.version(form, number))

    def faults(self) -> list[Any]:
        findings = posting.books.verify(self.connection)
        assert findings
        return [finding for finding in findings if not finding["ok"]]


def whole_company(url: str) -> None:
    """Fill an empty database with the demo company and a document of every kind."""
    with pytest.MonkeyPatch.context() as patch, opened(url) as database:
        patch.setattr(passwords, "_hasher", lambda: PasswordHasher(1, 8, 1))
        with database.transaction() as connection:
            set_up(connection)
        platform = Platform(read({}), database, Catalogue(), clock=lambda: NOW)
        load_demo(platform, JXC, "a demo for tests", is_whole=True)


@pytest.fixture(scope="module")
def loaded(module_url: str, prepared: Prepared) -> Iterator[Database]:
    """The demo company, once of each kind of database for the whole module."""
    prepared.fill(module_url, "whole company", whole_company)
    database = Database(module_url)
    yield database
    database.dispose()


class _DoneError(Exception):
    """The end of a test: nothing it wrote stays."""


@pytest.fixture
def firm(loaded: Database, request: pytest.FixtureRequest) -> Iterator[Firm]:
    uses(request, loaded.kind)
    with pytest.raises(_DoneError), loaded.transaction() as connection:  # noqa: PT012
        yield Firm(connection, Catalogue().app(connection, "jxc"))
        raise _DoneError


def test_every_kind__is_posted_and_the_books_are_right(firm: Firm) -> None:
    forms = {form.code for form in firm.app.forms.values() if form.posting}
    assert {form.code for form, _ in firm.posted()} == forms
    assert {form.posting.command for form, _ in firm.posted() if form.posting} == set(COMMANDS)
    assert firm.faults() == []


def test_every_kind__what_it_cost(firm: Firm) -> None:
    """Every figure was worked by hand.

    Receipt 1,560.00 + 1,440.00 provisional, invoiced at 1,584.00 + 1,410.00, freight 60.00 spread
    by amount: 31.20 + 28.80. A tube of sealant is (1,584.00 + 31.20) / 120 = 13.46; 12 went back,
    24 were sold, 4 came back, 30 were moved. A meter is (1,410.00 + 28.80) / 3 = 479.60.
    Screwdrivers: 20 at 150.00, one scrapped, -19.00, so 19 for 2,831.00; 5 are used: 745.00. Bits:
    173 for 519.00 and 50 for 140.00 less 5; 50 of 218 are used. Sets: 5, one is taken apart.
    """
    stock = firm.stock()
    assert stock[firm.item("SP60001"), firm.place()] == ("58", "780.68")
    assert stock[firm.item("SP60001"), firm.place("WH02")] == ("30", "403.80")
    assert stock[firm.item("SP60002"), firm.place()] == ("2", "959.20")
    assert stock[firm.item("SP60006"), firm.place()] == ("10", "1210.00")
    screwdrivers, bits, sets = (
        stock[firm.item(item_no), firm.place()] for item_no in ("SP60003", "SP60004", "SP60005")
    )
    assert (screwdrivers[0], bits[0], sets[0]) == ("15", "183", "4")
    # 2,831.00 - 745.00 went in, 4/5 of (745.00 + the bits + 25.00) stay in the sets.
    together = sum(Decimal(one[1]) for one in (screwdrivers, bits, sets))
    assert together == Decimal("2831.00") + bits_before(firm) + Decimal("25.00")


def bits_before(firm: Firm) -> Decimal:
    """What the bits at the main warehouse were worth before any went into a set."""
    rows = posting.datasets.stock_ledger(firm.connection, "jxc", firm.item("SP60004"), firm.place())
    return next(row.value_after for row in rows if row.form == "misc_issue")


def test_every_kind__is_traced(firm: Firm) -> None:
    lot = posting.datasets.trace(firm.connection, "jxc", firm.item("SP60001"), "J2611A")
    serial = posting.datasets.trace(firm.connection, "jxc", firm.item("SP60002"), "LD-001")
    assert {row.form for row in lot} == {
        "purchase_receipt", "purchase_invoice", "landed_cost", "purchase_return", "delivery",
        "sales_return", "transfer_dispatch", "transfer_arrival",
    }  # fmt: skip
    supplier = firm.key("supplier", "supplier_no", "S003")
    customer = firm.key("customer", "customer_no", "C001")
    parties = {(row.form, row.party) for row in serial}
    assert {
        ("purchase_receipt", f"supplier:{supplier}"),
        ("delivery", f"customer:{customer}"),
    } <= parties
    # What moves no goods has no figure of its own: a late cost is part of its receipt's.
    silent = {form.code for form, number in firm.posted() if not firm.why(form, number)}
    reservations = {"reservation", "reservation_release"}
    assert reservations <= silent <= {*reservations, "landed_cost", "purchase_invoice"}
    causes = {
        row.cause_form
        for row in firm.why(firm.app.forms["purchase_receipt"], firm.one("purchase_receipt"))
    }
    assert {"landed_cost", "purchase_invoice"} <= causes


def test_every_kind__is_cancelled(firm: Firm) -> None:
    """Newest first everything goes, and the books are as if nothing of it had been."""
    before = {place: held for place, held in firm.stock().items() if place[0] <= PLAIN_ITEMS}
    final = []
    for form, number in reversed(firm.kinds()):
        try:
            firm.cancel(form.code, number)
        except Refused as error:
            final.append((form.code, error.code))
    # What was let go of is not held again, and holds nothing that could be let go of.
    over = "reservation_is_over"
    assert final == [("reservation_release", over), ("reservation", over)]
    assert firm.stock() == before
    assert firm.faults() == []


def test_cancel__names_who_needs_the_goods(firm: Firm) -> None:
    with pytest.raises(Refused) as caught:
        firm.cancel("purchase_receipt", firm.one("purchase_receipt"))
    assert caught.value.code == "has_dependents"
    named = {one["form"] for one in caught.value.params["blocking"]}
    assert named == {"purchase_invoice", "landed_cost", "purchase_return"}


def test_cancel__of_a_closed_month_is_a_red_document(firm: Firm) -> None:
    item, before = firm.item("SP60004"), firm.stock()
    later = replace(firm, now=NOW.replace(month=12))
    with later.acting() as act:
        for month in ("2026-11",):
            posting.acts.close_period(act, "jxc", month)
    later.cancel("misc_issue", firm.one("misc_issue"))
    held = firm.stock()[item, firm.place()]
    assert Decimal(held[0]) == Decimal(before[item, firm.place()][0]) + 5
    rows = posting.datasets.stock_ledger(firm.connection, "jxc", item, firm.place())
    assert rows[-1].date == "2026-12-21"
    assert firm.faults() == []


def test_cancel__as_the_rules_of_the_books_say(firm: Firm) -> None:
    with firm.acting() as act:
        posting.acts.set_rules(act, "jxc", {"cancel": "reverse"})
    firm.cancel("misc_issue", firm.one("misc_issue"))
    rows = posting.datasets.stock_ledger(firm.connection, "jxc", firm.item("SP60004"), firm.place())
    assert rows[-1].date == "2026-11-21"
    assert firm.faults() == []


@pytest.mark.parametrize(
    ("line", "code", "pointer"),
    [
        ({"source_line": "2"}, "source_item_differs", "/lines/0/source_line"),
        ({"source_line": "3"}, "source_line_unknown", "/lines/0/source_line"),
        ({"item": "SP60003"}, "source_item_unknown", "/lines/0/item"),
        ({"qty": "97"}, "negative_stock", "/lines/0/qty"),
        ({"item": "SP60002", "serials": "LD-001"}, "serial_not_in_stock", "/lines/0/serials"),
    ],
)
def test_source_line__what_cannot_be(
    firm: Firm, line: dict[str, Any], code: str, pointer: str
) -> None:
    row = {"item": "SP60001", "qty": "1", **line}
    row["item"] = firm.item(row["item"])
    with pytest.raises(Refused) as caught:
        firm.submit("purchase_return", receipt=firm.one("purchase_receipt"), lines=[row])
    assert [(one.code, one.pointer) for one in caught.value.problems] == [(code, pointer)]


def test_source_line__no_more_than_is_left_of_it(firm: Firm) -> None:
    """24 were delivered and 4 came back."""
    row = {"item": firm.item("SP60001"), "qty": "20"}
    delivery = firm.one("delivery")
    with pytest.raises(Refused) as caught:
        firm.submit("sales_return", delivery=delivery, lines=[{**row, "qty": "20.5"}])
    assert [(one.code, one.pointer) for one in caught.value.problems] == [
        ("over_return", "/lines/0/qty")
    ]
    firm.submit("sales_return", delivery=delivery, lines=[row])


def test_source_line__by_its_number(firm: Firm) -> None:
    item, receipt = firm.item("SP60002"), firm.one("purchase_receipt")
    row = {"item": item, "qty": "1", "source_line": "2", "serials": "LD-003"}
    firm.submit("purchase_return", receipt=receipt, lines=[row])
    assert firm.stock()[item, firm.place()] == ("1", "479.60")


def test_source_line__of_an_item_that_stands_there_twice(firm: Firm) -> None:
    item = firm.item("SP60003")
    lines = [{"item": item, "qty": "1", "price": price} for price in ("150", "160")]
    delivered = firm.submit("delivery", customer=1, warehouse=firm.place(), lines=lines)
    row = {"item": item, "qty": "1"}
    with pytest.raises(Refused) as caught:
        firm.submit("sales_return", delivery=delivered, lines=[row])
    assert [(one.code, one.params["numbers"]) for one in caught.value.problems] == [
        ("source_line_ambiguous", "1、2")
    ]
    firm.submit("sales_return", delivery=delivered, lines=[{**row, "source_line": "2"}])


def test_source_line__a_share_by_hand_belongs_to_one(firm: Firm) -> None:
    receipt = firm.one("purchase_receipt")
    asked = {"basis": "manual", "amount": "10", "supplier": 1}
    with pytest.raises(Refused) as caught:
        firm.submit("landed_cost", **asked, lines=[{"receipt": receipt, "part": "10"}])
    assert [one.code for one in caught.value.problems] == ["source_line_needed"]
    line = {"receipt": receipt, "part": "10", "item": firm.item("SP60002")}
    firm.submit("landed_cost", **asked, lines=[line])
    assert firm.stock()[firm.item("SP60002"), firm.place()] == ("2", "965.87")


def test_source__is_not_posted(firm: Firm) -> None:
    with firm.acting() as act:
        draft = documents.create(act, firm.app.forms["purchase_receipt"], {}).id
    row = {"item": firm.item("SP60001"), "qty": "1"}
    with pytest.raises(Refused) as caught:
        firm.submit("purchase_return", receipt=draft, lines=[row])
    assert [(one.code, one.pointer) for one in caught.value.problems] == [
        ("source_not_posted", "/receipt")
    ]


@pytest.mark.parametrize(
    ("item", "values", "code"),
    [
        ("SP60003", {"costing_method": "fifo"}, "item_policy_frozen"),
        ("SP60003", {"negative_stock": "allow"}, "item_policy_frozen"),
        ("SP60003", {"estimate_cost": "140"}, "item_policy_frozen"),
        ("SP60003", {"tracking": "serial"}, "item_terms_frozen"),
        ("SP60003", {"base_uom": 1}, "item_terms_frozen"),
        ("SP60006", {"standard_cost": "130"}, "item_standard_frozen"),
        ("SP60001", {"units": []}, "item_unit_frozen"),
        (
            "SP60003",
            {"units": [{"uom": 1, "unit_qty": "7", "base_qty": "1"}]},
            "item_unit_too_fine",
        ),
    ],
)
def test_item__what_the_books_hold_stays(
    firm: Firm, item: str, values: dict[str, Any], code: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        firm.change_item(item, **values)
    assert [(one.pointer, one.code) for one in caught.value.problems] == [
        (f"/{next(iter(values))}", code)
    ]


def test_item__what_the_books_do_not_hold_changes(firm: Firm) -> None:
    firm.change_item("SP60003", price_sale="240", costing_method="moving_average")
    dozen = firm.key("uom", "name", "打")
    firm.change_item("SP60003", units=[{"uom": dozen, "unit_qty": "1", "base_qty": "12"}])
    row = {"item": firm.item("SP60003"), "qty": "1", "uom": dozen}
    firm.submit("scrap", warehouse=firm.place(), lines=[row])
    assert firm.stock()[firm.item("SP60003"), firm.place()][0] == "3"
    firm.submit("misc_receipt", warehouse=firm.place(), lines=[{**row, "price": "1800"}])
    assert firm.stock()[firm.item("SP60003"), firm.place()][0] == "15"


def test_item__that_the_books_never_met_changes_freely(firm: Firm) -> None:
    form = firm.app.forms["item"]
    with firm.acting() as act:
        made = documents.create(act, form, {"item_no": "N1", "name": "新"})
        changed = {"costing_method": "fifo"}
        after = documents.update(act, form, made.id, changed, version=made.version)
    assert after.values["costing_method"] == "fifo"


def test_item__a_third_of_a_box(firm: Firm) -> None:
    """Three bottles are a box: a bottle is a third of it, exactly."""
    box, bottle = firm.key("uom", "name", "盒"), firm.key("uom", "name", "支")
    with firm.acting() as act:
        units = [{"uom": bottle, "unit_qty": "3", "base_qty": "1"}]
        values = {"item_no": "N2", "name": "酒", "base_uom": box, "units": units}
        item = documents.create(act, firm.app.forms["item"], values).id
    row: dict[str, Any] = {"item": item, "qty": "1", "price": "100"}
    firm.submit("misc_receipt", warehouse=firm.place(), lines=[row])
    for _ in range(3):
        out = {"item": item, "qty": "1", "uom": bottle}
        firm.submit("misc_issue", warehouse=firm.place(), lines=[out])
    assert (item, firm.place()) not in firm.stock()
    assert firm.faults() == []


def test_several_documents__stand_and_fall_together(firm: Firm) -> None:
    """Out of a warehouse and back into it: neither could be posted by itself."""
    codes = ("misc_receipt", "misc_issue")
    item = firm.item("SP60005")
    papers = []
    with firm.acting() as act:
        for code in codes:
            line = {"item": item, "qty": "10", **({"price": "5"} if code == codes[0] else {})}
            form = firm.app.forms[code]
            values = {"warehouse": firm.place(), "lines": [line]}
            papers.append((form, documents.create(act, form, values)))
        before = firm.stock()
        posted = posting.post_documents(act, papers)
        again = posting.post_documents(act, papers)
    assert posted == again
    assert firm.stock()[item, firm.place()][0] == before[item, firm.place()][0]
    with pytest.raises(Conflict, match="posted_together"), firm.acting() as act:
        posting.void_document(act, *papers[0])
    with firm.acting() as act:
        posting.void_documents(act, papers)
    assert firm.stock() == before
    assert firm.faults() == []


def test_several_documents__a_reservation_is_posted_alone(firm: Firm) -> None:
    form = firm.app.forms["reservation"]
    with firm.acting() as act:
        paper = documents.create(act, form, {"qty": "1"})
        with pytest.raises(Refused, match="posted_alone"):
            posting.post_documents(act, [(form, paper), (form, paper)])
