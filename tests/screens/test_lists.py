"""Record lists: columns, search, filters, order, pages; the address is the state."""

from collections.abc import Callable

import pytest

from runtime.query import Filter
from runtime.screens.lists.state import ListState, read_filter, read_state, write_filter
from tests.screens.person import Page, Person

Signed = Callable[[str], Person]
RECEIPTS = "/a/jxc/purchase_receipt"


@pytest.fixture
def buyer(person: Signed) -> Person:
    return person("chenli")


def numbers(page: Page) -> list[str]:
    return [row[0] for row in page.rows()]


def test_list__columns_of_the_form_newest_first(buyer: Person) -> None:
    page = buyer.get(RECEIPTS)
    heads = ["单据编号", "供应商", "收货仓库", "单据日期", "数量合计", "金额合计", "经手人", "状态"]
    assert page.texts("#list thead th") == heads
    assert page.rows()[0] == [
        "CGRK-202611210001", "永康五金工具厂", "宁波主仓", "2026-11-21", "70", "3,494.00", "陈丽",
        "审批中",
    ]  # fmt: skip
    assert page.rows()[-1][5] == "81,345.00"
    assert page.texts("#count") == ["共 6 条"]


def test_list__a_row_leads_to_its_record(buyer: Person) -> None:
    row = buyer.get(RECEIPTS).soup.select("#list tbody tr")[0]
    link = row.select_one("a")
    assert link is not None
    assert row["data-href"] == link["href"]
    assert buyer.get(str(link["href"])).status == 200


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("SP20019", ["SP20019"]),
        ("角磨", ["SP20019"]),
        ("jmj", ["SP20019"]),
        ("六角 M10", ["SP10022"]),
        ("%", []),
        ("不存在的东西", []),
    ],
)
def test_search__code_name_initials(buyer: Person, typed: str, found: list[str]) -> None:
    assert numbers(buyer.get(f"/a/jxc/item?q={typed.replace('%', '%25')}")) == found


def test_search__nothing_fits(buyer: Person) -> None:
    page = buyer.get("/a/jxc/item?q=zzzz")
    assert "没有符合条件的商品。" in page.text
    assert "不加条件时有 16 条。" in page.text


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("amount_total~ge~29408", 3),
        ("amount_total~between~12222~22000", 2),
        ("document_date~on~2026-11-16", 1),
        ("document_date~before~2026-11-13", 3),
        ("document_date~relative~this_week", 2),
        ("document_no~contains~20261113", 1),
        ("supplier~any_of~1", 2),
        ("note~empty", 6),
        ("status~any_of~submitted", 1),
    ],
)
def test_filter__by_the_operators_of_the_kind(buyer: Person, condition: str, count: int) -> None:
    assert len(buyer.get(f"{RECEIPTS}?f={condition}").rows()) == count


def test_filter__several_hold_together(buyer: Person) -> None:
    page = buyer.get(f"{RECEIPTS}?f=amount_total~ge~20000&f=document_date~before~2026-11-12")
    assert [row[5] for row in page.rows()] == ["31,752.00", "81,345.00"]
    assert page.texts(".chip-on button") == ["金额合计 ≥ 20000", "单据日期 早于 2026-11-12"]


def test_filter__a_chip_is_taken_away(buyer: Person) -> None:
    page = buyer.get(f"{RECEIPTS}?q=五金&f=amount_total~ge~20000")
    link = page.one(".chip-on a")
    assert numbers(buyer.get(str(link["href"]))) == numbers(buyer.get(f"{RECEIPTS}?q=五金"))


@pytest.mark.parametrize(
    "condition",
    ["secret~equals~1", "amount_total~like~1", "amount_total~ge~abc", "supplier~any_of"],
)
def test_filter__that_cannot_be(buyer: Person, condition: str) -> None:
    assert buyer.get(f"{RECEIPTS}?f={condition}").status == 422


def test_status__picks_only_what_the_form_can_be(person: Signed) -> None:
    admin = person("admin")
    receipts = admin.get(RECEIPTS).texts(".chip-pick")
    deliveries = admin.get("/a/jxc/delivery").texts(".chip-pick")
    assert receipts == ["全部", "草稿", "审批中", "已过账", "已驳回", "已作废"]
    assert deliveries == ["全部", "草稿", "已过账", "已作废"]
    assert len(admin.get(f"{RECEIPTS}?status=posted").rows()) == 5


