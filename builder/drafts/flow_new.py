"""What a new flow, step or branch begins with: a name, an id, and what most people would choose."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from builder.drafts.flow_steps import BRANCHES, STEPS, new_id
from builder.drafts.working import Object, Working, name_of, refuse
from builder.flow_places import every_step
from builder.workbook.codes import form_code
from runtime.definitions.label import read_label

Json = Mapping[str, Any]
Names = Mapping[str, str]
# What a type of step is called until somebody names it.
NAMES: Final[Mapping[str, Names]] = {
    "approve": {"zh": "审批", "en": "Approval"},
    "fill": {"zh": "办理", "en": "Handling"},
    "copy": {"zh": "抄送", "en": "Copy to"},
    "branch": {"zh": "条件分支", "en": "Branch"},
    "parallel": {"zh": "并行", "en": "In parallel"},
    "subflow": {"zh": "子流程", "en": "Sub-flow"},
    "wait": {"zh": "等待", "en": "Wait"},
    "find": {"zh": "查找记录", "en": "Find records"},
    "create": {"zh": "新建记录", "en": "Create a record"},
    "update": {"zh": "修改记录", "en": "Change a record"},
    "delete": {"zh": "删除记录", "en": "Delete a record"},
    "convert": {"zh": "生成单据", "en": "Make a document"},
    "post": {"zh": "过账", "en": "Post"},
    "calculate": {"zh": "计算", "en": "Calculate"},
    "notify": {"zh": "发消息", "en": "Notify"},
    "loop": {"zh": "逐行处理", "en": "For each line"},
    "http": {"zh": "调用接口", "en": "Call an address"},
    "end": {"zh": "结束流程", "en": "End"},
}
_MANAGER: Final = {"by": "manager", "level": 1}
# What only the author knows (a form, a conversion, an address) stays open, a problem until it is
# said.
_BEGIN: Final[Mapping[str, Json]] = {
    "approve": {"who": _MANAGER, "mode": "any", "demand": {"reject": ["comment"],
                                                           "send_back": ["comment"]}},
    "fill": {"who": {"by": "initiator"}, "mode": "any"},
    "copy": {"who": {"by": "role", "roles": []}},
    "branch": {"match": "first"},
    "parallel": {"join": "all"},
    "subflow": {"rejected": "reject"},
    "wait": {"for": {"n": 1, "unit": "days"}},
    "find": {"match": {}, "take": "first", "none": "go_on"},
    "create": {"set": {}},
    "update": {"of": "document", "set": {}},
    "convert": {"submit": False},
    "calculate": {"set": {}},
    "notify": {"who": {"by": "initiator"}, "by": ["app"]},
    "loop": {STEPS: []},
    "http": {"wait": True, "failed": "stop"},
    "end": {"outcome": "approved"},
}  # fmt: skip
_CONDITION: Final = {"zh": "条件", "en": "Condition"}
_WAY: Final = {"zh": "分支", "en": "Way"}
ELSE: Final = {"zh": "其他情况", "en": "Otherwise"}


def new_flow(work: Working, form: Json, trigger: Json | None) -> Object:
    """An empty flow of a form: its approval, or what a trigger sets going."""
    flows = work.source.get("workflows", ())
    name = read_label(form.get("label"), form["code"])
    zh, en = ("审批", "approval") if trigger is None else ("自动化", "automation")
    own = {"zh": f"{name.zh}{zh}"} | ({"en": f"{name.en} {en}"} if name.en else {})
    label = _free(own, {name_of(each) for each in flows})
    code = form_code(str(form["code"]), {each["code"] for each in flows})
    begun = {} if trigger is None else {"trigger": dict(trigger)}
    return {"code": code, "label": label, "form": form["code"], **begun, STEPS: []}


def new_step(flow: Json, given: Json) -> Object:
    """A step of the type that is asked for; what is given of it stands."""
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in NAMES:
        refuse("/step/type", "flow_step_type_unknown", name=str(kind)[:40])
    if "id" in given:
        refuse("/step/id", "draft_property_fixed", name="id")
    step: Object = {"id": new_id(flow), "type": kind}
    step["label"] = given.get("label") or _free(NAMES[kind], _names(flow))
    step |= deepcopy(dict(_BEGIN.get(kind, {})))
    step |= {name: value for name, value in given.items() if name not in {"type", "label"}}
    if kind in {"branch", "parallel"} and BRANCHES not in step:
        step[BRANCHES] = _two(flow, kind)
    return step


def _two(flow: Json, kind: str) -> list[Object]:
    first = {"id": new_id(flow, "c"), "label": _free(_CONDITION if kind == "branch" else _WAY, ())}
    second: Object = {"id": new_id(flow, "c")}
    if kind == "branch":
        return [{**first, STEPS: []}, {**second, "label": dict(ELSE), "else": True, STEPS: []}]
    return [{**first, STEPS: []}, {**second, "label": _free(_WAY, ("分支",)), STEPS: []}]


def new_branch(flow: Json, fork: Json, given: Json) -> Object:
    """One more way out of a fork."""
    if set(given) - {"label", "when"}:
        refuse("/branch", "draft_property_fixed", name="、".join(sorted(set(given))))
    taken = {name_of({"code": "", **each}) for each in fork[BRANCHES]}
    names = _CONDITION if fork["type"] == "branch" else _WAY
    label = given.get("label") or _free(names, taken)
    rest = {"when": given["when"]} if given.get("when") else {}
    return {"id": new_id(flow, "c"), "label": label, **rest, STEPS: []}


def beside_else(branches: list[Any]) -> int:
    """The last place a branch may have: what takes the rest stays behind all others."""
    return len(branches) - bool(branches and branches[-1].get("else"))


def _names(flow: Json) -> set[str]:
    return {name_of({"code": "", **each}) for each in every_step(flow)}


def _free(names: Names, taken: Any) -> Object:
    """The name with the next number that is free."""
    number, label = 1, dict(names)
    while label["zh"] in taken:
        number += 1
        label = {language: f"{text} {number}" for language, text in names.items()}
    return label
