"""My work: what waits for me, what I have answered, what I have started."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from flask import Response, make_response, request, url_for

from runtime import documents, query
from runtime.compile import Form
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, Forbidden, NotFound
from runtime.query.brief import Brief, briefs
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.i18n import _, label, said
from runtime.screens.render import add_trigger, go, is_fragment_wanted, render
from runtime.screens.routes import permission
from runtime.screens.statuses import status_text, status_tone
from runtime.screens.summary import Summary, summarise
from runtime.workflow import inbox as work
from runtime.workflow.inbox import InboxItem, StartedItem

BOXES: Final = ("to_do", "done", "started")
PAGE: Final = 50


class Place(NamedTuple):
    """Where a document is kept."""

    app: str
    form: str
    record_id: int


@dataclass(frozen=True)
class Item:
    """One line of the inbox."""

    id: int
    place: Place
    href: str
    form_label: str
    icon: str
    title: str
    person: str
    at: datetime
    step: str = ""
    amount: str = ""
    state: str = ""
    tone: str = ""
    reason: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class Trouble:
    """Why a decision could not be carried out."""

    text: str
    lines: tuple[str, ...] = ()


def box_names() -> Mapping[str, str]:
    """Return what the three lists are called."""
    return {"to_do": _("待我处理"), "done": _("我已处理"), "started": _("我发起的")}


@permission("signed_in")
def inbox() -> Response:
    """Show one of the lists, and the document that is open."""
    box = request.args.get("box", BOXES[0])
    if box not in BOXES:
        raise NotFound
    with reading() as act:
        return _show(act, box, request.args.get("item", type=int))


@permission("decide")
def decide_task(task_id: int) -> Response:
    """Approve or reject, then open the next one."""
    decision, comment = request.form.get("decision", ""), request.form.get("comment", "").strip()
    if decision not in {"approve", "reject"}:
        raise BadRequest
    if decision == "reject" and not comment:
        return _again(task_id, comment_problem=_("请写明驳回的原因"))
    try:
        title = carry_out(lambda act: _decide(act, task_id, decision, comment))
    except AppError as error:
        if error.status not in {409, 422}:
            raise
        return _again(task_id, comment=comment, problem=_trouble(error))
    said_so = _("已同意 %(what)s", what=title) if decision == "approve" else ""
    said_so = said_so or _("已驳回 %(what)s", what=title)
    if not is_fragment_wanted():
        return make_response(go("screens.inbox"))
    with reading() as act:
        answer = _show(act, BOXES[0], None, status=200)
    answer.headers["HX-Push-Url"] = url_for("screens.inbox")
    add_trigger(answer, "ui:focus", "#ibx-current")
    return add_trigger(answer, "ui:toast", {"text": said_so})


def items_to_do(act: Act, limit: int = PAGE) -> tuple[Item, ...]:
    """Return what waits for the actor."""
    return tuple(_of_tasks(act, work.to_do(act, limit=limit), BOXES[0]))


def items_started(act: Act, limit: int = PAGE) -> tuple[Item, ...]:
    """Return what the actor has put into a flow, the newest first."""
    return tuple(_of_started(act, work.started(act, limit=limit)))


def _decide(act: Act, task_id: int, decision: str, comment: str) -> str:
    task = work.task_of(act, task_id)
    if task is None:
        raise NotFound
    if task.user_id != act.actor.user_id:
        raise Forbidden
    form = platform().catalogue.form(act.connection, task.app, task.form)
    record = documents.decide(act, form, task.record_id, decision, comment, task_id=task_id)
    return record.title if record else label(form.label)


def _again(task_id: int, **context: Any) -> Response:
    with reading() as act:
        return _show(act, BOXES[0], task_id, status=422, **context)


def _trouble(error: AppError) -> Trouble:
    lines = tuple(said(problem.code, problem.params) for problem in error.problems)
    return Trouble(said(error.code, error.params), lines)


def _show(act: Act, box: str, chosen: int | None, **context: Any) -> Response:
    before = request.args.get("before", type=int)
    items = tuple(_items(act, box, before))
    current = next((item for item in items if item.id == chosen), items[0] if items else None)
    context = {"problem": None, "comment": "", "comment_problem": "", **context}
    return render(
        "inbox.html",
        "inbox",
        box=box,
        boxes=box_names(),
        items=tuple(replace(item, is_current=item is current) for item in items),
        more=url_for("screens.inbox", box=box, before=items[-1].id) if len(items) == PAGE else "",
        opened=_opened(act, box, current),
        is_fragment=is_fragment_wanted(),
        is_opened=chosen is not None and current is not None and current.id == chosen,
        to_do_count=work.count_to_do(act),
        empty_text=_empty_text(box),
        **context,
    )


def _items(act: Act, box: str, before: int | None) -> Iterator[Item]:
    if box == "started":
        return _of_started(act, work.started(act, before=before, limit=PAGE))
    if box == "done":
        return _of_tasks(act, work.done(act, before=before, limit=PAGE), box)
    return _of_tasks(act, work.to_do(act, after=before, limit=PAGE), box)


def _of_tasks(act: Act, tasks: Sequence[InboxItem], box: str) -> Iterator[Item]:
    known = _briefs(act, [Place(task.app, task.form, task.record_id) for task in tasks])
    names = users.names(act.connection, [t.initiator_id for t in tasks if t.initiator_id])
    for task in tasks:
        place = Place(task.app, task.form, task.record_id)
        brief = known.get(place)
        if brief is None:
            continue
        is_done = box == "done"
        state = {"approved": _("已同意"), "rejected": _("已驳回")}.get(task.state, "")
        yield Item(
            id=task.task_id,
            place=place,
            href=url_for("screens.inbox", box=box, item=task.task_id),
            form_label=label(brief.form.label),
            icon=brief.form.icon,
            title=brief.title,
            person=names.get(task.initiator_id or 0, _("系统")),
            at=(task.closed_at or task.opened_at) if is_done else task.opened_at,
            step=label(task.step_label),
            amount="" if is_done else brief.amount,
            state=state,
            tone="ok" if task.state == "approved" else "err",
            reason=task.reason,
        )


def _of_started(act: Act, runs: Sequence[StartedItem]) -> Iterator[Item]:
    known = _briefs(act, [Place(run.app, run.form, run.record_id) for run in runs])
    for run in runs:
        place = Place(run.app, run.form, run.record_id)
        brief = known.get(place)
        if brief is None:
            continue
        yield Item(
            id=run.instance_id,
            place=place,
            href=url_for("screens.inbox", box="started", item=run.instance_id),
            form_label=label(brief.form.label),
            icon=brief.form.icon,
            title=brief.title,
            person=act.actor.name,
            at=run.started_at,
            state=status_text(brief.status),
            tone=status_tone(brief.status),
        )


def _briefs(act: Act, places: Sequence[Place]) -> Mapping[Place, Brief]:
    found: dict[Place, Brief] = {}
    for app, code in sorted({(place.app, place.form) for place in places}):
        form = _form(act, app, code)
        if form is None:
            continue
        ids = [place.record_id for place in places if (place.app, place.form) == (app, code)]
        found.update({Place(app, code, b.id): b for b in briefs(act, form, ids).values()})
    return found


def _form(act: Act, app: str, code: str) -> Form | None:
    try:
        return platform().catalogue.form(act.connection, app, code)
    except NotFound:
        return None  # the app has been removed since


def _opened(act: Act, box: str, item: Item | None) -> Summary | None:
    if item is None:
        return None
    form = platform().catalogue.form(act.connection, item.place.app, item.place.form)
    record = query.record(act, form, item.place.record_id)
    if record is None:
        return None
    href = url_for("screens.decide_task", task_id=item.id) if box == "to_do" else ""
    return summarise(act, record, reason=_why(item), decide_href=href)


def _why(item: Item) -> str:
    reasons = {
        "role": _("按角色轮到你：%(step)s", step=item.step),
        "user": _("流程指定你处理：%(step)s", step=item.step),
        "escalated": _("没有别的审批人，转给管理员：%(step)s", step=item.step),
    }
    return reasons.get(item.reason, "")


def _empty_text(box: str) -> str:
    return {
        "to_do": _("没有等你处理的单据。有人提交给你时，这里会出现。"),
        "done": _("你还没有处理过单据。"),
        "started": _("你还没有提交过单据。"),
    }[box]
