"""The document screen: new, show, save, submit, decide, cancel, delete, history."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from runtime import access, documents, query
from runtime.compile import Form
from runtime.compile.programs import defaults
from runtime.infra.act import Act
from runtime.infra.errors import (
    AppError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    Refused,
    TooLarge,
    TooManyRequests,
    ValidationFailed,
)
from runtime.kinds.families import FILES, PEOPLE
from runtime.screens.acting import carry_out, form_of, reading
from runtime.screens.form_links import prefilled
from runtime.screens.form_page import Content, Mode, Page, page_of
from runtime.screens.form_report import Clash, Report, clash_of, report_of, warning_of
from runtime.screens.form_values import Posted, is_entered, read_form
from runtime.screens.i18n import label, locale
from runtime.screens.inbox.deeds import EDITS, asked, carry_out_deed
from runtime.screens.inbox.items import BOXES
from runtime.screens.render import go, is_fragment_wanted, render
from runtime.screens.routes import permission

# What a person can put right on the page where it happened; anything else is a page of its own.
ANSWERED_HERE: Final = (ValidationFailed, Refused, Conflict, BadRequest, TooLarge)
READ: Final = "read"
# Two thousand lines of Chinese names, percent-encoded, and room to spare.
BODY: Final = 8_000_000
UNPROCESSABLE: Final = 422
# Scripts leave answers of these alone.
MUTE: Final = frozenset({403, 429})
# What somebody with a task is told on the page, though it is forbidden.
SAID_HERE: Final = frozenset(
    {"out_of_range", "right_withdrawn", "take_back_not_offered", "not_your_document"}
)


@dataclass(frozen=True)
class Problems:
    """The part of a page that says what is wrong: all a script asks for."""

    report: Report | None = None
    conflict: Clash | None = None


@permission("create")
def new_record(app_code: str, form_code: str) -> Response:
    """Show an empty form, or one filled from another record (`?copy=`)."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        copied = request.args.get("copy", type=int)
        content = _defaults(act, form) if copied is None else _copy(act, form, copied)
        given = prefilled(act, form, request.args)
        if given:
            values = {**content.values, **given}
            labels = {**content.labels, **_default_labels(act, form, given)}
            content = replace(content, values=values, labels=labels)
        return _drawn(page_of(act, form, None, content))


@permission("create", body=BODY)
def create_record(app_code: str, form_code: str) -> AnyResponse:
    """Save a new record, and submit it when that was the button."""
    posted = _posted(app_code, form_code)
    if warned := _warned(app_code, form_code, None, posted):
        return warned

    def work(act: Act) -> query.Record:
        form = form_of(act, app_code, form_code)
        make = documents.create_and_submit if posted.is_submission else documents.create
        return make(act, form, posted.values, key=posted.key)

    try:
        record = carry_out(work)
    except ANSWERED_HERE as error:
        return _refused(app_code, form_code, None, error, posted)
    return go_to_record(app_code, form_code, record.id)


@permission("view")
def show_record(app_code: str, form_code: str, record_id: int) -> Response:
    """Show a record: for filling in when the actor may change it, else for reading."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        record = _record(act, form, record_id)
        mode: Mode = "read" if request.args.get("view") == READ else "edit"
        return _drawn(page_of(act, form, record, _content(record), mode=mode))


@permission("update", body=BODY)
def update_record(app_code: str, form_code: str, record_id: int) -> AnyResponse:
    """Save what was typed over a record, and submit it when that was the button."""
    posted = _posted(app_code, form_code)
    if warned := _warned(app_code, form_code, record_id, posted):
        return warned

    def work(act: Act) -> None:
        form = form_of(act, app_code, form_code)
        saved = documents.update(act, form, record_id, posted.values, version=posted.version)
        if posted.is_submission:
            documents.submit(act, form, record_id, version=saved.version)

    try:
        carry_out(work)
    except ANSWERED_HERE as error:
        return _refused(app_code, form_code, record_id, error, posted)
    return go_to_record(app_code, form_code, record_id)


@permission("submit")
def submit_record(app_code: str, form_code: str, record_id: int) -> AnyResponse:
    """Submit a draft as it was saved."""
    version = _version()

    def work(act: Act) -> None:
        form = form_of(act, app_code, form_code)
        documents.submit(act, form, record_id, version=version)

    return _acted(app_code, form_code, record_id, work)


@permission("decide", body=BODY)
def decide_record(app_code: str, form_code: str, record_id: int) -> AnyResponse:
    """Do something with a document in a flow: the right is the task, or one's part in it."""
    posted = _posted_for_task(app_code, form_code)
    try:
        wanted = asked()

        def work(act: Act) -> None:
            carry_out_deed(act, form_of(act, app_code, form_code), record_id, wanted)

        carry_out(work)
    except (*ANSWERED_HERE, Forbidden, TooManyRequests) as error:
        if isinstance(error, Forbidden) and error.code not in SAID_HERE:
            raise
        return _refused(app_code, form_code, record_id, error, posted)
    box = request.form.get("box", "")
    if box in BOXES:
        return go("screens.inbox", box=box, item=request.form.get("item", type=int))
    try:
        with reading() as act:
            _record(act, form_of(act, app_code, form_code), record_id)
    except (Forbidden, NotFound):
        # Who decided may not be somebody who views the form.
        return go("screens.inbox")
    return go_to_record(app_code, form_code, record_id)


@permission("cancel")
def cancel_record(app_code: str, form_code: str, record_id: int) -> AnyResponse:
    """Take a document out of force, with the reason."""
    version, reason = _version(), request.form.get("reason", "")

    def work(act: Act) -> None:
        form = form_of(act, app_code, form_code)
        documents.cancel(act, form, record_id, version=version, reason=reason)

    return _acted(app_code, form_code, record_id, work)


