"""The form designer's canvas in a real browser: by mouse, by keys, on a phone; to publication."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.boxes import box_of
from tests.browser.test_first_day import signed_in
from tests.live import LiveServer, demo_of_today, serving
from tests.prepared import Prepared

PageMaker = Callable[..., Page]
Axe = Callable[[Page], list[str]]
Photo = Callable[..., Path]
KINDS = (
    *("text", "long_text", "number", "money", "quantity", "percent"),
    *("date", "datetime", "choice", "multi_choice", "boolean", "user"),
)
CHECKING = re.compile("正在检查…|Checking…")
DELIVERY = "/design/jxc/forms/delivery"
# Generous, because a test machine does other things as well; nothing here is a measurement.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def designed(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server of its own: these tests publish."""
    home = tmp_path_factory.mktemp("canvas-server")
    url = f"sqlite:///{home / 'dajian.db'}"
    prepared.fill(url, "demo of today", demo_of_today)
    with serving(url, home) as server:
        yield server


def opened(server: LiveServer, page: Page, path: str = DELIVERY) -> Page:
    """An administrator before a canvas whose problems have been looked at."""
    page.context.set_default_timeout(60_000)
    signed_in(server, page, "admin", path)
    expect(page.locator("#problems-count")).not_to_have_text(CHECKING)
    return page


def empty_form(server: LiveServer, page: Page, name: str) -> Page:
    """The canvas of a new form of a new app."""
    page.context.set_default_timeout(60_000)
    signed_in(server, page, "admin", "/design")
    page.fill("#app-label", f"{name}应用")
    page.get_by_role("button", name="新建应用").click()
    page.fill("#form-label", name)
    page.get_by_text("档案", exact=True).first.click()
    page.get_by_role("button", name="新建表单").click()
    expect(page.locator("#problems-count")).not_to_have_text(CHECKING)
    return page


def fields(page: Page) -> list[str]:
    """The labels of the header's fields as they stand on the canvas."""
    return page.locator("#canvas .cf").evaluate_all("all => all.map(each => each.dataset.label)")


def chip(page: Page, kind: str) -> Locator:
    return page.locator(f'#library .chip[data-kind="{kind}"]')


def card(page: Page, label: str) -> Locator:
    return page.locator(f'#canvas .cf[data-label="{label}"]')


def kept(page: Page) -> None:
    """Wait until nothing is under way."""
    expect(page.locator("#saved")).not_to_have_class(re.compile("is-busy"))


def published(server: LiveServer, page: Page) -> list[str]:
    """The labels of the running form for a new record."""
    _app, form = page.url.split("/forms/")
    app = _app.rsplit("/", 1)[1]
    page.goto(f"{server.url}/a/{app}/{form.split('#')[0]}/new")
    found: list[str] = page.locator(".dform .field").evaluate_all(
        "all => all.map(each => (each.querySelector('.lbl:not([aria-hidden])') || each)"
        ".textContent.trim())"
    )
    return found


def dragged(page: Page, what: Locator, onto: Locator, *, before: bool = True) -> None:
    """Take something with the mouse and let it go over something else."""
    what.scroll_into_view_if_needed()
    start, end = box_of(what), box_of(onto)
    page.mouse.move(start["x"] + 20, start["y"] + 14)
    page.mouse.down()
    page.mouse.move(start["x"] + 28, start["y"] + 20, steps=3)
    aim = 0.2 if before else 0.8
    page.mouse.move(end["x"] + end["width"] * aim, end["y"] + end["height"] / 2, steps=12)
    page.mouse.move(end["x"] + end["width"] * aim + 2, end["y"] + end["height"] / 2, steps=2)
    page.mouse.up()


def widened(page: Page, label: str) -> None:
    """Pull a field of three columns to six by its handle."""
    card(page, label).click()
    grip, sheet = box_of(page.locator("#grip")), box_of(page.locator(".cgrid"))
    page.mouse.move(grip["x"] + 7, grip["y"] + 20)
    page.mouse.down()
    page.mouse.move(grip["x"] + 7 + sheet["width"] / 4, grip["y"] + 20, steps=6)
    page.mouse.up()
    expect(card(page, label)).to_have_attribute("data-width", "6")


