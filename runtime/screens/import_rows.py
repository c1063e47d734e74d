"""What is left of an import: rows put right in place, handed back as a workbook, taken back."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from flask import Response, request, send_file

from runtime import access
from runtime.compile import App, Form
from runtime.exchange import batches, imported, jobs
from runtime.exchange.adoption import ImportPlan, plan_of, read_choices
from runtime.exchange.batches import Batch
from runtime.exchange.blank import BlankColumn, write_blank
from runtime.exchange.corrections import Typed, put_right, write_failed
from runtime.exchange.export.plan import FORMATS
from runtime.exchange.imported import ImportedRow
from runtime.exchange.matching import NUMBER, PICTURE, places
from runtime.exchange.pictures_in import Pictures
from runtime.infra import audit, files, queue
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Conflict, NotFound
from runtime.kinds.options import option_codes, option_label
from runtime.screens import import_pages as pages
from runtime.screens.acting import app_of, carry_out, form_of, platform, reading
from runtime.screens.i18n import _, label, locale, said
from runtime.screens.render import go, render
from runtime.screens.routes import permission

# A form of a browser has so many fields at the most; the next rows come after these.
MOST_INPUTS: Final = 600
MOST_ENTRIES: Final = 25
MOST_TITLES: Final = 500
UNDO: Final = "exchange.undo_import"


@dataclass(frozen=True)
class FailedLine:
    """One row of the sheet that is not in yet: its cells, which of them are wrong, and why."""

    number: int
    cells: tuple[tuple[str, str, bool], ...]
    reasons: tuple[str, ...]
    is_first: bool


@permission("signed_in")
def import_rows(app_code: str, batch_id: int) -> Any:
    """Show the rows that are not in, to be put right where they stand."""
    with reading() as act:
        app, batch, plan = _over(act, app_code, batch_id)
        return _rows_page(act, app, batch, plan)


@permission("signed_in")
def correct_import_rows(app_code: str, batch_id: int) -> Any:
    """Import the rows that were put right; what is still wrong stays on the page."""
    rows = [int(each) for each in request.form.getlist("row") if each.isascii() and each.isdigit()]
    typed = _typed()
    with reading() as act:
        _app, batch, plan = _over(act, app_code, batch_id)
        pictures = jobs.pictures_of(act.connection, platform().settings, batch, plan)
    with pictures:
        _put_right(app_code, batch_id, rows[:MOST_ENTRIES], typed, pictures)
    with reading() as act:
        app, batch, plan = _over(act, app_code, batch_id)
        if not imported.count(act.connection, batch_id).get("failed"):
            return go("screens.import_run", app_code=app_code, batch_id=batch_id)
        return _rows_page(act, app, batch, plan, status=422)


def _put_right(
    app_code: str, batch_id: int, rows: Sequence[int], typed: Typed, pictures: Pictures
) -> None:
    for row in rows:

        def put(act: Act, row: int = row) -> bool:
            _app, batch, plan = _over(act, app_code, batch_id)
            return put_right(act, batch, plan, row, typed, pictures)

        try:
            carry_out(put)
        except NotFound:
            # Somebody pressed twice: it is in already.
            continue


@permission("signed_in")
def failed_import_rows(app_code: str, batch_id: int) -> Response:
    """Hand the rows that are not in back as a workbook with a column of reasons."""
    with reading() as act:
        _app, batch, plan = _over(act, app_code, batch_id)
        headings = {each.col: _heading(batch, each.col) for each in plan.targets}
        stream = _file()
        write_failed(act, batch, stream, headings, _reasons, _("原因"))
    name = files.plain_name(f"{batch.file_name.rpartition('.')[0]} {_('没有导入的行')}.xlsx")
    return _sent(stream, name)


@permission("signed_in")
def undo_import(app_code: str, batch_id: int) -> Any:
    """Take an import back, as a job."""

    def begin(act: Act) -> None:
        _own(act, app_code, batch_id)
        batch = batches.lock(act.connection, batch_id)
        if not may_undo(act, batch):
            raise Conflict("import_not_undoable")
        told = {"batch": batch_id, "reason": _("撤销导入 %(file)s", file=batch.file_name)}
        job_id = queue.enqueue(act, UNDO, told)
        batches.change(act.connection, batch_id, state="undoing", job_id=job_id)
        audit.write(act, "undo_import", f"{app_code}.{batch.choices['form']}", None, {})

    carry_out(begin)
    return go("screens.import_run", app_code=app_code, batch_id=batch_id)


@permission("import")
def import_template(app_code: str, form_code: str) -> Response:
    """Hand out an empty workbook for a form: its fields as columns, lists and checks in them."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        columns = [*_blank_columns(act, form)]
        stream = _file()
        write_blank(stream, label(form.label), columns, _("这里填不了这样的值"))
    return _sent(stream, files.plain_name(f"{label(form.label)} {_('导入模板')}.xlsx"))


