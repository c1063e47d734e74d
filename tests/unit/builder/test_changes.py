"""The difference between two versions: every planted change is named, and nothing else."""

import random
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.changes import changes, numbers
from builder.packages import read_package
from runtime.infra.strict_json import canonical

JXC = Path(__file__).parents[3] / "app_templates" / "jxc"
Json = dict[str, Any]


@cache
def _jxc() -> str:
    """The app with something of everything an app may have."""
    app = read_package(JXC)
    delivery = next(each for each in app["forms"] if each["code"] == "delivery")
    delivery["rules"] = [
        {"code": "large", "label": "大额", "when": "={amount_total}>1000", "effect": "require",
         "fields": ["handled_by"]},
        {"code": "small", "when": "={amount_total}<10", "effect": "hide", "fields": ["note"]},
    ]  # fmt: skip
    delivery["tabs"] = [{"code": "main", "label": "主要"}, {"code": "more", "label": "更多"}]
    delivery["checks"] = [
        {"formula": "={amount_total}>=0", "message": "金额不能为负", "field": "amount_total"},
        {"formula": "={amount_total}<1000000", "message": "金额太大", "field": "amount_total"},
    ]
    delivery["unique_together"] = [["document_no", "customer"]]
    app["option_sets"] = [
        {"code": "grade", "label": "等级", "options": [{"code": "a"}, {"code": "b"}]},
        {"code": "colour", "label": "颜色", "options": [{"code": "r", "label": "红"}]},
    ]
    app["tests"] = [
        {"code": "first", "label": "第一", "example": {"form": "uom", "values": {}, "expect": {}}},
        {"code": "second", "steps": [{"do": "create", "form": "uom"}]},
    ]
    return canonical(app)


def jxc() -> Json:
    import json  # noqa: PLC0415 - a copy, nothing else

    found: Json = json.loads(_jxc())
    return found


def form(app: Json, code: str = "delivery") -> Json:
    return next(each for each in app["forms"] if each["code"] == code)  # type: ignore[no-any-return]


def field(app: Json, code: str, where: str = "delivery") -> Json:
    return next(f for f in form(app, where)["fields"] if f["code"] == code)  # type: ignore[no-any-return]


def columns(app: Json) -> list[Json]:
    return field(app, "lines")["options"]["fields"]  # type: ignore[no-any-return]


def column(app: Json, code: str) -> Json:
    return next(each for each in columns(app) if each["code"] == code)


def _retype(app: Json) -> None:
    found = column(app, "price")
    found["kind"], found["options"] = "number", {"places": 4}


def _add_field(app: Json) -> None:
    made = {"code": "remark", "id": "remark", "kind": "text", "label": "附言"}
    form(app)["fields"].append(made)
    form(app)["sections"][0]["fields"].append("remark")


def _delete_field(app: Json) -> None:
    """As the designer does it: out of the sections, lists and searches that name it."""
    found = form(app, "supplier")
    code = found["fields"][-1]["code"]
    found["fields"].pop()
    for section in found["sections"]:
        section["fields"] = [each for each in section["fields"] if each != code]


def _move_between(app: Json) -> None:
    sections = form(app, "item")["sections"]
    sections[1]["fields"].insert(0, sections[0]["fields"].pop(3))


def _move_within(app: Json) -> None:
    fields = form(app, "customer")["sections"][0]["fields"]
    fields.insert(0, fields.pop())


def _set(what: Callable[[Json], Json], name: str, value: Any) -> Callable[[Json], None]:
    return lambda app: what(app).__setitem__(name, value)


