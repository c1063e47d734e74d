"""The inbox itself: one of its lists, and the document that is open beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, request, url_for

from runtime import query
from runtime.documents.flows.standing import Standing
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
from runtime.screens.shell import shell_of_page
from runtime.workflow import inbox as work

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
    is_fragment = is_fragment_wanted()
    # The frame of a page has counted already.
    to_do_count = work.count_to_do(act) if is_fragment else shell_of_page().inbox_count
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
        is_fragment=is_fragment,
        is_opened=chosen is not None and current is not None and current.id == chosen,
        to_do_count=to_do_count,
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
    task, place = item.task if box == BOXES[0] else None, item.place
    whole = query.whole_record(act, form, place.record_id)
    if whole is None:
        return None
    standing = Standing(act, form, place.record_id, task, whole)
    may = access_of_task(standing)
    act = veiled(act, form, may)
    record = query.for_actor(act, whole)
    opened = summarise(act, standing, record, may, reason=_reason(act, standing, item))
    href = url_for(
        "screens.decide_record",
        app_code=place.app,
        form_code=place.form,
        record_id=place.record_id,
    )
    if task is not None:
        href = url_for("screens.decide_task", task_id=task.task_id)
    return replace(opened, decide_href=href, panel=panel_of(standing, record))


def _reason(act: Act, standing: Standing, item: Item) -> str:
    """Why it reached the reader: by what rule, and on which way of the flow."""
    told, task, run = why(item.reason, item.step, item.stands_for), standing.task, standing.run
    if task is None or run is None or run.id != task.instance_id or not told:
        return told
    because = reason_of(act, standing.form, run.instance, task.visit)
    return _("%(why)s（因为 %(when)s）", why=told, when=because) if because else told


def _empty_text(box: str) -> str:
    texts: Mapping[str, str] = {
        "to_do": _("没有等你处理的单据。有人提交给你时，这里会出现。"),
        "done": _("你还没有处理过单据。"),
        "started": _("你还没有提交过单据。"),
        "copied": _("还没有人抄送单据给你。"),
    }
    return texts[box]
