"""Steps, people, modes and times in the words of the flow designer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from builder.drafts.flow_new import NAMES
from builder.flow_places import every_step
from runtime.definitions.label import read_label
from runtime.infra.users import User
from runtime.screens.i18n import _, joined, label

Json = Mapping[str, Any]
# How a type of step looks: its colour, and its icon.
LOOKS: Final[Mapping[str, tuple[str, str]]] = {
    "start": ("start", "flag"),
    "approve": ("approve", "user-check"),
    "fill": ("handle", "clipboard-check"),
    "copy": ("cc", "send"),
    "branch": ("cond", "arrows-split-2"),
    "parallel": ("cond", "git-fork"),
    "subflow": ("auto", "sitemap"),
    "wait": ("wait", "hourglass-empty"),
    "find": ("auto", "search"),
    "create": ("auto", "plus"),
    "update": ("auto", "database-edit"),
    "delete": ("auto", "trash"),
    "convert": ("auto", "arrow-right"),
    "post": ("auto", "book-2"),
    "calculate": ("auto", "calculator"),
    "notify": ("cc", "message-circle"),
    "loop": ("auto", "repeat"),
    "http": ("auto", "webhook"),
    "end": ("start", "circle-check"),
}
PEOPLE: Final = frozenset({"approve", "fill"})
FORKS: Final = frozenset({"branch", "parallel"})


@dataclass(frozen=True)
class Offer:
    """A type of step a + offers."""

    kind: str
    title: str
    help: str

    @property
    def is_fork(self) -> bool:
        """Whether what follows has to go somewhere."""
        return self.kind in FORKS


def offers() -> tuple[tuple[str, tuple[Offer, ...]], ...]:
    """What a + offers: what most flows are made of first, then the rest under its headings."""
    return (
        ("", (
            Offer("approve", _("审批人"), _("同意、拒绝、退回")),
            Offer("fill", _("办理人"), _("补填信息，无需表态")),
            Offer("copy", _("抄送人"), _("只读通知，不用等")),
            Offer("branch", _("条件分支"), _("按单据内容走不同的路")),
            Offer("convert", _("生成单据"), _("例如订单转出库单")),
        )),
        (_("流程"), (
            Offer("parallel", _("并行"), ""), Offer("subflow", _("子流程"), ""),
            Offer("wait", _("等待"), ""), Offer("loop", _("逐行处理"), ""),
            Offer("end", _("结束"), ""),
        )),
        (_("数据"), (
            Offer("find", _("查找"), ""), Offer("create", _("新建"), ""),
            Offer("update", _("修改"), ""), Offer("delete", _("删除"), ""),
            Offer("calculate", _("计算"), ""), Offer("post", _("过账"), ""),
        )),
        (_("消息"), (
            Offer("notify", _("发消息"), ""), Offer("http", _("调用接口"), ""),
        )),
    )  # fmt: skip


def kind_word(kind: str) -> str:
    """What a type of step is called on its card."""
    words = {
        "start": _("发起"), "approve": _("审批"), "fill": _("办理"), "copy": _("抄送"),
        "branch": _("条件"), "parallel": _("并行"), "wait": _("等待"), "notify": _("消息"),
        "loop": _("循环"), "subflow": _("子流程"), "end": _("结束"),
    }  # fmt: skip
    return words.get(kind) or _("自动化")


def step_name(step: Json) -> str:
    """What a step or branch is called."""
    own = step.get("label")
    return label(own) if own else label(NAMES.get(str(step.get("type")), str(step["id"])))


def mode_words() -> dict[str, str]:
    """How several people decide."""
    return {
        "any": _("或签"), "all": _("会签"), "in_order": _("依次"), "percent": _("比例"),
        "count": _("票数"),
    }  # fmt: skip


def unit_words() -> dict[str, str]:
    """Units of time."""
    return {
        "minutes": _("分钟"), "hours": _("小时"), "days": _("天"), "working_days": _("工作日"),
        "weeks": _("周"),
    }  # fmt: skip


def span_text(span: Any) -> str:
    """A length of time: 24 小时."""
    if not isinstance(span, Mapping):
        return ""
    return f"{span.get('n', '')} {unit_words().get(str(span.get('unit')), '')}"


@dataclass(frozen=True)
class Speaker:
    """Says who a step asks; `people` are those who can sign in, by their names."""

    source: Json
    form: Json
    people: tuple[User, ...]

    def who(self, who: Any) -> str:
        """Whom a step asks, in a few words; empty while nobody is said."""
        if not isinstance(who, Mapping):
            return ""
        said = _WHO.get(str(who.get("by")))
        return said(self, who) if said else ""

    def user(self, name: str) -> str:
        """What a person is called."""
        found = next((each for each in self.people if each.name == name), None)
        return (found.display_name or found.name) if found else name

    def role(self, code: str) -> str:
        """What a role is called."""
        named = (each for each in self.source.get("roles", ()) if each["code"] == code)
        found = next(named, None)
        return label(read_label(found.get("label"), code)) if found else code

    def field(self, path: str) -> str:
        """A field of the form, or of what one of its references leads to."""
        code, _dot, rest = path.partition(".")
        own = _named(self.form.get("fields", ()), code)
        if own is None:
            return path
        name = label(own["label"])
        target = _named(self.source["forms"], str(own.get("options", {}).get("form", "")))
        column = _named((target or {}).get("fields", ()), rest) if rest else None
        return f"{name}.{label(column['label'])}" if column else name

    def holders(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The people who hold one of the roles now."""
        wanted = set(codes)
        return tuple(
            each.display_name or each.name
            for each in self.people
            if wanted & each.roles and not each.is_disabled
        )


