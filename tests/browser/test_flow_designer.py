"""The flow designer in a real browser: three branches from nothing without a drag, tried out."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_first_day import signed_in
from tests.live import LiveServer

PageMaker = Callable[..., Page]
Axe = Callable[[Page], list[str]]
Photo = Callable[..., Path]
DELIVERY = "/design/jxc/forms/delivery/flow"
MOST_CLICKS = 35


class Hand:
    """Counts what somebody does with the mouse; a choice in a list is one, typing is none."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def choose(self, title: str, text: str) -> None:
        self.page.locator("#props").get_by_label(title, exact=True).select_option(label=text)
        self.clicks += 1
        kept(self.page)

    def write(self, text: str) -> None:
        """Type over the name that is waiting for it."""
        expect(self.page.locator("#fs-name")).to_be_focused()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        kept(self.page)

    def add(self, plus: Locator, kind: str, name: str = "") -> None:
        before = self.page.locator("#canvas [data-stop]").count()
        self.click(plus)
        self.click(self.page.get_by_role("menuitem", name=kind))
        expect(self.page.locator("#canvas [data-stop]")).not_to_have_count(before)
        if name:
            self.write(name)

    def pick(self, text: str) -> None:
        self.click(self.page.locator("#props .fs-opt", has_text=text))
        kept(self.page)

    def condition(self, field: str, value: str) -> None:
        self.page.locator(".cw-row select").first.select_option(label=field)
        self.clicks += 1
        # Of a figure the large ones are asked for, and the box for it has the focus.
        self.page.keyboard.type(value)
        self.page.keyboard.press("Tab")
        kept(self.page)


def kept(page: Page) -> None:
    """Wait until nothing is under way."""
    expect(page.locator("#saved")).not_to_have_class(re.compile("is-busy"))


def plus(page: Page, home: str, at: int) -> Locator:
    """The + of a list of steps."""
    return page.locator(f'.fadd[data-in="{home}"][data-index="{at}"]')


def lane(page: Page, at: int) -> str:
    return page.locator("#canvas .fcnd").nth(at).get_attribute("data-path") or ""


def test_three_branches__from_nothing_without_a_drag_and_tried_out(
    live_server: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = new_page()
    page.context.set_default_timeout(60_000)
    signed_in(live_server, page, "admin", DELIVERY)
    hand = Hand(page)
    hand.click(page.get_by_role("button", name="新建审批流程"))
    expect(page.locator("#panel[data-path=start]")).to_be_visible()
    hand.add(plus(page, "", 0), "审批人", "销售主管审批")
    hand.add(plus(page, "", 1), "条件分支", "大额订单")
    hand.condition("金额合计", "100000")
    hand.click(page.get_by_role("button", name="添加条件"))
    hand.write("低于限价")
    hand.condition("最低 单价", "85")
    page.locator(".cw-row select").nth(1).select_option(label="小于")
    hand.clicks += 1
    kept(page)
    expect(page.locator(".fcnd-b")).to_have_text(
        ["金额合计 ≥ 100,000", "商品明细 最低 单价 < 85", "以上都不满足"]
    )
    peopled(hand)
    assert hand.clicks <= MOST_CLICKS, hand.clicks
    tried(page)
    screenshot(page, "three-branches", full_page=False)
    assert axe(page) == []
    undone(page)


def peopled(hand: Hand) -> None:
    """The steps of the branches and behind them, each with whom it asks."""
    page = hand.page
    hand.add(plus(page, lane(page, 0), 0), "审批人", "总经理审批")
    hand.pick("角色")
    hand.choose("添加到角色", "仓库主管")
    hand.add(plus(page, lane(page, 1), 0), "审批人", "价格委员会会签")
    hand.pick("角色")
    hand.choose("添加到角色", "采购")
    hand.click(page.locator("#props").get_by_role("button", name="会签"))
    kept(page)
    hand.add(plus(page, "", 2), "办理人", "仓库核对")
    hand.pick("指定成员")
    hand.choose("添加到成员", "陈丽")
    hand.add(plus(page, "", 3), "抄送人", "抄送仓管")
    hand.pick("表单内成员")
    hand.choose("哪个字段", "发货仓库.仓管员")
    hand.add(plus(page, "", 4), "生成单据", "生成退货单")
    hand.choose("生成什么单据", "客户退货")


def tried(page: Page) -> None:
    """What is typed decides which way lights up, and who is asked is named."""
    page.click("#sim-open")
    total = page.locator('#sim [name="v.amount_total"]')
    total.fill("128640")
    expect(page.locator(".sim-out .hit")).to_contain_text("命中“大额订单”")
    expect(page.locator(f'#canvas [data-path="{lane(page, 0)}"]')).to_have_class(
        re.compile(r"\bon\b")
    )
    expect(page.locator(f'#canvas [data-path="{lane(page, 1)}"]')).not_to_have_class(
        re.compile(r"\bon\b")
    )
    total.fill("10")
    page.locator('#sim [name="v.lines.price"]').fill("99")
    expect(page.locator(".sim-out")).to_contain_text("其他情况")


def undone(page: Page) -> None:
    """The draft of the shared server is left as it was found."""
    if page.locator("#sim-close").is_visible():
        page.click("#sim-close")
    while page.locator("#undo:not([aria-disabled=true])").count():
        rev = page.locator("#rev").get_attribute("data-rev") or ""
        page.click("#undo")
        expect(page.locator("#rev")).not_to_have_attribute("data-rev", rev)
    expect(page.get_by_role("button", name="新建审批流程")).to_be_visible()


def test_condition__stays_while_the_panel_is_drawn_again(
    live_server: LiveServer, new_page: PageMaker
) -> None:
    """What comes back from the server while somebody is in a condition leaves its rows alone."""
    page = new_page()
    page.context.set_default_timeout(60_000)
    signed_in(live_server, page, "admin", DELIVERY)
    page.get_by_role("button", name="新建审批流程").click()
    expect(page.locator("#panel[data-path=start]")).to_be_visible()
    Hand(page).add(plus(page, "", 0), "条件分支", "大额订单")
    page.locator(".cw-row select").first.select_option(label="金额合计")
    drawn = (
        "window.drawn = new Promise((done) =>"
        " document.addEventListener('flow:panel', () => done(true), {once: true})); null"
    )
    page.evaluate(drawn)
    page.keyboard.type("100000")
    # The change is kept, the focus stays in the condition, and the panel comes back.
    page.keyboard.press("Tab")
    assert page.evaluate("window.drawn")
    assert page.evaluate("document.querySelector('.cw').contains(document.activeElement)")
    expect(page.locator(".cw-row")).to_have_count(1)
    expect(page.locator(".cw-row [data-cw=value]")).to_have_value("100000")
    # Once nobody is in it, it is drawn as it is kept.
    page.locator("#fs-name").focus()
    page.evaluate(drawn)
    page.keyboard.type("很大的订单")
    page.keyboard.press("Enter")
    assert page.evaluate("window.drawn")
    expect(page.locator(".cw-row")).to_have_count(1)
    expect(page.locator(".cw-row [data-cw=value]")).to_have_value("100000")
    expect(page.locator(".fcnd-b").first).to_have_text("金额合计 ≥ 100,000")
    undone(page)
