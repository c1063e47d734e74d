"""The rows of a list into a file, page by page: memory holds one page, whatever the file holds."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from runtime import query
from runtime.exchange.export.cells import Cell, cell_of
from runtime.exchange.export.csv_file import CsvFile
from runtime.exchange.export.plan import ExportPlan
from runtime.exchange.export.xlsx_file import XlsxFile
from runtime.infra.act import Act
from runtime.query.called import names_of
from runtime.query.page import Page

PAGE: Final = 500


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
    rows = 0
    for page in _pages(act, plan):
        for cells in _cells(act, plan, page):
            file.write(cells)
        rows += len(page.rows)
        told(rows)
    file.close()
    return Written(rows, file.cut)


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
