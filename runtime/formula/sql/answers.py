"""Cases of `formula eval` in a database: their fields as typed columns, few statements for many."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Protocol

import pysqlite3  # type: ignore[import-untyped]
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    create_engine,
    literal,
    select,
    union_all,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from runtime.formula.formula import Formula
from runtime.formula.numbers import finish
from runtime.formula.sql import faults
from runtime.formula.sql.build import SqlFormula, Unsuitable, compile_sql
from runtime.formula.sql.element import Sql, weight
from runtime.formula.sql.value import NOTHING, Clock, Lines, Source
from runtime.formula.types import NUMERIC, TEXTS, item
from runtime.infra.columns import ExactDecimal, Flag, Instant, IsoDate, Key
from runtime.infra.db import Database
from runtime.infra.decimals import moved, shortest

MEMORY: Final = "sqlite://"
MOST_SCALE: Final = 12
# One statement answers so many cases, if their expressions are small.
TOGETHER: Final = 50
WEIGHT_TOGETHER: Final = 6_000
_log = logging.getLogger(__name__)
Place = tuple[str | None, str]
_HEADER: Final = "header"


class Case(Protocol):
    """What is asked: a formula and the values of its fields."""

    @property
    def formula(self) -> Formula: ...
    @property
    def row(self) -> dict[str, Any]: ...
    @property
    def lines(self) -> dict[str, list[dict[str, Any]]]: ...
    @property
    def kinds(self) -> Mapping[Place, str]: ...
    @property
    def now(self) -> datetime: ...
    @property
    def zone(self) -> Any: ...


@dataclass(frozen=True)
class Answer:
    """The value of a case, or its error."""

    value: Any


@dataclass(frozen=True)
class _Asked:
    """A case ready to be asked: its number, what it selects and how the answer is read."""

    number: int
    formula: SqlFormula
    statement: Select[Any]


@contextmanager
def opened(address: str) -> Iterator[Connection]:
    """A transaction that is never committed: "sqlite://" is a database in memory."""
    if address == MEMORY:
        engine = create_engine(MEMORY, module=pysqlite3)
    else:
        engine = Database(address).engine
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            if connection.dialect.name == "postgresql":
                # Compiling to machine code takes longer than these statements run.
                connection.exec_driver_sql("SET LOCAL jit = off")
            yield connection
            transaction.rollback()
    finally:
        engine.dispose()


def answers(connection: Connection, cases: Sequence[Case]) -> dict[int, Answer]:
    """What the database says, by the number of the case; without those that are Python's."""
    asked: list[_Asked] = []
    for numbers in _alike(cases).values():
        asked += _prepared(connection, cases, numbers)
    found: dict[int, Answer] = {}
    for batch in _batches(asked):
        found |= _ask(connection, batch)
    return found


def _alike(cases: Sequence[Case]) -> dict[Any, list[int]]:
    """Cases with the same fields share their tables."""
    groups: dict[Any, list[int]] = {}
    for number, case in enumerate(cases):
        groups.setdefault(tuple(sorted(case.kinds.items(), key=str)), []).append(number)
    return groups


def _prepared(
    connection: Connection, cases: Sequence[Case], numbers: Sequence[int]
) -> Iterator[_Asked]:
    group = [cases[number] for number in numbers]
    tables = _tables(group, f"case_{numbers[0]}")
    for code, table in tables.items():
        table.create(connection)
        rows = list(_rows(code, table, cases, numbers))
        if rows:
            connection.execute(table.insert(), rows)
    for number in numbers:
        case = cases[number]
        if not all(_kept(tables, case, key) for key in case.formula.references):
            continue
        found = _compiled(connection, tables, case)
        if isinstance(found, SqlFormula):
            yield _Asked(number, found, _statement(tables[_HEADER], number, found))


def _tables(group: Sequence[Case], name: str) -> dict[str, Table]:
    """The header's table and one for each line table, with columns that hold what they can."""
    metadata = MetaData()
    columns: dict[str, list[Column[Any]]] = {_HEADER: []}
    for place, (key, kind) in enumerate(sorted(group[0].kinds.items(), key=str)):
        lines, code = key
        typed = _type(kind, [value for case in group for value in _values(case, key)])
        if typed is not None:
            column = Column(f"f{place}", typed, info={"code": code})
            columns.setdefault(lines or _HEADER, []).append(column)
        else:
            columns.setdefault(lines or _HEADER, [])
    return {
        code: Table(
            f"{name}_{at}",
            metadata,
            Column("id", Integer, nullable=False),
            Column("line_no", Integer, nullable=False),
            *fields,
            prefixes=["TEMPORARY"],
            sqlite_strict=True,
        )
        for at, (code, fields) in enumerate(columns.items())
    }


def _values(case: Case, key: Place) -> list[Any]:
    lines, code = key
    if lines is None:
        return [case.row.get(code)]
    return [row.get(code) for row in case.lines.get(lines, ())]


def _type(kind: str, values: Sequence[Any]) -> TypeEngine[Any] | None:
    if kind in NUMERIC:
        scales = [_scale(each) for each in values if isinstance(each, Decimal)]
        return ExactDecimal(max((each for each in scales if each <= MOST_SCALE), default=0))
    if kind in TEXTS:
        return Text()
    simple: Mapping[str, TypeEngine[Any]] = {
        "boolean": Flag(),
        "date": IsoDate(),
        "datetime": Instant(),
        "reference": Key(),
    }
    return simple.get(kind)


