"""Record lists: columns, search, filters, order, pages; the address is the state."""

from collections.abc import Callable
from decimal import Decimal

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
    page = buyer.get(f"{RECEIPTS}/filter?ff=document_date&fo=on&ff=supplier&fo=any_of", script=True)
    assert "单据日期" in page.texts(".flt-f option")
    assert page.texts(".flt-f optgroup[label=商品明细] option")[0] == "商品"
    words = ["是", "早于", "晚于", "介于", "在", "为空", "不为空"]
    assert page.texts("[data-row='0'] .flt-o option") == words
    assert "温州标准件有限公司" in page.texts("[data-row='1'] .flt-pick")


def test_builder__makes_conditions_and_their_address(buyer: Person) -> None:
    page = buyer.get(f"{RECEIPTS}?build=1&ff=amount_total&fo=ge&fv=29408&q=", script=True)
    assert len(page.rows()) == 3
    assert page.response.headers["HX-Push-Url"] == f"{RECEIPTS}?f=amount_total~ge~29408"
    assert page.soup.select_one("header") is None, "a script is answered with the list alone"


def test_builder__groups_are_one_chip_and_come_back_as_they_were(buyer: Person) -> None:
    sheet = "build=1&fj=all&gj=any&ff=amount_total&fo=lt&fv=13000&ff=amount_total&fo=gt&fv=80000"
    page = buyer.get(f"{RECEIPTS}?{sheet}&ge=1&ff=document_no&fo=starts&fv=CGRK", script=True)
    assert sorted(row[5] for row in page.rows()) == ["12,222.00", "3,494.00", "81,345.00"]
    chips = page.texts(".chip-on button")
    assert chips == ["单据编号 开头是 CGRK", "金额合计 < 13000 或 金额合计 > 80000"]
    again = buyer.get(str(page.response.headers["HX-Push-Url"]))
    assert again.rows() == page.rows()
    edit = buyer.get(str(again.soup.select(".chip-on button")[1]["hx-get"]), script=True)
    assert [each["value"] for each in edit.soup.select("input.flt-v")] == ["CGRK", "13000", "80000"]
    assert edit.one("[name=gj] option[selected]")["value"] == "any"


def test_builder__rows_and_groups_come_and_go(buyer: Person) -> None:
    sent = "fj=any&ff=note&fo=empty&gj=none&ff=amount_total&fo=ge&fv=5&ge=1"
    rows = "[data-row]"
    assert len(buyer.get(f"{RECEIPTS}/filter?{sent}&do=row", script=True).soup.select(rows)) == 3
    inner = buyer.get(f"{RECEIPTS}/filter?{sent}&do=row:0", script=True)
    assert len(inner.soup.select(f".flt-g {rows}")) == 2
    assert (
        len(buyer.get(f"{RECEIPTS}/filter?{sent}&do=group", script=True).soup.select(".flt-g")) == 2
    )
    gone = buyer.get(f"{RECEIPTS}/filter?{sent}&do=drop:1", script=True)
    assert (len(gone.soup.select(rows)), gone.soup.select(".flt-g")) == (1, [])
    assert gone.soup.select(rows)[0].select_one("option[value=note][selected]") is not None
    bare = buyer.get(f"{RECEIPTS}/filter?{sent}&do=ungroup:0", script=True)
    assert bare.soup.select(".flt-g") == []


def test_builder__a_reference_by_its_name(buyer: Person) -> None:
    page = buyer.get(f"{RECEIPTS}?build=1&ff=supplier&fo=any_of&fv=wzbzj", script=True)
    assert {row[1] for row in page.rows()} == {"温州标准件有限公司"}


def test_builder__lines_and_records_referred_to(buyer: Person) -> None:
    page = buyer.get(f"{RECEIPTS}?build=1&ff=supplier.name&fo=contains&fv=标准件", script=True)
    assert {row[1] for row in page.rows()} == {"温州标准件有限公司"}
    assert page.texts(".chip-on button") == ["供应商 · 供应商名称 包含 标准件"]
    few = buyer.get(f"{RECEIPTS}?build=1&ff=lines.qty&fo=gt&fv=100000", script=True)
    assert few.rows() == []


def test_builder__says_what_is_wrong_and_keeps_what_was_typed(buyer: Person) -> None:
    page = buyer.get(f"{RECEIPTS}?build=1&ff=amount_total&fo=ge&fv=much", script=True)
    assert page.status == 422
    assert page.response.headers["HX-Retarget"] == "#filter-body"
    assert page.one("input.flt-v")["value"] == "much"
    assert page.texts(".err-msg") != []


LAID = "lay=1&all=supplier&all=document_no&all=amount_total&col=document_no&col=supplier"


