"""A ledger of any length, written in sets: the rows the kernel would have written, hashes too."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter, itemgetter
from random import Random
from typing import Any

from sqlalchemy import Connection, Table, Text

from bench.seeds import NOW
from runtime import kernel
from runtime.infra.db import Database
from runtime.kernel import tables
from runtime.kernel.chain import SECTIONS, Row, columns_of, posting_hash
from runtime.kernel.costing import Book, Opening, Policy, Valued, value_moves
from runtime.kernel.journal import journal_of
from runtime.kernel.moves import Move
from runtime.kernel.planned import moment
from runtime.kernel.registration import FROM_THE_BEGINNING, ItemTerms
from runtime.kernel.sql import insert_rows, run
from runtime.kernel.tables import ROWS_PER_POSTING

ATOMS = 1_000_000  # of one base unit
FIRST_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - business time has no zone
SPAN = timedelta(days=320)
POSTINGS_AT_ONCE = 500

Rows = list[Row]


@dataclass(frozen=True)
class Plan:
    """What a ledger is made of: so many entries, in postings of so many lines.

    Each posting is of one warehouse. Pools are filled up to `kept` base units again and again, so
    about half of the postings are receipts once they are full.
    """

    code: str
    items: tuple[str, ...]
    warehouses: tuple[str, ...]
    entries: int
    lines: int = 10
    kept: int = 100
    method: str = "moving_average"


@dataclass
class Pool:
    """A pool as it stands while the ledger is made."""

    id: int
    item: int
    warehouse: int
    n: int = 0
    held: Opening = field(default_factory=Opening)


@dataclass
class Chain:
    """The last posting of the company, and the rows that wait to be written, headers first."""

    company: int
    plan: Plan
    number: int = 0
    hash: str = ""
    random: Random = field(default_factory=lambda: Random(1))
    waiting: dict[Table, Rows] = field(
        default_factory=lambda: {table: [] for table in (tables.posting, *SECTIONS)}
    )


def write_ledger(database: Database, plan: Plan) -> int:
    """Write a ledger as planned; return the kernel's company.

    The tables get their guards afterwards: the rows are what the guards would have let through,
    and `books verify` says so.
    """
    count = plan.entries // plan.lines
    with database.transaction() as connection:
        tables.metadata.create_all(connection)
        books = kernel.create_company(connection, plan.code).id
        groups = _open_pools(connection, books, plan)
        _write_postings(connection, Chain(books, plan), groups, count)
    with database.transaction() as connection:
        kernel.install(connection)
        if database.kind == "postgresql":
            run(connection, "SELECT setval('k_posting_id', ?)", (count,))
    _settle(database)
    return books


def verified(database: Database) -> None:
    """Fail when the books do not prove."""
    with database.reading() as connection:
        broken = [finding for finding in kernel.verify(connection) if not finding.ok]
    assert not broken, broken


def when(plan: Plan, number: int) -> datetime:
    """The business time of a posting of the ledger."""
    return FIRST_DAY + SPAN * (number - 1) // (plan.entries // plan.lines)


def _open_pools(connection: Connection, books: int, plan: Plan) -> list[list[Pool]]:
    """The pools in groups as large as a posting, each group in one warehouse."""
    for key in plan.items:
        kernel.register_item(connection, books, key, ItemTerms(method=plan.method))
    kernel.register_warehouses(connection, books, plan.warehouses)
    items = run(connection, "SELECT id FROM k_item WHERE company = ? ORDER BY id", (books,))
    places = run(connection, "SELECT id FROM k_warehouse WHERE company = ? ORDER BY id", (books,))
    kept = [(place, item) for (place,) in places for (item,) in items]
    pools = [Pool(number, item, place) for number, (place, item) in enumerate(kept, 1)]
    rows = [
        _row(
            tables.pool, id=pool.id, company=books, item=pool.item, warehouse=pool.warehouse,
            account="stock",
        )
        for pool in pools
    ]  # fmt: skip
    insert_rows(connection, tables.pool, rows)
    if connection.dialect.name == "postgresql":
        run(connection, "SELECT setval('k_pool_id_seq', ?)", (len(rows),))
    size = plan.lines
    assert len(items) % size == 0, "a posting is of one warehouse"
    return [pools[start : start + size] for start in range(0, len(pools), size)]


@lru_cache(maxsize=32)
def _empty_row(table: Table) -> tuple[dict[str, int | str | None], Callable[[Any], Row]]:
    """A row by column of which nothing is said, and what puts one in order."""
    empty = {
        column.name: None if column.nullable else "" if isinstance(column.type, Text) else 0
        for column in table.columns
    }
    return empty, itemgetter(*empty)


def _row(table: Table, **values: int | str | None) -> Row:
    """A whole row of a table; what is not said is empty, and nothing said is forgotten."""
    empty, in_order = _empty_row(table)
    row = empty | values
    assert len(row) == len(empty), f"{table.name} has no {values.keys() - empty.keys()}"
    return in_order(row)


_move_row: Callable[[Move], Row] = attrgetter(*columns_of(tables.move))


def _write_postings(
    connection: Connection, chain: Chain, groups: Sequence[Sequence[Pool]], count: int
) -> None:
    if connection.dialect.name == "postgresql":
        # The rows refer to each other as they should; that is proved at the end, at once.
        run(connection, "SET LOCAL session_replication_role = replica")
    for number in range(1, count + 1):
        _post(chain, groups[number % len(groups)])
        if number % POSTINGS_AT_ONCE == 0 or number == count:
            for table, rows in chain.waiting.items():
                _load(connection, table, rows)
                rows.clear()


def _load(connection: Connection, table: Table, rows: Rows) -> None:
    """Rows into a table by the fastest way there is."""
    if connection.dialect.name == "sqlite":
        insert_rows(connection, table, rows)
        return
    driver: Any = connection.connection
    columns = ", ".join(columns_of(table))
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as to:
        for row in rows:
            to.write_row(row)


def _post(chain: Chain, pools: Sequence[Pool]) -> None:
    """One posting after the last: a receipt where the pools are not full, else an issue."""
    chain.number += 1
    moves = _moves(chain, pools)
    valued = _value(chain.plan, pools, moves)
    sections: dict[Table, Rows] = {table: [] for table in SECTIONS}
    for pool, move in zip(pools, moves, strict=True):
        for table, row in _line(chain.number, pool, move, valued):
            sections[table].append(row)
    lines = journal_of(
        [(move, role, dv) for move in moves for role, dv in valued.values[move.id].items()],
        lambda _move: "stock",
        lambda _move, role: role,
    )
    sections[tables.journal_line] = [(chain.number, n, *line) for n, line in enumerate(lines, 1)]
    _close(chain, sections, moves[0], sum(move.value for move in moves))


def _moves(chain: Chain, pools: Sequence[Pool]) -> list[Move]:
    """What the lines of a posting move."""
    plan, number, random = chain.plan, chain.number, chain.random
    at = when(plan, number)
    place, day = moment(at, 0, in_sequence=False), at.isoformat()[:10]
    is_receipt = any(pool.held.qty < plan.kept * ATOMS for pool in pools)
    moves = []
    for line, pool in enumerate(pools):
        qty = random.randint(5, 15) if is_receipt else -random.randint(1, 19)
        if is_receipt and pool.n == 0:
            qty = plan.kept
        cost = random.randint(500, 9999) if is_receipt else 0
        moves.append(
            Move(
                number * ROWS_PER_POSTING + 1 + line, number, line,
                "receive" if is_receipt else "issue", pool.item, pool.id, pool.warehouse,
                qty * ATOMS, place, number, day,
                amount=qty * cost if is_receipt else None, uom_qty=str(abs(qty)),
                unit_cost=f"{cost // 100}.{cost % 100:02}" if is_receipt else "",
            )
        )  # fmt: skip
    return moves


def _value(plan: Plan, pools: Sequence[Pool], moves: Sequence[Move]) -> Valued:
    """What the moves are worth, by the kernel's own engine; the pools have them afterwards."""
    policy = (Policy(FROM_THE_BEGINNING, FROM_THE_BEGINNING, plan.method),)
    valued = value_moves(
        moves,
        Book(
            openings={pool.id: pool.held for pool in pools},
            policies={pool.item: policy for pool in pools},
            pool_items={pool.id: pool.item for pool in pools},
        ),
    )
    assert not valued.problems, valued.problems
    for pool, move in zip(pools, moves, strict=True):
        assert valued.states[pool.id][0] == pool.held.qty + move.dq >= 0, "a pool ran dry"
        move.values = valued.values[move.id]
        pool.held = Opening(*valued.states[pool.id])
        pool.n += 1
    return valued