def test_mouse__from_nothing_to_a_published_form_of_twelve_fields(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = empty_form(designed, new_page(), "车辆")
    for number, kind in enumerate(KINDS, start=1):
        chip(page, kind).click()
        expect(page.locator("#canvas .cf")).to_have_count(number)
    labels = fields(page)
    expect(card(page, labels[-1])).to_have_attribute("aria-current", "true")
    dragged(page, card(page, labels[2]), card(page, labels[0]))
    moved = [labels[2], labels[0], labels[1], *labels[3:]]
    expect(page.locator("#canvas .cf").first).to_have_attribute("data-label", labels[2])
    kept(page)
    assert fields(page) == moved
    widened(page, labels[3])
    page.locator("#tools [data-tool=required]").click()
    expect(card(page, labels[3]).locator("[data-name]")).to_have_class(re.compile("req"))
    page.locator("#tools [data-tool=delete]").click()
    expect(card(page, labels[3])).to_have_count(0)
    page.locator(".toast").get_by_role("button", name="撤销").click()
    expect(card(page, labels[3])).to_have_attribute("data-width", "6")
    # A kind dragged out of the library lands where it is let go.
    dragged(page, chip(page, "date"), card(page, labels[0]))
    expect(page.locator("#canvas .cf")).to_have_count(13)
    kept(page)
    assert axe(page) == []
    screenshot(page, "twelve", full_page=False)
    page.locator("#undo").click()
    expect(page.locator("#canvas .cf")).to_have_count(12)
    page.locator("#publish").click()
    page.locator("#publish-go").click()
    expect(page.locator("#dlg-publish")).to_be_hidden()
    assert published(designed, page) == moved


TYPED = ("wb", "dxwb", "sz", "je", "sl", "bfb", "rq", "rqsj", "dx", "multi", "sf", "cy")


def written(page: Page, names: list[str]) -> None:
    """Insert fields by a few letters of their kinds, and name each."""
    for typed, name in zip(TYPED, names, strict=True):
        page.keyboard.press("/")
        expect(page.locator("#insert-find")).to_be_focused()
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        # The name is the next thing to write; its code follows it.
        expect(page.locator("#rename")).to_be_focused()
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        expect(card(page, name)).to_be_focused()
        kept(page)


def pressed(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        kept(page)


def test_keyboard__from_nothing_to_a_published_form_of_twelve_fields(
    designed: LiveServer, new_page: PageMaker
) -> None:
    page = empty_form(designed, new_page(), "合同")
    names = [f"内容 {number}" for number in range(1, 13)]
    written(page, names)
    assert fields(page) == names
    last = page.locator("#canvas .cf").last
    expect(last).to_have_attribute("data-path", "nei_rong_12")
    pressed(page, "Alt+ArrowLeft", "Shift+ArrowRight", "*")
    moved = [*names[:10], names[11], names[10]]
    assert fields(page) == moved
    expect(card(page, names[11])).to_be_focused()
    expect(card(page, names[11])).to_have_attribute("data-width", "4")
    expect(card(page, names[11])).to_have_attribute("data-required", "")
    pressed(page, "Home", "ArrowRight", "ArrowRight")
    for key, count in (("Control+d", 13), ("Delete", 12), ("Control+z", 13), ("Control+z", 12)):
        page.keyboard.press(key)
        expect(page.locator("#canvas .cf")).to_have_count(count)
        kept(page)
    for key, count in (("Control+Shift+z", 13), ("Control+z", 12)):
        page.keyboard.press(key)
        expect(page.locator("#canvas .cf")).to_have_count(count)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#publish-note")).to_be_focused()
    page.keyboard.type("第一版")
    page.keyboard.press("Enter")
    expect(page.locator("#dlg-publish")).to_be_hidden()
    assert published(designed, page) == moved


def test_phone__from_nothing_to_a_published_form_of_twelve_fields_without_dragging(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = empty_form(designed, new_page(390, 844), "客诉")
    pane = page.locator(".dz-tabs")
    pane.locator("[data-pane=lib]").tap()
    for number, kind in enumerate(KINDS, start=1):
        chip(page, kind).tap()
        expect(page.locator("#canvas .cf")).to_have_count(number)
    assert axe(page) == []
    pane.locator("[data-pane=canvas]").tap()
    labels = fields(page)
    card(page, labels[4]).tap()
    page.locator("#tools [data-tool=earlier]").tap()
    kept(page)
    page.locator("#tools [data-tool=required]").tap()
    expect(card(page, labels[4])).to_have_attribute("data-required", "")
    moved = [*labels[:3], labels[4], labels[3], *labels[5:]]
    assert fields(page) == moved
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert axe(page) == []
    screenshot(page, "canvas", full_page=False)
    pane.locator("[data-pane=props]").tap()
    expect(page.locator("#pane-props")).to_be_visible()
    expect(page.locator("#tools")).to_be_hidden()
    page.locator("#publish").tap()
    page.locator("#publish-go").tap()
    expect(page.locator("#dlg-publish")).to_be_hidden()
    assert published(designed, page) == moved


def test_clicks__five_fields_another_order_required_and_published_in_twenty(
    designed: LiveServer, new_page: PageMaker
) -> None:
    page = empty_form(designed, new_page(), "报修")
    page.evaluate("window.clicks = 0; addEventListener('click', e => clicks += e.isTrusted, true)")
    # As fast as one likes: each waits for the one before it.
    for kind in KINDS[:5]:
        chip(page, kind).click()
    expect(page.locator("#canvas .cf")).to_have_count(5)
    labels = fields(page)
    expect(card(page, labels[4])).to_have_attribute("aria-current", "true")
    page.locator("#tools [data-tool=earlier]").click()
    page.locator("#tools [data-tool=required]").click()
    page.locator("#publish").click()
    page.locator("#publish-go").click()
    expect(page.locator("#dlg-publish")).to_be_hidden()
    clicks = page.evaluate("clicks")
    assert clicks == 9
    assert clicks <= 20
    assert published(designed, page) == [*labels[:3], labels[4], labels[3]]


def test_lines__columns_are_added_moved_and_restored(
    designed: LiveServer, new_page: PageMaker
) -> None:
    page = empty_form(designed, new_page(), "领料")
    chip(page, "lines").click()
    expect(page.locator("#canvas .cf-table")).to_have_count(1)
    for number, kind in enumerate(("text", "quantity", "date"), start=1):
        chip(page, kind).click()
        expect(page.locator("#canvas .sc[data-path]")).to_have_count(number)
    labels = page.locator("#canvas .sc[data-path]").evaluate_all("a => a.map(e => e.dataset.label)")
    page.keyboard.press("Escape")
    page.locator(f'#canvas .sc[data-label="{labels[2]}"]').click()
    page.keyboard.press("Alt+ArrowLeft")
    kept(page)
    columns = page.locator("#canvas .sc[data-path]")
    assert columns.evaluate_all("a => a.map(e => e.dataset.label)") == [
        labels[0],
        labels[2],
        labels[1],
    ]
    page.keyboard.press("Delete")
    expect(columns).to_have_count(2)
    page.locator("#tab-bin").click()
    page.locator("#bin").get_by_role("button", name=f"恢复{labels[2]}").click()
    expect(columns).to_have_count(3)
    assert columns.evaluate_all("a => a.map(e => e.dataset.label)") == [
        labels[0],
        labels[2],
        labels[1],
    ]
    # A line table inside a line table there is not: it goes after this one.
    page.locator("#tab-lib").click()
    chip(page, "lines").click()
    expect(page.locator("#canvas .cf-table")).to_have_count(2)


def test_sections_and_tabs__by_click_and_key(designed: LiveServer, new_page: PageMaker) -> None:
    page = empty_form(designed, new_page(), "资产")
    chip(page, "text").click()
    expect(page.locator("#canvas .cf")).to_have_count(1)
    page.locator("#add-section").click()
    sections = page.locator("#canvas [data-type=section]")
    expect(sections).to_have_count(2)
    expect(sections.nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("Enter")
    page.keyboard.type("附加信息")
    page.keyboard.press("Enter")
    expect(sections.nth(1)).to_have_attribute("data-label", "附加信息")
    kept(page)
    chip(page, "money").click()
    expect(page.locator("#canvas .sec").nth(1).locator(".cf")).to_have_count(1)
    sections.nth(1).click()
    page.keyboard.press("Alt+ArrowUp")
    expect(sections.nth(0)).to_have_attribute("data-label", "附加信息")
    kept(page)
    chip(page, "@tab").click()
    expect(page.locator("#canvas [data-type=tab]")).to_have_count(2)
    page.locator("#canvas [data-type=tab]").nth(0).click()
    expect(page.locator("#canvas .cf")).to_have_count(2)
    expect(page.locator("#canvas .cf").nth(0)).to_be_visible()
    page.locator("#canvas [data-type=tab]").nth(1).click()
    expect(page.locator("#canvas .cf").nth(0)).to_be_hidden()
    for _step in range(3):
        page.keyboard.press("Control+z")
        kept(page)
    expect(page.locator("#canvas [data-type=tab]")).to_have_count(0)


def test_outline__follows_and_leads(designed: LiveServer, new_page: PageMaker, axe: Axe) -> None:
    page = opened(designed, new_page())
    page.locator("#tab-outline").click()
    page.locator("#canvas [data-path=customer]").click()
    leaf = page.locator('#outline [data-path="customer"]')
    expect(leaf).to_have_attribute("aria-selected", "true")
    leaf.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#canvas [data-path=document_date]")).to_have_attribute(
        "aria-current", "true"
    )
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#canvas .cf").nth(1)).to_have_attribute("data-path", "document_date")
    expect(page.locator('#outline [data-path="document_date"]')).to_be_focused()
    kept(page)
    assert axe(page) == []
    page.keyboard.press("Control+z")
    expect(page.locator("#canvas .cf").nth(1)).to_have_attribute("data-path", "customer")


def test_eyes_of_a_role__what_it_does_not_see_is_hatched(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = opened(designed, new_page(), "/design/jxc/forms/item")
    page.select_option("#as", "sales")
    expect(page.locator("#canvas [data-path=standard_cost]")).to_have_class(re.compile("is-ghost"))
    expect(page.locator("#canvas [data-path=name]")).not_to_have_class(re.compile("is-ghost"))
    page.get_by_role("button", name="手机", exact=True).click()
    assert box_of(page.locator("#stage"))["width"] <= 390
    assert axe(page) == []
    screenshot(page, "role", full_page=False)


def test_two_people__the_second_reads_what_happened_and_goes_on(
    designed: LiveServer, new_page: PageMaker, screenshot: Photo
) -> None:
    first, second = opened(designed, new_page()), opened(designed, new_page())
    first.locator("#canvas [data-path=note]").click()
    first.keyboard.press("*")
    expect(first.locator("#canvas [data-path=note]")).to_have_attribute("data-required", "")
    kept(first)
    second.locator("#canvas [data-path=warehouse]").click()
    second.keyboard.press("Shift+ArrowRight")
    expect(second.locator(".toast")).to_be_visible()
    expect(second.locator("#canvas [data-path=note]")).to_have_attribute("data-required", "")
    expect(second.locator("#canvas [data-path=warehouse]")).to_have_attribute("data-width", "3")
    screenshot(second, "conflict", full_page=False)
    second.keyboard.press("Shift+ArrowRight")
    kept(second)
    expect(second.locator("#canvas [data-path=warehouse]")).to_have_attribute("data-width", "4")
    expect(second.locator("#undo")).not_to_have_attribute("aria-disabled", "true")


def test_problem__is_found_by_a_click(designed: LiveServer, new_page: PageMaker, axe: Axe) -> None:
    page = empty_form(designed, new_page(), "退款")
    chip(page, "text").click()
    chip(page, "formula").click()
    expect(page.locator("#canvas .cf")).to_have_count(2)
    opener = page.locator("#problems-open")
    expect(opener).to_have_attribute("data-tone", "err")
    opener.click()
    expect(page.locator("#problems .is-err").first).to_be_visible()
    assert axe(page) == []
    page.locator("#canvas .cf").first.click()
    page.locator("#problems .is-err").first.click()
    expect(page.locator("#canvas .cf[data-kind=formula]")).to_have_attribute("aria-current", "true")
    page.locator("#publish").click()
    page.locator("#publish-go").click()
    expect(page.locator("#publish-report .note-err")).to_be_visible()
    expect(page.locator("#dlg-publish")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "dark"), [(1440, False), (1440, True), (390, False), (390, True)]
)
def test_page__is_accessible_and_nothing_is_cut(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo, width: int, dark: bool
) -> None:
    page = new_page(width, 844 if width < 600 else 900, dark=dark, locale="en" if dark else "zh-CN")
    opened(designed, page)
    page.locator("#canvas [data-path=customer]").click()
    expect(page.locator("#tools")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    screenshot(page, "canvas", full_page=False)
