"""Seals over the audit trail: a chain of hashes, made beside the writers and not in their way.

A writer appends its row and waits for nobody. Every minute a seal lists the rows that have come
since, each with its hash, and carries the hash of the seal before it. What a seal lists can no
longer be changed, removed or joined by another row unseen.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    RowMapping,
    Select,
    Text,
    UniqueConstraint,
    and_,
    func,
    insert,
    or_,
    select,
    type_coerce,
)

from runtime.infra import strict_json
from runtime.infra.audit import audit_table
from runtime.infra.columns import Instant, JsonText, Key
from runtime.infra.db import Database, system_table

# One seal lists so many rows at most; a run makes as many seals as it takes.
BATCH: Final = 1000
# A number that was drawn may still be filled so long after the seal that missed it: its
# transaction was open then. Later, a row with such a number was put there by somebody else.
PATIENCE: Final = timedelta(days=1)
_LOCK: Final = 7_345_920_008
_GAPS_AT_ONCE: Final = 100

# Triggers of the migration refuse to change, remove or replace a seal.
seal_table: Final = system_table(
    "s_audit_seal",
    Column("id", Key(), primary_key=True, autoincrement=False),
    Column("at", Instant(), nullable=False),
    Column("first_id", Key(), nullable=False),
    Column("last_id", Key(), nullable=False),
    # [[id, hash], …]: the rows of this seal, also those that came too late for an earlier one.
    Column("covered", JsonText(), nullable=False),
    # [[from, to], …]: the numbers in between that no row had yet.
    Column("gaps", JsonText(), nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    UniqueConstraint("previous"),
)

_SEALED: Final = tuple(
    # The text as it is stored: what was written, not what reading makes of it.
    type_coerce(column, Text).label("changes") if column.name == "changes" else column
    for column in audit_table.c
)


@dataclass(frozen=True)
class Seal:
    """One link of the chain."""

    id: int
    at: datetime
    first_id: int
    last_id: int
    covered: Sequence[tuple[int, str]]
    gaps: Sequence[tuple[int, int]]
    previous: str
    digest: str = ""

    def computed(self) -> str:
        """The hash its contents have."""
        said = [self.id, self.at.isoformat(), self.first_id, self.last_id, self.previous]
        listed = [[list(pair) for pair in pairs] for pairs in (self.covered, self.gaps)]
        return hashlib.sha256(strict_json.canonical([*said, *listed]).encode()).hexdigest()


def leaf(row: RowMapping) -> str:
    """The hash of one row as it is stored."""
    values = dict(row)
    values["at"] = values["at"].isoformat()
    said = [values[column.name] for column in audit_table.c]
    return hashlib.sha256(strict_json.canonical(said).encode()).hexdigest()


def seal_waiting(database: Database, now: datetime) -> int:
    """Seal every row that has come since the last seal; returns how many."""
    total = 0
    while True:
        with database.transaction() as connection:
            sealed = seal_next(connection, now)
        total += sealed
        if sealed < BATCH:
            return total


def seal_next(connection: Connection, now: datetime) -> int:
    """Make one more seal in the caller's transaction; 0 when nothing waits or another is at it."""
    if connection.dialect.name == "postgresql":
        trying = f"SELECT pg_try_advisory_xact_lock({_LOCK})"
        if not connection.exec_driver_sql(trying).scalar_one():
            return 0
    last = head(connection)
    first_id = last.last_id + 1 if last else 1
    late = list(_late(connection, now))
    ahead = _rows(audit_table.c.id >= first_id).limit(BATCH)
    rows = [(row["id"], leaf(row)) for row in connection.execute(ahead).mappings()]
    if not late and not rows:
        return 0
    made = Seal(
        id=last.id + 1 if last else 1,
        at=now.astimezone(UTC),
        first_id=first_id,
        last_id=rows[-1][0] if rows else first_id - 1,
        covered=(*late, *rows),
        gaps=tuple(_gaps(first_id, [number for number, _ in rows])),
        previous=last.digest if last else "",
    )
    values = {name: getattr(made, name) for name in Seal.__dataclass_fields__}
    connection.execute(insert(seal_table).values({**values, "digest": made.computed()}))
    return len(made.covered)


def head(connection: Connection) -> Seal | None:
    """Return the end of the chain, or None before the first seal."""
    query = select(seal_table).order_by(seal_table.c.id.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else _seal(row)


def seals(connection: Connection, condition: Any = None) -> Iterator[Seal]:
    """Yield the chain from its beginning, a few links at a time."""
    query = select(seal_table).order_by(seal_table.c.id)
    if condition is not None:
        query = query.where(condition)
    with connection.execute(query.execution_options(yield_per=20)) as found:
        for row in found.mappings():
            yield _seal(row)


def rows_between(connection: Connection, first_id: int, last_id: int) -> Mapping[int, str]:
    """The hashes of the rows there are now, by number."""
    query = _rows(audit_table.c.id.between(first_id, last_id))
    return {row["id"]: leaf(row) for row in connection.execute(query).mappings()}


def rows_among(connection: Connection, numbers: Sequence[int]) -> Mapping[int, str]:
    """The same for rows named one by one."""
    found: dict[int, str] = {}
    for start in range(0, len(numbers), BATCH):
        query = _rows(audit_table.c.id.in_(numbers[start : start + BATCH]))
        found |= {row["id"]: leaf(row) for row in connection.execute(query).mappings()}
    return found


def waiting(connection: Connection) -> tuple[int, datetime | None]:
    """How many rows no seal has come to yet, and when the first of them was written."""
    last = head(connection)
    query = select(func.count(), func.min(audit_table.c.at))
    count, oldest = connection.execute(
        query.where(audit_table.c.id > (last.last_id if last else 0))
    ).one()
    return count, oldest


def _rows(condition: Any) -> Select[Any]:
    return select(*_SEALED).where(condition).order_by(audit_table.c.id)


def _late(connection: Connection, now: datetime) -> Iterator[tuple[int, str]]:
    """Rows whose number an earlier seal found empty: their transaction was still open."""
    recent = seal_table.c.at > now - PATIENCE
    # Most seals have no gaps, and what they list is long: it is read only when it matters.
    with_gaps = recent & (type_coerce(seal_table.c.gaps, Text) != "[]")
    query = select(seal_table.c.gaps).where(with_gaps).order_by(seal_table.c.id)
    gaps = [(low, up) for found in connection.execute(query).scalars() for low, up in found]
    filled = dict(_filled(connection, gaps))
    if not filled:
        return
    known = {
        number
        for seal in seals(connection, recent)
        for number, _ in seal.covered
        if number < seal.first_id
    }
    yield from ((number, own) for number, own in filled.items() if number not in known)


def _filled(connection: Connection, gaps: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    for start in range(0, len(gaps), _GAPS_AT_ONCE):
        some = gaps[start : start + _GAPS_AT_ONCE]
        inside = or_(*(and_(audit_table.c.id >= low, audit_table.c.id <= up) for low, up in some))
        for row in connection.execute(_rows(inside)).mappings():
            yield row["id"], leaf(row)


def _gaps(first_id: int, numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    expected = first_id
    for number in numbers:
        if number > expected:
            yield expected, number - 1
        expected = number + 1


def _seal(row: RowMapping) -> Seal:
    values = dict(row)
    pairs = {name: tuple(tuple(pair) for pair in values[name]) for name in ("covered", "gaps")}
    return Seal(**{**values, **pairs})
