"""What a person decided in the import wizard, read from the request and the batch."""

from pathlib import Path
from typing import Any

from flask import request

from runtime.compile import App, Form
from runtime.exchange.adoption import NEW, SKIP, Choices, ColumnChoice, table_of
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


def table_or_none(batch: Batch, sheet: str) -> Json | None:
    """Return the table of a sheet, if one was found."""
    try:
        return table_of(batch, sheet)
    except BadRequest:
        return None


def told_headers(batch: Batch) -> dict[str, int]:
    """Return the header rows a person set right."""
    return dict(batch.choices.get("header_rows", {}))


def notes_of(batch: Batch, sheet: str) -> list[Json]:
    """The notes of one sheet, the many of one kind told once with their number."""
    found: dict[str, Json] = {}
    for note in batch.inspection["notes"]:
        where = str(note["cell"]).rpartition("!")
        if note["cell"] and sheet not in {where[0], note["cell"]}:
            continue
        kept = found.setdefault(note["message"], {**note, "cells": []})
        if where[2] and where[0]:
            kept["cells"].append(where[2])
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
    return Choices(
        sheet, told_headers(batch), form.code if form else "", "" if form else name, columns
    )


def _posted_column(form: Form | None, column: Json) -> ColumnChoice:
    col = str(column["col"])
    take = request.form.get(f"take.{col}", SKIP)
    kind = request.form.get(f"kind.{col}", "text")
    if take not in {NEW, SKIP} and (form is None or take not in form.by_code):
        raise BadRequest("import_field_unknown", {"name": clean(take)[:40]})
    return ColumnChoice(
        col=col,
        take=take,
        name=clean(request.form.get(f"name.{col}", ""))[:100] or str(column["name"]),
        kind=kind if kind in pages.KINDS else "text",
        create_missing=request.form.get(f"make.{col}") == "1",
    )
