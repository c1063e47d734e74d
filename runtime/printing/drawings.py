"""Pictures on a sheet: added to the drawing it has, or to a new one."""

import re
from dataclasses import dataclass
from typing import Final

from runtime.exchange.cells import column_letters, split_range
from runtime.printing.given import Picture
from runtime.printing.parts import REL, Parts
from runtime.printing.rows import RowMap
from runtime.printing.tree import Node, parse, written

_XDR: Final = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
_A: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
DRAWING: Final = "application/vnd.openxmlformats-officedocument.drawing+xml"
# English metric units in a pixel.
EMU: Final = 9525
# Pictures in a cell keep away from its lines.
_GAP: Final = 3 * EMU
_SIZE: Final = re.compile(r"(\d{1,4})(?:\.(\d+))?", re.ASCII)


@dataclass(frozen=True)
class Anchored:
    """A picture and the cell its upper left corner stands in, counted from 0."""

    column: int
    row: int
    picture: Picture
    width: int
    height: int


def add(parts: Parts, drawing: str | None, anchored: list[Anchored]) -> str:
    """Add pictures to a sheet's drawing, or to a new one; return the drawing's part."""
    name = drawing or f"xl/drawings/print{len(parts.content)}.xml"
    if drawing is None:
        root = Node("xdr:wsDr", {"xmlns:xdr": _XDR, "xmlns:a": _A})
        parts.links[name] = {}
    else:
        root = parse(parts.content[name], name)
        root.set("xmlns:xdr", _XDR)
        root.set("xmlns:a", _A)
    for number, each in enumerate(anchored, start=1):
        media = store(parts, each.picture)
        key = parts.link(name, "image", media)
        root.append(_anchor(each, key, 5_000 + number))
    parts.add(name, written(root), DRAWING)
    return name


def store(parts: Parts, picture: Picture) -> str:
    """Keep a picture in the package, once however often it is shown."""
    ending = "png" if picture.media_type == "image/png" else "jpeg"
    folder = "xl/media" if parts.format == "xlsx" else "word/media"
    for name, content in parts.content.items():
        if name.startswith(folder) and content == picture.content:
            return name
    name = f"{folder}/print{len(parts.content)}.{ending}"
    parts.add(name, picture.content, picture.media_type)
    return name


def moved(content: bytes, name: str, rows: RowMap) -> bytes:
    """A drawing of the template with its anchors where their rows have gone."""
    root = parse(content, name)
    for each in root.iter():
        if each.tag.rpartition(":")[2] == "row" and (each.text or "").isdigit():
            each.text = str(rows.first(int(each.text or "0") + 1) - 1)
    return written(root)


def size_in(sheet: Node, reference: str) -> tuple[int, int]:
    """The room a cell or merged range has, in English metric units."""
    top, left, bottom, right = split_range(reference)
    width = sum(_width(sheet, column) for column in range(left, right + 1))
    height = sum(_height(sheet, row) for row in range(top, bottom + 1))
    return max(width - 2 * _GAP, EMU), max(height - 2 * _GAP, EMU)


def fitted(picture: Picture, width: int, height: int) -> tuple[int, int]:
    """The size at which a picture fits into its room without being drawn out."""
    scale_w, scale_h = picture.width * height, picture.height * width
    if scale_w > scale_h:
        return width, max(picture.height * width // picture.width, 1)
    return max(picture.width * height // picture.height, 1), height


def _anchor(each: Anchored, key: str, number: int) -> Node:
    root = Node("xdr:oneCellAnchor")
    begin = _under(root, "xdr:from")
    for name, value in (
        ("col", each.column),
        ("colOff", _GAP),
        ("row", each.row),
        ("rowOff", _GAP),
    ):
        _under(begin, f"xdr:{name}").text = str(value)
    _under(root, "xdr:ext", cx=str(each.width), cy=str(each.height))
    drawn = _under(root, "xdr:pic")
    named = _under(drawn, "xdr:nvPicPr")
    _under(
        named, "xdr:cNvPr", id=str(number), name=f"{column_letters(each.column + 1)}{each.row + 1}"
    )
    _under(named, "xdr:cNvPicPr")
    fill = _under(drawn, "xdr:blipFill")
    _under(fill, "a:blip", **{"xmlns:r": REL, "r:embed": key})
    _under(_under(fill, "a:stretch"), "a:fillRect")
    shape = _under(drawn, "xdr:spPr")
    room = _under(shape, "a:xfrm")
    _under(room, "a:off", x="0", y="0")
    _under(room, "a:ext", cx=str(each.width), cy=str(each.height))
    _under(_under(shape, "a:prstGeom", prst="rect"), "a:avLst")
    _under(root, "xdr:clientData")
    return root


def _under(parent: Node, tag: str, **attributes: str) -> Node:
    found = Node(tag, attributes)
    parent.append(found)
    return found


def _width(sheet: Node, column: int) -> int:
    base = sheet.find("sheetFormatPr")
    told = base.get("defaultColWidth", "8.43") if base is not None else "8.43"
    for each in sheet.iterfind("cols/col"):
        if int(each.get("min", "0")) <= column <= int(each.get("max", "0")):
            told = each.get("width", told)
    # A character is 7 pixels wide.
    return (_hundredths(told) * 7 // 100 + 5) * EMU


def _height(sheet: Node, row: int) -> int:
    base = sheet.find("sheetFormatPr")
    told = base.get("defaultRowHeight", "15") if base is not None else "15"
    for each in sheet.iterfind("sheetData/row"):
        if each.get("r") == str(row):
            told = each.get("ht", told)
    # A point is 12,700 units.
    return _hundredths(told) * 127


def _hundredths(told: str) -> int:
    found = _SIZE.fullmatch(told)
    return int(found[1]) * 100 + int(((found[2] or "") + "00")[:2]) if found else 1_500
