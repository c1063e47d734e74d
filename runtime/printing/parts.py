"""A template's package: which of its parts are taken, what is left behind, what is refused.

A list of what is allowed, not of what is forbidden: what is on neither is left behind.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runtime.exchange import gate, relationships
from runtime.exchange.limits import MEGABYTE, Limits
from runtime.exchange.markup import refuse_document_type
from runtime.exchange.package import Package
from runtime.exchange.refusals import FileRefused
from runtime.exchange.relationships import Relationship
from runtime.printing import tree
from runtime.printing.tree import Node

LARGEST: Final = 2 * MEGABYTE
TEMPLATE_LIMITS: Final = Limits(
    file_bytes=LARGEST, parts=400, part_bytes=16 * MEGABYTE, package_bytes=32 * MEGABYTE, sheets=20
)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MEDIA_TYPES: Final = {"xlsx": XLSX, "docx": DOCX}
REL: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_MAIN: Final = {
    f"{XLSX}.main+xml": "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml": "xlsx",
    f"{DOCX}.main+xml": "docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml": "docx",
}
# Pointers that are followed; the parts they lead to are taken.
_TAKEN: Final = frozenset(
    {
        "worksheet", "styles", "theme", "sharedStrings", "drawing", "image", "chart", "chartStyle",
        "chartColorStyle", "header", "footer", "numbering", "settings", "fontTable", "footnotes",
        "endnotes",
    }
)  # fmt: skip
# What acts by itself, or reads something outside.
_REFUSED: Final = {
    "vbaProject": "file_macros", "xlMacrosheet": "file_macros", "xlIntlMacrosheet": "file_macros",
    "wordVbaData": "file_macros",
    "externalLink": "template_reaches_out", "externalLinkPath": "template_reaches_out",
    "connections": "template_reaches_out", "queryTable": "template_reaches_out",
    "oleObject": "template_embeds", "package": "template_embeds", "control": "template_embeds",
    "activeXControlBinary": "template_embeds", "aFChunk": "template_embeds",
    "subDocument": "template_reaches_out", "frame": "template_reaches_out",
    "mailMergeSource": "template_reaches_out", "attachedToolbars": "file_macros",
    "dialogsheet": "template_embeds", "ctrlProp": "template_embeds",
}  # fmt: skip
# Leads outside in nearly every document, and does nothing unless clicked or opened: left behind.
_LEFT: Final = frozenset({"hyperlink", "attachedTemplate"})
_IMAGES: Final = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif"}
_PICTURE_HEADS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass
class Parts:
    """A template in pieces: parts by name, and by part the pointers it has (id → kind, target)."""

    format: str
    main: str
    content: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    links: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def tree(self, part: str) -> Node:
        """Read a part as a tree."""
        return tree.parse(self.content[part], part)

    def target(self, part: str, key: str) -> str | None:
        """Return where a pointer of a part leads, or None when it was left behind."""
        found = self.links.get(part, {}).get(key)
        return found[1] if found else None

    def of_kind(self, part: str, kind: str) -> Iterator[str]:
        """Yield the parts of a kind that another one points to."""
        for found, target in self.links.get(part, {}).values():
            if found == kind:
                yield target

    def add(self, name: str, content: bytes, media_type: str) -> None:
        """Take a part in, or another content for one that is there."""
        self.content[name] = content
        self.types[name] = media_type

    def link(self, part: str, kind: str, target: str) -> str:
        """Let a part point to another one; returns the pointer's id."""
        links = self.links.setdefault(part, {})
        number = len(links) + 1
        while (key := f"rId{number}") in links:
            number += 1
        links[key] = (kind, target)
        return key


def take_apart(path: Path) -> Parts:
    """Read a template's package through the gate, in the cage; raises FileRefused."""
    with Package(path, TEMPLATE_LIMITS) as package:
        for name in package.parts:
            if name.lower().endswith((".xml", ".rels", ".vml")):
                refuse_document_type(package.chunks(name))
        types = _types(package)
        main = gate_main(package)
        kind = _MAIN.get(types.get(main, ""))
        if kind is None:
            raise FileRefused("template_kind")
        parts = Parts(kind, main)
        _take(package, parts, main, types)
        return parts


def gate_main(package: Package) -> str:
    """The part a package is about."""
    for link in relationships.of_part(package, "", TEMPLATE_LIMITS).values():
        if link.kind == "officeDocument" and link.target in package.parts:
            return link.target
    raise FileRefused("template_kind")


