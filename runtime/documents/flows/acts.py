"""What people do to a document in a flow, each in its order from the task to the history.

The right is the task, not a grant. Every act locks the document, looks whether it is the one that
was seen, lets the engine happen, writes what the step says, and ends the document with the flow.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from runtime.compile.model import Form
from runtime.documents import stored
from runtime.documents.conditions import clean_comment, require_version
from runtime.documents.flows import beginning, writing
from runtime.documents.flows.ending import carry_out, ending, noted, write_status
from runtime.documents.flows.offers import (
    WHERES,
    Said,
    require_checked,
    require_demanded,
    require_offered,
    vouched,
)
from runtime.documents.flows.world import DocumentWorld
from runtime.infra import notices
from runtime.infra.act import Act
from runtime.infra.errors import (
    AppError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
)
from runtime.infra.notices import Place
from runtime.kinds.node_events import Approver, Copy, Effect, Noted, Withdrawn
from runtime.kinds.node_type import Step
from runtime.query import Record
from runtime.workflow import acts, desk, inbox
from runtime.workflow.flow import START
from runtime.workflow.inbox import InboxItem
from runtime.workflow.instances import Subject, happen, running

DECISIONS: Final = ("approve", "reject", "fill")
THENS: Final = ("rerun", "return")


@dataclass(frozen=True)
class _Seen:
    """A task with its document, locked, and what the flow knows of it."""

    task: InboxItem
    world: DocumentWorld

    @property
    def document(self) -> Record:
        """The document as it is now."""
        return self.world.document


def decide(  # noqa: PLR0913 - who decides what about which task, having seen which version
    act: Act,
    form: Form,
    record_id: int,
    decision: str,
    said: Said,
    *,
    task_id: int,
    version: int | None = None,
    values: Mapping[str, Any] | None = None,
) -> Record:
    """Answer one's task, with what the step lets one write; the last answer ends the flow."""
    comment = clean_comment(said.comment)
    chosen = next((known for known in DECISIONS if known == decision), None)
    if chosen is None:
        raise BadRequest("decision_unknown")
    seen = _seen(act, form, record_id, task_id, version)
    mine = acts.own(act, seen.task)
    require_offered(mine.step, chosen)
    require_demanded(mine.step, chosen, said)
    if chosen != "reject" and _write(act, seen, mine.step, values or {}):
        # What was written may have set off something that changed the run.
        mine = acts.own(act, seen.task)
    if mine.step.id == START.id:
        beginning.write(act, seen.world)
    more = vouched(act, seen.document, said)
    effects = acts.answer(
        act, mine, chosen, comment, chosen=said.chosen, more=more, world=seen.world
    )  # fmt: skip
    changed = {"comment": comment, "step": seen.task.step, **ending(seen.document, effects)}
    noted(act, seen.document, chosen, changed)
    return carry_out(act, seen.world, effects)


def send_back(  # noqa: PLR0913 - as above
    act: Act,
    form: Form,
    record_id: int,
    said: Said,
    *,
    task_id: int,
    to: str,
    then: str = "rerun",
    version: int | None = None,
) -> Record:
    """Send the document back to a step that was passed, or to who submitted it (`start`)."""
    if then not in THENS:
        raise BadRequest("member_invalid", {"name": "then"})
    seen = _seen(act, form, record_id, task_id, version)
    mine = acts.own(act, seen.task)
    option = require_offered(mine.step, "send_back")
    require_demanded(mine.step, "send_back", said)
    if "to" in option and to not in option["to"]:
        raise Conflict("step_not_behind")
    if option.get("then", "choose") not in ("choose", then):
        raise Conflict("button_not_offered")
    comment = clean_comment(said.comment)
    effects = acts.send_back(act, mine, to, then, comment, seen.world)
    noted(act, seen.document, "send_back", {"comment": comment, "step": seen.task.step, "to": to})
    return carry_out(act, seen.world, effects)


def withdraw(
    act: Act, form: Form, record_id: int, said: Said, *, version: int | None = None
) -> Record:
    """Take one's own document back out of the flow; it is a draft again."""
    world = _document(act, form, record_id, version)
    run = acts.require_withdrawable(act, _subject(form, record_id))
    comment = clean_comment(said.comment)
    _, effects = happen(act, run, Withdrawn(act.actor.user_id, comment), world)
    noted(act, world.document, "withdraw", {"comment": comment, **ending(world.document, effects)})
    return carry_out(act, world, effects)


def take_back(
    act: Act, form: Form, record_id: int, said: Said, *, task_id: int, version: int | None = None
) -> Record:
    """Take back one's own last answer, before anything came of it."""
    seen = _seen(act, form, record_id, task_id, version)
    comment = clean_comment(said.comment)
    effects = acts.take_back(act, seen.task, comment, seen.world)
    noted(act, seen.document, "take_back", {"comment": comment, "step": seen.task.step})
    return carry_out(act, seen.world, effects)


