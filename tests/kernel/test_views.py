"""What the books say: now, at the end of any day, as known at any time, and why."""

import random
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from runtime import kernel
from runtime.kernel import views

from .months import Months, day, months

__all__ = ["months"]

YEAR = (
    "r1 01-05 receive 10 @ 2",
    "r2 01-06 receive 10 @ 4",
    "i1 01-10 issue 5",
    "c1 01-06 receive 9 @ 3 of C",
    "t1 01-20 transfer 4 of C to W2",
    "f1 01-07 receive 6 @ 5 of F",
    "f2 01-21 transfer 2 of F to W2",
    "b1 01-08 receive 5 @ 1 of B lot X",
    "b2 01-08 receive 5 @ 3 of B lot Y",
    "i2 02-03 issue 3",
    "i3 02-04 issue 1 of C in W2",
    "r3 02-10 receive 2 @ 9",
    "i4 02-11 issue 4 of B lot Y",
    "i5 03-03 issue 2 of F",
    "v1 03-03 void i5",
    "i6 03-15 issue 6",
    "r4 01-04 receive 4 @ 1",
)


def act_all(months: Months, acts: tuple[str, ...]) -> None:
    assert [act for act in acts if months.play(act) != "ok"] == []


def by_the_ledger(months: Months, until: date) -> dict[str, tuple[Fraction, Decimal]]:
    """Stock added up from every movement, for goods costed by warehouse."""
    held: dict[str, tuple[Fraction, Decimal]] = {}
    for item in ("A", "F", "B"):
        for row in months.read(views.ledger, item, limit=1000):
            if row.date <= until.isoformat():
                qty, value = held.get(f"{item} {row.warehouse}", (Fraction(0), Decimal(0)))
                held[f"{item} {row.warehouse}"] = (qty + row.qty, value + row.value)
    return {key: held for key, held in held.items() if any(held)}


@pytest.mark.parametrize("closed", [(), ("01",), ("01", "02"), ("01", "02", "03")])
def test_as_of__is_what_the_movements_add_up_to(months: Months, closed: tuple[str, ...]) -> None:
    """By every way of reading: from a closing, from nothing, back from what there is now."""
    act_all(months, YEAR)
    for ym in closed:
        assert months.play(f"k{ym} {ym}-28 close {ym}") == "ok"
    for text in ("01-03", "01-05", "01-10", "01-31", "02-01", "02-10", "02-28", "03-14", "03-31"):
        stock = {
            f"{row.item} {row.warehouse}": (row.qty, row.value)
            for row in months.read(views.on_hand, as_of=day(text))
            if row.item != "C" and (row.qty or row.value)
        }
        assert stock == by_the_ledger(months, day(text)), text


def test_as_of__today_and_the_end_of_time_are_now(months: Months) -> None:
    act_all(months, YEAR)
    assert months.stock(as_of=date.max) == months.stock() == months.stock(as_of=day("03-15"))


def test_as_of__goods_of_the_whole_company(months: Months) -> None:
    """27.00 for 9, 24.00 for 8: each warehouse is shown its share."""
    act_all(months, YEAR)
    assert months.play("k1 01-31 close 01") == "ok"
    for text, w1, w2 in (
        ("01-19", ("9", "27.00"), None),
        ("01-31", ("5", "15.00"), ("4", "12.00")),
        ("02-04", ("5", "15.00"), ("3", "9.00")),
        ("12-31", ("5", "15.00"), ("3", "9.00")),
    ):
        stock = months.stock(as_of=day(text), items=["C"])
        assert stock == {"C W1": w1} | ({} if w2 is None else {"C W2": w2}), text
    assert months.stock(warehouse="W2") == {"C W2": ("3", "9.00"), "F W2": ("2", "10.00")}


def test_shares_of_the_company_value_add_up(months: Months) -> None:
    act_all(months, ("r1 01-05 receive 3 @ 3.3333333 of C", "t1 01-06 transfer 1 of C to W2"))
    stock = months.stock(items=["C"])
    assert stock == {"C W1": ("2", "6.67"), "C W2": ("1", "3.33")}


def test_as_known_then__says_the_same_for_ever(months: Months) -> None:
    acts = (*YEAR[:12], "k1 01-31 close 01", "o1 02-01 reopen 01 because late", *YEAR[12:],
            "v2 01-05 void r4", "k2 01-31 close 01", "i9 03-20 issue 1")  # fmt: skip
    known: list[dict[str, tuple[str, str]]] = []
    for act in acts:
        assert months.play(act) == "ok", act
        known.append(months.stock())
    for seq, stock in enumerate(known, 1):
        assert months.stock(known_at=seq) == stock, acts[seq - 1]


