"""The import wizard: upload, table, columns, check, rows; each step is an address of its own."""

import io
import os
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from flask import Response, current_app, jsonify, request, url_for
from werkzeug.datastructures import FileStorage

from runtime.compile import App
from runtime.exchange import batches, cage, imported, jobs
from runtime.exchange.adoption import (
    Choices,
    Draft,
    FormMaker,
    choices_json,
    kind_of,
    plan_of,
    read_choices,
    table_of,
    taken_fields,
)
from runtime.exchange.batches import Batch
from runtime.exchange.entries import entries
from runtime.exchange.importing import Outcome, check_entries
from runtime.exchange.opening import ACCEPTED
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.spool import count_rows, first_rows
from runtime.infra import files, queue
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Conflict, Forbidden
from runtime.screens import import_choices as decided
from runtime.screens import import_pages as pages
from runtime.screens.acting import app_of, carry_out, platform, reading
from runtime.screens.i18n import _, label, locale, said
from runtime.screens.import_rows import may_undo
from runtime.screens.import_whole import is_whole
from runtime.screens.render import go, go_to, render
from runtime.screens.routes import permission

UPLOAD_BYTES: Final = 52 * 1024 * 1024
CHECKED_ROWS: Final = 2_000
SHOWN_PROBLEMS: Final = 100
Json = dict[str, Any]
NOTHING_YET: Final = asdict(Outcome())


@permission("signed_in")
def new_import(app_code: str) -> Response:
    """Show where to drop a workbook."""
    with reading() as act:
        return _upload_page(_app(act, app_code))


@permission("signed_in", body=UPLOAD_BYTES)
def create_import(app_code: str) -> Any:
    """Take a workbook in: a caged child looks at it before anything is kept."""
    form = request.args.get("form", "")[:40]
    with reading() as act:
        app = _app(act, app_code)
    try:
        batch_id = _take_in(app, _uploaded())
    except (FileRefused, FileUnreadable, BadRequest) as error:
        sentence = said(error.code, error.params)
        if _wants_json():
            return jsonify(error=sentence), error.status
        return _upload_page(app, sentence, error.status)
    with reading() as act:
        batch = batches.own(act, app.code, batch_id)
        goes_whole = not form and act.actor.is_admin and is_whole(batch.inspection)
    page = "screens.import_whole" if goes_whole else "screens.import_table"
    address = url_for(page, app_code=app.code, batch_id=batch_id, form=form or None)
    return jsonify(href=address) if _wants_json() else go_to(address)


@permission("signed_in")
def import_columns(app_code: str, batch_id: int) -> Any:
    """Show what becomes of each column."""
    with reading() as act:
        app, batch = open_batch(act, app_code, batch_id)
        if batch.state != "open":
            return go("screens.import_run", app_code=app_code, batch_id=batch_id)
        return _columns_page(act, app, batch)


@permission("signed_in")
def choose_import_columns(app_code: str, batch_id: int) -> Any:
    """Keep what was decided about the columns and go on to the check."""
    with reading() as act:
        app, batch = open_batch(act, app_code, batch_id)
        try:
            choices = decided.posted_choices(act, app, batch)
            _prepared(act, app, batch, choices)
        except (BadRequest, Forbidden) as error:
            problem = said(error.code, error.params)
            return _columns_page(act, app, batch, problem, error.status)

    def keep(act: Act) -> None:
        still_open(act, app_code, batch_id)
        kept = {**batch.choices, **choices_json(choices)}
        batches.change(act.connection, batch_id, choices=kept)

    carry_out(keep)
    return go("screens.import_check", app_code=app_code, batch_id=batch_id)


@permission("signed_in")
def import_check(app_code: str, batch_id: int) -> Any:
    """Say what an import would do, without doing it."""
    with reading() as act:
        app, batch = open_batch(act, app_code, batch_id)
        if batch.state != "open":
            return go("screens.import_run", app_code=app_code, batch_id=batch_id)
        choices = read_choices(batch.choices)
        draft = _prepared(act, app, batch, choices)
        spool = jobs.spooled(act.connection, platform().settings, batch, choices)
        plan = plan_of(batch.id, choices, draft.form, draft.fields)
        first = list(entries(plan, first_rows(spool, CHECKED_ROWS)))
        with jobs.pictures_of(act.connection, platform().settings, batch, plan) as pictures:
            outcome, would_make = check_entries(act, plan, first, pictures)
        return render(
            "imports/check.html",
            app=app,
            batch=batch,
            choices=choices,
            form_label=choices.label or label(draft.form.label),
            total=count_rows(spool),
            outcome=outcome,
            problems=pages.problem_rows(outcome.errors[:SHOWN_PROBLEMS]),
            would_make=would_make,
            columns=len(draft.fields),
            required=pages.unmatched_required(draft.form, tuple(draft.fields.values())),
        )


@permission("signed_in")
def start_import(app_code: str, batch_id: int) -> Any:
    """Make the form or fields that are new, and put the rows to work: one transaction."""
    with reading() as act:
        batch = open_batch(act, app_code, batch_id)[1]
        choices = read_choices(batch.choices)
        spool = jobs.spooled(act.connection, platform().settings, batch, choices)
        rows = count_rows(spool)

    def start(act: Act) -> None:
        still_open(act, app_code, batch_id)
        app = app_of(act, app_code)
        draft = _prepared(act, app, batch, choices)
        if choices.needs_builder:
            _maker().publish(act, draft, _("导入 %(file)s", file=batch.file_name))
        decided = choices_json(replace(choices, form=draft.form.code))
        job_id = queue.enqueue(act, "exchange.import_rows", {"batch": batch_id})
        batches.change(
            act.connection,
            batch_id,
            choices={**batch.choices, **decided, "fields": dict(draft.fields), "rows": rows},
            state="running",
            job_id=job_id,
        )

    carry_out(start)
    return go("screens.import_run", app_code=app_code, batch_id=batch_id)


