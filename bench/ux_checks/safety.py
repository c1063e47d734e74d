"""Nothing typed is lost, nobody is led astray: swaps, refusals, outages, two people at once."""

import re
import time
from collections.abc import Iterator
from typing import Final

from playwright.sync_api import Page, Route

from bench.ux_checks.room import CODES, FORM, NEW, Check, Room, header, press, rows, settled

COMPOSE: Final = {"text": "ni", "selectionStart": 2, "selectionEnd": 2}
ENTER: Final = {
    "type": "rawKeyDown",
    "key": "Process",
    "code": "Enter",
    "windowsVirtualKeyCode": 229,
}
BOXES: Final = ("customer", "document_date", "note", "lines-0-item", "lines-0-qty")
OUTAGE: Final = {"quick": 3, "full": 10}
CLEAR: Final = """id => { const box = document.getElementById(id).getBoundingClientRect();
  const bar = document.querySelector('.totbar')?.getBoundingClientRect().top ?? innerHeight;
  return document.activeElement.id === id && box.bottom <= bar + 1
    && box.top >= document.querySelector('.phead').getBoundingClientRect().bottom - 1; }"""


def _yes(check: str, what: str, is_met: bool) -> Check:  # noqa: FBT001 - the answer itself
    return Check(check, what, "yes" if is_met else "no", "yes", is_met)


def _composition(room: Room) -> Check:
    """The answer to a save arrives while a Chinese word is half typed."""
    kept = []
    with room.page() as page:
        page.route(f"**{FORM}", lambda route: _late(route, 600))
        page.focus("#f-note")
        press(page, "Control+Enter")
        tools = page.context.new_cdp_session(page)
        tools.send("Input.imeSetComposition", COMPOSE)
        page.wait_for_selector("#problems [data-summary]")
        kept.append("ni" in page.input_value("#f-note"))
    with room.page(FORM) as page:
        page.focus("input[type=search]")
        page.keyboard.type("0001")
        tools = page.context.new_cdp_session(page)
        tools.send("Input.imeSetComposition", COMPOSE)
        page.wait_for_timeout(1500)
        tools.send("Input.insertText", {"text": "你"})
        kept.append(page.input_value("input[type=search]") == "0001你")
    return _yes("17", "a word half typed survives a swap, form and list", all(kept))


def _late(route: Route, milliseconds: int) -> None:
    time.sleep(milliseconds / 1000)
    route.continue_()


def _in_flight(room: Room) -> Check:
    with room.page() as page:
        page.route(f"**{FORM}", lambda route: _late(route, 800))
        page.focus("#f-note")
        press(page, "ab", "Control+Enter", "cd", "Tab")
        page.wait_for_selector("#problems [data-summary]")
        return _yes("18", "typed on while saving: kept", page.input_value("#f-note") == "abcd")


def _enter(room: Room) -> Check:
    moved, sent = [], []
    with room.page() as page:
        page.on("request", lambda request: sent.append(request.method == "POST"))
        tools = page.context.new_cdp_session(page)
        for box in BOXES:
            page.focus(f"#f-{box}")
            tools.send("Input.imeSetComposition", COMPOSE)
            tools.send("Input.dispatchKeyEvent", ENTER)
            if page.evaluate("document.activeElement.id") != f"f-{box}":
                moved.append(box)
            tools.send("Input.imeSetComposition", COMPOSE | {"text": "", "selectionEnd": 0})
    what = f"Enter that takes a candidate, in {len(BOXES)} boxes: moves {moved or 'nothing'}"
    return _yes("19", what, not moved and not any(sent))