def test_as_known_then__of_a_past_day(months: Months) -> None:
    """What we said in March of the end of January, before the late receipt came."""
    act_all(months, YEAR)
    assert months.stock(as_of=day("01-31"), known_at=16, items=["A"]) == {"A W1": ("15", "45.00")}
    assert months.stock(as_of=day("01-31"), items=["A"]) == {"A W1": ("19", "50.67")}


def test_as_of__random_books(months: Months, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(60):
        when = f"{chance.randint(1, 3):02d}-{chance.randint(1, 28):02d}"
        item, qty = chance.choice("AFN"), chance.randint(1, 9)
        act = chance.choice((f"receive {qty} @ {chance.randint(1, 9)}.37", f"issue {qty}"))
        months.play(f"n{number} {when} {act} of {item} in {chance.choice(('W1', 'W2'))}")
        if number == 40:
            months.play("k1 01-31 close 01")
    for _ in range(12):
        until = date(2026, chance.randint(1, 3), chance.randint(1, 28))
        stock = {
            f"{row.item} {row.warehouse}": (row.qty, row.value)
            for row in months.read(views.on_hand, as_of=until, items=["A", "F"])
            if row.qty or row.value
        }
        ledger = by_the_ledger(months, until)
        assert stock == {key: held for key, held in ledger.items() if key[0] in "AF"}


def test_in_out(months: Months) -> None:
    act_all(months, YEAR)
    rows = months.read(views.in_out, day("02-01"), day("02-28"))
    shown = {
        f"{row.item} {row.warehouse}": " ".join(
            f"{figures.qty}={figures.value}"
            for figures in (row.opening, row.came, row.went, row.closing)
        )
        for row in rows
    }
    assert shown == {
        "A W1": "19=50.67 2=18.00 3=8.00 18=60.67",
        "B W1": "10=20.00 0=0.00 4=12.00 6=8.00",
        "C W1": "5=15.00 0=0.00 0=0.00 5=15.00",
        "C W2": "4=12.00 0=0.00 1=3.00 3=9.00",
        "F W1": "4=20.00 0=0.00 0=0.00 4=20.00",
        "F W2": "2=10.00 0=0.00 0=0.00 2=10.00",
    }


def test_in_out__what_was_undone_neither_came_nor_went(months: Months) -> None:
    act_all(months, YEAR)
    (row,) = months.read(views.in_out, day("03-01"), day("03-31"), item="F", warehouse="W1")
    assert (row.came.qty, row.went.qty) == (0, 0)
    (row,) = months.read(views.in_out, day("03-01"), day("03-31"), item="A")
    assert (row.opening.qty, row.went.qty, row.closing.qty) == (18, 6, 12)


def test_places__lots(months: Months) -> None:
    """A lot with its own cost and one that shares the warehouse's average look alike."""
    header = months.header("l0", "01-03")
    line = kernel.ReceiveLine(
        "L", "W1", 4, unit_cost=1, lot="K", expiry=date(2026, 8, 31), bin="B-1"
    )
    assert months.post(kernel.Receive(header, (line,))) == "ok"
    act_all(
        months, (*YEAR, "l1 01-03 receive 2 @ 1 of L lot M in W2", "l2 01-04 issue 1 of L lot K")
    )
    found = [
        (row.item, row.warehouse, row.lot, str(row.qty), row.expiry)
        for row in months.read(views.places, by="lot")
    ]
    assert found == [
        ("L", "W1", "K", "3", "2026-08-31"),
        ("L", "W2", "M", "2", ""),
        ("B", "W1", "X", "5", ""),
        ("B", "W1", "Y", "1", ""),
    ]
    bins = [(row.item, row.bin, str(row.qty)) for row in months.read(views.places, by="bin")]
    assert bins == [("L", "B-1", "4")]
    assert months.read(views.places, by="lot", item="L", warehouse="W2")[0].lot == "M"


def test_places__serials(months: Months) -> None:
    line = kernel.ReceiveLine("S", "W1", 2, unit_cost=5, serials=("s1", "s2"))
    assert months.post(kernel.Receive(months.header("r1", "01-03"), (line,))) == "ok"
    going = kernel.IssueLine("S", "W1", 1, serials=("s1",))
    assert months.post(kernel.Issue(months.header("i1", "01-04"), (going,))) == "ok"
    found = months.read(views.places, by="serial")
    assert [(row.item, row.serial, row.lot, str(row.qty)) for row in found] == [
        ("S", "s2", "", "1")
    ]


def test_available_by_date__what_later_documents_need_is_not_free(months: Months) -> None:
    acts = ("r1 01-05 receive 10 @ 1", "i1 01-08 issue 7", "r2 01-12 receive 5 @ 1",
            "i2 01-20 issue 6", "q1 01-20 reserve 1")  # fmt: skip
    act_all(months, acts)
    rows = months.read(views.available_by_date, "A", "W1")
    # 10, 3, 8, 2: of the ten of the fifth only two may ever leave, and one of those is held.
    assert [(when, str(qty)) for when, qty in rows] == [
        ("2026-01-05", "1"),
        ("2026-01-08", "1"),
        ("2026-01-12", "1"),
        ("2026-01-20", "1"),
    ]
    months.play("r3 01-25 receive 30 @ 1")
    assert str(months.read(views.available_by_date, "A", "W1")[-1][1]) == "31"
    assert months.read(views.available_by_date, "Z", "W1") == []


def test_status__goods_on_their_way(months: Months) -> None:
    act_all(months, ("r1 01-05 receive 10 @ 1", "q1 01-06 reserve 2"))
    leg = kernel.TransferLine("A", "W1", "W2", 6)
    sent = months.header("t1", "01-07", purpose="dispatch")
    assert months.post(kernel.Transfer(sent, (leg,))) == "ok"
    assert status(months) == {"W1": ("4", "2", "6"), "W2": ("6", "0", "6"), None: ("10", "2", "6")}
    rest = kernel.TransferLine("A", "W2", "W1", 4, source=kernel.LineRef(months.postings["t1"], 0))
    assert months.post(kernel.Transfer(months.header("t2", "01-08"), (rest,))) == "ok"
    assert status(months)["W1"] == ("8", "2", "2")
    whole = months.read(views.status, ["A"], transit=["W2"])["A"]
    assert (whole.on_hand, whole.in_transit) == (8, 2)


def status(months: Months) -> dict[str | None, tuple[str, str, str]]:
    found: dict[str | None, tuple[str, str, str]] = {}
    for place in ("W1", "W2", None):
        row = months.read(views.status, ["A"], warehouse=place)["A"]
        found[place] = (str(row.on_hand), str(row.reserved), str(row.in_transit))
    return found


def test_layers(months: Months) -> None:
    acts = ("r1 01-05 receive 4 @ 3 of F", "r2 01-06 receive 6 @ 5 of F", "i1 01-07 issue 3 of F",
            "t1 01-08 transfer 2 of F to W2", "r3 01-05 receive 2 @ 7")  # fmt: skip
    act_all(months, acts)

    def shown(item: str, place: str) -> list[tuple[Any, ...]]:
        return [
            (str(row.qty), str(row.value), row.date, row.document and row.document.id)
            for row in months.read(views.stock_layers, item, place)
        ]

    assert shown("F", "W1") == [("5", "25.00", "2026-01-06", "r2")]
    # One of the four at 3 and one of the six at 5 went over.
    assert shown("F", "W2") == [
        ("1", "3.00", "2026-01-08", "t1"),
        ("1", "5.00", "2026-01-08", "t1"),
    ]
    assert shown("A", "W1") == [("2", "14.00", "", None)]
    assert shown("A", "W2") == []


def test_why__a_late_receipt_changed_what_an_issue_cost(months: Months) -> None:
    act_all(months, ("r1 01-05 receive 10 @ 2", "i1 01-10 issue 5", "r2 01-04 receive 10 @ 4"))
    rows = months.read(views.why, kernel.DocumentRef("document", "i1"))
    assert [
        (row.kind, row.account, str(row.amount), row.cause and row.cause.id) for row in rows
    ] == [("original", "issue", "-10.00", None), ("revalue", "issue", "-5.00", "r2")]
    chain = months.read(views.cost_chain, "A", "W1")
    assert [
        (row.seq, row.document.id, row.cause and row.cause.id, str(row.qty), str(row.value),
         str(row.qty_after), str(row.value_after))
        for row in chain
    ] == [
        (3, "i1", "r2", "0", "-5.00", "15", "45.00"),
        (3, "r2", None, "10", "40.00", "15", "50.00"),
        (2, "i1", None, "-5", "-10.00", "5", "10.00"),
        (1, "r1", None, "10", "20.00", "10", "20.00"),
    ]  # fmt: skip


def test_costs(months: Months) -> None:
    act_all(months, ("r1 01-05 receive 10 @ 2", "i1 01-10 issue 5", "r2 01-04 receive 10 @ 4"))
    (line,) = months.read(lambda connection, _: views.costs(connection, [2])[2])
    assert (line.line, line.kind, str(line.value), str(line.qty)) == (0, "issue", "-15.00", "-5")
    assert line.by_role == {"issue": Decimal("-15.00")}


def test_journal(months: Months) -> None:
    act_all(months, ("r1 01-05 receive 10 @ 2", "i1 01-10 issue 5", "v1 01-10 void i1"))
    rows = months.read(views.journal, kernel.DocumentRef("document", "i1"))
    assert [(row.kind, row.account, row.role, str(row.amount)) for row in rows] == [
        ("issue", "stock", "stock", "-10.00"),
        ("issue", "issue", "issue", "10.00"),
        ("void", "stock", "stock", "10.00"),
        ("void", "issue", "issue", "-10.00"),
    ]
    balances = months.read(views.account_balances)
    assert [(row.account, str(row.amount)) for row in balances] == [
        ("receipt", "-20.00"),
        ("stock", "20.00"),
    ]
    assert months.read(views.variances) == {}


def test_posting_of__what_was_undone_stands_for_nothing(months: Months) -> None:
    ref = kernel.DocumentRef("document", "i1")
    act_all(months, ("r1 01-05 receive 10 @ 2", "i1 01-10 issue 5"))
    assert months.read(views.posting_of, ref) == months.postings["i1"]
    months.play("v1 01-11 void i1")
    assert months.read(views.posting_of, ref) is None


def test_policies(months: Months) -> None:
    change = kernel.ChangePolicy(months.header("p1", "02-01"), "A", method="fifo", estimate_cost=3)
    assert months.post(change) == "ok"
    versions = months.read(views.policies, "A")
    assert [(row.n, row.date, row.method, row.estimate) for row in versions] == [
        (1, "", "moving_average", ""),
        (2, "2026-02-01", "fifo", "3"),
    ]
    facts = months.read(views.item_facts, "A")
    assert (facts.tracking, facts.scope, facts.policy) == ("none", "warehouse", versions[1])
    assert months.read(views.item_facts, "Z") is None
    assert months.read(views.rule_values)["late_cost"] == "replay"
    assert months.read(views.account_rules) == []


def test_chain_head(months: Months) -> None:
    assert months.read(views.chain_head) is None
    act_all(months, ("r1 01-05 receive 10 @ 2", "i1 01-10 issue 5"))
    head = months.read(views.chain_head)
    assert (head.seq, head.n_postings, len(head.hash)) == (2, 2, 64)
    linked = months.read(lambda connection, _: views.link_at(connection, "months", 2))
    assert linked == head.hash


def test_batch__each_part_is_its_own_document(months: Months) -> None:
    """Two documents in one posting: every view names the one that a movement belongs to."""
    first = kernel.Receive(
        months.header("p1", "01-05", party="ACME"),
        (
            kernel.ReceiveLine("A", "W1", 4, unit_cost=2),
            kernel.ReceiveLine("F", "W1", 1, unit_cost=9),
        ),
    )
    second = kernel.Issue(months.header("p2", "01-06"), (kernel.IssueLine("A", "W1", 3),))
    batch = kernel.Batch(months.header("both", "01-06"), (first, second))
    assert months.post(batch) == "ok"
    rows = months.read(views.ledger, "A")
    assert [(row.document.id, row.date, row.party) for row in rows] == [
        ("p1", "2026-01-05", "ACME"),
        ("p2", "2026-01-06", ""),
    ]
    for name in ("p1", "p2", "both"):
        found = months.read(views.posting_of, kernel.DocumentRef("document", name))
        assert found == months.postings["both"]
    why = months.read(views.why, kernel.DocumentRef("document", "p2"))
    assert [(row.line, row.item, str(row.amount)) for row in why] == [(0, "A", "-6.00")]
    (layer,) = months.read(views.stock_layers, "F", "W1")
    assert layer.document == kernel.DocumentRef("document", "p1")