def test_builder__fields_and_comparisons_of_the_kind(buyer: Person) -> None:
    page = buyer.get(f"{RECEIPTS}/filter?ff=document_date", script=True)
    assert "单据日期" in page.texts("#filter-field option")
    words = ["是", "早于", "晚于", "介于", "在", "为空", "不为空"]
    assert page.texts("#filter-operator option") == words
    page = buyer.get(f"{RECEIPTS}/filter?ff=supplier", script=True)
    assert "温州标准件有限公司" in page.texts("#filter-value option")


def test_builder__makes_a_filter_and_its_address(buyer: Person) -> None:
    page = buyer.get(f"{RECEIPTS}?ff=amount_total&fo=ge&fv=29408&q=", script=True)
    assert len(page.rows()) == 3
    assert page.response.headers["HX-Push-Url"] == f"{RECEIPTS}?f=amount_total~ge~29408"
    assert page.soup.select_one("header") is None, "a script is answered with the list alone"


def test_builder__a_reference_by_its_name(buyer: Person) -> None:
    page = buyer.get(f"{RECEIPTS}?ff=supplier&fo=any_of&fv=wzbzj", script=True)
    assert {row[1] for row in page.rows()} == {"温州标准件有限公司"}


def test_builder__says_what_is_wrong_and_keeps_what_was_typed(buyer: Person) -> None:
    page = buyer.get(f"{RECEIPTS}?ff=amount_total&fo=ge&fv=much", script=True)
    assert page.status == 422
    assert page.response.headers["HX-Retarget"] == "#filter-body"
    assert page.one("#filter-value")["value"] == "much"
    assert page.texts(".err-msg") != []


def test_sort__by_a_heading_and_back(buyer: Person) -> None:
    page = buyer.get("/a/jxc/item?sort=price_sale")
    prices = [row[-1] for row in page.rows()]
    assert prices[0] == "12.90"
    assert prices[-1] == "428.00"
    assert page.one("th[aria-sort=ascending]").get_text(strip=True) == "参考售价"
    again = buyer.get(str(page.one("th[aria-sort] a")["href"]))
    assert [row[-1] for row in again.rows()] == prices[::-1]


def test_pages__by_keyset_there_and_back(buyer: Person) -> None:
    # 16 items in pages of 20 are one page; SIZES has no smaller one, so the cursor is made here.
    everything = numbers(buyer.get("/a/jxc/item?sort=item_no&size=20"))
    state = ListState("/a/jxc/item", sort="item_no", size=20)
    middle = state.moved(after=f'["{everything[7]}",1]').href
    rest = buyer.get(middle)
    assert numbers(rest) == everything[7:]
    before = buyer.get(str(rest.one("a[rel=prev]")["href"]))
    assert numbers(before) == everything[:7]


def test_rows__of_others_are_not_there(person: Signed) -> None:
    assert person("zhangmin").get(RECEIPTS).status == 403


def test_buttons__as_the_grants_say(person: Signed) -> None:
    seller = person("zhangmin").get("/a/jxc/item")
    lead = person("wangjianguo").get("/a/jxc/item")
    assert seller.soup.select("#new") == []
    assert lead.one("#new")["href"] == "/a/jxc/item/new"


def test_empty__says_how_to_begin(person: Signed) -> None:
    admin = person("admin")
    page = admin.get("/a/jxc/transfer?status=draft")
    assert "没有符合条件的调拨。" in page.text


def test_labels_from_people_are_escaped(person: Signed) -> None:
    page = person("admin").get("/a/jxc/item?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert page.one("#q")["value"] == "<script>alert(1)</script>"
    assert "<script>alert(1)" not in page.response.get_data(as_text=True)


@pytest.mark.parametrize(
    "item",
    [Filter("a", "eq", ("1",)), Filter("a", "empty"), Filter("a", "any_of", ("1", "2"))],
)
def test_filter_text__read_as_written(item: Filter) -> None:
    assert read_filter(write_filter(item)) == item


@pytest.mark.parametrize("text", ["", "a", "~eq~1"])
def test_filter_text__that_is_none(text: str) -> None:
    assert read_filter(text) is None


def test_state__what_is_out_of_bounds_has_its_default() -> None:
    state = read_state("/a/x/y", {"size": "7", "q": "  a   b ", "sort": "s" * 99})
    assert (state.size, state.search, len(state.sort)) == (50, "a b", 60)
    assert state.href.startswith("/a/x/y?q=a+b&sort=")
