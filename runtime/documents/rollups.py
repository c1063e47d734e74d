"""Roll-up fields follow every act by its difference, in the act's own transaction.

The rows of the records referred to are locked in order of their ids, read, added to and written
back, so that two who add to one figure take turns and what would overflow is refused by name. An
extreme is looked up again only when it may have been the one that left.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.sql.dml import ReturningInsert

from runtime.compile.figures import RollUp
from runtime.compile.model import Form
from runtime.compile.rollups import fed_by
from runtime.documents import rollup_queries
from runtime.documents.contributions import average, fits, rows_of
from runtime.infra.act import Act
from runtime.infra.columns import ExactDecimal
from runtime.infra.errors import Problem, ValidationFailed
from runtime.infra.upsert import insert_for
from runtime.query import Record
from runtime.query.labels import titles

CHUNK: Final = 500
# By (form, id) the figures that changed, as they were before.
Changed = dict[tuple[str, int], dict[str, Any]]


@dataclass
class _Difference:
    """What came to the group of one record, and what left it."""

    come: list[Any] = field(default_factory=list)
    gone: list[Any] = field(default_factory=list)


# By record, by the code of the roll-up.
_Differences = Mapping[int, Mapping[str, _Difference]]


def apply(act: Act, form: Form, before: Record | None, after: Record | None) -> Changed:
    """Bring the roll-ups over a form up to date with a record that was written.

    Raises ValidationFailed for a figure that its column cannot hold.
    """
    changed: Changed = {}
    for code, taking in fed_by(form).items():
        differences = _differences(taking, before, after)
        if differences:
            changed |= _write(act, form.siblings[code], taking, differences)
    return changed


def brought(rollup: RollUp, record: Record | None) -> Counter[tuple[int, Any]]:
    """What a record brings: (whose figure, value) as often as it occurs."""
    found: Counter[tuple[int, Any]] = Counter()
    for header, line in rows_of(record, rollup.rows):
        target = rollup.reference.of(header, line)
        value = None if rollup.measured is None else rollup.measured.of(header, line)
        if target is not None and (rollup.measured is None or value is not None):
            found[target, value] += 1
    return found


def _differences(
    taking: Sequence[RollUp], before: Record | None, after: Record | None
) -> _Differences:
    found: dict[int, dict[str, _Difference]] = defaultdict(lambda: defaultdict(_Difference))
    for rollup in taking:
        was, now = brought(rollup, before), brought(rollup, after)
        for (target, value), n in (now - was).items():
            found[target][rollup.code].come += [value] * n
        for (target, value), n in (was - now).items():
            found[target][rollup.code].gone += [value] * n
    return found


def _write(act: Act, owner: Form, taking: Sequence[RollUp], differences: _Differences) -> Changed:
    touched = [item for item in taking if any(item.code in codes for codes in differences.values())]
    rows = _locked(act, owner, touched, sorted(differences))
    found = {key: dict(row) for key, row in rows.items()}
    for rollup in touched:
        mine = {key: codes[rollup.code] for key, codes in differences.items()
                if rollup.code in codes and key in found}  # fmt: skip
        _follow(act, owner, rollup, mine, found)
    _require_room(act, owner, touched, found)
    changes = {key: row for key, row in found.items() if row != rows[key]}
    _store(act, owner, changes)
    return {
        (owner.code, key): {item.code: rows[key][item.column.name] for item in touched}
        for key in changes
    }


def _store(act: Act, owner: Form, rows: Mapping[int, Mapping[str, Any]]) -> None:
    if not rows:
        return
    columns = owner.table.c
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in next(iter(rows.values()))}
    writing = update(owner.table).where(columns.id == bindparam("this_id")).values(values)
    act.connection.execute(
        writing,
        [
            {"this_id": key, **{f"new_{name}": value for name, value in row.items()}}
            for key, row in rows.items()
        ],
    )


def _locked(
    act: Act, owner: Form, taking: Sequence[RollUp], ids: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """The figures as they stand, locked in order of id; whoever refers to a row need not wait."""
    key = owner.table.c.id
    columns = [column for rollup in taking for column in rollup.columns]
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(key, *columns).where(key.in_(ids[start : start + CHUNK])).order_by(key)
        for row in act.connection.execute(query.with_for_update(key_share=True)).mappings():
            found[row["id"]] = {column.name: row[column.name] for column in columns}
    return found


def _follow(
    act: Act,
    owner: Form,
    rollup: RollUp,
    differences: Mapping[int, _Difference],
    rows: dict[int, dict[str, Any]],
) -> None:
    """Bring one roll-up of many records up to date, in `rows`."""
    if rollup.measure in {"min", "max"}:
        _extremes(act, owner, rollup, differences, rows)
    elif rollup.measure == "distinct":
        _different(act, rollup, differences, rows)
    else:
        for key, difference in differences.items():
            rows[key] |= _added(rollup, rows[key], difference)


def _added(rollup: RollUp, row: Mapping[str, Any], difference: _Difference) -> dict[str, Any]:
    """Sums, counts and averages move by what came and left."""
    more = len(difference.come) - len(difference.gone)
    name = rollup.column.name
    if rollup.measure == "count":
        return {name: (row[name] or 0) + more}
    by = sum(difference.come, Decimal(0)) - sum(difference.gone, Decimal(0))
    if rollup.measure == "sum":
        return {name: (row[name] or 0) + by}
    assert rollup.total is not None, "an average has its sum beside it"
    assert rollup.number is not None, "an average has its number beside it"
    total = (row[rollup.total.name] or Decimal(0)) + by
    number = (row[rollup.number.name] or 0) + more
    kept = rollup.column.type
    assert isinstance(kept, ExactDecimal), "an average is a figure"
    if number <= 0:
        # Nothing is left: as if there had never been anything.
        return dict.fromkeys((rollup.total.name, rollup.number.name, name))
    return {
        rollup.total.name: total,
        rollup.number.name: number,
        name: average(total, number, kept.scale),
    }


def _extremes(
    act: Act,
    owner: Form,
    rollup: RollUp,
    differences: Mapping[int, _Difference],
    rows: dict[int, dict[str, Any]],
) -> None:
    """What came may stand further out; only when the extreme may have left is it looked up."""
    name = rollup.column.name
    best = min if rollup.measure == "min" else max
    unsure: list[int] = []
    for key, difference in differences.items():
        stands = rows[key][name]
        there = difference.come if stands is None else [*difference.come, stands]
        if _is_sure(best, difference, stands):
            rows[key][name] = best(there)
        else:
            unsure.append(key)
    if unsure:
        found = rollup_queries.figures(act.connection, owner, rollup, unsure)
        for key in unsure:
            rows[key][name] = found.get(key)


def _is_sure(best: Callable[[Sequence[Any]], Any], difference: _Difference, stands: Any) -> bool:
    """Whether the new extreme is among what came and what stands."""
    if not difference.gone:
        return True
    if stands is None:
        return False
    left = best(difference.gone)
    if left != stands and best([left, stands]) == stands:
        return True
    return bool(difference.come) and best([*difference.come, stands, left]) in difference.come


def _different(
    act: Act,
    rollup: RollUp,
    differences: Mapping[int, _Difference],
    rows: dict[int, dict[str, Any]],
) -> None:
    """Count different values by how often each occurs."""
    more: Counter[tuple[int, Any]] = Counter()
    for key, difference in differences.items():
        more.update((key, value) for value in difference.come)
        more.subtract((key, value) for value in difference.gone)
    assert rollup.values is not None, "different values are kept"
    steps = value_steps(act, rollup.values, more)
    name = rollup.column.name
    for key, by in steps.items():
        rows[key][name] = (rows[key][name] or 0) + by


def value_steps(act: Act, table: Table, more: Mapping[tuple[int, Any], int]) -> dict[int, int]:
    """Keep how often each value of each owner occurs; returns how many values each has more."""
    rows = [
        {"owner_id": owner, "value": value, "n": n}
        for (owner, value), n in sorted(more.items(), key=lambda item: repr(item[0]))
        if n
    ]
    if not rows:
        return {}
    steps: dict[int, int] = defaultdict(int)
    emptied: set[int] = set()
    adding = _adding_values(act.connection.dialect.name, table)
    for owner, value, n in act.connection.execute(adding, rows):
        steps[owner] += (n > 0) - (n - more[owner, value] > 0)
        if n <= 0:
            emptied.add(owner)
    if emptied:
        columns = table.c
        gone = columns.owner_id.in_(sorted(emptied))
        act.connection.execute(delete(table).where(gone, columns.n <= 0))
    return steps


@lru_cache(maxsize=1024)
def _adding_values(dialect: str, table: Table) -> ReturningInsert[Any]:
    inserting, columns = insert_for(dialect, table), table.c
    return inserting.on_conflict_do_update(
        index_elements=[columns.owner_id, columns.value],
        set_={"n": columns.n + inserting.excluded.n},
    ).returning(columns.owner_id, columns.value, columns.n)


def _require_room(
    act: Act, owner: Form, taking: Sequence[RollUp], rows: Mapping[int, Mapping[str, Any]]
) -> None:
    problems = list(_too_large(owner, taking, rows))
    if not problems:
        return
    named = titles(act, owner, [key for key, _ in problems])
    told = [{"label": label, "title": named.get(key, f"#{key}")} for key, label in problems]
    raise ValidationFailed(problems=[Problem("", "rollup_too_large", one) for one in told])


def _too_large(
    owner: Form, taking: Sequence[RollUp], rows: Mapping[int, Mapping[str, Any]]
) -> Iterator[tuple[int, str]]:
    for key, row in rows.items():
        for rollup in taking:
            if not all(fits(row[column.name], column.type) for column in rollup.columns):
                yield key, f"{owner.label.zh}.{rollup.field.label.zh}"
