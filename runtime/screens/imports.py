"""The import wizard: upload, table, columns, check, rows; each step is an address of its own."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from flask import Response, current_app, jsonify, request, url_for
from werkzeug.datastructures import FileStorage

from runtime.compile import App
from runtime.exchange import batches, cage, jobs
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
from runtime.exchange.importing import check_rows
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.spool import count_rows, first_rows
from runtime.infra import files, queue
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Conflict, Forbidden
from runtime.screens import import_choices as decided
from runtime.screens import import_pages as pages
from runtime.screens.acting import app_of, carry_out, platform, reading
from runtime.screens.i18n import _, label, locale, said
from runtime.screens.render import go, render
from runtime.screens.routes import permission

UPLOAD_BYTES: Final = 52 * 1024 * 1024
CHECKED_ROWS: Final = 5_000
SHOWN_PROBLEMS: Final = 100
Json = dict[str, Any]


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
        batch_id = _take_in(app, request.files.get("file"))
    except (FileRefused, FileUnreadable, BadRequest) as error:
        sentence = said(error.code, error.params)
        if _wants_json():
            return jsonify(error=sentence), error.status
        return _upload_page(app, sentence, error.status)
    if _wants_json():
        address = url_for(
            "screens.import_table", app_code=app.code, batch_id=batch_id, form=form or None
        )
        return jsonify(href=address)
    return go("screens.import_table", app_code=app.code, batch_id=batch_id, form=form or None)


@permission("signed_in")
def import_table(app_code: str, batch_id: int) -> Any:
    """Show the sheet as in Excel, with the table that was found in it."""
    with reading() as act:
        app, batch = _open(act, app_code, batch_id)
        if batch.state != "open":
            return go("screens.import_run", app_code=app_code, batch_id=batch_id)
        sheet = decided.sheet_of(batch, request.args.get("sheet", ""))
        table = decided.table_or_none(batch, sheet)
        preview = next((one for one in batch.preview if one["sheet"] == sheet), None)
        return render(
            "imports/table.html",
            "found",
            app=app,
            batch=batch,
            sheet=sheet,
            sheets=[one["sheet"] for one in batch.preview],
            table=table,
            grid=pages.sheet_grid(preview, table) if preview else None,
            notes=decided.notes_of(batch, sheet),
            form=request.args.get("form", "")[:40],
        )


@permission("signed_in")
def correct_import_table(app_code: str, batch_id: int) -> Any:
    """Take a person's word for the header row: the file is looked at again."""
    sheet, said_row = request.form.get("sheet", ""), request.form.get("header", "")
    if not (said_row.isascii() and said_row.isdigit() and len(said_row) < 7):
        raise BadRequest("import_no_table")
    with reading() as act:
        batch = _open(act, app_code, batch_id)[1]
        told = {**decided.told_headers(batch), sheet: int(said_row)}
        seen = jobs.look(act.connection, platform().settings, batch.file_id, told, locale=locale())

    def keep(act: Act) -> None:
        _still_open(act, app_code, batch_id)
        choices = {"header_rows": told, "sheet": sheet}
        batches.change(act.connection, batch_id, inspection=seen["inspection"], choices=choices)

    carry_out(keep)
    return go(
        "screens.import_table",
        app_code=app_code,
        batch_id=batch_id,
        sheet=sheet,
        form=request.form.get("form") or None,
    )


@permission("signed_in")
def import_columns(app_code: str, batch_id: int) -> Any:
    """Show what becomes of each column."""
    with reading() as act:
        app, batch = _open(act, app_code, batch_id)
        if batch.state != "open":
            return go("screens.import_run", app_code=app_code, batch_id=batch_id)
        return _columns_page(act, app, batch)


@permission("signed_in")
def choose_import_columns(app_code: str, batch_id: int) -> Any:
    """Keep what was decided about the columns and go on to the check."""
    with reading() as act:
        app, batch = _open(act, app_code, batch_id)
        try:
            choices = decided.posted_choices(act, app, batch)
            _prepared(act, app, batch, choices)
        except (BadRequest, Forbidden) as error:
            problem = said(error.code, error.params)
            return _columns_page(act, app, batch, problem, error.status)

    def keep(act: Act) -> None:
        _still_open(act, app_code, batch_id)
        batches.change(act.connection, batch_id, choices=choices_json(choices))

    carry_out(keep)
    return go("screens.import_check", app_code=app_code, batch_id=batch_id)


@permission("signed_in")
def import_check(app_code: str, batch_id: int) -> Any:
    """Say what an import would do, without doing it."""
    with reading() as act:
        app, batch = _open(act, app_code, batch_id)
        if batch.state != "open":
            return go("screens.import_run", app_code=app_code, batch_id=batch_id)
        choices = read_choices(batch.choices)
        draft = _prepared(act, app, batch, choices)
        spool = jobs.spooled(act.connection, platform().settings, batch, choices)
        plan = plan_of(batch.id, choices, draft.form, draft.fields)
        outcome, would_make = check_rows(act, plan, first_rows(spool, CHECKED_ROWS))
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
        batch = _open(act, app_code, batch_id)[1]
        choices = read_choices(batch.choices)
        spool = jobs.spooled(act.connection, platform().settings, batch, choices)
        rows = count_rows(spool)

    def start(act: Act) -> None:
        _still_open(act, app_code, batch_id)
        app = app_of(act, app_code)
        draft = _prepared(act, app, batch, choices)
        if choices.needs_builder:
            _maker().publish(act, draft, _("导入 %(file)s", file=batch.file_name))
        decided = choices_json(replace(choices, form=draft.form.code))
        job_id = queue.enqueue(act, "exchange.import_rows", {"batch": batch_id})
        batches.change(
            act.connection,
            batch_id,
            choices={**decided, "fields": dict(draft.fields), "rows": rows},
            state="running",
            job_id=job_id,
        )

    carry_out(start)
    return go("screens.import_run", app_code=app_code, batch_id=batch_id)


@permission("signed_in")
def import_run(app_code: str, batch_id: int) -> Any:
    """Show how far the rows are, and what came of them; asks again by itself until it is over."""
    with reading() as act:
        app, batch = _open(act, app_code, batch_id)
        if batch.job_id is None:
            return go("screens.import_table", app_code=app_code, batch_id=batch_id)
        job = queue.find(act.connection, batch.job_id)
        form = app.forms.get(batch.choices["form"])
        outcome = {"created": 0, "skipped": 0, "failed": 0, "errors": [], **batch.outcome}
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
        )


def _failure(error: Any) -> str:
    found = error or {}
    return said(found["code"], found.get("params")) if "code" in found else _("任务没有完成")


def _app(act: Act, app_code: str) -> App:
    app = app_of(act, app_code)
    if not act.actor.is_admin and not any(pages.importable_forms(act, app)):
        raise Forbidden
    return app


def _open(act: Act, app_code: str, batch_id: int) -> tuple[App, Batch]:
    app = _app(act, app_code)
    return app, batches.own(act, app.code, batch_id)


def _still_open(act: Act, app_code: str, batch_id: int) -> None:
    if batches.own(act, app_code, batch_id).state != "open":
        raise Conflict("import_started")


def _upload_page(app: App, problem: str = "", status: int = 200) -> Response:
    return render(
        "imports/upload.html",
        status=status,
        app=app,
        problem=problem,
        form=request.args.get("form", "")[:40],
        megabytes=platform().settings.upload_mb,
    )


def _take_in(app: App, upload: FileStorage | None) -> int:
    if upload is None or not upload.filename:
        raise BadRequest("import_no_file")
    settings = platform().settings
    name = files.plain_name(upload.filename)
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
