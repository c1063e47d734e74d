"""The pages behind the stock page: every figure leads to what it consists of and to its reason.

A receipt entered late, for a day before an issue, makes that issue dearer:

    10 @ 10.00 received on the 2nd, 4 issued on the 4th: 4 × 10.00 = 40.00
    10 @ 16.00 entered later for the 3rd: 20 pieces cost 260.00, so 4 of them cost 52.00
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from flask import Flask

from tests.screens.books import created, posted, record_id
from tests.screens.person import Page, Person

Signed = Callable[[str], Person]


class Late(NamedTuple):
    """An item whose issue became dearer by a receipt entered late."""

    item: int
    warehouse: int
    first: int
    issue: int
    late: int


@pytest.fixture(scope="module")
def late(app: Flask) -> Late:
    warehouse = record_id(app, "warehouse", "warehouse_no", "WH02")
    item = record_id(app, "item", "item_no", "SP10057")
    other = record_id(app, "warehouse", "warehouse_no", "WH01")
    # The item lies in the other warehouse already; this one is empty of it.
    assert warehouse != other

    def receive(day: str, price: str) -> int:
        line = {"item": item, "qty": "10", "price": price}
        return posted(app, "misc_receipt", day, [line], warehouse=warehouse)

    first = receive("2026-11-02", "10")
    issue = posted(
        app, "misc_issue", "2026-11-04", [{"item": item, "qty": "4"}], warehouse=warehouse
    )
    return Late(item, warehouse, first, issue, receive("2026-11-03", "16"))


@pytest.fixture
def lead(person: Signed) -> Person:
    return person("wangjianguo")


def links(page: Page, selector: str) -> list[str]:
    return [str(link["href"]) for link in page.soup.select(selector)]


def tables(page: Page) -> list[list[list[str]]]:
    return [
        [
            [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
            for row in table.select("tbody tr")
        ]
        for table in page.soup.select("#list table")
    ]


def test_why__names_the_document_that_changed_the_cost(lead: Person, late: Late) -> None:
    page = lead.get(f"/a/jxc/misc_issue/{late.issue}/why")
    assert page.texts(".sums dd") == ["−40.00", "−12.00", "−52.00"]
    entries, journal = tables(page)
    assert [row[-1] for row in entries] == ["−40.00", "−12.00"]
    assert entries[0][5] == "本单过账"
    cause = page.soup.select("#list table")[0].select("tbody tr")[1].select("td")[4].a
    assert cause is not None
    assert cause["href"] == f"/a/jxc/misc_receipt/{late.late}"
    assert cause.get_text() in lead.get(str(cause["href"])).text
    assert {(row[1], row[3], row[4]) for row in journal} == {
        ("存货", "", "40.00"),
        ("出库成本", "40.00", ""),
    }


def test_why__is_reached_from_the_document_the_ledger_and_the_stock_page(
    lead: Person, late: Late
) -> None:
    why = f"/a/jxc/misc_issue/{late.issue}/why"
    assert why in links(lead.get(f"/a/jxc/misc_issue/{late.issue}"), ".paside a")
    here = f"item={late.item}&warehouse={late.warehouse}"
    assert why in links(lead.get(f"/stock/jxc/ledger?{here}"), "#list td a")
    chain = links(lead.get(f"/stock/jxc?q=SP10057&warehouse={late.warehouse}"), "#list td a")
    assert f"/stock/jxc/chain?{here}" in chain
    assert why in links(lead.get(f"/stock/jxc/chain?{here}"), "#list td a")


def test_chain__adds_up_to_the_value_newest_first(lead: Person, late: Late) -> None:
    page = lead.get(f"/stock/jxc/chain?item={late.item}&warehouse={late.warehouse}")
    assert page.texts(".sums dd") == ["16", "208.00", "13.0000"]
    ((newest, *_rest),) = tables(page)
    assert newest[-2:] == ["16", "208.00"]
    changes = [row[5].replace("−", "-").replace(",", "") for row in tables(page)[0]]
    assert sum(round(100 * float(change)) for change in changes) == 20800


def test_layers__one_average(lead: Person, late: Late) -> None:
    page = lead.get(f"/stock/jxc/layers?item={late.item}&warehouse={late.warehouse}")
    assert page.texts(".bk-remark") == ["计价方法：移动加权平均。"]
    assert tables(page) == [[["全部库存，一个平均成本", "", "16", "13.0000", "208.00"]]]


def test_stock__as_of_a_day(lead: Person, late: Late) -> None:
    address = f"/stock/jxc?q=SP10057&warehouse={late.warehouse}&as_of="
    figures = [lead.get(address + day).rows() for day in ("2026-11-01", "2026-11-02", "2026-11-03")]
    assert [[row[2:] for row in rows] for rows in figures] == [
        [],
        [["10", "10.0000", "100.00"]],
        [["20", "13.0000", "260.00"]],
    ]
    assert lead.get(address + "rubbish").rows()[0][2] == "16"


def test_stock__by_item_over_all_warehouses(lead: Person) -> None:
    page = lead.get("/stock/jxc?by=item&q=SP10021")
    (row,) = page.rows()
    assert row[1:] == ["730", "0", "0", "0", "730", "45,646.47"]


@pytest.mark.parametrize("by", ["lot", "serial", "bin"])
def test_stock__by_place_without_any(lead: Person, by: str) -> None:
    page = lead.get(f"/stock/jxc?by={by}&q=SP10021")
    assert page.status == 200
    assert page.rows() == []
    assert page.texts(".tabs [aria-current=page]") != ["按仓库"]


def test_summary__opening_and_movements_make_the_closing(lead: Person, late: Late) -> None:
    address = f"/stock/jxc/summary?q=SP10057&warehouse={late.warehouse}"
    (row,) = lead.get(f"{address}&first=2026-11-03&last=2026-11-21").rows()
    assert row[2:] == ["10", "100.00", "10", "160.00", "4", "52.00", "16", "208.00"]
    (turned,) = lead.get(f"{address}&first=2026-11-21&last=2026-11-03").rows()
    assert turned == row
    assert lead.get(f"{address}&first=2026-10-01&last=2026-10-31").rows() == []


def test_trace__a_lot_with_its_partners_and_documents(app: Flask, person: Signed) -> None:
    warehouse = record_id(app, "warehouse", "warehouse_no", "WH01")
    item = _tracked(app)
    goods = {"item": item, "price": "5", "lot": "T-0001", "expiry": "2027-01-31"}
    first = posted(app, "misc_receipt", "2026-11-05", [{**goods, "qty": "9"}], warehouse=warehouse)
    customer = record_id(app, "customer", "customer_no", "C001")
    line = {"item": item, "qty": "2", "price": "9", "lot": "T-0001"}
    gone = posted(app, "delivery", "2026-11-06", [line], warehouse=warehouse, customer=customer)
    lead = person("wangjianguo")
    page = lead.get("/stock/jxc/trace?key=T-0001")
    assert page.texts(".sums dd") == ["7", "2", "1"]
    ((came, went),) = tables(page)
    assert (came[-1], went[-1]) == ("9", "−2")
    assert f"/a/jxc/misc_receipt/{first}" in links(page, "#list th a")
    assert f"/a/jxc/delivery/{gone}" in links(page, "#list th a")
    assert f"/a/jxc/customer/{customer}" in links(page, "#list td a")
    by_lot = lead.get("/stock/jxc?by=lot")
    assert ["T-0001", "2027-01-31", "7"] in [[row[0], row[3], row[4]] for row in by_lot.rows()]
    # 陈丽 buys: customers are not hers to know.
    assert f"/a/jxc/customer/{customer}" not in links(
        person("chenli").get("/stock/jxc/trace?key=T-0001"), "#list td a"
    )


def test_trace__of_nothing(lead: Person) -> None:
    assert "没有找到" in lead.get("/stock/jxc/trace?key=nobody").text
    assert lead.get("/stock/jxc/trace").one("#key")["autofocus"] == ""


def test_cost__is_kept_from_who_sees_no_receipt(person: Signed, late: Late) -> None:
    seller = person("zhangmin")
    here = f"item={late.item}&warehouse={late.warehouse}"
    for page in ("layers", "chain"):
        assert seller.get(f"/stock/jxc/{page}?{here}").status == 403, page
    assert seller.get("/books/jxc/balances").status == 403
    for page in ("ledger", "available"):
        found = seller.get(f"/stock/jxc/{page}?{here}")
        assert found.status == 200
        assert "13.0000" not in found.text
        assert "为什么是这个成本" not in found.text
    summary = seller.get(f"/stock/jxc/summary?q=SP10057&warehouse={late.warehouse}")
    assert [row[2:] for row in summary.rows()] == [["0", "20", "4", "16"]]
    assert "208.00" not in summary.text


def test_why__of_what_one_may_not_see(person: Signed) -> None:
    assert person("zhangmin").get("/a/jxc/purchase_receipt/1/why").status == 403
    assert person("wangjianguo").get("/a/jxc/misc_issue/999999/why").status == 404


@pytest.mark.parametrize("page", ["ledger", "layers", "chain", "available"])
@pytest.mark.parametrize("query", ["", "item=x", "item=-1", f"item={10**18}", "item=99999"])
def test_item_page__of_nothing(lead: Person, page: str, query: str) -> None:
    assert lead.get(f"/stock/jxc/{page}?{query}").status == 404


def test_available__today_and_later(lead: Person, late: Late) -> None:
    page = lead.get(f"/stock/jxc/available?item={late.item}&warehouse={late.warehouse}")
    assert page.texts(".sums dd")[0] == "16"
    assert page.texts(".sums dd")[-1] == "16"


def _tracked(app: Flask) -> int:
    """An item of which lots are kept, made for this test."""
    uom = record_id(app, "uom", "name", "个")
    return created(app, "item", item_no="T-LOT", name="密封胶", base_uom=uom, tracking="batch")
