"""Tables of a web page: cells copied out of Excel or a browser, and what is exported as .xls.

Only text is taken; nothing is followed or run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from runtime.exchange import cells, styles
from runtime.exchange.cells import Cell
from runtime.exchange.limits import Limits
from runtime.exchange.reader import Rows, Sheet, Workbook
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.sheet import Range, SheetFacts
from runtime.exchange.texts import cell_of_text, decoded

_SILENT: Final = frozenset({"script", "style", "title"})
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]{3,20})", re.IGNORECASE)
_CHINESE: Final = frozenset({"gb2312", "gbk", "gb18030"})
# Where the browsers put what was really copied.
_COPIED: Final = re.compile(r"<!--StartFragment-->(.*)<!--EndFragment-->", re.DOTALL)
# Excel's own words for "this is text, whatever it looks like".
_AS_TEXT: Final = re.compile(r"mso-number-format:\s*[\"']?\\?@", re.IGNORECASE)
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_HEAD: Final = 4_096


@dataclass
class _Open:
    """The cell that is being read."""

    column: int
    text: list[str]
    exact: str | None
    is_text: bool


class _Reader(HTMLParser):
    """Takes the tables of a page; one within another counts as text of its cell."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[Rows, list[Range]]] = []
        self._limits = limits
        self._depth = 0
        self._row = self._column = self._chars = self._merged = 0
        self._covered: dict[int, set[int]] = {}
        self._cell: _Open | None = None
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent = tag
        elif tag == "table":
            self._begin_table()
        elif tag == "tr" and self._depth == 1:
            self._begin_row()
        elif tag in {"td", "th"} and self._depth == 1:
            self._begin_cell({name: value or "" for name, value in attrs})
        elif tag in {"br", "p", "div", "li"} and self._cell is not None and self._cell.text:
            self._cell.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""
        elif tag == "table" and self._depth:
            self._end_cell()
            self._depth -= 1
        elif tag in {"td", "th", "tr"} and self._depth == 1:
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is None or self._silent:
            return
        self._chars += len(data)
        if self._chars > self._limits.cell_chars:
            raise FileRefused("sheet_cell_too_long", {"cell": self._address()})
        self._cell.text.append(_SPACE.sub(" ", data))

    def _begin_table(self) -> None:
        self._depth += 1
        if self._depth == 1:
            if len(self.tables) >= self._limits.sheets:
                raise FileRefused("sheet_too_many_rows", {"most": self._limits.rows})
            self.tables.append(({}, []))
            self._row, self._covered = 0, {}

    def _begin_row(self) -> None:
        self._end_cell()
        self._covered.pop(self._row, None)
        self._row, self._column = self._row + 1, 0
        if self._row > self._limits.rows:
            raise FileRefused("sheet_too_many_rows", {"most": self._limits.rows})

    def _begin_cell(self, told: dict[str, str]) -> None:
        self._end_cell()
        if not self._row:
            self._begin_row()
        self._column += 1
        while self._column in self._covered.get(self._row, ()):
            self._column += 1
        if self._column > self._limits.columns:
            raise FileRefused("sheet_too_many_columns", {"most": self._limits.columns})
        right = self._column + _span(told.get("colspan"), self._limits.columns) - 1
        bottom = self._row + _span(told.get("rowspan"), self._limits.rows) - 1
        if bottom > self._row or right > self._column:
            self._merge((self._row, self._column, bottom, right))
        exact = told.get("x:num")
        is_text = "x:str" in told or _AS_TEXT.search(told.get("style", "")) is not None
        self._cell = _Open(self._column, [], exact, is_text)
        self._chars, self._column = 0, right

    def _merge(self, found: Range) -> None:
        merges = self.tables[-1][1]
        top, left, bottom, right = found
        self._merged += (bottom - top + 1) * (right - left + 1)
        # What is covered is kept cell by cell, which costs more than in a workbook.
        if len(merges) >= self._limits.merges or self._merged * 10 > self._limits.merged_cells:
            raise FileRefused("sheet_merges")
        merges.append(found)
        for row in range(top, bottom + 1):
            self._covered.setdefault(row, set()).update(range(left, right + 1))

    def _end_cell(self) -> None:
        taken, self._cell = self._cell, None
        if taken is None:
            return
        lines = "".join(taken.text).replace("\xa0", " ").split("\n")
        text = "\n".join(line.strip() for line in lines).strip()
        made = _made(taken, text)
        if made is not None:
            self.tables[-1][0].setdefault(self._row, []).append(made)

    def _address(self) -> str:
        return f"{cells.column_letters(self._column)}{self._row}"


def _made(taken: _Open, text: str) -> Cell | None:
    if taken.exact and cells.is_number(taken.exact):
        return Cell(taken.column, cells.NUMBER, taken.exact, 0, None)
    if not text:
        return None
    if taken.is_text:
        return Cell(taken.column, cells.TEXT, text, 0, None)
    return cell_of_text(taken.column, text)


def _span(told: str | None, most: int) -> int:
    """How many rows or columns a cell covers; nonsense is one, and too many are the most."""
    if not told or not (told.isascii() and told.isdigit()):
        return 1
    return max(1, min(int(told[:6]), most))


def read_web(path: Path, name: str, limits: Limits) -> Workbook:
    """Read a page as a workbook with a sheet for each of its tables; FileRefused without one."""
    if path.stat().st_size > limits.file_bytes:
        raise FileRefused("file_too_large", {"size": "", "most": ""})
    text = _text(path.read_bytes())
    copied = _COPIED.search(text)
    reader = _Reader(limits)
    reader.feed(copied[1] if copied and "<t" in copied[1].lower() else text)
    reader.close()
    filled = [(rows, merges) for rows, merges in reader.tables if rows]
    if not filled:
        raise FileRefused("file_is_markup")
    return Workbook(tuple(_sheets(Path(name).stem[:80] or "1", filled)), (styles.PLAIN,),
                    epoch_1904=False, has_external_links=False, names={})  # fmt: skip


def _text(content: bytes) -> str:
    found = _CHARSET.search(content[:_HEAD])
    if found and found[1].decode().lower() in _CHINESE:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise FileUnreadable("text_encoding") from error
    return decoded(content)


def _sheets(stem: str, tables: list[tuple[Rows, list[Range]]]) -> Iterator[Sheet]:
    for number, (rows, merges) in enumerate(tables, 1):
        name = stem if len(tables) == 1 else f"{stem} {number}"
        yield Sheet(name, "visible", rows, SheetFacts(merges=merges), ())
