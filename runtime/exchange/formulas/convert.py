"""What a formula of a workbook means, said with fields, columns and functions of our language."""

from typing import Final

from runtime.exchange.evidence import NO, YES
from runtime.exchange.formulas import ranges
from runtime.exchange.formulas.parse import parse
from runtime.exchange.formulas.ranges import At, Block, Tree
from runtime.exchange.formulas.tree import (
    Area,
    Binary,
    Call,
    Literal,
    Name,
    Node,
    NotConverted,
    TableColumns,
    Unary,
)
from runtime.kinds.functions import FUNCTIONS

_DEEPEST: Final = 12
# Functions whose argument may be several columns or fields in a row.
_MANY: Final = frozenset(
    {"SUM", "AVERAGE", "MAX", "MIN", "COUNT", "COUNTA", "PRODUCT", "MEDIAN", "STDEV", "VAR", "AND"}
    | {"OR", "CONCAT", "CONCATENATE", "TEXTJOIN", "STDEVP", "VARP", "SUMSQ", "XOR"}
)
_SUBTOTALS: Final = {1: "AVERAGE", 2: "COUNT", 3: "COUNTA", 4: "MAX", 5: "MIN", 6: "PRODUCT"}
_SUM: Final = 9
# Their value says where or when a cell is, not what it holds.
_PLACES: Final = frozenset(
    {"ROW", "ROWS", "COLUMN", "COLUMNS", "OFFSET", "INDIRECT", "ADDRESS", "CELL", "RAND"}
    | {"RANDBETWEEN", "RANDARRAY", "HYPERLINK", "GETPIVOTDATA", "HLOOKUP", "FORMULATEXT", "SHEET"}
)


def convert(formula: str, at: At) -> Tree:
    """Return the tree of a formula; NotConverted says why it stays a value."""
    return _Converter(at, 0).of(parse(formula))


