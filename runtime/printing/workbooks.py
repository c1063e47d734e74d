"""A whole workbook filled: the sheets of each record, their names, what is printed of them."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from runtime.exchange.moving import mentioned
from runtime.printing import book as books
from runtime.printing import drawings
from runtime.printing.book import PRINT_NAMES, Book, Sheet, open_book, sheet_name
from runtime.printing.given import Paper
from runtime.printing.parts import REL, XLSX, Parts
from runtime.printing.rows import RowMap
from runtime.printing.sheets import Asked, blocks_of, fill_sheet
from runtime.printing.styles import Styles
from runtime.printing.tree import Node, parse, written

_SHEET: Final = XLSX.replace(".sheet", ".worksheet+xml")
_STYLES: Final = XLSX.replace(".sheet", ".styles+xml")
_BLANK_STYLES: Final = (
    b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<fonts count="1"><font><sz val="11"/></font></fonts><fills count="2"><fill>'
    b'<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    b'</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    b'<cellXfs count="1"><xf xfId="0"/></cellXfs></styleSheet>'
)


@dataclass
class _Names:
    """What sheets are called: those of several records after their records."""

    after_records: set[str]
    taken: set[str]

    def of(self, sheet: Sheet, paper: Paper) -> str:
        """A name nothing else has."""
        is_after = sheet.name in self.after_records and paper.title
        return sheet_name(paper.title if is_after else sheet.name, self.taken)


def fill_book(parts: Parts, asked: Asked, papers: Sequence[Paper]) -> None:
    """Fill a workbook template for every record; the package then is the paper."""
    book = open_book(parts)
    part, styles = _styles(parts)
    kept = _defined(book)
    taken: set[str] = set()
    made: list[tuple[Sheet, Sheet, RowMap]] = []
    filled = {at.rpartition("!")[0] for _, at, _ in books.texts(book) if at}
    for number, paper in enumerate(papers):
        wanted = [each for each in book.sheets if each.name in filled or not number]
        names = filled if len(papers) > 1 else set[str]()
        maps = _maps(book, asked, paper, wanted, _Names(names, taken))
        for sheet in book.sheets:
            if sheet.name.lower() in maps:
                rows = maps[sheet.name.lower()]
                made.append((sheet, _made(book, styles, asked, paper, sheet, rows), rows))
    styles.finish()
    parts.content[part] = written(styles.root)
    _list(book, made, kept)
    book.sheets = [each for _, each, _ in made]
    books.close_book(book)


def _maps(
    book: Book, asked: Asked, paper: Paper, wanted: Sequence[Sheet], names: "_Names"
) -> dict[str, RowMap]:
    """Where the rows of each sheet go, and what the sheet is called then."""
    others: dict[str, RowMap] = {}
    for sheet in wanted:
        blocks = blocks_of(book, sheet, asked, paper)
        name = names.of(sheet, paper)
        others[sheet.name.lower()] = RowMap(blocks, name, others)
    return others


def _made(
    book: Book, styles: Styles, asked: Asked, paper: Paper, sheet: Sheet, rows: RowMap
) -> Sheet:
    parts = book.parts
    root, drawn = fill_sheet(book, styles, asked, paper, sheet, rows)
    part = f"xl/worksheets/print{len(parts.content)}.xml"
    parts.add(part, b"", _SHEET)
    drawing = _drawing(parts, sheet, rows)
    if drawn:
        drawing = drawings.add(parts, drawing, drawn)
    found = root.find("drawing")
    if drawing is not None:
        key = parts.link(part, "drawing", drawing)
        if found is None:
            # Members of a sheet have an order: a drawing stands last of what we keep.
            found = Node("drawing")
            root.append(found)
        found.set("r:id", key)
        root.set("xmlns:r", REL)
    return Sheet(rows.name, part, sheet.state, root)


def _drawing(parts: Parts, sheet: Sheet, rows: RowMap) -> str | None:
    """A drawing of the template for one more sheet, its pictures where their rows have gone."""
    source = parts.target(sheet.part, sheet.drawing) if sheet.drawing else None
    if source is None:
        return None
    name = f"xl/drawings/print{len(parts.content)}.xml"
    parts.add(name, drawings.moved(parts.content[source], source, rows), drawings.DRAWING)
    parts.links[name] = copy.copy(parts.links.get(source, {}))
    return name


def _styles(parts: Parts) -> tuple[str, Styles]:
    part = next(parts.of_kind(parts.main, "styles"), None)
    if part is None:
        part = "xl/styles.xml"
        parts.add(part, _BLANK_STYLES, _STYLES)
        parts.link(parts.main, "styles", part)
    return part, Styles(parse(parts.content[part], part))


def _defined(book: Book) -> list[Node]:
    """The names of the template; those of sheets that are copied are copied with them."""
    found = book.root.find("definedNames")
    return [] if found is None else list(found)


def _list(book: Book, made: Sequence[tuple[Sheet, Sheet, RowMap]], names: list[Node]) -> None:
    """Say in the workbook which sheets there are, what of them is printed, and to compute anew."""
    parts, root = book.parts, book.root
    sheets = root.find("sheets")
    assert sheets is not None, "a workbook has sheets"
    links = parts.links.setdefault(parts.main, {})
    for key in [key for key, (kind, _) in links.items() if kind == "worksheet"]:
        part = links.pop(key)[1]
        parts.content.pop(part, None)
        parts.links.pop(part, None)
    sheets[:] = []
    root.set("xmlns:r", REL)
    places: dict[str, list[tuple[int, RowMap]]] = {}
    for number, (source, each, rows) in enumerate(made):
        told = {"name": each.name, "sheetId": str(number + 1)}
        if each.state != "visible":
            told["state"] = each.state
        key = parts.link(parts.main, "worksheet", each.part)
        sheets.append(Node("sheet", {**told, "r:id": key}))
        places.setdefault(source.name.lower(), []).append((number, rows))
    _write_names(book, names, places)
    _compute_anew(root)
    _look_at_first(root)


def _write_names(
    book: Book, names: list[Node], places: dict[str, list[tuple[int, RowMap]]]
) -> None:
    made = []
    for each in names:
        told = each.get("localSheetId", "")
        text = each.text or ""
        local = int(told) if told.isdigit() and int(told) < len(book.sheets) else None
        if local is None:
            first = next((name for name in sorted(mentioned(text)) if name in places), "")
            if first:
                made.append(_named(each, text, places[first][0][1], None))
        elif each.get("name") in PRINT_NAMES or mentioned(text):
            for number, rows in places.get(book.sheets[local].name.lower(), ()):
                made.append(_named(each, text, rows, number))
    found = book.root.find("definedNames")
    if found is not None:
        found[:] = made
        if not made:
            book.root.remove(found)


def _named(source: Node, text: str, rows: RowMap, local: int | None) -> Node:
    made = Node("definedName", {**source.attrib})
    made.attrib.pop("localSheetId", None)
    if local is not None:
        made.set("localSheetId", str(local))
    made.text = rows.formula(text)
    return made


def _compute_anew(root: Node) -> None:
    found = root.find("calcPr")
    if found is None:
        found = Node("calcPr")
        root.append(found)
    found.set("fullCalcOnLoad", "1")


def _look_at_first(root: Node) -> None:
    for view in root.iterfind("bookViews/workbookView"):
        for name in ("activeTab", "firstSheet"):
            view.attrib.pop(name, None)
