"""A large order on its way: who sells, leads, directs and keeps the store, wide and on a phone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect

from runtime.infra.act import SYSTEM, Act
from tests.browser.boxes import box_of
from tests.browser.test_first_day import PageMaker, signed_in
from tests.live import LiveServer
from tests.prepared import opened
from tests.screens import flow_company

Look = Callable[[Page], list[str]]


def install(server: LiveServer) -> None:
    """Publish the app of the orders beside the demo company, and let its people in."""
    with opened(server.database_url) as database, database.transaction() as connection:
        flow_company.install(Act(connection, SYSTEM, datetime.now(UTC)), server.password)


def write_order(page: Page) -> None:
    page.fill("[name=customer]", "海通机械")
    for column, text in (("what", "阀门"), ("qty", "1200"), ("price", "98")):
        page.fill(f'[name="rows.0.{column}"]', text)
    page.press('[name="rows.0.price"]', "Tab")


def signature(page: Page) -> None:
    """Write on the sheet with a mouse."""
    page.click(".dec-vouch [data-sign]")
    box = box_of(page.locator(".sign-paper"))
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 70, steps=4)
    page.mouse.up()
    page.locator(".dlg-sign .btn-primary").click()
    expect(page.locator(".dec-vouch img")).to_be_visible()


def in_reach(page: Page) -> bool:
    """Whether the decision stands whole at the bottom, large enough for a thumb."""
    box = box_of(page.locator(".dec-btns [value=approve]"))
    return box["height"] >= 44 and 844 - 100 <= box["y"] + box["height"] <= 844


@dataclass
class Walk:
    """One order, and what every screen of it must be."""

    server: LiveServer
    axe: Look
    screenshot: Callable[..., Path]
    href: str = "/a/deal/order/new"

    def at(self, page: Page, name: str, path: str | None = None) -> Page:
        """A person's own page of the order, or another of theirs."""
        return signed_in(self.server, page, name, path or self.href)

    def look(self, page: Page, name: str) -> None:
        """Everybody can use it, and it is photographed."""
        assert self.axe(page) == [], name
        self.screenshot(page, name, full_page=False)


def sells(walk: Walk, page: Page) -> None:
    """The way is drawn while it is typed, with the condition that sends it there."""
    walk.at(page, "sun")
    expect(page.locator("#path")).not_to_contain_text("赵敏之")
    write_order(page)
    expect(page.locator("#path")).to_contain_text("赵敏之 总经理")
    expect(page.locator("#path")).to_contain_text("因为 价税合计 ≥ 100,000")
    walk.screenshot(page, "1-path")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#status")).to_have_text("审批中")
    walk.href = page.url.removeprefix(walk.server.url)


def leads(walk: Walk, page: Page) -> None:
    """Refused where something is missing; everything that was typed is still there."""
    walk.look(walk.at(page, "qian"), "2-lead")
    page.fill("#comment", "老客户")
    page.fill('[name="rows.0.price"]', "95")
    page.keyboard.press("Tab")
    page.click(".dec-btns [value=approve]")
    expect(page.locator("#problems")).to_contain_text("这一步必须填写这个字段")
    expect(page.locator("#comment")).to_have_value("老客户")
    page.fill("[name=due]", "2026-12-20")
    page.keyboard.press("Tab")
    # A hand is slower: an answer sent again while the first is under way is dropped.
    expect(page.locator(".dec-btns [value=approve]")).not_to_have_attribute("aria-busy", "true")
    page.click(".dec-btns [value=approve]")
    expect(page.locator(".fl-changes")).to_contain_text("98.00 → 95.00")


def directs(walk: Walk, page: Page) -> None:
    """On a phone, in the dark: signed, vouched for, and gone."""
    walk.at(page, "zhao", "/inbox")
    page.locator("a[data-item]").click()
    expect(page.locator(".ibx-why")).to_contain_text("因为 价税合计 ≥ 100,000")
    assert in_reach(page)
    walk.look(page, "3-boss-390")
    page.click(".dec-btns [value=approve]")
    expect(page.locator("#ibx-problem")).to_contain_text("请签名")
    signature(page)
    page.fill("[name=_password]", walk.server.password)
    page.click(".dec-btns [value=approve]")
    expect(page.locator(".toast")).to_contain_text("已同意")
    expect(page.locator("a[data-item]")).to_have_count(0)


def keeps_the_store(walk: Walk, page: Page) -> None:
    """Work on a phone: what the step lets be filled in, and the end of the flow."""
    walk.at(page, "zhou", "/inbox")
    page.locator("a[data-item]").click()
    page.get_by_role("link", name="打开单据填写").click()
    page.wait_for_load_state("networkidle")
    walk.look(page, "4-store-390")
    page.fill("[name=terms]", "货到付款")
    page.keyboard.press("Tab")
    page.click(".dec-btns [value=fill]")
    expect(page.locator("#status")).to_have_text("已审核")


def test_large_order__four_people_one_way(
    shared_server: LiveServer,
    new_page: PageMaker,
    axe: Look,
    screenshot: Callable[..., Path],
) -> None:
    install(shared_server)
    walk, seller = Walk(shared_server, axe, screenshot), new_page()
    sells(walk, seller)
    leads(walk, new_page())
    directs(walk, new_page(390, 844, dark=True))
    keeps_the_store(walk, new_page(390, 844))
    seller.reload()
    expect(seller.locator(".fl-sign img")).to_be_visible()
    expect(seller.locator(".fl")).to_contain_text("周仓 已办理")
    walk.look(seller, "5-done")


def test_keys__walk_approve_and_ask_for_the_reason(
    shared_server: LiveServer, new_page: PageMaker
) -> None:
    lead = signed_in(shared_server, new_page(), "wangjianguo", "/inbox")
    expect(lead.locator("#decision")).to_be_visible()
    lead.keyboard.press("r")
    expect(lead.locator("#comment")).to_be_focused()
    expect(lead.locator("#comment-problem")).to_be_visible()
    lead.keyboard.type("数量不对")
    expect(lead.locator("#comment-problem")).to_have_count(0)
    lead.keyboard.press("Escape")
    lead.locator(".ibx-h h2 a").focus()
    lead.keyboard.press("b")
    # What was begun goes along into the dialog.
    expect(lead.locator("dialog[data-deed=send_back][open] textarea")).to_have_value("数量不对")
    lead.keyboard.press("Escape")
    expect(lead.locator("dialog[open]")).to_have_count(0)
