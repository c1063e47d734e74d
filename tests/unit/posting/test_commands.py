"""Each command is made of the columns its rule names; the kernel is not asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from builder.packages import read_package
from runtime import kernel
from runtime.compile import App, Form, compile_app
from runtime.definitions import read_app
from runtime.infra.errors import Refused
from runtime.posting.columns import Columns, Row
from runtime.posting.items import units_of_lines
from runtime.posting.rules import compose, party_of
from runtime.posting.sources import Source, Sources

JXC = Path(__file__).parents[3] / "app_templates" / "jxc"
DAY = date(2026, 11, 21)
HEADER = kernel.Header(
    1, "post:x:1", DAY, kernel.DocumentRef("x", "1"), "u", datetime(2026, 11, 21, tzinfo=UTC)
)


@dataclass(frozen=True)
class Line:
    """A line of it."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class Paper:
    """A document as posting sees it."""

    values: Mapping[str, Any]
    lines: Mapping[str, Sequence[Line]]
    id: int = 1
    labels: Mapping[tuple[str | None, str], Mapping[int, str]] = field(default_factory=dict)


class Known(Sources):
    """Every document is posted as number 70, its lines 0 and 1 being items 1 and 2."""

    def __init__(self) -> None:
        super().__init__(None, 1)  # type: ignore[arg-type]

    def find(self, form: Form, number: int) -> Source | None:
        return Source(70, 4, (1, 2)) if form.posting is not None and number == 7 else None


@pytest.fixture(scope="module")
def jxc() -> App:
    return compile_app(read_app(read_package(JXC)), 1, is_checked=True)


def composed(
    app: App, code: str, values: Mapping[str, Any] | None = None, **lines: Sequence[dict[str, Any]]
) -> Any:
    tables = {name: [Line(row) for row in rows] for name, rows in lines.items()}
    paper = Paper({"document_date": DAY, **(values or {})}, tables)
    return compose(app.forms[code], paper, HEADER, Known())


GOODS: dict[str, Any] = {
    "item": 1, "qty": Decimal(2), "uom": 5, "lot": " L1 ", "serials": "A1, A2\nA3；A4、A5",
    "bin": "A-01", "owner": 3,
}  # fmt: skip
SERIALS = ("A1", "A2", "A3", "A4", "A5")


def test_receive__everything(jxc: App) -> None:
    row = {**GOODS, "amount": Decimal("9.99"), "price": Decimal(7), "produced": DAY, "expiry": DAY}
    made = composed(jxc, "misc_receipt", {"warehouse": 9}, lines=[row])
    assert made.command == kernel.Receive(
        HEADER,
        (
            kernel.ReceiveLine(
                "1", "9", Decimal(2), None, Decimal("9.99"), "5", "L1", SERIALS, "A-01",
                "supplier:3", DAY, DAY,
            ),
        ),
    )  # fmt: skip


def test_receive__provisional(jxc: App) -> None:
    values = {"warehouse": 9, "provisional": True, "supplier": 3}
    made = composed(jxc, "purchase_receipt", values, lines=[{"item": 1, "amount": Decimal(5)}])
    assert made.command.lines[0].provisional
    assert made.command.lines[0].qty == 0


def test_issue__takes_what_is_reserved(jxc: App) -> None:
    made = composed(jxc, "delivery", {"warehouse": 9}, lines=[{**GOODS, "reservation": 12}])
    assert made.command == kernel.Issue(
        HEADER,
        (
            kernel.IssueLine(
                "1", "9", Decimal(2), "5", "L1", SERIALS, "A-01", "", "post:reservation:12"
            ),
        ),
    )


def test_transfer__in_two_steps(jxc: App) -> None:
    values = {"dispatch": 7, "warehouse": 8, "to_warehouse": 9}
    row = {**GOODS, "to_bin": "B-02", "bin": None, "item": 2}
    made = composed(jxc, "transfer_arrival", values, lines=[row])
    (line,) = made.command.lines
    assert line == kernel.TransferLine(
        "2", "8", "9", Decimal(2), "5", kernel.LineRef(70, 5), "L1", SERIALS, "", "B-02",
        "supplier:3",
    )  # fmt: skip
    plain = composed(jxc, "transfer", values, lines=[row])
    assert plain.command.lines[0].source is None


