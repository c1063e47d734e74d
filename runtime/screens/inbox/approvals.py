"""Approving several documents at once: what they are is shown first, each is decided by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flask import Response, make_response, request

from runtime import query
from runtime.compile import Field
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said, buttons
from runtime.documents.flows.writing import access_of
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, Forbidden, NotFound
from runtime.query.brief import telling_amount
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.i18n import _, locale, sentences
from runtime.screens.inbox.items import BOXES, Item, of_tasks
from runtime.screens.inbox.page import show, trouble_of
from runtime.screens.inbox.step_rights import missing_of
from runtime.screens.render import add_trigger, go, is_fragment_wanted, render
from runtime.screens.routes import permission
from runtime.workflow import inbox as work
from runtime.workflow.acts import own
from runtime.workflow.inbox import InboxItem
from runtime.workflow.instances import Run, load_many

# As many as one can still read through before saying yes to all of them.
MOST: Final = 100


@dataclass(frozen=True)
class Chosen:
    """A document that is to be approved, as it stands now."""

    item: Item
    version: int
    field: Field | None
    amount: Decimal | None
    # Why it has to be read by itself; empty where it can be approved with others.
    reason: str = ""


@dataclass(frozen=True)
class Sum:
    """What the documents of one form come to."""

    label: str
    count: int
    amount: str


@dataclass(frozen=True)
class Refused:
    """A document that was not approved, and why."""

    title: str
    href: str
    reason: str


@permission("decide")
def ask_approvals() -> Response:
    """Show what would be approved: every document, and what they come to; and what would not."""
    with reading() as act:
        found = tuple(_chosen(act, _numbers("task")))
        chosen = tuple(each for each in found if not each.reason)
        return render(
            "inbox/approvals.html",
            chosen=chosen,
            left=tuple(each for each in found if each.reason),
            sums=tuple(_sums(chosen)),
            most=MOST,
        )


@permission("decide")
def approve_many() -> Response:
    """Approve each by itself; what cannot be approved stays, with its reason."""
    pairs = [_pair(text) for text in request.form.getlist("task")]
    comment = request.form.get("comment", "").strip()
    if not pairs:
        raise BadRequest("form_incomplete")
    if len(pairs) > MOST:
        raise BadRequest("too_many_approvals", {"limit": MOST})
    done, refused = 0, list[Refused]()
    for task_id, version in dict(pairs).items():
        reason = _approved(task_id, version, comment)
        done += not reason
        if reason:
            refused.append(_refused(task_id, reason))
    if not is_fragment_wanted() and not refused:
        return make_response(go("screens.inbox"))
    with reading() as act:
        answer = show(act, BOXES[0], None, refused=tuple(refused))
    add_trigger(answer, "ui:focus", "#ibx-refused" if refused else "#ibx-current")
    return add_trigger(answer, "ui:toast", {"text": _("已同意 %(n)s 张", n=done)})


def _approved(task_id: int, version: int, comment: str) -> str:
    """Approve one in a transaction of its own; return why it was refused, if it was."""

    def work(act: Act) -> None:
        task = work_of(act, task_id)
        form = platform().catalogue.form(act.connection, task.app, task.form)
        wanted = [(form, task.record_id, task_id, version)]
        for _task, error in acts.decide_many(act, wanted, "approve", Said(comment)):
            if error is not None:
                raise error

    try:
        carry_out(work)
    except AppError as error:
        trouble = trouble_of(error)
        return sentences((trouble.text, *trouble.lines))
    return ""


def work_of(act: Act, task_id: int) -> InboxItem:
    """A task of the actor's."""
    task = work.task_of(act, task_id)
    if task is None:
        raise NotFound
    if task.user_id != act.actor.user_id:
        raise Forbidden("not_your_task")
    return task


def _refused(task_id: int, reason: str) -> Refused:
    with reading() as act:
        task = work.task_of(act, task_id)
        items = _items(act, [task] if task else [])
    if not items:
        return Refused(f"#{task_id}", "", reason)
    return Refused(f"{items[0].form_label} {items[0].title}", items[0].href, reason)


def _numbers(name: str) -> list[int]:
    return list(dict.fromkeys(request.args.getlist(name, type=int)))[:MOST]


def _pair(text: str) -> tuple[int, int]:
    """Read `<task>:<version>`: what is approved is what was seen."""
    task, _colon, version = text.partition(":")
    if not (task.isdecimal() and version.isdecimal()) or len(text) > 40:
        raise BadRequest("form_incomplete")
    return int(task), int(version)


def _items(act: Act, tasks: Sequence[InboxItem]) -> list[Item]:
    mine = [task for task in tasks if task.user_id == act.actor.user_id]
    return [item for item in of_tasks(act, mine, BOXES[0]) if not item.is_unseen]


def _chosen(act: Act, task_ids: Sequence[int]) -> Iterator[Chosen]:
    """Yield those of the tasks that are the actor's and still open."""
    known = {task.task_id: task for task in work.tasks_of(act, task_ids) if task.state == "open"}
    tasks = {task_id: known[task_id] for task_id in task_ids if task_id in known}
    runs = {run.id: run for run in load_many(act, [each.instance_id for each in tasks.values()])}
    for item in _items(act, list(tasks.values())):
        form = platform().catalogue.form(act.connection, item.place.app, item.place.form)
        record = query.record(act, form, item.place.record_id)
        if record is not None:
            field = telling_amount(act, form)
            amount = record.values.get(field.code) if field else None
            task = tasks[item.id]
            reason = _by_itself(act, record, task, runs[task.instance_id])
            yield Chosen(item, record.version, field, amount, reason)


def _by_itself(act: Act, record: query.Record, task: InboxItem, run: Run) -> str:
    """Why a document cannot be approved among others."""
    try:
        mine = own(act, task, run)
        step, offered = mine.step, {button.code: button for button in buttons(mine)}
    except AppError as error:
        return trouble_of(error).text
    if "approve" not in offered:
        return _("这一步要办理，不是同意")
    if step.options.get("batch") is False:
        return _("这一步不允许批量同意")
    if any(missing_of(record, access_of(step))):
        return _("这一步有要填写的字段")
    if set(offered["approve"].demand) - {"comment"}:
        return _("同意时要签名、附件或密码")
    return ""


def _sums(chosen: Sequence[Chosen]) -> Iterator[Sum]:
    for form in dict.fromkeys(each.item.form_label for each in chosen):
        those = [each for each in chosen if each.item.form_label == form]
        amounts = [each.amount for each in those if each.amount is not None]
        field, total = those[0].field, sum(amounts, Decimal(0))
        yield Sum(form, len(those), field.format(total, locale()) if field and amounts else "")
