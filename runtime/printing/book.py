"""A workbook template: made plain when it is taken in, and read for what it asks for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from runtime.exchange.cells import split_reference
from runtime.exchange.moving import Template
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.printing.formulas import require_plain
from runtime.printing.parts import REL, Parts
from runtime.printing.tree import Node, written

MOST_ROWS: Final = 2_000
MOST_CELLS: Final = 60_000
# What a sheet of paper needs of a sheet; everything else is left behind.
_KEPT: Final = frozenset(
    {
        "sheetPr", "sheetViews", "sheetFormatPr", "cols", "sheetData", "mergeCells",
        "conditionalFormatting", "printOptions", "pageMargins", "pageSetup", "headerFooter",
        "rowBreaks", "colBreaks", "drawing",
    }
)  # fmt: skip
_KEPT_OF_BOOK: Final = frozenset({"workbookPr", "bookViews", "sheets", "definedNames", "calcPr"})
PRINT_NAMES: Final = frozenset({"_xlnm.Print_Area", "_xlnm.Print_Titles"})
_TEXTS: Final = ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")
_NAME: Final = re.compile(r"[\[\]:*?/\\]")


@dataclass
class Sheet:
    """One sheet of a template."""

    name: str
    part: str
    state: str
    root: Node

    @property
    def rows(self) -> Node:
        """Its rows."""
        found = self.root.find("sheetData")
        assert found is not None, "a sheet that was taken in has rows"
        return found

    @property
    def drawing(self) -> str:
        """The id of its pointer to a drawing, or nothing."""
        found = self.root.find("drawing")
        return "" if found is None else found.get("r:id", "")


@dataclass
class Book:
    """A workbook template; `strings` are its shared texts."""

    parts: Parts
    root: Node
    sheets: list[Sheet]
    strings: list[str] = field(default_factory=list)

    @property
    def is_1904(self) -> bool:
        """Whether its days are counted from 1904."""
        found = self.root.find("workbookPr")
        return found is not None and found.get("date1904") in {"1", "true"}


def open_book(parts: Parts) -> Book:
    """Read a workbook template and leave behind what paper does not need."""
    root = parts.tree(parts.main)
    if root.tag != "workbook":
        raise FileRefused("template_dialect")
    for each in list(root):
        if each.tag not in _KEPT_OF_BOOK:
            root.remove(each)
    book = Book(parts, root, [])
    book.strings = list(_strings(parts))
    for each in root.findall("sheets/sheet"):
        part = parts.target(parts.main, each.get("r:id", ""))
        if part is None:
            raise FileUnreadable("sheet_part_missing", {"sheet": each.get("name", "")[:80]})
        book.sheets.append(_sheet(parts, each, part))
    for each in root.findall("definedNames/definedName"):
        _require_name(each)
    cells = sum(1 for sheet in book.sheets for _ in sheet.rows.iter("c"))
    if not book.sheets or cells > MOST_CELLS:
        raise FileRefused("template_too_large", {"most": MOST_CELLS})
    return book


def texts(book: Book) -> Iterator[tuple[str, str, str]]:
    """Yield every text with placeholders: its address, the row it stands in, the text."""
    for sheet in book.sheets:
        for row in sheet.rows:
            for cell in row:
                text = text_of(book, cell)
                if "${" in text:
                    yield f"{sheet.name}!{cell.get('r')}", f"{sheet.name}!{row.get('r')}", text
        for each in header_texts(sheet.root):
            if "${" in (each.text or ""):
                yield f"{sheet.name} {each.tag}", "", each.text or ""


def header_texts(root: Node) -> Iterator[Node]:
    """The headers and footers of a sheet's pages."""
    for name in _TEXTS:
        found = root.find(f"headerFooter/{name}")
        if found is not None:
            yield found


def text_of(book: Book, cell: Node) -> str:
    """The text of a cell, or nothing where it holds something else."""
    if cell.get("t") == "inlineStr":
        return "".join(each.text or "" for each in cell.iterfind("is//t"))
    if cell.get("t") != "s" or cell.find("f") is not None:
        return ""
    told = cell.findtext("v") or ""
    if not (told.isascii() and told.isdigit() and int(told) < len(book.strings)):
        raise FileUnreadable("shared_string_missing", {"cell": cell.get("r", "")[:20]})
    return book.strings[int(told)]


