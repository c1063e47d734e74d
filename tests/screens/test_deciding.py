"""People and a flow of three branches: what is offered, what it leads to, what comes of it."""

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from flask import Flask

from tests.prepared import Prepared
from tests.screens import flow_company
from tests.screens.conftest import NOW, running
from tests.screens.person import PASSWORD, Page, Person

Signed = Callable[[str], Person]
LIST = f"/a/{flow_company.APP}/order"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def app(
    module_url: str, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application over a company whose orders go through a flow."""
    prepared.fill(module_url, "order flow", lambda url: flow_company.company(url, NOW, PASSWORD))
    with running(module_url, tmp_path_factory.mktemp("home")) as made:
        yield made


def order(seller: Person, qty: int, price: str = "100", **more: str) -> str:
    """Submit an order; return its address."""
    rows = {"rows.0.what": "阀门", "rows.0.qty": str(qty), "rows.0.price": price}
    fields = {"version": "0", "customer": "海通机械", "cost": "70", "_then": "submit", **rows}
    answer = seller.post(LIST, **(fields | more))
    assert answer.status == 303, answer.text
    return str(answer.response.headers["Location"])


def bar(page: Page) -> tuple[str, dict[str, str]]:
    """Where a page's decision goes, and what stands in its form."""
    form = page.one("form#document, form#decision")
    boxes = form.select("input[name], textarea[name]")
    boxes = [box for box in boxes if box.find_parent("template") is None]
    held = {str(box["name"]): str(box.get("value", "")) for box in boxes}
    return str(form["action"]), held


def say(who: Person, href: str, decision: str, **more: str) -> Page:
    """Answer on the page of a document, with everything that stands there."""
    action, held = bar(who.get(href))
    return who.post(action, script=True, **(held | {"_decision": decision} | more))


def act(who: Person, href: str, deed: str, **more: str) -> Page:
    """Do one of the further acts, through its dialog."""
    page = who.get(href)
    form = page.one(f"dialog[data-deed={deed}] form")
    held = {str(box["name"]): str(box["value"]) for box in form.select("input[type=hidden]")}
    return who.post(str(form["action"]), script=True, **(held | more))


def choice(page: Page, deed: str, text: str) -> str:
    """The value of a choice in a dialog by what it says."""
    options = page.soup.select(f"dialog[data-deed={deed}] select[name=to] option")
    return next(str(each["value"]) for each in options if text in each.get_text())


def wrong(page: Page) -> list[str]:
    assert page.status in {409, 422}, page.status
    return page.texts("#problems-title, [data-summary] li, #ibx-problem b, #ibx-problem li")


def picture(who: Person) -> str:
    """Upload a signature; return its id."""
    answer = who.client.post(
        "/files",
        data={"file": (BytesIO(PIXEL), "签名.png")},
        headers={"X-CSRFToken": who.token},
        content_type="multipart/form-data",
    )
    return str(answer.get_json()["id"])


def status_of(who: Person, href: str) -> str:
    return who.get(href).texts("#status")[0]


def test_path__is_shown_before_submitting_and_follows_what_is_typed(person: Signed) -> None:
    seller = person("sun")
    page = seller.get(f"{LIST}/new")
    assert page.texts("#path .fl-b > p:first-child") == [
        "钱进 销售主管", "周仓 仓库确认", "吴用 抄送 · 抄送财务", "流程结束，单据生效",
    ]  # fmt: skip
    rows = {"rows.0.what": "阀门", "rows.0.qty": "3000", "rows.0.price": "100"}
    sent = {"version": "0", "csrf_token": seller.token, "customer": "甲"}
    big = seller.post(f"{LIST}/path", **(sent | rows))
    assert "赵敏之 总经理" in big.texts("#path .fl-b > p:first-child")
    assert big.texts("#path .fl-why") == ["因为 价税合计 ≥ 100,000"]
    low = seller.post(f"{LIST}/path", **(sent | rows | {"rows.0.qty": "1", "rows.0.cut": "50"}))
    assert "吴用 财务总监" in low.texts("#path .fl-b > p:first-child")
    assert low.texts("#path .fl-why") == ["因为 MAX(商品明细.让价) > 0.15"]


def test_path__is_for_who_may_write_the_document(person: Signed) -> None:
    assert person("wu").post(f"{LIST}/path", version="0").status == 403


def test_step__shows_asks_and_lets_edit_what_it_says(person: Signed) -> None:
    href = order(person("sun"), 2)
    lead = person("qian")
    page = lead.get(href)
    assert page.texts(".dec-why") == ["按角色轮到你：销售主管"]
    # The cost is out of sight, and what is computed from it; neither is in what scripts know.
    for hidden in ("cost", "margin"):
        assert f'data-field="{hidden}"' not in str(page.soup)
        assert f'"{hidden}"' not in str(page.one("#form-model"))
    assert "成本" not in page.text
    assert "毛利" not in page.text
    assert page.one("[name=due]").get("aria-required") == "true"
    assert page.one('[name="rows.0.price"]').get("readonly") is None
    assert page.one('[name="rows.0.qty"]').get("readonly") is not None
    assert page.soup.select("[name=customer]") == []
    assert page.one("line-grid").has_attr("data-no-add")
    assert [each.get_text(strip=True) for each in page.soup.select("[data-phrase]")] == [
        "同意，按此执行", "请补充说明",
    ]  # fmt: skip
    assert wrong(say(lead, href, "approve")) == [
        "有 1 处需要修改",
        "交货日期：这一步必须填写这个字段",
    ]
    # What was not offered is not written, whoever sends it.
    edited = {"due": "2026-12-01", "rows.0.price": "90", "customer": "别人", "rows.0.qty": "9"}
    assert say(lead, href, "approve", **edited).status == 204
    seen = person("sun").get(href)
    assert "海通机械" in seen.text
    assert seen.texts('[data-total="total"]') == ["¥ 180.00"]
    told = seen.texts(".fl-changes li")
    assert any("单价" in each and "90" in each for each in told), told
    assert any("交货日期" in each for each in told)


def test_inbox__says_what_the_step_wants_and_what_comes(person: Signed) -> None:
    href = order(person("sun"), 5)
    lead = person("qian")
    page = lead.get("/inbox")
    item = page.soup.select("[data-item]")[-1]
    page = lead.get(str(item["href"]))
    assert page.texts(".ibx-edits span")[0].startswith("这一步要填写：交货日期、付款条件、商品明细")
    assert page.texts(".dec-comes li") == [
        "同意后 交给周仓（仓库确认）",
        "驳回后 流程结束，单据退回给孙悦，修改后可以再次提交。",
    ]
    assert page.texts(".facts dt") == ["客户", "价税合计"]
    action, held = bar(page)
    refused = lead.post(action, script=True, **(held | {"_decision": "approve", "_comment": "好"}))
    assert "这一步必须填写这个字段" in "".join(wrong(refused))
    # Only what is wrong comes back: what was typed stays where it is.
    assert refused.soup.select("#inbox") == []
    assert status_of(person("sun"), href) == "审批中"


def test_big_order__needs_a_signature_and_the_password(person: Signed) -> None:
    href = order(person("sun"), 2000)
    assert say(person("qian"), href, "approve", due="2026-12-01").status == 204
    boss = person("zhao")
    page = boss.get(href)
    assert page.texts(".dec-btns > [data-answer]") == ["驳回 r", "批准 a"]
    assert page.texts(".dec-why") == ["按角色轮到你：总经理（因为 价税合计 ≥ 100,000）"]
    assert page.texts(".dec-vouch .muted, .dec-pass .muted") == ["批准时必须", "批准时必须"]
    assert wrong(say(boss, href, "approve")) == ["有 2 处需要修改", "请签名", "请先确认密码"]
    signature = picture(boss)
    bad = say(boss, href, "approve", _signature=signature, _password="not this one")
    assert wrong(bad) == ["有 1 处需要修改", "现在的密码不对"]
    # Somebody else's picture is no signature.
    theirs = picture(person("wu"))
    assert "附件" in "".join(
        wrong(say(boss, href, "approve", _signature=theirs, _password=PASSWORD))
    )
    assert say(boss, href, "approve", _signature=signature, _password=PASSWORD).status == 204
    told = person("sun").get(href)
    assert str(told.one(".fl-sign")["href"]) == f"/files/{signature}/picture"
    with person("sun").client.get(f"/files/{signature}/picture") as shown:
        assert (shown.status_code, shown.mimetype) == (200, "image/png")


def test_reject__wants_a_reason_and_gives_the_document_back(person: Signed) -> None:
    href = order(person("sun"), 1)
    lead = person("qian")
    assert "请写明驳回的原因" in "".join(wrong(say(lead, href, "reject")))
    assert say(lead, href, "reject", _comment="价格太低").status == 204
    page = person("sun").get(href)
    assert page.texts(".note-said") == ["钱进 已驳回 · 销售主管 价格太低"]
    # It can be put right, and the way it would take is shown again.
    assert page.texts("#path .fl-b > p:first-child")[0] == "钱进 销售主管"


def test_send_back__return_comes_straight_back(person: Signed) -> None:
    href = order(person("sun"), 1500)
    lead, boss, seller = person("qian"), person("zhao"), person("sun")
    say(lead, href, "approve", due="2026-12-01")
    page = boss.get(href)
    options = page.texts("dialog[data-deed=send_back] option")
    assert options == ["请选择", "销售主管 · 钱进", "发起人 · 孙悦"]
    assert wrong(act(boss, href, "send_back", to="")) == ["有 1 处需要修改", "请选择退回给谁"]
    sent = act(boss, href, "send_back", to="start", way="return", comment="补充付款条件")
    assert sent.status == 204
    assert seller.get("/inbox").texts(".ibx-why")[0].startswith("退回给你修改")
    mine = seller.get(href)
    assert mine.texts(".dec-btns > [data-answer]") == ["重新提交 a"]
    assert mine.texts(".dec-comes li") == ["重新提交后 交给赵敏之（总经理）"]
    assert say(seller, href, "fill", terms="月结 30 天").status == 204
    again = boss.get(href)
    assert "付款条件：月结 30 天" in again.texts(".fl-changes li")
    assert again.soup.select("button[data-answer]") != []


def test_reassign_add_and_remove__stay_within_who_may(person: Signed) -> None:
    href = order(person("sun"), 1)
    lead = person("qian")
    page = lead.get(href)
    assert page.soup.select("dialog[data-deed=delegate]") == []
    # Nobody is asked about their own document.
    assert "孙悦" not in " ".join(page.texts("dialog[data-deed=reassign] option"))
    assert act(lead, href, "add", to=choice(page, "add", "吴用"), way="before").status == 204
    waiting = lead.get(href)
    assert waiting.soup.select("button[data-answer]") == []
    assert "减签：吴用" in " ".join(waiting.texts(".dec-menu button"))
    assert "加签 吴用" in " ".join(waiting.texts(".fl-off p"))
    assert act(lead, href, "remove_added").status == 204
    boss = choice(lead.get(href), "reassign", "赵敏之")
    assert act(lead, href, "reassign", to=boss, comment="我出差").status == 204
    assert lead.get(href).soup.select("button[data-answer]") == []
    assert "转交给你处理：销售主管" in person("zhao").get(href).texts(".dec-why")[0]
    assert say(person("zhao"), href, "approve", due="2026-12-01").status == 204


def test_take_back_withdraw_and_urge(person: Signed) -> None:
    seller, lead, store = person("sun"), person("qian"), person("zhou")
    href = order(seller, 3)
    say(lead, href, "approve", due="2026-12-02")
    assert store.get(href).soup.select("button[data-answer]") != []
    assert act(lead, href, "take_back").status == 204
    assert store.get(href).soup.select("button[data-answer]") == []
    assert act(seller, href, "urge", comment="客户在催").status == 204
    assert "客户在催" in lead.get("/notices").text
    assert "变回草稿" in seller.get(href).texts("dialog[data-deed=withdraw] p")[0]
    assert act(seller, href, "withdraw").status == 204
    assert status_of(seller, href) == "草稿"
    assert lead.get(href).soup.select("dialog[data-deed=withdraw]") == []


def test_fill__adds_lines_and_ends_the_flow(person: Signed) -> None:
    href = order(person("sun"), 1)
    say(person("qian"), href, "approve", due="2026-12-01")
    store = person("zhou")
    page = store.get(href)
    assert page.texts(".dec-btns > [data-answer]") == ["办理完成 a"]
    assert page.texts(".dec-comes li") == ["办理完成后 流程结束，单据生效。"]
    assert not page.one("line-grid").has_attr("data-no-add")
    assert page.one("line-grid").has_attr("data-no-delete")
    more = {"rows.1.what": "垫片", "rows.1.qty": "4", "rows.1.price": "2"}
    assert say(store, href, "fill", **more).status == 204
    assert person("sun").get(href).texts('[data-total="total"]') == ["¥ 108.00"]
    assert status_of(person("sun"), href) == "已审核"
    assert person("wu").get("/inbox?box=copied").soup.select("[data-item]") != []


def test_stash__keeps_what_was_typed_and_nothing_else(person: Signed) -> None:
    href = order(person("sun"), 1)
    lead = person("qian")
    assert say(lead, href, "stash", terms="货到付款", _comment="等客户回复").status == 204
    page = lead.get(href)
    assert page.one("[name=terms]")["value"] == "货到付款"
    assert page.texts("#comment") == ["等客户回复"]
    assert "货到付款" not in person("sun").get(href).text


def test_batch__leaves_what_has_to_be_read_alone(person: Signed) -> None:
    seller, finance = person("sun"), person("wu")
    href = order(seller, 1, **{"rows.0.cut": "50"})
    say(person("qian"), href, "approve", due="2026-12-01")
    task = str(finance.get("/inbox").soup.select(".ibx-ck")[-1]["value"])
    asked = finance.get(f"/inbox/approvals?task={task}", script=True)
    assert asked.soup.select("input[name=task]") == []
    assert "这一步不允许批量同意" in asked.texts(".note-warn li")[0]
    refused = finance.post("/inbox/approvals", script=True, task=f"{task}:1")
    assert "1 张没有同意" in refused.text


def test_admin__ends_a_flow_and_lets_it_go_on(person: Signed) -> None:
    href = order(person("sun"), 1)
    root, lead = person("root"), person("qian")
    assert act(root, href, "terminate", comment="重复下单").status == 204
    assert status_of(root, href) == "已驳回"
    assert lead.get(href).soup.select("button[data-answer]") == []
    assert act(root, href, "reactivate", comment="看错了").status == 204
    assert lead.get(href).soup.select("button[data-answer]") != []
    action = str(lead.get(href).one("form#document")["action"])
    assert lead.post(action, script=True, decision="terminate").status == 403


def test_others__are_offered_nothing_and_may_do_nothing(person: Signed) -> None:
    href = order(person("sun"), 1)
    lead, other = person("qian"), person("wu")
    action, held = bar(lead.get(href))
    page = other.get(href)
    assert page.soup.select("[data-answer], dialog[data-deed]") == []
    for deed in ("approve", "reject", "reassign", "stash", "take_back"):
        sent = {"_decision": deed, "_task": held["_task"], "version": held["version"]}
        assert other.post(action, _comment="x", _to="1", **sent).status == 403, deed
    for deed in ("withdraw", "urge", "copy", "terminate", "reactivate"):
        answer = other.post(action, decision=deed, to="1", comment="x", version=held["version"])
        assert answer.status in {403, 404, 409, 422}, deed
    assert other.post(action, decision="burn").status == 400


def test_stale__a_document_that_changed_is_read_again_first(person: Signed) -> None:
    href = order(person("sun"), 1)
    lead = person("qian")
    action, held = bar(lead.get(href))
    stale = held | {"_decision": "approve", "due": "2026-12-01", "version": "9"}
    answer = lead.post(action, script=True, **stale)
    assert answer.status == 409
    assert "修改" in answer.texts("#conflict-title")[0]
