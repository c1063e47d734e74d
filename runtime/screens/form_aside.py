"""What stands beside a document: who has to say what, and where its stock movements are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from runtime import access, query, workflow
from runtime.compile import Form
from runtime.definitions import StepDef
from runtime.infra import users
from runtime.infra.act import Act
from runtime.screens.acting import app_of
from runtime.screens.i18n import _, instant, label
from runtime.workflow import InboxItem

LEDGERS_SHOWN = 6
OPEN = "open"
BOOKED = frozenset({"posted", "cancelled"})


@dataclass(frozen=True)
class Step:
    """One step of the approval: `state` is done, now, no or nothing yet."""

    title: str
    detail: str = ""
    state: str = ""
    icon: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Link:
    """A way on from here."""

    label: str
    href: str
    icon: str


def tasks_of(act: Act, form: Form, record: query.Record) -> tuple[InboxItem, ...]:
    """Return the tasks of the latest round of approval."""
    if form.workflow is None:
        return ()
    tasks = workflow.of_record(act, form.app_code, form.code, record.id)
    latest = max((task.instance_id for task in tasks), default=0)
    return tuple(task for task in tasks if task.instance_id == latest)


def my_task(act: Act, form: Form, record: query.Record) -> InboxItem | None:
    """Return the open task the actor has about this record."""
    mine = (task for task in tasks_of(act, form, record) if task.user_id == act.actor.user_id)
    return next((task for task in mine if task.state == OPEN), None)


def steps_of(act: Act, form: Form, record: query.Record | None) -> tuple[Step, ...]:
    """Return the steps of the form's flow, each with what became of it for this record."""
    if form.workflow is None:
        return ()
    tasks = tasks_of(act, form, record) if record else ()
    maker = record.created_by if record else act.actor.user_id
    names = users.names(act.connection, {task.user_id for task in tasks} | {maker or 0})
    started = tasks[0].opened_at if tasks else None
    first = Step(
        title=names.get(maker or 0, _("系统")),
        detail=_("提交 · %(when)s", when=instant(started)) if started else _("制单"),
        state="done" if started else "now",
        icon="check" if started else "",
    )
    is_over = record is not None and record.status in {"rejected", "cancelled"}
    steps = (step for step in form.workflow.steps if step.type == "approve")
    return (first, *(_step(form, step, tasks, names, is_over=is_over) for step in steps))


def _step(
    form: Form,
    step: StepDef,
    tasks: Sequence[InboxItem],
    names: Mapping[int, str],
    *,
    is_over: bool,
) -> Step:
    here = [task for task in tasks if task.step == step.id]
    title = label(step.label)
    for state, css, icon in (("rejected", "no", "x"), ("approved", "done", "check")):
        answered = next((task for task in here if task.state == state), None)
        if answered is not None:
            word = _("同意") if state == "approved" else _("驳回")
            detail = f"{names.get(answered.user_id, '')} {word} · {instant(answered.closed_at)}"
            return Step(title, detail.strip(), css, icon, answered.comment)
    waiting = [task for task in here if task.state == OPEN]
    if waiting:
        people = "、".join(names.get(task.user_id, "") for task in waiting)
        return Step(title, _("等待 %(people)s", people=people), "now")
    return Step(title, "" if is_over else _approvers(form, step))


def _approvers(form: Form, step: StepDef) -> str:
    who = step.options.get("who", {})
    role = form.roles.get(str(who.get("role", ""))) if isinstance(who, dict) else None
    return label(role.label) if role else ""


def links_of(act: Act, form: Form, record: query.Record) -> Iterator[Link]:
    """Yield why a posted document's figures are what they are, and the ledgers of what it moved."""
    rule = form.posting
    if rule is None or record.status not in BOOKED:
        return
    if access.may_see_cost(act.actor, app_of(act, form.app_code)):
        href = url_for(
            "screens.why", app_code=form.app_code, form_code=form.code, record_id=record.id
        )
        yield Link(_("为什么是这个成本"), href, "math-function")
    lines, _dot, code = rule.item.partition(".")
    if not code:
        return
    table = form.lines_of(lines)
    if not any(item.code == code for item in access.visible_line_fields(act.actor, form, table)):
        return
    names = record.labels.get((lines, code), {})
    shown = list(dict.fromkeys(line.values.get(code) for line in record.lines.get(lines, ())))
    for item in shown[:LEDGERS_SHOWN]:
        if item is not None:
            name = names.get(item, f"#{item}")
            href = url_for("screens.stock_ledger", app_code=form.app_code, item=item)
            yield Link(_("库存台账 · %(item)s", item=name), href, "book-2")
    yield Link(_("库存"), url_for("screens.stock", app_code=form.app_code), "packages")
