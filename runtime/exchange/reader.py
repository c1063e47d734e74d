"""A workbook read whole: sheets with their filled rows, in the order the file lists them."""

from dataclasses import dataclass
from pathlib import Path

from runtime.exchange import gate, markup, relationships, sheet, strings, styles
from runtime.exchange.cells import Cell, split_range
from runtime.exchange.gate import Admitted, SheetPart
from runtime.exchange.limits import LIMITS, Limits
from runtime.exchange.package import Package
from runtime.exchange.sheet import Range, SheetFacts
from runtime.exchange.styles import Style

Rows = dict[int, list[Cell]]


@dataclass(frozen=True)
class ListObject:
    """A range the author made an Excel table: a strong hint where the table is."""

    range: Range
    header_rows: int
    total_rows: int


@dataclass(frozen=True)
class Sheet:
    """One sheet: filled cells by row number, and what else it says."""

    name: str
    state: str
    rows: Rows
    facts: SheetFacts
    list_objects: tuple[ListObject, ...]


@dataclass(frozen=True)
class Workbook:
    """Everything the importer looks at."""

    sheets: tuple[Sheet, ...]
    styles: tuple[Style, ...]
    epoch_1904: bool
    has_external_links: bool
    names: dict[str, str]

    def style(self, cell: Cell) -> Style:
        """Return the style of a cell; a number past the table means the plain one."""
        return self.styles[cell.style] if cell.style < len(self.styles) else styles.PLAIN


class _ListObjectReader(markup.Elements):
    def __init__(self) -> None:
        self.found: ListObject | None = None
        self.starts = {"table": self._table}

    def _table(self, attributes: markup.Attributes) -> None:
        if self.found is not None:
            return
        headers = attributes.get("headerRowCount", "1")
        totals = attributes.get("totalsRowCount", "0")
        self.found = ListObject(
            split_range(attributes.get("ref", "")),
            0 if headers == "0" else 1,
            int(totals) if totals in {"0", "1"} else 0,
        )


def read_workbook(path: Path, limits: Limits = LIMITS) -> Workbook:
    """Pass the gate, then read every sheet in one pass each."""
    with Package(path, limits) as package:
        admitted = gate.admit(package, limits)
        shared = strings.read(package, admitted.shared_strings, limits)
        return Workbook(
            sheets=tuple(_read_sheet(package, part, shared, limits) for part in admitted.sheets),
            styles=styles.read(package, admitted.styles, limits),
            epoch_1904=admitted.epoch_1904,
            has_external_links=admitted.has_external_links,
            names=dict(admitted.names),
        )


def admit_file(path: Path, limits: Limits = LIMITS) -> Admitted:
    """Pass only the gate."""
    with Package(path, limits) as package:
        return gate.admit(package, limits)


def _read_sheet(package: Package, part: SheetPart, shared: list[str], limits: Limits) -> Sheet:
    rows: Rows = {}

    def take(number: int, cells: list[Cell]) -> None:
        if number in rows:
            cells = sorted([*rows[number], *cells])
        rows[number] = cells

    reader = sheet.SheetReader(shared, limits, take)
    markup.read(package.chunks(part.part), reader, limits, part.part)
    ordered = dict(sorted(rows.items())) if list(rows) != sorted(rows) else rows
    objects = _list_objects(package, part, reader.facts, limits)
    return Sheet(part.name, part.state, ordered, reader.facts, objects)


def _list_objects(
    package: Package, part: SheetPart, facts: SheetFacts, limits: Limits
) -> tuple[ListObject, ...]:
    if not facts.table_ids:
        return ()
    links = relationships.of_part(package, part.part, limits)
    found = []
    for key in facts.table_ids:
        link = links.get(key)
        if link is None or link.kind != "table" or link.target not in package.parts:
            continue
        reader = _ListObjectReader()
        markup.read(package.chunks(link.target), reader, limits, link.target)
        if reader.found is not None:
            found.append(reader.found)
    return tuple(found)
