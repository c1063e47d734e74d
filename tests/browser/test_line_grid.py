"""The line grid in a real browser: keyboard, paste, scanner, input method, phone, nothing lost."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from build_tools.vendor import STATIC
from tests.live import LiveServer

Axe = Callable[[Page], list[str]]
Picture = Callable[..., Any]
PageMaker = Callable[..., Page]

NEW = "/a/jxc/delivery/new"
ROWS = """() => [...document.querySelectorAll('line-grid tbody tr')].map(row =>
  [...row.querySelectorAll('td[data-col] input:not([type=hidden])')].map(input => input.value))"""
PASTE = """text => {
  const held = new DataTransfer();
  held.setData('text/plain', text);
  document.activeElement.dispatchEvent(
    new ClipboardEvent('paste', {clipboardData: held, bubbles: true, cancelable: true}));
}"""
# What a scanner's keys look like while a Chinese input method is on.
SCAN = """code => {
  const send = (code, key, keyCode) => document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', {code, key, keyCode, bubbles: true, cancelable: true}));
  for (const digit of code) send('Digit' + digit, 'Process', 229);
  send('Enter', 'Enter', 13);
}"""


def opened(server: LiveServer, page: Page, path: str = NEW, name: str = "zhangmin") -> Page:
    """The page at `path`, read by somebody of the demo company."""
    page.goto(f"{server.url}/sign-in")
    page.fill("#name", name)
    page.fill("#password", server.password)
    page.press("#password", "Enter")
    page.wait_for_selector("#shell")
    page.goto(server.url + path)
    page.wait_for_selector("line-grid tbody tr.ghost", state="attached")
    return page


@pytest.fixture
def sheet(shared_server: LiveServer, browser_page: Page) -> Page:
    """A new delivery of 张敏."""
    return opened(shared_server, browser_page)


def press(page: Page, *keys: str) -> int:
    """Press named keys and type everything else; returns how many strokes that were."""
    strokes = 0
    for key in keys:
        if key in {"Enter", "F4", "Escape", "Insert"} or key.startswith(("Control+", "Alt+")):
            page.keyboard.press(key)
            strokes += 1
        else:
            page.keyboard.type(key)
            strokes += len(key)
    return strokes


def rows(page: Page) -> list[list[str]]:
    """The boxes of the lines, row by row: item, quantity, price, note."""
    found: list[list[str]] = page.evaluate(ROWS)
    return found


def at(page: Page) -> str:
    """The id of the box that has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def settled(page: Page) -> None:
    """Wait until every typed code has its record."""
    item = "ref-lookup[data-field='lines.item'] input[type=hidden][value='']"
    waiting = f"line-grid tbody tr:not(.ghost) {item}"
    expect(page.locator(waiting)).to_have_count(0)


def header(page: Page) -> int:
    """Fill the header by keyboard; the last Enter stands in the first line."""
    page.focus("#f-customer")
    return press(page, "hy", "Enter", "1121", "Enter", "宁波主仓", "Enter", "Enter")


TEN = ("10021", "10022", "10034", "10057", "10061", "20008", "20011", "20019", "20023", "30002")


def test_ten_lines_by_keyboard__few_strokes_no_click_nothing_lost(sheet: Page) -> None:
    strokes = header(sheet)
    assert at(sheet) == "f-lines-0-item"
    for number, code in enumerate(TEN, start=1):
        strokes += press(sheet, code, "Enter", str(number), "Enter")
    settled(sheet)
    expect(sheet.locator("[data-count]")).to_have_text("10")
    found = rows(sheet)
    assert [row[1] for row in found] == [str(number) for number in range(1, 11)] + [""]
    assert found[7][0] == "角磨机"
    assert found[7][2] == "268.00"
    assert strokes <= 105
    assert sheet.text_content("tr:nth-child(8) [data-out=amount]") == "2,144.00"


def test_machine_speed__forty_lines_none_lost(sheet: Page) -> None:
    header(sheet)
    for number in range(40):
        press(sheet, TEN[number % 10], "Enter", str(number + 1), "Enter")
    settled(sheet)
    found = rows(sheet)[:-1]
    assert [row[1] for row in found] == [str(number + 1) for number in range(40)]
    assert [row[0] for row in found[:10]] == [row[0] for row in found[30:]]


def test_totals_follow_the_typing__in_words_too(sheet: Page) -> None:
    header(sheet)
    press(sheet, "20019", "Enter", "=48*2+0.5", "Enter")
    settled(sheet)
    expect(sheet.locator("[data-total=amount_total]")).to_have_text("¥ 25,862.00")
    assert sheet.text_content("[data-words]") == "贰万伍仟捌佰陆拾贰元整"
    assert rows(sheet)[0][1] == "96.5"


