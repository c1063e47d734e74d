"""A workbook read whole: sheets with their filled rows, in the order the file lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from runtime.exchange import (
    cell_pictures,
    cells,
    comments,
    gate,
    markup,
    pictures,
    properties,
    relationships,
    sheet,
    strings,
    styles,
)
from runtime.exchange.cells import Cell, split_range
from runtime.exchange.comments import Comments
from runtime.exchange.gate import Admitted, SheetPart
from runtime.exchange.limits import LIMITS, Limits
from runtime.exchange.package import Package
from runtime.exchange.pictures import Picture
from runtime.exchange.relationships import Relationship
from runtime.exchange.sheet import Range, SheetFacts
from runtime.exchange.styles import Style

Rows = dict[int, list[Cell]]


def squeezed(name: str) -> str:
    """A column name for comparing: line breaks are blanks, capitals small letters."""
    return " ".join(name.replace("_x000a_", " ").replace("_x000d_", " ").split()).lower()


@dataclass(frozen=True)
class ListObject:
    """A range the author made an Excel table: a strong hint where the table is."""

    range: Range
    header_rows: int
    total_rows: int
    name: str = ""
    columns: tuple[str, ...] = ()

    def left_of(self, name: str) -> int | None:
        """The number of the column of that name; formulas have it as the header reads."""
        wanted = squeezed(name)
        for place, known in enumerate(self.columns):
            if squeezed(known) == wanted:
                return self.range[1] + place
        return None


@dataclass(frozen=True)
class Sheet:
    """One sheet: filled cells by row number, and what else it says."""

    name: str
    state: str
    rows: Rows
    facts: SheetFacts
    list_objects: tuple[ListObject, ...]
    has_pivot: bool = False
    comments: Comments = field(default_factory=dict)
    # Those that lie on cells or stand in them; WPS names its own in formulas of the cells.
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Workbook:
    """Everything the importer looks at."""

    sheets: tuple[Sheet, ...]
    styles: tuple[Style, ...]
    epoch_1904: bool
    has_external_links: bool
    names: dict[str, str]
    modified: date | None = None
    # The parts of pictures by the names formulas of WPS call them.
    cell_pictures: dict[str, str] = field(default_factory=dict)

    def style(self, cell: Cell) -> Style:
        """Return the style of a cell; a number past the table means the plain one."""
        return self.styles[cell.style] if cell.style < len(self.styles) else styles.PLAIN


class _ListObjectReader(markup.Elements):
    def __init__(self) -> None:
        self.found: ListObject | None = None
        self._columns: list[str] = []
        self.starts = {"table": self._table, "tableColumn": self._column}

    def _column(self, attributes: markup.Attributes) -> None:
        if self.found is not None and len(self._columns) < cells.MAX_COLUMN:
            self._columns.append(attributes.get("name", ""))
            self.found = replace(self.found, columns=tuple(self._columns))

    def _table(self, attributes: markup.Attributes) -> None:
        if self.found is not None:
            return
        headers = attributes.get("headerRowCount", "1")
        totals = attributes.get("totalsRowCount", "0")
        self.found = ListObject(
            split_range(attributes.get("ref", "")),
            0 if headers == "0" else 1,
            int(totals) if totals in {"0", "1"} else 0,
            attributes.get("displayName") or attributes.get("name", ""),
        )


def read_workbook(path: Path, limits: Limits = LIMITS, *, with_macros: bool = False) -> Workbook:
    """Pass the gate, then read every sheet in one pass each.

    `with_macros` lets in a file that says by its name that it has some; nobody opens them.
    """
    with Package(path, limits) as package:
        admitted = gate.admit(package, limits, with_macros=with_macros)
        shared = strings.read(package, admitted.shared_strings, limits)
        rich = cell_pictures.rich(package, admitted.workbook, limits)
        return Workbook(
            sheets=tuple(
                _with_rich(_read_sheet(package, part, shared, limits), rich)
                for part in admitted.sheets
            ),
            styles=styles.read(package, admitted.styles, limits),
            epoch_1904=admitted.epoch_1904,
            has_external_links=admitted.has_external_links,
            names=dict(admitted.names),
            modified=properties.modified(package, limits),
            cell_pictures=cell_pictures.named(package, admitted.workbook, limits),
        )


def admit_file(path: Path, limits: Limits = LIMITS) -> Admitted:
    """Pass only the gate."""
    with Package(path, limits) as package:
        return gate.admit(package, limits)


def _read_sheet(package: Package, part: SheetPart, shared: list[str], limits: Limits) -> Sheet:
    rows: Rows = {}

    def take(number: int, taken: list[Cell]) -> None:
        if number in rows:
            taken = sorted([*rows[number], *taken], key=lambda cell: cell.column)
        rows[number] = taken

    reader = sheet.SheetReader(shared, limits, take)
    markup.read(package.chunks(part.part), reader, limits, part.part)
    ordered = dict(sorted(rows.items())) if list(rows) != sorted(rows) else rows
    links = relationships.of_part(package, part.part, limits)
    objects = _list_objects(package, links, reader.facts, limits)
    pivot = any(link.kind == "pivotTable" for link in links.values())
    notes = [link.target for link in links.values() if link.kind == "comments"]
    said = comments.read(package, notes[0], limits) if notes and notes[0] in package.parts else {}
    seen = pictures.read(package, part.part, links, limits)
    return Sheet(part.name, part.state, ordered, reader.facts, objects, pivot, said, seen)


def _with_rich(found: Sheet, rich: Mapping[str, str]) -> Sheet:
    """The sheet with the pictures Excel keeps in cells: these say #VALUE!, which means nothing."""
    facts = found.facts
    places = {place: rich[key] for place, key in facts.rich.items() if key in rich}
    if not places:
        return found
    for row, column in places:
        kept = [cell for cell in found.rows.get(row, ()) if cell.column != column]
        found.rows[row] = kept
    facts.bad = [bad for bad in facts.bad if bad[:2] not in places]
    inside = tuple(Picture(*place, part) for place, part in places.items())
    return replace(found, pictures=(*found.pictures, *inside))


def _list_objects(
    package: Package,
    links: Mapping[str, Relationship],
    facts: SheetFacts,
    limits: Limits,
) -> tuple[ListObject, ...]:
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