def reassign(  # noqa: PLR0913 - as above
    act: Act,
    form: Form,
    record_id: int,
    said: Said,
    *,
    task_id: int,
    to_id: int,
    how: Literal["reassigned", "delegated"] = "reassigned",
    version: int | None = None,
) -> Record:
    """Let somebody else decide: in one's place, or (`delegated`) in one's name."""
    button = "delegate" if how == "delegated" else "reassign"
    seen = _seen(act, form, record_id, task_id, version)
    mine = acts.own(act, seen.task)
    require_offered(mine.step, button)
    comment = clean_comment(said.comment)
    effects = acts.hand_on(act, mine, to_id, how, comment, seen.world)
    changed = {"comment": comment, "step": seen.task.step, "to": to_id}
    noted(act, seen.document, button, changed)
    return carry_out(act, seen.world, effects)


def add(  # noqa: PLR0913 - as above
    act: Act,
    form: Form,
    record_id: int,
    said: Said,
    *,
    task_id: int,
    to_id: int,
    where: str,
    version: int | None = None,
) -> Record:
    """Ask somebody before, after or beside oneself."""
    if where not in WHERES:
        raise BadRequest("member_invalid", {"name": "where"})
    seen = _seen(act, form, record_id, task_id, version)
    mine = acts.own(act, seen.task)
    option = require_offered(mine.step, "add")
    if where not in option.get("where", WHERES):
        raise Conflict("button_not_offered")
    comment = clean_comment(said.comment)
    effects = acts.add(act, mine, to_id, where, comment, seen.world)
    changed = {"comment": comment, "step": seen.task.step, "to": to_id, "where": where}
    noted(act, seen.document, "add_approver", changed)
    return carry_out(act, seen.world, effects)


def remove_added(  # noqa: PLR0913 - as above
    act: Act,
    form: Form,
    record_id: int,
    said: Said,
    *,
    task_id: int,
    user_id: int,
    version: int | None = None,
) -> Record:
    """Ask somebody no more whom one had added."""
    seen = _seen(act, form, record_id, task_id, version)
    comment = clean_comment(said.comment)
    effects = acts.remove_added(act, seen.task, user_id, comment, seen.world)
    changed = {"comment": comment, "step": seen.task.step, "to": user_id}
    noted(act, seen.document, "remove_approver", changed)
    return carry_out(act, seen.world, effects)


def urge(act: Act, form: Form, record_id: int, said: Said) -> tuple[int, ...]:
    """Remind those who have not answered; whoever takes part may. Returns who was reminded."""
    world = _document(act, form, record_id, None)
    _require_part(act, form, record_id)
    comment = clean_comment(said.comment)
    event = Noted("urged", act.actor.user_id, 0, comment)
    acts.note(act, _subject(form, record_id), event)
    asked = _waited_for(act, form, record_id)
    notices.tell(act, asked, "flow", {"text": comment or "催办"}, _place(form, record_id))
    noted(act, world.document, "remind", {"comment": comment})
    return asked


def copy(act: Act, form: Form, record_id: int, said: Said, *, to_ids: Iterable[int]) -> None:
    """Let people know of a document one takes part in."""
    world = _document(act, form, record_id, None)
    _require_part(act, form, record_id)
    wanted = tuple(dict.fromkeys(to_ids))
    comment = clean_comment(said.comment)
    event = Noted("copied", act.actor.user_id, 0, comment, {"to": list(wanted)})
    run = acts.note(act, _subject(form, record_id), event)
    effect = Copy(0, f"by {act.actor.user_id}", tuple(Approver(each, "copied") for each in wanted))
    desk.copy(act, run.id, (form.app_code, form.code, record_id), effect)
    notices.tell(act, wanted, "flow", {"text": comment or "抄送"}, _place(form, record_id))
    noted(act, world.document, "copy_to", {"comment": comment, "to": list(wanted)})


