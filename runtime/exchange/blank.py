"""An empty workbook to fill in: the fields of a form as columns, with what their cells may hold."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final
from xml.sax.saxutils import escape

from runtime.compile import Field
from runtime.exchange.cells import column_letters
from runtime.kinds.decimal_field import DecimalField

ROWS: Final = 2_000
LIST_CHARS: Final = 250
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# The styles of columns by the kind of field, in the order of the style sheet below.
_FORMATS: Final = ("General", "@", "yyyy\\-mm\\-dd", "yyyy\\-mm\\-dd\\ hh:mm", "#,##0.00", "0.00%")
_STYLE_OF: Final = {"date": 2, "datetime": 3, "money": 4, "percent": 5}
_HEADING: Final = len(_FORMATS)
_NUMBER: Final = (
    '<dataValidation type="decimal" operator="between" allowBlank="1" showErrorMessage="1"'
    ' error="{wrong}" sqref="{where}"><formula1>-999999999999</formula1>'
    "<formula2>999999999999</formula2></dataValidation>"
)
_DAY: Final = (
    '<dataValidation type="date" operator="greaterThan" allowBlank="1" showErrorMessage="1"'
    ' error="{wrong}" sqref="{where}"><formula1>1</formula1></dataValidation>'
)
_LIST: Final = (
    '<dataValidation type="list" allowBlank="1" showErrorMessage="1" error="{wrong}"'
    ' sqref="{where}"><formula1>{source}</formula1></dataValidation>'
)


@dataclass(frozen=True)
class BlankColumn:
    """A column of the workbook: its heading, the field it is for, words a list may offer."""

    heading: str
    field: Field
    options: tuple[str, ...] = ()


def write_blank(stream: BinaryIO, title: str, columns: Sequence[BlankColumn], wrong: str) -> None:
    """Write the workbook; `wrong` is what Excel says when a cell takes no such value."""
    long = [column.options for column in columns if column.options and not _fits(column.options)]
    sheets = [(_sheet_title(title), _sheet(columns, long, wrong), "")]
    if long:
        # Lists too long to stand in a rule stand on a sheet of their own, out of sight.
        sheets.append(("_", _lists(long), ' state="hidden"'))
    numbers = range(1, len(sheets) + 1)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        named = zip(sheets, numbers, strict=True)
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}"{state} r:id="rId{n}"/>'
            for (name, _, state), n in named
        )
        parts = {
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{listed}'
            "</sheets></workbook>",
            "xl/styles.xml": _styles(),
            "xl/_rels/workbook.xml.rels": _links(
                [(f"worksheets/sheet{n}.xml", "worksheet") for n in numbers]
                + [("styles.xml", "styles")]
            ),
            "_rels/.rels": _links([("xl/workbook.xml", "officeDocument")]),
            "[Content_Types].xml": _content_types(len(sheets)),
        }
        parts |= {
            f"xl/worksheets/sheet{n}.xml": body
            for (_, body, _), n in zip(sheets, numbers, strict=True)
        }
        for name, text in parts.items():
            package.writestr(name, (_HEAD + text).encode())


def _sheet(columns: Sequence[BlankColumn], long: Sequence[Sequence[str]], wrong: str) -> str:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{_width(column.heading)}" style="{_style(column.field)}"'
        ' customWidth="1"/>'
        for n, column in enumerate(columns, start=1)
    )
    heads = "".join(
        f'<c r="{column_letters(n)}1" s="{_HEADING}" t="inlineStr"><is><t>'
        f"{escape(column.heading)}</t></is></c>"
        for n, column in enumerate(columns, start=1)
    )
    rules = [
        rule for n, column in enumerate(columns, start=1) if (rule := _rule(column, n, long, wrong))
    ]
    told = f'<dataValidations count="{len(rules)}">{"".join(rules)}</dataValidations>'
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
        f'</sheetViews><cols>{widths}</cols><sheetData><row r="1">{heads}</row></sheetData>'
        f"{told if rules else ''}</worksheet>"
    )


def _rule(column: BlankColumn, number: int, long: Sequence[Sequence[str]], wrong: str) -> str:
    letter = column_letters(number)
    said = {"where": f"{letter}2:{letter}{ROWS}", "wrong": escape(wrong, {'"': "&quot;"})}
    if column.options:
        return _LIST.format(source=_source(column.options, long), **said)
    if isinstance(column.field.kind, DecimalField):
        return _NUMBER.format(**said)
    return _DAY.format(**said) if column.field.kind.kind in {"date", "datetime"} else ""


def _source(options: Sequence[str], long: Sequence[Sequence[str]]) -> str:
    if _fits(options):
        return escape(f'"{",".join(options)}"')
    letter = column_letters(long.index(options) + 1)
    return f"_!${letter}$1:${letter}${len(options)}"


def _fits(options: Sequence[str]) -> bool:
    return sum(map(len, options)) + len(options) <= LIST_CHARS and not any(
        sign in option for option in options for sign in ',"'
    )


def _lists(long: Sequence[Sequence[str]]) -> str:
    rows = []
    for row in range(max(map(len, long))):
        cells = "".join(
            f'<c r="{column_letters(n)}{row + 1}" t="inlineStr"><is><t>{escape(options[row])}</t>'
            "</is></c>"
            for n, options in enumerate(long, start=1)
            if row < len(options)
        )
        rows.append(f'<row r="{row + 1}">{cells}</row>')
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def _style(field: Field) -> int:
    # Numbers take what is typed; anything that is no number is text, leading zeros and all.
    usual = 0 if isinstance(field.kind, DecimalField) else 1
    return _STYLE_OF.get(field.kind.kind, usual)


def _width(heading: str) -> int:
    return max(sum(2 if ord(sign) > 255 else 1 for sign in heading) + 4, 14)


def _sheet_title(title: str) -> str:
    return "".join(sign for sign in title if sign not in "[]:*?/\\'").strip()[:31] or "Sheet1"


def _styles() -> str:
    formats = "".join(
        f'<numFmt numFmtId="{164 + n}" formatCode="{escape(code)}"/>'
        for n, code in enumerate(_FORMATS)
    )
    cells = "".join(
        f'<xf numFmtId="{164 + n}" fontId="0" fillId="0" borderId="0" xfId="0"'
        ' applyNumberFormat="1"/>'
        for n in range(len(_FORMATS))
    )
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(_FORMATS)}">{formats}</numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="3"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid">'
        '<fgColor rgb="FFE8EEF7"/></patternFill></fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1">'
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(_FORMATS) + 1}">{cells}<xf numFmtId="165" fontId="1" fillId="2"'
        ' borderId="0" xfId="0" applyFont="1" applyFill="1"/></cellXfs></styleSheet>'
    )


def _links(targets: Sequence[tuple[str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="rId{n}" Type="{_REL}/{kind}" Target="{target}"/>'
        for n, (target, kind) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'


def _content_types(sheets: int) -> str:
    listed = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for n in range(1, sheets + 1)
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{listed}</Types>'
    )
