"""The result type of an expression, and every type that cannot be meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from runtime.formula.binding import PER_ROW, kind_at
from runtime.formula.errors import FormulaProblem
from runtime.formula.tree import Binary, Call, Literal, Node, Reference, Unary, spine

NUMERIC: Final = frozenset({"number", "money", "percent"})
DATES: Final = frozenset({"date", "datetime"})
TIME: Final = "time"
TEXTS: Final = frozenset({"text", "choice"})
LIST: Final = "list of "

# What a parameter (or operand) of a kind can never be given.
NEVER: Final = {
    "number": DATES | {"reference", "time"},
    "numbers": DATES | {"reference", "time"},
    "ordered": frozenset({"reference"}),
    "text": frozenset({"reference"}),
    "values": frozenset({"reference"}),
    "boolean": DATES | {"reference", "time"},
    "date": NUMERIC | {"boolean", "reference", "time"},
    "clock": NUMERIC | {"boolean", "reference"},
}

WRONG: Final = {
    "number": "formula_type_number",
    "numbers": "formula_type_number",
    "ordered": "formula_type_number",
    "text": "formula_type_text",
    "values": "formula_type_text",
    "boolean": "formula_type_boolean",
    "date": "formula_type_date",
    "clock": "formula_type_date",
}


def is_list(kind: str) -> bool:
    """Whether it is the type of a column."""
    return kind.startswith(LIST)


def item(kind: str) -> str:
    """The type of a single value: of a column's rows, or itself."""
    return kind.removeprefix(LIST)


def same(kinds: Sequence[str]) -> str:
    """The numeric type of the first argument: ROUND of money is money."""
    return item(kinds[0]) if kinds and item(kinds[0]) in NUMERIC else "number"


def date_like(kinds: Sequence[str]) -> str:
    """Number, date or time, whichever the arguments are: MAX of dates is a date."""
    found = joined([item(each) for each in kinds])
    known = NUMERIC | DATES | {TIME}
    return found if found in known else "number" if found == "empty" else "any"


def joined(kinds: Sequence[str]) -> str:
    """The type that values of all these types share; nothing and "" agree with everything."""
    lists = any(is_list(each) for each in kinds)
    found = {item(each) for each in kinds} - {"empty"}
    if not found:
        return "empty"
    if len(found) == 1:
        kind = found.pop()
    elif found <= NUMERIC:
        kind = "money" if found == {"money", "number"} else "number"
    elif found <= TEXTS:
        kind = "text"
    else:
        kind = "datetime" if found <= DATES else "any"
    return LIST + kind if lists else kind


@dataclass(frozen=True)
class Inferred:
    """The type of the whole, all that is wrong, and which subtractions are of two dates."""

    type: str
    problems: tuple[FormulaProblem, ...]
    days_apart: frozenset[Node]


def infer(tree: Node) -> Inferred:
    """Find the types in one walk."""
    inference = _Inference()
    kind = inference.of(tree)
    return Inferred(kind, tuple(inference.problems), frozenset(inference.days_apart))


class _Inference:
    """One walk from the leaves up."""

    def __init__(self) -> None:
        self.problems: list[FormulaProblem] = []
        self.days_apart: list[Node] = []

    def wrong(self, node: Node, wanted: str, found: str) -> None:
        params = {"wanted": wanted, "found": found}
        self.problems.append(FormulaProblem(WRONG[wanted], node.span, params))

    def of(self, node: Node) -> str:
        match node:
            case Literal():
                return _literal(node)
            case Reference():
                return LIST + node.type if node.many else node.type
            case Unary():
                found = self.of(node.operand)
                self.require(node.operand, found, "number")
                kind = "percent" if node.operator == "%" else same([found])
                return LIST + kind if is_list(found) else kind
            case Call():
                return self.call(node)
            case Binary():
                return self.chain(node)

    def require(self, node: Node, found: str, kind: str) -> None:
        if item(found) in NEVER.get(kind, ()):
            self.wrong(node, kind, item(found))

    def chain(self, node: Binary) -> str:
        first, operations = spine(node)
        found = self.of(first)
        for operation in operations:
            right = self.of(operation.right)
            kind = self.binary(operation, item(found), item(right))
            found = LIST + kind if is_list(found) or is_list(right) else kind
        return found

    def binary(self, node: Binary, left: str, right: str) -> str:
        if node.operator == "&":
            self.require(node.left, left, "text")
            self.require(node.right, right, "text")
            return "text"
        if node.operator in ("+", "-") and TIME in (left, right):
            return self.times(node, left, right)
        if node.operator in ("+", "-") and (left in DATES or right in DATES):
            return self.dates(node, left, right)
        if node.operator in ("+", "-", "*", "/", "^"):
            self.require(node.left, left, "number")
            self.require(node.right, right, "number")
            return _arithmetic(node.operator, left, right)
        if not _comparable(left, right):
            params = {"left": left, "right": right}
            self.problems.append(FormulaProblem("formula_types_differ", node.span, params))
        return "boolean"

    def times(self, node: Binary, left: str, right: str) -> str:
        """A date takes the time of a day; two times give the part of a day between them."""
        if node.operator == "+" and {left, right} & DATES:
            return "datetime"
        if node.operator == "-" and left == right:
            self.days_apart.append(node)
            return "number"
        wrong, found = (node.left, left) if right in ("any", TIME) else (node.right, right)
        self.wrong(wrong, "date", found)
        return "any"

    def dates(self, node: Binary, left: str, right: str) -> str:
        """A date moves by days; two dates give the days between them."""
        if node.operator == "-" and left in DATES:
            if right in DATES:
                self.days_apart.append(node)
                return "number"
            self.require(node.right, right, "number")
            return left
        if node.operator == "+" and left in DATES:
            self.require(node.right, right, "number")
            return left
        if node.operator == "+":
            self.require(node.left, left, "number")
            return right
        if left not in ("any", "empty", *TEXTS):
            self.wrong(node.left, "date", left)
        return "number"

    def call(self, node: Call) -> str:
        kinds = [self.of(each) for each in node.arguments]
        parameters = node.function.parameters
        rows = False
        for place, found in enumerate(kinds):
            kind = kind_at(parameters, place)
            rows = rows or (kind in PER_ROW and is_list(found))
            self.require(node.arguments[place], found, kind)
        result = node.function.result(kinds)
        return LIST + result if rows and not is_list(result) else result


def _literal(node: Literal) -> str:
    match node.value:
        case None | "":
            return "empty"
        case bool():
            return "boolean"
        case str():
            return "text"
    return "number"


def _arithmetic(operator: str, left: str, right: str) -> str:
    """Money stays money unless it is divided by money; a percentage of a number is a number."""
    if operator in ("+", "-"):
        if left == right == "percent":
            return "percent"
        return "money" if "money" in (left, right) else "number"
    if operator == "*":
        return "money" if (left == "money") != (right == "money") else "number"
    return "money" if operator == "/" and left == "money" and right != "money" else "number"


def _comparable(left: str, right: str) -> bool:
    """Excel compares anything; a date with a text, or a reference with a word, is a mistake."""
    special = DATES | {"reference", TIME}
    if left not in special and right not in special:
        return True
    if {left, right} & {"any", "empty"}:
        return True
    return left == right or (left in DATES and right in DATES)
