"""What the importer sees in a workbook, as the JSON of `dajian workbook inspect`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runtime.exchange import cells, types
from runtime.exchange.cells import column_letters
from runtime.exchange.evidence import Evidence, gather
from runtime.exchange.grid import Grid, grid_of
from runtime.exchange.lists import lists_by_column
from runtime.exchange.reader import Sheet, Workbook, read_workbook
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.sheet import style_number
from runtime.exchange.tables import Table, find_table
from runtime.exchange.types import Column, Guess
from runtime.infra.messages import message

Json = dict[str, Any]
_MOST_NOTES: Final = 200
_MOST_VALUES: Final = 50


@dataclass(frozen=True)
class Corrections:
    """What a person set right: the header row by sheet (0: the table has none)."""

    header_rows: Mapping[str, int]


def inspect_workbook(
    workbook: Workbook, file: str, corrections: Corrections | None = None, locale: str = "zh"
) -> Json:
    """Return every sheet's table, its columns with types and reasons, and what to know."""
    told = corrections.header_rows if corrections else {}
    tables: list[Json] = []
    notes = list(_workbook_notes(workbook))
    for sheet in workbook.sheets:
        grid = grid_of(workbook, sheet)
        table = find_table(grid, told.get(sheet.name))
        if table is not None:
            tables.append(_table_json(workbook, sheet, grid, table, locale))
        notes.extend(_sheet_notes(workbook, sheet, grid, table))
    return {
        "file": file,
        "tables": tables,
        "relations": [],
        "refused": None,
        "notes": [_note_json(note, locale) for note in notes[:_MOST_NOTES]],
    }


def inspect_here(path: Path, name: str, locale: str = "zh") -> Json:
    """Inspect in this process: for the child, and for tests that want to see the exception."""
    return inspect_workbook(read_workbook(path), name, None, locale)


def refused_json(file: str, error: FileRefused | FileUnreadable, locale: str) -> Json:
    """Return the answer for a file that was not taken."""
    text = message(error.code, error.params, locale)
    return {
        "file": file,
        "tables": [],
        "relations": [],
        "refused": {"code": error.code, "message": text},
        "notes": [],
    }


def _table_json(workbook: Workbook, sheet: Sheet, grid: Grid, table: Table, locale: str) -> Json:
    listed = lists_by_column(workbook, sheet)
    why = message(table.header.why, table.header.params, locale)
    return {
        "sheet": table.sheet,
        "state": sheet.state,
        "range": table.range,
        "header_rows": list(table.header.rows),
        "header_why": why,
        "first_row": table.first_row,
        "last_row": table.last_row,
        "n_rows": len(table.rows),
        "total_rows": list(table.totals),
        "skip_rows": list(table.skipped),
        "columns": [
            _column_json(_Seen(workbook, sheet, grid, table), column, listed.get(column), locale)
            for column in table.columns
        ],
    }


@dataclass(frozen=True)
class _Seen:
    workbook: Workbook
    sheet: Sheet
    grid: Grid
    table: Table


def _column_json(at: _Seen, column: int, listed: tuple[str, ...] | None, locale: str) -> Json:
    name, invented = at.table.names[column]
    seen = gather(at.grid, at.table.rows, column, epoch_1904=at.workbook.epoch_1904)
    shape = _empty_shape(at.workbook, at.sheet, column)
    guess = types.guess(Column("" if invented else name, seen, listed, shape))
    found: Json = {
        "col": column_letters(column),
        "name": name,
        "type": guess.type,
        "confidence": str(guess.confidence),
        "why": message(guess.why, guess.params, locale),
        "filled": seen.filled,
        "distinct": len(seen.values),
        "samples": _samples(seen),
    }
    if invented:
        found["unnamed"] = True
    if guess.against:
        found["against"] = list(guess.against)
    if guess.options:
        found["options"] = list(guess.options)
    elif guess.type == "text" and 0 < len(seen.values) <= _MOST_VALUES:
        # What a person may still make a closed list of.
        found["values"] = [text[:80] for text, _ in seen.values.most_common()]
    if seen.formulas:
        found["formula_cells"] = seen.formulas
    if seen.bad:
        found["bad_cells"] = seen.bad
    return _with_places(found, seen, guess)


def _with_places(found: Json, seen: Evidence, guess: Guess) -> Json:
    if guess.type in {"text", "url"}:
        found["longest"] = seen.longest
        if seen.line_breaks:
            found["line_breaks"] = seen.line_breaks
    if guess.type in {"decimal", "money", "percent"} and seen.places:
        found["places"] = seen.places
    return found


def _samples(seen: Evidence) -> list[str]:
    return [_without_noise(text)[:60] for text in list(seen.values)[:3]]


def _without_noise(text: str) -> str:
    # 5.5759999999999996 is how the file spells the 5.576 that Excel shows.
    is_noise = "." in text and len(text) > cells.LONG_DIGITS and cells.is_number(text)
    return cells.plain_text(text) if is_noise else text


def _empty_shape(workbook: Workbook, sheet: Sheet, column: int) -> str:
    told = sheet.facts.empty_styles.get(column)
    number = 0 if told is None else style_number(told)
    styles = workbook.styles
    return styles[number].format.shape if number < len(styles) else "general"


Note = tuple[str, str, Mapping[str, object]]


def _workbook_notes(workbook: Workbook) -> Iterator[Note]:
    if workbook.has_external_links:
        yield "", "note_external_links", {}


def _sheet_notes(
    workbook: Workbook, sheet: Sheet, grid: Grid, table: Table | None
) -> Iterator[Note]:
    facts = sheet.facts
    if sheet.state != "visible":
        yield sheet.name, "note_hidden_sheet", {}
    if facts.hidden_rows:
        yield sheet.name, "note_hidden_rows", {"count": facts.hidden_rows}
    if table is None:
        yield sheet.name, "note_empty_sheet", {}
        return
    formulas = [c for c in table.columns if _has_formulas(grid, table, c)]
    for column in formulas:
        address = f"{sheet.name}!{column_letters(column)}{table.first_row}"
        yield address, "note_formula_as_value", {"name": table.names[column][0]}
    for row, column in facts.formulas_without_value:
        yield _address(sheet, row, column), "note_formula_without_value", {}
    for row, column, code, value in facts.bad:
        yield _address(sheet, row, column), code, {"value": value}
    yield from _bad_moments(workbook, sheet, grid, table)


def _has_formulas(grid: Grid, table: Table, column: int) -> bool:
    found = (grid.rows[row].get(column) for row in table.rows)
    return any(cell is not None and cell.formula is not None for cell in found)


def _bad_moments(workbook: Workbook, sheet: Sheet, grid: Grid, table: Table) -> Iterator[Note]:
    for row in table.rows:
        for cell in grid.rows[row].values():
            shape = grid.style(cell).format.shape
            if cell.kind != cells.NUMBER or shape not in {"date", "datetime", "time"}:
                continue
            if cells.moment_of(cell.value, epoch_1904=workbook.epoch_1904) is None:
                params = {"value": cell.value[:40]}
                yield _address(sheet, row, cell.column), "cell_no_date", params


def _address(sheet: Sheet, row: int, column: int) -> str:
    return f"{sheet.name}!{column_letters(column)}{row}"


def _note_json(note: Note, locale: str) -> Json:
    cell, code, params = note
    return {"cell": cell, "code": code, "message": message(code, params, locale)}
