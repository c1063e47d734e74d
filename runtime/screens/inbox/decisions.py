"""Acting in the inbox: the answer to one task, then the next one opens."""

from flask import Response, make_response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from runtime import query
from runtime.compile import Form
from runtime.documents.flows.beside import beside
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Conflict, Forbidden, NotFound
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.i18n import label
from runtime.screens.inbox.deeds import Asked, asked, carry_out_deed, done_text
from runtime.screens.inbox.items import BOXES
from runtime.screens.inbox.page import show, trouble_of
from runtime.screens.render import add_trigger, go, is_fragment_wanted, render
from runtime.screens.routes import permission
from runtime.workflow import inbox as work
from runtime.workflow.dossier import Dossier
from runtime.workflow.instances import Subject

# What a person can put right where it happened; anything else is a page of its own.
ANSWERED_HERE = frozenset({400, 403, 409, 422, 429})
# After these the document is still one's own to deal with.
STAYS = frozenset({"stash", "comment", "copy", "urge", "remove_added", "take_back"})


@permission("decide")
def act_on_task(task_id: int) -> AnyResponse:
    """Do something with one's task: answer it, hand it on, send the document back."""
    try:
        wanted = asked(task_id)
        title = carry_out(lambda act: _done(act, task_id, wanted))
    except AppError as error:
        if error.status not in ANSWERED_HERE or error.code == "decision_unknown":
            raise
        if isinstance(error, Forbidden) and not _is_mine(task_id):
            raise
        return _refused(task_id, error)
    stays = task_id if wanted.deed in STAYS else None
    if not is_fragment_wanted():
        return make_response(go("screens.inbox", item=stays))
    with reading() as act:
        answer = show(act, BOXES[0], stays)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#inbox", "outerHTML"
    answer.headers["HX-Push-Url"] = url_for("screens.inbox", item=stays)
    add_trigger(answer, "ui:focus", "#ibx-current")
    told = {"text": done_text(wanted.deed, title), **_way_back(task_id, wanted)}
    return add_trigger(answer, "ui:toast", told)


def _done(act: Act, task_id: int, wanted: Asked) -> str:
    """Carry it out; return what the document is called."""
    task = work.task_of(act, task_id)
    if task is None:
        raise NotFound
    if task.user_id != act.actor.user_id:
        raise Forbidden("not_your_task")
    form = platform().catalogue.form(act.connection, task.app, task.form)
    carry_out_deed(act, form, task.record_id, wanted)
    return _title(act, form, task.record_id)


def _title(act: Act, form: Form, record_id: int) -> str:
    try:
        record = query.record(act, form, record_id)
    except Forbidden:
        record = None
    return record.title if record else label(form.label)


def _is_mine(task_id: int) -> bool:
    with reading() as act:
        task = work.task_of(act, task_id)
        return task is not None and task.user_id == act.actor.user_id


def _way_back(task_id: int, wanted: Asked) -> dict[str, str]:
    """How an answer is taken back at once, as long as nothing came of it."""
    if wanted.deed not in ("approve", "fill"):
        return {}
    with reading() as act:
        task = work.task_of(act, task_id)
        if task is None:
            return {}
        form = platform().catalogue.form(act.connection, task.app, task.form)
        if not _may_take_back(act, form, task.record_id, task_id):
            return {}
    return {"undo": url_for("screens.decide_task", task_id=task_id), "decision": "take_back"}


def _may_take_back(act: Act, form: Form, record_id: int, task_id: int) -> bool:
    dossier = Dossier(act, Subject(form.app_code, form.code, record_id))
    return beside(act, dossier, "").take_back == task_id


def _refused(task_id: int, error: AppError) -> Response:
    """Say why not; everything that was typed stays where it is."""
    is_stale = isinstance(error, Conflict) and error.code == "version_conflict"
    if is_fragment_wanted() and not is_stale:
        answer = render("inbox/_trouble.html", status=422, problem=trouble_of(error))
        return add_trigger(answer, "ui:focus", "#ibx-problem")
    comment = request.form.get("_comment", request.form.get("comment", ""))
    with reading() as act:
        answer = show(
            act, BOXES[0], task_id, status=422, problem=trouble_of(error), comment=comment
        )
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#inbox", "outerHTML"
    return add_trigger(answer, "ui:focus", "#ibx-problem")