@pytest.mark.parametrize(
    ("form", "kind", "source"),
    [
        ("purchase_return", kernel.PurchaseReturn, "receipt"),
        ("sales_return", kernel.SalesReturn, "delivery"),
    ],
)
def test_return__of_a_line(jxc: App, form: str, kind: Any, source: str) -> None:
    row = {**GOODS, "item": None, "source_line": Decimal(2)}
    made = composed(jxc, form, {source: 7, "warehouse": 9}, lines=[row])
    place = "9" if form == "sales_return" else ""
    line = kernel.ReturnLine(kernel.LineRef(70, 5), Decimal(2), "5", SERIALS, place, "A-01")
    assert made.command == kind(HEADER, (line,))


def test_invoice__of_lines(jxc: App) -> None:
    rows = [
        {"receipt": 7, "item": 2, "qty": Decimal(3), "amount": Decimal(30)},
        {"receipt": 7, "item": 1, "qty": Decimal(4), "uom": 5, "amount": Decimal(8)},
    ]
    made = composed(jxc, "purchase_invoice", {"supplier": 3}, lines=rows)
    assert made.command.lines == (
        kernel.InvoiceLine(kernel.LineRef(70, 5), Decimal(3), amount=Decimal(30)),
        kernel.InvoiceLine(kernel.LineRef(70, 4), Decimal(4), "5", amount=Decimal(8)),
    )


def test_landed_cost__a_receipt_bears_it_with_all_its_lines(jxc: App) -> None:
    values = {"amount": Decimal(60), "basis": "equal", "supplier": 3}
    made = composed(jxc, "landed_cost", values, lines=[{"receipt": 7}, {"receipt": 7, "item": 2}])
    assert made.command == kernel.LandedCost(
        HEADER,
        Decimal(60),
        tuple(kernel.LandedLine(kernel.LineRef(70, line)) for line in (4, 5, 5)),
        "equal",
    )
    # What the kernel says of its lines is told at the row that named them.
    assert [row.index for row in made.rows] == [0, 0, 1]


def test_count__nothing_there_is_a_count(jxc: App) -> None:
    row = {**GOODS, "qty": Decimal(0), "surplus_cost": Decimal(3), "set_unit_cost": Decimal(4)}
    (line,) = composed(jxc, "stocktake", {"warehouse": 9}, lines=[row]).command.lines
    assert line == kernel.CountLine(
        "1", "9", Decimal(0), "5", "L1", SERIALS, "A-01", "supplier:3", Decimal(3), Decimal(4)
    )


def test_adjust(jxc: App) -> None:
    row = {**GOODS, "amount": Decimal(-19)}
    (line,) = composed(jxc, "revaluation", {"warehouse": 9}, lines=[row]).command.lines
    assert line == kernel.AdjustLine("1", "9", Decimal(-19), "L1", "supplier:3")


@pytest.mark.parametrize(
    ("form", "kind"), [("assembly", "assemble"), ("disassembly", "disassemble")]
)
def test_assembly__inputs_and_outputs(jxc: App, form: str, kind: str) -> None:
    outputs = [
        {**GOODS, "share": Decimal(2), "produced": DAY, "expiry": DAY},
        {"item": 2, "qty": Decimal(1), "fixed_cost": Decimal(3)},
        {"item": 4, "qty": Decimal(1), "fixed_cost": Decimal(3), "at_input_cost": True},
    ]
    made = composed(
        jxc, form, {"warehouse": 9, "extra_cost": Decimal(25)}, inputs=[GOODS], outputs=outputs
    )
    assert (made.command.kind, made.command.extra_cost) == (kind, Decimal(25))
    assert made.command.inputs == (
        kernel.IssueLine("1", "9", Decimal(2), "5", "L1", SERIALS, "A-01"),
    )
    assert made.command.outputs == (
        kernel.OutputLine(
            "1", "9", Decimal(2), "5", "L1", SERIALS, "A-01", share=Decimal(2), produced=DAY,
            expiry=DAY,
        ),
        kernel.OutputLine("2", "9", Decimal(1), unit_cost=Decimal(3)),
        kernel.OutputLine("4", "9", Decimal(1), unit_cost="input"),
    )  # fmt: skip
    # The kernel counts inputs and outputs through; a person sees two tables.
    assert [row.pointer("qty") for row in made.rows] == [
        "/inputs/0/qty", "/outputs/0/qty", "/outputs/1/qty", "/outputs/2/qty",
    ]  # fmt: skip


