"""What a person decided in the import wizard, read from the request and the batch."""

from pathlib import Path
from typing import Any

from flask import request

from runtime.compile import App, Form
from runtime.exchange.adoption import (
    MODES,
    NEW,
    SKIP,
    Choices,
    ColumnChoice,
    Mode,
    table_of,
)
from runtime.exchange.adoption import (
    target_of as place_in,
)
from runtime.exchange.batches import Batch
from runtime.exchange.names import clean
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest
from runtime.screens import import_pages as pages

Json = dict[str, Any]


def sheet_of(batch: Batch, wanted: str) -> str:
    """Return the sheet a page is about: asked for, chosen before, or the first with a table."""
    sheets = [str(one["sheet"]) for one in batch.preview]
    wanted = wanted or str(batch.choices.get("sheet", ""))
    if wanted in sheets:
        return wanted
    tables = [str(table["sheet"]) for table in batch.inspection["tables"] if table["n_rows"]]
    return next(iter([*tables, *sheets]), "")


def tables_on(batch: Batch, sheet: str) -> list[Json]:
    """Return the tables of a sheet."""
    return [table for table in batch.inspection["tables"] if table["sheet"] == sheet]


def notes_of(batch: Batch, sheet: str) -> list[Json]:
    """The notes of one sheet, or of all (""); the many of one kind told once with their number."""
    found: dict[str, Json] = {}
    for note in batch.inspection["notes"]:
        where = str(note["cell"]).rpartition("!")
        if sheet and note["cell"] and sheet not in {where[0], note["cell"]}:
            continue
        kept = found.setdefault(note["message"], {**note, "cells": []})
        if note["cell"] and (not sheet or where[0]):
            kept["cells"].append(where[2] if sheet else note["cell"])
    return list(found.values())


def target_of(act: Act, app: App, batch: Batch) -> Form | None:
    """Return the form the rows go into; None is a new one."""
    wanted = request.values.get("form")
    code = batch.choices.get("form", "") if wanted is None else wanted
    allowed = {form.code: form for form in pages.importable_forms(act, app)}
    if code in allowed:
        return allowed[code]
    # Without the right to make forms there is always one to import into.
    return None if act.actor.is_admin else next(iter(allowed.values()))


def proposed_label(batch: Batch, sheet: str) -> str:
    """Return a name for the new form: the sheet's, or the file's."""
    generic = sheet.strip().lower().rstrip("0123456789") in {"sheet", "工作表", ""}
    return clean(Path(batch.file_name).stem if generic else sheet)[:60]


def posted_choices(act: Act, app: App, batch: Batch) -> Choices:
    """Read what a person decided about every column."""
    sheet = sheet_of(batch, request.form.get("sheet", ""))
    table = table_of(batch, sheet)
    form = target_of(act, app, batch)
    name = clean(request.form.get("label", ""))[:100]
    if form is None and not name:
        raise BadRequest("import_label_missing")
    columns = tuple(_posted_column(form, column) for column in table["columns"])
    mode, key = _posted_key(form, columns)
    return Choices(
        sheet,
        dict(batch.choices.get("header_rows", {})),
        form.code if form else "",
        "" if form else name,
        columns,
        key,
        mode,
        clears=request.form.get("clears") == "1",
        submits=request.form.get("submits") == "1",
        corrections=dict(batch.choices.get("corrections", {})),
    )


def _posted_key(
    form: Form | None, columns: tuple[ColumnChoice, ...]
) -> tuple[Mode, tuple[str, ...]]:
    """What becomes of records that are there, and by which fields they are found."""
    asked = request.form.get("mode")
    mode: Mode = next((known for known in MODES if known == asked), "add")
    if form is None:
        return "add", ()
    taken = {column.take for column in columns}
    key = tuple(code for code in request.form.getlist("key") if code in taken and "." not in code)
    if mode != "add" and not key:
        raise BadRequest("import_key_unknown")
    return mode, key


def _posted_column(form: Form | None, column: Json) -> ColumnChoice:
    col = str(column["col"])
    take = request.form.get(f"take.{col}", SKIP)
    kind = request.form.get(f"kind.{col}", "text")
    if take not in {NEW, SKIP} and (form is None or place_in(form, col, take) is None):
        raise BadRequest("import_field_unknown", {"name": clean(take)[:40]})
    return ColumnChoice(
        col=col,
        take=take,
        name=clean(request.form.get(f"name.{col}", ""))[:100] or str(column["name"]),
        kind=kind if kind in pages.KINDS else "text",
        create_missing=request.form.get(f"make.{col}") == "1",
        head=str(column["name"]),
    )
