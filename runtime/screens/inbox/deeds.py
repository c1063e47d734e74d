"""Carrying out what somebody does with a document in a flow, as a form of ours sends it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import g, request

from runtime.compile import Form
from runtime.documents import comments
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said
from runtime.documents.flows.writing import access_of
from runtime.infra import sessions
from runtime.infra.act import Act
from runtime.infra.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    NotSignedIn,
    Problem,
    ValidationFailed,
)
from runtime.infra.sessions import Visitor
from runtime.screens.acting import platform
from runtime.screens.form_fields import numbers
from runtime.screens.form_values import read_form
from runtime.screens.i18n import _
from runtime.screens.inbox.step_rights import edits_of
from runtime.workflow import inbox as work
from runtime.workflow.acts import own
from runtime.workflow.inbox import InboxItem

ANSWERS: Final = frozenset({"approve", "reject", "fill"})
# Of a task of one's own; everything else is about the document.
OF_TASK: Final = ANSWERS | {
    "send_back", "reassign", "delegate", "add", "stash", "take_back", "remove_added",
}  # fmt: skip
PICKED: Final = "_chosen."
# What says that the boxes of the document came with the act.
EDITS: Final = "_edits"


@dataclass(frozen=True)
class Asked:
    """An act as it was sent: what, said how, about which task as of which version, with what."""

    deed: str
    said: Said
    task_id: int | None
    version: int | None
    to: tuple[str, ...]
    way: str

    @property
    def to_id(self) -> int:
        """The one person it is done with."""
        found = numbers(self.to)
        if len(found) != 1:
            raise ValidationFailed(problems=[Problem("/to", "person_missing")])
        return found[0]


def asked(task_id: int | None = None) -> Asked:
    """Read an act from the request; a password that came with it is looked at here."""
    deed = _one("decision")
    if deed not in DEEDS:
        raise BadRequest("decision_unknown")
    task = numbers([_one("task")])
    about = task_id if task_id is not None else task[0] if task else None
    if deed in OF_TASK and about is None:
        raise BadRequest("form_incomplete")
    version = request.form.get("version", type=int)
    to = tuple(each for each in _all("to") if each)
    return Asked(deed, _said(), about, version, to, _one("way"))


def carry_out_deed(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    """Do it, in the transaction of the caller."""
    DEEDS[wanted.deed](act, form, record_id, wanted)


def done_text(deed: str, title: str) -> str:
    """What is said once it is done."""
    words = {
        "approve": _("已同意 %(what)s", what=title),
        "reject": _("已驳回 %(what)s", what=title),
        "fill": _("已办理 %(what)s", what=title),
        "send_back": _("已退回 %(what)s", what=title),
        "reassign": _("已转交 %(what)s", what=title),
        "delegate": _("已委托 %(what)s", what=title),
        "add": _("已加签 %(what)s", what=title),
        "remove_added": _("已减签 %(what)s", what=title),
        "comment": _("已留言 %(what)s", what=title),
        "copy": _("已抄送 %(what)s", what=title),
        "stash": _("已暂存 %(what)s", what=title),
        "take_back": _("已撤回对 %(what)s 的处理", what=title),
        "withdraw": _("已撤回 %(what)s", what=title),
        "urge": _("已催办 %(what)s", what=title),
        "terminate": _("已终止 %(what)s 的流程", what=title),
        "reactivate": _("%(what)s 的流程接着走了", what=title),
    }
    return words[deed]


def _all(name: str) -> list[str]:
    """What came under a name; beside the boxes of a document ours begin with a stroke."""
    sent = request.form
    return sent.getlist(f"_{name}") or ([] if EDITS in sent else sent.getlist(name))


def _one(name: str) -> str:
    return next(reversed(_all(name)), "")


def _said() -> Said:
    sent = request.form
    signed = numbers(_all("signature"))
    chosen = {
        name.removeprefix(PICKED): numbers(sent.getlist(name))
        for name in sent
        if name.startswith(PICKED)
    }
    return Said(
        comment=_one("comment").strip(),
        signature=signed[-1] if signed else None,
        attachments=numbers(_all("attachment")),
        password_checked=_is_password_right(_one("password")),
        chosen={step: ids for step, ids in chosen.items() if ids},
    )


def _is_password_right(typed: str) -> bool:
    """Whether the password came along; a wrong one is refused here and counts like at the door."""
    if not typed:
        return False
    here = platform()
    visitor = Visitor(request.remote_addr or "", request.user_agent.string)
    try:
        sessions.prove(here.database, g.session, typed, visitor, here.clock())
    except NotSignedIn:
        raise ValidationFailed(problems=[Problem("/password", "password_now_wrong")]) from None
    return True


def _task(act: Act, wanted: Asked) -> InboxItem:
    task = work.task_of(act, wanted.task_id or 0)
    if task is None:
        raise NotFound
    if task.user_id != act.actor.user_id:
        raise Forbidden("not_your_task")
    return task


def _edited(act: Act, form: Form, task: InboxItem) -> Mapping[str, Any] | None:
    """What was typed into the document, where its boxes came with the act."""
    if EDITS not in request.form:
        return None
    posted = read_form(act, form, request.form, is_task=True)
    return edits_of(form, access_of(own(act, task).step), posted)


def _answer(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    task = _task(act, wanted)
    if wanted.deed == "reject" and not wanted.said.comment:
        raise ValidationFailed(problems=[Problem("/comment", "reject_reason_missing")])
    values = None if wanted.deed == "reject" else _edited(act, form, task)
    acts.decide(
        act, form, record_id, wanted.deed, wanted.said, task_id=task.task_id,
        version=wanted.version, values=values,
    )  # fmt: skip


def _send_back(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    task = _task(act, wanted)
    if len(wanted.to) != 1:
        raise ValidationFailed(problems=[Problem("/to", "step_missing")])
    acts.send_back(
        act, form, record_id, wanted.said, task_id=task.task_id, to=wanted.to[0],
        then=wanted.way or "rerun", version=wanted.version,
    )  # fmt: skip


def _hand_on(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    task = _task(act, wanted)
    acts.reassign(
        act, form, record_id, wanted.said, task_id=task.task_id, to_id=wanted.to_id,
        how="delegated" if wanted.deed == "delegate" else "reassigned", version=wanted.version,
    )  # fmt: skip


def _add(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    task = _task(act, wanted)
    acts.add(
        act, form, record_id, wanted.said, task_id=task.task_id, to_id=wanted.to_id,
        where=wanted.way, version=wanted.version,
    )  # fmt: skip


def _remove_added(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    task = _task(act, wanted)
    acts.remove_added(
        act, form, record_id, wanted.said, task_id=task.task_id, user_id=wanted.to_id,
        version=wanted.version,
    )  # fmt: skip


def _take_back(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    task = _task(act, wanted)
    acts.take_back(act, form, record_id, wanted.said, task_id=task.task_id, version=wanted.version)


def _stash(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    task = _task(act, wanted)
    typed = [[name, value] for name, value in request.form.items(multi=True) if _is_kept(name)]
    values = {"form": typed} if EDITS in request.form else {}
    acts.stash(
        act, form, record_id, wanted.said, task_id=task.task_id, version=wanted.version,
        values=values,
    )  # fmt: skip


def _is_kept(name: str) -> bool:
    """Passwords, tokens and what only belongs to this request are not put aside."""
    return name not in {"csrf_token", "_password", "_decision", "_task", EDITS}


def _copy(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    people = numbers(wanted.to)
    if not people:
        raise ValidationFailed(problems=[Problem("/to", "person_missing")])
    acts.copy(act, form, record_id, wanted.said, to_ids=people)


def _withdraw(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    acts.withdraw(act, form, record_id, wanted.said, version=wanted.version)


def _urge(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    if not acts.urge(act, form, record_id, wanted.said):
        raise Conflict("task_is_closed")


def _comment(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    comments.add(act, form, record_id, wanted.said.comment, wanted.said.attachments)


def _terminate(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    acts.terminate(act, form, record_id, wanted.said)


def _reactivate(act: Act, form: Form, record_id: int, wanted: Asked) -> None:
    acts.reactivate(act, form, record_id, wanted.said)


DEEDS: Final[Mapping[str, Callable[[Act, Form, int, Asked], None]]] = {
    "approve": _answer,
    "reject": _answer,
    "fill": _answer,
    "send_back": _send_back,
    "reassign": _hand_on,
    "delegate": _hand_on,
    "add": _add,
    "remove_added": _remove_added,
    "take_back": _take_back,
    "stash": _stash,
    "copy": _copy,
    "comment": _comment,
    "withdraw": _withdraw,
    "urge": _urge,
    "terminate": _terminate,
    "reactivate": _reactivate,
}
