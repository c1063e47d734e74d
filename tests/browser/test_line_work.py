"""What people do with a line: put it right, open it as a form, make a record on the way."""

from playwright.sync_api import Page, expect

from tests.browser.test_line_grid import PASTE, at, header, opened, press, rows, sheet
from tests.live import LiveServer

__all__ = ["sheet"]

NEW_ITEM = "SP98765"


def test_strangers_are_put_right_at_once__a_line_is_a_form__a_record_is_made_on_the_way(
    sheet: Page,
) -> None:
    header(sheet)
    sheet.evaluate(PASTE, "XYZ\t1\t5\r\nSP10021\t2\t6\r\nXYZ\t3\t7\r\nABC\t4\t0\r\n")
    expect(sheet.locator(".fixes li")).to_have_count(2)
    sheet.locator(".fixes input").first.focus()
    press(sheet, "20019")
    sheet.wait_for_selector(".lk-o[aria-selected=true]")
    press(sheet, "Enter")
    expect(sheet.locator(".fixes li")).to_have_count(1)
    assert [row[0] for row in rows(sheet)[:4]] == ["角磨机", "不锈钢六角螺栓", "角磨机", "ABC"]
    assert sheet.url.endswith("/new"), "Enter in the list submits nothing"
    press(sheet, "Control+z")
    assert [row[0] for row in rows(sheet)[:3]] == ["XYZ", "不锈钢六角螺栓", "XYZ"]

    keys = sheet.evaluate(
        "[...document.querySelectorAll('line-grid tbody tr')].map(row => row.dataset.key)"
    )
    sheet.focus(f"#f-lines-{keys[3]}-price")
    press(sheet, "Enter")
    expect(sheet.locator("td.warned .is-warning")).to_contain_text("赠品")

    sheet.focus(f"#f-lines-{keys[1]}-qty")
    press(sheet, "Alt+Enter")
    expect(sheet.locator("tr.as-form .as-form-bar")).to_contain_text("第 2 行")
    sheet.fill(f"#f-lines-{keys[1]}-note", "整行填写")
    press(sheet, "Escape")
    assert at(sheet) == f"f-lines-{keys[1]}-item"
    assert rows(sheet)[1][3] == "整行填写"

    sheet.hover(f"#f-lines-{keys[1]}-qty")
    sheet.click(f"tr[data-key='{keys[1]}'] [aria-haspopup=menu]")
    press(sheet, "Escape")
    sheet.click(f"tr[data-key='{keys[1]}'] [aria-haspopup=menu]")
    sheet.keyboard.press("ArrowUp")
    press(sheet, "Enter")
    assert len(rows(sheet)) == 4, "the last of the menu takes the line away"


def test_a_record_made_with_f2_comes_back_into_its_box(
    shared_server: LiveServer, browser_page: Page
) -> None:
    sheet = opened(shared_server, browser_page, name="wangjianguo")
    header(sheet)
    with sheet.context.expect_page() as made:
        sheet.keyboard.press("F2")
    window = made.value
    window.wait_for_selector("form#document")
    window.fill("#f-item_no", NEW_ITEM)
    window.fill("#f-name", "路上新建的商品")
    window.focus("#f-base_uom")
    window.keyboard.type("台")
    window.wait_for_selector(".lk-o[aria-selected=true]")
    window.keyboard.press("Enter")
    with window.expect_event("close"):
        window.keyboard.press("Control+s")
    expect(sheet.locator("#f-lines-0-item")).to_have_value("路上新建的商品")
    assert at(sheet) == "f-lines-0-item"
