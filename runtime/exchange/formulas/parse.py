"""Tokens -> tree, with Excel's precedence: % binds closest, then minus, ^, * /, + -, &, = < >."""

import re
from decimal import Decimal
from typing import Final

from runtime.exchange import cells
from runtime.exchange.cells import MAX_ROW, column_number
from runtime.exchange.formulas import tree
from runtime.exchange.formulas.tokens import Token, tokenize
from runtime.exchange.formulas.tree import Node, NotConverted
from runtime.exchange.refusals import FileRefused

_DEEPEST: Final = 60
_LEVELS: Final = (("=", "<>", "<", ">", "<=", ">="), ("&",), ("+", "-"), ("*", "/"), ("^",))
_PREFIX: Final = re.compile(r"^(?:_XLFN\.|_XLWS\.|_XLUDF\.)+")
_CELL: Final = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d+)", re.ASCII)
_PARTS: Final = {
    "#this row": "this row",
    "#headers": "headers",
    "#totals": "totals",
    "#all": "all",
    "#data": "",
}


def parse(formula: str) -> Node:
    """Read a formula; NotConverted where it says what we do not follow."""
    parser = _Parser(tokenize(formula))
    found = parser.expression(0)
    parser.expect_end()
    return found


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    @property
    def _now(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        token = self._now
        self._place += 1
        return token

    def _is(self, *texts: str) -> bool:
        return self._now.kind == "operator" and self._now.text in texts

    def expect_end(self) -> None:
        if self._now.kind != "end":
            raise NotConverted("formula_kept_unread")

    def expression(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._signed()
        self._depth += 1
        if self._depth > _DEEPEST * len(_LEVELS):
            raise NotConverted("formula_kept_long")
        left = self.expression(level + 1)
        while self._is(*_LEVELS[level]):
            operator = self._next().text
            left = tree.Binary(operator, left, self.expression(level + 1))
        self._depth -= 1
        return left

    def _signed(self) -> Node:
        if self._is("-", "+"):
            return tree.Unary(self._next().text, self._signed())
        if self._is("@"):
            self._next()
            return self._signed()
        found = self._range()
        while self._is("%"):
            self._next()
            found = tree.Unary("%", found)
        return found

    def _range(self) -> Node:
        found = self._operand()
        if not self._is(":"):
            return found
        self._next()
        last = self._operand()
        if not isinstance(found, tree.Area) or not isinstance(last, tree.Area):
            raise NotConverted("formula_kept_range")
        return tree.Area(
            found.sheet,
            min(found.top, last.top),
            min(found.left, last.left),
            max(found.bottom, last.bottom),
            max(found.right, last.right),
            found.top_fixed,
            last.bottom_fixed,
        )

    def _operand(self) -> Node:
        token = self._next()
        match token.kind:
            case "number" | "text":
                return _literal(token)
            case "sheet":
                return self._on_sheet(token.text[:-1])
            case "cell" | "columns" | "rows":
                return _area("", token)
            case "call":
                return self._call(token.text[:-1])
            case "table":
                return _table_columns(token.text)
            case "name":
                return _name(token.text)
            case "operator" if token.text == "(":
                found = self.expression(0)
                self._close()
                return found
        raise NotConverted("formula_kept_error" if token.kind == "error" else "formula_kept_unread")

    def _on_sheet(self, told: str) -> Node:
        quoted = told.startswith("'")
        name = told[1:-1].replace("''", "'") if quoted else told
        if "[" in name:
            raise NotConverted("formula_kept_external")
        if ":" in name:
            raise NotConverted("formula_kept_range")
        token = self._next()
        if token.kind in {"cell", "columns", "rows"}:
            return _area(name, token)
        if token.kind == "name":
            return tree.Name(token.text)
        raise NotConverted("formula_kept_unread")

    def _call(self, told: str) -> Node:
        name = _PREFIX.sub("", told.upper())
        arguments: list[Node] = []
        if self._is(")"):
            self._next()
            return tree.Call(name, ())
        while True:
            arguments.append(
                tree.Literal(None) if self._is(",", ")") else self.expression(0),
            )
            if not self._is(","):
                break
            self._next()
        self._close()
        return tree.Call(name, tuple(arguments))

    def _close(self) -> None:
        if not self._is(")"):
            raise NotConverted("formula_kept_unread")
        self._next()


def _literal(token: Token) -> tree.Literal:
    if token.kind == "number":
        return tree.Literal(Decimal(token.text))
    return tree.Literal(token.text[1:-1].replace('""', '"'))


def _name(text: str) -> Node:
    if text.upper() in {"TRUE", "FALSE"}:
        return tree.Literal(text.upper() == "TRUE")
    return tree.Name(text)


def _area(sheet: str, token: Token) -> tree.Area:
    text = token.text.upper()
    try:
        if token.kind == "cell":
            match = _CELL.fullmatch(text)
            assert match is not None, "the tokens know an address"
            row, column = int(match[4]), column_number(match[2])
            if row > MAX_ROW:
                raise NotConverted("formula_kept_unread")
            return tree.Area(sheet, row, column, row, column, bool(match[3]), bool(match[3]))
        first, last = (part.replace("$", "") for part in text.split(":"))
        if token.kind == "rows":
            return tree.Area(
                sheet, int(first), 1, int(last), cells.MAX_COLUMN, "$" in text, "$" in text
            )
        left, right = sorted((column_number(first), column_number(last)))
    except FileRefused as error:
        raise NotConverted("formula_kept_unread") from error
    return tree.Area(sheet, 1, left, MAX_ROW, right)


def _table_columns(text: str) -> tree.TableColumns:
    table, _, inside = text[:-1].partition("[")
    pieces = [inside] if "[" not in inside else re.findall(r"\[((?:[^\[\]']|'.)*)\]", inside)
    part = ""
    names: list[str] = []
    for piece in pieces:
        lowered = piece.strip().lower()
        if lowered in _PARTS:
            part = _PARTS[lowered]
        elif piece.startswith("@"):
            part = "this row"
            names.append(_plain(piece[1:]))
        else:
            names.append(_plain(piece))
    if len(names) > 2:
        raise NotConverted("formula_kept_range")
    first = names[0] if names else ""
    return tree.TableColumns(table, first, names[-1] if names else "", part)


def _plain(name: str) -> str:
    return re.sub(r"'(.)", r"\1", name)
