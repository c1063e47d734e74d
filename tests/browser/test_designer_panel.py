"""The properties of what is selected, rules, rights and lists, by somebody who designs a form."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_first_day import signed_in
from tests.live import LiveServer, serving

PageMaker = Callable[..., Page]
Axe = Callable[[Page], list[str]]
Photo = Callable[..., Path]
FORM = "/design/jxc/forms/purchase_receipt"
# Generous, because a test machine does other things as well; nothing here is a measurement.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def designed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server of its own: these tests change a draft."""
    home = tmp_path_factory.mktemp("panel-server")
    with serving(f"sqlite:///{home / 'dajian.db'}", home) as server:
        yield server


def opened(server: LiveServer, page: Page, path: str, form: str = FORM) -> Page:
    """An administrator at a field's properties."""
    signed_in(server, page, "admin", f"{form}#{path}")
    expect(panel(page)).to_have_attribute("data-path", path)
    return page


def panel(page: Page) -> Locator:
    return page.locator("#panel")


def box(page: Page, name: str) -> Locator:
    """The control of a property: `options/places`."""
    return page.locator(f'#panel [data-prop="{name}"]')


def changed(page: Page, act: Callable[[], Any]) -> None:
    """Do something that changes the draft, and wait until it is kept and drawn."""
    before = page.locator("#rev").get_attribute("data-rev")
    act()
    expect(page.locator("#rev")).not_to_have_attribute("data-rev", before or "")
    page.wait_for_load_state("networkidle")


def drafted(page: Page, server: LiveServer, form: str = "purchase_receipt") -> dict[str, Any]:
    """The form as the draft has it."""
    answer = page.request.get(f"{server.url}/api/v1/apps/jxc/draft")
    assert answer.ok, answer.text()
    source = answer.json()["source"]
    found: dict[str, Any] = next(each for each in source["forms"] if each["code"] == form)
    return found


def field(form: dict[str, Any], path: str) -> dict[str, Any]:
    head, _, column = path.partition(".")
    found: dict[str, Any] = next(each for each in form["fields"] if each["code"] == head)
    if column:
        columns = found["options"]["fields"]
        found = next(each for each in columns if each["code"] == column)
    return found


