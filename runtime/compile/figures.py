"""Figures over other forms, compiled: roll-ups, aggregate tables, and the rows they take from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.types import TypeEngine

from runtime.compile.field import Field
from runtime.definitions import Label
from runtime.formula import Formula

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Path:
    """A field of the header, or of a line; `part` takes the month or the year of a date."""

    lines: str | None
    code: str
    part: str = ""

    def of(self, header: Values, line: Values | None) -> Any:
        """The value in a row."""
        value = (header if self.lines is None else line or {}).get(self.code)
        if not self.part or not isinstance(value, date):
            return value
        return f"{value:%Y-%m}" if self.part == "month" else f"{value:%Y}"


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows that take part: records of a form that count, or their lines, by a condition."""

    form: str
    lines: str | None
    where: Formula | None = None


@dataclass(frozen=True, eq=False)
class RollUp:
    """A roll-up of the form `owner`: `reference` in `rows` points to the record it belongs to.

    Beside an average stand its sum and its number, `total` and `number`; beside a count of
    different values how often each occurs, in the table `values`.
    """

    owner: str
    field: Field
    measure: str
    rows: Rows
    reference: Path
    measured: Path | None
    total: Column[Any] | None = None
    number: Column[Any] | None = None
    values: Table | None = None

    @property
    def code(self) -> str:
        """The code of its field."""
        return self.field.code

    @property
    def column(self) -> Column[Any]:
        """Where the figure stands."""
        assert self.field.column is not None, "a roll-up is kept"
        return self.field.column

    @property
    def columns(self) -> tuple[Column[Any], ...]:
        """Every column of the owner's table that it keeps."""
        kept = (self.column, self.total, self.number)
        return tuple(column for column in kept if column is not None)


@dataclass(frozen=True, eq=False)
class Share:
    """What a row brings to a measure: `direct` where the formula is a field and no more."""

    measure: str
    sign: int
    formula: Formula | None = None
    direct: Path | None = None


@dataclass(frozen=True, eq=False)
class Feed:
    """A source: its rows, where each dimension stands in them, and what they bring."""

    rows: Rows
    dimensions: tuple[Path, ...]
    shares: tuple[Share, ...]


@dataclass(frozen=True, eq=False)
class Measure:
    """One figure. `op` is how rows are taken together; a derived one has a `formula` instead.

    What a row brings is kept as `brought`. An average stands beside its `total` and `number`;
    extremes and different values are found in `values`.
    """

    field: Field
    op: str = ""
    formula: Formula | None = None
    brought: TypeEngine[Any] | None = None
    total: Column[Any] | None = None
    number: Column[Any] | None = None
    values: Table | None = None

    @property
    def code(self) -> str:
        """The code of its field."""
        return self.field.code

    @property
    def column(self) -> Column[Any]:
        """Where the figure stands."""
        assert self.field.column is not None, "a measure is kept"
        return self.field.column

    @property
    def is_added(self) -> bool:
        """Whether the figure itself is what rows are added to."""
        return self.op in {"sum", "count"}


@dataclass(frozen=True, eq=False)
class GroupCheck:
    """What must hold of a group, and what is said when it does not."""

    formula: Formula
    message: Label


@dataclass(frozen=True, eq=False)
class Aggregate:
    """How an aggregate table is fed and kept; derived measures stand in the order they need."""

    dimensions: tuple[Field, ...]
    measures: tuple[Measure, ...]
    feeds: tuple[Feed, ...]
    checks: tuple[GroupCheck, ...]

    def measure(self, code: str) -> Measure:
        """The measure of that code."""
        return next(measure for measure in self.measures if measure.code == code)
