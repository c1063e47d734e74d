"""What people do to a flow: start it, answer a task, withdraw it. Effects go back to the caller."""

from runtime.definitions import WorkflowDef
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, Forbidden
from runtime.kinds.node_type import Decided, Decision, Effect, Started, Withdrawn
from runtime.workflow.approvers import may_still_decide
from runtime.workflow.inbox import InboxItem
from runtime.workflow.instances import Subject, begin, happen, running


def start(
    act: Act,
    subject: Subject,
    workflow: WorkflowDef,
    *,
    maker_id: int | None = None,
    editors: tuple[int, ...] = (),
) -> tuple[Effect, ...]:
    """Begin a new run of a document under the definition as it is today.

    None of those who wrote it decides about it: its maker, its editors and who submits it.
    """
    if running(act, subject) is not None:
        raise Conflict("flow_already_started")
    run = begin(act, subject, workflow)
    _, effects = happen(act, run, Started(act.actor.user_id, maker_id, editors))
    return effects


def answer(act: Act, task: InboxItem, decision: Decision, comment: str) -> tuple[Effect, ...]:
    """Answer one's own open task, with the rights of this moment."""
    if task.user_id != act.actor.user_id:
        raise Forbidden("not_your_task")
    run = running(act, Subject(task.app, task.form, task.record_id))
    visit = run and run.instance.visit(task.visit)
    asked = visit and visit.task_of(task.user_id)
    # A task of an earlier round belongs to a run that has ended.
    if not (run and visit and asked) or run.id != task.instance_id:
        raise Conflict("task_is_closed")
    if not may_still_decide(run.instance.flow.step(visit.step_id), asked.approver, act.actor):
        raise Forbidden("right_withdrawn")
    _, effects = happen(act, run, Decided(task.visit, task.user_id, decision, comment))
    return effects


def withdraw(act: Act, subject: Subject, reason: str) -> None:
    """Take a document back out of its flow; nothing happens when it is in none."""
    run = running(act, subject)
    if run is not None:
        happen(act, run, Withdrawn(act.actor.user_id, reason))