def _scale(value: Decimal) -> int:
    return max(-int(shortest(value).as_tuple().exponent), 0)


def _column(table: Table, code: str) -> Column[Any] | None:
    return next((each for each in table.c if each.info.get("code") == code), None)


def _fits(column: Column[Any], value: Any) -> bool:
    """Whether the column holds exactly this value."""
    match column.type:
        case ExactDecimal():
            return isinstance(value, Decimal) and column.type.holds(value)
        case Text():
            return isinstance(value, str) and "\0" not in value
        case Flag():
            return isinstance(value, bool)
        case IsoDate():
            return isinstance(value, date) and not isinstance(value, datetime)
        case Instant():
            return isinstance(value, datetime) and 1 < value.year < 9999
    return isinstance(value, str) and value.isdecimal() and len(value) < 16 and value[0] != "0"


def _kept(tables: Mapping[str, Table], case: Case, key: Place) -> bool:
    """Whether the tables hold the values of a field as they are."""
    lines, code = key
    table = tables.get(lines or _HEADER)
    column = None if table is None else _column(table, code)
    if column is None:
        return False
    return all(each is None or _fits(column, each) for each in _values(case, key))


def _rows(
    code: str, table: Table, cases: Sequence[Case], numbers: Sequence[int]
) -> Iterator[dict[str, Any]]:
    for number in numbers:
        case = cases[number]
        rows = [case.row] if code == _HEADER else case.lines.get(code, [])
        for line_no, row in enumerate(rows, 1):
            found: dict[str, Any] = {"id": number, "line_no": line_no}
            for column in table.c:
                if "code" in column.info:
                    value = row.get(column.info["code"])
                    kept = value is not None and _fits(column, value)
                    found[column.name] = _stored(value, column) if kept else None
            yield found


def _stored(value: Any, column: Column[Any]) -> Any:
    """A reference is kept as its number."""
    return int(value) if isinstance(column.type, BigInteger) else value


def _compiled(
    connection: Connection, tables: Mapping[str, Table], case: Case
) -> SqlFormula | Unsuitable:
    header = tables[_HEADER]
    columns: dict[Place, Any] = {
        (None, each.info["code"]): each for each in header.c if "code" in each.info
    }
    lines = {
        code: Lines(
            table,
            {each.info["code"]: each for each in table.c if "code" in each.info},
            table.c.id == header.c.id,
            (table.c.line_no,),
        )
        for code, table in tables.items()
        if code != _HEADER
    }
    clock = Clock(case.now, case.zone)
    return compile_sql(case.formula, Source(columns, lines), connection.dialect.name, clock)


def _statement(header: Table, number: int, found: SqlFormula) -> Select[Any]:
    return select(
        literal(number).label("number"),
        Sql("CAST({0} AS TEXT)", found.value).label("value"),
        Sql("CAST({0} AS INTEGER)", found.error).label("error"),
        Sql("CASE WHEN {0} THEN 1 END", found.blank if found.blank is not None else NOTHING).label(
            "blank"
        ),
    ).where(header.c.id == number)


def _batches(asked: Sequence[_Asked]) -> Iterator[list[_Asked]]:
    batch: list[_Asked] = []
    heavy = 0
    for each in asked:
        this = weight(each.formula.value) + weight(each.formula.error)
        if batch and (len(batch) == TOGETHER or heavy + this > WEIGHT_TOGETHER):
            yield batch
            batch, heavy = [], 0
        batch.append(each)
        heavy += this
    if batch:
        yield batch


def _ask(connection: Connection, batch: Sequence[_Asked]) -> dict[int, Answer]:
    """Ask all at once; a statement the database refuses is asked case by case, and reported."""
    statement = union_all(*(each.statement for each in batch)) if batch[1:] else batch[0].statement
    try:
        with connection.begin_nested():
            rows = connection.execute(statement).all()
    except DBAPIError as error:
        if batch[1:]:
            return {n: answer for each in batch for n, answer in _ask(connection, [each]).items()}
        _log.warning("a formula was refused by the database: %s", error.orig)
        return {}
    by_number = {each.number: each for each in batch}
    found = {}
    for number, value, error_code, blank in rows:
        if error_code == faults.ASK_PYTHON:
            continue
        if error_code is not None:
            found[number] = Answer(faults.error(error_code))
        elif blank is not None:
            found[number] = Answer("")
        else:
            found[number] = Answer(_read(connection, by_number[number].formula, value))
    return found


def _read(connection: Connection, formula: SqlFormula, value: str | None) -> Any:
    """The value from its text."""
    if value is None:
        return None
    match item(formula.kind):
        case "number" if connection.dialect.name == "sqlite":
            return finish(moved(Decimal(value), -formula.scale))
        case "number":
            return finish(Decimal(value))
        case "boolean":
            return value in ("1", "true")
        case "date":
            return date.fromisoformat(value)
        case "datetime":
            return datetime.fromisoformat(value)
    return value
