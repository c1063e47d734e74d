"""Where a lot or serial number came from and went, through what was made of it."""

from typing import Any

import pytest

from runtime import kernel
from runtime.kernel import views

from .months import Months, months

__all__ = ["months"]


def take(item: str, lot: str = "", serial: str = "", qty: int = 1) -> kernel.IssueLine:
    return kernel.IssueLine(item, "W1", qty, lot=lot, serials=(serial,) if serial else ())


def make(item: str, lot: str = "", serial: str = "", qty: int = 1) -> kernel.OutputLine:
    return kernel.OutputLine(item, "W1", qty, lot=lot, serials=(serial,) if serial else ())


@pytest.fixture
def workshop(months: Months) -> Months:
    """Steel X and Y become frames F1 and F2, a frame becomes bike s1, which is sold."""
    for lot in ("X", "Y"):
        assert months.play(f"buy{lot} 01-02 receive 10 @ 1 of L lot {lot}") == "ok"
    acts: tuple[tuple[str, str, Any, Any], ...] = (
        ("weld1", "01-03", (take("L", "X", qty=3), take("L", "Y", qty=2)), (make("B", "F1"),)),
        ("weld2", "01-03", (take("L", "Y", qty=4),), (make("B", "F2"),)),
        ("build", "01-04", (take("B", "F1"),), (make("S", serial="s1"),)),
    )
    for name, when, inputs, outputs in acts:
        header = months.header(name, when, party="workshop")
        assert months.post(kernel.Assemble(header, inputs, outputs)) == "ok"
    sold = kernel.Issue(months.header("sell", "01-05", party="ACME"), (take("S", serial="s1"),))
    assert months.post(sold) == "ok"
    return months


def traced(months: Months, item: str, key: str, **more: Any) -> list[tuple[int, str, str, str]]:
    return [
        (row.level, row.document.id, f"{row.item} {row.lot or row.serial}", str(row.qty))
        for row in months.read(views.trace, item, key, **more)
    ]


def test_down__to_the_customer(workshop: Months) -> None:
    assert traced(workshop, "L", "X") == [
        (0, "buyX", "L X", "10"),
        (0, "weld1", "L X", "-3"),
        (1, "weld1", "B F1", "1"),
        (1, "build", "B F1", "-1"),
        (2, "build", "S s1", "1"),
        (2, "sell", "S s1", "-1"),
    ]
    assert workshop.read(views.trace, "L", "X")[-1].party == "ACME"


def test_up__to_every_supplier(workshop: Months) -> None:
    assert traced(workshop, "S", "s1") == [
        (-2, "buyX", "L X", "10"),
        (-2, "weld1", "L X", "-3"),
        (-2, "buyY", "L Y", "10"),
        (-2, "weld1", "L Y", "-2"),
        (-2, "weld2", "L Y", "-4"),
        (-1, "weld1", "B F1", "1"),
        (-1, "build", "B F1", "-1"),
        (0, "build", "S s1", "1"),
        (0, "sell", "S s1", "-1"),
    ]


def test_both_from_the_middle_or_one_way(workshop: Months) -> None:
    levels = [level for level, *_ in traced(workshop, "B", "F1")]
    assert levels == [-1] * 5 + [0] * 2 + [1] * 2
    assert {row[0] for row in traced(workshop, "B", "F1", direction="up")} == {-1, 0}
    assert {row[0] for row in traced(workshop, "B", "F1", direction="down")} == {0, 1}


def test_a_sibling_is_no_ancestor(workshop: Months) -> None:
    """Frame F2 shares steel Y with F1, but nothing of it is in the bike."""
    assert "B F2" not in {row[2] for row in traced(workshop, "S", "s1")}
    assert {row[2] for row in traced(workshop, "L", "Y")} == {"L Y", "B F1", "B F2", "S s1"}


def test_what_was_undone_leads_nowhere(workshop: Months) -> None:
    workshop.play("vs 01-06 void sell")
    workshop.play("vb 01-06 void build")
    rows = workshop.read(views.trace, "L", "X")
    assert {(row.item, row.level) for row in rows} == {("L", 0), ("B", 1)}
    undone = {(row.document.id, row.is_undone) for row in rows if row.item == "B"}
    assert undone == {("weld1", False), ("build", True), ("vb", True)}


def test_there_and_back(workshop: Months) -> None:
    """A bike taken apart and built again goes round in a circle; the trace does not."""
    workshop.play("vs 01-06 void sell")
    apart = kernel.Assemble(
        workshop.header("apart", "01-07"), (take("S", serial="s1"),), (make("B", "F1"),)
    )
    assert workshop.post(apart) == "ok"
    again = kernel.Assemble(
        workshop.header("again", "01-08"), (take("B", "F1"),), (make("S", serial="s1"),)
    )
    assert workshop.post(again) == "ok"
    found = traced(workshop, "S", "s1")
    assert {row[1] for row in found if row[2] == "S s1"} >= {"build", "apart", "again"}
    assert len(found) == len(set(found))


def test_unknown(workshop: Months) -> None:
    assert traced(workshop, "L", "Z") == []
    assert traced(workshop, "Z", "X") == []