def test_header_alone__standard_reservation_release(jxc: App) -> None:
    standard = composed(jxc, "standard_cost", {"item": 1, "unit_cost": Decimal(121)})
    assert standard.command == kernel.SetStandard(HEADER, "1", Decimal(121))
    values = {"item": 1, "warehouse": 9, "qty": Decimal(2), "uom": 5, "lot": "L1", "expires": DAY}
    held = composed(jxc, "reservation", values)
    assert held.command == kernel.Reserve(HEADER, "1", "9", Decimal(2), "5", "L1", "", DAY)
    freed = composed(jxc, "reservation_release", {"reservation": 12})
    assert freed.command == kernel.Release(HEADER, "post:reservation:12")
    assert held.rows[0].pointer("qty") == "/qty"


@pytest.mark.parametrize(
    ("form", "lines", "pointer"),
    [
        ("scrap", {"lines": []}, "/lines"),
        ("assembly", {"inputs": []}, "/inputs"),
        ("assembly", {"inputs": [GOODS], "outputs": []}, "/outputs"),
    ],
)
def test_document_without_lines__is_refused(
    jxc: App, form: str, lines: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Refused) as caught:
        composed(jxc, form, {"warehouse": 9}, **lines)
    assert [(one.pointer, one.code) for one in caught.value.problems] == [
        (pointer, "lines_too_few")
    ]


def test_sources__every_line_that_is_wrong_is_named(jxc: App) -> None:
    rows: list[dict[str, Any]] = [
        {"item": 9, "qty": Decimal(1)},
        {"item": 1, "qty": Decimal(1)},
        {"qty": Decimal(1)},
        {"qty": Decimal(1), "source_line": Decimal("1.5")},
    ]
    with pytest.raises(Refused) as caught:
        composed(jxc, "sales_return", {"delivery": 7}, lines=rows)
    assert [(one.pointer, one.code) for one in caught.value.problems] == [
        ("/lines/0/item", "source_item_unknown"),
        ("/lines/2/source_line", "source_line_needed"),
        ("/lines/3/source_line", "source_line_unknown"),
    ]


def test_party__is_told_apart_by_its_form(jxc: App) -> None:
    delivery, scrap = jxc.forms["delivery"], jxc.forms["scrap"]
    assert party_of(delivery, Paper({"customer": 3}, {})) == "customer:3"
    assert party_of(delivery, Paper({"customer": None}, {})) == ""
    assert party_of(scrap, Paper({}, {})) == ""


def test_row__what_is_not_in_the_rule_is_nothing(jxc: App) -> None:
    form = jxc.forms["scrap"]
    assert form.posting is not None
    row = Row(form, Columns(replace(form.posting, uom=None)), Paper({}, {}), Line(GOODS), 0)
    assert (row.key("uom"), row.number("amount"), row.day("expiry"), row.ticked("provisional")) == (
        "", None, None, False,
    )  # fmt: skip
    assert row.pointer("uom") == "/lines/0"


def test_units__are_exact(jxc: App) -> None:
    settings = jxc.stock
    assert settings is not None
    assert settings.item.units is not None
    rows: list[dict[str, Any]] = [
        {"uom": 4, "unit_qty": Decimal(3), "base_qty": Decimal(1)},
        {"uom": 5, "unit_qty": Decimal(1), "base_qty": Decimal("0.3")},
        {"uom": None, "unit_qty": Decimal(1), "base_qty": Decimal(1)},
    ]
    assert units_of_lines(settings.item.units, rows) == {"4": Fraction(1, 3), "5": Fraction(3, 10)}
