"""Rules, checks and the ƒ of the lines in a browser: live while typing, the same after saving."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from build_tools.servers import free_port
from tests.browser.test_first_day import signed_in
from tests.live import (
    PASSWORD,
    LiveServer,
    environment_of,
    is_ready,
    started,
    wait_until,
)

PageMaker = Callable[..., Page]
Axe = Callable[[Page], list[str]]
Photo = Callable[..., Path]
NEW = "/a/claims/claim/new"
KINDS = [
    {"code": "goods", "label": "采购"},
    {"code": "travel", "label": "差旅"},
    {"code": "gift", "label": "赠品"},
]


def f(code: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
    own = {key: more.pop(key) for key in {"required", "default", "width"} & more.keys()}
    return {"code": code, "kind": kind, "label": label, "options": more, **own}


PARTNER = {
    "code": "partner", "label": "伙伴", "type": "record", "title": "name",
    "fields": [f("name", "text", "名称", required=True), f("level", "text", "等级")],
}  # fmt: skip
LINES = [
    f("what", "text", "内容", required=True),
    f("kind", "choice", "类别", options=KINDS),
    f("qty", "number", "数量", required=True, places=2),
    f("price", "money", "单价", default="2"),
    f("note", "text", "备注"),
    f("total", "formula", "金额", formula="=ROUND(qty*price,2)", result="money"),
]
CLAIM = {
    "code": "claim", "label": "报销单", "type": "document",
    "fields": [
        f("document_no", "document_number", "编号", prefix="BX", width=4),
        f("partner", "reference", "伙伴", form="partner", columns=["name", "level"]),
        f("kind", "choice", "类型", options=KINDS),
        f("limit", "money", "限额"),
        f("is_fixed", "boolean", "限额已定"),
        f("reason", "text", "说明"),
        f("discount", "percent", "折扣"),
        f("begins", "date", "开始日"),
        f("ends", "date", "结束日"),
        f("city", "text", "城市", required=True),
        f("hotel", "text", "酒店"),
        f("lines", "lines", "明细", fields=LINES, stops=["what", "kind", "qty", "price", "note"]),
        f("sum", "formula", "合计", formula="=SUM(lines.total)", result="money"),
    ],
    "sections": [
        {"code": "main", "label": "基本信息", "fields": [
            "document_no", "partner", "kind", "limit", "is_fixed", "reason", "discount", "begins",
            "ends"]},
        {"code": "trip", "label": "行程", "fields": ["city", "hotel"]},
        {"code": "rows", "label": "明细", "fields": ["lines"]},
    ],
    "rules": [
        {"code": "trip", "effect": "show", "when": '=kind="travel"', "sections": ["trip"]},
        {"code": "why", "effect": "require", "when": "=OR(limit>1000, sum>1000)",
         "fields": ["reason"]},
        {"code": "fixed", "effect": "readonly", "when": "=is_fixed", "fields": ["limit"]},
        {"code": "vip", "effect": "hide", "when": '=partner.level="VIP"', "fields": ["discount"]},
        {"code": "gift_price", "effect": "readonly", "when": '=kind="gift"', "lines": "lines",
         "fields": ["price"]},
        {"code": "gift_note", "effect": "hide", "when": '=kind="gift"', "lines": "lines",
         "fields": ["note"]},
    ],
    "checks": [
        {"formula": '=OR(ends="", begins<=ends)', "field": "ends",
         "message": {"zh": "结束日不能早于开始日", "en": "It ends before it begins"}},
        {"formula": "=qty<=99", "lines": "lines", "field": "qty",
         "message": {"zh": "一行最多 99 件", "en": "At most 99 in a line"}},
    ],
}  # fmt: skip
CLERK = {
    "code": "clerk", "label": "文员",
    "grants": [
        {"form": "*", "verbs": ["view", "create", "update", "submit"]},
    ],
}  # fmt: skip
READER = {
    "code": "reader", "label": "复核",
    "grants": [
        {"form": "claim", "verbs": ["view", "create", "update"],
         "readonly": ["limit", "kind", "lines"]},
        {"form": "partner", "verbs": ["view"]},
    ],
}  # fmt: skip


PEOPLE = {"admin": ["--admin"], "clerk": ["--role", "clerk"], "reader": ["--role", "reader"]}


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with an app that has rules, and three people who use it."""
    home, port = tmp_path_factory.mktemp("rules-server"), free_port()
    package, url = home / "claims", f"http://127.0.0.1:{port}"
    app = {"format": "dajian-app/1", "code": "claims", "label": "报销", "currency": "CNY"}
    for path, content in {
        "app.json": app, "forms/partner.json": PARTNER, "forms/claim.json": CLAIM,
        "roles/clerk.json": CLERK, "roles/reader.json": READER,
    }.items():  # fmt: skip
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text(json.dumps(content, ensure_ascii=False))
    environment = environment_of(f"sqlite:///{home / 'dajian.db'}", home)
    with started(["serve", "--port", str(port)], environment, home / "server.log") as process:
        wait_until(lambda: is_ready(url), "the server answers", 120)
        server = LiveServer(
            url, environment["DAJIAN_DATABASE"], home, PASSWORD, process, environment
        )
        installed = server.dajian("app", "install", str(package))
        assert installed.returncode == 0, installed.stdout + installed.stderr
        for name, rights in PEOPLE.items():
            made = server.dajian("user", "create", name, "--password", PASSWORD, *rights)
            assert made.returncode == 0, made.stdout + made.stderr
        yield server