# what is planted, and what has to be said of it: (kind, part, what the Chinese sentence ends with)
PLANTED: list[tuple[Callable[[Json], None], tuple[str, str, str]]] = [
    (
        _set(lambda a: a, "label", {"zh": "仓库"}),
        ("changed", "app", "应用的名称：进销存 / Inventory → 仓库"),
    ),
    (_set(lambda a: a, "currency", "USD"), ("changed", "app", "应用的货币：CNY → USD")),
    (
        _set(lambda a: a["stock"]["rules"], "negative", "allow"),
        ("changed", "app", "forbid → allow"),
    ),
    (_set(form, "label", "出库单"), ("changed", "form", "销售出库 / Delivery → 出库单")),
    (_set(form, "icon", "truck"), ("changed", "form", "图标：truck-delivery → truck")),
    (lambda a: form(a)["list"].remove("customer"), ("changed", "form", "列表列：去掉 客户")),
    (
        lambda a: form(a)["search"].append("handled_by"),
        ("changed", "form", "搜索字段：加上 经手人"),
    ),
    (
        lambda a: form(a).pop("unique_together"),
        ("changed", "form", "组合唯一：单据编号、客户 → 无"),
    ),
    (
        lambda a: form(a)["posting"].__setitem__("qty", "lines.price"),
        ("changed", "form", "过账规则 qty：数量 → 单价"),
    ),
    (
        _set(lambda a: field(a, "customer"), "label", "客户名"),
        ("changed", "field", "客户 / Customer → 客户名"),
    ),
    (_set(lambda a: field(a, "customer"), "width", 4), ("changed", "field", "“客户”的宽度：6 → 4")),
    (
        _set(lambda a: field(a, "document_date"), "required", False),
        ("changed", "field", "“单据日期”的必填：是 → 否"),
    ),
    (
        _set(lambda a: field(a, "document_date"), "default", None),
        ("changed", "field", "默认值：=TODAY() → 无"),
    ),
    (
        _set(lambda a: field(a, "handled_by"), "help", "谁办的"),
        ("changed", "field", "帮助：无 → 谁办的"),
    ),
    (
        _set(lambda a: field(a, "document_no")["options"], "prefix", "CK-"),
        ("changed", "field", "XSCK- → CK-"),
    ),
    (
        _set(lambda a: column(a, "qty"), "index", True),
        ("changed", "field", "“数量”的索引：否 → 是"),
    ),
    (_retype, ("changed", "field", "“单价”的类型：金额 → 数字")),
    (_add_field, ("added", "field", "新增字段“附言”")),
    (_delete_field, ("removed", "field", "")),
    (_move_between, ("moved", "field", "")),
    (_move_within, ("moved", "field", "移到最前面")),
    (lambda a: columns(a).insert(0, columns(a).pop(3)), ("moved", "field", "移到最前面")),
    (_set(lambda a: form(a)["sections"][0], "label", "要点"), ("changed", "section", "→ 要点")),
    (_set(lambda a: form(a)["sections"][0], "phone", "folded"), ("changed", "section", "→ folded")),
    (
        lambda a: form(a)["tabs"].append({"code": "x", "label": "附加"}),
        ("added", "tab", "新增标签页“附加”"),
    ),
    (lambda a: form(a)["tabs"].reverse(), ("moved", "tab", "移到最前面")),
    (
        _set(lambda a: form(a)["rules"][0], "when", "={amount_total}>2000"),
        ("changed", "rule", "→ ={金额合计}>2000"),
    ),
    (_set(lambda a: form(a)["rules"][1], "effect", "show"), ("changed", "rule", "隐藏 → 显示")),
    (_set(form, "checks", []), ("removed", "check", "")),
    (_set(lambda a: a["aggregates"][0], "label", "月汇总"), ("changed", "aggregate", "→ 月汇总")),
    (lambda a: a["aggregates"][0]["measures"].pop(), ("removed", "measure", "")),
    (
        _set(lambda a: a["option_sets"][0]["options"][0], "label", "甲"),
        ("changed", "option", "→ 甲"),
    ),
    (lambda a: a["option_sets"].pop(), ("removed", "option_set", "删除选项集“颜色”")),
    (_set(lambda a: a["workflows"][0]["steps"][0], "mode", "all"), ("changed", "step", "→ 全部")),
    (
        _set(lambda a: a["workflows"][0]["steps"][0]["who"], "role", "buyer"),
        ("changed", "step", "→ buyer"),
    ),
    (
        lambda a: a["roles"][0]["grants"][0]["verbs"].remove("view"),
        ("changed", "grant", "去掉 查看"),
    ),
    (_set(lambda a: a["roles"][1]["grants"][0], "rows", "own"), ("changed", "grant", "→ 本人的")),
    (lambda a: a["roles"][1]["grants"].pop(), ("removed", "grant", "")),
    (
        lambda a: a["roles"].append({"code": "x", "label": "会计", "grants": []}),
        ("added", "role", "新增角色“会计”"),
    ),
    (lambda a: a["menus"][0]["items"].pop(), ("removed", "menu_item", "")),
    (_set(lambda a: a["menus"][1], "label", "卖"), ("changed", "menu", "→ 卖")),
    (lambda a: a["tests"].pop(), ("removed", "test", "删除测试“second”")),
    (
        _set(lambda a: a["tests"][0]["example"]["expect"], "status", "draft"),
        ("changed", "test", "无 → draft"),
    ),
    (lambda a: a["forms"].pop(), ("removed", "form", "个字段）")),
]


