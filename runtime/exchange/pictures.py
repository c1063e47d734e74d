"""Pictures that lie on cells or stand in them: where they are, and in which part of the package."""

import posixpath
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from runtime.exchange import markup, relationships
from runtime.exchange.cells import Cell
from runtime.exchange.limits import Limits
from runtime.exchange.package import Package
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.relationships import Relationship, inside


class Picture(NamedTuple):
    """A picture by the cell it belongs to; `part` is empty where the file does not hold it."""

    row: int
    column: int
    part: str


_ANCHORS: Final = ("oneCellAnchor", "twoCellAnchor")
_AXES: Final = ("row", "col", "rowOff", "colOff")
_IN_CELL: Final = "DISPIMG("
_LONGEST: Final = 20


class _Reader(markup.Elements):
    """Anchors with the pictures in them; shapes and charts are none."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._corner = self._axis = ""
        self._at: dict[str, str] = {}
        self._size = ("", "")
        self._embedded: list[str] = []
        self.found: list[tuple[int, int, str]] = []
        self.starts = {
            "from": lambda _: self._begin("from"),
            "to": lambda _: self._begin("to"),
            "ext": self._extent,
            "pic": lambda _: self._embedded.append(""),
            "blip": self._blip,
            **{axis: self._opener(axis) for axis in _AXES},
        }
        self.ends = {
            "from": lambda: self._begin(""),
            "to": lambda: self._begin(""),
            **dict.fromkeys(_AXES, lambda: self._open("")),
            **dict.fromkeys(_ANCHORS, self._end),
        }

    def _opener(self, axis: str) -> markup.Start:
        return lambda _: self._open(axis)

    def _begin(self, corner: str) -> None:
        self._corner = corner

    def _open(self, axis: str) -> None:
        self._axis = f"{self._corner} {axis}" if self._corner and axis else ""

    def text(self, chars: str) -> None:
        if self._axis:
            self._at[self._axis] = (self._at.get(self._axis, "") + chars)[:_LONGEST]

    def _extent(self, attributes: markup.Attributes) -> None:
        if "cx" in attributes and not self._size[0]:
            self._size = (attributes["cx"][:_LONGEST], attributes.get("cy", "")[:_LONGEST])

    def _blip(self, attributes: markup.Attributes) -> None:
        if self._embedded:
            self._embedded[-1] = self._embedded[-1] or embedded(attributes)

    def _end(self) -> None:
        row = self._place("row", self._size[1])
        column = self._place("col", self._size[0])
        if row is not None and column is not None:
            room = self._limits.merges - len(self.found)
            self.found += [(row + 1, column + 1, key) for key in self._embedded[:room]]
        self._at, self._size, self._embedded = {}, ("", ""), []

    def _place(self, axis: str, size: str) -> int | None:
        """The row or column a picture belongs to: where it begins, or the next if mostly there."""
        begin, end = self._number(f"from {axis}"), self._number(f"to {axis}")
        if begin is None or begin >= 10**7:
            return None
        length = _figure(size)
        if end is None or end <= begin or not length:
            return begin
        before = self._number(f"from {axis}Off") or 0
        beyond = self._number(f"to {axis}Off") or 0
        if end - begin == 1:
            return end if beyond * 2 > length else begin
        # Rows are about equally high: what is hidden above of the first one is known of all.
        height = (length + before - beyond) // (end - begin)
        return begin + 1 if before * 2 > height else begin

    def _number(self, name: str) -> int | None:
        return _figure(self._at.get(name, ""))


def _figure(text: str) -> int | None:
    told = text.strip()
    return int(told) if told.isascii() and told.isdecimal() and len(told) < _LONGEST else None


def embedded(attributes: Mapping[str, str]) -> str:
    """Return the id of the relationship that leads to a picture's bytes."""
    return next((value for key, value in attributes.items() if key.endswith(" embed")), "")


def parts_of(package: Package, source: str, limits: Limits) -> dict[str, str]:
    """Return the parts of pictures `source` points to, by the ids of its relationships."""
    found = {}
    for key, link in relationships.of_part(package, source, limits).items():
        try:
            part = inside(posixpath.dirname(source), link.target)
        except FileRefused:
            continue
        if link.kind == "image" and not link.external and part in package.parts:
            found[key] = part
    return found


def read(
    package: Package, source: str, links: Mapping[str, Relationship], limits: Limits
) -> tuple[Picture, ...]:
    """The pictures that lie on the cells of a sheet; a drawing with nonsense has none."""
    drawings = [link for link in links.values() if link.kind == "drawing" and not link.external]
    reader = _Reader(limits)
    parts: Mapping[str, str] = {}
    try:
        for link in drawings[:1]:
            part = inside(posixpath.dirname(source), link.target)
            if part in package.parts:
                markup.read(package.chunks(part), reader, limits, part)
                parts = parts_of(package, part, limits)
    except (FileRefused, FileUnreadable):
        return ()
    return tuple(Picture(row, col, parts.get(key, "")) for row, col, key in reader.found)


def is_in_cell(cell: Cell) -> bool:
    """Whether a cell is a picture as WPS keeps it: what it says instead is the picture's number."""
    return cell.formula is not None and _IN_CELL in cell.formula[:20]


def by_column(
    places: Iterable[Picture],
    cells: Mapping[int, Sequence[Cell]],
    rows: Collection[int],
    columns: Collection[int],
) -> Counter[int]:
    """How many pictures each column has in the rows of records; logos elsewhere count nowhere."""
    found = Counter(each.column for each in places if each.row in rows and each.column in columns)
    for number in rows:
        inside = (cell.column for cell in cells.get(number, ()) if is_in_cell(cell))
        found.update(column for column in inside if column in columns)
    return found
