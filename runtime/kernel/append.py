"""Writing a posting: every table in one call of the driver, the header with the hash last."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, Table

from runtime.kernel import tables
from runtime.kernel.accounts import account_of, rules_of_accounts
from runtime.kernel.chain import OTHERS, SECTIONS, WRITTEN, Row, columns_of, posting_hash
from runtime.kernel.commands import Header
from runtime.kernel.journal import journal_of
from runtime.kernel.moves import Move
from runtime.kernel.planned import Planned
from runtime.kernel.pools import Head, Moment
from runtime.kernel.positions import PlaceKey, Position
from runtime.kernel.registration import Company
from runtime.kernel.sql import insert_rows, marks, run


class Change(NamedTuple):
    """A value entry to be: the change of one move's value under one account."""

    move: Move
    kind: str
    account: str
    dv: int
    layers: str = ""


@dataclass(frozen=True, slots=True)
class PoolChange:
    """What a posting leaves a pool with: state text, latest business moment, earliest touched."""

    dq: int
    dv: int
    state: str
    latest: Moment
    earliest: Moment


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything about a posting that is decided when it is written."""

    id: int
    company: Company
    header: Header
    payload_hash: str
    planned: Planned
    order: int
    moves: Sequence[Move]
    changes: Sequence[Change]
    pools: Mapping[int, PoolChange]
    heads: Mapping[int, Head]
    places: Mapping[PlaceKey, int]
    positions: Mapping[PlaceKey, Position]


def next_posting_id(connection: Connection) -> int:
    """A number larger than every earlier one; taken under the locks, so pools see them in order."""
    if connection.dialect.name == "sqlite":
        return int(run(connection, "SELECT coalesce(max(id), 0) + 1 FROM k_posting")[0][0])
    return int(run(connection, "SELECT nextval('k_posting_id')")[0][0])


def append(connection: Connection, entry: Entry) -> tuple[int, str]:
    """Write the rows and then the header; return its sequence number and hash."""
    sections = (
        [_move_row(move) for move in entry.moves],
        _value_rows(entry),
        _pool_rows(entry),
        _position_rows(entry),
        _journal_rows(connection, entry),
    )
    own = dict(zip(SECTIONS, sections, strict=True))
    for table in WRITTEN:
        insert_rows(connection, table, own[table])
    others = _other_rows(entry)
    for table, rows in zip(OTHERS, others, strict=False):
        insert_rows(connection, table, rows)
    return _write_header(connection, entry, sections, others)


def _move_row(move: Move) -> Row:
    return (
        move.id, move.posting, move.line, move.kind, move.item, move.pool, move.warehouse, move.dq,
        move.at, move.ord, move.business_date, move.amount, move.weight, move.mode, move.peer,
        move.origin, move.voids, move.lot, move.serial, move.bin, move.uom, move.uom_qty,
        move.unit_cost,
    )  # fmt: skip


def _value_rows(entry: Entry) -> list[Row]:
    first, today = entry.id * tables.ROWS_PER_POSTING + 1, entry.planned.business_date
    return [
        (
            number, entry.id, move.id, move.pool, kind, account, dv,
            # What fills an old shortage is known when the goods come.
            max(move.business_date, today) if kind == "true_up" else move.business_date,
            layers,
        )
        for number, (move, kind, account, dv, layers) in enumerate(entry.changes, first)
    ]  # fmt: skip


def _pool_rows(entry: Entry) -> list[Row]:
    rows: list[Row] = []
    for pool, change in sorted(entry.pools.items()):
        head = entry.heads[pool]
        rows.append(
            (
                pool, head.n + 1, entry.id, change.dq, change.dv, head.qty + change.dq,
                head.value + change.dv, *change.latest, *change.earliest, change.state,
            )
        )  # fmt: skip
    return rows


def _position_rows(entry: Entry) -> list[Row]:
    changed = [(entry.positions[place], dq) for place, dq in entry.places.items()]
    rows: list[Row] = [(at.id, at.n + 1, entry.id, dq, at.qty + dq) for at, dq in changed]
    return sorted(rows, key=lambda row: row[0] or 0)


def _journal_rows(connection: Connection, entry: Entry) -> list[Row]:
    rules = rules_of_accounts(connection, entry.company.id) if entry.changes else ()
    names: dict[int, tuple[str, str]] = {}
    if rules:
        pools = sorted({change.move.pool for change in entry.changes})
        names = _groups_and_places(connection, pools)

    def account(move: Move, role: str) -> str:
        if not rules:
            return role
        return account_of(rules, move.mode or move.kind, role, *names[move.pool])

    totals: dict[tuple[int, str, str], int] = {}
    movers: dict[tuple[int, str, str], Move] = {}
    for move, _, role, dv, _ in entry.changes:
        key = (move.pool, move.mode or move.kind, role)
        totals[key] = totals.get(key, 0) + dv
        movers[key] = move
    lines = journal_of(
        ((movers[key], key[2], total) for key, total in totals.items()),
        lambda move: entry.heads[move.pool].account,
        account,
    )
    return [(entry.id, n, *line) for n, line in enumerate(lines, 1)]


def _groups_and_places(connection: Connection, pools: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Item group and warehouse of pools."""
    rows = run(
        connection,
        "SELECT p.id, i.item_group, w.key FROM k_pool p JOIN k_item i ON i.id = p.item"
        f" JOIN k_warehouse w ON w.id = p.warehouse WHERE p.id IN ({marks(pools)})",
        pools,
    )
    return {number: (group, place) for number, group, place in rows}


def _other_rows(entry: Entry) -> list[list[Row]]:
    """The rarer rows of a posting, its number filled in, by table; nothing where there are none."""
    if not entry.planned.extras:
        return []
    found: dict[str, list[Row]] = {table.name: [] for table in OTHERS}
    for name, row in entry.planned.extras:
        place = columns_of(tables.metadata.tables[name]).index("posting")
        whole = (*row[:place], entry.id, *row[place + 1 :])
        # A policy without an order of its own stands where its posting stands.
        found[name].append(tuple(entry.order if cell is None else cell for cell in whole))
    return [
        sorted(found[table.name], key=lambda row: tuple(row[nth] for nth in _key_places(table)))
        for table in OTHERS
    ]


def _key_places(table: Table) -> list[int]:
    names = columns_of(table)
    return [names.index(column.name) for column in table.primary_key.columns]


def _write_header(
    connection: Connection,
    entry: Entry,
    sections: Sequence[Sequence[Row]],
    others: Sequence[Sequence[Row]],
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
        header.party, planned.voids, planned.reverses, sum(change.dv for change in entry.changes),
        *(len(rows) for rows in sections), sum(len(rows) for rows in others), header.user,
        header.posted_at.isoformat(), prev_hash,
    )  # fmt: skip
    own_hash = posting_hash(row, sections, others)
    insert_rows(connection, tables.posting, [(*row, own_hash)])
    return seq, own_hash
