"""Writing a posting: every table in one call of the driver, the header with the hash last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from runtime.kernel import tables
from runtime.kernel.chain import SECTIONS, Row, posting_hash
from runtime.kernel.commands import Header
from runtime.kernel.journal import journal_of
from runtime.kernel.moves import Move
from runtime.kernel.planning import Planned
from runtime.kernel.pools import Head
from runtime.kernel.sql import insert_rows, run


@dataclass(frozen=True, slots=True)
class Change:
    """A value entry to be: the change of one move's value under one account."""

    move: Move
    kind: str
    account: str
    dv: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything about a posting that is decided when it is written."""

    id: int
    header: Header
    payload_hash: str
    planned: Planned
    order: int
    changes: Sequence[Change]


def next_posting_id(connection: Connection) -> int:
    """A number larger than every earlier one; taken under the locks, so pools see them in order."""
    if connection.dialect.name == "sqlite":
        return int(run(connection, "SELECT coalesce(max(id), 0) + 1 FROM k_posting")[0][0])
    return int(run(connection, "SELECT nextval('k_posting_id')")[0][0])


def append(
    connection: Connection, entry: Entry, moves: Sequence[Move], heads: Mapping[int, Head]
) -> tuple[int, str]:
    """Write the rows and then the header; return its sequence number and hash."""
    sections = (
        _move_rows(moves),
        _value_rows(entry),
        _pool_rows(entry, moves, heads),
        _journal_rows(entry),
    )
    for table, rows in zip(SECTIONS, sections, strict=True):
        insert_rows(connection, table, rows)
    return _write_header(connection, entry, sections)


def _move_rows(moves: Sequence[Move]) -> list[Row]:
    return [
        (
            move.id, move.posting, move.line, move.kind, move.item, move.pool, move.dq, move.at,
            move.ord, move.business_date, move.amount, move.peer, move.origin, move.voids,
            move.uom, move.uom_qty, move.unit_cost, move.lot,
        )
        for move in moves
    ]  # fmt: skip


def _value_rows(entry: Entry) -> list[Row]:
    first = entry.id * tables.ROWS_PER_POSTING + 1
    return [
        (
            first + place, entry.id, change.move.id, change.move.pool, change.kind,
            change.account, change.dv, change.move.business_date,
        )
        for place, change in enumerate(entry.changes)
    ]  # fmt: skip


def _pool_rows(entry: Entry, moves: Sequence[Move], heads: Mapping[int, Head]) -> list[Row]:
    qty: dict[int, int] = {}
    value: dict[int, int] = {}
    for move in moves:
        qty[move.pool] = qty.get(move.pool, 0) + move.dq
    for change in entry.changes:
        value[change.move.pool] = value.get(change.move.pool, 0) + change.dv
    rows: list[Row] = []
    for pool in sorted(qty.keys() | value.keys()):
        head, dq, dv = heads[pool], qty.get(pool, 0), value.get(pool, 0)
        rows.append((pool, head.n + 1, entry.id, dq, dv, head.qty + dq, head.value + dv))
    return rows


def _journal_rows(entry: Entry) -> list[Row]:
    lines = journal_of((change.account, change.dv) for change in entry.changes)
    return [(entry.id, n, account, amount) for n, (account, amount) in enumerate(lines, 1)]


def _write_header(
    connection: Connection, entry: Entry, sections: Sequence[Sequence[Row]]
) -> tuple[int, str]:
    header, planned = entry.header, entry.planned
    if connection.dialect.name != "sqlite":
        # The chain of the company comes last, so that it is held for as short as can be.
        run(
            connection,
            "SELECT id FROM k_company WHERE id = ? FOR NO KEY UPDATE",
            (header.company,),
        )
    last = run(
        connection,
        "SELECT seq, hash FROM k_posting WHERE company = ? ORDER BY seq DESC LIMIT 1",
        (header.company,),
    )
    seq, prev_hash = (last[0][0] + 1, last[0][1]) if last else (1, "")
    row: Row = (
        entry.id, header.company, seq, header.key, entry.payload_hash, planned.kind,
        planned.business_date, planned.at, entry.order, header.document.type, header.document.id,
        planned.voids, sum(change.dv for change in entry.changes),
        *(len(rows) for rows in sections), header.user, header.posted_at.isoformat(), prev_hash,
    )  # fmt: skip
    own_hash = posting_hash(row, sections)
    insert_rows(connection, tables.posting, [(*row, own_hash)])
    return seq, own_hash
