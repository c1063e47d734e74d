"""What one may do with a document in a flow now: decisions, further acts, what each leads to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from flask import url_for

from runtime.documents.flows import preview
from runtime.documents.flows.beside import Beside, beside
from runtime.documents.flows.offers import Button, buttons
from runtime.documents.flows.standing import Standing
from runtime.infra.errors import AppError
from runtime.kinds.node_events import Decided, Decision, Event, Withdrawn
from runtime.query import Record
from runtime.screens.form_fields import Cell, FieldView
from runtime.screens.i18n import _, label, said
from runtime.screens.inbox.outlook import Outlook, Pick, outlook
from runtime.workflow import desk
from runtime.workflow.acts import Mine
from runtime.workflow.flow import START
from runtime.workflow.inbox import InboxItem

MOST_FILES: Final = 10
WANTS: Final = ("comment", "signature", "password", "attachment")
DECISIONS: Final[tuple[Decision, ...]] = ("reject", "fill", "approve")
# A range names those it reaches; without one it is everybody who works here.
RANGED: Final = frozenset({"reassign", "delegate", "add", "copy"})


@dataclass(frozen=True)
class Choice:
    """One entry of a box one chooses from."""

    value: str
    text: str


@dataclass(frozen=True)
class Answer:
    """A button that answers the task: what it is called, what it wants, what comes of it."""

    code: str
    name: str
    icon: str
    key: str
    text: str
    is_trouble: bool = False
    demand: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deed:
    """A further act as its dialog shows it; `choices` are what it is done with."""

    code: str
    name: str
    icon: str
    text: str
    task_id: int | None = None
    what: str = ""
    choices: tuple[Choice, ...] = ()
    is_many: bool = False
    ways: tuple[Choice, ...] = ()
    ways_label: str = ""
    is_comment_needed: bool = False
    has_comment: bool = True
    is_danger: bool = False


@dataclass(frozen=True)
class Panel:
    """Everything the decision bar and its dialogs draw."""

    task_id: int | None = None
    version: int = 0
    answers: tuple[Answer, ...] = ()
    deeds: tuple[Deed, ...] = ()
    phrases: tuple[str, ...] = ()
    # What the answers want: the names of the answers that want it.
    demands: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict.fromkeys(WANTS, ()))
    picks: tuple[Pick, ...] = ()
    comment: str = ""
    # Why there is a task and nothing may be done with it.
    problem: str = ""

    def deed(self, code: str) -> Deed | None:
        """One of the further acts."""
        return next((each for each in self.deeds if each.code == code), None)


def said_with(name: str) -> tuple[FieldView, Cell]:
    """The box for what vouches for an answer: a signature, or files."""
    is_file = name == "attachment"
    more = {
        "upload_url": url_for("screens.upload_file"),
        "max_files": MOST_FILES if is_file else 1,
        "max_side": 1600,
        "camera": False,
    }
    words = _("附件") if is_file else _("签名")
    return FieldView(f"_{name}", name, name, words, more=more), Cell(f"dec-{name}", f"_{name}")


def panel_of(standing: Standing, record: Record) -> Panel:
    """Put together what the actor may do with a document, and with their task about it."""
    around = beside(standing.act, standing.dossier, record.status)
    panel = Panel(version=record.version)
    try:
        if standing.mine is not None:
            panel = _of_task(standing, record, standing.mine)
    except AppError as error:
        panel = replace(panel, problem=said(error.code, error.params))
    more = tuple(_around(standing, around, has_copy=panel.deed("copy") is not None))
    return replace(panel, deeds=(*panel.deeds, *more))


def _of_task(standing: Standing, record: Record, mine: Mine) -> Panel:
    task = mine.task
    found = {button.code: button for button in buttons(mine)}
    answers, picks = [], list[Pick]()
    for code in DECISIONS:
        if code in found:
            comes = outlook(standing, mine.run, _event(task, code))
            answers.append(_answer(code, found[code], mine, comes))
            picks += [] if code == "reject" else comes.picks
    wants = {each: tuple(one.name for one in answers if each in one.demand) for each in WANTS}
    kept = desk.stashed(standing.act, task.task_id)
    return Panel(
        task_id=task.task_id,
        version=record.version,
        answers=tuple(answers),
        deeds=tuple(_deeds(standing, mine, found)),
        phrases=tuple(label(each) for each in mine.step.options.get("phrases", ())),
        demands=wants,
        picks=tuple(picks),
        comment=kept[0] if kept else "",
    )


def _event(task: InboxItem, decision: Decision) -> Event:
    return Decided(task.visit, task.user_id, decision, "")


def _answer(code: Decision, button: Button, mine: Mine, comes: Outlook) -> Answer:
    is_start = mine.step.id == START.id
    names = {
        "approve": (_("同意"), "check", "a"),
        "reject": (_("驳回"), "x", "r"),
        "fill": (_("重新提交") if is_start else _("办理完成"), "check", "a"),
    }
    name, icon, key = names[code]
    return Answer(
        code,
        label(button.label) or name,
        icon,
        key,
        comes.text,
        comes.is_trouble,
        # Whoever is refused is told why.
        tuple(dict.fromkeys((*button.demand, *(("comment",) if code == "reject" else ())))),
    )


def _deeds(standing: Standing, mine: Mine, found: Mapping[str, Button]) -> Iterator[Deed]:
    for code, (name, icon, text, what) in _words().items():
        button = found.get(code)
        if button is None:
            continue
        deed = Deed(
            code,
            label(button.label) or name,
            icon,
            text,
            mine.task.task_id,
            what,
            is_comment_needed="comment" in button.demand or code == "comment",
        )
        if code == "send_back":
            yield _send_back(standing, mine, button, deed)
        elif code == "stash":
            yield replace(deed, has_comment=False)
        elif code in RANGED:
            people = tuple(_people(standing, mine, code))
            yield replace(deed, choices=people, is_many=code == "copy", **_wheres(button.targets))
        else:
            yield deed


def _send_back(standing: Standing, mine: Mine, button: Button, deed: Deed) -> Deed:
    flow = mine.run.instance.flow
    people = {
        visit.step_id: [task.approver.user_id for task in visit.tasks if task.state != "passed"]
        for visit in mine.run.instance.visits
    }
    people[START.id] = [mine.run.instance.initiator_id or 0]
    names = standing.names({each for ids in people.values() for each in ids})
    choices = tuple(
        Choice(code, _place(label(flow.labels.get(code)) or code, people.get(code, []), names))
        for code in button.targets
    )
    option = mine.step.options.get("buttons", {}).get("send_back", True)
    then = option.get("then", "choose") if isinstance(option, Mapping) else "choose"
    ways = {"rerun": _("从那一步起重新走一遍"), "return": _("改好后直接回到我这里")}
    offered = tuple(Choice(code, text) for code, text in ways.items() if then in ("choose", code))
    return replace(deed, choices=choices, ways=offered, ways_label=_("改好以后"))


def _place(step: str, ids: list[int], names: Mapping[int, str]) -> str:
    who = "、".join(names[each] for each in ids if each in names)
    return f"{step} · {who}" if who else step


def _people(standing: Standing, mine: Mine, code: str) -> Iterator[Choice]:
    """Whom one may hand the task to, or ask, or tell: who is in the range and not asked yet."""
    option = mine.step.options.get("buttons", {}).get(code, True)
    within = option.get("within") if isinstance(option, Mapping) else None
    allowed = preview.within(standing, mine, within) if within is not None else None
    barred = {standing.act.actor.user_id}
    if code != "copy":
        barred |= {task.approver.user_id for task in mine.visit.tasks}
        if mine.step.kind == "approve" and not mine.step.options.get("self"):
            barred |= mine.run.instance.authors()
    for user_id, name in standing.colleagues:
        if user_id not in barred and (allowed is None or user_id in allowed):
            yield Choice(str(user_id), name)


def _wheres(targets: tuple[str, ...]) -> dict[str, Any]:
    words = {
        "before": _("在我之前：他同意以后再轮到我"),
        "beside": _("和我一起：两个人都要同意"),
        "after": _("在我之后：我同意以后轮到他"),
    }
    ways = tuple(Choice(code, text) for code, text in words.items() if code in targets)
    return {"ways": ways, "ways_label": _("什么时候")} if ways else {}


def _around(standing: Standing, around: Beside, *, has_copy: bool) -> Iterator[Deed]:
    """What may be done whoever's turn it is."""
    names = standing.names({who for _task, who in around.added})
    if around.take_back is not None and around.run is not None:
        yield Deed(
            "take_back",
            _("撤回我的处理"),
            "arrow-back-up",
            _("你的处理作废，单据重新等你处理；后面还没有人处理过，所以还来得及。"),
            around.take_back,
        )
    if around.withdraw and around.run is not None:
        comes = outlook(standing, around.run, Withdrawn(standing.act.actor.user_id, ""))
        yield Deed("withdraw", _("撤回单据"), "arrow-back-up", comes.text)
    if around.urge:
        text = _("给正在等的人发一条提醒。")
        yield Deed("urge", _("催办"), "bell", text)
    for task_id, who in around.added:
        name = names.get(who, f"#{who}")
        yield Deed(
            "remove_added",
            _("减签：%(who)s", who=name),
            "user-square",
            _("不再请%(who)s审，他的待办会消失。", who=name),
            task_id,
            choices=(Choice(str(who), name),),
        )
    if around.copy and not has_copy:
        text, people = _("让他知道这张单据，不用他处理。"), tuple(_everybody(standing))
        yield Deed("copy", _("抄送"), "send", text, None, _("抄送给"), people, is_many=True)
    if around.terminate:
        text = _("流程马上结束，单据变成驳回，所有人的待办都会消失。")
        yield Deed("terminate", _("终止流程"), "ban", text, is_comment_needed=True, is_danger=True)
    if around.reactivate:
        text = _("流程从结束的地方接着走，当时等的人重新收到待办。")
        yield Deed("reactivate", _("重新激活流程"), "refresh", text, is_comment_needed=True)