def test_layout__columns_order_and_totals(buyer: Person) -> None:
    sheet = f"{LAID}&pin=supplier&width.supplier=200&fn.amount_total=sum&key=-amount_total"
    page = buyer.get(f"{RECEIPTS}?{sheet}", script=True)
    assert page.texts("#list thead th") == ["供应商", "单据编号", "状态"]
    address = str(page.response.headers["HX-Push-Url"])
    assert address.endswith(
        "?sort=-amount_total&cols=supplier%21%3A200%2Cdocument_no&sum=amount_total%3Asum"
    )
    assert page.one("col[width]")["width"] == "200"
    assert page.one("th[data-pin]").get_text(strip=True) == "供应商"
    # The sum of what the six receipts say, added up by hand.
    amounts = [row[5].replace(",", "") for row in buyer.get(RECEIPTS).rows()]
    wanted = sum((Decimal(each) for each in amounts), Decimal(0))
    assert page.texts(".lst-sum") == [f"金额合计 合计 {wanted:,}"]
    assert buyer.get(address).rows() == page.rows()


def test_layout__a_column_moves_by_its_button(buyer: Person) -> None:
    page = buyer.get(f"{RECEIPTS}/layout?{LAID}&do=down:supplier", script=True)
    names = page.texts(".lay-name")
    assert names[:3] == ["单据编号", "供应商", "金额合计"]
    assert len(page.soup.select(".lay-name [checked]")) == 2


def test_groups__count_subtotals_and_their_records(buyer: Person) -> None:
    page = buyer.get(f"{RECEIPTS}?group=supplier,status&sum=amount_total:sum")
    groups = page.soup.select(".lst-g")
    counts = [int(each.get_text()) for each in page.soup.select(".lst-gn")]
    assert sum(counts) == 6
    inner = buyer.get(str(groups[0]["hx-get"]), script=True)
    assert sum(int(each) for each in inner.texts(".lst-gn")) == counts[0]
    first = inner.soup.select_one(".lst-g")
    assert first is not None
    records = buyer.get(str(first["hx-get"]), script=True)
    assert len(records.soup.select("tbody tr")) == int(inner.texts(".lst-gn")[0])


def test_views__kept_changed_and_removed(buyer: Person, person: Signed) -> None:
    state = {"f": "amount_total~ge~20000", "sort": "-amount_total", "sum": "amount_total:sum"}
    made = buyer.post(f"{RECEIPTS}/views", name="大额", **state)
    view = str(made.response.headers["Location"])
    page = buyer.get(view)
    assert page.texts(".vw-tab[aria-current]") == ["大额"]
    assert [row[5] for row in page.rows()][:2] == ["81,345.00", "31,752.00"]
    assert page.soup.select(".vw-dev") == []
    assert "大额" not in person("wangjianguo").get(RECEIPTS).texts(".vw-tab")
    changed = buyer.get(f"{view}&sort=amount_total")
    assert changed.texts(".vw-dev > *") == ["已修改", "保存", "另存为", "还原"]
    assert str(changed.soup.select(".vw-dev a")[0]["href"]) == view
    key = view.partition("view=")[2]
    buyer.post(f"{RECEIPTS}/views/{key}", view=key, sort="amount_total")
    assert [row[5] for row in buyer.get(view).rows()][-1] == "81,345.00"
    # Without any condition, though the view has one.
    assert len(buyer.get(f"{view}&w=").rows()) == 6
    assert person("wangjianguo").post(f"{RECEIPTS}/views/{key}/deletion").status == 404
    buyer.post(f"{RECEIPTS}/views/{key}/deletion")
    assert buyer.get(view).status == 404


def test_views__want_a_name(buyer: Person) -> None:
    page = buyer.post(f"{RECEIPTS}/views", script=True, name=" ")
    assert page.status == 422
    assert page.texts(".err-msg") == ["请给视图一个名字"]


def test_views__for_everybody_by_who_manages(buyer: Person, person: Signed) -> None:
    shared = {"name": "大家的", "for": "all"}
    assert buyer.post(f"{RECEIPTS}/views", **shared).status == 403
    admin = person("admin")
    made = admin.post(f"{RECEIPTS}/views", **shared, locked="on")
    page = buyer.get(str(made.response.headers["Location"]))
    assert page.texts(".vw-tab[aria-current]") == ["大家的"]
    assert page.soup.select("#view-save, [aria-label=视图设置]") == []


def test_count__is_asked_for_once_the_page_stands(person: Signed) -> None:
    page = person("admin").get("/a/jxc/item?size=20")
    assert page.texts("#count") == ["共 16 条"]
    figures = person("admin").get("/a/jxc/item/figures?here=16", script=True)
    assert figures.texts("#count") == ["本页 16 条，共 16 条"]


@pytest.mark.parametrize(
    "address", ["?view=gone", "?group=note&view=v99999", "/views/sheet?view=gone"]
)
def test_views__that_are_not_there(buyer: Person, address: str) -> None:
    assert buyer.get(f"{RECEIPTS}{address}").status == 404


@pytest.mark.parametrize(
    "address", ["?group=lines", "?sum=note:sum", "?w=[1]", "?w={", "?cols=gone", "?sort=lines"]
)
def test_address__that_cannot_be(buyer: Person, address: str) -> None:
    assert buyer.get(f"{RECEIPTS}{address}").status == 422


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
    state = ListState(base="/a/jxc/item", sort="item_no", size=20)
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
    state = read_state("/a/x/y", {"size": "7", "q": "  a   b ", "sort": "s" * 299})
    assert (state.size, state.search, len(state.sort)) == (50, "a b", 200)
    assert state.href.startswith("/a/x/y?q=a+b&sort=")
