"""Small workbooks written by hand: only what a test is about."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from runtime.exchange.cells import column_letters

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


@dataclass(frozen=True)
class F:
    """A cell with a formula and the value the file has for it."""

    formula: str
    value: Any


def workbook_of(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], names: str = "") -> Path:
    """Write several sheets; `names` are the defined names as they stand in the workbook part."""
    links = [
        (f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)
    ]
    told = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in enumerate(sheets, 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": _links(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{REL}"><sheets>{told}</sheets>'
        f"<definedNames>{names}</definedNames></workbook>",
        "xl/_rels/workbook.xml.rels": _links(*links),
    }
    for n, rows in enumerate(sheets.values(), 1):
        body = "".join(_row(number, row) for number, row in enumerate(rows, 1))
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f"<worksheet {MAIN}><sheetData>{body}</sheetData></worksheet>"
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part, text in parts.items():
            package.writestr(part, text)
    return path


def workbook(path: Path, rows: Sequence[Sequence[Any]], after: str = "", name: str = "S1") -> Path:
    """Write one sheet of texts and numbers; `after` stands behind the rows, such as merges."""
    body = "".join(_row(number, row) for number, row in enumerate(rows, 1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": _links(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{REL}"><sheets>'
        f'<sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _links(("rId1", "worksheet", "worksheets/sheet1.xml")),
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{body}</sheetData>{after}"
        "</worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part, text in parts.items():
            package.writestr(part, text)
    return path


def _links(*links: tuple[str, str, str]) -> str:
    items = "".join(
        f'<Relationship Id="{key}" Type="{REL}/{kind}" Target="{target}"/>'
        for key, kind, target in links
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{items}</Relationships>'


def _row(number: int, row: Sequence[Any]) -> str:
    filled = ((column, value) for column, value in enumerate(row, 1) if value is not None)
    body = "".join(_cell(f"{column_letters(column)}{number}", value) for column, value in filled)
    return f'<row r="{number}">{body}</row>'


def _cell(reference: str, value: Any) -> str:
    if isinstance(value, F):
        formula = f"<f>{escape(value.formula)}</f>"
        if isinstance(value.value, bool):
            return f'<c r="{reference}" t="b">{formula}<v>{int(value.value)}</v></c>'
        if isinstance(value.value, str):
            kind = "e" if value.value.startswith("#") else "str"
            return f'<c r="{reference}" t="{kind}">{formula}<v>{escape(value.value)}</v></c>'
        return f'<c r="{reference}">{formula}<v>{value.value}</v></c>'
    if isinstance(value, bool):
        return f'<c r="{reference}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{reference}"><v>{value}</v></c>'
