"""A template to begin with: a form as a plain sheet of paper that people then make their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from runtime.definitions import FieldDef, FormDef
from runtime.exchange.cells import column_letters
from runtime.printing.parts import REL, XLSX, Parts, put_together
from runtime.printing.rows import quoted
from runtime.printing.tree import Node, written

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
# Cell formats of the style sheet below, by what they are for.
_TITLE, _NAME, _VALUE, _HEAD, _TEXT, _NUMBER, _DAY, _SMALL, _CENTRE = range(1, 10)
_NUMBERS: Final = frozenset({"number", "quantity", "money", "percent", "formula", "rollup"})
_AMOUNTS: Final = frozenset({"money", "formula"})
_DAYS: Final = frozenset({"date", "datetime"})
_LONG: Final = frozenset({"long_text", "address"})
# What people do not want on paper unless they say so.
_LEFT_OUT: Final = frozenset(
    {"attachment", "image", "signature", "rich_text", "lines", "button", "query", "barcode",
     "divider", "heading", "note", "description", "rmb"}
)  # fmt: skip
_MOST_COLUMNS: Final = 8
_LEAST_COLUMNS: Final = 6
_FEW: Final = 6


@dataclass(frozen=True)
class Layout:
    """What goes onto the paper: the line table and its columns, and fields of the header by code.

    Without `columns` or `header` the first ones of the form are taken.
    """

    title: str = ""
    lines: str = ""
    columns: Sequence[str] = ()
    header: Sequence[str] = ()
    signs: Sequence[str] = ("制单：${打印人}", "审核：", "签收：")


@dataclass
class _Sheet:
    columns: int
    rows: list[Node] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)

    def row(self, height: int, cells: Sequence[tuple[int, int, str, int]]) -> int:
        """Add a row; each cell is its first and last column, its text, its format."""
        number = len(self.rows) + 1
        row = Node("row", {"r": str(number), "ht": str(height), "customHeight": "1"})
        for first, last, text, style in cells:
            for column in range(first, last + 1):
                at = f"{column_letters(column)}{number}"
                row.append(_cell(at, text if column == first else "", style))
            if last > first:
                ends = f"{column_letters(first)}{number}:{column_letters(last)}{number}"
                self.merges.append(ends)
        self.rows.append(row)
        return number


def starter(form: FormDef, layout: Layout) -> bytes:
    """Return a workbook to begin with: title, header in two columns, lines, totals, signatures."""
    table = _table(form, layout)
    columns = _columns(table, layout) if table else []
    sheet = _Sheet(max(len(columns) + bool(table), _LEAST_COLUMNS))
    title = layout.title or form.label.zh
    _heading(sheet, form, title)
    _header(sheet, form, layout)
    head = 0
    if table is not None:
        head = _lines(sheet, table, columns)
    _totals(sheet, form, layout)
    _signs(sheet, layout)
    return _package(sheet, title, head, columns)


def _heading(sheet: _Sheet, form: FormDef, title: str) -> None:
    last = sheet.columns
    number = next((each for each in form.fields if each.kind == "document_number"), None)
    code = f"${{{number.label.zh}|二维码}}" if number else ""
    sheet.row(44, [(1, last - 1, f"${{公司}} {title}", _TITLE), (last, last, code, _CENTRE)])


def _header(sheet: _Sheet, form: FormDef, layout: Layout) -> None:
    """Fields of the header, two to a row: names narrow, values wide."""
    shown = [each for each in _header_fields(form, layout) if each.kind not in _LONG]
    half = sheet.columns // 2
    for place in range(0, len(shown), 2):
        cells: list[tuple[int, int, str, int]] = []
        for side, each in enumerate(shown[place : place + 2]):
            first = 1 + side * half
            last = half if not side else sheet.columns
            style = _DAY if each.kind in _DAYS else _VALUE
            cells += [(first, first, each.label.zh, _NAME)]
            cells += [(first + 1, last, f"${{{each.label.zh}}}", style)]
        sheet.row(20, cells)


def _lines(sheet: _Sheet, table: FieldDef, columns: Sequence[FieldDef]) -> int:
    names = [(1, 1, "序号", _HEAD)]
    values = [(1, 1, f"${{{table.label.zh}.序号}}", _CENTRE)]
    for place, each in enumerate(columns, start=2):
        # The last one takes what is left of the width.
        last = sheet.columns if place == len(columns) + 1 else place
        names.append((place, last, each.label.zh, _HEAD))
        values.append((place, last, f"${{{table.label.zh}.{each.label.zh}}}", _style(each)))
    head = sheet.row(22, names)
    sheet.row(22, values)
    sums: list[tuple[int, int, str, int]] = [(1, 1, "合计", _CENTRE)]
    for (first, last, _, _), each in zip(values[1:], columns, strict=True):
        is_sum = each.kind in _NUMBERS - {"percent"} and not each.label.zh.endswith(("价", "率"))
        text = f"${{{table.label.zh}.{each.label.zh}|合计}}" if is_sum else ""
        sums.append((first, last, text, _NUMBER if is_sum else _TEXT))
    sheet.row(22, sums)
    return head


def _totals(sheet: _Sheet, form: FormDef, layout: Layout) -> None:
    last = sheet.columns
    amount = next(
        (each for each in form.fields if each.kind in _AMOUNTS and "金额" in each.label.zh), None
    )
    if amount is not None:
        name = amount.label.zh
        words, figures = f"${{{name}|大写}}", f"${{{name}}}"
        sheet.row(22, [(1, 2, f"{name}（大写）", _NAME), (3, last - 2, words, _VALUE),
                       (last - 1, last, figures, _NUMBER)])  # fmt: skip
    for each in _header_fields(form, layout):
        if each.kind in _LONG:
            name = each.label.zh
            sheet.row(26, [(1, 1, name, _NAME), (2, last, f"${{{name}}}", _VALUE)])


def _signs(sheet: _Sheet, layout: Layout) -> None:
    if not layout.signs:
        return
    width = max(sheet.columns // len(layout.signs), 1)
    cells = []
    for place, text in enumerate(layout.signs):
        first = 1 + place * width
        last = sheet.columns if place == len(layout.signs) - 1 else first + width - 1
        cells.append((first, last, text, _SMALL))
    sheet.row(34, cells)


def _table(form: FormDef, layout: Layout) -> FieldDef | None:
    tables = [each for each in form.fields if each.kind == "lines"]
    return next((each for each in tables if not layout.lines or each.code == layout.lines), None)


def _columns(table: FieldDef, layout: Layout) -> list[FieldDef]:
    by_code = {each.code: each for each in table.columns}
    if layout.columns:
        return [by_code[code] for code in layout.columns]
    shown = [each for each in table.columns if each.kind not in _LEFT_OUT]
    return shown[: _MOST_COLUMNS - 1]


def _header_fields(form: FormDef, layout: Layout) -> Iterator[FieldDef]:
    if layout.header:
        by_code = {each.code: each for each in form.fields}
        yield from (by_code[code] for code in layout.header)
        return
    plain = [each for each in form.fields if each.kind not in _LEFT_OUT | _NUMBERS]
    yield from plain[: 2 * _FEW]


def _style(each: FieldDef) -> int:
    if each.kind in _NUMBERS:
        return _NUMBER
    return _DAY if each.kind in _DAYS else _TEXT


def _cell(at: str, text: str, style: int) -> Node:
    cell = Node("c", {"r": at, "s": str(style)})
    if text:
        cell.set("t", "inlineStr")
        held, inner = Node("is"), Node("t", {"xml:space": "preserve"})
        inner.text = text
        held.append(inner)
        cell.append(held)
    return cell


def _package(sheet: _Sheet, title: str, head: int, columns: Sequence[FieldDef]) -> bytes:
    parts = Parts("xlsx", "xl/workbook.xml")
    name = title[:31]
    parts.add("xl/workbook.xml", written(_workbook(sheet, name, head)), f"{XLSX}.main+xml")
    part = "xl/worksheets/sheet1.xml"
    parts.add(part, written(_worksheet(sheet, columns)), XLSX.replace(".sheet", ".worksheet+xml"))
    parts.add("xl/styles.xml", _STYLES, XLSX.replace(".sheet", ".styles+xml"))
    parts.links["xl/workbook.xml"] = {
        "rId1": ("worksheet", part),
        "rId2": ("styles", "xl/styles.xml"),
    }
    return put_together(parts)


def _workbook(sheet: _Sheet, name: str, head: int) -> Node:
    root = Node("workbook", {"xmlns": _MAIN, "xmlns:r": REL})
    sheets, names = Node("sheets"), Node("definedNames")
    sheets.append(Node("sheet", {"name": name, "sheetId": "1", "r:id": "rId1"}))
    area = f"$A$1:${column_letters(sheet.columns)}${len(sheet.rows)}"
    told = {"_xlnm.Print_Area": area}
    if head:
        told["_xlnm.Print_Titles"] = f"$1:${head}"
    for key, text in told.items():
        each = Node("definedName", {"name": key, "localSheetId": "0"})
        each.text = f"{quoted(name)}!{text}"
        names.append(each)
    root.extend((sheets, names))
    return root


def _worksheet(sheet: _Sheet, columns: Sequence[FieldDef]) -> Node:
    root = Node("worksheet", {"xmlns": _MAIN, "xmlns:r": REL})
    setup = Node("sheetPr")
    setup.append(Node("pageSetUpPr", {"fitToPage": "1"}))
    cols, data, merges = Node("cols"), Node("sheetData"), Node("mergeCells")
    for number in range(1, sheet.columns + 1):
        each = columns[number - 2] if 1 < number <= len(columns) + 1 else None
        width = "9" if number == 1 else ("18" if each and each.kind == "reference" else "13")
        ends = {"min": str(number), "max": str(number)}
        cols.append(Node("col", {**ends, "width": width, "customWidth": "1"}))
    data.extend(sheet.rows)
    for reference in sheet.merges:
        merges.append(Node("mergeCell", {"ref": reference}))
    merges.set("count", str(len(sheet.merges)))
    margins = {"left": "0.5", "right": "0.5", "top": "0.5", "bottom": "0.6",
               "header": "0.3", "footer": "0.3"}  # fmt: skip
    page = {"paperSize": "9", "orientation": "portrait", "fitToWidth": "1", "fitToHeight": "0"}
    feet, foot = Node("headerFooter"), Node("oddFooter")
    foot.text = "&C第 &P 页 / 共 &N 页&R打印于 ${打印时间}"
    feet.append(foot)
    root.extend((setup, Node("sheetFormatPr", {"defaultRowHeight": "18"}), cols, data, merges,
                 Node("printOptions", {"horizontalCentered": "1"}), Node("pageMargins", margins),
                 Node("pageSetup", page), feet))  # fmt: skip
    return root


_BORDER: Final = "".join(
    f'<{side} style="thin"><color rgb="FF8A8F98"/></{side}>'
    for side in ("left", "right", "top", "bottom")
)
_FONT: Final = '<name val="Microsoft YaHei"/><family val="2"/><charset val="134"/>'


def _xf(font: int, border: int, fill: int, number: int, align: str) -> str:
    return (
        f'<xf numFmtId="{number}" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0"'
        ' applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">'
        f'<alignment vertical="center" {align}/></xf>'
    )


_STYLES: Final = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    f'<fonts count="4"><font><sz val="10"/>{_FONT}</font><font><b/><sz val="18"/>{_FONT}</font>'
    f'<font><b/><sz val="10"/>{_FONT}</font><font><sz val="10"/><color rgb="FF5B6270"/>{_FONT}'
    '</font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid">'
    '<fgColor rgb="FFEEF1F5"/></patternFill></fill></fills>'
    f'<borders count="2"><border/><border>{_BORDER}</border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="10"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    + _xf(1, 0, 0, 0, 'horizontal="center"')
    + _xf(3, 1, 2, 0, 'horizontal="left" wrapText="1"')
    + _xf(0, 1, 0, 0, 'horizontal="left" wrapText="1"')
    + _xf(2, 1, 2, 0, 'horizontal="center" wrapText="1"')
    + _xf(0, 1, 0, 0, 'horizontal="left" wrapText="1"')
    + _xf(0, 1, 0, 0, 'horizontal="right"')
    + _xf(0, 1, 0, 164, 'horizontal="left"')
    + _xf(0, 0, 0, 0, 'horizontal="left"')
    + _xf(0, 1, 0, 0, 'horizontal="center"')
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
    "</cellStyles></styleSheet>"
).encode()
