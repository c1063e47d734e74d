"""What is known of a value while it is still SQL: its kind, its range, its faults."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause

from runtime.formula.sql.element import Element, Sql, UnsuitableError, any_of, first
from runtime.formula.values import MAX_TEXT

FieldKey = tuple[str | None, str]
# number text boolean date datetime reference, and "empty" for a value that is never there.
NOTHING: Final = Sql("NULL")


@dataclass(frozen=True, eq=False)
class Value:
    """A value of one row.

    A number is `sql` * 10^-scale on SQLite and `sql` itself on PostgreSQL; `low` and `high` bound
    it in units of 10^-scale on both. `fault` is the code of its error or NULL, `flag` holds where
    only Python knows the value; `sql` means something only where neither speaks.
    """

    kind: str
    sql: Element
    nullable: bool = False
    fault: Element | None = None
    flag: Element | None = None
    lines: str | None = None
    scale: int = 0
    low: int = 0
    high: int = 0
    longest: int = 0
    # Where the value is the text "" although its kind is another, as in IF(a, "", 1).
    blank: Element | None = None
    # What a literal of the formula says.
    known: Any = None
    factors: tuple["Value", ...] = ()
    ratio: tuple["Value", "Value"] | None = None

    def with_signs(self, *others: "Value") -> "Value":
        """The same with the faults and flags of what it was made from before its own."""
        return replace(
            self,
            fault=first(*(each.fault for each in others), self.fault),
            flag=any_of(*(each.flag for each in others), self.flag),
            lines=common_lines(self, *others),
            # Whoever computes it another way from its parts must not lose a flag.
            factors=_flagged(self.factors, others),
            ratio=_flagged_ratio(self.ratio, others),
        )

    def bare(self) -> "Value":
        """The same without faults and flags, for whoever carries them already."""
        return replace(self, fault=None, flag=None)


def _flagged(parts: tuple[Value, ...], others: tuple[Value, ...]) -> tuple[Value, ...]:
    if not parts:
        return ()
    flag = any_of(*(each.flag for each in others), parts[0].flag)
    return (replace(parts[0], flag=flag), *parts[1:])


def _flagged_ratio(
    ratio: tuple[Value, Value] | None, others: tuple[Value, ...]
) -> tuple[Value, Value] | None:
    if ratio is None:
        return None
    flag = any_of(*(each.flag for each in others), ratio[0].flag)
    return replace(ratio[0], flag=flag), ratio[1]


def common_lines(*found: Value) -> str | None:
    """The line table whose rows the values run over, if they are columns."""
    tables = {each.lines for each in found if each.lines is not None}
    if len(tables) > 1:
        raise UnsuitableError("columns of two line tables meet")
    return tables.pop() if tables else None


def nothing() -> Value:
    """The value that is not there."""
    return Value("empty", NOTHING, nullable=True)


def text_value(sql: Element, longest: int = MAX_TEXT, **more: Any) -> Value:
    """A text."""
    return Value("text", sql, longest=longest, **more)


def boolean(sql: Element, **more: Any) -> Value:
    """TRUE or FALSE."""
    return Value("boolean", sql, **more)


@dataclass(frozen=True)
class Lines:
    """The rows of a line table that belong to the row: columns by code, condition, order."""

    table: FromClause
    columns: Mapping[str, ColumnElement[Any]]
    where: ColumnElement[bool]
    order: tuple[ColumnElement[Any], ...]


@dataclass(frozen=True)
class Source:
    """Where the fields of a formula stand in the statement.

    `bounds` may narrow what a column holds (in its own units), `longest` how long its texts are.
    """

    columns: Mapping[FieldKey, ColumnElement[Any]]
    lines: Mapping[str, Lines] = field(default_factory=dict)
    bounds: Mapping[FieldKey, tuple[int, int]] = field(default_factory=dict)
    longest: Mapping[FieldKey, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Clock:
    """The one moment of the evaluation and the zone its wall time is of."""

    now: datetime
    zone: tzinfo

    def moment(self) -> datetime:
        """Wall time to the second."""
        return self.now.astimezone(self.zone).replace(microsecond=0, tzinfo=None)
