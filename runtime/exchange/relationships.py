"""Where the parts of a package point, and the few targets that may be followed."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from runtime.exchange import markup
from runtime.exchange.limits import Limits
from runtime.exchange.package import Package
from runtime.exchange.refusals import FileRefused

# Kinds a reader opens; one of these that leads out of the package is an attack, not a link.
FOLLOWED: Final = frozenset(
    {"officeDocument", "worksheet", "sharedStrings", "styles", "table", "comments", "chartsheet"}
)


@dataclass(frozen=True)
class Relationship:
    """One pointer of a part: its kind, where it leads, and whether it leaves the package."""

    id: str
    kind: str
    target: str
    external: bool


class _Reader(markup.Elements):
    def __init__(self, source: str) -> None:
        self._folder = posixpath.dirname(source)
        self.found: dict[str, Relationship] = {}
        self.starts = {"Relationship": self._relationship}

    def _relationship(self, attributes: markup.Attributes) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = attributes.get("Target", "")
        external = attributes.get("TargetMode", "").lower() == "external"
        if kind in FOLLOWED:
            if external:
                raise FileRefused("file_external_part", {"kind": kind})
            target = inside(self._folder, target)
        key = attributes.get("Id", "")
        self.found[key] = Relationship(key, kind, target, external)


def inside(folder: str, target: str) -> str:
    """Return where a target leads; one that climbs out of the package is refused."""
    if "\\" in target or "//" in target or ":" in target:
        raise FileRefused("file_part_path", {"part": target[:80]})
    joined = target[1:] if target.startswith("/") else posixpath.join(folder, target)
    path = posixpath.normpath(joined)
    if path.startswith(("..", "/")) or target.count("../") > folder.count("/") + 1:
        raise FileRefused("file_part_path", {"part": target[:80]})
    return path


def of_part(package: Package, source: str, limits: Limits) -> Mapping[str, Relationship]:
    """Return the relationships of `source` ("" is the package itself) by id."""
    folder, name = posixpath.split(source)
    part = posixpath.join(folder, "_rels", f"{name}.rels")
    if part not in package.parts:
        return {}
    reader = _Reader(source)
    markup.read(package.chunks(part), reader, limits, part)
    return reader.found