def test_stock_stands_beside_the_line__short_is_marked(sheet: Page) -> None:
    header(sheet)
    press(sheet, "20019", "Enter", "99999", "Enter")
    sheet.wait_for_selector("td.stk.warn")
    assert "超出可用库存" in str(sheet.get_attribute("#f-lines-0-qty", "aria-description"))
    sheet.fill("#f-lines-0-qty", "1")
    sheet.wait_for_selector("td.stk.warn", state="detached")


def test_rows__insert_copy_move_delete_undo(sheet: Page) -> None:
    header(sheet)
    for code, qty in (("20019", "1"), ("10021", "2")):
        press(sheet, code, "Enter", qty, "Enter")
    settled(sheet)
    sheet.focus("#f-lines-1-qty")
    press(sheet, "Alt+Shift+ArrowUp")
    assert [row[1] for row in rows(sheet)] == ["2", "1", ""]
    assert at(sheet) == "f-lines-1-qty"
    press(sheet, "Control+Delete")
    assert [row[1] for row in rows(sheet)] == ["1", ""]
    press(sheet, "Control+z")
    assert [row[1] for row in rows(sheet)] == ["2", "1", ""]
    sheet.focus("#f-lines-0-qty")
    press(sheet, "Control+d")
    assert [row[1] for row in rows(sheet)] == ["2", "2", ""]
    press(sheet, "Insert")
    assert [row[1] for row in rows(sheet)] == ["2", "", "2", ""]


def test_paste__windows_block_with_quotes_and_a_stranger(sheet: Page) -> None:
    header(sheet)
    before = rows(sheet)
    sheet.evaluate(PASTE, 'SP10021\t1,000\t"12.5"\r\n"SP\n20019"\t2\t\r\nSP10034\t3\t9\r\n')
    sheet.wait_for_selector(".toast")
    found = rows(sheet)
    assert [row[1:3] for row in found] == [["1,000", "12.50"], ["2", ""], ["3", "9.00"], ["", ""]]
    assert found[0][0] == "不锈钢六角螺栓"
    assert found[1][0] == "SP 20019"
    assert sheet.locator("td.bad").count() == 1
    assert sheet.text_content(".toast span") == "已粘贴 3 行，1 处没有认出"
    sheet.click(".toast button")
    assert rows(sheet) == before


def test_paste__header_row_maps_the_columns(sheet: Page) -> None:
    header(sheet)
    sheet.evaluate(PASTE, "数量\t商品\n5\tSP20019\n6\tSP10021\n")
    sheet.wait_for_selector(".toast")
    assert [row[:2] for row in rows(sheet)[:2]] == [["角磨机", "5"], ["不锈钢六角螺栓", "6"]]


def test_paste__five_hundred_rows_are_one_request(sheet: Page) -> None:
    header(sheet)
    asked: list[str] = []
    sheet.on("request", lambda request: asked.append(request.url))
    sheet.evaluate(PASTE, "".join(f"SP10021\t{number}\t1\r\n" for number in range(1, 501)))
    sheet.wait_for_selector(".toast")
    assert len([url for url in asked if url.endswith("/resolve")]) == 1
    expect(sheet.locator("[data-total=qty_total]")).to_have_text("125,250")


def test_scanner__works_with_an_input_method_on(sheet: Page) -> None:
    header(sheet)
    sheet.focus("#f-note")
    for code in ("6901234510021", "6901234510021", "6901234520019"):
        sheet.evaluate(SCAN, code)
        sheet.wait_for_selector("tr.flash")
        sheet.evaluate("document.querySelector('tr.flash').classList.remove('flash')")
    assert [row[:2] for row in rows(sheet)] == [
        ["不锈钢六角螺栓", "2"],
        ["角磨机", "1"],
        ["", ""],
    ]
    assert sheet.input_value("#f-note") == ""


def test_input_method__enter_takes_the_candidate_and_moves_nothing(sheet: Page) -> None:
    header(sheet)
    session = sheet.context.new_cdp_session(sheet)
    session.send(
        "Input.imeSetComposition", {"text": "jiao", "selectionStart": 4, "selectionEnd": 4}
    )
    session.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229},
    )
    assert at(sheet) == "f-lines-0-item"
    session.send("Input.insertText", {"text": "角磨"})
    sheet.wait_for_selector(".lk-o[aria-selected=true]")
    press(sheet, "Enter")
    assert at(sheet) == "f-lines-0-qty"
    settled(sheet)
    assert rows(sheet)[0][0] == "角磨机"


