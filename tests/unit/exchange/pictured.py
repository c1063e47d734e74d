"""Workbooks with pictures: on cells, in cells as WPS keeps them, in cells as Excel does."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.unit.exchange.workbooks import MAIN, PACKAGE, REL

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
ART = "http://schemas.openxmlformats.org/drawingml/2006/main"
RICH = "http://schemas.microsoft.com/office/spreadsheetml/2017/richdata"
POINTERS = "http://schemas.microsoft.com/office/spreadsheetml/2022/richvaluerel"
# Pictures of one pixel: a dark and a light one.
DARK = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c6360606000000004000127349ae30000000049454e44ae426082"
)
LIGHT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)
# What Windows programs draw with; browsers show none of it.
METAFILE = b"\x01\x00\x00\x00\x6c\x00\x00\x00" + bytes(80)


def anchor(row: str, column: str, what: str = "pic", *, key: str = "", more: str = "") -> str:
    """A picture whose corner is in a cell, counted from 0; `more` stands in its corners."""
    corner = f"<x:from><x:col>{column}</x:col><x:row>{row}</x:row></x:from>"
    far = "<x:to><x:col>9</x:col><x:row>9</x:row></x:to>"
    blip = f'<x:blipFill><a:blip r:embed="{key}"/></x:blipFill>' if key else ""
    inside = f"<x:{what}>{blip}</x:{what}>" if blip else f"<x:{what}/>"
    return f"<x:twoCellAnchor>{more or corner + far}{inside}</x:twoCellAnchor>"


def corners(row: tuple[int, int], to: tuple[int, int], height: int, column: int = 2) -> str:
    """Corners with what is hidden of the first row and seen of the last, and the height."""
    begin = f"<x:from><x:col>{column}</x:col><x:row>{row[0]}</x:row><x:rowOff>{row[1]}</x:rowOff>"
    end = f"<x:to><x:col>{column}</x:col><x:row>{to[0]}</x:row><x:rowOff>{to[1]}</x:rowOff>"
    return f'{begin}</x:from>{end}</x:to><x:ext cx="0" cy="{height}"/>'


def rels(*links: tuple[str, str, str]) -> str:
    """Relationships by id, kind and target."""
    items = "".join(
        f'<Relationship Id="{key}" Type="{kind if ":" in kind else f"{REL}/{kind}"}"'
        f' Target="{target}"/>'
        for key, kind, target in links
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{items}</Relationships>'


def draw(path: Path, anchors: Sequence[str], media: Mapping[str, bytes] | None = None) -> Path:
    """Lay a drawing on the first sheet; `rId1` and so on are its media in order."""
    names = list(media or {})
    images = [(f"rId{n}", "image", f"../media/{name}") for n, name in enumerate(names, 1)]
    with zipfile.ZipFile(path, "a") as package:
        package.writestr(
            "xl/drawings/drawing1.xml",
            f'<x:wsDr xmlns:x="{DRAWING}" xmlns:a="{ART}" xmlns:r="{REL}">'
            f"{''.join(anchors)}</x:wsDr>",
        )
        package.writestr(
            "xl/worksheets/_rels/sheet1.xml.rels",
            rels(("rId1", "drawing", "../drawings/drawing1.xml")),
        )
        if images:
            package.writestr("xl/drawings/_rels/drawing1.xml.rels", rels(*images))
        for name, content in (media or {}).items():
            package.writestr(f"xl/media/{name}", content)
    return path


def keep_in_cells(path: Path, named: Mapping[str, bytes]) -> Path:
    """Pictures as WPS keeps them, by the names formulas call them."""
    cells = "".join(
        f'<e:cellImage><x:pic><x:nvPicPr><x:cNvPr id="{n}" name="{name}"/></x:nvPicPr>'
        f'<x:blipFill><a:blip r:embed="rId{n}"/></x:blipFill></x:pic></e:cellImage>'
        for n, name in enumerate(named, 1)
    )
    spaces = f'xmlns:e="http://www.wps.cn/cell" xmlns:x="{DRAWING}" xmlns:a="{ART}" xmlns:r="{REL}"'
    images = [(f"rId{n}", "image", f"media/w{n}.png") for n in range(1, len(named) + 1)]
    parts = {
        "xl/cellimages.xml": f"<e:cellImages {spaces}>{cells}</e:cellImages>",
        "xl/_rels/cellimages.xml.rels": rels(*images),
    }
    link = ("rId90", "http://www.wps.cn/officeDocument/2020/cellImage", "cellimages.xml")
    with_parts(path, parts, link)
    with zipfile.ZipFile(path, "a") as package:
        for n, content in enumerate(named.values(), 1):
            package.writestr(f"xl/media/w{n}.png", content)
    return path


def keep_as_values(path: Path, media: Sequence[bytes]) -> Path:
    """Pictures as Excel keeps them: `vm` of a cell is the place of one among these."""
    count = len(media)
    bks = "".join(f'<bk><extLst><ext><v:rvb i="{n}"/></ext></extLst></bk>' for n in range(count))
    rcs = "".join(f'<bk><rc t="1" v="{n}"/></bk>' for n in range(count))
    values = "".join(f'<rv s="0"><v>{n}</v><v>5</v></rv>' for n in range(count))
    pointers = "".join(f'<rel r:id="rId{n}"/>' for n in range(1, count + 1))
    keys = '<k n="_rvRel:LocalImageIdentifier" t="i"/><k n="CalcOrigin" t="i"/>'
    images = [(f"rId{n}", "image", f"../media/v{n}.png") for n in range(1, count + 1)]
    parts = {
        "xl/metadata.xml": f'<metadata {MAIN} xmlns:v="{RICH}">'
        '<metadataTypes count="1"><metadataType name="XLRICHVALUE"/></metadataTypes>'
        f'<futureMetadata name="XLRICHVALUE">{bks}</futureMetadata>'
        f"<valueMetadata>{rcs}</valueMetadata></metadata>",
        "xl/richData/rdrichvalue.xml": f'<rvData xmlns="{RICH}">{values}</rvData>',
        "xl/richData/rdrichvaluestructure.xml": f'<rvStructures xmlns="{RICH}">'
        f'<s t="_localImage">{keys}</s></rvStructures>',
        "xl/richData/richValueRel.xml": f'<richValueRels xmlns="{POINTERS}" xmlns:r="{REL}">'
        f"{pointers}</richValueRels>",
        "xl/richData/_rels/richValueRel.xml.rels": rels(*images),
    }
    links = (
        ("rId91", "sheetMetadata", "metadata.xml"),
        ("rId92", "rdRichValue", "richData/rdrichvalue.xml"),
        ("rId93", "rdRichValueStructure", "richData/rdrichvaluestructure.xml"),
        ("rId94", "richValueRel", "richData/richValueRel.xml"),
    )
    with_parts(path, parts, *links)
    with zipfile.ZipFile(path, "a") as package:
        for n, content in enumerate(media, 1):
            package.writestr(f"xl/media/v{n}.png", content)
    return path


def with_parts(path: Path, parts: Mapping[str, str], *links: tuple[str, str, str]) -> None:
    """Write a workbook again with more parts, and with more its workbook part points to."""
    own = "xl/_rels/workbook.xml.rels"
    with zipfile.ZipFile(path) as package:
        held = {name: package.read(name) for name in package.namelist()}
    inside = rels(*links).partition(">")[2]
    held[own] = held[own].replace(b"</Relationships>", inside.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in held.items():
            package.writestr(name, content)
        for name, text in parts.items():
            package.writestr(name, text)
