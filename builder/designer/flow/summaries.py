"""What a card says of a step that needs no people, and the small labels under a card."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from builder.designer.flow.words import Speaker, span_text, step_name
from builder.flow_places import every_step
from runtime.definitions.label import read_label
from runtime.screens.i18n import _, joined, label

Json = Mapping[str, Any]


def summary(speaker: Speaker, step: Json) -> str:
    """What a step does, in a few words; empty while it is not said."""
    if step["type"] in {"approve", "fill", "copy"}:
        return speaker.who(step.get("who"))
    said = _SAID.get(str(step["type"]))
    return said(speaker, step) if said else ""


def badges(step: Json) -> Iterator[str]:
    """What is special about a step with people."""
    limit = step.get("limit")
    if limit:
        span = span_text(limit.get("for")) or _("到期")
        yield f"{span}{limit_words().get(limit['do'], '')}"
    access = step.get("access", {})
    edited = sum(each in {"edit", "require"} for each in access.values())
    if edited:
        yield _("可改 %(n)s 字段", n=edited)
    hidden = sum(each == "hide" for each in access.values())
    if hidden:
        yield _("隐藏 %(n)s 字段", n=hidden)
    demand = step.get("demand", {})
    if "comment" in demand.get("approve", ()):
        yield _("同意须写意见")
    if "signature" in demand.get("approve", ()):
        yield _("须签名")


def limit_words() -> dict[str, str]:
    """What happens when time is up."""
    return {
        "remind": _("提醒"), "approve": _("后自动同意"), "reject": _("后自动拒绝"),
        "send_back": _("后自动退回"), "escalate": _("后转上级"),
    }  # fmt: skip


def form_name(speaker: Speaker, code: Any) -> str:
    """What a form of the app is called."""
    for form in speaker.source["forms"]:
        if form["code"] == code:
            return label(read_label(form.get("label"), str(code)))
    return str(code or "")


def _of_form(text: Callable[[str], str]) -> Callable[[Speaker, Json], str]:
    def said(speaker: Speaker, step: Json) -> str:
        name = form_name(speaker, step.get("form"))
        return text(name) if name else ""

    return said


def _set_fields(speaker: Speaker, step: Json) -> str:
    return joined(speaker.field(code) for code in step.get("set", ()))


def _changed(speaker: Speaker, step: Json) -> str:
    where = _target(speaker, step)
    fields = _set_fields(speaker, step) if step.get("of") == "document" else ""
    return f"{where} · {fields}" if fields else where


def _target(speaker: Speaker, step: Json) -> str:
    if step.get("of") == "document":
        return _("本单")
    for flow in speaker.source.get("workflows", ()):
        for each in every_step(flow):
            if each["id"] == step.get("of"):
                return _("“%(what)s”的结果", what=step_name(each))
    return ""


def _converted(speaker: Speaker, step: Json) -> str:
    for each in speaker.source.get("conversions", ()):
        if each["code"] == step.get("conversion"):
            return label(read_label(each.get("label"), each["code"]))
    return ""


def _waits(speaker: Speaker, step: Json) -> str:
    if step.get("for"):
        return _("等 %(span)s", span=span_text(step["for"]))
    if step.get("until"):
        return _("等到 %(what)s", what=speaker.field(str(step["until"].get("field", ""))))
    return _("等到条件成立") if step.get("when") else ""


def _told(speaker: Speaker, step: Json) -> str:
    words = {"app": _("站内"), "webhook": "Webhook", "dingtalk": _("钉钉"),
             "wecom": _("企业微信")}  # fmt: skip
    ways = joined(words.get(each, each) for each in step.get("by", ("app",)))
    return f"{speaker.who(step.get('who'))} · {ways}" if step.get("text") else ""


def _lines(speaker: Speaker, step: Json) -> str:
    if step.get("lines"):
        return _("%(what)s的每一行", what=speaker.field(str(step["lines"])))
    return _target(speaker, step)


def _subflow(speaker: Speaker, step: Json) -> str:
    for each in speaker.source.get("workflows", ()):
        if each["code"] == step.get("workflow"):
            return label(read_label(each.get("label"), each["code"]))
    return ""


_SAID: Final[Mapping[str, Callable[[Speaker, Json], str]]] = {
    "find": _of_form(lambda name: _("在“%(what)s”里查找", what=name)),
    "create": _of_form(lambda name: _("新建“%(what)s”", what=name)),
    "update": _changed,
    "delete": _target,
    "convert": _converted,
    "post": lambda _speaker, _step: _("按过账规则记账"),
    "calculate": _set_fields,
    "wait": _waits,
    "notify": _told,
    "loop": _lines,
    "subflow": _subflow,
    "http": lambda _speaker, step: urlsplit(str(step.get("url", ""))).hostname or "",
    "end": lambda _speaker, step: _("拒绝") if step.get("outcome") == "rejected" else _("通过"),
}
