"""Where the rows of a sheet go when rows of lines are repeated, and what addresses become then."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

# A text, or a cell or range (of rows, too) with the sheet it may name; names and calls pass by.
_TOKEN: Final = re.compile(
    r"\"(?:[^\"]|\"\")*\""
    r"|(?P<sheet>'(?:[^']|'')*'!|[^\W\d][\w.]*!)?(?<![\w.$])(?:"
    r"(?P<a>\$?[A-Za-z]{1,3})(?P<af>\$?)(?P<ar>[1-9]\d{0,6})"
    r"(?::(?P<b>\$?[A-Za-z]{1,3})(?P<bf>\$?)(?P<br>[1-9]\d{0,6}))?"
    r"|(?P<cf>\$?)(?P<cr>[1-9]\d{0,6}):(?P<df>\$?)(?P<dr>[1-9]\d{0,6})"
    r")(?![\w(.!\[])"
)
_ALONE: Final = re.compile(
    r"\b(SUM|AVERAGE|COUNT|COUNTA|MAX|MIN|PRODUCT)\((\$?[A-Z]{1,3}\$?([0-9]{1,7}))\)", re.ASCII
)


@dataclass(frozen=True)
class Block:
    """Rows `first` to `last` of a template, repeated `times` for the lines of `table`."""

    table: str
    first: int
    last: int
    times: int = 1

    @property
    def height(self) -> int:
        """How many rows one line takes."""
        return self.last - self.first + 1

    @property
    def more(self) -> int:
        """How many rows longer it gets."""
        return (self.times - 1) * self.height

    def holds(self, row: int) -> bool:
        """Whether a row of the template is in it."""
        return self.first <= row <= self.last


@dataclass(frozen=True)
class Spot:
    """Where a formula stands: in which block, in the rows of which line."""

    block: Block | None = None
    copy: int = 0


NOWHERE: Final = Spot()


@dataclass(frozen=True)
class RowMap:
    """Rows of a template -> rows of the paper. `name` is the sheet's on the paper."""

    blocks: Sequence[Block] = ()
    name: str = ""
    # The other sheets, by their names in the template in small letters.
    others: Mapping[str, "RowMap"] = field(default_factory=dict)

    def block(self, row: int) -> Block | None:
        """The block a row is in."""
        return next((each for each in self.blocks if each.holds(row)), None)

    def first(self, row: int, copy: int = 0) -> int:
        """Where a row stands: in a block that of its first line, or of the line `copy`."""
        block = self.block(row)
        before = sum(each.more for each in self.blocks if each.last < row)
        return row + before + (copy * block.height if block else 0)

    def last(self, row: int) -> int:
        """Where a range ends that ended in a row: in a block that of its last line."""
        block = self.block(row)
        return self.first(row, block.times - 1 if block else 0)

    def formula(self, text: str, spot: Spot = NOWHERE) -> str:
        """A formula, or addresses by themselves, on the paper.

        What it reads of its own line moves along. What it reads from outside covers all lines where
        it is a range, as it does in a spreadsheet when rows are inserted.
        """
        if spot.block is None:
            text = _ALONE.sub(self._spread, text)
        return _TOKEN.sub(lambda found: self._moved(found, spot), text)

    def _spread(self, found: re.Match[str]) -> str:
        """A total of one cell of a line means that of all lines."""
        return f"{found[1]}({found[2]}:{found[2]})" if self.block(int(found[3])) else found[0]

    def _moved(self, found: re.Match[str], spot: Spot) -> str:
        sheet = found["sheet"]
        if not (found["ar"] or found["cr"]):
            return found[0]
        if not sheet:
            return self._address(found, spot)
        named = sheet[:-1].strip("'").replace("''", "'")
        other = self.others.get(named.lower())
        if other is None:
            return found[0]
        return f"{quoted(other.name)}!{other._address(found, NOWHERE)}"

    def _address(self, found: re.Match[str], spot: Spot) -> str:
        if found["cr"]:
            rows = self.first(int(found["cr"])), self.last(int(found["dr"]))
            return f"{found['cf']}{rows[0]}:{found['df']}{rows[1]}"
        start = f"{found['a']}{found['af']}{self._row(int(found['ar']), spot, found['af'])}"
        if found["b"] is None:
            return start
        bottom = int(found["br"])
        own = _is_own(bottom, spot, found["bf"])
        end = self.first(bottom, spot.copy) if own else self.last(bottom)
        return f"{start}:{found['b']}{found['bf']}{end}"

    def _row(self, row: int, spot: Spot, fixed: str) -> int:
        return self.first(row, spot.copy if _is_own(row, spot, fixed) else 0)


def _is_own(row: int, spot: Spot, fixed: str) -> bool:
    return spot.block is not None and spot.block.holds(row) and not fixed


def quoted(name: str) -> str:
    """A sheet's name as formulas write it."""
    return "'" + name.replace("'", "''") + "'"
