"""The lines of an inbox: each document in the words of its form, if the reader may view it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from flask import url_for

from runtime.compile import Form
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.infra.notices import Place
from runtime.query.brief import Brief
from runtime.screens.acting import platform
from runtime.screens.i18n import _, label
from runtime.screens.inbox.spans import lasted
from runtime.screens.inbox.words import state_of
from runtime.screens.places import seen
from runtime.screens.statuses import status_text, status_tone
from runtime.workflow import inbox as work
from runtime.workflow.inbox import CopiedItem, InboxItem, StartedItem

BOXES: Final = ("to_do", "done", "started", "copied")
PAGE: Final = 50


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
    # In whose place the reader is asked.
    stands_for: str = ""
    waited: str = ""
    is_unread: bool = False
    # The reader is asked about a document they may not view.
    is_unseen: bool = False
    is_current: bool = False
    # What the reader is asked, or was.
    task: InboxItem | None = None


def box_names() -> Mapping[str, str]:
    """Return what the lists are called."""
    return {
        "to_do": _("待我处理"),
        "done": _("我已处理"),
        "started": _("我发起的"),
        "copied": _("抄送我的"),
    }


def items_to_do(act: Act, limit: int = PAGE) -> tuple[Item, ...]:
    """Return what waits for the actor."""
    return tuple(of_tasks(act, work.to_do(act, limit=limit), BOXES[0]))


def items_started(act: Act, limit: int = PAGE) -> tuple[Item, ...]:
    """Return what the actor has put into a flow, the newest first."""
    return tuple(of_runs(act, work.started(act, limit=limit)))


@dataclass(frozen=True)
class Page:
    """A page of a list; `last` is where the next one goes on, None when this is the last."""

    items: tuple[Item, ...]
    last: int | None


def page_of(act: Act, box: str, before: int | None) -> Page:
    """Return a page of one of the lists; `before` is the last line already shown."""
    if box == "started":
        runs = work.started(act, before=before, limit=PAGE)
        last = runs[-1].instance_id if len(runs) == PAGE else None
        return Page(tuple(of_runs(act, runs)), last)
    if box == "copied":
        copies = work.copied(act, before=before, limit=PAGE)
        last = copies[-1].copy_id if len(copies) == PAGE else None
        return Page(tuple(of_copies(act, copies)), last)
    if box == "done":
        tasks = work.done(act, before=before, limit=PAGE)
    else:
        tasks = work.to_do(act, after=before, limit=PAGE)
    last = tasks[-1].task_id if len(tasks) == PAGE else None
    return Page(tuple(of_tasks(act, tasks, box)), last)


def one_of(act: Act, box: str, chosen: int | None, page: Page) -> Item | None:
    """Return the line of a list that was chosen, also when it is on another page of it."""
    if chosen is None:
        return None
    shown = next((item for item in page.items if item.id == chosen), None)
    if shown is not None or box not in ("to_do", "done"):
        return shown
    task = work.task_of(act, chosen)
    if task is None or task.user_id != act.actor.user_id:
        return None
    if task.state not in (("open",) if box == "to_do" else work.ANSWERED):
        return None
    return next(iter(of_tasks(act, [task], box)), None)


def of_tasks(act: Act, tasks: Sequence[InboxItem], box: str) -> Iterator[Item]:
    """Yield the line of each task; one about a document that is gone has none."""
    places = [Place(task.app, task.form, task.record_id) for task in tasks]
    known = seen(act, places)
    people = {each for task in tasks for each in (task.initiator_id, task.for_id) if each}
    names = users.names(act.connection, people)
    for task, place in zip(tasks, places, strict=True):
        person = names.get(task.initiator_id or 0, _("系统"))
        brief = known.get(place)
        if brief is not None:
            item = _of_task(act, task, brief, person, box)
            yield replace(item, stands_for=names.get(task.for_id or 0, ""))
        elif box == BOXES[0] and (form := _form_of(act, place)) is not None:
            yield _unseen(act, task, form, person)


def _of_task(act: Act, task: InboxItem, brief: Brief, person: str, box: str) -> Item:
    is_done = box == "done"
    state, tone = state_of(task.state) if is_done else ("", "")
    return Item(
        id=task.task_id,
        place=Place(task.app, task.form, task.record_id),
        href=_href(box, task.task_id),
        form_label=label(brief.form.label),
        icon=brief.form.icon,
        title=brief.title,
        person=person,
        at=(task.closed_at or task.opened_at) if is_done else task.opened_at,
        step=label(task.step_label),
        amount="" if is_done else brief.amount,
        state=state,
        tone=tone,
        reason=task.reason,
        waited="" if is_done else lasted(task.opened_at, act.now),
        task=task,
    )


def _unseen(act: Act, task: InboxItem, form: Form, person: str) -> Item:
    """What the reader must not overlook, though they may not read it."""
    return Item(
        id=task.task_id,
        place=Place(task.app, task.form, task.record_id),
        href=_href(BOXES[0], task.task_id),
        form_label=label(form.label),
        icon=form.icon,
        title="",
        person=person,
        at=task.opened_at,
        step=label(task.step_label),
        waited=lasted(task.opened_at, act.now),
        is_unseen=True,
    )


def _form_of(act: Act, place: Place) -> Form | None:
    try:
        return platform().catalogue.form(act.connection, place.app, place.form)
    except NotFound:
        return None  # the app has been removed since


def of_runs(act: Act, runs: Sequence[StartedItem]) -> Iterator[Item]:
    """Yield the line of each document the actor has put into a flow."""
    places = [Place(run.app, run.form, run.record_id) for run in runs]
    known = seen(act, places)
    for run, place in zip(runs, places, strict=True):
        brief = known.get(place)
        if brief is None:
            continue
        yield Item(
            id=run.instance_id,
            place=place,
            href=_href("started", run.instance_id),
            form_label=label(brief.form.label),
            icon=brief.form.icon,
            title=brief.title,
            person=act.actor.name,
            at=run.started_at,
            state=status_text(brief.status),
            tone=status_tone(brief.status),
        )


def of_copies(act: Act, copies: Sequence[CopiedItem]) -> Iterator[Item]:
    """Yield the line of each document the actor was let know of."""
    places = [Place(each.app, each.form, each.record_id) for each in copies]
    known = seen(act, places)
    names = users.names(act.connection, {each.by_id for each in copies if each.by_id})
    for each, place in zip(copies, places, strict=True):
        brief = known.get(place)
        if brief is None:
            continue
        yield Item(
            id=each.copy_id,
            place=place,
            href=_href("copied", each.copy_id),
            form_label=label(brief.form.label),
            icon=brief.form.icon,
            title=brief.title,
            person=names.get(each.by_id or 0, _("流程")),
            at=each.at,
            state=status_text(brief.status),
            tone=status_tone(brief.status),
            is_unread=each.read_at is None,
        )


def _href(box: str, item_id: int) -> str:
    return url_for("screens.inbox", box=box, item=item_id)
