"""Templates of the tests: workbooks by openpyxl, text documents part by part."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from runtime.printing import parts as packages
from runtime.printing.given import Paper, Value
from runtime.printing.letters import fill_letter
from runtime.printing.parts import Parts
from runtime.printing.placeholders import found_in
from runtime.printing.sheets import Asked
from runtime.printing.workbooks import fill_book
from runtime.printing.worker import inspected

W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
LINES: Final = ("序号", "商品", "数量", "单价")


def book() -> openpyxl.Workbook:
    """A delivery note: a title, a header, one row for the lines, totals by formulas."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "送货单"
    sheet["A1"] = "${公司}送货单"
    sheet.merge_cells("A1:E1")
    sheet["A2"], sheet["D2"] = "客户：${客户}", "${日期}"
    for column, name in enumerate((*LINES, "金额"), start=1):
        sheet.cell(3, column, name)
    for column, name in enumerate(LINES, start=1):
        sheet.cell(4, column, f"${{明细.{name}}}")
    sheet["E4"] = "=C4*D4"
    sheet["A5"], sheet["C5"], sheet["E5"] = "合计", "=SUM(C4:C4)", "=SUM(E4)"
    sheet["A6"] = "${金额|大写}"
    sheet.print_title_rows = "1:3"
    sheet.print_area = "A1:E6"
    sheet.oddFooter.center.text = "${编号} 第 ${页码} 页"
    return made


def saved(made: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def paper(title: str, lines: int, **header: Value) -> Paper:
    told = {
        "公司": Value("恒远"), "客户": Value("=1+1"), "编号": Value(title),
        "日期": Value("2026-11-22", Decimal(46348), "date"), "金额|大写": Value("壹佰元整"),
    }  # fmt: skip
    rows = [
        {
            "明细.序号": Value(str(n), Decimal(n), "number"),
            "明细.商品": Value(f"商品{n}"),
            "明细.数量": Value(str(n), Decimal(n), "number"),
            "明细.单价": Value("1.25", Decimal("1.25"), "money"),
        }
        for n in range(1, lines + 1)
    ]
    return Paper(title, {**told, **header}, {"lines": rows})


def asked(fill_rows: int = 0) -> Asked:
    tables = {f"明细.{name}": "lines" for name in LINES}
    return Asked(tables, {"页码": "$page", "总页数": "$pages"}, fill_rows)


def apart(content: bytes, folder: Path) -> Parts:
    path = folder / "template"
    path.write_bytes(content)
    return packages.take_apart(path)


def plain(content: bytes, folder: Path) -> tuple[bytes, dict[str, Any]]:
    """A template made plain, and what is found in it."""
    parts = apart(content, folder)
    found = inspected(parts)
    return packages.put_together(parts), found


def filled(
    content: bytes, folder: Path, papers: Sequence[Paper], wanted: Asked | None = None
) -> bytes:
    parts = apart(plain(content, folder)[0], folder)
    fill = fill_book if parts.format == "xlsx" else fill_letter
    fill(parts, wanted or asked(), papers)
    return packages.put_together(parts)


def sheets(content: bytes) -> dict[str, Worksheet]:
    read = openpyxl.load_workbook(io.BytesIO(content))
    return {each.title: each for each in read.worksheets}


def values(sheet: Worksheet) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def letter(body: str, **more: str) -> bytes:
    """A text document of a body's XML; `header` is that of its pages."""
    head = more.get("header", "")
    links = {"rId1": ("header", "header1.xml")} if head else {}
    return zipped(_letter_parts(body, head, links, more.get("links", "")))


def _letter_parts(
    body: str, head: str, links: Mapping[str, tuple[str, str]], more: str
) -> dict[str, str]:
    root = f'xmlns:w="{W}" xmlns:r="{R}"'
    reference = '<w:headerReference w:type="default" r:id="rId1"/>' if head else ""
    types = f'<Override PartName="/word/document.xml" ContentType="{WORD}.document.main+xml"/>'
    parts = {
        "word/document.xml": f"<w:document {root}><w:body>{body}<w:sectPr>{reference}"
        '<w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>',
    }
    if head:
        parts["word/header1.xml"] = f"<w:hdr {root}><w:p><w:r><w:t>{head}</w:t></w:r></w:p></w:hdr>"
        types += f'<Override PartName="/word/header1.xml" ContentType="{WORD}.header+xml"/>'
    pointers = "".join(
        f'<Relationship Id="{key}" Type="{R}/{kind}" Target="{target}"/>'
        for key, (kind, target) in links.items()
    )
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts["word/_rels/document.xml.rels"] = (
        f'<Relationships xmlns="{relations}">{pointers}{more}</Relationships>'
    )
    parts["_rels/.rels"] = (
        f'<Relationships xmlns="{relations}"><Relationship Id="rId1" '
        f'Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    parts["[Content_Types].xml"] = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{types}</Types>"
    )
    return parts


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def keys(text: str) -> list[str]:
    return [each.key for each in found_in(text)]