def box(page: Page, code: str) -> Locator:
    return page.locator(f"#f-{code}")


def cell(page: Page, row: int, code: str) -> Locator:
    return page.locator(f"line-grid tbody tr:nth-child({row}) td[data-col={code}]")


def tip(page: Page, at: str) -> Locator:
    return page.locator(f"#{at}-err")


def partner(page: Page, server: LiveServer, name: str, level: str) -> None:
    page.goto(f"{server.url}/a/claims/partner/new")
    box(page, "name").fill(name)
    box(page, "level").fill(level)
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/partner/\d+$"))


def test_rules__show_and_star_while_one_types(claims: LiveServer, new_page: PageMaker) -> None:
    page = signed_in(claims, new_page(), "admin", NEW)
    trip = page.locator("[data-section=trip]")
    expect(trip).to_be_hidden()
    box(page, "kind").select_option("travel")
    expect(trip).to_be_visible()
    expect(box(page, "city")).to_have_attribute("aria-required", "true")

    # A condition over a box, or over the sum of the lines.
    star = page.locator(".field[data-field=reason] .lbl.req")
    expect(star).to_have_count(0)
    box(page, "limit").press_sequentially("1001")
    expect(star).to_have_count(1)
    expect(box(page, "limit")).to_be_focused()
    box(page, "limit").fill("1000")
    expect(star).to_have_count(0)
    cell(page, 1, "qty").locator("input").fill("501")
    cell(page, 1, "price").locator("input").fill("2")
    expect(star).to_have_count(1)


def test_rules__lock__and_give_back_what_was_typed(claims: LiveServer, new_page: PageMaker) -> None:
    page = signed_in(claims, new_page(), "admin", NEW)
    star = page.locator(".field[data-field=reason] .lbl.req")
    box(page, "limit").fill("1001")
    box(page, "is_fixed").check()
    # What is locked keeps what it had: nothing, so nothing is required because of it.
    expect(box(page, "limit")).to_have_value("")
    expect(box(page, "limit")).to_have_attribute("readonly", "")
    expect(star).to_have_count(0)
    expect(box(page, "is_fixed")).to_be_focused()
    box(page, "is_fixed").uncheck()
    expect(box(page, "limit")).to_have_value(re.compile(r"1,?001"))
    expect(box(page, "limit")).to_be_editable()
    expect(star).to_have_count(1)