def _everybody(standing: Standing) -> Iterator[Choice]:
    for user_id, name in standing.colleagues:
        if user_id != standing.act.actor.user_id:
            yield Choice(str(user_id), name)


def _words() -> Mapping[str, tuple[str, str, str, str]]:
    """What each act is called, its icon, what it does, and what is chosen for it."""
    return {
        "send_back": (
            _("退回"),
            "arrow-back-up",
            _("单据回到选中的人手里，你的待办消失；他改好以后流程接着走。"),
            _("退回给"),
        ),
        "reassign": (
            _("转交"),
            "arrow-forward-up",
            _("改由他处理，你不再处理，待办从你这里消失。"),
            _("转交给"),
        ),
        "delegate": (
            _("委托"),
            "user-check",
            _("他替你处理，处理结果记为代你所做。"),
            _("委托给"),
        ),
        "add": (_("加签"), "users", _("再请一个人审，他不同意就不算通过。"), _("请谁")),
        "comment": (_("只留言"), "message", _("写下意见，不作决定；大家在评论里看到。"), ""),
        "copy": (_("抄送"), "send", _("让他知道这张单据，不用他处理。"), _("抄送给")),
        "stash": (
            _("暂存"),
            "device-floppy",
            _("保存写了一半的内容，单据还在你的待办里。"),
            "",
        ),
    }