class _Converter:
    def __init__(self, at: At, depth: int) -> None:
        self._at = at
        self._depth = depth
        if depth > _DEEPEST:
            raise NotConverted("formula_kept_long")

    def of(self, node: Node) -> Tree:
        """A single value, or a whole column."""
        match node:
            case Literal():
                return literal(node)
            case Area():
                return self._area(node)
            case TableColumns():
                return self._area(self._placed(node))
            case Name():
                return self._deeper(self._at.scene.named(node))
            case Unary():
                operand = self.of(node.operand)
                return operand if node.operator == "+" else (_UNARY[node.operator], operand)
            case Binary():
                return self._binary(node)
            case Call():
                return self._call(node)

    def _deeper(self, node: Node) -> Tree:
        return _Converter(self._at, self._depth + 1).of(node)

    def _binary(self, node: Binary) -> Tree:
        left, right = self.of(node.left), self.of(node.right)
        if node.operator in {"=", "<>"}:
            left, right = self._yes_no(left, right), self._yes_no(right, left)
        return ("op", node.operator, left, right)

    def _yes_no(self, side: Tree, other: Tree) -> Tree:
        """是 beside a field that is TRUE or FALSE in the app is TRUE."""
        if side[0] != "t" or other[0] != "own" or not self._is_boolean(str(other[1])):
            return side
        word = str(side[1]).strip().lower()
        return ("b", word in YES) if word in YES | NO else side

    def _is_boolean(self, letters: str) -> bool:
        from runtime.exchange.cells import column_number  # noqa: PLC0415 - only here

        return self._at.found.columns[column_number(letters)].guess.type == "boolean"

    # cells

    def _placed(self, node: TableColumns) -> Area:
        at = self._at
        return at.scene.area_of(node, at.found.sheet, at.row, at.column)

    def _as_area(self, node: Node) -> Area | None:
        if isinstance(node, TableColumns):
            return self._placed(node)
        if isinstance(node, Name):
            named = self._at.scene.named(node)
            return named if isinstance(named, Area) else None
        return node if isinstance(node, Area) else None

    def _area(self, area: Area) -> Tree:
        own = ranges.own_row(area, self._at)
        if own is not None and len(own) == 1:
            return own[0]
        if area.is_cell:
            return self._single(area)
        found = ranges.block(area, self._at).columns()
        if len(found) != 1:
            raise NotConverted("formula_kept_range")
        return found[0]

    def _single(self, area: Area) -> Tree:
        if not area.top_fixed and not self._stands_alone(area):
            raise ranges.other_row(area, self._at)
        inlined = self._inlined(area)
        return inlined if inlined is not None else ranges.constant(area, self._at)

    def _stands_alone(self, area: Area) -> bool:
        """A table of one record has no rows to tell fixed from moving by."""
        return len(self._at.found.table.rows) == 1 and not ranges.is_record(area, self._at)

    def _inlined(self, area: Area) -> Tree | None:
        """A total or today's date in a cell of its own is meant, not the figure of that day."""
        sheet = self._at.sheet_of(area)
        cell = self._at.scene.cell(sheet, area.top, area.left)
        if cell is None or not cell.formula:
            return None
        home = next(iter(self._at.scene.on(sheet)), self._at.found)
        there = At(self._at.scene, home, area.top, area.left)
        try:
            found = _Converter(there, self._depth + 1).of(parse(cell.formula))
        except NotConverted:
            return None
        return None if _reads_row(found) else found

    # calls

    def _call(self, node: Call) -> Tree:
        special = _SPECIAL.get(node.name)
        if special is not None:
            return special(self, node)
        if node.name in _PLACES or node.name not in FUNCTIONS:
            raise NotConverted("formula_kept_function", name=node.name[:40])
        return ("call", node.name, self.arguments(node))

    def arguments(self, node: Call) -> list[Tree]:
        """The arguments, a range in a row as the fields it covers."""
        found: list[Tree] = []
        for argument in node.arguments:
            area = self._as_area(argument)
            if area is None or area.is_cell:
                found.append(self.of(argument))
                continue
            several = ranges.own_row(area, self._at)
            if several is None:
                several = ranges.block(area, self._at).columns()
            if len(several) != 1 and node.name not in _MANY:
                raise NotConverted("formula_kept_range")
            found += several
        return found

    def block(self, node: Node) -> Block:
        """An argument that must be columns of a table."""
        area = self._as_area(node)
        if area is None:
            raise NotConverted("formula_kept_range")
        return ranges.block(area, self._at)

    def vlookup(self, node: Call) -> Tree:
        """VLOOKUP by column number, or in the order of the keys."""
        if len(node.arguments) not in {3, 4}:
            raise NotConverted("formula_kept_unread")
        key, table = self.of(node.arguments[0]), self.block(node.arguments[1])
        place = self._whole(node.arguments[2])
        keys, values = table.column(1), table.column(place)
        mode = self.of(node.arguments[3]) if len(node.arguments) == 4 else ("b", True)
        if _is_true(mode):
            return ("call", "VLOOKUP", [key, keys, values, ("b", True)])
        if mode not in {("b", False), ("n", "0"), ("none",)}:
            raise NotConverted("formula_kept_range")
        return look(key, keys, values)

    def xlookup(self, node: Call) -> Tree:
        """XLOOKUP; an exact one is a lookup."""
        given = self.arguments(node)
        if len(given) < 3 or given[1][0] != "col" or given[2][0] != "col":
            raise NotConverted("formula_kept_range")
        rest = [each for each in given[4:] if each not in {("none",), ("n", "0"), ("n", "1")}]
        if rest or given[1][1] != given[2][1]:
            return ("call", "XLOOKUP", given)
        missing = given[3] if len(given) > 3 and given[3] != ("none",) else None
        return look(given[0], given[1], given[2], missing)

    def index(self, node: Call) -> Tree:
        """INDEX over MATCH is a lookup."""
        if len(node.arguments) not in {2, 3}:
            raise NotConverted("formula_kept_unread")
        table, row = self.block(node.arguments[0]), node.arguments[1]
        place = self._whole(node.arguments[2]) if len(node.arguments) == 3 else 1
        values = table.column(place)
        if isinstance(row, Call) and row.name == "MATCH" and len(row.arguments) == 3:
            keys = self.of(row.arguments[1])
            if keys[0] == "col" and self.of(row.arguments[2]) in {("n", "0"), ("b", False)}:
                return look(self.of(row.arguments[0]), keys, values)
        return ("call", "INDEX", [values, self.of(row)])

    def subtotal(self, node: Call) -> Tree:
        """SUBTOTAL by its number; hidden rows count, for nothing is hidden in a form."""
        number = self._whole(node.arguments[0]) % 100 if node.arguments else 0
        name = "SUM" if number == _SUM else _SUBTOTALS.get(number)
        if name is None:
            raise NotConverted("formula_kept_function", name="SUBTOTAL")
        return ("call", name, self.arguments(Call(name, node.arguments[1:])))

    def single(self, node: Call) -> Tree:
        """`@` in front of an address."""
        return self.of(node.arguments[0])

    def _whole(self, node: Node) -> int:
        if isinstance(node, Call) and node.name in {"COLUMN", "COLUMNS"} and node.arguments:
            area = self._as_area(node.arguments[0])
            if area is not None:
                return area.left if node.name == "COLUMN" else area.right - area.left + 1
        found = self.of(node)
        number = found[-1] if found[0] in {"n", "const"} else None
        if not isinstance(number, str) or not number.isdigit() or len(number) > 5:
            raise NotConverted("formula_kept_range")
        return int(number)


def literal(node: Literal) -> Tree:
    """A value written into the formula."""
    value = node.value
    if value is None:
        return ("none",)
    if isinstance(value, bool):
        return ("b", value)
    return ("t", value) if isinstance(value, str) else ("n", format(value, "f"))


def look(key: Tree, keys: Tree, values: Tree, missing: Tree | None = None) -> Tree:
    """An exact lookup in a table."""
    found = ("look", key, keys[1], keys[2], values[2])
    if keys[1] != values[1]:
        return ("call", "XLOOKUP", [key, keys, values])
    return found if missing is None else (*found, missing)


def _is_true(tree: Tree) -> bool:
    return tree in {("b", True), ("n", "1")}


def _reads_row(tree: Tree) -> bool:
    if tree[0] == "own":
        return True
    parts = [part for part in tree[1:] if isinstance(part, tuple | list)]
    flat = [each for part in parts for each in (part if isinstance(part, list) else [part])]
    return any(_reads_row(each) for each in flat)


_UNARY: Final = {"-": "neg", "%": "pct"}
_SPECIAL: Final = {
    "VLOOKUP": _Converter.vlookup,
    "XLOOKUP": _Converter.xlookup,
    "INDEX": _Converter.index,
    "SUBTOTAL": _Converter.subtotal,
    "SINGLE": _Converter.single,
}
