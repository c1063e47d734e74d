"""A converted formula as text: with column names for people, with codes or labels for an app."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Final, Protocol

from runtime.exchange import cells
from runtime.exchange.formulas.ranges import Tree

_STRENGTH: Final = {
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), 1),
    "&": 2,
    "+": 3,
    "-": 3,
    "*": 4,
    "/": 4,
    "^": 5,
}
_TIGHT: Final = 6


class Names(Protocol):
    """What fields and columns are called where the formula is written."""

    def own(self, col: str) -> str:
        """A field of the record."""

    def column(self, table: str, col: str) -> str:
        """A whole column of a table."""

    def lookup(self, key: Tree, table: str, keycol: str, valuecol: str) -> str | None:
        """A field reached through a reference; None where there is no such reference."""


def app_text(tree: Sequence[Any], names: Names) -> str:
    """The formula in our language."""
    return _Writer(names).of(tree, 0)


class Contract:
    """Names as `workbook inspect` shows them: {column}, table.column, LOOKUP(…)."""

    def __init__(self, own: Mapping[str, str], tables: Mapping[tuple[str, str], str]) -> None:
        self._own, self._tables = own, tables

    def own(self, col: str) -> str:
        """A column of the same row."""
        return f"{{{self._own[col]}}}"

    def column(self, table: str, col: str) -> str:
        """A column of a table."""
        return self._tables[table, col]

    def lookup(self, key: Tree, table: str, keycol: str, valuecol: str) -> str:
        """The lookup, in the words of the contract."""
        keys, values = self._tables[table, keycol], self._tables[table, valuecol]
        return f"LOOKUP({app_text(key, self)}, {keys}, {values})"


class _Writer:
    def __init__(self, names: Names) -> None:
        self._names = names

    def of(self, tree: Sequence[Any], strength: int) -> str:
        match tree[0]:
            case "own":
                return self._names.own(tree[1])
            case "col":
                return self._names.column(tree[1], tree[2])
            case "op":
                return self._operation(tree, strength)
            case "neg" | "pct":
                return self._sign(tree)
            case "call":
                return f"{tree[1]}({', '.join(self.of(each, 0) for each in tree[2])})"
            case "look":
                return self._look(tree)
        return _value(tree[2:] if tree[0] == "const" else tree)

    def _operation(self, tree: Sequence[Any], strength: int) -> str:
        own = _STRENGTH[tree[1]]
        space = "" if own > 3 else " "
        text = f"{self.of(tree[2], own)}{space}{tree[1]}{space}{self.of(tree[3], own + 1)}"
        return f"({text})" if own < strength else text

    def _sign(self, tree: Sequence[Any]) -> str:
        inside = self.of(tree[1], _TIGHT)
        if tree[0] == "pct":
            return f"{inside}%"
        # A minus in front of a minus would read as one sign.
        return f"(-{inside})"

    def _look(self, tree: Sequence[Any]) -> str:
        key, table, keycol, valuecol = tree[1:5]
        missing = tree[5] if len(tree) > 5 else None
        found = self._names.lookup(key, table, keycol, valuecol)
        if found is not None:
            return found if missing is None else f"IFNA({found}, {self.of(missing, 0)})"
        names = [self._names.column(table, col) for col in (keycol, valuecol)]
        rest = "" if missing is None else f", {self.of(missing, 0)}"
        return f"XLOOKUP({self.of(key, 0)}, {names[0]}, {names[1]}{rest})"


def _value(tree: Sequence[Any]) -> str:
    match tree[0]:
        case "n":
            return str(tree[1])
        case "t":
            doubled = str(tree[1]).replace('"', '""')
            return f'"{doubled}"'
        case "b":
            return "TRUE" if tree[1] else "FALSE"
        case "d":
            return _moment(str(tree[1]))
    return ""


def _moment(serial: str) -> str:
    found = cells.moment_of(serial, epoch_1904=False)
    if found is None or isinstance(found, time):
        return str(Decimal(serial))
    text = f"DATE({found.year}, {found.month}, {found.day})"
    if isinstance(found, datetime):
        text += f" + TIME({found.hour}, {found.minute}, {found.second})"
    return text
