"""Two states of the tables -> what has to be done, in words and with counts."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy import Column, Connection, Inspector, Table, func, inspect, select
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table

from builder.conversion import Place
from builder.indexes import duplicates, missing_indexes, superfluous_indexes
from builder.retyped import Before, Carried, carried, is_another, is_retyped, losing, places
from runtime.catalogue import PHYSICAL_COLUMN
from runtime.compile import App
from runtime.compile.field import COMPUTED_KINDS
from runtime.infra.columns import ExactDecimal
from runtime.infra.errors import Problem

Kind = Literal[
    "create_table",
    "renew_table",
    "add_column",
    "widen_column",
    "keep_column",
    "convert_column",
    "set_aside",
    "add_index",
    "drop_index",
]
_ASIDE: Final = re.compile(r"o[0-9]+_")
_DECIMAL: Final = re.compile(r"decimal\(([0-9]+)\)")


@dataclass(frozen=True)
class Change:
    """One change of the tables.

    `renew_table`: a table that only holds what follows from others is made anew, to be filled
    again; `widen_column`: a decimal gains places (`by`); `keep_column`: a removed field whose data
    stays until purged; `convert_column`: the values of a field become another kind's, the old ones
    stay aside; `set_aside`: the values there are stay aside, and the field begins empty.
    `rows` hold a value, `lost` of them will not any more.
    """

    kind: Kind
    table: str
    name: str = ""
    by: int = 0
    rows: int = 0
    lost: int = 0
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Plan:
    """What publishing does to the tables, and what forbids it."""

    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    # The new values of columns that are converted.
    carried: tuple[Carried, ...] = ()
    # The version that runs until this is done.
    version: int = 0


def plan(connection: Connection, app: App) -> Plan:
    """Compare the tables an app needs with the tables there are, and the data in them."""
    return _Planning(connection, app).plan()


class _Planning:
    """Makes one plan; holds what its parts share."""

    def __init__(self, connection: Connection, app: App) -> None:
        self.connection, self.app = connection, app
        self.before = Before(connection, app.code)
        self.places = places(app)
        self.carried: list[Carried] = []

    def plan(self) -> Plan:
        found = tuple(self._found())
        return Plan(
            tuple(item for item in found if isinstance(item, Change)),
            tuple(item for item in found if isinstance(item, Problem)),
            tuple(self.carried),
            self.before.version,
        )

    def _found(self) -> Iterator[Change | Problem]:
        inspector = inspect(self.connection)
        there = set(inspector.get_table_names())
        for table in self.app.metadata.tables.values():
            if table.name not in there:
                yield Change("create_table", table.name)
                continue
            held = _held(self.connection, table.name)
            if table.info.get("derived"):
                yield from _derived(table, held)
                continue
            changes = tuple(self._columns(table, held))
            yield from changes
            yield from self._indexes(inspector, table, held, _new_columns(changes))

    def _columns(self, table: Table, held: Mapping[str, str]) -> Iterator[Change | Problem]:
        for column in table.columns:
            if column.name not in held:
                yield Change("add_column", table.name, column.name)
            elif (table.name, column.name) in self.places:
                yield from self._kept(table, column, held[column.name])
        for name in held:
            if name not in table.columns and not is_aside(name):
                rows = self._rows(table, name)
                yield Change("keep_column", table.name, name, rows=rows)

    def _kept(self, table: Table, column: Column[Any], before: str) -> Iterator[Change | Problem]:
        """What becomes of a column that is there: nothing, most of the time."""
        place, now = self.places[table.name, column.name]
        after = holds(column.type)
        change = Change("convert_column", table.name, column.name, before=before, after=after)
        if is_another(self.before, place, now):
            yield self._aside(change, table)
            return
        if not is_retyped(self.before, place, now):
            by = _wider(before, after)
            if before == after:
                return
            if by > 0:
                yield Change("widen_column", table.name, column.name, by=by)
                return
            if self.before.field(place) is None:
                yield self._aside(change, table)
                return
        found = carried(self.before, place, now)
        if found is None:
            if before != after or not self._is_filled_already(place):
                yield self._aside(change, table)
            return
        yield from self._converted(change, place, found)

    def _converted(
        self, change: Change, place: Place, found: Carried
    ) -> Iterator[Change | Problem]:
        by = _wider(change.before, change.after)
        if found.is_same and change.before == change.after:
            return
        if found.is_same and by > 0:
            yield Change("widen_column", change.table, change.name, by=by)
            return
        if found.lost:
            yield losing(self.app, place, found)
        self.carried.append(found)
        yield replace(change, rows=found.total, lost=found.lost)

    def _aside(self, change: Change, table: Table) -> Change:
        return replace(change, kind="set_aside", rows=self._rows(table, change.name))

    def _is_filled_already(self, place: Place) -> bool:
        """Whether the system filled the field before as well, so that nobody's entry is in it."""
        was = self.before.field(place)
        return was is not None and was.kind in COMPUTED_KINDS

    def _rows(self, table: Table, name: str) -> int:
        """How many rows hold a value in a column that the app may not know."""
        kept = sql_table(table.name, sql_column(name))
        counted = select(func.count()).select_from(kept).where(kept.c[name].is_not(None))
        return int(self.connection.execute(counted).scalar_one())

    def _indexes(
        self, inspector: Inspector, table: Table, held: Mapping[str, str], new: frozenset[str]
    ) -> Iterator[Change | Problem]:
        """Indexes that go and come; those of a column that is made anew go and come again."""
        gone = list(superfluous_indexes(inspector, table))
        again = [str(each.name) for each in table.indexes if new.intersection(each.columns.keys())]
        missing = list(missing_indexes(inspector, table))
        names = {str(index.name) for index in missing}
        for name in (*gone, *(each for each in sorted(again) if each not in names)):
            yield Change("drop_index", table.name, name)
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            if index in missing or str(index.name) in again:
                yield Change("add_index", table.name, str(index.name))
                old = {name: kept for name, kept in held.items() if name not in new}
                yield from duplicates(self.connection, self.app, index, old)


def _new_columns(changes: Iterable[Change | Problem]) -> frozenset[str]:
    """Columns that are there and are made anew."""
    return frozenset(
        each.name
        for each in changes
        if isinstance(each, Change) and each.kind in {"convert_column", "set_aside"}
    )


def aside(version: int, name: str) -> str:
    """What a column is called that was set aside by the version after this one: `o3_price`."""
    return f"o{version}_{name.removeprefix('f_')}"


def is_aside(name: str) -> bool:
    """Whether a column holds what a field held when it was of another kind."""
    return _ASIDE.match(name) is not None


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


def _derived(table: Table, held: Mapping[str, str]) -> Iterator[Change]:
    """What follows from other tables has nothing to lose: a change of its shape makes it anew."""
    wanted = {column.name: holds(column.type) for column in table.columns}
    if wanted != held:
        yield Change("renew_table", table.name)


def _wider(before: str, after: str) -> int:
    """How many places a decimal gains."""
    old, new = _DECIMAL.fullmatch(before), _DECIMAL.fullmatch(after)
    return int(new[1]) - int(old[1]) if old and new else 0
