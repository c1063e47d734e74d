"""The sheet as in Excel: which of its cells are a table, set right edit by edit."""

from collections.abc import Callable
from typing import Any

from flask import request

from runtime.exchange import batches, edits, jobs
from runtime.exchange.batches import Batch
from runtime.exchange.cells import column_letters, split_range
from runtime.exchange.whole import table_key
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest
from runtime.screens import import_choices as decided
from runtime.screens import import_pages as pages
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.i18n import locale, said
from runtime.screens.imports import open_batch, still_open
from runtime.screens.render import go, render
from runtime.screens.routes import permission

Json = dict[str, Any]


@permission("signed_in")
def import_table(app_code: str, batch_id: int) -> Any:
    """Show the sheet as in Excel, with the tables that were found in it."""
    return _page(app_code, batch_id)


@permission("signed_in")
def correct_import_table(app_code: str, batch_id: int) -> Any:
    """Take a person's word for a region or a header row: the file is looked at again."""
    try:
        edit = _edit()
        change(app_code, batch_id, lambda choices: edits.added(choices, edit))
    except BadRequest as error:
        return _page(app_code, batch_id, said(error.code, error.params), error.status)
    return _back(app_code, batch_id)


@permission("signed_in")
def undo_import_correction(app_code: str, batch_id: int) -> Any:
    """Take the last correction back."""
    change(app_code, batch_id, edits.taken_back)
    return _back(app_code, batch_id)


@permission("signed_in")
def redo_import_correction(app_code: str, batch_id: int) -> Any:
    """Make the correction again that was taken back last."""
    change(app_code, batch_id, edits.said_again)
    return _back(app_code, batch_id)


def change(app_code: str, batch_id: int, change_of: Callable[[Json], Json]) -> None:
    """Change what was decided; the file is looked at again where another reading of it follows."""
    with reading() as act:
        batch = open_batch(act, app_code, batch_id)[1]
        choices = change_of(batch.choices)
        seen = _seen_again(act, batch, choices)

    def keep(act: Act) -> None:
        still_open(act, app_code, batch_id)
        # Two tabs: what the other one said meanwhile is not lost.
        now = batches.lock(act.connection, batch_id).choices
        if now != batch.choices:
            raise BadRequest("import_changed_elsewhere")
        batches.change(act.connection, batch_id, choices=choices, **seen)

    carry_out(keep)


def _seen_again(act: Act, batch: Batch, choices: Json) -> Json:
    before, after = batch.choices.get("corrections"), choices.get("corrections", {})
    if (before or {"tables": {}, "added": {}}) == (after or {"tables": {}, "added": {}}):
        return {}
    headers = choices.get("header_rows", {})
    wanted = {"corrections": after, "locale": locale()}
    seen = jobs.look(act.connection, platform().settings, batch.file_id, headers, **wanted)
    return {"inspection": seen["inspection"]}


def _edit() -> Json:
    told = request.form
    table, sheet = told.get("table", ""), told.get("sheet", "")
    if "header" in told:
        return edits.header_edit(table or sheet, told["header"])
    if told.get("do") == "add":
        return edits.add_edit(sheet, told)
    return edits.region_edit(table or sheet, told)


def _back(app_code: str, batch_id: int) -> Any:
    """To the page it was said on."""
    if request.form.get("back") == "whole":
        return go("screens.import_whole", app_code=app_code, batch_id=batch_id)
    told = {name: request.form.get(name) or None for name in ("sheet", "table", "form")}
    return go("screens.import_table", app_code=app_code, batch_id=batch_id, **told)


def _page(app_code: str, batch_id: int, problem: str = "", status: int = 200) -> Any:
    with reading() as act:
        app, batch = open_batch(act, app_code, batch_id)
        if batch.state != "open":
            return go("screens.import_run", app_code=app_code, batch_id=batch_id)
        sheet = decided.sheet_of(batch, request.values.get("sheet", ""))
        tables = decided.tables_on(batch, sheet)
        table = _chosen(tables)
        preview = next((one for one in batch.preview if one["sheet"] == sheet), None)
        grid = pages.sheet_grid(preview, table) if preview else None
        return render(
            "imports/table.html",
            "found",
            status=status,
            app=app,
            batch=batch,
            sheet=sheet,
            sheets=[one["sheet"] for one in batch.preview],
            tables=[(table_key(one), one["label"], one["range"]) for one in tables],
            table=table,
            table_key=table_key(table) if table else "",
            region=_region(table, problem),
            grid=grid,
            letters=[column_letters(n) for n in range(1, max(_width(table, grid), 1) + 1)],
            notes=decided.notes_of(batch, sheet),
            form=request.values.get("form", "")[:40],
            problem=problem,
            is_admin=act.actor.is_admin,
        )


def _chosen(tables: list[Json]) -> Json | None:
    wanted = request.values.get("table", "")
    return next((one for one in tables if table_key(one) == wanted), next(iter(tables), None))


def _region(table: Json | None, problem: str) -> Json:
    """The edges as numbers and letters; after a refusal as they were typed."""
    if problem:
        names = ("top", "bottom", "left", "right", "header_first", "header_last")
        return {name: request.form.get(name, "") for name in names}
    if table is None:
        return {"top": 1, "bottom": "", "left": "A", "right": "A", "header_first": 1}
    top, left, bottom, right = split_range(table["range"])
    header = table["header_rows"]
    return {
        "top": top,
        "bottom": bottom,
        "left": column_letters(left),
        "right": column_letters(right),
        "header_first": header[0] if header else 0,
        "header_last": header[-1] if header else 0,
    }


def _width(table: Json | None, grid: pages.SheetGrid | None) -> int:
    right = split_range(table["range"])[3] if table else 1
    return max(right + 3, len(grid.letters) if grid else 1)
