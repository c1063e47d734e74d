"""One column of a workbook looked at closely: why it is what it is, and what else it may be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from runtime.exchange import batches, edits
from runtime.exchange.batches import Batch
from runtime.exchange.whole import COMPUTED, SheetPlan
from runtime.infra.errors import BadRequest, NotFound
from runtime.screens import import_pages as pages
from runtime.screens.acting import app_of, reading
from runtime.screens.i18n import said
from runtime.screens.import_cards import card
from runtime.screens.import_tables import change
from runtime.screens.import_whole import plans_of, tables_of
from runtime.screens.render import go, render
from runtime.screens.routes import permission

Json = dict[str, Any]
_UNSAID = {"kept": None, "running": None, "formula": "", "offer": None, "matched": None}
_SIGNS = ("/", "-", "、", ",", "，", ";", "：", ":", "|", "×", "*", "_", " ")


@dataclass(frozen=True)
class _Place:
    """A column, its table, and where the table stands among the others."""

    number: int
    plan: SheetPlan
    table: Json
    column: Json

    @property
    def key(self) -> str:
        """What the table is called."""
        return self.plan.key


@permission("admin")
def import_column(app_code: str, batch_id: int) -> Any:
    """Show a column: what speaks for its type and against it, its formula row by row."""
    return _page(app_code, batch_id)


@permission("admin")
def correct_import_column(app_code: str, batch_id: int) -> Any:
    """Take a person's word for a formula, a relation, a column cut or put together."""
    with reading() as act:
        batch = batches.own(act, app_of(act, app_code).code, batch_id)
        place = _place(batch)
    try:
        edit = _edit(place)
        change(app_code, batch_id, lambda choices: edits.added(choices, _everywhere(place, edit)))
    except BadRequest as error:
        return _page(app_code, batch_id, said(error.code, error.params), error.status)
    if edit["do"] in {"split", "join"}:
        address = {"open": place.number, "_anchor": f"t{place.number}"}
        return go("screens.import_whole", app_code=app_code, batch_id=batch_id, **address)
    at = request.form.get("at", "")
    return go("screens.import_column", app_code=app_code, batch_id=batch_id, at=at)


def _place(batch: Batch) -> _Place:
    number, _, col = request.values.get("at", "").partition(".")
    plans, tables = plans_of(batch), tables_of(batch)
    if not (number.isascii() and number.isdigit()) or int(number[:6]) >= len(plans):
        raise NotFound
    plan = plans[int(number)]
    column = next((one for one in tables[plan.key]["columns"] if one["col"] == col), None)
    if column is None:
        raise NotFound
    return _Place(int(number), plan, tables[plan.key], column)


def _edit(place: _Place) -> Json:
    told, col = request.form, str(place.column["col"])
    match told.get("do", ""):
        case "formula":
            return edits.formula_edit(place.key, col, told.get("formula", "")[:2_000])
        case "relation":
            table, _, far = told.get("to", "").rpartition("!")
            return edits.relation_edit(place.key, col, (table, far) if far else None)
        case "split":
            return edits.split_edit(place.key, col, told.get("by", ""))
        case "fill":
            return edits.fill_edit(place.key, col)
        case "join":
            others = [each for each in told.getlist("with") if each]
            return edits.join_edit(place.key, [col, *others], told.get("between", " "))
        case "accept":
            return _takes(place, COMPUTED)
    kind = place.plan.kind(place.column)
    return _takes(place, kind)


def _everywhere(place: _Place, edit: Json) -> Json:
    """Of look-alike sheets, what is said of one column is said of all of them."""
    members = place.table.get("members")
    if edit["do"] == "plan" or not members:
        return edit
    return {"do": "all", "edits": [_moved(edit, one["key"], one["cols"]) for one in members]}


def _moved(edit: Json, key: str, cols: Mapping[str, str]) -> Json:
    told = {**edit, "table": key}
    if "col" in edit:
        told["col"] = cols.get(edit["col"], edit["col"])
    if "cols" in edit:
        told["cols"] = [cols.get(col, col) for col in edit["cols"]]
    return told


def _takes(place: _Place, kind: str) -> Json:
    columns = {str(place.column["col"]): {"kind": kind}}
    return {"do": "plan", "tables": {place.key: {"columns": columns}}}


def _page(app_code: str, batch_id: int, problem: str = "", status: int = 200) -> Any:
    with reading() as act:
        app = app_of(act, app_code)
        batch = batches.own(act, app.code, batch_id)
        if batch.state != "open":
            return go("screens.import_whole_run", app_code=app_code, batch_id=batch_id)
        place = _place(batch)
        shown = next(
            one for one in card(place.plan, place.table).columns if one.col == place.column["col"]
        )
        typed = request.form.get("formula")
        return render(
            "imports/column.html",
            status=status,
            app=app,
            batch=batch,
            at=request.values["at"],
            number=place.number,
            table=place.table,
            column={**_UNSAID, **place.column},
            shown=shown,
            chosen=place.plan.kind(place.column),
            formula=_formula(place.column) if typed is None else typed,
            targets=list(_targets(batch, place)),
            blank=int(place.table["n_rows"]) - int(place.column["filled"]),
            others=[one for one in place.table["columns"] if one["col"] != place.column["col"]],
            sign=_sign(place.column),
            problem=problem,
        )


def _formula(column: Mapping[str, Any]) -> str:
    told = column.get("formula") or (column.get("offer") or {}).get("formula", "")
    return f"={told}" if told else ""


def _targets(batch: Batch, place: _Place) -> Iterator[pages.Option]:
    """Columns that tell the records of another table apart, those that do it without fail first."""
    chosen = (place.column.get("to_table"), place.column.get("to_col"))
    for key, table in tables_of(batch).items():
        if key == place.key:
            continue
        for column in sorted(table["columns"], key=lambda one: not one.get("unique")):
            here = (key, str(column["col"]))
            if not column.get("unique") and here != chosen and not _may_tell_apart(column):
                continue
            value = "!".join(here)
            yield pages.Option(value, str(column["name"]), here == chosen, group=table["label"])


def _may_tell_apart(column: Mapping[str, Any]) -> bool:
    """Nearly every record has a value of its own there."""
    filled, distinct = int(column["filled"]), int(column["distinct"])
    return filled > 0 and distinct * 10 >= filled * 9 and column["type"] in {"text", "integer"}


def _sign(column: Mapping[str, Any]) -> str:
    """The sign that most of the examples have."""
    samples = [str(text) for text in column["samples"]]
    counts = {sign: sum(sign in text for text in samples) for sign in _SIGNS}
    best = max(_SIGNS, key=lambda sign: counts[sign])
    return best if counts[best] else ""