def roles_in(who: Json) -> list[str]:
    """The roles a step asks, said as one or as several."""
    return [*([who["role"]] if who.get("role") else ()), *who.get("roles", ())]


def _roles(speaker: Speaker, who: Json) -> str:
    names = joined(speaker.role(each) for each in roles_in(who))
    return _("角色 · %(what)s", what=names) if names else ""


def _users(speaker: Speaker, who: Json) -> str:
    return joined(speaker.user(each) for each in who.get("users", ()))


def _departments(_speaker: Speaker, who: Json) -> str:
    names = joined(who.get("departments", ()))
    if not names:
        return ""
    return _("%(what)s的负责人", what=names) if who.get("heads") else names


def _manager(_speaker: Speaker, who: Json) -> str:
    level = who.get("level", 1)
    if level == 1:
        return _("发起人的直属主管")
    return _("发起人的第 %(n)s 级主管", n=level)


def _climb(speaker: Speaker, who: Json) -> str:
    if who.get("until"):
        return _("逐级到 %(what)s", what=speaker.role(who["until"]))
    return _("逐级 %(n)s 级主管", n=who.get("level", 1))


def _field(speaker: Speaker, who: Json) -> str:
    return speaker.field(str(who["field"])) if who.get("field") else ""


def _chosen(_speaker: Speaker, who: Json) -> str:
    by_previous = who.get("chooser") == "previous"
    return _("上一位处理人选择") if by_previous else _("发起人自选")


def _step(speaker: Speaker, who: Json) -> str:
    for flow in speaker.source.get("workflows", ()):
        for step in every_step(flow):
            if step["id"] == who.get("step"):
                return _("处理过“%(what)s”的人", what=step_name(step))
    return ""


def _several(speaker: Speaker, who: Json) -> str:
    return joined(filter(None, (speaker.who(each) for each in who.get("of", ()))))


_WHO: Final = {
    "role": _roles,
    "users": _users,
    "department": _departments,
    "initiator": lambda _speaker, _who: _("发起人"),
    "manager": _manager,
    "climb": _climb,
    "field": _field,
    "chosen": _chosen,
    "formula": lambda _speaker, who: _("按公式") if who.get("formula") else "",
    "step": _step,
    "several": _several,
}


def _named(members: Iterable[Json], code: str) -> Json | None:
    return next((each for each in members if each.get("code") == code), None)