def put_together(parts: Parts) -> bytes:
    """Write the package: always the same bytes for the same parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(parts):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return target.getvalue()


def _types(package: Package) -> dict[str, str]:
    """What each part is, as the package says; macros end here."""
    name = next((each for each in package.parts if each == gate.CONTENT_TYPES), None)
    if name is None:
        raise FileRefused("template_kind")
    root = tree.parse(package.whole(name, MEGABYTE), name)
    defaults, found = {}, {}
    for each in root:
        kind = each.get("ContentType", "")
        if "macroenabled" in kind.lower() or "vba" in kind.lower():
            raise FileRefused("file_macros")
        if each.tag == "Default":
            defaults[each.get("Extension", "").lower()] = kind
        else:
            found[each.get("PartName", "").lstrip("/")] = kind
    ending = {part: part.rpartition(".")[2].lower() for part in package.parts}
    return {part: found.get(part) or defaults.get(ending[part], "") for part in package.parts}


def _take(package: Package, parts: Parts, main: str, types: dict[str, str]) -> None:
    waiting = [main]
    while waiting:
        name = waiting.pop()
        if name in parts.content:
            continue
        content = package.whole(name, TEMPLATE_LIMITS.part_bytes)
        if not types[name].endswith("xml"):
            _require_picture(name, content)
        parts.add(name, content, types[name])
        links = {}
        for key, link in relationships.of_part(package, name, TEMPLATE_LIMITS).items():
            target = _followed(package, name, link)
            if target is not None:
                links[key] = (link.kind, target)
                waiting.append(target)
        if links:
            parts.links[name] = links


def _followed(package: Package, source: str, link: Relationship) -> str | None:
    if link.kind in _REFUSED:
        raise FileRefused(_REFUSED[link.kind], {"part": source[:80], "kind": link.kind})
    if link.external:
        if link.kind in _LEFT:
            return None
        params = {"part": source[:80], "kind": link.kind[:40]}
        raise FileRefused("template_reaches_out", params)
    if link.kind not in _TAKEN:
        return None
    target = link.target
    if link.kind not in relationships.FOLLOWED:
        target = relationships.inside(posixpath.dirname(source), target)
    return target if target in package.parts else None


def _require_picture(name: str, content: bytes) -> None:
    ending = name.rpartition(".")[2].lower()
    if ending not in _IMAGES or not content.startswith(_PICTURE_HEADS):
        raise FileRefused("template_picture", {"part": name[-80:]})


def _files(parts: Parts) -> Iterator[tuple[str, bytes]]:
    names = sorted(parts.content)
    yield "[Content_Types].xml", _content_types(parts, names)
    root = {"rId1": ("officeDocument", parts.main)}
    yield "_rels/.rels", _relations("", root)
    for name in names:
        yield name, parts.content[name]
        links = parts.links.get(name)
        if links:
            folder, base = posixpath.split(name)
            yield posixpath.join(folder, "_rels", f"{base}.rels"), _relations(name, links)


def _relations(part: str, links: dict[str, tuple[str, str]]) -> bytes:
    root = Node("Relationships", {"xmlns": f"{_PACKAGE}/relationships"})
    for key, (kind, target) in links.items():
        named = f"/{target}" if part else target
        root.append(Node("Relationship", {"Id": key, "Type": _type(kind), "Target": named}))
    return tree.written(root)


def _type(kind: str) -> str:
    if kind in {"chartStyle", "chartColorStyle"}:
        return f"http://schemas.microsoft.com/office/2011/relationships/{kind}"
    return f"{REL}/{kind}"


def _content_types(parts: Parts, names: Iterable[str]) -> bytes:
    root = Node("Types", {"xmlns": f"{_PACKAGE}/content-types"})
    defaults = {"rels": "application/vnd.openxmlformats-package.relationships+xml", **_IMAGES}
    for ending, kind in defaults.items():
        root.append(Node("Default", {"Extension": ending, "ContentType": kind}))
    for name in names:
        if name.rpartition(".")[2].lower() not in _IMAGES:
            kind = parts.types[name].replace(".template.main+xml", _plain_main(parts.format))
            root.append(Node("Override", {"PartName": f"/{name}", "ContentType": kind}))
    return tree.written(root)


def _plain_main(file_format: str) -> str:
    return ".sheet.main+xml" if file_format == "xlsx" else ".document.main+xml"
