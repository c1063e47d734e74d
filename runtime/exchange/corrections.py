"""Rows that failed: put right by hand and imported after all, or handed back with their reasons."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, Final

from runtime.exchange import batches, imported
from runtime.exchange.adoption import ImportPlan
from runtime.exchange.batches import Batch
from runtime.exchange.cells import NUMBER, TEXT, column_number
from runtime.exchange.entries import Entry
from runtime.exchange.export.cells import Cell, Column
from runtime.exchange.export.xlsx_file import XlsxFile
from runtime.exchange.imported import ImportedRow
from runtime.exchange.importing import NO_PICTURES, Outcome, import_chunk
from runtime.exchange.pictures_in import Pictures
from runtime.exchange.spool import RawRow, Taken
from runtime.infra.act import Act
from runtime.infra.errors import NotFound

# What was typed, by the row of the sheet and the letters of the column.
Typed = Mapping[tuple[int, str], str]
PAGE: Final = 500


def entry_of(row: ImportedRow, typed: Typed) -> Entry:
    """The entry of a row that failed, with what was typed over its cells."""
    rows = []
    for number, cells in row.cells:
        found = {col: Taken(*cell) for col, cell in cells.items()}
        for (at, col), text in typed.items():
            if at == number and text != (found[col].text if col in found else ""):
                # A number that was not touched stays one; what was typed is read as text.
                found[col] = Taken(TEXT, text)
        rows.append(RawRow(int(number), {c: cell for c, cell in found.items() if cell.text}))
    return Entry(tuple(rows))


def put_right(
    act: Act,
    batch: Batch,
    plan: ImportPlan,
    row: int,
    typed: Typed,
    pictures: Pictures = NO_PICTURES,
) -> bool:
    """Import a row that failed with what was typed; whether it is in now.

    What still keeps it out is kept with it. Raises NotFound for a row that is in already.
    """
    held = batches.lock(act.connection, batch.id)
    failed = imported.failed(act.connection, batch.id, row)
    if failed is None:
        raise NotFound("import_row_gone")
    imported.drop(act.connection, failed.id)
    before = Outcome(**held.outcome)
    tried = Outcome()
    import_chunk(act, plan, [entry_of(failed, typed)], tried, pictures)
    if tried.failed:
        errors = _without(before.errors, row) + tried.errors
        after = replace(before, errors=errors)
    else:
        after = replace(
            before,
            created=before.created + tried.created,
            updated=before.updated + tried.updated,
            kept=before.kept + tried.kept,
            skipped=before.skipped + tried.skipped,
            failed=before.failed - 1,
            errors=_without(before.errors, row, failed),
        )
    batches.change(act.connection, batch.id, outcome=_json(after))
    return not tried.failed


def _json(outcome: Outcome) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in outcome.__dataclass_fields__}


def _without(
    errors: Sequence[dict[str, Any]], row: int, failed: ImportedRow | None = None
) -> list[dict[str, Any]]:
    own = {row} if failed is None else {int(number) for number, _ in failed.cells}
    return [error for error in errors if error["row"] not in own]


def write_failed(
    act: Act,
    batch: Batch,
    stream: BinaryIO,
    headings: Mapping[str, str],
    reasons: Callable[[ImportedRow], str],
    reason_heading: str,
) -> int:
    """Write the rows that failed as a workbook like the one they came from, each with its reason.

    Put right there, it can be imported as it is; returns how many rows there are.
    """
    letters = sorted(headings, key=column_number)
    columns = [Column(headings[col], "text") for col in letters]
    file = XlsxFile(stream, [*columns, Column(reason_heading, "text")], batch.file_name)
    count = 0
    for row in _failed(act, batch):
        for index, (_, cells) in enumerate(row.cells):
            values: list[Cell] = [_cell(cells.get(col)) for col in letters]
            file.write([*values, reasons(row) if index == 0 else None])
            count += 1
    file.close()
    return count


def _failed(act: Act, batch: Batch) -> Iterator[ImportedRow]:
    last = 0
    while found := imported.rows(act.connection, batch.id, ["failed"], limit=PAGE, after=last):
        yield from found
        last = found[-1].id


def _cell(taken: Sequence[str] | None) -> Cell:
    if taken is None:
        return None
    kind, text = taken
    if kind == NUMBER:
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    return text
