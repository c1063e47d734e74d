"""The line table of a document for its template: columns, rows, the pattern of a new row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import url_for

from runtime import access, query
from runtime.compile import Field, Form, LineTable
from runtime.infra.act import Act
from runtime.screens.form_fields import (
    STOCK,
    Cell,
    FieldView,
    Labels,
    cell_of,
    field_view,
    numbers,
    picks_of,
    record_url,
)
from runtime.screens.form_values import TypedLine, is_entered
from runtime.screens.i18n import _, label

NEW_KEY: Final = "__key__"
# Pixels a column asks for; their sum picks the narrowest class that holds the table.
PIXELS: Final = {
    "w-ref": 180,
    "w-text": 110,
    "w-carried": 110,
    "w-short": 104,
    "w-num": 80,
    "w-money": 104,
    "w-flag": 60,
    "w-word": 64,
}
TOOLS: Final = 78
WIDTHS: Final = (640, 760, 880, 960, 1050, 1150, 1250, 1400, 1600, 1900)


@dataclass(frozen=True)
class GridRow:
    """One line as it is drawn."""

    key: str
    number: int
    id: str
    cells: Mapping[str, Cell]
    is_ghost: bool = False


@dataclass(frozen=True)
class GridView:
    """A line table as it is drawn."""

    code: str
    label: str
    columns: tuple[FieldView, ...]
    rows: tuple[GridRow, ...]
    pattern: GridRow
    resolve_url: str
    stock_url: str
    has_scan: bool
    width_class: str
    # Shown as it is on a page that is filled in.
    is_fixed: bool = False
    # Columns a step of a flow leaves alone in the lines there are; new lines are filled in whole.
    shut: frozenset[str] = frozenset()
    may_add: bool = True
    may_delete: bool = True

    def column(self, view: FieldView, row: GridRow) -> FieldView:
        """A column as it is drawn in a row."""
        is_shut = bool(row.id) and view.code in self.shut
        return replace(view, is_editable=False) if is_shut else view

    @property
    def count(self) -> int:
        """How many lines there are, the empty one at the end not counted."""
        return sum(not row.is_ghost for row in self.rows)


@dataclass(frozen=True)
class LineNames:
    """What the records and people in the lines are called, and their codes, by field."""

    labels: Mapping[str, Labels]
    codes: Mapping[str, Labels]


def columns_of(
    act: Act, form: Form, table: LineTable, *, is_editable: bool
) -> tuple[FieldView, ...]:
    """Return the columns the actor sees, available stock before the quantity."""
    views: list[FieldView] = []
    stock = table.options.get("stock") if is_editable else None
    main = main_reference(act, form, table)
    for item in access.visible_line_fields(act.actor, form, table):
        view = field_view(act, form, item, table.code)
        if item.kind.kind == "reference":
            has_code = code_column(form, item) is not None
            css = "k-ref" + (" has-code" if has_code else "")
            css += " is-main" if main is not None and item.code == main.code else " box wide"
            placeholder = view.placeholder
            if main is not None and item.code == main.code and not placeholder:
                placeholder = _("编码、名称、拼音或扫码")
            view = replace(view, has_code=has_code, cell_class=css, placeholder=placeholder)
        if stock and item.code == quantity_column(act, form, table):
            views.append(_stock_view(table))
        views.append(view)
    return tuple(views)


def _stock_view(table: LineTable) -> FieldView:
    return FieldView(
        path=f"{table.code}.{STOCK}",
        code=STOCK,
        kind="formula",
        label=_("可用库存"),
        is_editable=False,
        is_number=True,
        width_class="w-num",
        cell_class="stk r",
    )


def main_reference(act: Act, form: Form, table: LineTable) -> Field | None:
    """Return the reference a line is about: the first stop, else the first reference."""
    fields = {
        item.code: item
        for item in access.visible_line_fields(act.actor, form, table)
        if item.kind.kind == "reference"
    }
    first = next((code for code in table.options.get("stops", ()) if code in fields), None)
    return fields.get(first or next(iter(fields), ""))


def quantity_column(act: Act, form: Form, table: LineTable) -> str | None:
    """Return the code of the first quantity people type."""
    fields = access.visible_line_fields(act.actor, form, table)
    return next((f.code for f in fields if f.kind.kind == "quantity" and is_entered(f)), None)


def code_column(form: Form, item: Field) -> str | None:
    """Return the column that identifies a record beside its title: the lookup's first other one."""
    target = form.target(item)
    for code in item.options.get("columns", ()):
        if code != target.title and code in target.by_code:
            kind = target.by_code[code].stored.kind
            return str(code) if kind in {"text", "document_number"} else None
    return None


