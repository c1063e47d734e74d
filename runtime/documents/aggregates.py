"""Aggregate tables follow every act by its difference, in the act's own transaction.

What a record brought before is taken from what it brings now; the groups that differ are added to
in order of their dimensions, each addition locking its row, and what is computed from them and what
must hold of them is looked at under these locks. Two who add to one group take turns, so both
cannot pass a check that only one of them may pass.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.sql.dml import ReturningInsert

from runtime.compile.aggregates import ROWS, feeds_of
from runtime.compile.figures import Aggregate, Feed, Measure, Values
from runtime.compile.model import Form
from runtime.compile.programs import TooLargeError, stored_value
from runtime.documents.contributions import (
    average,
    fits,
    on_scale,
    rows_of,
    value_in,
    value_of,
)
from runtime.documents.group_words import group_words
from runtime.documents.rollups import value_steps
from runtime.formula import CellError
from runtime.infra.act import Act
from runtime.infra.columns import ExactDecimal
from runtime.infra.errors import Problem, ValidationFailed
from runtime.infra.upsert import insert_for
from runtime.query import Record
from runtime.query.search import search_text

CHUNK: Final = 200
STATUS: Final = "active"
Key = tuple[Any, ...]
# What a row brings: which group, and a value for each share of its feed.
Brought = Counter[tuple[Key, tuple[Any, ...]]]


@dataclass
class Group:
    """How much more there is of one group."""

    rows: int = 0
    added: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    values: dict[str, Counter[Any]] = field(default_factory=lambda: defaultdict(Counter))

    def __bool__(self) -> bool:
        return bool(
            self.rows
            or any(self.added.values())
            or any(self.numbers.values())
            or any(any(values.values()) for values in self.values.values())
        )


Groups = dict[Key, Group]


def apply(
    act: Act, form: Form, before: Record | None, after: Record | None
) -> frozenset[tuple[str, int]]:
    """Bring the aggregate tables a form feeds up to date with a record that was written.

    Returns the rows that are different now, (table, id). Raises ValidationFailed when a figure is
    larger than can be kept, or when what must hold of a group does not.
    """
    tables: dict[str, Groups] = {}
    for table, feed in feeds_of(form):
        was, now = brought(table, feed, before), brought(table, feed, after)
        groups = tables.setdefault(table.code, {})
        add(groups, table, feed, now - was, 1)
        add(groups, table, feed, was - now, -1)
    touched: set[tuple[str, int]] = set()
    for code in sorted(tables):
        table = form.siblings[code]
        groups = {key: group for key, group in tables[code].items() if group}
        rows = store(act, table, groups)
        finish(act, table, rows, groups)
        _require_checks(act, table, rows)
        touched |= {(code, row["id"]) for row in rows}
    return frozenset(touched)


def brought(table: Form, feed: Feed, record: Record | None) -> Brought:
    """What a record brings to a table: every row that lacks no dimension."""
    found: Brought = Counter()
    for header, line in rows_of(record, feed.rows):
        assert record is not None, "rows are of a record"
        key = tuple(path.of(header, line) for path in feed.dimensions)
        if all(value not in (None, "") for value in key):
            found[key, _values(table, feed, record, header, line)] += 1
    return found


def _values(
    table: Form, feed: Feed, record: Record, header: Values, line: Values | None
) -> tuple[Any, ...]:
    values: list[Any] = []
    for share in feed.shares:
        measure = _of(table).measure(share.measure)
        value: Any = None
        if share.direct is not None:
            value = share.direct.of(header, line)
        elif share.formula is not None:
            value = value_of(share.formula, record, line)
            value = None if isinstance(value, CellError) else value
            if measure.op != "count":
                value = on_scale(value, measure.brought)
        if measure.brought is not None and measure.op != "count":
            _require_room(table, measure, value, measure.brought)
        values.append(value)
    return tuple(values)


def add(groups: Groups, table: Form, feed: Feed, rows: Brought, times: int) -> None:
    """Add to the groups what rows bring, or take it away."""
    for (key, values), n in rows.items():
        group = groups.setdefault(key, Group())
        group.rows += n * times
        for share, value in zip(feed.shares, values, strict=True):
            measure = _of(table).measure(share.measure)
            if share.formula is None and measure.op == "count":
                group.added[measure.code] += n * times * share.sign
            elif value not in (None, ""):
                _add(group, measure, value, n * times * share.sign)


def _add(group: Group, measure: Measure, value: Any, times: int) -> None:
    if measure.op == "count":
        group.added[measure.code] += times
    elif measure.op in {"sum", "average"}:
        group.added[measure.code] += value * times
        if measure.op == "average":
            group.numbers[measure.code] += times
    else:
        group.values[measure.code][value] += times


def store(act: Act, table: Form, groups: Groups) -> list[dict[str, Any]]:
    """Add to the groups in order of their dimensions; returns those that are left, locked."""
    keys = sorted(groups, key=lambda key: tuple(map(str, key)))
    found = _upsert(act, table, {key: groups[key] for key in keys})
    gone = [row["id"] for row in found if row[ROWS] <= 0]
    found = [row for row in found if row[ROWS] > 0]
    _remove(act.connection, table, gone)
    by_key = {_key(table, row): row["id"] for row in found}
    for measure in _of(table).measures:
        if measure.values is not None:
            more = {
                (by_key[key], value): n
                for key, group in groups.items()
                if key in by_key
                for value, n in group.values[measure.code].items()
            }
            value_steps(act, measure.values, more)
    return found


def _upsert(act: Act, table: Form, groups: Groups) -> list[dict[str, Any]]:
    if not groups:
        return []
    new = [_row(act, table, key, group) for key, group in groups.items()]
    adding = _adding(act.connection.dialect.name, table)
    rows = [dict(row) for row in act.connection.execute(adding, new).mappings()]
    for row in rows:
        for measure in _of(table).measures:
            for column in _kept(measure):
                _require_room(table, measure, row[column.name], column.type)
    return rows


@lru_cache(maxsize=256)
def _adding(dialect: str, table: Form) -> ReturningInsert[Any]:
    """Rows are inserted in the order they are given, so groups are locked in that order."""
    inserting = insert_for(dialect, table.table)
    return inserting.on_conflict_do_update(
        index_elements=[f"f_{field.code}" for field in _of(table).dimensions],
        set_=sums(table, inserting.excluded),
    ).returning(*table.table.c)


def sums(table: Form, excluded: Any) -> dict[str, Any]:
    """What an addition to a group that is there adds."""
    columns = table.table.c
    names = [ROWS, *(column.name for each in _of(table).measures for column in _kept(each))]
    return {
        **{name: columns[name] + excluded[name] for name in names},
        "updated_at": excluded.updated_at,
    }


def system_values(act: Act) -> dict[str, Any]:
    """What every row has that no source says."""
    return {
        "version": 1,
        "status": STATUS,
        "created_at": act.now,
        "updated_at": act.now,
        "search_text": "",
    }


def _row(act: Act, table: Form, key: Key, group: Group) -> dict[str, Any]:
    row = system_values(act) | {ROWS: group.rows}
    for item, value in zip(_of(table).dimensions, key, strict=True):
        assert item.column is not None, "a dimension is kept"
        row[item.column.name] = value
    for measure in _of(table).measures:
        more = group.added[measure.code]
        if measure.is_added:
            _require_room(table, measure, more, measure.column.type)
            row[measure.column.name] = more
        if measure.op == "distinct":
            row[measure.column.name] = Decimal(0)
        if measure.total is not None and measure.number is not None:
            _require_room(table, measure, more, measure.total.type)
            row[measure.total.name] = more
            row[measure.number.name] = group.numbers[measure.code]
    return row


def _kept(measure: Measure) -> Iterator[Any]:
    """The columns rows are added to."""
    if measure.is_added:
        yield measure.column
    if measure.total is not None:
        yield measure.total
    if measure.number is not None:
        yield measure.number


def _remove(connection: Connection, table: Form, ids: Sequence[int]) -> None:
    if ids:
        for measure in _of(table).measures:
            if measure.values is not None:
                values = measure.values
                connection.execute(delete(values).where(values.c.owner_id.in_(ids)))
        connection.execute(delete(table.table).where(table.table.c.id.in_(ids)))


def finish(
    act: Act, table: Form, rows: Sequence[dict[str, Any]], groups: Groups | None = None
) -> None:
    """Compute what is not added to: averages, extremes, derived measures; in `rows` too.

    With `groups` only the extremes of values that came or left are looked up.
    """
    before = [dict(row) for row in rows]
    for measure in _of(table).measures:
        _compute(act.connection, table, measure, rows, groups)
    _name(act.connection, table, [row for row in rows if not row["search_text"]])
    changes = [row for row, was in zip(rows, before, strict=True) if row != was]
    if not changes:
        return
    columns = table.table.c
    names = [measure.column.name for measure in _of(table).measures if not measure.is_added]
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*names, "search_text")}
    writing = update(table.table).where(columns.id == bindparam("this_id")).values(values)
    act.connection.execute(
        writing,
        [
            {"this_id": row["id"], **{f"new_{name}": row[name] for name in values}}
            for row in changes
        ],
    )


def _compute(
    connection: Connection,
    table: Form,
    measure: Measure,
    rows: Sequence[dict[str, Any]],
    groups: Groups | None,
) -> None:
    name, kept = measure.column.name, measure.column.type
    if measure.total is not None and measure.number is not None:
        assert isinstance(kept, ExactDecimal), "an average is a figure"
        for row in rows:
            row[name] = average(row[measure.total.name], row[measure.number.name], kept.scale)
    elif measure.values is not None:
        moved = [
            row
            for row in rows
            if groups is None or any(groups[_key(table, row)].values[measure.code].values())
        ]
        found = _looked_up(connection, measure, [row["id"] for row in moved])
        for row in moved:
            row[name] = found.get(row["id"])
    elif measure.formula is not None:
        for row in rows:
            value = value_in(measure.formula, _by_code(table, row), table.zone)
            try:
                row[name] = stored_value(measure.field, value)
            except TooLargeError:
                raise _no_room(connection, table, measure, row) from None


def _looked_up(connection: Connection, measure: Measure, ids: Sequence[int]) -> dict[int, Any]:
    assert measure.values is not None, "values are kept"
    columns = measure.values.c
    functions: Mapping[str, Callable[[Any], Any]] = {
        "min": func.min,
        "max": func.max,
        "distinct": func.count,
    }
    found: dict[int, Any] = {}
    for start in range(0, len(ids), CHUNK):
        query = (
            select(columns.owner_id, functions[measure.op](columns.value))
            .where(columns.owner_id.in_(ids[start : start + CHUNK]))
            .group_by(columns.owner_id)
        )
        found |= dict(connection.execute(query).all())
    if measure.op == "distinct":
        return {key: Decimal(found.get(key, 0)) for key in ids}
    return found


def _name(connection: Connection, table: Form, rows: Sequence[dict[str, Any]]) -> None:
    """Let a new group be found by what its dimensions are called."""
    for row, words in zip(rows, group_words(connection, table, rows), strict=True):
        row["search_text"] = search_text(words) or " "


def _require_checks(act: Act, table: Form, rows: Sequence[Mapping[str, Any]]) -> None:
    problems = []
    for row in rows:
        values = _by_code(table, row)
        for check in _of(table).checks:
            if value_in(check.formula, values, table.zone) is False:
                (words,) = group_words(act.connection, table, [row])
                params = {
                    "message": check.message.text("zh"),
                    "message_en": check.message.text("en"),
                    "label": table.label.zh,
                    "group": " · ".join(words),
                }
                problems.append(Problem("", "aggregate_check_failed", params))
    if problems:
        raise ValidationFailed(problems=problems)


def _require_room(table: Form, measure: Measure, value: Any, kept: Any) -> None:
    if not fits(value, kept):
        params = {"label": f"{table.label.zh}.{measure.field.label.zh}", "group": ""}
        raise ValidationFailed(problems=[Problem("", "aggregate_too_large", params)])


def _no_room(
    connection: Connection, table: Form, measure: Measure, row: Mapping[str, Any]
) -> ValidationFailed:
    (words,) = group_words(connection, table, [row])
    label = f"{table.label.zh}.{measure.field.label.zh}"
    params = {"label": label, "group": " · ".join(words)}
    return ValidationFailed(problems=[Problem("", "aggregate_too_large", params)])


def _by_code(table: Form, row: Mapping[str, Any]) -> dict[str, Any]:
    return {field.code: row[f"f_{field.code}"] for field in table.fields}


def _key(table: Form, row: Mapping[str, Any]) -> Key:
    return tuple(row[f"f_{field.code}"] for field in _of(table).dimensions)


def _of(table: Form) -> Aggregate:
    assert table.aggregate is not None, f"{table.code} is no aggregate table"
    return table.aggregate
