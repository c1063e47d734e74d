"""Stock on hand and the ledger: exact figures that lead back to their documents.

The demo for SP10021: 600 @ 62.00 and 250 @ 63.80 received in 宁波, 150 moved to 杭州,
120 delivered.

    850 pieces cost 53,150.00; 150 of them 53,150.00 × 150 / 850 =  9,379.41
    700 pieces cost 43,770.59; 120 of them 43,770.59 × 120 / 700 =  7,503.53
"""

from collections.abc import Callable

import pytest

from tests.screens.person import Page, Person

Signed = Callable[[str], Person]
BOLT = "不锈钢六角螺栓 SP10021 · M8×40 304 全牙"


def ledger_of(somebody: Person, code: str, place: str = "") -> Page:
    rows = somebody.get(f"/stock/jxc?q={code}").soup.select("#list tbody tr")
    link = next(row for row in rows if place in row.get_text()).select_one("a")
    assert link is not None
    return somebody.get(str(link["href"]))


@pytest.fixture
def lead(person: Signed) -> Person:
    return person("wangjianguo")


def test_stock__by_item_and_warehouse(lead: Person) -> None:
    page = lead.get("/stock/jxc?q=SP10021")
    assert page.rows() == [
        [BOLT, "宁波主仓", "580", "580", "62.5294", "36,267.06"],
        [BOLT, "杭州分仓", "150", "150", "62.5294", "9,379.41"],
    ]
    assert page.texts("#list tfoot th, #list tfoot td") == [
        "合计",
        "",
        "730",
        "730",
        "",
        "45,646.47",
    ]


def test_stock__totals_add_up(lead: Person) -> None:
    page = lead.get("/stock/jxc")
    cents = [round(100 * float(row[5].replace(",", ""))) for row in page.rows()]
    assert page.texts(".sums dd") == ["16", "160,557.82"]
    assert sum(cents) == 16055782


@pytest.mark.parametrize(
    ("query", "rows"),
    [("q=jmj", 2), ("q=SP40001", 1), ("q=zzz", 0), ("warehouse=2", 6), ("q=jmj&warehouse=2", 1)],
)
def test_stock__narrowed(lead: Person, query: str, rows: int) -> None:
    assert len(lead.get(f"/stock/jxc?{query}").rows()) == rows


def test_stock__quantities_of_different_items_are_not_added(lead: Person) -> None:
    assert lead.get("/stock/jxc").texts("#list tfoot td") == ["", "", "", "", "160,557.82"]


def test_stock__a_script_gets_the_list_alone(lead: Person) -> None:
    page = lead.get("/stock/jxc?q=jmj", script=True)
    assert page.soup.select_one("#side") is None
    assert len(page.rows()) == 2


def test_stock__without_cost_for_who_sees_no_receipt(person: Signed) -> None:
    seller = person("zhangmin")
    page = seller.get("/stock/jxc?q=SP10021")
    assert page.rows()[0] == [BOLT, "宁波主仓", "580", "580"]
    assert "金额" not in page.text
    assert "62.5294" not in ledger_of(seller, "SP10021").text
    assert "160,557.82" not in seller.get("/").text


def test_ledger__every_movement_with_its_balance(lead: Person) -> None:
    place = "宁波主仓"
    assert [row[:2] for row in ledger_of(lead, "SP10021", place).rows()] == [
        ["CGRK-202611090001 采购入库", "2026-11-09"],
        ["CGRK-202611160001 采购入库", "2026-11-16"],
        ["KCDB-202611170001 调拨", "2026-11-17"],
        ["XSCK-202611180001 销售出库", "2026-11-18"],
    ]
    assert [row[2:] for row in ledger_of(lead, "SP10021", place).rows()] == [
        [place, "600", "", "600", "37,200.00", "37,200.00"],
        [place, "250", "", "850", "15,950.00", "53,150.00"],
        [place, "", "150", "700", "−9,379.41", "43,770.59"],
        [place, "", "120", "580", "−7,503.53", "36,267.06"],
    ]


def test_ledger__leads_to_the_documents(lead: Person) -> None:
    page = ledger_of(lead, "SP10021", "宁波主仓")
    for link in page.soup.select("#list tbody a"):
        assert link.get_text(strip=True) in lead.get(str(link["href"])).text


def test_ledger__of_all_warehouses_together(lead: Person) -> None:
    item = str(ledger_of(lead, "SP10021").one("input[name=item]")["value"])
    page = lead.get(f"/stock/jxc/ledger?item={item}")
    assert page.rows()[-1][5:] == ["730", "−7,503.53", "45,646.47"]
    assert page.texts(".sums dd") == ["730", "45,646.47", "62.5294"]


@pytest.mark.parametrize("query", ["", "item=99999", "item=x"])
def test_ledger__of_nothing(lead: Person, query: str) -> None:
    assert lead.get(f"/stock/jxc/ledger?{query}").status == 404
