"""Automations in the designer over HTTP: what sets them off in a sentence, lists, an address."""

import json
from collections.abc import Callable

import pytest

from builder.designer.flow.choices import OFFERED
from tests.screens.person import Person
from tests.screens.test_flow_designer import designer, rev, sent

__all__ = ["designer"]
Signed = Callable[[str], Person]
FORM = "/design/jxc/forms/purchase_receipt"

# what begins it, what is set on the way, the sentence on its card
SENTENCES = [
    ("create", {}, "新建“采购入库”以后"),
    ("change", {"fields": ["note"]}, "改了“备注”以后"),
    ("change", {"status": ["posted"]}, "“采购入库”到了“已过账”时"),
    ("change", {"when": "{amount_total}>=100"}, "修改“采购入库”以后，且 金额合计 ≥ 100"),
    ("delete", {}, "删除“采购入库”以后"),
    ("schedule", {"every": "week", "days": [1, 5], "time": "08:30"}, "每周一、周五 08:30"),
    ("schedule", {"every": "month", "days": [31], "each": True}, "每月 31 日 09:00，对每条记录"),
    ("schedule", {"every": "hour", "time": "00:15"}, "每小时的第 15 分"),
    ("date", {"offset": -3}, "“单据日期”前 3 天"),
    ("webhook", {"map": {"note": "/note"}, "key": "note"},
     "外部请求按“备注”找到就改，找不到就新建，写入 备注"),
    ("button", {"label": "催货", "roles": ["warehouse_lead"]}, "仓库主管点“催货”"),
    ("call", {}, ""),
]  # fmt: skip


def made(person: Person, on: str) -> str:
    """A new automation; returns the address of its page."""
    person.get(f"{FORM}/automations")
    answer = person.post("/design/jxc/automations", form="purchase_receipt", on=on)
    assert answer.status == 303, answer.text[:400]
    return str(answer.response.location)


def test_automation__says_in_a_sentence_what_sets_it_off(designer: Person) -> None:
    assert {on for on, _members, _said in SENTENCES} == set(OFFERED) - {"submit"}
    for on, members, said in SENTENCES:
        flow = made(designer, on)
        code = flow.rsplit("/", 1)[1]
        ops = [
            {"op": "set_flow", "flow": code, "name": f"trigger/{name}", "value": value}
            for name, value in members.items()
        ]
        if ops:
            status, soup = sent(designer, "ops", flow, base_rev=rev(designer, flow), ops=ops)
            assert status == 200, soup.get_text()[:400]
        card = designer.get(flow).one("#fn-start").get_text(" ", strip=True)
        assert said in card, (on, card)
        panel = designer.get(f"{flow}/panel?path=start")
        assert panel.status == 200
        chosen = [json.loads(str(each["value"])) for each in panel.soup.select(
            "select[data-name=trigger] option[selected]")]  # fmt: skip
        assert [each["on"] for each in chosen] == [on]
    page = designer.get(f"{FORM}/automations")
    assert len(page.soup.select(".au-go")) == len(SENTENCES)
    assert "每周一、周五 08:30" in page.text
    assert page.texts(".dz-steps [aria-current=page]") == ["自动化"]
    whole = designer.get("/design/jxc/automations")
    assert len(whole.soup.select(".au-go")) == len(SENTENCES) + 1, "and the approval"


def test_empty_list_of_a_trigger__is_not_kept(designer: Person) -> None:
    flow = made(designer, "change")
    code = flow.rsplit("/", 1)[1]
    for value in (["note"], []):
        op = {"op": "set_flow", "flow": code, "name": "trigger/fields", "value": value}
        status, _soup = sent(designer, "ops", flow, base_rev=rev(designer, flow), ops=[op])
        assert status == 200
    kept = json.loads(str(designer.get(flow).one("#flow-json").string))
    assert kept["trigger"] == {"on": "change"}


@pytest.mark.parametrize("on", ["submit", "none", ""])
def test_new_automation__begins_with_something_known(designer: Person, on: str) -> None:
    assert designer.post("/design/jxc/automations", form="item", on=on).status == 400


def test_address__is_the_administrators_and_of_a_published_call_alone(
    person: Signed, designer: Person
) -> None:
    flow = made(designer, "webhook")
    assert designer.get(f"{flow}/hook").status == 404, "it is not published"
    assert designer.post(f"{flow}/hook", do="rubbish").status == 400
    assert designer.post(f"{flow}/hook", do="on").status == 404
    for path in (f"{flow}/hook", "/design/jxc/automations", f"{FORM}/automations"):
        assert person("wangjianguo").get(path).status == 403


def test_robot__its_secret_is_given_and_never_shown(person: Signed, designer: Person) -> None:
    flow = made(designer, "button")
    code, secret = flow.rsplit("/", 1)[1], "SEC" + "ab" * 32
    step = {
        "type": "notify", "by": ["dingtalk"], "text": '="好"',
        "url": "https://oapi.example.com/robot/send?access_token=tell-nobody",
    }  # fmt: skip
    op = {"op": "add_step", "flow": code, "step": step, "to": {"in": "", "index": 0}}
    status, soup = sent(designer, "ops", flow, base_rev=rev(designer, flow), ops=[op])
    assert status == 200, soup.get_text()[:400]
    kept = json.loads(str(designer.get(flow).one("#flow-json").string))
    (node,) = [each["id"] for each in kept["steps"] if each["type"] == "notify"]
    robot = f"{flow}/robots/{node}"
    panel = designer.get(f"{flow}/panel?path={node}")
    assert panel.one("#panel a[href*='/robots/']")["href"] == robot
    page = designer.get(robot)
    assert page.status == 200, page.text
    assert page.texts(".tag")[-1] == "不签名"
    assert "tell-nobody" not in page.text
    assert designer.post(robot, do="keep", secret="nothing of the kind").status == 422
    assert designer.post(robot, do="rubbish", secret=secret).status == 400
    assert designer.post(robot, do="keep", secret=secret).status == 303
    page = designer.get(robot)
    assert page.texts(".tag")[-1] == "会签名"
    shown = (robot, flow, f"{flow}/panel?path={node}", "/design/jxc", "/audit")
    for path in shown:
        assert secret not in designer.get(path).text, path
    assert designer.post(robot, do="forget").status == 303
    assert designer.get(robot).texts(".tag")[-1] == "不签名"
    assert designer.get(f"{flow}/robots/n_none").status == 404
    for doing in (lambda p: p.get(robot), lambda p: p.post(robot, do="keep", secret=secret)):
        assert doing(person("wangjianguo")).status == 403
