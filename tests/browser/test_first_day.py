"""What people stumble over on their first day: where to type, what saving says, what came back."""

from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.browser.test_line_grid import SCAN
from tests.live import LiveServer

PageMaker = Callable[..., Page]


def signed_in(server: LiveServer, page: Page, name: str, path: str = "/") -> Page:
    """The page at `path`, read by somebody of the demo company."""
    page.goto(f"{server.url}/sign-in")
    page.fill("#name", name)
    page.fill("#password", server.password)
    page.press("#password", "Enter")
    page.wait_for_selector("#shell")
    page.goto(server.url + path)
    page.wait_for_load_state("networkidle")
    return page


def header(page: Page, first: str) -> None:
    """Who it is with and which warehouse, from where the cursor stands."""
    for text in (first, "wh01"):
        page.keyboard.type(text)
        expect(page.locator("#lk-pop [role=option]").first).to_be_visible()
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")


def line(page: Page, *texts: str) -> None:
    """One line by keyboard; Enter goes to the next stop."""
    for text in texts:
        page.keyboard.type(text)
        page.keyboard.press("Enter")


def at(page: Page) -> str:
    """The id of the box that has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def test_new_document__typing_begins_in_the_first_empty_box(
    shared_server: LiveServer, new_page: PageMaker
) -> None:
    page = signed_in(shared_server, new_page(), "zhangmin", "/a/jxc/delivery/new")
    assert at(page) == "f-customer"
    header(page, "C002")
    assert at(page) == "f-lines-0-item"


def test_saving__says_so_and_the_cursor_stays_where_it_was(
    shared_server: LiveServer, new_page: PageMaker
) -> None:
    page = signed_in(shared_server, new_page(), "zhangmin", "/a/jxc/delivery/new")
    header(page, "C002")
    line(page, "10021", "2")
    line(page, "10034", "5")
    page.click("#f-lines-1-qty")
    page.keyboard.press("Control+s")
    page.wait_for_url(lambda address: not address.endswith("/new"))
    expect(page.locator("#draft-state")).to_contain_text("已保存")
    expect(page.locator("#f-lines-1-qty")).to_be_focused()
    page.reload()
    expect(page.locator("#draft-state")).to_be_hidden()


def receipt_of(buyer: Page) -> str:
    """Submit a receipt of one line; its number."""
    header(buyer, "S001")
    line(buyer, "10021", "3", "61.5")
    buyer.keyboard.press("Control+Enter")
    buyer.locator(".pno").wait_for()
    return buyer.locator(".pno").inner_text()


def edges(page: Page, selector: str) -> dict[str, float]:
    """Where an element lies on the screen."""
    found: dict[str, float] = page.locator(selector).last.evaluate(
        "each => each.getBoundingClientRect().toJSON()"
    )
    return found


def test_rejection__its_reason_stands_above_the_document(
    shared_server: LiveServer, new_page: PageMaker, axe: Callable[[Page], list[str]]
) -> None:
    buyer = signed_in(shared_server, new_page(), "chenli", "/a/jxc/purchase_receipt/new")
    number, lead = receipt_of(buyer), new_page(390, 844)
    signed_in(shared_server, lead, "wangjianguo", "/inbox")
    lead.locator("a[data-item]", has_text=number).click()
    # Every figure of a line is read on a phone without moving it sideways.
    lead.locator("#decision").wait_for()
    assert edges(lead, ".ibx-lines tbody td.r")["right"] <= 390
    assert axe(lead) == []
    lead.fill("#comment", "单价请再核对")
    lead.click("#decision button[value=reject]")
    expect(lead.locator(".toast")).to_contain_text(number)
    assert edges(lead, ".toast")["bottom"] <= edges(lead, ".m-tabs")["top"], "it covers the tabs"

    address = buyer.url
    buyer.goto(shared_server.url)
    expect(buyer.locator(".kpi.is-due", has_text="已驳回")).to_be_visible()
    buyer.goto(address)
    expect(buyer.locator(".note-said")).to_contain_text("王建国 已驳回")
    expect(buyer.locator(".note-said")).to_contain_text("单价请再核对")
    assert axe(buyer) == []


def test_numbers__are_never_cut(shared_server: LiveServer, new_page: PageMaker) -> None:
    page = signed_in(shared_server, new_page(1366, 768), "zhangmin", "/a/jxc/delivery/new")
    header(page, "C002")
    line(page, "10021", "9999999")
    amount = page.locator("[data-col=amount] .v").first
    expect(amount).to_have_text("859,999,914.00")
    style = amount.evaluate("cell => getComputedStyle(cell).overflow")
    assert style == "visible"


def test_unknown_barcode__leaves_the_cursor_and_the_figures(
    shared_server: LiveServer, new_page: PageMaker
) -> None:
    page = signed_in(shared_server, new_page(), "zhangmin", "/a/jxc/delivery/new")
    header(page, "C002")
    line(page, "10021", "4")
    page.click("#f-lines-0-qty")
    # All keys in one go, as fast as a scanner however busy this machine is.
    page.evaluate(SCAN, "6900000000000")
    expect(page.locator(".toast")).to_contain_text("没有找到条码 6900000000000")
    expect(page.locator("#f-lines-0-qty")).to_be_focused()
    expect(page.locator("#f-lines-0-qty")).to_have_value("4")
    expect(page.locator("[data-col=amount] .v").first).to_have_text("344.00")


def workbook() -> bytes:
    """Five items under headings the form does not know."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["甲", "乙", "丙"],
        *([f"FD-{n}", f"试用商品 {n}", f"{n}.50"] for n in range(1, 6)),
    ):
        sheet.append(row)
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def test_import_columns__kind_and_missing_fields_follow_the_choice(
    shared_server: LiveServer, new_page: PageMaker
) -> None:
    page = signed_in(shared_server, new_page(), "admin", "/imports/jxc?form=item")
    sent = {"name": "first.xlsx", "mimeType": "application/octet-stream", "buffer": workbook()}
    page.set_input_files("#file", sent)  # type: ignore[arg-type]
    page.get_by_role("link", name="下一步：对应字段").click()
    missing = page.locator("#missing")
    expect(missing).to_contain_text("商品编码", use_inner_text=True)
    page.get_by_label("甲 变成").select_option(label="商品编码 *")
    expect(missing).not_to_contain_text("商品编码", use_inner_text=True)
    page.get_by_label("乙 变成").select_option(label="商品名称 *")
    expect(missing).to_be_hidden()
    page.get_by_label("丙 变成").select_option(label="参考售价")
    expect(page.locator("tr[data-column]").nth(2).locator("[data-old]")).to_have_text("金额")
    page.get_by_label("甲 变成").select_option(label="不导入")
    expect(missing).to_be_visible()


@pytest.mark.parametrize("width", [390, 360])
def test_posted_document_on_a_phone__label_above_its_figure(
    shared_server: LiveServer, new_page: PageMaker, width: int
) -> None:
    page = signed_in(shared_server, new_page(width, 780), "admin", "/a/jxc/purchase_receipt/1")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    lefts = page.evaluate(
        """() => [...document.querySelectorAll('.lg-read tbody tr:first-child td.r')].map(cell => {
          const figure = cell.querySelector('.v'), range = document.createRange();
          range.selectNodeContents(figure);
          return [cell.getBoundingClientRect().left, range.getBoundingClientRect().left];
        })"""
    )
    assert len(lefts) == 3
    assert all(abs(cell - figure) < 2 for cell, figure in lefts)
