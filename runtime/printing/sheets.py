"""Sheets of a workbook template filled: rows of lines repeated, cells typed, pictures drawn."""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from runtime.exchange.cells import DAYS_BETWEEN_EPOCHS, column_letters, split_range, split_reference
from runtime.printing import book as books
from runtime.printing import drawings
from runtime.printing.book import Book, Sheet
from runtime.printing.drawings import Anchored
from runtime.printing.given import NOTHING, Paper, Row, Value
from runtime.printing.placeholders import PLACEHOLDER, found_in, read
from runtime.printing.rows import NOWHERE, Block, RowMap, Spot
from runtime.printing.styles import Styles
from runtime.printing.tree import Node, plain

_DAYS: Final = frozenset({"date", "datetime"})
_LONGEST: Final = 32_000
# Text that looks like the format's own way of writing a character.
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_PAGES: Final = {"$page": "&P", "$pages": "&N"}


@dataclass(frozen=True)
class Asked:
    """What a template's placeholders mean: the table of those of lines, and pages by their keys."""

    tables: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    # Rows a table has at least, so that paper looks alike.
    fill_rows: int = 0


@dataclass
class _Filling:
    """One sheet for one record."""

    book: Book
    styles: Styles
    asked: Asked
    paper: Paper
    rows: RowMap
    source: Sheet
    rooms: Mapping[tuple[int, int], str]
    drawn: list[Anchored] = field(default_factory=list)


def blocks_of(book: Book, sheet: Sheet, asked: Asked, paper: Paper) -> tuple[Block, ...]:
    """The rows of a sheet that are repeated, and how often for this record."""
    found: list[Block] = []
    for row in sheet.rows:
        number, table = int(row.get("r", "0")), _table(book, row, asked)
        if not table:
            continue
        if found and found[-1].table == table and found[-1].last == number - 1:
            found[-1] = Block(table, found[-1].first, number)
        else:
            found.append(Block(table, number, number))
    return tuple(
        Block(each.table, each.first, each.last, _times(each, asked, paper)) for each in found
    )


def fill_sheet(
    book: Book, styles: Styles, asked: Asked, paper: Paper, source: Sheet, rows: RowMap
) -> tuple[Node, list[Anchored]]:
    """Return a sheet of the template filled for a record, and the pictures that go onto it."""
    root = copy.deepcopy(source.root)
    work = _Filling(book, styles, asked, paper, rows, source, _rooms(source.root))
    data = root.find("sheetData")
    assert data is not None, "a sheet that was taken in has rows"
    data[:] = list(_rows(work))
    _merges(root, rows)
    for each in root.iterfind("conditionalFormatting"):
        told = each.get("sqref", "").split()
        each.set("sqref", " ".join(rows.formula(one) for one in told))
        for formula in each.iter("formula"):
            formula.text = rows.formula(formula.text or "")
    for each in root.iterfind("rowBreaks/brk"):
        if (told_row := each.get("id", "")).isdigit():
            each.set("id", str(rows.last(int(told_row))))
    for each in books.header_texts(root):
        each.text = _header(work, each.text or "")
    return root, work.drawn


def _table(book: Book, row: Node, asked: Asked) -> str:
    for cell in row:
        for each in found_in(books.text_of(book, cell)):
            if each.key in asked.tables:
                return asked.tables[each.key]
    return ""


def _times(block: Block, asked: Asked, paper: Paper) -> int:
    return max(len(paper.lines.get(block.table, ())), asked.fill_rows, 1)


def _rows(work: _Filling) -> Iterator[Node]:
    waiting: list[Node] = []
    for row in work.source.rows:
        number = int(row.get("r", "0"))
        block = work.rows.block(number)
        if block is None:
            yield _row(work, row, NOWHERE, work.paper.header)
            continue
        waiting.append(row)
        if number == block.last:
            yield from _lines(work, block, waiting)
            waiting = []


def _lines(work: _Filling, block: Block, rows: Sequence[Node]) -> Iterator[Node]:
    lines = work.paper.lines.get(block.table, ())
    for number in range(block.times):
        own = {**work.paper.header, **lines[number]} if number < len(lines) else None
        for row in rows:
            yield _row(work, row, Spot(block, number), own)