@permission("signed_in")
def import_run(app_code: str, batch_id: int) -> Any:
    """Show how far the rows are, and what came of them; asks again by itself until it is over."""
    with reading() as act:
        app, batch = open_batch(act, app_code, batch_id)
        if batch.job_id is None:
            return go("screens.import_table", app_code=app_code, batch_id=batch_id)
        job = queue.find(act.connection, batch.job_id)
        form = app.forms.get(batch.choices["form"])
        outcome = {**NOTHING_YET, **batch.outcome}
        moment = job.finished_at or platform().clock()
        return render(
            "imports/run.html",
            "progress",
            app=app,
            batch=batch,
            job=job,
            form=form,
            total=int(batch.choices["rows"]),
            outcome=outcome,
            seconds=max(int((moment - job.created_at).total_seconds()), 0),
            problems=pages.problem_rows(outcome["errors"][:SHOWN_PROBLEMS]),
            failure=_failure(job.error) if job.state == "failed" else "",
            left=imported.count(act.connection, batch_id).get("failed", 0),
            may_undo=may_undo(act, batch),
            undone=job.result if batch.state == "undone" else None,
            is_undoing=batch.state in {"undoing", "undone"},
        )


def _failure(error: Any) -> str:
    found = error or {}
    return said(found["code"], found.get("params")) if "code" in found else _("任务没有完成")


def _app(act: Act, app_code: str) -> App:
    app = app_of(act, app_code)
    if not act.actor.is_admin and not any(pages.importable_forms(act, app)):
        raise Forbidden
    return app


def open_batch(act: Act, app_code: str, batch_id: int) -> tuple[App, Batch]:
    """Return the app and the actor's own import; Forbidden for who may import nothing there."""
    app = _app(act, app_code)
    return app, batches.own(act, app.code, batch_id)


def still_open(act: Act, app_code: str, batch_id: int) -> None:
    """Conflict once the rows are on their way."""
    if batches.own(act, app_code, batch_id).state != "open":
        raise Conflict("import_started")


def _upload_page(app: App, problem: str = "", status: int = 200) -> Response:
    return render(
        "imports/upload.html",
        status=status,
        app=app,
        problem=problem,
        form=request.args.get("form", "")[:40],
        template_form=app.forms.get(request.args.get("form", "")[:40]),
        megabytes=platform().settings.upload_mb,
        accepted=",".join(ACCEPTED),
    )


def _uploaded() -> FileStorage:
    """The file that was sent, or what was pasted into the page as if it were one."""
    upload, pasted = request.files.get("file"), request.form.get("pasted", "")
    if upload is not None and upload.filename:
        return upload
    if not pasted.strip():
        raise BadRequest("import_no_file")
    return FileStorage(io.BytesIO(pasted.encode()), f"{_('粘贴的表格')}.tsv")


def _take_in(app: App, upload: FileStorage) -> int:
    settings = platform().settings
    name = files.plain_name(str(upload.filename))
    folder = settings.home / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, path = tempfile.mkstemp(suffix=".upload", dir=folder)
    os.close(handle)
    try:
        upload.save(path)
        seen = cage.ask({"path": path, "name": name, "locale": locale(), "preview": True})

        def keep(act: Act) -> int:
            with Path(path).open("rb") as content:
                file = files.store(act, settings, content, name)
            return batches.create(act, app.code, file.id, name, seen)

        return carry_out(keep)
    finally:
        Path(path).unlink(missing_ok=True)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _columns_page(
    act: Act, app: App, batch: Batch, problem: str = "", status: int = 200
) -> Response:
    sheet = decided.sheet_of(batch, request.values.get("sheet", ""))
    table = table_of(batch, sheet)
    form = decided.target_of(act, app, batch)
    kinds = {column["col"]: kind_of(column) for column in table["columns"]}
    rows = pages.columns_of(act, batch, table, form, kinds=kinds)
    takes = [option.value for row in rows for option in row.takes if option.is_chosen]
    return render(
        "imports/columns.html",
        status=status,
        app=app,
        batch=batch,
        sheet=sheet,
        table=table,
        form=form,
        targets=pages.targets(act, app, form.code if form else ""),
        rows=rows,
        keys=pages.key_options(form, rows, batch.choices.get("key", ())) if form else (),
        modes=pages.modes(str(batch.choices.get("mode", "add"))),
        decided=batch.choices,
        new_label=batch.choices.get("label") or decided.proposed_label(batch, sheet),
        demanded=pages.demanded(form, takes) if form else (),
        problem=problem,
    )


def _prepared(act: Act, app: App, batch: Batch, choices: Choices) -> Draft:
    """Return the form the rows go into: as it is, or as the builder would make it."""
    if choices.needs_builder:
        return _maker().draft(act, app, table_of(batch, choices.sheet), choices)
    form = {form.code: form for form in pages.importable_forms(act, app)}.get(choices.form)
    if form is None:
        raise Forbidden
    fields = taken_fields(choices.columns)
    if not fields:
        raise BadRequest("import_no_columns")
    return Draft({}, app.version, form, fields)


def _maker() -> FormMaker:
    found: FormMaker | None = current_app.extensions.get("dajian.workbook")
    if found is None:
        raise Forbidden("import_needs_builder")
    return found
