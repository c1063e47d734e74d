"""The inbox itself: one of its lists, and the document that is open beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, request, url_for

from runtime import query
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.infra.errors import AppError, NotFound
from runtime.screens.acting import platform, reading
from runtime.screens.i18n import _, said
from runtime.screens.inbox.conditions import reason_of
from runtime.screens.inbox.items import BOXES, Item, box_names, one_of, page_of
from runtime.screens.inbox.panel import panel_of
from runtime.screens.inbox.step_rights import access_of_task, veiled
from runtime.screens.inbox.summary import Summary, summarise
from runtime.screens.inbox.words import why
from runtime.screens.render import is_fragment_wanted, render
from runtime.screens.routes import permission
from runtime.workflow import inbox as work
from runtime.workflow.inbox import InboxItem
from runtime.workflow.instances import load

# What a page says of an act that did not go through.
_NOTHING_SAID: Final[Mapping[str, Any]] = {
    "problem": None,
    "comment": "",
    "refused": (),
}


@dataclass(frozen=True)
class Trouble:
    """Why something could not be carried out."""

    text: str
    lines: tuple[str, ...] = ()


@permission("signed_in")
def inbox() -> Response:
    """Show one of the lists, and the document that is open."""
    box = request.args.get("box", BOXES[0])
    if box not in BOXES:
        raise NotFound
    with reading() as act:
        chosen = request.args.get("item", type=int)
        if request.args.get("part") == "document" and is_fragment_wanted():
            return _document(act, box, chosen)
        return show(act, box, chosen)


def show(act: Act, box: str, chosen: int | None, **context: Any) -> Response:
    """Draw a list with the document of one of its lines, the first where none is chosen."""
    page = page_of(act, box, request.args.get("before", type=int))
    first = page.items[0] if page.items else None
    current = one_of(act, box, chosen, page) or first
    more = url_for("screens.inbox", box=box, before=page.last) if page.last else ""
    return render(
        "inbox/page.html",
        "inbox",
        box=box,
        boxes=box_names(),
        items=tuple(replace(item, is_current=item is current) for item in page.items),
        more=more,
        current=current,
        opened=_opened(act, box, current),
        is_fragment=is_fragment_wanted(),
        is_opened=chosen is not None and current is not None and current.id == chosen,
        to_do_count=work.count_to_do(act),
        empty_text=_empty_text(box),
        **{**_NOTHING_SAID, **context},
    )


def _document(act: Act, box: str, chosen: int | None) -> Response:
    """Draw the document alone: the list beside it stays as it is."""
    current = one_of(act, box, chosen, page_of(act, box, None))
    if current is None:
        raise NotFound
    opened = _opened(act, box, current)
    return render(
        "inbox/page.html", "document", box=box, current=current, opened=opened, **_NOTHING_SAID
    )


def trouble_of(error: AppError) -> Trouble:
    """Put a refusal into words."""
    lines = tuple(said(problem.code, problem.params) for problem in error.problems)
    return Trouble(said(error.code, error.params), lines)


def _opened(act: Act, box: str, item: Item | None) -> Summary | None:
    if item is None or item.is_unseen:
        return None
    form = platform().catalogue.form(act.connection, item.place.app, item.place.form)
    task = work.task_of(act, item.id) if box == BOXES[0] else None
    may = access_of_task(act, task)
    act = veiled(act, form, may)
    record = query.record(act, form, item.place.record_id)
    if record is None:
        return None
    opened = summarise(act, record, may, reason=_reason(act, form, item, task))
    place = item.place
    href = url_for(
        "screens.decide_record",
        app_code=place.app,
        form_code=place.form,
        record_id=place.record_id,
    )
    if task is not None:
        href = url_for("screens.decide_task", task_id=task.task_id)
    return replace(opened, decide_href=href, panel=panel_of(act, form, record, task))


def _reason(act: Act, form: Form, item: Item, task: InboxItem | None) -> str:
    """Why it reached the reader: by what rule, and on which way of the flow."""
    told = why(item.reason, item.step, item.stands_for)
    if task is None or not told:
        return told
    run = load(act, task.instance_id)
    because = reason_of(act, form, run.instance, task.visit)
    return _("%(why)s（因为 %(when)s）", why=told, when=because) if because else told


def _empty_text(box: str) -> str:
    texts: Mapping[str, str] = {
        "to_do": _("没有等你处理的单据。有人提交给你时，这里会出现。"),
        "done": _("你还没有处理过单据。"),
        "started": _("你还没有提交过单据。"),
        "copied": _("还没有人抄送单据给你。"),
    }
    return texts[box]
