"""Two states of the tables -> what has to be done, in words and with counts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Table, inspect, select

from builder.indexes import duplicates, missing_indexes, superfluous_indexes
from runtime.catalogue import PHYSICAL_COLUMN
from runtime.compile import App
from runtime.infra.columns import ExactDecimal
from runtime.infra.errors import Problem

Kind = Literal[
    "create_table",
    "renew_table",
    "add_column",
    "widen_column",
    "keep_column",
    "add_index",
    "drop_index",
]
_DECIMAL: Final = re.compile(r"decimal\(([0-9]+)\)")


@dataclass(frozen=True)
class Change:
    """One change of the tables.

    `renew_table`: a table that only holds what follows from others is made anew, to be filled
    again; `widen_column`: a decimal gains places (`by`); `keep_column`: a removed field whose data
    stays until purged.
    """

    kind: Kind
    table: str
    name: str = ""
    by: int = 0


@dataclass(frozen=True)
class Plan:
    """What publishing does to the tables, and what forbids it."""

    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]


def plan(connection: Connection, app: App) -> Plan:
    """Compare the tables an app needs with the tables there are."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    found: list[Change | Problem] = []
    for table in app.metadata.tables.values():
        if table.name not in there:
            found.append(Change("create_table", table.name))
            continue
        held = _held(connection, table.name)
        if table.info.get("derived"):
            found.extend(_derived(table, held))
            continue
        found.extend(_columns(table, held))
        gone = superfluous_indexes(inspector, table)
        found.extend(Change("drop_index", table.name, name) for name in gone)
        for index in missing_indexes(inspector, table):
            found.append(Change("add_index", table.name, str(index.name)))
            found.extend(duplicates(connection, app, index, held))
    return Plan(
        tuple(item for item in found if isinstance(item, Change)),
        tuple(item for item in found if isinstance(item, Problem)),
    )


def holds(kind: Any) -> str:
    """Return what a column type holds, the same words on every database."""
    if isinstance(kind, ExactDecimal):
        return f"decimal({kind.scale})"
    return type(kind).__name__.lower()


def _held(connection: Connection, table: str) -> Mapping[str, str]:
    rows = connection.execute(
        select(PHYSICAL_COLUMN.c.column_name, PHYSICAL_COLUMN.c.holds).where(
            PHYSICAL_COLUMN.c.table_name == table
        )
    )
    return {name: kept for name, kept in rows.all()}  # noqa: C416 - rows, not pairs


def _columns(table: Table, held: Mapping[str, str]) -> Iterator[Change | Problem]:
    for column in table.columns:
        if column.name not in held:
            yield Change("add_column", table.name, column.name)
        elif held[column.name] != holds(column.type):
            yield _retyped(table.name, column.name, held[column.name], holds(column.type))
    for name in held:
        if name not in table.columns:
            yield Change("keep_column", table.name, name)


def _derived(table: Table, held: Mapping[str, str]) -> Iterator[Change]:
    """What follows from other tables has nothing to lose: a change of its shape makes it anew."""
    wanted = {column.name: holds(column.type) for column in table.columns}
    if wanted != held:
        yield Change("renew_table", table.name)


def _retyped(table: str, column: str, before: str, after: str) -> Change | Problem:
    old, new = _DECIMAL.fullmatch(before), _DECIMAL.fullmatch(after)
    if old and new and int(new[1]) > int(old[1]):
        return Change("widen_column", table, column, by=int(new[1]) - int(old[1]))
    # Changing what a field holds converts data, or cuts digits: never done in passing.
    params = {"table": table, "field": column.removeprefix("f_"), "before": before, "after": after}
    return Problem("/forms", "field_kind_changed", params)