def may_undo(act: Act, batch: Batch) -> bool:
    """Whether an import is over, and there is something to take back."""
    if batch.state != "done":
        return False
    states = imported.count(act.connection, batch.id)
    return bool(states.get("created") or states.get("updated"))


def _own(act: Act, app_code: str, batch_id: int) -> tuple[App, Batch]:
    app = app_of(act, app_code)
    return app, batches.own(act, app.code, batch_id)


def _over(act: Act, app_code: str, batch_id: int) -> tuple[App, Batch, ImportPlan]:
    """The actor's own import that has run, and how its rows are read."""
    app, batch = _own(act, app_code, batch_id)
    if batch.state != "done" or batch.choices.get("form") not in app.forms:
        raise NotFound
    choices = read_choices(batch.choices)
    plan = plan_of(batch.id, choices, app.forms[choices.form], batch.choices["fields"])
    access.require(act.actor, "import", plan.form)
    return app, batch, plan


def _rows_page(act: Act, app: App, batch: Batch, plan: ImportPlan, status: int = 200) -> Response:
    most = max(1, min(MOST_ENTRIES, MOST_INPUTS // max(len(plan.targets), 1)))
    found = imported.rows(act.connection, batch.id, ["failed"], limit=most)
    return render(
        "imports/rows.html",
        status=status,
        app=app,
        batch=batch,
        form=plan.form,
        heads=[(each.col, _heading(batch, each.col)) for each in plan.targets],
        entries=[(row.row, _lines_of(plan, row)) for row in found],
        total=imported.count(act.connection, batch.id).get("failed", 0),
    )


def _lines_of(plan: ImportPlan, row: ImportedRow) -> list[FailedLine]:
    lines = []
    for index, (number, cells) in enumerate(row.cells):
        own = [each for each in row.problems if each["row"] == number]
        wrong = {str(each["cell"]).rpartition("!")[2] for each in own}
        shown = tuple(
            (each.col, cells.get(each.col, ["", ""])[1], f"{each.col}{number}" in wrong)
            for each in plan.targets
        )
        reasons = tuple(said(each["code"], each["params"]) for each in own)
        lines.append(FailedLine(number, shown, reasons, index == 0))
    return lines


def _typed() -> Typed:
    found: dict[tuple[int, str], str] = {}
    for name, text in request.form.items():
        kind, _dot, place = name.partition(".")
        row, _dot, col = place.partition(".")
        if kind == "c" and row.isascii() and row.isdigit() and col.isalpha():
            found[int(row), col] = text[:2_000]
    return found


def _heading(batch: Batch, col: str) -> str:
    columns = batch.choices.get("columns", ())
    return next((str(each["head"] or each["name"]) for each in columns if each["col"] == col), col)


def _reasons(row: ImportedRow) -> str:
    return "；".join(
        f"{str(each['cell']).rpartition('!')[2]}：{said(each['code'], each['params'])}"
        for each in row.problems
    )


def _blank_columns(act: Act, form: Form) -> Sequence[BlankColumn]:
    open_places = pages.open_places(act, form)
    found = []
    for place in places(form):
        if place.path not in open_places or place.field.kind.kind in {NUMBER, PICTURE}:
            continue
        sign = _("（必填）") if place.field.required else ""
        text = f"{label(place.field.label)}{sign}"
        found.append(BlankColumn(text, place.field, _words(act, form, place.field)))
    return found


def _words(act: Act, form: Form, field: Any) -> tuple[str, ...]:
    """What a cell may hold, where that is a closed list or one short enough to be one."""
    kind = field.kind.kind
    if kind == "choice":
        definition = field.definition
        return tuple(option_label(definition, c, locale()) for c in _ordered(definition))
    if kind == "boolean":
        return (_("是"), _("否"))
    if field.target is None:
        return ()
    try:
        titles = pages.titles(act, form.siblings[field.target], MOST_TITLES + 1)
    except AppError:
        return ()
    return titles if len(titles) <= MOST_TITLES else ()


def _ordered(definition: Any) -> Sequence[str]:
    codes = option_codes(definition)
    listed = [str(each["code"]) for each in definition.options.get("options", ())]
    return [code for code in listed if code in codes] or sorted(codes)


def _file() -> BinaryIO:
    # At most the rows of one workbook, packed.
    return io.BytesIO()


def _sent(stream: BinaryIO, name: str) -> Response:
    stream.seek(0)
    kind = FORMATS["xlsx"]
    return send_file(stream, mimetype=kind, as_attachment=True, download_name=name, max_age=0)