def stash(  # noqa: PLR0913 - as above
    act: Act,
    form: Form,
    record_id: int,
    said: Said,
    *,
    task_id: int,
    version: int | None = None,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Put aside what one has typed about a task, without answering it."""
    seen = _seen(act, form, record_id, task_id, version)
    require_offered(acts.own(act, seen.task).step, "stash")
    desk.stash(act, task_id, clean_comment(said.comment), dict(values or {}))


def terminate(act: Act, form: Form, record_id: int, said: Said) -> Record:
    """End a flow under way, as an administrator."""
    return _administer(act, form, record_id, said, "terminate", acts.terminate)


def reactivate(act: Act, form: Form, record_id: int, said: Said) -> Record:
    """Let a flow that has ended go on where it ended, as an administrator."""
    if not act.actor.is_admin:
        raise Forbidden("not_your_task")
    world = _document(act, form, record_id, None)
    if world.document.status not in ("rejected", "submitted"):
        raise Conflict("not_reactivatable")
    comment = clean_comment(said.comment)
    world.keep(_submitted(act, world.document))
    effects = acts.reactivate(act, _subject(form, record_id), comment, world)
    noted(act, world.document, "reactivate", {"comment": comment})
    return carry_out(act, world, effects)


def decide_many(
    act: Act,
    wanted: Sequence[tuple[Form, int, int, int | None]],
    decision: str,
    said: Said,
) -> list[tuple[int, AppError | None]]:
    """Answer several tasks alike; each by itself, and what is refused leaves the others alone.

    `wanted` are form, record, task and version of each.
    """
    answered: list[tuple[int, AppError | None]] = []
    for form, record_id, task_id, version in wanted:
        attempt = act.connection.begin_nested()
        try:
            _require_batch(act, task_id)
            decide(act, form, record_id, decision, said, task_id=task_id, version=version)
        except AppError as error:
            attempt.rollback()
            answered.append((task_id, error))
        else:
            attempt.commit()
            answered.append((task_id, None))
    return answered


def hand_over(act: Act, from_id: int, to_id: int) -> int:
    """Give all open tasks of somebody to another, as an administrator; returns how many."""
    if not act.actor.is_admin:
        raise Forbidden("not_your_task")
    items = inbox.open_of(act, from_id)
    for item in items:
        acts.hand_over(act, item, to_id)
    return len(items)


def _administer(
    act: Act,
    form: Form,
    record_id: int,
    said: Said,
    action: str,
    doing: Callable[[Act, Subject, str], tuple[Effect, ...]],
) -> Record:
    if not act.actor.is_admin:
        raise Forbidden("not_your_task")
    world = _document(act, form, record_id, None)
    comment = clean_comment(said.comment)
    effects = doing(act, _subject(form, record_id), comment)
    noted(act, world.document, action, {"comment": comment, **ending(world.document, effects)})
    return carry_out(act, world, effects)


def _seen(act: Act, form: Form, record_id: int, task_id: int, version: int | None) -> _Seen:
    """The actor's task and its document as they saw it, locked."""
    task = inbox.task_of(act, task_id)
    if task is None or (task.app, task.form, task.record_id) != (
        form.app_code,
        form.code,
        record_id,
    ):
        raise NotFound
    world = _document(act, form, record_id, version)
    if version is None and world.document.updated_at > task.opened_at:
        # It was changed after they were asked: nobody can say which of the two they saw.
        require_version(act, form, world.document, 0)
    return _Seen(task, world)


def _document(act: Act, form: Form, record_id: int, version: int | None) -> DocumentWorld:
    document = stored.lock_for_flow(act, form, record_id)
    if version is not None:
        require_version(act, form, document, version)
    return DocumentWorld(act, document)


def _write(act: Act, seen: _Seen, step: Step, values: Mapping[str, Any]) -> bool:
    """Write what somebody filled in, and ask what the step checks; returns whether it changed."""
    before = seen.document
    document = writing.edit(act, before, step, values, complete=True)
    seen.world.keep(document)
    require_checked(step, seen.world)
    return document is not before


def _submitted(act: Act, document: Record) -> Record:
    if document.status == "submitted":
        return document
    return write_status(act, document, "submitted")


def _require_batch(act: Act, task_id: int) -> None:
    task = inbox.task_of(act, task_id)
    if task is None:
        raise NotFound
    if acts.own(act, task).step.options.get("batch") is False:
        raise Conflict("button_not_offered")


def _require_part(act: Act, form: Form, record_id: int) -> None:
    """Whoever submitted a document or was asked about it takes part; administrators do too."""
    run = running(act, _subject(form, record_id))
    people = {item.user_id for item in inbox.of_record(act, form.app_code, form.code, record_id)}
    own = set() if run is None else run.instance.authors()
    if not act.actor.is_admin and act.actor.user_id not in people | own:
        raise NotFound


def _waited_for(act: Act, form: Form, record_id: int) -> tuple[int, ...]:
    items = inbox.of_record(act, form.app_code, form.code, record_id)
    return tuple(item.user_id for item in items if item.state == "open")


def _subject(form: Form, record_id: int) -> Subject:
    return Subject(form.app_code, form.code, record_id)


def _place(form: Form, record_id: int) -> Place:
    return Place(form.app_code, form.code, record_id)
