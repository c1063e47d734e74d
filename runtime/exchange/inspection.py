"""What the importer sees in a workbook, as the JSON of `dajian workbook inspect`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from runtime.exchange import cells, conditions, types
from runtime.exchange.cells import column_letters, column_number
from runtime.exchange.corrected import Corrections, located
from runtime.exchange.described import Described, contract_names, table_json
from runtime.exchange.documents_in import Lines, lines_in
from runtime.exchange.evidence import Evidence, gather
from runtime.exchange.formulas.columns import Conversion, conversions
from runtime.exchange.formulas.prove import Prover
from runtime.exchange.formulas.scene import Scene
from runtime.exchange.found import Found, Looked
from runtime.exchange.grid import Grid
from runtime.exchange.groups import Group, groups
from runtime.exchange.links import Link, links, overruled
from runtime.exchange.lists import lists_by_column
from runtime.exchange.opening import open_workbook
from runtime.exchange.pictures import by_column
from runtime.exchange.reader import Sheet, Workbook
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.sheet import SheetFacts
from runtime.exchange.shown import as_shown
from runtime.exchange.tables import Table
from runtime.exchange.types import Column, Guess
from runtime.infra.messages import message

Json = dict[str, Any]
_MOST_NOTES: Final = 200
_SURE: Final = Decimal("0.99")


def found_tables(workbook: Workbook, corrections: Corrections | None = None) -> list[Found]:
    """Return every table of a workbook with what its columns look like."""
    told = corrections or Corrections()
    found: list[Found] = []
    for sheet in workbook.sheets:
        for key, grid, table in located(workbook, sheet, told):
            columns = _columns(workbook, sheet, grid, table)
            typed = _typed(told.of(key).formulas, columns)
            found.append(Found(key, workbook, sheet, grid, table, columns, typed))
    return found


def _typed(formulas: Mapping[str, str], columns: Mapping[int, Looked]) -> dict[int, str]:
    told = {column_number(col): text for col, text in formulas.items()}
    return {number: text for number, text in told.items() if number in columns}


def inspect_workbook(
    workbook: Workbook, file: str, corrections: Corrections | None = None, locale: str = "zh"
) -> Json:
    """Return every table, its columns with types, formulas and reasons, and what to know."""
    tables = found_tables(workbook, corrections)
    converted, scene, prover = conversions(workbook, tables)
    alike = groups(tables)
    known = Described(
        tables,
        converted,
        _links(tables, converted, alike, corrections or Corrections()),
        locale,
    )
    notes = [*_workbook_notes(workbook)]
    for sheet in workbook.sheets:
        notes += _sheet_notes(workbook, sheet, [found for found in tables if found.sheet is sheet])
    for found in tables:
        notes += _formula_notes(found, converted, locale)
    return {
        "file": file,
        "tables": [_table(known, found, scene, prover) for found in tables],
        "relations": [*_relations(known), *_alike(alike)],
        "groups": [_group_json(group) for group in alike],
        "refused": None,
        "notes": [_note_json(note, locale) for note in notes[:_MOST_NOTES]],
    }


def inspect_here(path: Path, name: str, locale: str = "zh") -> Json:
    """Inspect in this process: for the child, and for tests that want to see the exception."""
    return inspect_workbook(open_workbook(path, name), name, None, locale)


def refused_json(file: str, error: FileRefused | FileUnreadable, locale: str) -> Json:
    """Return the answer for a file that was not taken."""
    text = message(error.code, error.params, locale)
    return {
        "file": file,
        "tables": [],
        "relations": [],
        "groups": [],
        "refused": {"code": error.code, "message": text},
        "notes": [],
    }


def _links(
    tables: Sequence[Found],
    converted: Mapping[tuple[str, int], Conversion],
    alike: Sequence[Group],
    corrections: Corrections,
) -> dict[tuple[str, int], Link]:
    """What points where: as it is found, and as a person said it."""
    told = {
        (table.key, column_number(col)): to
        for table in tables
        for col, to in corrections.of(table.key).relations.items()
    }
    found = links(tables, converted, [frozenset(group.tables) for group in alike])
    return overruled(found, tables, told)


def _columns(workbook: Workbook, sheet: Sheet, grid: Grid, table: Table) -> dict[int, Looked]:
    listed = lists_by_column(workbook, sheet)
    pictured = by_column(sheet.pictures, sheet.rows, frozenset(table.rows), table.columns)
    found = {}
    for column in table.columns:
        name, invented = table.names[column]
        seen = gather(grid, table.rows, column, epoch_1904=workbook.epoch_1904)
        shape = _empty_shape(workbook, sheet, column)
        guess = types.guess(Column("" if invented else name, seen, listed.get(column), shape))
        if pictured[column] and not seen.filled:
            guess = Guess("image", _SURE, "type_pictures", {"count": pictured[column]})
        found[column] = Looked(name, invented, seen, _of_formula(guess, seen))
    return found


def _of_formula(guess: Guess, seen: Evidence) -> Guess:
    """A formula that says 是 and 否, or one of a few words, gives texts nobody chooses."""
    mostly = seen.formulas * 2 > seen.filled
    if mostly and guess.type in {"boolean", "select"} and not seen.kinds[cells.BOOLEAN]:
        return replace(guess, type="text", options=())
    return guess


def _empty_shape(workbook: Workbook, sheet: Sheet, column: int) -> str:
    told = sheet.facts.empty_styles.get(column)
    number = 0 if told is None else cells.style_number(told)
    styles = workbook.styles
    return styles[number].format.shape if number < len(styles) else "general"


def _table(known: Described, found: Found, scene: Scene, prover: Prover) -> Json:
    names = contract_names(known, found)
    told = table_json(known, found, names)
    read = {
        part[1]
        for (key, _), conversion in known.conversions.items()
        if key == found.key and conversion.tree is not None
        for part in _constants(conversion)
    }
    if read:
        told["constants"] = [_constant_json(scene, place) for place in sorted(read)]
    asked = list(conditions.demands(scene, prover, found))
    limits, checks = conditions.as_json(found, conditions.bounds(found), asked, names)
    for column in told["columns"]:
        if column["col"] in limits:
            column["limits"] = limits[column["col"]]
    if checks:
        told["checks"] = checks
    lines = lines_in(found)
    if lines is not None:
        told["lines"] = _lines_json(lines)
    return told


def _constants(conversion: Conversion) -> Iterator[Sequence[Any]]:
    from runtime.exchange.formulas.shapes import walk  # noqa: PLC0415 - only here

    if conversion.tree is not None:
        yield from (node for node in walk(conversion.tree) if node[0] == "const")


def _constant_json(scene: Scene, place: str) -> Json:
    name, row, column = scene.constants[place]
    sheet = scene.sheet(name)
    cell = scene.cell(sheet, row, column)
    label = next(
        (
            other.value.strip().rstrip(":：")
            for at in ((row, column - 1), (row - 1, column))
            if (other := scene.cell(sheet, *at)) is not None and other.kind == cells.TEXT
        ),
        "",
    )
    assert cell is not None, "a constant stands in a cell"
    style = scene.workbook.style(cell).format
    value = as_shown(cell, style, epoch_1904=scene.workbook.epoch_1904)
    return {"cell": place, "label": label[:80], "value": value, "type": style.shape}


def _lines_json(lines: Lines) -> Json:
    return {
        "key": [column_letters(number) for number in lines.key],
        "header": [column_letters(number) for number in lines.header],
        "detail": [column_letters(number) for number in lines.detail],
        "by": lines.by,
        "documents": lines.documents,
    }


def _relations(known: Described) -> Iterator[Json]:
    for link in known.links.values():
        yield {**_ends(known, link), "kind": link.kind, "matched": link.matched, "of": link.of}


def _ends(known: Described, link: Link) -> Json:
    return {
        "from": known.name(link.from_table, link.from_column),
        "to": known.name(link.to_table, link.to_column),
        "from_table": link.from_table,
        "from_col": column_letters(link.from_column),
        "to_table": link.to_table,
        "to_col": column_letters(link.to_column),
    }


def _alike(alike: Sequence[Group]) -> Iterator[Json]:
    for group in alike:
        first, *others = group.tables
        for other in others:
            yield {
                "from": f"{first.strip()}.*",
                "to": f"{other.strip()}.*",
                "kind": "same-schema",
                "from_table": first,
                "to_table": other,
            }


def _group_json(group: Group) -> Json:
    return {"tables": list(group.tables), "column": group.column, "values": list(group.values)}


Note = tuple[str, str, Mapping[str, object]]


def _workbook_notes(workbook: Workbook) -> Iterator[Note]:
    if workbook.has_external_links:
        yield "", "note_external_links", {}


def _sheet_notes(workbook: Workbook, sheet: Sheet, tables: Sequence[Found]) -> Iterator[Note]:
    facts = sheet.facts
    if sheet.state != "visible":
        yield sheet.name, "note_hidden_sheet", {}
    if facts.hidden_rows:
        yield sheet.name, "note_hidden_rows", {"count": facts.hidden_rows}
    hidden = _hidden_columns(facts, tables)
    if hidden:
        yield sheet.name, "note_hidden_columns", {"columns": "、".join(hidden)}
    if not tables:
        yield sheet.name, "note_empty_sheet", {}
        return
    for row, column in facts.formulas_without_value:
        yield _address(sheet, row, column), "note_formula_without_value", {}
    for row, column, code, value in facts.bad:
        yield _address(sheet, row, column), code, {"value": value}
    for found in tables:
        yield from _bad_moments(workbook, found)
        yield from _pictures(found)


def _pictures(found: Found) -> Iterator[Note]:
    rows, sheet = frozenset(found.table.rows), found.sheet
    seen = by_column(sheet.pictures, sheet.rows, rows, found.columns)
    taken = {number for number in seen if found.columns[number].guess.type == "image"}
    for code, own in (("note_pictures", taken), ("note_pictures_left", seen.keys() - taken)):
        if own:
            columns = "、".join(column_letters(number) for number in sorted(own))
            count = sum(seen[number] for number in own)
            yield sheet.name, code, {"columns": columns, "count": count}


def _hidden_columns(facts: SheetFacts, tables: Sequence[Found]) -> list[str]:
    """The columns of tables that nobody sees in Excel."""
    own = sorted({number for found in tables for number in found.columns})
    spans = facts.hidden_columns
    return [
        column_letters(number)
        for number in own
        if any(first <= number <= last for first, last in spans)
    ]


def _formula_notes(
    found: Found, converted: Mapping[tuple[str, int], Conversion], locale: str
) -> Iterator[Note]:
    for number, looked in found.columns.items():
        conversion = converted.get((found.key, number))
        if conversion is None or conversion.holds:
            continue
        address = _address(found.sheet, found.table.first_row, number)
        if conversion.proof is None:
            reason = message(conversion.why, conversion.params, locale)
            yield address, "note_formula_as_value", {"name": looked.name, "reason": reason}
        else:
            proof = conversion.proof
            counts = {"name": looked.name, "count": proof.of - proof.proved, "of": proof.of}
            yield address, "note_formula_offered", counts


def _bad_moments(workbook: Workbook, found: Found) -> Iterator[Note]:
    for row in found.table.rows:
        for cell in found.grid.rows[row].values():
            shape = found.grid.style(cell).format.shape
            if cell.kind != cells.NUMBER or shape not in {"date", "datetime", "time"}:
                continue
            if cells.moment_of(cell.value, epoch_1904=workbook.epoch_1904) is None:
                params = {"value": cell.value[:40]}
                yield _address(found.sheet, row, cell.column), "cell_no_date", params


def _address(sheet: Sheet, row: int, column: int) -> str:
    return f"{sheet.name}!{column_letters(column)}{row}"


def _note_json(note: Note, locale: str) -> Json:
    cell, code, params = note
    return {"cell": cell, "code": code, "message": message(code, params, locale)}
