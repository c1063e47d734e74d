"""The rows of a list into a file, page by page: memory holds one page, whatever the file holds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from runtime import access, query
from runtime.compile import Field
from runtime.exchange.export.cells import Cell, cell_of
from runtime.exchange.export.csv_file import CsvFile
from runtime.exchange.export.plan import ExportPlan
from runtime.exchange.export.xlsx_file import XlsxFile
from runtime.infra.act import Act
from runtime.query import LineRecord, Record, records_by_id
from runtime.query.called import names_of
from runtime.query.page import Page
from runtime.query.record import for_actor

PAGE: Final = 500
# A record without lines is a row all the same.
_NO_LINES: Final[tuple[Sequence[Cell], ...]] = ((),)


@dataclass(frozen=True)
class Written:
    """How many rows were written, and how many texts were too long for a cell."""

    rows: int
    cut: int


def write_rows(
    act: Act, plan: ExportPlan, stream: BinaryIO, told: Callable[[int], None] = lambda _done: None
) -> Written:
    """Write every record of the plan the actor may see; `told` hears how many there are so far."""
    file = _open(plan, stream)
    rows = written = 0
    for page in _pages(act, plan):
        own = _lines(act, plan, page) if plan.lines else {}
        for row, cells in zip(page.rows, _cells(act, plan, page), strict=True):
            for more in own.get(row.id, _NO_LINES) if plan.lines else ((),):
                file.write([*cells, *(more or [None] * len(plan.line_codes))])
                written += 1
        rows += len(page.rows)
        told(rows)
    file.close()
    return Written(written if plan.lines else rows, file.cut)


def _lines(act: Act, plan: ExportPlan, page: Page) -> dict[int, list[list[Cell]]]:
    """The lines of the records of a page, as cells, by record."""
    ids = [row.id for row in page.rows]
    mine = access.row_condition(act.actor, plan.form)
    found = records_by_id(act.connection, plan.form, ids, mine)
    records = {key: for_actor(act, each) for key, each in found.items()}
    by_code = plan.form.lines_of(plan.lines).by_code
    fields = [by_code[code] for code in plan.line_codes]
    lines = {key: each.lines.get(plan.lines, ()) for key, each in records.items()}
    values = [line.values for rows in lines.values() for line in rows]
    names = names_of(act.connection, fields, values)
    return {
        key: [[_line_cell(plan, records[key], line, each, names) for each in fields]
              for line in rows]
        for key, rows in lines.items() if rows
    }  # fmt: skip


def _line_cell(
    plan: ExportPlan,
    record: Record,
    line: LineRecord,
    field: Field,
    names: Mapping[str, Mapping[int, str]],
) -> Cell:
    value = line.values.get(field.code)
    title = None
    if field.target is not None and value is not None:
        title = record.labels.get((plan.lines, field.code), {}).get(value, "")
    return cell_of(field, value, title=title, names=names.get(field.code), locale=plan.locale)


def _open(plan: ExportPlan, stream: BinaryIO) -> XlsxFile | CsvFile:
    if plan.format == "xlsx":
        return XlsxFile(stream, plan.columns, plan.form.label.text(plan.locale))
    return CsvFile(stream, plan.columns)


def _pages(act: Act, plan: ExportPlan) -> Iterator[Page]:
    request = replace(plan.request, size=PAGE)
    while True:
        page = query.page(act, plan.form, request)
        yield page
        if not page.next:
            return
        request = replace(request, after=page.next)


def _cells(act: Act, plan: ExportPlan, page: Page) -> Iterator[Sequence[Cell]]:
    names = names_of(act.connection, page.columns, [row.values for row in page.rows])
    for row in page.rows:
        cells = [
            cell_of(
                field,
                row.values[field.code],
                title=row.titles.get(field.code),
                names=names.get(field.code),
                locale=plan.locale,
            )
            for field in page.columns
        ]
        if plan.form.is_document:
            cells.append(plan.statuses.get(row.status, row.status))
        yield cells