def _keyboard_only(room: Room) -> Check:
    """From the sign-in to the submitted document; no mouse event is ever sent."""
    context = room.browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.add_init_script("addEventListener('mousedown', () => { window.mouse = true; }, true)")
    page.goto(f"{room.url}/sign-in")
    press(page, "zhangmin", "Tab", "a demo for benchmarks", "Enter")
    page.wait_for_selector("#shell")
    press(page, "Control+k")
    page.wait_for_selector("dialog[open] input")
    page.keyboard.type("销售出库")
    page.wait_for_timeout(1200)
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/delivery"))
    if not page.url.endswith("/new"):
        press(page, "Alt+n")
    page.wait_for_selector("line-grid tbody tr.ghost", state="attached")
    press(page, "hy", "Enter", "Enter", "nbzc", "Enter", "Enter", CODES[0], "Enter", "1", "Enter")
    settled(page)
    press(page, "Control+Enter")
    page.wait_for_url(re.compile(r"/delivery/\d+$"))
    is_met = not page.evaluate("window.mouse")
    context.close()
    return _yes("25", "from sign-in to submission by keyboard alone", is_met)


def _refused(room: Room) -> Iterator[Check]:
    with room.page() as page:
        header(page)
        for code in CODES:
            press(page, code, "Enter", "99999", "Enter")
        settled(page)
        press(page, "Control+Enter")
        page.wait_for_selector("#problems [data-summary]")
        on_summary = bool(page.evaluate("document.activeElement.hasAttribute('data-summary')"))
        yield _yes("27", "after a swap the focus is somewhere", on_summary)
        links = page.locator("#problems a[data-at]")
        led = 0
        for number in range(links.count()):
            at = links.nth(number).get_attribute("data-at")
            links.nth(number).evaluate("link => link.click()")
            page.wait_for_timeout(150)
            led += bool(page.evaluate(CLEAR, at))
        figure = f"{led}/{links.count()}"
        is_met = on_summary and led == links.count() > 0
        yield Check("28", "links of the summary that lead to their box", figure, "all", is_met)
        before, note = rows(page), page.input_value("#f-customer")
        page.route(f"**{FORM}", lambda route: route.fulfill(status=500, body="broken"))
        press(page, "Control+Enter")
        page.wait_for_selector(".toast")
        is_kept = rows(page) == before and page.input_value("#f-customer") == note != ""
        yield _yes("29", "after a 422 and a 500 all is still there", is_kept)


def _outage(room: Room) -> Check:
    """The line is cut while somebody types, the page dies, and all of it comes back."""
    with room.page() as page:
        header(page)
        press(page, CODES[0], "Enter", "4", "Enter")
        settled(page)
        page.context.set_offline(True)
        page.fill("#f-note", "断网时写的")
        page.wait_for_timeout(OUTAGE[room.size] * 1000)
        page.focus("#f-lines-0-qty")
        page.wait_for_timeout(1500)
        said = str(page.text_content("#draft-state"))
        press(page, "Control+s")
        page.wait_for_selector(".toast")
        is_there = page.input_value("#f-note") == "断网时写的" and rows(page)[0][1] == "4"
        page.context.set_offline(False)
        other = page.context.new_page()
        page.close()
        other.goto(room.url + NEW)
        other.wait_for_selector("#draft-offer:not([hidden])")
        other.click("[data-restore]")
        is_back = other.input_value("#f-note") == "断网时写的" and rows(other)[0][1] == "4"
        what = f"offline while typing, then the tab closed: nothing lost; it said “{said.strip()}”"
        return _yes("38", what, is_there and is_back and "断开" in said)


def _two_people(room: Room) -> Check:
    with room.page("/a/jxc/customer", who="zhangmin") as first:
        address = str(first.locator("tbody a[href*='/customer/']").first.get_attribute("href"))
        first.goto(room.url + address)
        with room.page(address, who="zhangmin") as second:
            _change(first, "contact", "先存的人")
            first.wait_for_selector("#draft-state:not([hidden])")
            _change(second, "contact", "后存的人")
            second.wait_for_selector("#problems [data-conflict]")
            told = str(second.text_content("#problems [data-conflict]"))
            is_told = "先存的人" in told and "后存的人" in told
        with room.page(address, who="zhangmin") as third:
            is_safe = third.input_value("#f-contact") == "先存的人"
    return _yes("39", "two people, one record: the second sees both values", is_told and is_safe)


def _change(page: Page, code: str, text: str) -> None:
    page.fill(f"#f-{code}", text)
    press(page, "Control+s")


CHECKS: Final = (
    _composition,
    _in_flight,
    _enter,
    _keyboard_only,
    _refused,
    _outage,
    _two_people,
)