def test_refusal__focus_on_the_summary_links_lead_clear_of_the_bars(
    sheet: Page, screenshot: Picture
) -> None:
    header(sheet)
    for code in (*TEN, *TEN):
        press(sheet, code, "Enter", "99999", "Enter")
    settled(sheet)
    before = rows(sheet)
    press(sheet, "Control+Enter")
    sheet.wait_for_selector("#problems [data-summary]")
    assert sheet.evaluate("document.activeElement.hasAttribute('data-summary')")
    assert sheet.title().startswith("错误：")
    assert rows(sheet) == before
    link = sheet.locator("#problems a[data-at]").last
    box = str(link.get_attribute("data-at"))
    screenshot(sheet, "refused", full_page=False)
    link.click()
    assert at(sheet) == box
    place = sheet.evaluate(
        """id => { const box = document.getElementById(id).getBoundingClientRect();
        return [box.top - document.querySelector('.phead').getBoundingClientRect().bottom,
                document.querySelector('.totbar').getBoundingClientRect().top - box.bottom] }""",
        box,
    )
    assert min(place) > 0
    assert sheet.get_attribute(f"#{box}", "aria-invalid") == "true"


def test_draft__comes_back_after_the_page_is_gone(sheet: Page) -> None:
    header(sheet)
    press(sheet, "20019", "Enter", "7", "Enter")
    settled(sheet)
    sheet.fill("#f-note", "周五送到")
    sheet.reload()
    sheet.wait_for_selector("#draft-offer:not([hidden])")
    sheet.click("[data-restore]")
    assert rows(sheet)[0][:2] == ["角磨机", "7"]
    assert sheet.input_value("#f-customer") == "宁波海曙恒远五金贸易有限公司"
    assert sheet.input_value("#f-note") == "周五送到"
    expect(sheet.locator("[data-total=amount_total]")).to_have_text("¥ 1,876.00")


def test_server_gone__nothing_typed_is_lost(sheet: Page, problems: list[str]) -> None:
    header(sheet)
    press(sheet, "20019", "Enter", "7", "Enter")
    settled(sheet)
    sheet.route("**/a/jxc/delivery", lambda route: route.abort())
    press(sheet, "Control+s")
    sheet.wait_for_selector(".toast")
    assert "已保留你填写的内容" in str(sheet.text_content(".toast"))
    assert rows(sheet)[0][:2] == ["角磨机", "7"]
    meant = ("ERR_FAILED", "Failed to fetch")
    problems[:] = [said for said in problems if not any(word in said for word in meant)]


TYPED = [
    ("readDay", "1121", "2026-11-21"),
    ("readDay", "11-2", "2026-11-02"),
    ("readDay", "21", "2026-11-21"),
    ("readDay", "+7", "2026-11-28"),
    ("readDay", "-21", "2026-10-31"),
    ("readDay", "明", "2026-11-22"),
    ("readDay", "２０２６年１１月３日", "2026-11-03"),
    ("readDay", "2-30", None),
    ("readInstant", "2026-11-03 14:30", "2026-11-03 14:30"),
    ("readInstant", "2026-11-03 14:30:00", "2026-11-03 14:30"),
    ("readInstant", "11-3 1430", "2026-11-03 14:30"),
    ("readInstant", "2026-11-03 14:30:05", "2026-11-03 14:30:05"),
    ("readInstant", "2026-11-03 14:30:00.25", "2026-11-03 14:30:00.25"),
    ("readInstant", "2026-11-03 14:30:60", None),
    ("readNumber", "￥1，234．50", "1234.5"),
    ("readNumber", "1.2万", "12000"),
    ("readNumber", "=12*24", "288"),
    ("readNumber", "=10/3*3", "10"),
    ("readNumber", "=（1+2）×0.1", "0.3"),
    ("readNumber", "=1/0", None),
    ("readNumber", "12a", None),
    ("readNumber", "", ""),
]


def test_shorthand__as_a_table(sheet: Page) -> None:
    cases = [[name, text] for name, text, _ in TYPED]
    # The page has it among others in one file: here it comes alone, as it is written.
    sheet.route("**/typed.js", lambda route: route.fulfill(path=STATIC / "js" / "typed.js"))
    found = sheet.evaluate(
        """async cases => {
          const source = document.querySelector('script[src*="document.js"]').src;
          const typed = await import(source.replace('document.js', 'typed.js'));
          return cases.map(([name, text]) =>
            name === 'readNumber' ? typed.readNumber(text) : typed[name](text, '2026-11-21'));
        }""",
        cases,
    )
    assert found == [wanted for _, _, wanted in TYPED]


@pytest.mark.parametrize(
    ("width", "dark"), [(1440, False), (1440, True), (390, False), (390, True)]
)
def test_filled_form__fits_and_everybody_can_use_it(
    shared_server: LiveServer,
    new_page: PageMaker,
    axe: Axe,
    screenshot: Picture,
    width: int,
    dark: bool,
) -> None:
    page = opened(shared_server, new_page(width, 844 if width < 600 else 900, dark=dark))
    header(page)
    for code in TEN[:4]:
        press(page, code, "Enter", "50", "Enter")
    settled(page)
    press(page, "j")
    page.wait_for_selector(".lk-o")
    screenshot(page, "lookup", full_page=False)
    assert axe(page) == []
    press(page, "Escape")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    screenshot(page, "form")
    assert axe(page) == []
