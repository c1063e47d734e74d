"""What a single value is refused for is said at its box once it has been left, by the validator."""

from playwright.sync_api import Page, expect

from tests.browser.test_first_day import signed_in
from tests.live import LiveServer


def test_left_boxes__say_what_is_wrong_and_take_it_back(
    shared_server: LiveServer, browser_page: Page
) -> None:
    page = signed_in(shared_server, browser_page, "admin", "/a/jxc/item")
    taken = page.locator("table tbody tr").first.inner_text().split()[0]
    page.goto(f"{shared_server.url}/a/jxc/item/new")
    number = page.locator("[name=item_no]")
    number.fill(taken)
    page.keyboard.press("Tab")
    words = page.locator(f"#{number.get_attribute('id')}-err")
    expect(words).to_contain_text(taken)
    expect(number).to_have_attribute("aria-invalid", "true")
    # Nobody is told of what they have not come to yet.
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    number.fill(f"{taken}-X")
    page.keyboard.press("Tab")
    expect(words).to_have_count(0)
    expect(number).not_to_have_attribute("aria-invalid", "true")


def test_left_cells__too(shared_server: LiveServer, browser_page: Page) -> None:
    page = signed_in(shared_server, browser_page, "zhangmin", "/a/jxc/delivery/new")
    qty = page.locator("line-grid tbody tr").first.locator("input[name$='.qty']")
    qty.fill("-3")
    page.keyboard.press("Tab")
    expect(qty).to_have_attribute("aria-invalid", "true")
    qty.fill("3")
    page.keyboard.press("Tab")
    expect(qty).not_to_have_attribute("aria-invalid", "true")