def said(before: Json, after: Json) -> list[tuple[str, str, str]]:
    return [(each.kind, each.part, each.text.zh) for each in changes(before, after)]


@pytest.mark.parametrize("at", range(len(PLANTED)))
def test_one_planted__is_named_alone(at: int) -> None:
    plant, (kind, part, end) = PLANTED[at]
    after = jxc()
    plant(after)
    found = said(jxc(), after)
    names = {(each[0], each[1]) for each in found}
    assert names == {(kind, part)}
    assert len(found) == (2 if (kind, part) == ("removed", "check") else 1)
    assert found[0][2].endswith(end)
    assert said(after, after) == []


def test_many_planted__each_is_named_and_nothing_else(seed: int) -> None:
    """Some at a time, whichever: what is said of them together is what is said of each alone."""
    dice = random.Random(seed)
    before = jxc()
    told: dict[int, list[tuple[str, str]]] = {}
    apart = [index for index, (plant, _) in enumerate(PLANTED) if plant is not _retype]
    for index in apart:
        one = jxc()
        PLANTED[index][0](one)
        told[index] = [(kind, part) for kind, part, _ in said(before, one)]
    for _ in range(10):
        chosen = sorted(dice.sample(apart, 12))
        together = jxc()
        for index in chosen:
            PLANTED[index][0](together)
        alone = [each for index in chosen for each in told[index]]
        found = [(kind, part) for kind, part, _ in said(before, together)]
        assert sorted(found) == sorted(alone), chosen


def test_english_says_the_same_things() -> None:
    after = jxc()
    for plant, _ in PLANTED[:20]:
        plant(after)
    for each in changes(jxc(), after):
        assert each.text.en
        assert "…" not in each.text.en + each.text.zh


def test_new_app__its_parts_are_new() -> None:
    app = jxc()
    found = numbers(None, app)
    named = [name for name in app if isinstance(app[name], list)]
    assert found["added"] == sum(len(app[name]) for name in named)
    assert found["removed"] == 0


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key in value for leaf in _leaves(value[key], (*path, key))]
    if isinstance(value, list):
        return [leaf for at, each in enumerate(value) for leaf in _leaves(each, (*path, at))]
    return [path]


LEAVES = _leaves(jxc())


@given(st.sampled_from(LEAVES))
def test_whatever_is_changed__something_is_said(path: tuple[Any, ...]) -> None:
    """No member of an app is overlooked: another text anywhere is a sentence at least."""
    after = jxc()
    holder: Any = after
    for step in path[:-1]:
        holder = holder[step]
    was = holder[path[-1]]
    holder[path[-1]] = (not was) if isinstance(was, bool) else f"{was}x"
    assert changes(jxc(), after), path


@given(st.sampled_from(LEAVES))
def test_whatever_is_left_out__something_is_said(path: tuple[Any, ...]) -> None:
    after = jxc()
    holder: Any = after
    for step in path[:-1]:
        holder = holder[step]
    if path[-1] == "code" or (isinstance(holder, dict) and "form" in path[-1:]):
        return
    gone = deepcopy(holder[path[-1]])
    del holder[path[-1]]
    if gone not in (None, False, 0, "show", "open"):
        assert changes(jxc(), after), path