@permission("delete")
def delete_record(app_code: str, form_code: str, record_id: int) -> AnyResponse:
    """Remove a draft or unused master data, and go back to the list."""
    version = _version()

    def work(act: Act) -> None:
        documents.delete(act, form_of(act, app_code, form_code), record_id, version=version)

    try:
        carry_out(work)
    except ANSWERED_HERE as error:
        return _refused(app_code, form_code, record_id, error, None)
    return go("screens.list_records", app_code=app_code, form_code=form_code)


@permission("view")
def record_history(app_code: str, form_code: str, record_id: int) -> Response:
    """Tell everything that happened to a record."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        record = _record(act, form, record_id)
        told = documents.history(act, form, record_id, locale=locale())
        return render(
            "document_history.html",
            form=form,
            record=record,
            history=told,
            form_label=label(form.label),
        )


def go_to_record(app_code: str, form_code: str, record_id: int) -> AnyResponse:
    """Send the browser to a record."""
    return go("screens.show_record", app_code=app_code, form_code=form_code, record_id=record_id)


def _acted(app_code: str, form_code: str, record_id: int, work: Any) -> AnyResponse:
    try:
        carry_out(work)
    except ANSWERED_HERE as error:
        return _refused(app_code, form_code, record_id, error, None)
    return go_to_record(app_code, form_code, record_id)


def _posted_for_task(app_code: str, form_code: str) -> Posted | None:
    """What was typed into the document for a task, where its boxes came along."""
    if EDITS not in request.form:
        return None
    with reading() as act:
        return read_form(act, form_of(act, app_code, form_code), request.form, is_task=True)


def _posted(app_code: str, form_code: str) -> Posted:
    with reading() as act:
        return read_form(act, form_of(act, app_code, form_code), request.form)


def _version() -> int:
    found = request.form.get("version", type=int)
    if found is None:
        raise BadRequest("form_incomplete")
    return found


def _refused(
    app_code: str, form_code: str, record_id: int | None, error: AppError, posted: Posted | None
) -> Response:
    """Show the page again with everything that was typed, or just what is wrong with it."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        report, clash = None, None
        if error.code == "version_conflict" and record_id is not None and posted is not None:
            clash = clash_of(act, form, error, record_id, posted)
        else:
            told = () if posted is None else _warnings(act, form, record_id, posted)
            report = report_of(act, form, error, posted, told)
        status = UNPROCESSABLE if error.status in MUTE else error.status
        return _again(act, form, record_id, posted, status, Problems(report, clash))


def _again(
    act: Act,
    form: Form,
    record_id: int | None,
    posted: Posted | None,
    status: int,
    problems: Problems,
) -> Response:
    if is_fragment_wanted():
        return render("document.html", "problems", status=status, p=problems)
    record = None if record_id is None else _record(act, form, record_id)
    content = _content(record) if record else _defaults(act, form)
    if posted is not None:
        content = Content(content.values, content.lines, content.labels, posted)
    page = page_of(act, form, record, content, report=problems.report, conflict=problems.conflict)
    return _drawn(page, status)


def _warned(
    app_code: str, form_code: str, record_id: int | None, posted: Posted
) -> Response | None:
    """What the author would have people think twice about, before anything is written."""
    if not posted.is_submission or posted.is_heeded:
        return None
    with reading() as act:
        form = form_of(act, app_code, form_code)
        told = _warnings(act, form, record_id, posted)
        if not told:
            return None
        problems = Problems(warning_of(form, told, posted))
        return _again(act, form, record_id, posted, UNPROCESSABLE, problems)


def _warnings(act: Act, form: Form, record_id: int | None, posted: Posted) -> tuple[Problem, ...]:
    if record_id is not None:
        _record(act, form, record_id)
    return documents.warnings_of(act, form, posted.values, record_id)


def _drawn(page: Page, status: int = 200) -> Response:
    return render("document.html", status=status, p=page)


def _record(act: Act, form: Form, record_id: int) -> query.Record:
    record = query.record(act, form, record_id)
    if record is None:
        raise NotFound
    return record


def _content(record: query.Record) -> Content:
    return Content(record.values, record.lines, record.labels)


def _defaults(act: Act, form: Form) -> Content:
    seen = access.visible_fields(act.actor, form)
    given: dict[str, Any] = dict(documents.own_departments(act, seen))
    given |= defaults(seen, act.now, form.zone, act.actor.user_id)
    return Content(given, labels=_default_labels(act, form, given))


def _default_labels(act: Act, form: Form, values: Mapping[str, Any]) -> dict[Any, Any]:
    found = {}
    for item in form.fields:
        value = values.get(item.code)
        if item.target and isinstance(value, int):
            found[(None, item.code)] = query.titles(act, form.target(item), [value])
    return found


def _copy(act: Act, form: Form, record_id: int) -> Content:
    """Start from another record: what people enter is taken over, numbers and days are not."""
    source = _record(act, form, record_id)
    fresh = _defaults(act, form)
    values = dict(fresh.values)
    for item in form.fields:
        is_taken = item.kind.kind not in FILES | PEOPLE | {"document_number"}
        if item.code in source.values and is_taken and not item.definition.unique:
            if is_entered(item) and item.definition.default is not None and form.is_document:
                continue
            values[item.code] = source.values[item.code]
    lines = {
        code: tuple(query.LineRecord(0, line.line_no, line.values) for line in rows)
        for code, rows in source.lines.items()
    }
    return Content(values, lines, {**source.labels, **fresh.labels})
