"""Tables as plain text: csv and tsv in UTF-8, UTF-16 or GBK, read as a workbook of one sheet."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runtime.exchange import cells, styles
from runtime.exchange.cells import Cell
from runtime.exchange.limits import Limits
from runtime.exchange.reader import Rows, Sheet, Workbook
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.sheet import SheetFacts

_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS: Final = "\t,;|，"
_SAMPLE_LINES: Final = 30
_ENDS: Final = re.compile(r"\r\n?|\n")
# What Excel takes for a number when it opens such a file, but for codes: 007 stays what it is.
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,15})?", re.ASCII)
_DISARMED: Final = re.compile(r"'+[=+\-@\t\r\n]")
_BOOLEANS: Final = {"TRUE": "1", "FALSE": "0"}


def read_text(path: Path, name: str, limits: Limits) -> Workbook:
    """Read a text file as a workbook whose sheet is called as the file."""
    content = path.read_bytes()
    if len(content) > limits.file_bytes:
        raise FileRefused("file_too_large", {"size": "", "most": ""})
    text = decoded(content)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    rows = _rows(lines, limits)
    sheet = Sheet(Path(name).stem[:80] or "1", "visible", rows, SheetFacts(), ())
    return Workbook((sheet,), (styles.PLAIN,), False, False, {})  # noqa: FBT003


def decoded(content: bytes) -> str:
    """The text in whichever encoding it is written: by its mark, by its zeros, by what fits."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _read(content, encoding)
    head = content[:4_096]
    if head[1::2].count(0) * 4 > len(head):
        return _read(content, "utf-16-le")
    if head[::2].count(0) * 4 > len(head):
        return _read(content, "utf-16-be")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _read(content, "gb18030")


def _read(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise FileUnreadable("text_encoding") from error


def delimiter_of(text: str) -> str:
    """The sign that cuts most lines into the same number of pieces."""
    lines = [line for line in _ENDS.split(text[:65_536]) if line.strip()][:_SAMPLE_LINES]
    best, most = ",", 0
    for sign in _DELIMITERS:
        counts = Counter(_outside_quotes(line).count(sign) for line in lines)
        pieces, times = max(counts.items(), key=lambda found: (found[0] > 0, found[1], found[0]))
        weight = times * (pieces + 1) if pieces else 0
        if weight > most:
            best, most = sign, weight
    return best


def _outside_quotes(line: str) -> str:
    return re.sub(r'"(?:[^"]|"")*"', "", line)


def _rows(lines: Iterator[list[str]], limits: Limits) -> Rows:
    csv.field_size_limit(limits.cell_chars)
    rows: Rows = {}
    try:
        for number, line in enumerate(lines, 1):
            if number > limits.rows:
                raise FileRefused("sheet_too_many_rows", {"most": limits.rows})
            if len(line) > limits.columns:
                raise FileRefused("sheet_too_many_columns", {"most": limits.columns})
            row = [
                cell_of_text(column, text) for column, text in enumerate(line, 1) if text.strip()
            ]
            if row:
                rows[number] = row
    except csv.Error as error:
        raise FileUnreadable("text_not_cut", {"row": len(rows) + 1}) from error
    return rows


def cell_of_text(column: int, text: str) -> Cell:
    """A cell as Excel would take it from its text, but that codes keep their zeros."""
    stripped = text.strip()
    if _NUMBER.fullmatch(stripped):
        return Cell(column, cells.NUMBER, stripped, 0, None)
    if stripped.upper() in _BOOLEANS:
        return Cell(column, cells.BOOLEAN, _BOOLEANS[stripped.upper()], 0, None)
    # ="00123" is how a file keeps Excel from eating zeros.
    if stripped.startswith('="') and stripped.endswith('"'):
        text = stripped[2:-1]
    # An apostrophe keeps Excel from computing what follows; it is no part of the text.
    if _DISARMED.match(stripped):
        text = stripped[1:]
    return Cell(column, cells.TEXT, text, 0, None)
