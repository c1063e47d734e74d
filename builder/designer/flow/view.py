"""A flow as it is drawn: cards down the page, branches side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from builder.designer.flow.conditions import app_of_forms, text_of
from builder.designer.flow.summaries import badges, summary
from builder.designer.flow.trigger_words import SUBMIT, sentence, trigger_word
from builder.designer.flow.words import LOOKS, PEOPLE, Speaker, kind_word, mode_words, step_name
from builder.drafts import Draft
from builder.drafts.flow_new import beside_else
from runtime.compile import App
from runtime.infra.users import User
from runtime.screens.i18n import _, joined

Json = Mapping[str, Any]
START: Final = "start"
# Others decide beside the first only where there may be several.
_SEVERAL: Final = PEOPLE


@dataclass(frozen=True)
class Steps:
    """A list of steps: `owner` is the branch or loop it belongs to, empty for the flow itself."""

    owner: str
    nodes: tuple["Node", ...]


@dataclass(frozen=True)
class Lane:
    """A branch: its condition in words, its priority, its steps."""

    id: str
    title: str
    other: str
    rank: str
    text: str
    is_else: bool
    is_open: bool
    index: int
    last: int
    steps: Steps


@dataclass(frozen=True)
class Node:
    """A step as a card; a fork has lanes, a loop has steps."""

    id: str
    kind: str
    title: str
    tone: str
    icon: str
    word: str
    says: str
    mode: str
    badges: tuple[str, ...]
    owner: str
    index: int
    last: int
    other: str = ""
    way: str = ""
    lanes: tuple[Lane, ...] = ()
    inner: Steps | None = None


@dataclass(frozen=True)
class Flow:
    """What `flow_canvas.html` draws; `code` is empty while a form has no flow."""

    code: str
    label: str
    start: Node | None = None
    steps: Steps = field(default_factory=lambda: Steps("", ()))


def flow_in(draft: Draft, form: Json, code: str) -> Json | None:
    """A flow of a form: the one that is asked for, else its approval."""
    flows = [each for each in draft.source.get("workflows", ()) if each["form"] == form["code"]]
    wanted = code or form.get("workflow")
    return next((each for each in flows if each["code"] == wanted), None)


def flow_view(draft: Draft, form: Json, flow: Json | None, people: Sequence[User]) -> Flow:
    """Put together what is drawn of a flow."""
    if flow is None:
        return Flow("", "")
    drawing = _Drawing(app_of_forms(draft), form, Speaker(draft.source, form, tuple(people)))
    steps = drawing.steps("", flow.get("steps", ()))
    return Flow(flow["code"], step_name({"id": flow["code"], **flow}), drawing.start(flow), steps)


@dataclass(frozen=True)
class _Drawing:
    app: App | None
    form: Json
    speaker: Speaker

    def start(self, flow: Json) -> Node:
        """The card a flow begins with."""
        tone, icon = LOOKS[START]
        trigger = flow.get("trigger", {"on": "submit"})
        is_approval = trigger["on"] == SUBMIT
        says = (
            who_may_submit(self.speaker, self.form)
            if is_approval
            else sentence(self.app, self.speaker, trigger)
        )
        return Node(
            START, START, trigger_word(trigger["on"]), tone, icon,
            kind_word(START) if is_approval else _("触发"), says, "", (),
            "", 0, 0,
        )  # fmt: skip

    def steps(self, owner: str, steps: Sequence[Json]) -> Steps:
        """The cards of a list of steps."""
        last = len(steps) - 1
        return Steps(
            owner, tuple(self._node(each, owner, at, last) for at, each in enumerate(steps))
        )

    def _node(self, step: Json, owner: str, index: int, last: int) -> Node:
        kind = str(step["type"])
        tone, icon = LOOKS[kind]
        is_asked = kind in _SEVERAL
        return Node(
            id=step["id"],
            kind=kind,
            title=step_name(step),
            tone=tone,
            icon=icon,
            word=kind_word(kind),
            says=summary(self.speaker, step),
            mode=mode_text(step) if is_asked else "",
            badges=tuple(badges(step)) if is_asked else (),
            owner=owner,
            index=index,
            last=last,
            other=other_language(step),
            way=way_text(step),
            lanes=tuple(self._lanes(step)),
            inner=self.steps(step["id"], step["steps"]) if "steps" in step else None,
        )

    def _lanes(self, fork: Json) -> Iterator[Lane]:
        branches = fork.get("branches", ())
        last = beside_else(list(branches)) - 1
        for index, branch in enumerate(branches):
            text, is_fine = text_of(self.app, self.form, branch.get("when"))
            is_else = bool(branch.get("else"))
            is_condition = fork["type"] == "branch" and not is_else
            yield Lane(
                id=branch["id"],
                title=step_name(branch),
                other=other_language(branch),
                rank=_rank(fork, index, is_else=is_else),
                text=_otherwise(fork, is_else=is_else) or text or _("请设置条件"),
                is_else=is_else,
                is_open=is_condition and not is_fine,
                index=index,
                last=index if is_else else last,
                steps=self.steps(branch["id"], branch["steps"]),
            )


def who_may_submit(speaker: Speaker, form: Json) -> str:
    """Who begins an approval: who may submit the form."""
    roles = [
        role["code"]
        for role in speaker.source.get("roles", ())
        for grant in role["grants"]
        if grant["form"] in {form["code"], "*"} and "submit" in grant["verbs"]
    ]
    if not roles:
        return _("只有管理员能提交")
    return _("%(who)s可提交", who=joined(speaker.role(each) for each in dict.fromkeys(roles)))


def mode_text(step: Json) -> str:
    """How several people decide: 会签, 60%."""
    mode = str(step.get("mode", "any"))
    if mode == "percent":
        return f"{step.get('percent', '')}%"
    if mode == "count":
        return _("%(n)s 票", n=step.get("count", ""))
    return mode_words()[mode]


def way_text(step: Json) -> str:
    """Which ways out of a fork are taken."""
    if step["type"] == "branch":
        is_all = step.get("match") == "all"
        return _("满足的分支都走") if is_all else _("只走第一个满足的分支")
    if step["type"] == "parallel":
        return _("任一分支完成就继续") if step.get("join") == "any" else _("全部完成后继续")
    return ""


def other_language(node: Json) -> str:
    """The name in the language the page is not in; empty where nobody wrote one."""
    named = node.get("label")
    return str(named.get("en", "")) if isinstance(named, Mapping) else ""


def _rank(fork: Json, index: int, *, is_else: bool) -> str:
    if fork["type"] == "parallel":
        return _("同时")
    return _("默认") if is_else else _("优先级 %(n)s", n=index + 1)


def _otherwise(fork: Json, *, is_else: bool) -> str:
    if fork["type"] == "parallel":
        return _("总会走")
    return _("以上都不满足") if is_else else ""
