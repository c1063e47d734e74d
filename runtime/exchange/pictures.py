"""Pictures that lie on cells or stand in them: where they are, for nothing of them is imported."""

import posixpath
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from runtime.exchange import markup
from runtime.exchange.cells import Cell
from runtime.exchange.limits import Limits
from runtime.exchange.package import Package
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.relationships import Relationship, inside

Place = tuple[int, int]
_ANCHORS: Final = ("oneCellAnchor", "twoCellAnchor")
_IN_CELL: Final = "DISPIMG("


class _Reader(markup.Elements):
    """The cells whose corner a picture begins in; shapes and charts are none."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._axis = ""
        self._is_corner = self._is_picture = False
        self._at = {"row": "", "col": ""}
        self.found: list[Place] = []
        self.starts = {
            "from": lambda _: self._corner(is_corner=True),
            "row": lambda _: self._open("row"),
            "col": lambda _: self._open("col"),
            "pic": lambda _: self._picture(),
        }
        self.ends = {
            "from": lambda: self._corner(is_corner=False),
            "row": lambda: self._open(""),
            "col": lambda: self._open(""),
            **dict.fromkeys(_ANCHORS, self._end),
        }

    def _corner(self, *, is_corner: bool) -> None:
        self._is_corner = is_corner
        if is_corner:
            self._at = {"row": "", "col": ""}

    def _open(self, axis: str) -> None:
        self._axis = axis if self._is_corner else ""

    def _picture(self) -> None:
        self._is_picture = True

    def text(self, chars: str) -> None:
        if self._axis:
            self._at[self._axis] += chars[:10]

    def _end(self) -> None:
        row, column = self._at["row"].strip(), self._at["col"].strip()
        told = row.isdecimal() and column.isdecimal() and max(len(row), len(column)) < 10
        if self._is_picture and told and len(self.found) < self._limits.merges:
            self.found.append((int(row) + 1, int(column) + 1))
        self._is_picture = False


def read(
    package: Package, source: str, links: Mapping[str, Relationship], limits: Limits
) -> tuple[Place, ...]:
    """Rows and columns at which pictures of a sheet begin; a drawing with nonsense has none."""
    drawings = [link for link in links.values() if link.kind == "drawing" and not link.external]
    reader = _Reader(limits)
    try:
        for link in drawings[:1]:
            part = inside(posixpath.dirname(source), link.target)
            if part in package.parts:
                markup.read(package.chunks(part), reader, limits, part)
    except (FileRefused, FileUnreadable):
        return ()
    return tuple(reader.found)


def is_in_cell(cell: Cell) -> bool:
    """Whether a cell is a picture as WPS keeps it: what it says instead is the picture's number."""
    return cell.formula is not None and _IN_CELL in cell.formula[:20]


def by_column(
    places: Iterable[Place],
    cells: Mapping[int, Sequence[Cell]],
    rows: Collection[int],
    columns: Collection[int],
) -> Counter[int]:
    """How many pictures each column has in the rows of records; logos elsewhere count nowhere."""
    found = Counter(column for row, column in places if row in rows and column in columns)
    for number in rows:
        inside = (cell.column for cell in cells.get(number, ()) if is_in_cell(cell))
        found.update(column for column in inside if column in columns)
    return found
