"""What every command is planned into, and every reason why it is not, with line and field."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from runtime import kernel
from runtime.infra.db import Database
from runtime.kernel import Refusal

from .conftest import Books

D = Decimal
Outcome = kernel.Posted | kernel.Refused
ITEMS: dict[str, dict[str, Any]] = {
    "A": {"uoms": {"box": Fraction(1), "bottle": Fraction(1, 3)}},
    "P": {},
    "L": {"tracking": "batch"},
    "S": {"tracking": "serial"},
    "N": {"negative": "allow"},
    "T": {"method": "standard", "standard_cost": D(10)},
    "X": {"method": "specific", "tracking": "serial"},
}


def open_shop(database: Database, **rules: str) -> Books:
    with database.transaction() as connection:
        kernel.install(connection)
        name = "shop " + " ".join(f"{rule}:{value}" for rule, value in sorted(rules.items()))
        company = kernel.create_company(connection, name, rules=rules)
        for item, terms in ITEMS.items():
            kernel.register_item(connection, company.id, item, kernel.ItemTerms(**terms))
        kernel.register_warehouses(connection, company.id, ["W1", "W2"])
    return Books(database, company.id)


@pytest.fixture
def shop(database: Database) -> Books:
    """Ten of A at 10, lot L1 of L that expires on the 20th, serials S1 and S2 of S."""
    books = open_shop(database)
    receive(books, "a", qty=10)
    receive(books, "l", item="L", qty=10, lot="L1", expiry=date(2026, 1, 20))
    receive(books, "s", item="S", qty=2, serials=("S1", "S2"))
    return books


def into(**more: Any) -> kernel.ReceiveLine:
    line: dict[str, Any] = {"item": "A", "warehouse": "W1", "qty": D(1), "unit_cost": D(10)}
    return kernel.ReceiveLine(**{**line, **more})


def out_of(**more: Any) -> kernel.IssueLine:
    return kernel.IssueLine(**{"item": "A", "warehouse": "W1", "qty": D(1), **more})


def receive(books: Books, name: str, day: str = "1", **more: Any) -> Outcome:
    return books.post(kernel.Receive(books.header(name, day), (into(**more),)))


def issue(books: Books, name: str, day: str = "5", **more: Any) -> Outcome:
    return books.post(kernel.Issue(books.header(name, day), (out_of(**more),)))


def of(books: Books, name: str, line: int = 0) -> kernel.LineRef:
    return kernel.LineRef(books.postings.get(name, 0), line)


def counted(**more: Any) -> kernel.CountLine:
    line: dict[str, Any] = {"item": "A", "warehouse": "W1", "counted": D(10)}
    return kernel.CountLine(**{**line, **more})


def output(**more: Any) -> kernel.OutputLine:
    return kernel.OutputLine(**{"item": "P", "warehouse": "W1", "qty": D(1), **more})


def moves(books: Books, name: str) -> list[tuple[Any, ...]]:
    """Kind, lot, serial, quantity in millionths and amount of every move of a posting."""
    with books.database.reading() as connection:
        return [
            tuple(row)
            for row in connection.exec_driver_sql(
                "SELECT kind, lot, serial, dq, amount FROM k_move"
                f" WHERE posting = {books.postings[name]} ORDER BY id"
            )
        ]


def value_of(books: Books, item: str = "A", warehouse: str = "W1") -> tuple[str, str]:
    with books.database.reading() as connection:
        rows = kernel.on_hand(connection, books.company, items=[item], warehouse=warehouse)
    return (str(rows[0].qty), str(rows[0].value)) if rows else ("0", "0")


Make = Callable[[Books, kernel.Header], kernel.Command]


def goods(kind: Any, *lines: Any) -> Make:
    return lambda _, header: kind(header, lines)


def back(kind: Any, name: str, qty: int, line: int = 0, **more: Any) -> Make:
    return lambda books, header: kind(
        header, (kernel.ReturnLine(of(books, name, line), D(qty), **more),)
    )


def landed(amount: Any, name: str = "a", **more: Any) -> Make:
    part = more.pop("part", None)
    return lambda books, header: kernel.LandedCost(
        header, amount, (kernel.LandedLine(of(books, name), part),), **more
    )


def billed(name: str, qty: int, **more: Any) -> Make:
    return lambda books, header: kernel.Invoice(
        header, (kernel.InvoiceLine(of(books, name), D(qty), **more),)
    )


def assembled(inputs: tuple[Any, ...], *outputs: Any, extra: Any = 0) -> Make:
    return lambda _, header: kernel.Assemble(header, inputs, outputs, extra)


# What is asked on the fifth, why it is refused, and which field of the last line says so.
REFUSED: dict[str, tuple[Make, Refusal, str]] = {
    "return of nothing known": (back(kernel.PurchaseReturn, "none", 1), Refusal.UNKNOWN_REF,
                                "source"),
    "return of another line": (back(kernel.PurchaseReturn, "a", 1, line=1), Refusal.UNKNOWN_REF,
                               "source"),
    "sales return of a receipt": (back(kernel.SalesReturn, "a", 1), Refusal.UNKNOWN_REF, "source"),
    "landed cost on nothing": (landed(D(1), "none"), Refusal.UNKNOWN_REF, "source"),
    "invoice of nothing": (billed("none", 1, unit_cost=D(1)), Refusal.UNKNOWN_REF, "source"),
    "a reservation nobody made": (goods(kernel.Issue, out_of(reservation="r")),
                                  Refusal.UNKNOWN_REF, "reservation"),
    "an input nobody knows": (assembled((out_of(item="?"),), output()), Refusal.UNKNOWN_ITEM,
                              "item"),
    "a return elsewhere": (back(kernel.PurchaseReturn, "a", 1, warehouse="?"),
                           Refusal.UNKNOWN_WAREHOUSE, "warehouse"),
    "adjusting nowhere": (goods(kernel.Adjust, kernel.AdjustLine("A", "?", D(1))),
                          Refusal.UNKNOWN_WAREHOUSE, "warehouse"),
    "counting in a unit it has not": (goods(kernel.Count, counted(uom="ton")), Refusal.UNKNOWN_UOM,
                                      "uom"),
    "a standard for what has none": (lambda _, head: kernel.SetStandard(head, "A", D(1)),
                                     Refusal.BAD_POLICY, "item"),
    "a method nobody knows": (lambda _, head: kernel.ChangePolicy(head, "A", method="lifo"),
                              Refusal.BAD_POLICY, "method"),
    "serials that become one pool": (lambda _, head: kernel.ChangePolicy(head, "X", method="fifo"),
                                     Refusal.BAD_POLICY, "method"),
    "a standard method without one": (lambda _, head: kernel.ChangePolicy(head, "A",
                                                                          method="standard"),
                                      Refusal.BAD_POLICY, "method"),
    "counting less than nothing": (goods(kernel.Count, counted(counted=D(-1))), Refusal.BAD_QTY,
                                   "counted"),
    "returning nothing": (back(kernel.PurchaseReturn, "a", 0), Refusal.BAD_QTY, "qty"),
    "fewer serials than pieces": (goods(kernel.Receive, into(item="S", qty=D(2), serials=("S3",))),
                                  Refusal.SERIAL_COUNT, "serials"),
    "no serials": (goods(kernel.Issue, out_of(item="S")), Refusal.SERIAL_COUNT, "serials"),
    "a return that names no serial": (back(kernel.PurchaseReturn, "s", 1), Refusal.SERIAL_COUNT,
                                      "serials"),
    "a receipt without its lot": (goods(kernel.Receive, into(item="L")), Refusal.LOT_REQUIRED,
                                  "lot"),
    "an issue without its lot": (goods(kernel.Issue, out_of(item="L")), Refusal.LOT_REQUIRED,
                                 "lot"),
    "a count without its lot": (goods(kernel.Count, counted(item="L")), Refusal.LOT_REQUIRED,
                                "lot"),
    "to the same bin": (
        lambda _, head: kernel.Transfer(
            head, (kernel.TransferLine("A", "W1", "W1", D(1), bin="x", to_bin="x"),)
        ),
        Refusal.SAME_WAREHOUSE, "to_warehouse",
    ),
    "a lot that expires on another day": (
        goods(kernel.Receive, into(item="L", lot="L1", expiry=date(2026, 1, 21))),
        Refusal.BAD_VALUE, "expiry",
    ),
    "landed cost finer than a cent": (landed(D("0.001")), Refusal.BAD_VALUE, "amount"),
    "parts that are not the whole": (landed(D(10), basis="manual", part=D(9)), Refusal.BAD_VALUE,
                                     "amount"),
    "a part that is missing": (landed(D(10), basis="manual"), Refusal.BAD_VALUE, "part"),
    "an invoice without a price": (billed("a", 1), Refusal.BAD_VALUE, "unit_cost"),
    "the cost of an input there is not": (assembled((out_of(),), output(unit_cost="input")),
                                          Refusal.BAD_VALUE, "unit_cost"),
    "a share and a price": (assembled((out_of(),), output(unit_cost=D(1), share=D(1))),
                            Refusal.BAD_VALUE, "share"),
    "a negative standard": (lambda _, head: kernel.SetStandard(head, "T", D(-1)),
                            Refusal.NEGATIVE_VALUE, "unit_cost"),
    "a gain at less than nothing": (goods(kernel.Count, counted(unit_cost=D(-1))),
                                    Refusal.NEGATIVE_VALUE, "unit_cost"),
    "a lot past its date": (
        lambda _, head: kernel.Issue(
            replace(head, date=date(2026, 1, 21)), (out_of(item="L", lot="L1"),)
        ),
        Refusal.BATCH_EXPIRED, "lot",
    ),
    "more back than came": (back(kernel.PurchaseReturn, "a", 11), Refusal.OVER_RETURN, "qty"),
    "more billed than came": (billed("a", 11, unit_cost=D(1)), Refusal.OVER_INVOICE, "qty"),
    "a serial that is there": (goods(kernel.Receive, into(item="S", serials=("S1",))),
                               Refusal.SERIAL_DUPLICATE, "serials"),
    "a serial that is not": (goods(kernel.Issue, out_of(item="S", serials=("S9",))),
                             Refusal.SERIAL_NOT_IN_STOCK, "serials"),
    "a serial the source had not": (back(kernel.PurchaseReturn, "s", 1, serials=("S9",)),
                                    Refusal.SERIAL_NOT_IN_STOCK, "serials"),
    "more of a lot than there is": (goods(kernel.Issue, out_of(item="L", lot="L1", qty=D(11))),
                                    Refusal.NEGATIVE_STOCK, "qty"),
    "an assembly that overdraws": (assembled((out_of(item="N"),), output()),
                                   Refusal.NEGATIVE_STOCK, "qty"),
}  # fmt: skip


def test_every_reason(shop: Books) -> None:
    """Each is refused with its reason, line and field, and leaves nothing behind."""
    for name, (make, code, field) in REFUSED.items():
        outcome = shop.post(make(shop, shop.header(f"x {name}", "5")))
        assert isinstance(outcome, kernel.Refused), name
        assert (outcome.code, outcome.problems[0].field) == (code, field), (name, outcome)
        assert outcome.problems[0].line in {0, 1}, name
    assert value_of(shop) == ("10", "100.00")


# Of two lines that are wrong, the reason higher in the list answers, whatever line it is on.
PAIRS: tuple[tuple[Any, Any, Refusal], ...] = (
    (out_of(reservation="r"), out_of(item="?"), Refusal.UNKNOWN_REF),
    (out_of(item="?"), out_of(uom="ton"), Refusal.UNKNOWN_ITEM),
    (out_of(qty=D(0)), out_of(item="S"), Refusal.BAD_QTY),
    (out_of(item="S"), out_of(item="L"), Refusal.SERIAL_COUNT),
    (into(item="L"), into(unit_cost=None), Refusal.LOT_REQUIRED),
    (into(unit_cost=None), into(unit_cost=D(-1)), Refusal.BAD_VALUE),
    (into(item="S", serials=("S1",)), into(unit_cost=D(-1)), Refusal.NEGATIVE_VALUE),
    (out_of(item="S", serials=("S9",)), out_of(qty=D(99)), Refusal.SERIAL_NOT_IN_STOCK),
)


def test_precedence(shop: Books) -> None:
    for place, (one, other, code) in enumerate(PAIRS):
        kind = kernel.Receive if isinstance(one, kernel.ReceiveLine) else kernel.Issue
        for turn, lines in enumerate(((one, other), (other, one))):
            outcome = shop.post(kind(shop.header(f"p{place}{turn}", "5"), lines))
            assert isinstance(outcome, kernel.Refused), (place, turn)
            assert outcome.code is code, (place, turn, outcome)


def test_a_move_for_every_serial(shop: Books) -> None:
    receive(shop, "x", item="X", qty=3, serials=("1", "2", "3"), unit_cost=None, amount=D("0.10"))
    assert moves(shop, "x") == [
        ("receive", "", "1", 1_000_000, 3),
        ("receive", "", "2", 1_000_000, 3),
        ("receive", "", "3", 1_000_000, 4),
    ]
    assert isinstance(issue(shop, "i", item="X", serials=("3",)), kernel.Posted)
    assert shop.cost("i") == "0.04"


def test_all_serials_go_back_unnamed(shop: Books) -> None:
    command = back(kernel.PurchaseReturn, "s", 2)(shop, shop.header("p", "6"))
    assert isinstance(shop.post(command), kernel.Posted)
    assert [row[2] for row in moves(shop, "p")] == ["S1", "S2"]


def test_a_serial_goes_back_once(shop: Books) -> None:
    once = back(kernel.PurchaseReturn, "s", 1, serials=("S1",))
    assert isinstance(shop.post(once(shop, shop.header("p", "6"))), kernel.Posted)
    again = shop.post(once(shop, shop.header("q", "7")))
    assert isinstance(again, kernel.Refused)
    assert again.code is Refusal.SERIAL_NOT_IN_STOCK
    other = back(kernel.PurchaseReturn, "s", 1, serials=("S2",))
    assert isinstance(shop.post(other(shop, shop.header("r", "7"))), kernel.Posted)
    third = shop.post(other(shop, shop.header("t", "8")))
    assert isinstance(third, kernel.Refused)
    assert third.code is Refusal.OVER_RETURN


def test_the_first_to_expire_goes_first(database: Database) -> None:
    shop = open_shop(database, pick="FEFO")
    for lot, day, qty in (("gone", 4, 5), ("late", 30, 5), ("soon", 20, 3), ("never", None, 5)):
        expiry = None if day is None else date(2026, 1, day)
        receive(shop, lot, item="L", qty=qty, lot=lot, expiry=expiry)
    issue(shop, "later", "9", item="L", qty=2, lot="soon")
    assert isinstance(issue(shop, "i", item="L", qty=8), kernel.Posted)
    # Two of "soon" are taken on the ninth, so only one is free before.
    assert [(lot, dq) for _, lot, _, dq, _ in moves(shop, "i")] == [
        ("soon", -1_000_000), ("late", -5_000_000), ("never", -2_000_000),
    ]  # fmt: skip
    outcome = issue(shop, "j", item="L", qty=4)
    assert isinstance(outcome, kernel.Refused)
    assert outcome.code is Refusal.NEGATIVE_STOCK
    assert str(outcome.problems[0].on_hand) == "3"


def test_between_bins_only_quantity_moves(shop: Books) -> None:
    receive(shop, "b", item="P", qty=4, bin="x")
    line = kernel.TransferLine("P", "W1", "W1", D(3), bin="x", to_bin="y")
    assert isinstance(shop.post(kernel.Transfer(shop.header("t", "2"), (line,))), kernel.Posted)
    assert value_of(shop, "P") == ("4", "40.00")
    assert isinstance(issue(shop, "i", item="P", qty=2, bin="x"), kernel.Refused)
    assert isinstance(issue(shop, "j", item="P", qty=3, bin="y"), kernel.Posted)


def test_another_owner_is_another_pool(shop: Books) -> None:
    receive(shop, "o", qty=5, unit_cost=D(0), owner="them")
    issue(shop, "i", qty=2)
    issue(shop, "j", qty=2, owner="them")
    assert (shop.cost("i"), shop.cost("j")) == ("20.00", "0.00")


def test_landed_cost__by_every_basis(shop: Books) -> None:
    lines = (into(qty=D(1), unit_cost=D(30)), into(item="P", qty=D(2), unit_cost=D(5)))
    for basis, parts in (
        ("amount", [75, 25]), ("qty", [33, 67]), ("equal", [50, 50]), ("manual", [90, 10]),
    ):  # fmt: skip
        shop.post(kernel.Receive(shop.header(basis, "2"), lines))
        own = [D("0.90"), D("0.10")] if basis == "manual" else [None, None]
        bearing = tuple(
            kernel.LandedLine(of(shop, basis, line), part) for line, part in enumerate(own)
        )
        command = kernel.LandedCost(shop.header(f"l{basis}", "3"), D(1), bearing, basis)  # type: ignore[arg-type]
        assert isinstance(shop.post(command), kernel.Posted), basis
        assert [row[4] for row in moves(shop, f"l{basis}")] == parts, basis


def test_count__delta_and_absolute(database: Database) -> None:
    for rule, left in (("delta", "9"), ("absolute", "4")):
        shop = open_shop(database, stocktake=rule)
        receive(shop, "r", "2", qty=10)
        shop.post(kernel.Count(shop.header("c", "4"), (counted(counted=D(4)),)))
        assert value_of(shop) == ("4", "40.00")
        receive(shop, "late", "1", qty=5, unit_cost=D(10))
        assert value_of(shop)[0] == left
        assert isinstance(shop.void("v", "late"), kernel.Posted)
        assert value_of(shop) == ("4", "40.00")
        assert isinstance(shop.void("w", "c"), kernel.Posted)
        assert value_of(shop) == ("10", "100.00")
        assert shop.broken() == set()


def test_a_void_waits_for_what_depends(shop: Books) -> None:
    shop.post(landed(D(5))(shop, shop.header("freight", "2")))
    shop.post(billed("a", 10, unit_cost=D(11))(shop, shop.header("b", "3")))
    shop.post(back(kernel.PurchaseReturn, "a", 1)(shop, shop.header("p", "4")))
    outcome = shop.void("v", "a")
    assert isinstance(outcome, kernel.Refused)
    assert outcome.code is Refusal.HAS_DEPENDENTS
    named = {document.id for problem in outcome.problems for document in problem.documents}
    assert named == {"freight", "b", "p"}


def reverse(books: Books, name: str, day: str = "9") -> Outcome:
    return books.post(kernel.Reverse(books.header(f"red {name}", day), books.postings[name]))


def test_reverse__at_the_original_cost(shop: Books) -> None:
    issue(shop, "i", "3", qty=4)
    shop.post(kernel.Count(shop.header("c", "4"), (counted(counted=D(5)),)))
    shop.post(assembled((out_of(qty=D(2)),), output(), extra=D(1))(shop, shop.header("k", "5")))
    assert value_of(shop, "P") == ("1", "21.00")
    receive(shop, "dear", "6", qty=10, unit_cost=D(40))
    for name in ("k", "c", "i"):
        assert isinstance(reverse(shop, name), kernel.Posted), name
    assert value_of(shop, "P") == ("0", "0.00")
    assert value_of(shop) == ("20", "500.00")
    again = shop.post(kernel.Reverse(shop.header("again", "9"), shop.postings["i"]))
    assert isinstance(again, kernel.Refused)
    assert again.code is Refusal.ALREADY_CANCELLED
    assert shop.broken() == set()


def test_reverse__a_transfer_goes_back(shop: Books) -> None:
    shop.play("t 3 transfer 4 W1 W2")
    assert isinstance(reverse(shop, "t"), kernel.Posted)
    assert (value_of(shop), value_of(shop, warehouse="W2")) == (("10", "100.00"), ("0", "0.00"))


def test_reverse__where_it_makes_no_sense(shop: Books) -> None:
    shop.post(kernel.SetStandard(shop.header("t", "2"), "T", D(12)))
    shop.post(back(kernel.PurchaseReturn, "a", 1)(shop, shop.header("p", "4")))
    for name in ("t", "p"):
        outcome = reverse(shop, name)
        assert isinstance(outcome, kernel.Refused), name
        assert outcome.code is Refusal.CANNOT_REVERSE, name


def test_a_late_cost_of_a_closed_month_is_split(shop: Books) -> None:
    issue(shop, "i", "3", qty=6)
    shop.post(kernel.ClosePeriod(shop.header("close", "31"), "2026-01"))
    header = replace(shop.header("freight"), date=date(2026, 2, 3))
    assert isinstance(shop.post(landed(D(10))(shop, header)), kernel.Posted)
    assert value_of(shop) == ("4", "44.00")
    assert shop.cost("i") == "60.00"


def test_a_standard_re_values_pools_that_come_later(shop: Books) -> None:
    receive(shop, "t1", "1", item="T", qty=1)
    shop.post(kernel.SetStandard(shop.header("new", "9"), "T", D(12)))
    receive(shop, "t2", "2", item="T", qty=2, warehouse="W2")
    assert (value_of(shop, "T"), value_of(shop, "T", "W2")) == (("1", "12.00"), ("2", "24.00"))
    assert isinstance(shop.void("v", "new"), kernel.Posted)
    assert (value_of(shop, "T"), value_of(shop, "T", "W2")) == (("1", "10.00"), ("2", "20.00"))


def test_a_new_policy_counts_from_its_moment(shop: Books) -> None:
    receive(shop, "b", "2", qty=10, unit_cost=D(20))
    shop.post(kernel.ChangePolicy(shop.header("fifo", "3"), "A", method="fifo"))
    issue(shop, "i", "4", qty=10)
    assert shop.cost("i") == "150.00"
    assert isinstance(shop.void("v", "fifo"), kernel.Posted)
    assert shop.broken() == set()


def test_batch__documents_that_need_each_other(shop: Books) -> None:
    """Out and back with another issue in between: neither way is possible alone."""
    issue(shop, "all", "20", qty=10)
    there = kernel.Transfer(
        shop.header("there", "5"), (kernel.TransferLine("A", "W1", "W2", D(4)),)
    )
    home = kernel.Transfer(shop.header("home", "9"), (kernel.TransferLine("A", "W2", "W1", D(4)),))
    assert isinstance(shop.post(there), kernel.Refused)
    assert isinstance(shop.post(home), kernel.Refused)
    outcome = shop.post(kernel.Batch(shop.header("both", "5"), (there, home)))
    assert isinstance(outcome, kernel.Posted)
    assert [line.line for line in outcome.lines] == [0, 1]
    with shop.database.reading() as connection:
        parts = connection.exec_driver_sql(
            "SELECT n, first_line, kind, doc_id, business_date FROM k_posting_part ORDER BY n"
        ).all()
    assert [tuple(part) for part in parts] == [
        (1, 0, "transfer", "there", "2026-01-05"),
        (2, 1, "transfer", "home", "2026-01-09"),
    ]
    assert shop.broken() == set()


def test_batch__one_wrong_document_refuses_all(shop: Books) -> None:
    good = kernel.Issue(shop.header("good", "5"), (out_of(),))
    bad = kernel.Issue(shop.header("bad", "5"), (out_of(), out_of(item="?")))
    outcome = shop.post(kernel.Batch(shop.header("both", "5"), (good, bad)))
    assert isinstance(outcome, kernel.Refused)
    assert [problem.line for problem in outcome.problems] == [2]
    assert value_of(shop) == ("10", "100.00")


def test_key__every_field_is_asked(shop: Books) -> None:
    """The same request once more is the first answer; any other field is a conflict."""
    line = out_of(qty=D("1.0"))
    header = shop.header("once", "5")
    first = shop.post(kernel.Issue(header, (line,)))
    assert shop.post(kernel.Issue(header, (replace(line, qty=Fraction(1)),))) == first
    for other in (
        replace(line, qty=D(2)), replace(line, bin="x"), replace(line, owner="x"),
        replace(line, lot="x"), replace(line, warehouse="W2"), replace(line, serials=("x",)),
    ):  # fmt: skip
        assert shop.post(kernel.Issue(header, (other,))) == kernel.Refused(
            Refusal.IDEMPOTENCY_CONFLICT
        )
    for change in ({"party": "x"}, {"purpose": "scrap"}, {"date": date(2026, 1, 6)}):
        assert shop.post(kernel.Issue(replace(header, **change), (line,))) == kernel.Refused(  # type: ignore[arg-type]
            Refusal.IDEMPOTENCY_CONFLICT
        )
