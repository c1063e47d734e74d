"""Number formats of a template: a cell without one gets one with a number or a day."""

import copy
from typing import Final

from runtime.printing.tree import Node

_FORMATS: Final[dict[str, str]] = {
    "money": "#,##0.00",
    "number": "General",
    "percent": "0.00%",
    "date": "yyyy\\-mm\\-dd",
    "datetime": "yyyy\\-mm\\-dd\\ hh:mm",
}
_FIRST: Final = 164


class Styles:
    """The style sheet of a workbook being filled; `root` grows by the formats that are needed."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self._formats = _child(root, "numFmts", first=True)
        found = root.find("cellXfs")
        self._cells = found if found is not None else _child(root, "cellXfs", first=False)
        self._made: dict[tuple[int, str], int] = {}

    def for_value(self, number: int, style: str) -> int:
        """Return the style of a cell that holds such a value: its own where it has a format."""
        if style not in _FORMATS or _FORMATS[style] == "General":
            return number
        key = number, style
        if key not in self._made:
            self._made[key] = self._with_format(number, style)
        return self._made[key]

    def finish(self) -> None:
        """Say how many of everything there are; a list of nothing is left out."""
        for each in (self._formats, self._cells):
            each.set("count", str(len(each)))
        if not len(self._formats):
            self.root.remove(self._formats)

    def _with_format(self, number: int, style: str) -> int:
        own = self._cells[number] if number < len(self._cells) else None
        if own is not None and own.get("numFmtId", "0") not in {"0", "49"}:
            return number
        made = copy.deepcopy(own) if own is not None else Node("xf", {"xfId": "0"})
        made.set("numFmtId", self._format(_FORMATS[style]))
        made.set("applyNumberFormat", "1")
        self._cells.append(made)
        return len(self._cells) - 1

    def _format(self, code: str) -> str:
        taken = [int(each.get("numFmtId", "0")) for each in self._formats]
        for each in self._formats:
            if each.get("formatCode") == code:
                return each.get("numFmtId", "0")
        number = str(max([_FIRST - 1, *taken]) + 1)
        self._formats.append(Node("numFmt", {"numFmtId": number, "formatCode": code}))
        return number


def _child(root: Node, name: str, *, first: bool) -> Node:
    found = root.find(name)
    if found is None:
        found = Node(name)
        root.insert(0 if first else len(root), found)
    return found
