"""A formula over a whole table: one UPDATE, and Python in chunks for the rows only it knows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    func,
    select,
    update,
)

from runtime.formula.formula import FieldKey, Formula, evaluate_in
from runtime.formula.reading import Context
from runtime.formula.sql.build import (
    DIALECTS,
    SqlFormula,
    Unsuitable,
    compile_sql,
    compile_usual,
)
from runtime.formula.sql.element import Element, Sql, UnsuitableError, all_of
from runtime.formula.sql.value import Clock, Source
from runtime.infra.columns import MAX_SCALED, ExactDecimal, Flag, Instant, IsoDate

CHUNK: Final = 1_000


@dataclass(frozen=True, eq=False)
class Task:
    """A formula column to recompute: of `table`, whose rows `key` names, in the rows of `where`.

    `store` turns a value of the formula into what the column keeps (programs.stored_value);
    `row` is the line table whose rows these are, None for a header.
    """

    formula: Formula
    table: Table
    key: Column[Any]
    target: Column[Any]
    source: Source
    store: Callable[[Any], Any]
    row: str | None = None
    where: ColumnElement[bool] | None = None
    # Rows that have the value already stay untouched: cheaper where few have changed.
    only_changed: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Recomputed:
    """How many rows were written by the database and how many by Python, and why by Python."""

    by_sql: int
    by_python: int
    reason: str | None

    @property
    def native(self) -> bool:
        """Whether the database did it all."""
        return self.by_python == 0 and self.reason is None


@dataclass(frozen=True, eq=False)
class SetBased:
    """The UPDATEs, one after the other, and which rows they leave to Python (None: none).

    The first is for rows whose numbers are as they nearly always are, and needs no guards.
    """

    updates: tuple[Update, ...]
    doubtful: ColumnElement[bool] | None


def recompute(connection: Connection, task: Task, clock: Clock) -> Recomputed:
    """Bring the column up to date: set-based where that is exact, else in chunks."""
    plan = update_statements(task, connection.dialect.name, clock)
    if isinstance(plan, Unsuitable):
        return Recomputed(0, _in_python(connection, task, clock, None), plan.reason)
    wanted = _wanted(connection, task)
    done = 0
    for statement in plan.updates:
        done += connection.execute(statement).rowcount
        if done == wanted:
            return Recomputed(done, 0, None)
    if plan.doubtful is None:
        return Recomputed(done, 0, None)
    left = _in_python(connection, task, clock, plan.doubtful)
    return Recomputed(done, left, "some values leave what is exact" if left else None)


def _wanted(connection: Connection, task: Task) -> int:
    """How many rows there are to write; -1 where rows that do not change are left out."""
    if task.only_changed:
        return -1
    statement = select(func.count()).select_from(task.table)
    if task.where is not None:
        statement = statement.where(task.where)
    return connection.scalar(statement) or 0


def update_statements(task: Task, dialect: str, clock: Clock) -> SetBased | Unsuitable:
    """The UPDATEs that write what `store` would keep, where SQL has exactly that."""
    kind = task.target.type
    places = kind.scale if isinstance(kind, ExactDecimal) else None
    found = compile_sql(task.formula, task.source, dialect, clock, places=places)
    if isinstance(found, Unsuitable):
        return found
    try:
        value, doubtful = _kept(found, task.target, dialect, clock)
        stages = list(_stages(task, dialect, clock, places, doubtful is not None))
    except UnsuitableError as error:
        return Unsuitable(error.reason)
    updates, others = [], None
    for short, rows in stages:
        updates.append(_update(task, short, None, _both(others, rows)))
        others = _both(others, Sql("({0} IS NOT TRUE)", rows))
    updates.append(_update(task, value, doubtful, others))
    return SetBased(tuple(updates), None if doubtful is None else _both(others, doubtful))


def _stages(
    task: Task,
    dialect: str,
    clock: Clock,
    places: int | None,
    guarded: bool,  # noqa: FBT001 - whether rows may leave what is exact
) -> Iterator[tuple[Element, Element]]:
    """Shorter expressions for the rows they hold for: the usual ones, then larger numbers."""
    for few_decimals in (False, True) if guarded and dialect == "sqlite" else (False,):
        found = compile_usual(
            task.formula, task.source, dialect, clock, places=places, few_decimals=few_decimals
        )
        if found is not None:
            value, beyond = _kept(found[0], task.target, dialect, clock)
            rows = found[1]
            yield value, rows if beyond is None else Sql("({0} AND NOT {1})", rows, beyond)


def _both(one: Element | None, other: Element) -> Element:
    return other if one is None else all_of(one, other)


def _update(
    task: Task, value: Element, doubtful: Element | None, rows: Element | None = None
) -> Update:
    conditions: list[Element] = [each for each in (task.where, rows) if each is not None]
    if doubtful is not None:
        conditions.append(Sql("({0} IS NOT TRUE)", doubtful))
    if task.only_changed:
        conditions.append(Sql("({0} IS DISTINCT FROM {1})", task.target, value))
    statement = update(task.table).values({task.target: value})
    return statement.where(all_of(*conditions)) if conditions else statement


def _kept(
    found: SqlFormula, target: Column[Any], dialect: str, clock: Clock
) -> tuple[Element, Element | None]:
    """The value as the column keeps it, and where only Python knows it."""
    value: Element = found.value
    doubtful = found.doubtful
    match target.type, found.kind:
        case ExactDecimal(), "number":
            too_large = _too_large(found, target.type, dialect)
            if too_large is not None:
                parts = [too_large] if doubtful is None else [doubtful, too_large]
                doubtful = Sql(
                    " OR ".join(f"{{{n}}}" for n in range(len(parts))).join("()"), *parts
                )
        case (Flag(), "boolean") | (IsoDate(), "date"):
            pass
        case IsoDate(), "datetime":
            value = DIALECTS[dialect].day_of(_utc(value, dialect, clock))
        case Instant(), "datetime":
            value = _utc(value, dialect, clock)
        case Text(), "text":
            value = Sql("nullif({0}, '')", value)
        case _:
            raise UnsuitableError(f"a {found.kind} kept as {type(target.type).__name__}")
    if found.fault is not None:
        value = Sql("CASE WHEN {0} IS NULL THEN {1} END", found.fault, value)
    return value, doubtful


def _utc(wall: Element, dialect: str, clock: Clock) -> Element:
    words = DIALECTS[dialect]
    return words.instant_of(wall, words.zone_offset(clock.zone))


def _too_large(found: SqlFormula, kind: ExactDecimal, dialect: str) -> Element | None:
    """Where a figure is more than the column takes: Python says so."""
    if found.low > -MAX_SCALED and found.high < MAX_SCALED:
        return None
    most = MAX_SCALED if dialect == "sqlite" else f"1e{17 - kind.scale}"
    return Sql(f"({{0}} <= -{most} OR {{0}} >= {most})", found.value)


def where_clause(
    formula: Formula, source: Source, dialect: str, clock: Clock
) -> ColumnElement[bool] | Unsuitable:
    """A formula as a filter: the rows where it is TRUE, as long as SQL alone can tell."""
    found = compile_sql(formula, source, dialect, clock)
    if isinstance(found, Unsuitable):
        return found
    if found.kind != "boolean":
        return Unsuitable(f"a {found.kind} is no condition")
    if found.doubtful is not None:
        return Unsuitable("only Python knows some of its values")
    holds: Element = Sql("coalesce({0}, FALSE)", found.value)
    if found.fault is not None:
        holds = Sql("({0} IS NULL AND {1})", found.fault, holds)
    return holds


def _in_python(
    connection: Connection, task: Task, clock: Clock, only: ColumnElement[bool] | None
) -> int:
    """Evaluate row by row, a chunk at a time; answer how many rows there were."""
    statement = select(task.key).order_by(task.key)
    for condition in (task.where, only):
        if condition is not None:
            statement = statement.where(Sql("({0} IS TRUE)", condition))
    keys = list(connection.scalars(statement))
    write = (
        update(task.table)
        .where(task.key == bindparam("key_"))
        .values({task.target: bindparam("value_")})
    )
    for start in range(0, len(keys), CHUNK):
        found = list(_computed(connection, task, clock, keys[start : start + CHUNK]))
        connection.execute(write, found)
    return len(keys)


def _computed(
    connection: Connection, task: Task, clock: Clock, keys: Sequence[Any]
) -> Iterator[dict[str, Any]]:
    fields = list(task.source.columns)
    columns = [column.label(f"c{at}") for at, column in enumerate(task.source.columns.values())]
    chosen: Select[Any] = select(task.key, *columns).where(task.key.in_(keys))
    lines = {code: _lines(connection, task, code, keys) for code in task.source.lines}
    for key, *values in connection.execute(chosen):
        row, line = _split(fields, values, task.row)
        tables = {code: found.get(key, []) for code, found in lines.items()}
        context = Context(row, tables, clock.now, clock.zone, line)
        value = task.store(evaluate_in(task.formula, context))
        yield {"key_": key, "value_": value}


def _split(
    fields: Sequence[FieldKey], values: Sequence[Any], own: str | None
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The fields of the header and those of the line."""
    found: Mapping[bool, dict[str, Any]] = {True: {}, False: {}}
    for (lines, code), value in zip(fields, values, strict=True):
        found[lines is None][code] = value
    return found[True], None if own is None else found[False]


def _lines(
    connection: Connection, task: Task, code: str, keys: Sequence[Any]
) -> dict[Any, list[dict[str, Any]]]:
    """The rows of a line table by the key of the row they belong to."""
    lines = task.source.lines[code]
    columns = list(lines.columns.values())
    statement = select(task.key, *columns).where(lines.where, task.key.in_(keys))
    found: dict[Any, list[dict[str, Any]]] = {}
    for key, *values in connection.execute(statement.order_by(task.key, *lines.order)):
        found.setdefault(key, []).append(dict(zip(lines.columns, values, strict=True)))
    return found
