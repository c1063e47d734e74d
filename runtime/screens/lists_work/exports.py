"""Taking out what a list shows: as a workbook or as texts, at once or as a job."""

import tempfile
from dataclasses import dataclass, replace
from typing import BinaryIO, Final, cast

from flask import Response, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from runtime import access
from runtime.compile import Form
from runtime.exchange.export import FORMATS, ExportPlan, plan_of, write_rows
from runtime.exchange.export import jobs as export_jobs
from runtime.infra import files
from runtime.infra.act import Act
from runtime.query import PageRequest
from runtime.query.page import visible_by_code
from runtime.screens.acting import acting, form_of, platform, reading
from runtime.screens.i18n import _, label, locale, zone
from runtime.screens.lists_work.asked import carried, how_many, state_asked
from runtime.screens.render import go, render
from runtime.screens.routes import permission
from runtime.screens.statuses import STATUSES, status_text

# More than this is written by a job, so that nobody waits for an answer.
AT_ONCE: Final = 5_000
IN_MEMORY: Final = 8_000_000
ALL_FIELDS: Final = "all"


@dataclass(frozen=True)
class Choice:
    """One of the answers to "which columns"."""

    value: str
    label: str


@permission("export")
def export_dialog(app_code: str, form_code: str) -> Response:
    """Ask in which format and which columns, and say how many records that will be."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        state = state_asked(form)
        asked = state.request()
        seen = _plan(act, form, asked, "xlsx")
        everything = _plan(act, form, _with_all(act, form, asked), "xlsx")
        seen_tables = {field.code for field in access.visible_fields(act.actor, form)}
        count = how_many(act, form, asked)
        return render(
            "lists_work/export.html",
            "dialog",
            form=form,
            action=url_for("screens.export_records", app_code=app_code, form_code=form_code),
            carried=carried(state),
            count=count,
            is_narrowed=state.is_narrowed,
            at_once=AT_ONCE,
            is_job=count > AT_ONCE,
            tables=tuple(
                Choice(each.code, label(each.label))
                for each in form.lines
                if each.code in seen_tables
            ),
            choices=(
                Choice("", _("列表里的 %(n)s 列", n=len(seen.columns))),
                Choice(ALL_FIELDS, _("全部字段，共 %(n)s 列", n=len(everything.columns))),
            ),
        )


@permission("export")
def export_records(app_code: str, form_code: str) -> AnyResponse:
    """Answer the file, or the progress of the job that writes it."""
    file_format = request.form.get("format", "")
    with reading() as act:
        form = form_of(act, app_code, form_code)
        asked = state_asked(form).request()
        if request.form.get("columns") == ALL_FIELDS:
            asked = _with_all(act, form, asked)
        lines = request.form.get("lines", "")
        plan = _plan(act, form, asked, file_format, lines)
        name = _file_name(act, form, file_format)
        count = how_many(act, form, plan.request)
    if count <= AT_ONCE:
        return _written(plan, name)
    with acting() as act:
        job = export_jobs.enqueue(act, plan, name=name, status_heading=_("状态"), total=count)
    return go("screens.job", job_id=job)


@permission("signed_in")
def download_export(job_id: int) -> Response:
    """Give out what a job has written, to whoever asked for it."""
    with reading() as act:
        path, asked = export_jobs.finished(act, platform().settings, job_id)
        return send_file(
            path,
            mimetype=FORMATS[asked["format"]],
            as_attachment=True,
            download_name=asked["name"],
            max_age=0,
        )


def _written(plan: ExportPlan, name: str) -> Response:
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the answer
    stream = cast(BinaryIO, file)
    with reading() as act:
        written = write_rows(act, plan, stream)
    with acting() as act:
        export_jobs.note(act, plan, written)
    stream.seek(0)
    return send_file(
        stream, mimetype=FORMATS[plan.format], as_attachment=True, download_name=name, max_age=0
    )


def _with_all(act: Act, form: Form, asked: PageRequest) -> PageRequest:
    """The same records with every field the actor sees, the list's own columns first."""
    visible = visible_by_code(act, form)
    seen = (code for code in asked.columns or form.list_columns if code in visible)
    codes = dict.fromkeys([*seen, *(code for code in form.by_code if code in visible), *visible])
    return replace(asked, columns=tuple(c for c in codes if visible[c].column is not None))


def _file_name(act: Act, form: Form, file_format: str) -> str:
    day = act.now.astimezone(zone()).date()
    return files.plain_name(f"{label(form.label)} {day.isoformat()}.{file_format[:4]}")


def _plan(
    act: Act, form: Form, asked: PageRequest, file_format: str, lines: str = ""
) -> ExportPlan:
    return plan_of(
        act,
        form,
        asked,
        file_format=file_format,
        locale=locale(),
        statuses={status: status_text(status) for status in STATUSES},
        status_heading=_("状态"),
        lines=lines,
    )