def test_rules__over_another_record__are_asked_of_the_server(
    claims: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = signed_in(claims, new_page(), "admin")
    partner(page, claims, "甲公司", "VIP")
    partner(page, claims, "乙公司", "")
    page.goto(claims.url + NEW)
    discount = page.locator(".field[data-field=discount]")
    for typed, is_hidden in (("甲", True), ("乙", False), ("甲", True)):
        box(page, "partner").fill("")
        box(page, "partner").press_sequentially(typed)
        option = page.locator("#lk-pop [role=option]").first
        expect(option).to_contain_text(typed)
        page.keyboard.press("Enter")
        if not is_hidden:
            expect(discount).to_be_visible()
            continue
        box(page, "discount").focus()
        expect(discount).to_be_hidden()
        # Where the focus was is gone: it goes on to the next box and is never lost.
        expect(box(page, "begins")).to_be_focused()
    box(page, "kind").select_option("travel")
    box(page, "limit").fill("1001")
    screenshot(page, "rules-header", full_page=False)
    assert axe(page) == []


def test_rules__of_lines_are_of_each_row__and_enter_passes_what_is_shut(
    claims: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = signed_in(claims, new_page(), "admin", NEW)
    cell(page, 1, "what").locator("input").click()
    page.keyboard.type("样品")
    page.keyboard.press("Enter")
    cell(page, 1, "kind").locator("select").select_option("gift")
    price = cell(page, 1, "price").locator("input")
    expect(price).to_have_attribute("readonly", "")
    expect(price).to_have_value("2.00")
    page.keyboard.press("Enter")
    page.keyboard.type("3")
    # The price is locked and the note is not there: on to the next line.
    page.keyboard.press("Enter")
    expect(cell(page, 2, "what").locator("input")).to_be_focused()
    expect(cell(page, 1, "total")).to_have_text("6.00")
    page.keyboard.type("纸")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("100")
    page.keyboard.press("Enter")
    expect(cell(page, 2, "price").locator("input")).to_be_focused()
    expect(cell(page, 2, "qty").locator(".cell-tip")).to_have_text("一行最多 99 件")
    screenshot(page, "rules-lines", full_page=False)
    assert axe(page) == []
    cell(page, 2, "qty").locator("input").fill("10")
    expect(cell(page, 2, "qty").locator(".cell-tip")).to_have_count(0)


def test_rules__of_lines__put_back_what_was_typed_before_they_locked_it(
    claims: LiveServer, new_page: PageMaker
) -> None:
    page = signed_in(claims, new_page(), "admin", NEW)
    for row in (1, 2):
        cell(page, row, "what").locator("input").fill("纸")
    second = cell(page, 2, "price").locator("input")
    second.fill("9")
    second.press("Tab")
    cell(page, 2, "kind").locator("select").select_option("gift")
    expect(second).to_have_value("2.00")
    cell(page, 2, "kind").locator("select").select_option("goods")
    expect(second).to_have_value("9.00")


def test_line__tells_how_its_figures_came_about(
    claims: LiveServer, new_page: PageMaker, screenshot: Photo
) -> None:
    page = signed_in(claims, new_page(), "clerk", NEW)
    for row, (what, kind, qty) in enumerate((("样品", "gift", "3"), ("纸", "goods", "10")), 1):
        cell(page, row, "what").locator("input").fill(what)
        cell(page, row, "kind").locator("select").select_option(kind)
        cell(page, row, "qty").locator("input").fill(qty)
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/claim/\d+$"))
    expect(cell(page, 1, "price").locator("input")).to_have_attribute("readonly", "")
    expect(cell(page, 2, "price").locator("input")).not_to_have_attribute("readonly", "")

    # By mouse,
    cell(page, 2, "total").click()
    panel = page.locator("#explanation")
    expect(panel).to_contain_text("第 2 行 · 金额")
    expect(panel).to_contain_text("20.00")
    screenshot(page, "explained-line", full_page=False)
    page.keyboard.press("Escape")
    # by keyboard from a row that is filled in,
    qty = cell(page, 1, "qty").locator("input")
    qty.focus()
    page.keyboard.press("Alt+Enter")
    expect(panel).to_contain_text("第 1 行 · 金额")
    page.keyboard.press("Escape")
    expect(qty).to_be_focused()

    # and in a table that is only read: one stop of the Tab key, the arrows walk.
    page.keyboard.press("Control+Enter")
    expect(page.locator("table.lg-read")).to_be_visible()
    page.locator(".why-cell").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".why-cell")).to_have_attribute("aria-label", re.compile("第 2 行的金额"))
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("20.00")
    page.keyboard.press("Escape")
    expect(page.locator(".why-cell")).to_be_focused()


