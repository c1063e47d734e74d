"""The formula editor in a real browser: found, written by initials, tried, corrected, kept."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_first_day import header, line, signed_in
from tests.live import LiveServer, serving

PageMaker = Callable[..., Page]
Axe = Callable[[Page], list[str]]
Photo = Callable[..., Path]
LIST = "/design/jxc/formulas"
# Generous, because a test machine does other things as well; nothing here is a measurement.
expect.set_options(timeout=30_000)
AMOUNT = f"{LIST}/delivery/lines.amount/formula"


@pytest.fixture(scope="module")
def designed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server of its own: these tests publish."""
    home = tmp_path_factory.mktemp("formula-server")
    with serving(f"sqlite:///{home / 'dajian.db'}", home) as server:
        yield server


def editor(page: Page) -> Locator:
    """The box one writes in; it lies in a shadow root."""
    return page.locator("#fx-editor .cm-content")


def opened(server: LiveServer, page: Page, path: str = AMOUNT) -> Page:
    """An administrator at a formula that has been checked and tried."""
    signed_in(server, page, "admin", path)
    expect(page.locator("#fx-state .fx-ok")).to_be_visible()
    return page


def emptied(page: Page) -> None:
    editor(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")


def chosen(page: Page, typed: str, label: str, key: str = "Tab") -> None:
    """Type a few letters and take the first of the list."""
    page.keyboard.type(typed)
    first = page.locator("#fx-editor .cm-tooltip-autocomplete li").first
    expect(first).to_have_attribute("aria-selected", "true")
    expect(first.locator(".cm-completionLabel")).to_have_text(label)
    page.keyboard.press(key)


def chips(page: Page) -> list[str]:
    return page.locator("#fx-editor .fx-chip").all_inner_texts()


def results(page: Page) -> list[str]:
    return page.locator("#fx-results b").all_inner_texts()


def test_formula__is_found_from_anywhere(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = signed_in(designed, new_page(), "admin")
    page.keyboard.press("Control+k")
    page.locator("#palette-q").fill("gs")
    page.locator("#palette-list a", has_text="公式").first.click()
    expect(page.get_by_role("heading", name="公式", exact=True)).to_be_visible()
    assert axe(page) == []
    screenshot(page, "list", full_page=False)
    page.fill("#q", "xsck je")
    expect(page.locator("#list .lst")).to_have_count(1)
    page.get_by_role("link", name="商品明细.金额").click()
    expect(page.locator("#fx-state")).to_contain_text("结果是金额")
    assert chips(page) == ["数量", "单价"]
    assert results(page)
    assert axe(page) == []
    screenshot(page, "editor", full_page=False)


def test_formula__written_by_initials_is_used_in_the_document(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = opened(designed, new_page())
    emptied(page)
    page.keyboard.type("round（")
    chosen(page, "sl", "数量")
    page.keyboard.type("*")
    chosen(page, "dj", "单价", "Enter")
    page.keyboard.type("*0.9，2，1）")
    # Full-width signs became plain ones; one argument too many is said where it stands.
    expect(page.locator("#fx-text")).to_have_value("round({qty}*{price}*0.9,2,1)")
    problem = page.locator("#fx-problems li")
    expect(problem).to_have_text("ROUND 需要 1–2 个参数，现在有 3 个")
    expect(page.locator("#fx-editor .cm-lintRange-error").first).to_be_visible()
    assert axe(page) == []
    screenshot(page, "mistake", full_page=False)
    for key in ("ArrowLeft", "Backspace", "Backspace"):
        page.keyboard.press(key)
    expect(problem).to_have_count(0)
    expect(page.locator("#fx-state")).to_contain_text("结果是金额")
    expect(page.locator("#fx-results b").first).not_to_be_empty()
    page.keyboard.press("Control+s")
    expect(page.locator("#fx-saved")).to_contain_text("已保存到草稿")
    expect(page.locator("#fx-text")).to_have_value("=round({qty}*{price}*0.9,2)")
    screenshot(page, "saved", full_page=False)
    page.get_by_role("link", name="看看改了什么，然后发布").click()
    page.fill("#note", "九折")
    page.locator("#publish").click()
    expect(page.locator("#ds-done")).to_be_visible()

    seller = signed_in(designed, new_page(), "zhangmin", "/a/jxc/delivery/new")
    header(seller, "C002")
    line(seller, "10021", "2")
    expect(seller.locator("[data-col=amount] .v").first).to_have_text("154.80")


def test_trial__on_another_record_and_on_typed_values(
    designed: LiveServer, new_page: PageMaker
) -> None:
    page = opened(designed, new_page(), f"{LIST}/purchase_receipt/amount_total/formula")
    assert len(results(page)) == 1
    before = results(page)
    page.locator("#fx-record").click()
    option = page.locator("#fx-records [role=option]").nth(1)
    number = option.locator("span").first.inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#fx-record")).to_have_value(number)
    expect(page.locator("#fx-results b")).not_to_have_text(before[0])
    page.get_by_label("给 商品明细.金额 手填一个值").fill("1000, 0.5, 0.25")
    expect(page.locator("#fx-results b")).to_have_text("1,000.75")
    page.get_by_label("给 商品明细.金额 手填一个值").fill("一百")
    expect(page.locator("#fx-values .err-msg")).to_have_text("这里要填数字")
    page.locator("#fx-editor .fx-chip").hover()
    title = page.locator("#fx-editor .fx-chip").get_attribute("title")
    assert title is not None
    assert title.startswith("lines.amount · ")


def test_typed_names__become_fields_and_a_chip_is_one_piece(
    designed: LiveServer, new_page: PageMaker
) -> None:
    page = opened(designed, new_page(), f"{LIST}/purchase_receipt/qty_total/formula")
    emptied(page)
    page.keyboard.type("sum(lines.qty) + 数量合计 ", delay=5)
    page.keyboard.press("Escape")
    expect(page.locator("#fx-editor .fx-chip")).to_have_text(["商品明细.数量", "数量合计"])
    expect(page.locator("#fx-problems li")).to_contain_text("公式循环引用")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    expect(page.locator("#fx-text")).to_have_value("sum({lines.qty}) + ")
    # In quotes nothing is a field, and a full-width comma stays one.
    page.keyboard.type("“数量，合计”")
    expect(page.locator("#fx-text")).to_have_value('sum({lines.qty}) + "数量，合计"')


def test_functions__are_found_by_meaning_and_explained(
    designed: LiveServer, new_page: PageMaker
) -> None:
    page = opened(designed, new_page())
    page.locator("#fx-editor .cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("F1")
    expect(page.locator("#fx-doc h3")).to_contain_text("ROUND(")
    page.fill("#fx-find", "人民币")
    expect(page.locator("#fx-list .fx-item b").first).to_have_text("RMBCAP")
    page.locator("#fx-find").press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#fx-doc h3")).to_contain_text("RMBCAP(")
    emptied(page)
    page.get_by_role("button", name="插入").click()
    page.keyboard.type("1")
    expect(page.locator("#fx-text")).to_have_value("RMBCAP(1)")
    page.get_by_role("button", name="字段", exact=True).click()
    page.fill("#fx-find", "kh")
    page.locator("#fx-list .fx-item", has_text="客户").first.click()
    assert "客户" in " ".join(chips(page))


def test_two_people__the_second_reads_why_and_loses_nothing(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    path = f"{LIST}/transfer/qty_total/formula"
    first, second = opened(designed, new_page(), path), opened(designed, new_page(), path)
    for page, text in ((first, "sum(lines.qty)*1"), (second, "sum(lines.qty)*2")):
        emptied(page)
        page.keyboard.type(text)
        page.keyboard.press("Escape")
        expect(page.locator("#fx-text")).to_have_value(text.replace("lines.qty", "{lines.qty}"))
    first.keyboard.press("Control+s")
    expect(first.locator("#fx-saved")).to_be_visible()
    second.keyboard.press("Control+s")
    expect(second.locator("#fx-refusal")).to_contain_text("刚刚改了草稿")
    expect(second.locator("#fx-refusal")).to_be_focused()
    expect(second.locator("#fx-editor .fx-chip")).to_have_text("商品明细.数量")
    assert axe(second) == []
    screenshot(second, "conflict")
    second.keyboard.press("Control+s")
    expect(second.locator("#fx-saved")).to_be_visible()
    expect(second.locator("#fx-text")).to_have_value("=sum({lines.qty})*2")


def test_new_field__by_keyboard_alone(designed: LiveServer, new_page: PageMaker, axe: Axe) -> None:
    page = signed_in(designed, new_page(), "admin", f"{LIST}/new?form=purchase_receipt&lines=lines")
    assert axe(page) == []
    page.locator("#fx-where").focus()
    for text in ("", "", "2", "含税金额", "", "amount_taxed"):
        if text:
            page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(editor(page)).to_be_focused()
    chosen(page, "je", "金额")
    page.keyboard.type("*1.13")
    expect(page.locator("#fx-state")).to_contain_text("结果是金额")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="商品明细.含税金额")).to_be_visible()
    expect(page.locator("#fx-text")).to_have_value("={amount}*1.13")


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone__one_column_and_nothing_cut(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo, dark: bool
) -> None:
    page = new_page(390, 844, dark=dark, locale="en" if dark else "zh-CN")
    opened(designed, page, f"{LIST}/purchase_receipt/lines.amount/formula")
    for path in (None, LIST):
        if path:
            page.goto(designed.url + path)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0
        assert axe(page) == []
        screenshot(page, "list" if path else "editor")