def sheet_name(wanted: str, taken: set[str]) -> str:
    """A name no other sheet has, within what names of sheets may be."""
    plain = _NAME.sub(" ", wanted).strip(" '")[:31] or "Sheet"
    found, number = plain, 1
    while found.lower() in taken:
        number += 1
        ending = f" ({number})"
        found = plain[: 31 - len(ending)] + ending
    taken.add(found.lower())
    return found


def close_book(book: Book) -> None:
    """Put the trees back into the package."""
    book.parts.content[book.parts.main] = written(book.root)
    for sheet in book.sheets:
        book.parts.content[sheet.part] = written(sheet.root)


def _sheet(parts: Parts, told: Node, part: str) -> Sheet:
    root = parts.tree(part)
    if root.tag != "worksheet" or root.find("sheetData") is None:
        raise FileRefused("template_dialect")
    for each in list(root):
        if each.tag not in _KEPT:
            root.remove(each)
    found = Sheet(told.get("name", ""), part, told.get("state", "visible"), root)
    _forget_programs(parts, found)
    # A colour by condition is text that computes.
    for rule in root.iter("conditionalFormatting"):
        for each in rule.iter("formula"):
            require_plain(each.text or "", found.name)
        for each in (rule, *rule.iterfind("cfRule")):
            _drop(each, "extLst")
    root.set("xmlns:r", REL)
    _number(found)
    return found


def _forget_programs(parts: Parts, sheet: Sheet) -> None:
    """What a printer, a window or a program of theirs remembers of a sheet is left behind."""
    root = sheet.root
    # Sheets that are all selected are typed into at once.
    for path, name in (
        ("pageSetup", "r:id"),
        ("sheetViews/sheetView", "tabSelected"),
        ("sheetPr", "codeName"),
    ):
        for each in root.iterfind(path):
            each.attrib.pop(name, None)
    drawing = root.find("drawing")
    if drawing is not None and parts.target(sheet.part, sheet.drawing) is None:
        root.remove(drawing)


def _drop(node: Node, tag: str) -> None:
    for each in node.findall(tag):
        node.remove(each)


def _number(sheet: Sheet) -> None:
    """Give rows and cells the addresses that may be left out, and formulas their own texts."""
    shared: dict[str, Template] = {}
    last = 0
    for row in sheet.rows:
        told = row.get("r") or str(last + 1)
        if not (told.isascii() and told.isdigit()) or not last < int(told) <= MOST_ROWS:
            raise FileRefused("template_rows", {"sheet": sheet.name[:80], "most": MOST_ROWS})
        last = int(told)
        row.set("r", told)
        row.attrib.pop("spans", None)
        for cell in row:
            if cell.get("r") is None:
                raise FileRefused("template_dialect")
            _formula(sheet, cell, shared)


def _formula(sheet: Sheet, cell: Node, shared: dict[str, Template]) -> None:
    found = cell.find("f")
    if found is None:
        return
    at = f"{sheet.name}!{cell.get('r')}"
    row, column = split_reference(cell.get("r", ""))
    kind, key, text = found.get("t", "normal"), found.get("si", ""), found.text or ""
    if kind == "dataTable":
        raise FileRefused("template_formula", {"cell": at, "formula": text[:80]})
    if kind == "shared":
        if text:
            shared[key] = Template(text, row, column)
        elif key in shared:
            text = shared[key].at(row, column)
        found.attrib.clear()
    require_plain(text, at)
    found.text = text


def _require_name(told: Node) -> None:
    name, text = told.get("name", ""), told.text or ""
    if told.get("function") or told.get("vbProcedure") or told.get("xlm"):
        raise FileRefused("file_macros")
    if name not in PRINT_NAMES:
        require_plain(text.replace("#REF!", ""), name[:80])


def _strings(parts: Parts) -> Iterator[str]:
    for part in parts.of_kind(parts.main, "sharedStrings"):
        for each in parts.tree(part):
            # Furigana stands beside the text, not in it.
            for guide in each.findall("rPh"):
                each.remove(guide)
            yield "".join(text.text or "" for text in each.iter("t"))