def test_properties__are_kept_as_they_are_typed(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = opened(designed, new_page(), "handled_by")
    title = box(page, "label").locator("[data-lang=zh]")
    title.click()
    page.keyboard.press("Control+a")
    changed(page, lambda: page.keyboard.type("采购员", delay=20))
    # The caret is where it was, and the canvas says the same.
    expect(title).to_be_focused()
    expect(page.locator('#canvas [data-path="handled_by"]')).to_contain_text("采购员")
    changed(page, lambda: box(page, "required").click())
    changed(page, lambda: box(page, "width").get_by_role("button", name="½").click())
    form = drafted(page, designed)
    assert field(form, "handled_by")["label"] == {"zh": "采购员", "en": "Handled by"}
    assert field(form, "handled_by")["required"] is True
    assert field(form, "handled_by")["width"] == 6
    # What is found by a name shows alone.
    page.fill("#panel [data-pp-find]", "手机")
    expect(box(page, "phone")).to_be_visible()
    expect(box(page, "label")).to_be_hidden()
    page.keyboard.press("Escape")
    assert axe(page) == []
    screenshot(page, "field", full_page=False)
    for _step in range(3):
        changed(page, lambda: page.locator("#undo").click())
    expect(title).to_have_value("经手人")
    assert "required" not in field(drafted(page, designed), "handled_by")


def test_number__has_its_bounds_and_says_what_cannot_be(
    designed: LiveServer, new_page: PageMaker
) -> None:
    page = opened(designed, new_page(), "lines.price")
    places = box(page, "options/places")
    places.fill("11")
    places.press("Enter")
    expect(places).to_have_attribute("aria-invalid", "true")
    assert field(drafted(page, designed), "lines.price")["options"]["places"] == 4

    def typed(text: str) -> Callable[[], None]:
        def act() -> None:
            places.fill(text)
            places.press("Enter")

        return act

    changed(page, typed("３"))
    assert field(drafted(page, designed), "lines.price")["options"]["places"] == 3
    changed(page, typed("4"))


def test_options__are_added_pasted_coloured_and_sorted(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = opened(designed, new_page(), "tracking", "/design/jxc/forms/item")
    rows = page.locator("#panel .op-row")
    count = rows.count()
    before = field(drafted(page, designed, "item"), "tracking")["options"]["options"]
    page.get_by_role("button", name="加选项").click()
    fresh = rows.nth(count).locator("[data-part=label]")
    expect(fresh).to_be_focused()
    changed(page, lambda: (page.keyboard.type("序列"), page.keyboard.press("Tab")))
    after = field(drafted(page, designed, "item"), "tracking")["options"]["options"]
    assert after[:count] == before
    assert after[count]["label"] == "序列"
    code = after[count]["code"]
    changed(page, lambda: rows.nth(count).get_by_role("button", name="上移").click())
    changed(page, lambda: rows.nth(count - 1).get_by_role("button", name="换颜色").click())
    moved = field(drafted(page, designed, "item"), "tracking")["options"]["options"]
    assert moved[count - 1] == {"code": code, "label": "序列", "colour": "grey"}
    assert axe(page) == []
    screenshot(page, "options", full_page=False)
    for _step in range(3):
        changed(page, lambda: page.locator("#undo").click())
    assert field(drafted(page, designed, "item"), "tracking")["options"]["options"] == before


def test_default__from_a_reference_beside_it(designed: LiveServer, new_page: PageMaker) -> None:
    page = opened(designed, new_page(), "lines.note")
    default = box(page, "default")
    default.locator("[data-part=mode]").select_option(label="数据联动")
    link = default.locator("[data-part=link]")
    changed(page, lambda: link.select_option(label="商品.商品名称"))
    item = field(drafted(page, designed), "lines.item")
    assert item["options"]["fill"] == {"price": "price_purchase", "note": "name"}
    expect(default).to_have_attribute("data-mode", "link")
    mode = default.locator("[data-part=mode]")
    changed(page, lambda: mode.select_option(label="没有"))
    item = field(drafted(page, designed), "lines.item")
    assert item["options"]["fill"] == {"price": "price_purchase"}


def test_formula__is_written_in_the_panel_and_a_wrong_one_is_not_kept(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = opened(designed, new_page(), "amount_total")
    shown = page.locator('#panel .pf[data-formula="options/formula"]')
    expect(shown.locator(".fx-chip")).to_have_text("商品明细.金额")
    expect(shown.locator(".pf-ok")).to_contain_text("结果是金额")
    shown.locator(".pf-box").click()
    editor = page.locator("#dlg-formula .cm-content")
    expect(editor).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("sum(lines.amount)*")
    expect(page.locator("#dlg-formula .pf-says")).to_have_class("pf-says fx-err")
    page.keyboard.press("Control+s")
    expect(page.locator("#dlg-formula")).to_be_visible()
    page.keyboard.type("2")
    expect(page.locator("#dlg-formula .pf-says")).to_contain_text("结果是金额")
    assert axe(page) == []
    screenshot(page, "formula", full_page=False)
    changed(page, lambda: page.keyboard.press("Control+s"))
    expect(page.locator("#dlg-formula")).to_have_count(0)
    expect(shown.locator(".fx")).to_contain_text("*2")
    assert "{lines.amount}" in field(drafted(page, designed), "amount_total")["options"]["formula"]
    changed(page, lambda: page.locator("#undo").click())


def test_rules__in_sentences_written_without_a_formula(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = opened(designed, new_page(), "note")
    page.get_by_role("tab", name="显示规则").click()
    page.get_by_role("button", name="加一条规则").click()
    dialog = page.locator("#dlg-rule")
    dialog.locator("#ru-save").click()
    expect(dialog.locator("#ru-err")).to_have_text("请把条件填完整")
    row = dialog.locator(".ru-row").first
    row.locator("[data-part=field]").select_option(label="金额合计")
    row.locator("[data-part=operator]").select_option(label="大于")
    row.locator("[data-part=value]").fill("１,000")
    dialog.get_by_role("button", name="必填").click()
    assert axe(page) == []
    screenshot(page, "rule", full_page=False)
    changed(page, lambda: dialog.locator("#ru-save").click())
    rules = drafted(page, designed)["rules"]
    assert [(each["effect"], each["fields"]) for each in rules] == [("require", ["note"])]
    page.get_by_role("tab", name="显示规则").click()
    said = page.locator("#pp-rules .ru-go").first
    expect(said).to_contain_text("金额合计 大于 1000")
    expect(said).to_contain_text("必填")
    # What was filled in comes back as rows, not as a formula.
    said.click()
    expect(dialog.locator(".ru-row [data-part=value]")).to_have_value("1000")
    dialog.locator("[data-close]").click()
    changed(page, page.locator("#pp-rules [data-drop]").first.click)
    assert "rules" not in drafted(page, designed)


def test_check__by_formula_of_the_whole_document(
    designed: LiveServer, new_page: PageMaker, axe: Axe
) -> None:
    page = opened(designed, new_page(), "")
    page.get_by_role("tab", name="规则与校验").click()
    page.get_by_role("button", name="加一条校验").click()
    dialog = page.locator("#dlg-rule")
    dialog.get_by_role("button", name="写公式").click()
    expect(dialog.locator(".cm-content")).to_be_focused()
    page.keyboard.type("sum(lines.qty)>0")
    expect(dialog.locator("#ru-says")).to_contain_text("结果是是或否")
    dialog.locator("#ru-label").fill("至少入库一件")
    assert axe(page) == []
    changed(page, lambda: dialog.locator("#ru-save").click())
    (check,) = drafted(page, designed)["checks"]
    assert check == {"formula": "=sum({lines.qty})>0", "message": "至少入库一件"} or check == {
        "formula": "sum({lines.qty})>0",
        "message": "至少入库一件",
    }
    changed(page, lambda: page.locator("#undo").click())


def test_used_field__is_not_deleted_before_one_has_seen_by_what(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = opened(designed, new_page(), "lines.qty")
    page.get_by_label("更多操作").click()
    panel(page).get_by_role("button", name="删除", exact=True).click()
    dialog = page.locator("#dlg-uses")
    for text in ("商品明细.金额", "数量合计", "过账规则", "进销存月汇总"):
        expect(dialog.locator(".us-list")).to_contain_text(text)
    expect(dialog.get_by_role("button", name="删除字段")).to_be_disabled()
    assert axe(page) == []
    screenshot(page, "uses", full_page=False)
    dialog.locator("[data-select]", has_text="数量合计").click()
    expect(panel(page)).to_have_attribute("data-path", "qty_total")


def test_retyping__shows_what_becomes_of_the_values(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = opened(designed, new_page(), "contact", "/design/jxc/forms/supplier")
    page.get_by_label("更多操作").click()
    page.get_by_role("button", name="改类型").click()
    dialog = page.locator("#dlg-uses")
    dialog.locator("#us-kind").select_option(label="数字")
    expect(dialog.locator("#us-dry")).to_contain_text("会变空")
    with page.expect_download() as download:
        dialog.get_by_role("link", name="下载会变空的").click()
    rows = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert len(rows) > 1
    dialog.locator("#us-kind").select_option(label="单选")
    expect(dialog.locator("#us-dry")).to_contain_text("都可以转换")
    assert axe(page) == []
    screenshot(page, "retype", full_page=False)
    changed(page, lambda: dialog.locator("#us-go").click())
    after = field(drafted(page, designed, "supplier"), "contact")
    assert after["kind"] == "choice"
    assert len(after["options"]["options"]) == len(set(rows[1:]))
    changed(page, lambda: page.locator("#undo").click())


def test_rights__role_by_verb_field_by_role_and_why(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = signed_in(designed, new_page(), "admin", f"{FORM}/access")
    sales = page.locator('[data-role="sales"]', has=page.locator("[data-verb]"))
    create = sales.locator("[data-verb=create]")
    changed(page, create.check)
    # Who creates also views.
    expect(sales.locator("[data-verb=view]")).to_be_checked()
    price = page.locator('[data-path="lines.price"]').get_by_label("单价 · 销售")
    changed(page, lambda: price.select_option(label="隐藏"))
    expect(price).to_have_value("none")
    page.locator("#ac-as").select_option(label="张敏")
    page.get_by_role("button", name="看看").click()
    eyes = page.locator("#ac-eyes")
    expect(eyes).to_contain_text("来自销售")
    expect(eyes).to_contain_text("商品明细.单价")
    assert axe(page) == []
    screenshot(page, "rights")
    changed(page, lambda: page.locator("#undo").click())
    changed(page, lambda: page.locator("#undo").click())
    expect(sales.locator("[data-verb=view]")).not_to_be_checked()


def test_lists__columns_and_the_place_in_the_menu(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo
) -> None:
    page = signed_in(designed, new_page(), "admin", f"{FORM}/lists")
    columns = page.locator('[data-prop="list"]')
    before = drafted(page, designed)["list"]
    changed(page, lambda: columns.get_by_role("button", name="去掉 经手人").click())
    changed(page, lambda: columns.locator("[data-do=add]").select_option(label="备注"))
    assert drafted(page, designed)["list"] == [*before[:-1], "note"]
    expect(page.locator(".li-t th").last).to_have_text("备注")
    changed(page, lambda: page.locator("#li-group").select_option(label="库存"))
    expect(page.locator(".li-here")).to_contain_text("采购入库")
    assert axe(page) == []
    screenshot(page, "lists")
    for _step in range(3):
        changed(page, lambda: page.locator("#undo").click())
    assert drafted(page, designed)["list"] == before


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone__properties_rights_and_lists_fit(
    designed: LiveServer, new_page: PageMaker, axe: Axe, screenshot: Photo, dark: bool
) -> None:
    page = new_page(390, 844, dark=dark, locale="en" if dark else "zh-CN")
    opened(designed, page, "lines.item")
    page.locator(".dz-tabs [data-pane=props]").click()
    expect(panel(page)).to_be_visible()
    for name, path in (("panel", None), ("rights", "access"), ("lists", "lists")):
        if path:
            page.goto(f"{designed.url}{FORM}/{path}")
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, name
        assert axe(page) == [], name
        screenshot(page, name)


def test_view__is_drawn_up_without_a_drag(
    designed: LiveServer, new_page: PageMaker, axe: Axe
) -> None:
    page = new_page()
    signed_in(designed, page, "admin", f"{FORM}/lists")
    page.click("#vw-add")
    sheet = page.locator("#dlg-view")
    expect(sheet.locator("#vw-name")).to_be_focused()
    sheet.get_by_role("button", name="保存视图").click()
    expect(sheet.locator("#vw-err")).to_have_text("请填写视图的名称")
    page.fill("#vw-name", "待审核")
    sheet.get_by_role("button", name="加条件").click()
    row = sheet.locator(".vw-row")
    row.locator("[data-part=field]").select_option("status")
    sheet.get_by_role("button", name="保存视图").click()
    # A condition that is not whole is said, and what is missing has the focus.
    expect(sheet.locator("#vw-err")).to_have_text("请把条件填完整")
    row.get_by_label("审批中").check()
    page.select_option("[data-add=sort]", "document_date")
    sheet.get_by_role("button", name="从大到小").click()
    assert axe(page) == []
    sheet.get_by_role("button", name="保存视图").click()
    expect(page.locator(".vw-n small")).to_contain_text("只看 状态 是 审批中")
    (view,) = drafted(page, designed)["views"]
    assert view["where"] == {"all": [{"field": "status", "op": "any_of", "values": ["submitted"]}]}
    assert view["sort"] == [{"field": "document_date", "descending": True}]


def test_condition_of_a_role__is_written_before_it_is_said(
    designed: LiveServer, new_page: PageMaker, axe: Axe
) -> None:
    page = new_page()
    signed_in(designed, page, "admin", f"{FORM}/access")
    page.locator("[data-rows]").first.select_option("rule")
    expect(page.locator("#dlg-formula")).to_be_visible()
    page.keyboard.press("Escape")
    # Who thinks better of it has said nothing.
    expect(page.locator("[data-rows]").first).to_have_value("all")
    page.locator("[data-rows]").first.select_option("rule")
    expect(page.locator("#dlg-formula .cm-content")).to_be_focused()
    page.keyboard.type("{created_by}=USER()")
    expect(page.locator("#dlg-formula .fx-ok")).to_be_visible()
    assert axe(page) == []
    page.click("#pf-keep")
    expect(page.locator(".ac-cond code").first).to_have_text("{创建人}=USER()")