def _row(work: _Filling, row: Node, spot: Spot, values: Row | None) -> Node:
    """A row on the paper; without values it is a blank one that keeps its lines and colours."""
    made = copy.deepcopy(row)
    number = work.rows.first(int(row.get("r", "0")), spot.copy)
    made.set("r", str(number))
    for cell in made:
        _, column = split_reference(cell.get("r", ""))
        at = cell.get("r", "")
        text = books.text_of(work.book, cell)
        cell.set("r", f"{column_letters(column)}{number}")
        if cell.find("f") is not None:
            _formula(work, cell, spot, is_blank=values is None)
        elif "${" in text:
            _fill(work, cell, text, {} if values is None else values, at)
    return made


def _formula(work: _Filling, cell: Node, spot: Spot, *, is_blank: bool) -> None:
    formula = cell.find("f")
    assert formula is not None, "only cells with a formula come here"
    _empty(cell)
    if is_blank:
        return
    formula.text = work.rows.formula(formula.text or "", spot)
    if formula.get("ref"):
        formula.set("ref", work.rows.formula(formula.get("ref", ""), spot))
    cell.append(formula)


def _fill(work: _Filling, cell: Node, text: str, values: Row, at: str) -> None:
    _empty(cell)
    whole = PLACEHOLDER.fullmatch(text.strip())
    if whole is not None:
        value = values.get(read(whole[1]).key, NOTHING)
        if value.number is not None:
            _number(work, cell, value)
            return
    said = PLACEHOLDER.sub(lambda found: values.get(read(found[1]).key, NOTHING).text, text)
    for each in found_in(text):
        picture = values.get(each.key, NOTHING).picture
        if picture is not None:
            row, column = split_reference(cell.get("r", ""))
            place = split_reference(at)
            room = drawings.size_in(work.source.root, work.rooms.get(place, at))
            size = drawings.fitted(picture, *room)
            work.drawn.append(Anchored(column - 1, row - 1, picture, *size))
    if said.strip():
        # What was left blank at either end leaves no gap there.
        _text(cell, said.strip(" "))


def _number(work: _Filling, cell: Node, value: Value) -> None:
    number = value.number
    assert number is not None, "what is written as a number is one"
    if value.style in _DAYS and work.book.is_1904:
        number -= Decimal(DAYS_BETWEEN_EPOCHS)
    told = cell.get("s", "0")
    style = work.styles.for_value(int(told) if told.isdigit() else 0, value.style)
    if style:
        cell.set("s", str(style))
    held = Node("v")
    held.text = format(number, "f")
    cell.append(held)


def _text(cell: Node, text: str) -> None:
    cell.set("t", "inlineStr")
    held, inner = Node("is"), Node("t", {"xml:space": "preserve"})
    inner.text = _ESCAPED.sub("_x005F_", plain(text))[:_LONGEST]
    held.append(inner)
    cell.append(held)


def _empty(cell: Node) -> None:
    cell.attrib.pop("t", None)
    for each in list(cell):
        cell.remove(each)


def _header(work: _Filling, text: str) -> str:
    """Headers and footers of pages have a language of their own, in which & begins a word."""

    def said(found: re.Match[str]) -> str:
        key = read(found[1]).key
        if key in work.asked.pages:
            return _PAGES[work.asked.pages[key]]
        return plain(work.paper.header.get(key, NOTHING).text).replace("&", "&&")[:200]

    return PLACEHOLDER.sub(said, text)


def _merges(root: Node, rows: RowMap) -> None:
    merges = root.find("mergeCells")
    if merges is None:
        return
    made = []
    for each in merges:
        reference = each.get("ref", "")
        top, _, bottom, _ = split_range(reference)
        block = rows.block(top)
        is_own = block is not None and block.holds(bottom)
        for number in range(block.times if block is not None and is_own else 1):
            spot = Spot(block, number) if is_own else NOWHERE
            made.append(Node("mergeCell", {"ref": rows.formula(reference, spot)}))
    merges[:] = made
    merges.set("count", str(len(made)))


def _rooms(root: Node) -> dict[tuple[int, int], str]:
    """Merged ranges by their first cells."""
    found = {}
    for each in root.iterfind("mergeCells/mergeCell"):
        top, left, _, _ = split_range(each.get("ref", ""))
        found[(top, left)] = each.get("ref", "")
    return found