def test_read_only_grant__is_shown_locked(
    claims: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    clerk = signed_in(claims, new_page(), "clerk", NEW)
    box(clerk, "kind").select_option("goods")
    box(clerk, "limit").fill("12")
    cell(clerk, 1, "what").locator("input").fill("纸")
    cell(clerk, 1, "qty").locator("input").fill("5")
    clerk.keyboard.press("Control+s")
    clerk.wait_for_url(re.compile(r"/claim/\d+$"))
    page = signed_in(claims, new_page(), "reader", clerk.url.removeprefix(claims.url))
    expect(box(page, "limit")).to_have_attribute("readonly", "")
    expect(box(page, "kind")).to_be_disabled()
    expect(page.locator("table.lg-read")).to_contain_text("10.00")
    expect(page.locator("[data-total=sum]")).to_have_text("¥ 10.00")
    screenshot(page, "read-only", full_page=False)
    assert axe(page) == []
    box(page, "reason").fill("看过")
    page.keyboard.press("Control+s")
    expect(page.locator("#draft-state")).to_contain_text("已保存")
    expect(box(page, "reason")).to_have_value("看过")
    expect(box(page, "limit")).to_have_value("12.00")
    expect(page.locator("table.lg-read tbody tr")).to_have_count(1)


def test_checks__speak_when_a_field_has_been_left(claims: LiveServer, new_page: PageMaker) -> None:
    page = signed_in(claims, new_page(), "admin", NEW)
    box(page, "begins").fill("2026-11-22")
    box(page, "ends").press_sequentially("2026-11-20")
    expect(tip(page, "f-ends")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(tip(page, "f-ends")).to_have_text("结束日不能早于开始日")
    expect(box(page, "ends")).to_have_attribute("aria-invalid", "true")
    # Changing the other one makes it right as well.
    box(page, "begins").fill("2026-11-19")
    expect(tip(page, "f-ends")).to_have_count(0)


def test_server__says_the_same(claims: LiveServer, new_page: PageMaker, screenshot: Photo) -> None:
    page = signed_in(claims, new_page(), "admin", NEW)
    box(page, "kind").select_option("travel")
    box(page, "limit").fill("2000")
    page.keyboard.press("Control+Enter")
    summary = page.locator("#problems [data-summary]")
    expect(summary).to_contain_text("请填写说明")
    expect(summary).to_contain_text("请填写城市")
    box(page, "kind").select_option("goods")
    box(page, "reason").fill("急用")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/claim/\d+$"))
    expect(page.locator("#status")).to_have_text("审批中")
    # A page to read leaves out what a rule hides.
    expect(page.locator("main")).not_to_contain_text("行程")
    screenshot(page, "read", full_page=False)


def test_phone(claims: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo) -> None:
    page = signed_in(claims, new_page(width=390, height=844), "admin", NEW)
    box(page, "kind").select_option("travel")
    expect(page.locator("[data-section=trip]")).to_be_visible()
    page.locator("line-grid [data-add]").click()
    cell(page, 1, "what").locator("input").fill("样品")
    cell(page, 1, "kind").locator("select").select_option("gift")
    expect(cell(page, 1, "note")).to_be_hidden()
    expect(cell(page, 1, "price").locator("input")).to_have_attribute("readonly", "")
    screenshot(page, "phone")
    assert axe(page) == []
