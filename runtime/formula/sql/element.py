"""Pieces of SQL put together as text with places, which SQLAlchemy renders for its dialect."""

from typing import Any, Final

from sqlalchemy import ColumnClause, ColumnElement, FromClause, Text, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from runtime.formula.cell_errors import CellError
from runtime.formula.sql import faults

Element = ColumnElement[Any]
# What a statement may hold: databases bound how long and how deep an expression is.
MAX_WEIGHT: Final = 20_000
MAX_DEPTH: Final = 300


class UnsuitableError(Exception):
    """Raised where SQL cannot give exactly what Python gives; `reason` is for people who look."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Sql(FunctionElement[Any]):
    """A text with `{0}`, `{1}` … where other expressions stand; a place may be named twice."""

    inherit_cache = False

    def __init__(self, text: str, *parts: Element) -> None:
        super().__init__(*parts)
        self.text = text
        self.weight = 1 + sum(
            text.count(f"{{{place}}}") * weight(part) for place, part in enumerate(parts)
        )
        self.depth = 1 + max((depth(part) for part in parts), default=0)
        if self.weight > MAX_WEIGHT or self.depth > MAX_DEPTH:
            raise UnsuitableError("the expression would be too large for a database")


@compiles(Sql)
def _render(element: Sql, compiler: SQLCompiler, **given: Any) -> str:
    # Value, error and flag share most of their pieces, which read the same wherever they stand.
    kept: dict[int, str] = compiler.__dict__.setdefault("_pieces_of_formulas", {})
    if id(element) not in kept:
        kept[id(element)] = _written(element, compiler, given)
    return kept[id(element)]


def _written(element: Sql, compiler: SQLCompiler, given: dict[str, Any]) -> str:
    text = element.text
    if compiler.preparer._double_percents:
        text = text.replace("%", "%%")
    return text.format(*(compiler.process(part, **given) for part in element.clauses))


def weight(part: Element) -> int:
    """How many pieces an expression has once it is written out."""
    return part.weight if isinstance(part, Sql) else 1


def depth(part: Element) -> int:
    """How deeply an expression is nested."""
    return part.depth if isinstance(part, Sql) else 1


def stands_on(part: Element, table: FromClause) -> bool:
    """Whether an expression reads a column of the table, other than in a query of its own."""
    waiting, seen = [part], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, Sql):
            waiting.extend(each.clauses)
        elif isinstance(each, ColumnClause) and each.table is table:
            return True
    return False


def text(given: str) -> Element:
    """A text as a parameter: nothing a person wrote becomes SQL."""
    return literal(given, Text())


def first(*found: Element | None) -> Element | None:
    """The first fault there is, in the order of evaluation."""
    known = [each for each in found if each is not None]
    if len(known) < 2:
        return known[0] if known else None
    return Sql(f"coalesce({places(len(known))})", *known)


def any_of(*found: Element | None) -> Element | None:
    """Whether any of the conditions holds."""
    known = list({id(each): each for each in found if each is not None}.values())
    if len(known) < 2:
        return known[0] if known else None
    return Sql(f"({places(len(known), ' OR ')})", *known)


def all_of(*found: Element) -> Element:
    """Whether all conditions hold."""
    return found[0] if len(found) == 1 else Sql(f"({places(len(found), ' AND ')})", *found)


def places(count: int, between: str = ", ", start: int = 0) -> str:
    """So many places of a text: {0}, {1}."""
    return between.join(f"{{{place}}}" for place in range(start, start + count))


def fault_when(condition: Element, error: CellError) -> Element:
    """The code of an error where the condition holds."""
    return Sql(f"CASE WHEN {{0}} THEN {faults.code(error)} END", condition)


def fault(error: CellError) -> Element:
    """The code of an error, everywhere."""
    return Sql(str(faults.code(error)))