def _line(number: int, pool: Pool, move: Move, valued: Valued) -> Iterator[tuple[Table, Row]]:
    """The move, the value entry and the pool entry of one line."""
    yield tables.move, _move_row(move)
    ((role, dv),) = valued.values[move.id].items()
    yield tables.value_entry, _row(
        tables.value_entry, id=move.id, posting=number, move=move.id, pool=pool.id,
        kind="original", account=role, dv=dv, effective_date=move.business_date,
    )  # fmt: skip
    yield tables.pool_entry, _row(
        tables.pool_entry, pool=pool.id, n=pool.n, posting=number, dq=move.dq, dv=dv,
        q_after=pool.held.qty, v_after=pool.held.value, at=move.at, ord=move.ord,
        from_at=move.at, from_ord=move.ord, state=pool.held.state,
    )  # fmt: skip


def _close(chain: Chain, sections: dict[Table, Rows], move: Move, total: int) -> None:
    """The header of a posting with its hash, and all its rows to those that wait."""
    number = chain.number
    sizes = {
        name: len(sections[table])
        for name, table in {
            "n_moves": tables.move, "n_values": tables.value_entry,
            "n_entries": tables.pool_entry, "n_journal": tables.journal_line,
        }.items()
    }  # fmt: skip
    header = _row(
        tables.posting, id=number, company=chain.company, seq=number, idem_key=f"seed:{number}",
        kind=move.kind, business_date=move.business_date, at=move.at, ord=number, doc_type="seed",
        doc_id=str(number), ext_dv=total, user_name="system", posted_at=NOW.isoformat(),
        prev_hash=chain.hash, **sizes,
    )[:-1]  # fmt: skip
    chain.hash = posting_hash(header, sections.values())
    chain.waiting[tables.posting].append((*header, chain.hash))
    for table, rows in sections.items():
        chain.waiting[table].extend(rows)


def _settle(database: Database) -> None:
    """What PostgreSQL does by itself in quiet moments, done now."""
    if database.kind == "postgresql":
        quiet = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with quiet.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
            connection.exec_driver_sql("CHECKPOINT")
    database.dispose()
