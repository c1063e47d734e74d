"""What the scripts of a document page know of its form: columns, stops, formulas as trees."""

from typing import Any

from runtime import access
from runtime.compile import Field, Form, LineTable
from runtime.compile.programs import defaults
from runtime.formula import to_json
from runtime.infra.act import Act
from runtime.kinds.decimal_field import DecimalField
from runtime.kinds.families import FILES, KEYED, SEVERAL, STEPPED
from runtime.query.last_given import terms_of
from runtime.screens.form_fields import STOCK, FieldView, cell_of, places_of, plain
from runtime.screens.form_grid import (
    GridView,
    carried,
    main_reference,
    quantity_column,
    scan_columns,
)
from runtime.screens.form_rules import Ruled, rules_model
from runtime.screens.form_values import is_entered
from runtime.screens.i18n import label


def form_model(
    act: Act, form: Form, grids: dict[str, GridView], values: Any, page: Ruled
) -> dict[str, Any]:
    """Return the JSON of `<script id="form-model">`; hidden fields appear nowhere in it."""
    header = access.visible_fields(act.actor, form)
    return {
        "zone": form.zone,
        "fields": {
            item.code: _field(item, values.get(item.code)) for item in header if not item.is_lines
        },
        "lines": {
            table.code: _lines(act, form, table, grids[table.code])
            for table in form.lines
            if table.code in grids and not grids[table.code].is_fixed
        },
        "fixedLines": {code: _values(grid) for code, grid in grids.items() if grid.is_fixed},
        "carried": carried(act, form, None),
        "programs": _programs(act, form),
        **rules_model(act, form, page),
    }


def _values(grid: GridView) -> list[dict[str, str | None]]:
    """The rows of a table that is not filled in, for formulas over it."""
    return [
        {code: cell.key or cell.text or None for code, cell in row.cells.items()}
        for row in grid.rows
    ]


def _field(item: Field, value: Any) -> dict[str, Any]:
    shown = {} if item.kind.kind in FILES else {"value": plain(value) or None}
    return {"id": f"f-{item.code}", "isComputed": item.is_computed, **shown}


def _lines(act: Act, form: Form, table: LineTable, grid: GridView) -> dict[str, Any]:
    editable = [column.code for column in grid.columns if column.is_editable]
    required = [column.code for column in grid.columns if column.is_editable and column.is_required]
    stops = [code for code in table.options.get("stops", ()) if code in editable]
    scan = scan_columns(act, form, table)
    return {
        "columns": [column.code for column in grid.columns],
        "fields": {
            column.code: {
                "label": column.label,
                "isEditable": column.is_editable,
                **_tree(column),
            }
            for column in grid.columns
        },
        "stops": stops or required or editable[:1],
        "carried": carried(act, form, table),
        "defaults": _line_defaults(act, form, table),
        "stock": _stock(act, form, table, grid),
        "scan": _scan(act, form, table, *scan) if scan else None,
        "party": _party(act, form, table),
    }


def _party(act: Act, form: Form, table: LineTable) -> str:
    """The box of the header that says whose last price is asked for; nothing where none is."""
    main = main_reference(act, form, table)
    terms = terms_of(act, form, table, main) if main else None
    return terms.party.code if terms else ""


def _tree(column: FieldView) -> dict[str, Any]:
    """What a cell needs to offer one of a tree level by level."""
    if column.kind not in STEPPED:
        return {}
    more = column.more
    named = {"tree": more["tree"]} if "tree" in more else {}
    asked = {"treeUrl": more["tree_url"], "depth": more["depth"]} if "tree_url" in more else {}
    separator = " / " if column.kind == "cascade" else " "
    rest = {"separator": separator, "keepsRest": column.kind == "address"}
    return {"tree": {**named, **asked, **rest}}


def _scan(act: Act, form: Form, table: LineTable, item: str, qty: str) -> dict[str, str]:
    """What a scanner fills and counts, and where a code nobody knows stands in a new record."""
    target = form.target(table.by_code[item])
    seen = [each for each in access.visible_fields(act.actor, target) if is_entered(each)]
    kinds = (each.code for each in seen if "barcode" in {each.kind.kind, each.code})
    return {"item": item, "qty": qty, "barcode": next(kinds, "")}


def _line_defaults(act: Act, form: Form, table: LineTable) -> dict[str, str]:
    fields = [
        item
        for item in access.visible_line_fields(act.actor, form, table)
        if is_entered(item) and item.kind.kind not in KEYED | SEVERAL
    ]
    found = defaults(fields, act.now, form.zone, act.actor.user_id)
    by_code = table.by_code
    written = {
        code: cell_of(by_code[code], value, cell_id="", name="", labels={})
        for code, value in found.items()
    }
    return {
        code: cell.key if by_code[code].kind.kind in {"choice", "boolean"} else cell.text
        for code, cell in written.items()
    }


def _stock(act: Act, form: Form, table: LineTable, grid: GridView) -> dict[str, str] | None:
    options = table.options.get("stock")
    if not options or not any(column.code == STOCK for column in grid.columns):
        return None
    warehouse = str(options["warehouse"])
    in_line = warehouse in table.by_code
    return {
        "item": str(options["item"]),
        "qty": quantity_column(act, form, table) or "",
        "warehouse": "" if in_line else warehouse,
        "lineWarehouse": warehouse if in_line else "",
    }


def _programs(act: Act, form: Form) -> list[dict[str, Any]]:
    """Return the formulas in the order they are computed, those of which every part is visible."""
    visible: set[tuple[str | None, str]] = set()
    visible |= {(None, item.code) for item in access.visible_fields(act.actor, form)}
    for table in form.lines:
        fields = access.visible_line_fields(act.actor, form, table)
        visible |= {(table.code, item.code) for item in fields}
    found = []
    for program in form.programs:
        item = program.field
        place = (program.lines, item.code)
        if item.formula is None or place not in visible or not item.formula.references <= visible:
            continue
        found.append(
            {
                "lines": program.lines,
                "code": item.code,
                "label": label(item.label),
                "formula": to_json(item.formula),
                **_style(item),
            }
        )
    return found


def _style(item: Field) -> dict[str, Any]:
    if not isinstance(item.stored, DecimalField):
        return {}
    least = min(2, places_of(item)) if item.stored.kind == "money" else 0
    suffix = "%" if item.stored.kind == "percent" else ""
    return {"places": item.stored.places(item.stored_as), "least": least, "suffix": suffix}
