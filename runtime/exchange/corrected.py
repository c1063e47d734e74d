"""What a person set right about the tables of a workbook, and the tables as they are after it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from runtime.exchange.cells import MAX_COLUMN, MAX_ROW, column_number
from runtime.exchange.filling import carried_down, filled_down
from runtime.exchange.grid import Grid, grid_of
from runtime.exchange.headers import Header
from runtime.exchange.reader import Sheet, Workbook
from runtime.exchange.regions import inside, regions
from runtime.exchange.reshaping import Constant, Join, Split, reshaped
from runtime.exchange.sheet import Range
from runtime.exchange.tables import Table, find_table, labelled

Json = Mapping[str, Any]
_REGION: Final = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6}):([A-Z]{1,3})([1-9]\d{0,6})?", re.ASCII)


@dataclass(frozen=True)
class TableCorrection:
    """One table set right.

    `region` is an address such as B3:H40, or B3:H where it goes on to the last row; `header` the
    rows that carry the names (none of them: the first row is a record), `header_row` one of them,
    whose further levels are looked for (0: there is none). `formulas` are typed, with
    the names of columns in braces; `relations` say by column which table and column it points to,
    or None that it points nowhere.
    """

    region: str = ""
    header: tuple[int, ...] | None = None
    header_row: int | None = None
    splits: tuple[Split, ...] = ()
    joins: tuple[Join, ...] = ()
    # Columns whose blank cells mean what stands above them.
    fills: tuple[str, ...] = ()
    constant: Constant | None = None
    formulas: Mapping[str, str] = field(default_factory=dict)
    relations: Mapping[str, tuple[str, str] | None] = field(default_factory=dict)


NOTHING: Final = TableCorrection()


@dataclass(frozen=True)
class Corrections:
    """All that was set right: by table, and regions of a sheet that were drawn as further tables.

    `header_rows` is one row by table or sheet (0: there is none), the short way to say it.
    """

    header_rows: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, TableCorrection] = field(default_factory=dict)
    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, key: str) -> TableCorrection:
        """What was said about a table."""
        return self.tables.get(key, NOTHING)


def read_corrections(source: Json | None, header_rows: Mapping[str, int]) -> Corrections:
    """Read them from JSON; what was never said is left as it is found."""
    told = source or {}
    return Corrections(
        header_rows or dict(told.get("header_rows", {})),
        {key: _table(one) for key, one in told.get("tables", {}).items()},
        {sheet: tuple(found) for sheet, found in told.get("added", {}).items()},
    )


def _table(one: Json) -> TableCorrection:
    header, constant = one.get("header"), one.get("constant")
    relations = one.get("relations", {})
    return TableCorrection(
        str(one.get("region", "")),
        None if header is None else tuple(header),
        one.get("header_row"),
        tuple(Split(each["col"], each["by"]) for each in one.get("splits", ())),
        tuple(Join(tuple(each["cols"]), each["by"]) for each in one.get("joins", ())),
        tuple(one.get("fills", ())),
        None if constant is None else Constant(constant[0], constant[1]),
        dict(one.get("formulas", {})),
        {col: None if to is None else (to[0], to[1]) for col, to in relations.items()},
    )


def region_of(text: str) -> Range | None:
    """The cells an address means, to the last row where it names none; None for nonsense."""
    match = _REGION.fullmatch(text)
    if match is None:
        return None
    left, right = sorted((column_number(match[1]), column_number(match[3])))
    top, bottom = int(match[2]), int(match[4] or MAX_ROW)
    if bottom < top or bottom > MAX_ROW or right > MAX_COLUMN:
        return None
    return top, left, bottom, right


def located(
    workbook: Workbook, sheet: Sheet, corrections: Corrections
) -> Iterator[tuple[str, Grid, Table]]:
    """Yield the tables of a sheet by key: the first is called as the sheet, others have a number.

    The cells come with each table, for a column that was split is another one in them.
    """
    grid = grid_of(workbook, sheet)
    drawn = [region_of(text) for text in corrections.added.get(grid.name, ())]
    parts = [*regions(grid), *(inside(grid, *found) for found in drawn if found is not None)]
    count = 0
    for part in parts:
        key = grid.name if not count else f"{grid.name}#{count + 1}"
        told = corrections.of(key)
        region = region_of(told.region)
        cut = part if region is None else _without_objects(inside(grid, *region))
        row = corrections.header_rows.get(key) if told.header_row is None else told.header_row
        table = _table_in(cut, told, row)
        if table is None:
            continue
        count += 1
        named = labelled(cut, table, alone=len(parts) == 1)
        epoch = workbook.epoch_1904
        made = (told.splits, told.joins, told.constant)
        filled = filled_down(grid, named)
        if told.fills:
            filled = carried_down(filled, named, {column_number(col) for col in told.fills})
        yield (key, *reshaped(filled, named, *made, epoch_1904=epoch))


def _without_objects(part: Grid) -> Grid:
    """A region a person drew counts for more than the table the file speaks of."""
    return replace(part, list_objects=())


def _table_in(part: Grid, told: TableCorrection, header_row: int | None) -> Table | None:
    if told.header is None:
        return find_table(part, header_row)
    return find_table(part, header=_header(part, told.header))


def _header(part: Grid, rows: Sequence[int]) -> Header:
    known = tuple(row for row in sorted(rows) if row in part.rows)
    if not known:
        first = part.numbers[0] if part.numbers else 1
        return Header((), first, "header_corrected", {})
    return Header(known, known[-1] + 1, "header_corrected", {"row": known[-1]})
