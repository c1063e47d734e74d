"""Pictures that stand in cells: as WPS keeps them, and as Excel does."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from typing import Final

from runtime.exchange import markup, relationships
from runtime.exchange.cells import Cell
from runtime.exchange.limits import Limits
from runtime.exchange.package import Package
from runtime.exchange.pictures import embedded, parts_of
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.relationships import inside

_NUMBERED: Final = re.compile(r'DISPIMG\(\s*"([^"]{1,100})"')
_LOCAL: Final = "_rvRel:LocalImageIdentifier"
_RICH: Final = "XLRICHVALUE"
_MOST: Final = 20_000


class _Named(markup.Elements):
    """WPS: a list of pictures with names, which the cells say in a formula."""

    def __init__(self) -> None:
        self._name = ""
        self.found: dict[str, str] = {}
        self.starts = {"cNvPr": self._named, "blip": self._blip}

    def _named(self, attributes: markup.Attributes) -> None:
        self._name = attributes.get("name", "")[:100]

    def _blip(self, attributes: markup.Attributes) -> None:
        if len(self.found) < _MOST:
            self.found.setdefault(self._name, embedded(attributes))


class _Metadata(markup.Elements):
    """Excel: a cell says the number of its metadata, and that the number of a rich value."""

    def __init__(self) -> None:
        self._types: list[str] = []
        self._future = ""
        self._is_value = False
        self._rich: list[str] = []
        self._cells: list[tuple[str, str]] = []
        self.starts = {
            "metadataType": lambda told: self._types.append(told.get("name", "")[:40]),
            "futureMetadata": self._begin_future,
            "ext:rvb": self._value,
            "valueMetadata": lambda _: self._of_values(is_value=True),
            "rc": self._cell,
        }
        self.ends = {
            "futureMetadata": lambda: self._begin_future({}),
            "valueMetadata": lambda: self._of_values(is_value=False),
        }

    def _begin_future(self, attributes: markup.Attributes) -> None:
        self._future = attributes.get("name", "")

    def _of_values(self, *, is_value: bool) -> None:
        self._is_value = is_value

    def _value(self, attributes: markup.Attributes) -> None:
        if self._future == _RICH and len(self._rich) < _MOST:
            self._rich.append(attributes.get("i", ""))

    def _cell(self, attributes: markup.Attributes) -> None:
        if self._is_value and len(self._cells) < _MOST:
            self._cells.append((attributes.get("t", ""), attributes.get("v", "")))

    def values(self) -> dict[str, int]:
        """The numbers of rich values by what cells say."""
        found = {}
        for number, (kind, place) in enumerate(self._cells, 1):
            rich = _at(self._rich, place)
            if _at(self._types, kind, first=1) == _RICH and rich is not None and rich.isdecimal():
                found[str(number)] = int(rich[:9])
        return found


class _Values(markup.Elements):
    """The rich values, of which some are a picture of the file."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self.structures: list[list[str]] = []
        self.values: list[tuple[str, list[str]]] = []
        self._is_open = False
        self.starts = {
            "ext:s": lambda _: self.structures.append([]),
            "ext:k": self._key,
            "ext:rv": self._begin,
            "ext:v": lambda _: self._open(is_open=True),
        }
        self.ends = {"ext:v": lambda: self._open(is_open=False)}

    def _key(self, attributes: markup.Attributes) -> None:
        if self.structures:
            self.structures[-1].append(attributes.get("n", "")[:60])

    def _begin(self, attributes: markup.Attributes) -> None:
        if len(self.values) < _MOST:
            self.values.append((attributes.get("s", ""), []))

    def _open(self, *, is_open: bool) -> None:
        self._is_open = is_open
        if is_open and self.values and len(self.values[-1][1]) < 50:
            self.values[-1][1].append("")

    def text(self, chars: str) -> None:
        if self._is_open and self.values and self.values[-1][1]:
            self.values[-1][1][-1] = (self.values[-1][1][-1] + chars)[:20]


class _Pointers(markup.Elements):
    def __init__(self) -> None:
        self.ids: list[str] = []
        self.starts = {"ext:rel": self._pointer}

    def _pointer(self, attributes: markup.Attributes) -> None:
        key = next((value for name, value in attributes.items() if name.endswith(" id")), "")
        self.ids.append(key)


def _at(values: list[str], place: str, *, first: int = 0) -> str | None:
    number = int(place) - first if place.isdecimal() and len(place) < 9 else -1
    return values[number] if 0 <= number < len(values) else None


def number_in(cell: Cell) -> str:
    """Return the name of the picture a cell of WPS shows."""
    found = _NUMBERED.search(cell.formula or "")
    return found[1] if found else ""


def named(package: Package, workbook: str, limits: Limits) -> dict[str, str]:
    """The parts of pictures by the names cells of WPS call them; nonsense has none."""
    try:
        part = _part(package, workbook, limits, "cellImage")
        reader = _Named()
        if part:
            markup.read(package.chunks(part), reader, limits, part)
        parts = parts_of(package, part, limits) if reader.found else {}
    except (FileRefused, FileUnreadable):
        return {}
    return {name: parts[key] for name, key in reader.found.items() if key in parts}


def rich(package: Package, workbook: str, limits: Limits) -> dict[str, str]:
    """The parts of pictures by the number of the metadata cells of Excel have."""
    try:
        pointing = _part(package, workbook, limits, "richValueRel")
        if not pointing:
            return {}
        metadata, values, pointers = _Metadata(), _Values(), _Pointers()
        sources: Iterable[tuple[str, markup.Elements]] = (
            (_part(package, workbook, limits, "sheetMetadata"), metadata),
            (_part(package, workbook, limits, "rdRichValueStructure"), values),
            (_part(package, workbook, limits, "rdRichValue"), values),
            (pointing, pointers),
        )
        for part, reader in sources:
            if part:
                markup.read(package.chunks(part), reader, limits, part)
        parts = parts_of(package, pointing, limits)
    except (FileRefused, FileUnreadable):
        return {}
    numbers = metadata.values()
    found = {cell: _picture(values, number, pointers.ids) for cell, number in numbers.items()}
    return {cell: parts[key] for cell, key in found.items() if key in parts}


def _picture(values: _Values, number: int, ids: list[str]) -> str:
    """The relationship a rich value points to, where its structure says that it is a picture."""
    structure, held = values.values[number] if number < len(values.values) else ("", [])
    place = int(structure) if structure.isdecimal() and len(structure) < 9 else -1
    keys = values.structures[place] if 0 <= place < len(values.structures) else []
    if _LOCAL not in keys or keys.index(_LOCAL) >= len(held):
        return ""
    return _at(ids, held[keys.index(_LOCAL)]) or ""


def _part(package: Package, workbook: str, limits: Limits, kind: str) -> str:
    links: Mapping[str, relationships.Relationship]
    links = relationships.of_part(package, workbook, limits)
    for link in links.values():
        if link.kind == kind and not link.external:
            part = inside(posixpath.dirname(workbook), link.target)
            if part in package.parts:
                return part
    return ""
