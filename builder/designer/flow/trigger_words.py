"""What begins a flow, in a sentence: after which write, on which days, at which call or button."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from builder.designer.flow.conditions import text_of
from builder.designer.flow.words import Speaker
from runtime.compile import App
from runtime.definitions.label import read_label
from runtime.screens.i18n import _, joined, label
from runtime.screens.statuses import status_text

Json = Mapping[str, Any]
SUBMIT: Final = "submit"
# What the list of a form offers to begin with: the states a document can come to.
STATES: Final = ("submitted", "approved", "rejected", "posted", "cancelled")


def trigger_word(on: str) -> str:
    """What begins a flow, in two or three words."""
    words = {
        "submit": _("发起人提交"), "create": _("新建记录时"), "change": _("修改记录时"),
        "delete": _("删除记录时"), "schedule": _("按时间表"), "date": _("到了某个日期"),
        "webhook": _("收到外部请求"), "button": _("点按钮"), "call": _("作为子流程调用"),
    }  # fmt: skip
    return words.get(on, on)


def sentence(app: App | None, speaker: Speaker, trigger: Json) -> str:
    """What begins an automation, whole: when, about what, and under which condition."""
    said = _SAID.get(str(trigger.get("on")))
    text = said(speaker, trigger) if said else ""
    condition = text_of(app, speaker.form, trigger.get("when"))[0]
    return _("%(what)s，且 %(when)s", what=text, when=condition) if condition and text else text


def day_words() -> tuple[tuple[int, str], ...]:
    """The days of a week, Monday first."""
    names = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    return tuple(enumerate(names, start=1))


def _created(speaker: Speaker, _trigger: Json) -> str:
    return _("新建“%(form)s”以后", form=_form(speaker))


def _changed(speaker: Speaker, trigger: Json) -> str:
    if trigger.get("status"):
        states = joined(status_text(each) for each in trigger["status"])
        return _("“%(form)s”到了“%(what)s”时", form=_form(speaker), what=states)
    if trigger.get("fields"):
        fields = joined(speaker.field(each) for each in trigger["fields"])
        return _("改了“%(what)s”以后", what=fields)
    return _("修改“%(form)s”以后", form=_form(speaker))


def _deleted(speaker: Speaker, _trigger: Json) -> str:
    return _("删除“%(form)s”以后", form=_form(speaker))


def _scheduled(_speaker: Speaker, trigger: Json) -> str:
    every, time = str(trigger.get("every", "")), str(trigger.get("time", "00:00"))
    words = {"day": _("每天"), "working_day": _("每个工作日")}
    if every == "hour":
        said = _("每小时的第 %(n)s 分", n=time.partition(":")[2])
    elif every == "week":
        named = dict(day_words())
        said = _("每%(days)s", days=joined(named[each] for each in trigger.get("days", (1,))))
    elif every == "month":
        days = joined(str(each) for each in trigger.get("days", (1,)))
        said = _("每月 %(days)s 日", days=days)
    else:
        said = words.get(every, every)
    text = said if every == "hour" else f"{said} {time}"
    return _("%(when)s，对每条记录", when=text) if trigger.get("each") else text


def _dated(speaker: Speaker, trigger: Json) -> str:
    if not trigger.get("field"):
        return ""
    field, away = speaker.field(str(trigger["field"])), int(trigger.get("offset", 0))
    if away == 0:
        said = _("到了“%(field)s”那天", field=field)
    elif away < 0:
        said = _("“%(field)s”前 %(n)s 天", field=field, n=-away)
    else:
        said = _("“%(field)s”后 %(n)s 天", field=field, n=away)
    return f"{said} {trigger['time']}" if trigger.get("time") else said


def _called_from_outside(speaker: Speaker, trigger: Json) -> str:
    fields = joined(speaker.field(each) for each in trigger.get("map", ()))
    if not trigger.get("key"):
        return _("外部请求新建一条，写入 %(what)s", what=fields)
    key = speaker.field(str(trigger["key"]))
    return _("外部请求按“%(key)s”找到就改，找不到就新建，写入 %(what)s", key=key, what=fields)


def _pressed(speaker: Speaker, trigger: Json) -> str:
    text = label(read_label(trigger.get("label"), ""))
    who = joined(speaker.role(each) for each in trigger.get("roles", ()))
    if not text:
        return ""
    if who:
        return _("%(who)s点“%(button)s”", who=who, button=text)
    return _("点“%(button)s”", button=text)


def _form(speaker: Speaker) -> str:
    return label(read_label(speaker.form.get("label"), str(speaker.form["code"])))


_SAID: Final[Mapping[str, Callable[[Speaker, Json], str]]] = {
    "create": _created,
    "change": _changed,
    "delete": _deleted,
    "schedule": _scheduled,
    "date": _dated,
    "webhook": _called_from_outside,
    "button": _pressed,
}