def codes_of(act: Act, form: Form, item: Field, ids: Iterable[int]) -> dict[int, str]:
    """Return the codes of records, as far as the actor may see them."""
    target = form.target(item)
    column = code_column(form, item)
    seen = {field.code for field in access.visible_fields(act.actor, target)}
    if column is None or column not in seen or not access.may(act.actor, "view", target):
        return {}
    mine = access.row_condition(act.actor, target)
    records = query.records_by_id(act.connection, target, ids, mine)
    shown = target.by_code[column]
    return {key: shown.format(record.values.get(column)) for key, record in records.items()}


def saved_row(
    form: Form, table: LineTable, key: int, line: query.LineRecord, names: LineNames
) -> GridRow:
    """Return the row of a stored line."""
    cells = {
        item.code: _saved_cell(form, table, item, str(key), line.values[source], names)
        for item in table.fields
        if (source := item.drawn_from or item.code) in line.values
    }
    return GridRow(str(key), key + 1, str(line.id) if line.id else "", cells)


def _saved_cell(
    form: Form, table: LineTable, item: Field, key: str, value: Any, names: LineNames
) -> Cell:
    cell = cell_of(
        item,
        value,
        cell_id=f"f-{table.code}-{key}-{item.code}",
        name=f"{table.code}.{key}.{item.code}",
        labels=names.labels.get(item.code, {}),
        href=record_url(form.target(item), value) if item.target and value else "",
    )
    code = names.codes.get(item.code, {}).get(value, "") if item.target else ""
    return replace(cell, code=code) if code else cell


def typed_row(
    table: LineTable, line: TypedLine, problems: Mapping[str, str], people: Mapping[str, Labels]
) -> GridRow:
    """Return the row of a line as it was typed, with what is wrong in it."""
    blank = blank_cells(table, line.key)
    cells = {
        code: replace(
            kept := line.cells.get(code, cell),
            problem=problems.get(cell.id, ""),
            picks=picks_of(numbers(kept.keys), people[code]) if code in people else (),
        )
        for code, cell in blank.items()
    }
    return GridRow(line.key, line.number, line.id, cells)


def blank_row(table: LineTable, key: str, number: int, *, is_ghost: bool) -> GridRow:
    """Return an empty row."""
    return GridRow(key, number, "", blank_cells(table, key), is_ghost)


def blank_cells(table: LineTable, key: str) -> dict[str, Cell]:
    """Return the empty cells of a row."""
    return {
        item.code: Cell(f"f-{table.code}-{key}-{item.code}", f"{table.code}.{key}.{item.code}")
        for item in table.fields
    }


def grid_view(
    act: Act, form: Form, table: LineTable, rows: Sequence[GridRow], *, is_editable: bool
) -> GridView:
    """Put the table together; one that is filled in ends with an empty row."""
    columns = columns_of(act, form, table, is_editable=is_editable)
    drawn = [_whole(row, table) for row in rows]
    if is_editable:
        fresh = max((int(row.key) for row in rows), default=-1) + 1
        drawn.append(blank_row(table, str(fresh), len(drawn) + 1, is_ghost=True))
    has_stock = any(column.code == STOCK for column in columns)
    return GridView(
        code=table.code,
        label=label(table.label),
        columns=columns,
        rows=tuple(drawn),
        pattern=blank_row(table, NEW_KEY, 0, is_ghost=False),
        resolve_url=_address("resolve", form),
        stock_url=_address("line_stock", form) if has_stock else "",
        has_scan=scan_columns(act, form, table) is not None,
        width_class=_width_class(columns, is_editable=is_editable),
    )


def _address(view: str, form: Form) -> str:
    return url_for(f"screens.{view}", app_code=form.app_code, form_code=form.code)


def _whole(row: GridRow, table: LineTable) -> GridRow:
    return replace(row, cells={**blank_cells(table, row.key), **row.cells})


def scan_columns(act: Act, form: Form, table: LineTable) -> tuple[str, str] | None:
    """Return the reference a scanner fills and the quantity it counts up."""
    item, qty = main_reference(act, form, table), quantity_column(act, form, table)
    return None if item is None or qty is None or not is_entered(item) else (item.code, qty)


def _width_class(columns: Sequence[FieldView], *, is_editable: bool) -> str:
    wanted = 40 + sum(PIXELS.get(column.width_class, PIXELS["w-text"]) for column in columns)
    wanted += TOOLS if is_editable else 0
    return f"lg-{next((width for width in WIDTHS if width >= wanted), WIDTHS[-1])}"


def carried(act: Act, form: Form, table: LineTable | None) -> dict[str, list[str]]:
    """Return which looked-up fields hang on which reference of a row."""
    if table is None:
        fields = access.visible_fields(act.actor, form)
    else:
        fields = access.visible_line_fields(act.actor, form, table)
    found: dict[str, list[str]] = {}
    for item in fields:
        if item.kind.kind == "lookup":
            found.setdefault(str(item.options["reference"]), []).append(item.code)
    return found
