"""A handheld in a hall: scanned without a network, kept over a reload, sent once, submitted."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageMaker
from tests.live import LiveServer

WRENCH, TAPE = "6901234530021", "6901234530015"
# A phone is this narrow; no screen may be wider.
NARROW = 360
SCREENS = (
    "/", "/inbox", "/notices?box=all", "/preferences", "/a/jxc/delivery", "/a/jxc/delivery/new",
    "/a/jxc/delivery/1", "/a/jxc/item", "/stock/jxc", "/stock/jxc/summary", "/stock/jxc/trace",
    "/books/jxc/periods", "/books/jxc/costing", "/books/jxc/accounts", "/departments",
    "/imports/jxc", "/design", "/scan/",
)  # fmt: skip


@pytest.fixture
def phone(new_page: PageMaker, shared_server: LiveServer) -> Page:
    """The narrowest phone, of the administrator."""
    page = new_page(NARROW, 740)
    page.goto(f"{shared_server.url}/sign-in")
    page.get_by_label("用户名").fill("admin")
    page.get_by_label("密码").fill(shared_server.password)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="工作台", exact=True)).to_be_visible()
    return page


def flashed(page: Page, code: str, kind: str) -> None:
    page.locator("#code").fill(code)
    page.locator("#code").press("Enter")
    expect(page.locator("#flash")).to_have_attribute("data-last", kind)


def test_scan__offline_over_a_reload_and_through_to_the_document(
    phone: Page, shared_server: LiveServer, problems: list[str]
) -> None:
    phone.goto(f"{shared_server.url}/scan/")
    phone.get_by_role("link", name="销售出库").click()
    phone.locator(".sc-fresh summary").click()
    for box in phone.locator(".sc-form select").all():
        box.select_option(index=1)
    phone.get_by_role("button", name="开始扫描").click()
    flashed(phone, WRENCH, "ok")
    flashed(phone, "4006381333931", "unknown")
    expect(phone.locator("#net")).to_have_text("已同步")
    # The shell has to be kept before the network may go.
    phone.wait_for_function("navigator.serviceWorker.controller !== null")
    phone.context.set_offline(True)
    flashed(phone, TAPE, "ok")
    flashed(phone, WRENCH, "ok")
    expect(phone.locator("#net")).to_have_text("离线 · 待传 2")
    phone.reload()
    expect(phone.locator("#net")).to_have_text("离线 · 待传 2")
    rows = phone.locator(".sc-row .num")
    expect(rows).to_have_text(["2", "1"])
    phone.context.set_offline(False)
    expect(phone.locator("#net")).to_have_text("已同步")
    phone.get_by_role("button", name="完成 2 种").click()
    phone.get_by_role("button", name="提交").click()
    expect(phone.locator(".toast")).to_contain_text("已提交")
    problems[:] = [each for each in problems if "ERR_INTERNET_DISCONNECTED" not in each]


def test_phone__no_screen_is_wider_than_it(phone: Page, shared_server: LiveServer) -> None:
    wide = []
    for address in SCREENS:
        phone.goto(shared_server.url + address)
        width = phone.evaluate("document.documentElement.scrollWidth")
        if width > NARROW:
            wide.append(f"{address}: {width}")
    assert wide == []


# What a camera shows in this test: the picture of a barcode on a canvas, as a film.
CAMERA = """async (address) => {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: 800, height: 400 });
  const draw = () => {
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, 800, 400);
    pen.drawImage(picture, 100, 100, 600, 200);
  };
  setInterval(draw, 50);
  draw();
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(20);
}"""


def test_camera__reads_a_barcode(phone: Page, shared_server: LiveServer) -> None:
    """The picture is our own: what is printed on a label is read again."""
    phone.goto(f"{shared_server.url}/scan/")
    phone.get_by_role("link", name="销售出库").click()
    phone.locator(".sc-fresh summary").click()
    for box in phone.locator(".sc-form select").all():
        box.select_option(index=1)
    phone.get_by_role("button", name="开始扫描").click()
    expect(phone.locator("#code")).to_be_visible()
    phone.evaluate(CAMERA, f"{shared_server.url}/barcodes/code128?text={WRENCH}")
    phone.get_by_role("button", name="摄像头").click()
    expect(phone.locator("#flash")).to_have_attribute("data-last", "ok")
    expect(phone.locator(".sc-row .num")).to_have_text(["1"])
    phone.get_by_role("button", name="关闭摄像头").click()
    expect(phone.locator("#film")).to_have_count(0)
