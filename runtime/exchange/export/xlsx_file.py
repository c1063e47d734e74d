"""A list as a workbook, written row by row into the archive: memory does not grow with the rows.

Decimals are written digit by digit as they are; no number passes through a binary fraction. Texts
are inline strings, which no spreadsheet calculates.
"""

import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import IO, BinaryIO, Final
from xml.sax.saxutils import escape

from runtime.exchange.export.cells import Cell, Column, Style

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
LONGEST_TEXT: Final = 32_767
_EPOCH: Final = date(1899, 12, 30)
_DAY_SECONDS: Final = Decimal(86_400)
_BAD: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Text that looks like the format's own way of writing a character.
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_BAD_TITLE: Final = re.compile(r"[\[\]:*?/\\]")
_STYLES: Final[dict[Style, int]] = {
    "text": 2, "number": 0, "money": 3, "percent": 4, "date": 5, "datetime": 6,
}  # fmt: skip
_HEADING: Final = 1
_WIDTHS: Final[dict[Style, int]] = {
    "text": 20, "number": 13, "money": 15, "percent": 10, "date": 12, "datetime": 17,
}  # fmt: skip
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLE_SHEET: Final = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="3">'
    '<numFmt numFmtId="164" formatCode="#,##0.00########"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="166" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="7"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    + "".join(
        f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0"'
        ' applyNumberFormat="1"/>'
        for number in (49, 164, 10, 165, 166)
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
    "</cellStyles></styleSheet>"
)


class XlsxFile:
    """A workbook being written; a sheet that is full goes on in the next one."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column], title: str) -> None:
        self._archive = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        self._columns = tuple(columns)
        self._title = _sheet_title(title)
        self._letters = [_letters(place) for place in range(1, len(columns) + 1)]
        self._sheets = 0
        self._row = 0
        self._sheet: IO[bytes] | None = None
        # How many texts were longer than a cell may be.
        self.cut = 0
        self._begin()

    def write(self, cells: Sequence[Cell]) -> None:
        """Write one row."""
        if self._row == MOST_ROWS:
            self._end()
            self._begin()
        styles = [_STYLES[column.style] for column in self._columns]
        self._put(zip(self._letters, cells, styles, strict=True))

    def close(self) -> None:
        """Finish the archive; the stream stays open for its owner."""
        self._end()
        titles = [self._title, *(f"{self._title[:26]} ({n})" for n in range(2, self._sheets + 1))]
        numbers = range(1, self._sheets + 1)
        self._part("xl/workbook.xml", _workbook(titles))
        parts = [(f"worksheets/sheet{n}.xml", "worksheet") for n in numbers]
        self._part("xl/_rels/workbook.xml.rels", _relations([*parts, ("styles.xml", "styles")]))
        self._part("xl/styles.xml", _STYLE_SHEET)
        self._part("_rels/.rels", _relations([("xl/workbook.xml", "officeDocument")]))
        self._part("[Content_Types].xml", _content_types(numbers))
        self._archive.close()

    def _begin(self) -> None:
        self._sheets += 1
        self._row = 0
        name = f"xl/worksheets/sheet{self._sheets}.xml"
        self._sheet = self._archive.open(name, "w", force_zip64=True)
        widths = "".join(
            f'<col min="{n}" max="{n}" width="{_WIDTHS[column.style]}" customWidth="1"/>'
            for n, column in enumerate(self._columns, start=1)
        )
        self._sheet.write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>".encode()
        )
        headings = [column.heading for column in self._columns]
        self._put(zip(self._letters, headings, [_HEADING] * len(headings), strict=True))

    def _put(self, cells: "zip[tuple[str, Cell, int]]") -> None:
        assert self._sheet is not None, "a sheet is open while rows come"
        self._row += 1
        drawn = "".join(self._cell(letters, cell, style) for letters, cell, style in cells)
        self._sheet.write(f'<row r="{self._row}">{drawn}</row>'.encode())

    def _cell(self, letters: str, cell: Cell, style: int) -> str:
        place = f'r="{letters}{self._row}"'
        if cell is None:
            return ""
        if isinstance(cell, Decimal):
            return f'<c {place} s="{style}"><v>{cell:f}</v></c>'
        if isinstance(cell, date):
            return f'<c {place} s="{style}"><v>{serial(cell):f}</v></c>'
        # A text among numbers or days is still a text.
        own = style if style == _HEADING else _STYLES["text"]
        text = self._text(cell)
        return f'<c {place} s="{own}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'

    def _text(self, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            self.cut += 1
        return escape(_ESCAPED.sub("_x005F_", _BAD.sub("", fitting(text))))

    def _end(self) -> None:
        assert self._sheet is not None, "a sheet is open until the end"
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()

    def _part(self, name: str, text: str) -> None:
        self._archive.writestr(name, text.encode())


def fitting(text: str) -> str:
    """Return what a cell holds of a text."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def serial(value: date) -> Decimal:
    """Days since the spreadsheets' beginning, with the part of the day that has passed."""
    if not isinstance(value, datetime):
        return Decimal((value - _EPOCH).days)
    since = value - datetime.combine(_EPOCH, datetime.min.time())
    seconds = Decimal(since // timedelta(seconds=1))
    return (seconds / _DAY_SECONDS).quantize(Decimal("0.0000000001"))


def _letters(place: int) -> str:
    found = ""
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def _sheet_title(title: str) -> str:
    return _BAD_TITLE.sub(" ", _BAD.sub("", title)).strip(" '")[:31] or "Sheet1"


def _workbook(titles: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{escape(title, {chr(34): "&quot;"})}" sheetId="{n}" r:id="rId{n}"/>'
        for n, title in enumerate(titles, start=1)
    )
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{sheets}</sheets></workbook>'


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="rId{n}" Type="{_REL}/{kind}" Target="{target}"/>'
        for n, (target, kind) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'


def _content_types(numbers: Sequence[int]) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for n in numbers
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{sheets}</Types>'
    )
