"""The settings of a step: whom it asks, what they see, their buttons, its time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request, url_for

from builder import drafts
from builder.designer.flow import conditions
from builder.designer.flow.choices import choices_of
from builder.designer.flow.matrix import matrix, steps_with_people
from builder.designer.flow.page import NONE
from builder.designer.flow.summaries import limit_words
from builder.designer.flow.trigger_words import (
    STATES,
    SUBMIT,
    day_words,
    sentence,
    trigger_word,
)
from builder.designer.flow.view import START, flow_in, other_language
from builder.designer.flow.words import (
    FORKS,
    LOOKS,
    PEOPLE,
    Speaker,
    kind_word,
    mode_words,
    roles_in,
    step_name,
    unit_words,
)
from builder.designer.formula_dialog import formula_model
from builder.designer.rules_words import operator_words
from builder.designer.studio_frame import form_in
from builder.drafts import Draft
from builder.drafts.flow_steps import Spot, spots
from builder.drafts.store import active
from builder.formula_places import CHECK
from runtime.definitions.workflow import step_options
from runtime.infra import departments, users
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.screens.acting import reading
from runtime.screens.i18n import _, joined
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.statuses import status_text

Json = Mapping[str, Any]
LONGEST: Final = 60


@dataclass(frozen=True)
class Source:
    """One way to say whom a step asks: its `who` when it is chosen, and whether it is."""

    title: str
    help: str
    value: Json
    is_on: bool


@dataclass(frozen=True)
class ButtonRow:
    """One button of a step: whether people have it, and what it says."""

    code: str
    text: str
    is_on: bool
    label: str


@permission("admin")
def flow_panel(app_code: str, form_code: str, flow_code: str) -> Response:
    """Show the settings of a step or branch (`?path=`), compared with another (`?compare=`)."""
    path = request.args.get("path", "")[:LONGEST]
    with reading() as act:
        draft = drafts.read(act, app_code)
        form = form_in(draft, form_code)
        flow = flow_in(draft, form, "" if flow_code == NONE else flow_code)
        if flow is None:
            raise NotFound
        spot = next((each for each in spots(flow["steps"]) if each.node["id"] == path), None)
        context = _context(act, draft, form, flow, spot)
        return render("designer/flow_panel.html", None, **context)


def _context(act: Act, draft: Draft, form: Json, flow: Json, spot: Spot | None) -> dict[str, Any]:
    people = users.everybody(act.connection)
    speaker = Speaker(draft.source, form, people)
    known = tuple(each.name for each in departments.everyone(act.connection))
    choices = choices_of(draft.source, form, flow, people, known)
    shared: dict[str, Any] = {
        "form": form,
        "flow": flow,
        "choices": choices,
        "speaker": speaker,
        "here": url_for("designer.flow_panel", app_code=draft.app_code, form_code=form["code"],
                        flow_code=flow["code"]),
        "units": unit_words(),
    }  # fmt: skip
    if spot is None:
        names = dict(choices.fields)
        mapped = flow.get("trigger", {}).get("map", ())
        return (
            shared
            | _of_flow(draft, flow, speaker)
            | {
                "mapped_fields": [(code, names.get(code, code)) for code in mapped],
                "is_live": _is_live(act, draft, flow),
            }
        )
    if spot.is_branch:
        return shared | _of_branch(act, draft, form, spot)
    return shared | _of_step(form, flow, spot.node, speaker)


def _is_live(act: Act, draft: Draft, flow: Json) -> bool:
    """Whether the running app begins the flow by calls of other systems."""
    running = active(act.connection, draft.app_code)
    flows = running[0].get("workflows", ()) if running else ()
    return any(
        each["code"] == flow["code"] and each.get("trigger", {}).get("on") == "webhook"
        for each in flows
    )


def _of_flow(draft: Draft, flow: Json, speaker: Speaker) -> dict[str, Any]:
    tone, icon = LOOKS[START]
    trigger: Json = flow.get("trigger", {"on": SUBMIT})
    return {
        "what": "flow",
        "node": flow,
        "title": step_name({"id": flow["code"], **flow}),
        "other": other_language(flow),
        "word": kind_word(START),
        "tone": tone,
        "icon_name": icon,
        "tabs": (("main", _("发起")),),
        "trigger": trigger,
        "trigger_word": trigger_word,
        "says": sentence(conditions.app_of_forms(draft), speaker, trigger),
        "states": [(each, status_text(each)) for each in STATES],
        "days": day_words(),
        "dates": [(day, _("%(n)s 日", n=day)) for day in range(1, 32)],
    }


def _of_branch(act: Act, draft: Draft, form: Json, spot: Spot) -> dict[str, Any]:
    branch, fork = spot.node, spot.owner or {}
    tone, icon = LOOKS[str(fork["type"])]
    app = conditions.app_of_forms(draft)
    when = str(branch.get("when", ""))
    is_condition = fork["type"] == "branch" and not branch.get("else")
    model = formula_model(act, draft, (form["code"], ""), ("", CHECK), when) if is_condition else {}
    return {
        "what": "branch",
        "node": branch,
        "title": step_name(branch),
        "other": other_language(branch),
        "word": _("条件") if fork["type"] == "branch" else _("分支"),
        "tone": tone,
        "icon_name": icon,
        "tabs": (("main", _("条件")),),
        "is_condition": is_condition,
        "index": spot.index,
        "rows": conditions.rows_of(app, form, when),
        "says": conditions.text_of(app, form, when)[0],
        "fields": tuple(conditions.offered(form)) if is_condition else (),
        "operators": list(operator_words().items()),
        "model": {**model, "result": "boolean"},
    }


def _of_step(form: Json, flow: Json, step: Json, speaker: Speaker) -> dict[str, Any]:
    kind = str(step["type"])
    tone, icon = LOOKS[kind]
    compared = request.args.get("compare", "")[:LONGEST]
    is_asked = kind in PEOPLE
    others = tuple(each for each in steps_with_people(flow) if each["id"] != step["id"])
    other = next((each for each in others if each["id"] == compared), None)
    return {
        "what": "fork" if kind in FORKS else "step",
        "node": step,
        "kind": kind,
        "title": step_name(step),
        "other": other_language(step),
        "word": kind_word(kind),
        "tone": tone,
        "icon_name": icon,
        "tabs": tuple(_tabs(kind)),
        "sources": tuple(_sources(step, flow)) if "who" in step or is_asked else (),
        "matches": _matches(speaker, step.get("who")),
        "modes": tuple(_modes(kind)),
        "modes_pairs": [(code, text) for code, text, _help in _modes(kind)],
        "names": {each["id"]: step_name(each) for each in others},
        "back_targets": _back_targets(flow, step),
        "wait_ops": wait_ops,
        "channels": channels(),
        "sections": matrix(form, step, other) if is_asked else (),
        "others": others,
        "compared": compared,
        "previous": _before(others, flow, step),
        "button_rows": tuple(_buttons(step)) if is_asked else (),
        "limit": step.get("limit"),
        "limits": limit_words(),
    }


def _tabs(kind: str) -> Iterator[tuple[str, str]]:
    words = {"approve": _("审批人"), "fill": _("办理人"), "copy": _("抄送给谁")}
    yield "main", words.get(kind, _("设置"))
    if kind in PEOPLE:
        yield "perm", _("字段权限")
        yield "ops", _("操作按钮")
        yield "time", _("超时")


def _sources(step: Json, flow: Json) -> Iterator[Source]:
    who: Json = step.get("who") or {}
    by = who.get("by")
    decided = (each["id"] for each in steps_with_people(flow) if each["id"] != step["id"])
    of_step = {"by": "step"} | ({"step": first} if (first := next(decided, "")) else {})
    offered: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (_("主管"), _("第 N 级主管"), {"by": "manager", "level": 1}),
        (_("指定成员"), _("固定的人"), {"by": "users", "users": []}),
        (_("角色"), _("有这个角色的人"), {"by": "role", "roles": []}),
        (_("部门"), _("部门或负责人"), {"by": "department", "departments": [], "heads": False}),
        (_("表单内成员"), _("如 业务员"), {"by": "field"}),
        (_("发起人自选"), _("提交时选择"),
         {"by": "chosen", "within": {"by": "role", "roles": []}, "chooser": "initiator"}),
        (_("逐级上报"), _("一级一级往上"), {"by": "climb", "level": 2}),
        (_("发起人"), _("提交的人"), {"by": "initiator"}),
        (_("节点处理人"), _("前面处理过的人"), of_step),
        (_("公式"), _("算出登录名"), {"by": "formula"}),
    )  # fmt: skip
    for title, text, value in offered:
        yield Source(title, text, value, value["by"] == by)


def _matches(speaker: Speaker, who: Any) -> str | None:
    """Who has the roles now; None for people that are found when the step is reached."""
    if not isinstance(who, Mapping) or who.get("by") != "role" or not roles_in(who):
        return None
    return joined(speaker.holders(roles_in(who)))


def _modes(kind: str) -> Iterator[tuple[str, str, str]]:
    helps = {
        "any": _("任一人同意即通过，其余人的待办自动撤回。"),
        "all": _("每个人都要同意。"),
        "in_order": _("一个接一个，前一位同意后才到下一位。"),
        "percent": _("同意的人达到比例就通过。"),
        "count": _("同意的人达到票数就通过。"),
    }
    for code, text in mode_words().items():
        if kind == "approve" or code in {"any", "all", "in_order"}:
            yield code, text, helps[code]


def channels() -> list[tuple[str, str]]:
    """The ways a message takes: what the format knows, in words."""
    words = {
        "app": _("站内"), "dingtalk": _("钉钉机器人"),
        "wecom": _("企业微信机器人"), "webhook": "Webhook",
    }  # fmt: skip
    known = step_options("notify")["properties"]["by"]["items"]["enum"]
    return [(code, words.get(code, code)) for code in known]


def wait_ops(step: Json, wanted: str, value: Json) -> list[Json]:
    """The operations that let a step wait for something else."""
    base = {"op": "set_step", "step": step["id"]}
    gone = [key for key in ("for", "until", "when") if key in step and key != wanted]
    return [
        *({**base, "name": key, "value": None} for key in gone),
        *({**base, "name": key, "value": each} for key, each in value.items() if key not in step),
    ]


def _back_targets(flow: Json, step: Json) -> list[tuple[str, str]]:
    """The steps before this one on the page that have people."""
    found = []
    for each in steps_with_people(flow):
        if each["id"] == step["id"]:
            break
        found.append((each["id"], step_name(each)))
    return found


def _before(others: Sequence[Json], flow: Json, step: Json) -> Json | None:
    """The step with people that comes before this one on the page."""
    ids = [each["id"] for each in steps_with_people(flow)]
    at = ids.index(step["id"]) if step["id"] in ids else 0
    wanted = ids[at - 1] if at else None
    return next((each for each in others if each["id"] == wanted), None)


def _buttons(step: Json) -> Iterator[ButtonRow]:
    own = step.get("buttons", {})
    for code, text in button_words(str(step["type"])).items():
        said = own.get(code)
        name = said.get("label", "") if isinstance(said, Mapping) else ""
        written = name.get("zh", "") if isinstance(name, Mapping) else name
        yield ButtonRow(code, text, said is not False, str(written))


def button_words(kind: str) -> dict[str, str]:
    """The buttons of a step and what they say of themselves."""
    first = (
        {"approve": _("同意"), "reject": _("拒绝")}
        if kind == "approve"
        else {"fill": _("办理完成")}
    )
    return first | {
        "send_back": _("退回"), "reassign": _("转交"), "delegate": _("委托"), "add": _("加签"),
        "copy": _("抄送"), "stash": _("暂存"), "comment": _("评论"), "print": _("打印"),
    }  # fmt: skip
