"""A formula as it reads in other cells: the same text with its relative addresses moved."""

import re
from dataclasses import dataclass
from typing import Final

from runtime.exchange.cells import MAX_COLUMN, MAX_ROW, column_letters, column_number

# What is not an address although it may look like one stands first: texts, quoted sheet names,
# columns of tables, names that go on or are called.
ADDRESS: Final = re.compile(
    r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'!|\[(?:[^\[\]]|\[[^\[\]]*\])*\]"
    r"|(?<![\w.$])(?P<left>\$?)(?P<letters>[A-Za-z]{1,3})(?P<top>\$?)(?P<row>[1-9]\d{0,6})"
    r"(?![\w(.!\[])"
    r"|(?<![\w.$])(?P<first>\$?[A-Za-z]{1,3}):(?P<last>\$?[A-Za-z]{1,3})(?![\w(.!])",
    re.ASCII,
)
LOST: Final = "#REF!"
_MENTIONED: Final = re.compile(r"'((?:[^']|'')+)'!|([^\W\d][\w.]*)!")


def mentioned(text: str) -> set[str]:
    """The sheets a formula reads, in small letters."""
    found = _MENTIONED.findall(text)
    return {(quoted.replace("''", "'") or plain).lower() for quoted, plain in found}


@dataclass(frozen=True)
class _Place:
    """An address in a formula: its row and column, each fixed or moving along."""

    row: int
    column: int
    row_fixed: bool
    column_fixed: bool

    def moved(self, rows: int, columns: int) -> str:
        row = self.row if self.row_fixed else self.row + rows
        column = self.column if self.column_fixed else self.column + columns
        if not (1 <= row <= MAX_ROW and 1 <= column <= MAX_COLUMN):
            return LOST
        letters = column_letters(column)
        return f"{'$' * self.column_fixed}{letters}{'$' * self.row_fixed}{row}"


@dataclass(frozen=True)
class _Columns:
    """Whole columns such as A:C."""

    first: str
    last: str

    def moved(self, rows: int, columns: int) -> str:  # noqa: ARG002 - columns have no rows
        return f"{_moved_column(self.first, columns)}:{_moved_column(self.last, columns)}"


def _moved_column(text: str, columns: int) -> str:
    if text.startswith("$"):
        return text.upper()
    number = column_number(text.upper()) + columns
    return column_letters(number) if 1 <= number <= MAX_COLUMN else LOST


class Template:
    """The formula of one cell, ready to be written down for any other."""

    def __init__(self, text: str, row: int, column: int) -> None:
        self._row, self._column = row, column
        self._pieces: list[str | _Place | _Columns] = []
        end = 0
        for match in ADDRESS.finditer(text):
            found = _address(match)
            if found is None:
                continue
            self._pieces += [text[end : match.start()], found]
            end = match.end()
        self._pieces.append(text[end:])

    def at(self, row: int, column: int) -> str:
        """The formula as it reads in another cell."""
        rows, columns = row - self._row, column - self._column
        return "".join(
            piece if isinstance(piece, str) else piece.moved(rows, columns)
            for piece in self._pieces
        )


def _address(match: re.Match[str]) -> _Place | _Columns | None:
    if match["letters"]:
        letters = match["letters"].upper()
        if len(letters) == 3 and letters > "XFD":
            return None
        fixed_row, fixed_column = bool(match["top"]), bool(match["left"])
        return _Place(int(match["row"]), column_number(letters), fixed_row, fixed_column)
    if match["first"]:
        return _Columns(match["first"], match["last"])
    return None


def pattern(text: str, row: int) -> str:
    """The formula with its rows counted from its own: equal for all cells it was filled into."""

    def relative(match: re.Match[str]) -> str:
        if not match["letters"] or match["top"]:
            return match[0]
        return f"{match['left']}{match['letters']}[{int(match['row']) - row}]"

    return ADDRESS.sub(relative, text)
