"""Acts on many records: asked about, shown before they happen, carried out, undone."""

from collections.abc import Callable
from typing import Any, Final

from flask import Response, current_app, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from runtime import access
from runtime.compile import Field, Form
from runtime.documents.batch import run, store, undo
from runtime.documents.batch.deeds import plain
from runtime.documents.batch.store import Batch
from runtime.infra import queue
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, ValidationFailed
from runtime.query import matching
from runtime.screens.acting import acting, carry_out, form_of, reading
from runtime.screens.form_fields import field_view
from runtime.screens.form_values import read_some
from runtime.screens.i18n import _, label, number
from runtime.screens.lists_work.asked import batch_address, here
from runtime.screens.lists_work.boxes import box_of, editable_fields, unread
from runtime.screens.lists_work.outcomes import page_of
from runtime.screens.lists_work.picked import Picked, picked
from runtime.screens.lists_work.trial import tried
from runtime.screens.render import add_trigger, go_to, is_fragment_wanted, render
from runtime.screens.routes import permission

AT_ONCE: Final = 500
TASK: Final = "documents.batch"
ACTIONS: Final = ("update", "submit", "delete")
MOST_FIELDS: Final = 10
# What is done to all records of a list is confirmed by typing how many that are.
TYPED_FROM: Final = 100


@permission("bulk")
def batch_dialog(app_code: str, form_code: str) -> Response:
    """Ask what is to be done to the records that were picked."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        action = _action(act, form, request.args.get("action", ""))
        those = picked(act, form)
        fields = {item.code: item for item in editable_fields(act, form, in_cell=False)}
        chosen = [fields[code] for code in _codes() if code in fields]
        return _asked(act, form, action, those, chosen)


@permission("bulk")
def batch_trial(app_code: str, form_code: str) -> Response:
    """Show what would become of the first records: old and new values, or why not."""
    with acting() as act:
        form = form_of(act, app_code, form_code)
        those = picked(act, form)
        values = _values(act, form)
        return render(
            "lists_work/trial.html",
            rows=tried(act, form, those, values),
            rest=max(0, those.count - 3),
        )


@permission("bulk")
def create_batch(app_code: str, form_code: str) -> AnyResponse:
    """Do it: at once to a few hundred, by a job to more."""

    def work(act: Act) -> tuple[Batch, int | None]:
        form = form_of(act, app_code, form_code)
        action = _action(act, form, request.form.get("action", ""))
        those = picked(act, form)
        _require_typed(those)
        given = {"values": plain(_values(act, form))} if action == "update" else {}
        ids = matching(act, form, those.asked)
        return _begun(act, store.begin(act, form, action, given, ids))

    return _carried_out(app_code, form_code, *carry_out(work))


@permission("bulk")
def show_batch(app_code: str, form_code: str, batch_id: int) -> Response:
    """Show what became of each record."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        batch = store.own(act, form, batch_id)
        return render("lists_work/batch.html", **page_of(act, form, batch))


@permission("bulk")
def undo_batch(app_code: str, form_code: str, batch_id: int) -> AnyResponse:
    """Put back what a batch has changed, as far as nobody has gone on from there."""

    def work(act: Act) -> tuple[Batch, int | None]:
        form = form_of(act, app_code, form_code)
        batch = store.own(act, form, batch_id)
        return _begun(act, undo.begin_undo(act, form, batch))

    return _carried_out(app_code, form_code, *carry_out(work))


def _begun(act: Act, batch: Batch) -> tuple[Batch, int | None]:
    """Leave a large one to a job, in the same transaction."""
    if batch.total <= AT_ONCE:
        return batch, None
    job_id = queue.enqueue(act, TASK, {"batch": batch.id})
    store.change(act.connection, batch.id, job_id=job_id)
    return batch, job_id


def _carried_out(app_code: str, form_code: str, batch: Batch, job_id: int | None) -> AnyResponse:
    if job_id is not None:
        return go_to(url_for("screens.job", job_id=job_id))
    finish(batch, lambda act: form_of(act, app_code, form_code))
    return told(app_code, form_code, batch)


def finish(batch: Batch, form: Callable[[Act], Form]) -> None:
    """Carry out a batch that is small enough to wait for."""
    run.run(batch.id, acting, form, lambda _done: None)


def told(app_code: str, form_code: str, batch: Batch) -> AnyResponse:
    """Answer how a batch ended: in a word when all went well, else on a page of its own."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        counts = store.counts(act.connection, batch.id)
        may_undo = undo.may_undo(act, store.find(act.connection, batch.id))
    address = batch_address(form, batch.id)
    if counts["refused"] or not is_fragment_wanted():
        return go_to(address)
    answer = current_app.response_class(status=204)
    detail = {
        "text": _done_words(batch, counts["done"]),
        "undo": batch_address(form, batch.id, "undo_batch") if may_undo else "",
        "href": address,
    }
    return add_trigger(answer, "work:done", detail)


def _done_words(batch: Batch, count: int) -> str:
    words = {
        "update": _("已修改 %(n)s 条", n=number(count)),
        "submit": _("已提交 %(n)s 条", n=number(count)),
        "delete": _("已删除 %(n)s 条", n=number(count)),
        "undo": _("已撤销，恢复了 %(n)s 条", n=number(count)),
    }
    return words[batch.action]


def _action(act: Act, form: Form, action: str) -> Any:
    if action not in ACTIONS or (action == "submit" and not form.is_document):
        raise BadRequest("batch_action_unknown")
    access.require(act.actor, action, form)
    return action


def _codes() -> list[str]:
    return list(dict.fromkeys(request.args.getlist("field")))[:MOST_FIELDS]


def _asked(act: Act, form: Form, action: str, those: Picked, chosen: list[Field]) -> Response:
    """Draw the dialog: which records, and for a change which fields."""
    left = [
        (item.code, label(item.label))
        for item in editable_fields(act, form, in_cell=False)
        if item not in chosen
    ]
    return render(
        f"lists_work/{'update' if action == 'update' else 'confirm'}.html",
        form=form,
        action=action,
        those=those,
        boxes=[(field_view(act, form, item), box_of(act, item, None)) for item in chosen],
        left=left,
        is_typed=_is_typed(those),
        is_job=those.count > AT_ONCE,
        at_once=AT_ONCE,
        names=[row.title for row in tried(act, form, those, None)],
        here=here(form, "batch_dialog"),
        trial=here(form, "batch_trial"),
        post=here(form, "create_batch"),
    )


def _values(act: Act, form: Form) -> dict[str, Any]:
    """What the boxes say. Raises ValidationFailed for what cannot be read."""
    fields = {item.code: item for item in editable_fields(act, form, in_cell=False)}
    codes = list(dict.fromkeys(request.form.getlist("field")))[:MOST_FIELDS]
    items = [fields[code] for code in codes if code in fields]
    if not items:
        raise BadRequest("batch_no_field")
    values = read_some(act, form, request.form, items)
    problems = unread(values)
    if problems:
        raise ValidationFailed(problems=problems)
    return values


def _is_typed(those: Picked) -> bool:
    return those.is_all and those.count >= TYPED_FROM


def _require_typed(those: Picked) -> None:
    said = request.form.get("typed", "").replace(",", "").replace("，", "").strip()
    if _is_typed(those) and said != str(those.count):
        raise BadRequest("batch_count_differs", {"count": those.count})
