"""A ledger of any length, written in sets: the rows the kernel would have written, hashes too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Column, Connection, Table, Text

from bench.seeds.company import NOW, Company
from runtime import kernel
from runtime.infra.db import Database
from runtime.kernel import tables
from runtime.kernel.amounts import round_ratio
from runtime.kernel.chain import SECTIONS, Row, posting_hash
from runtime.kernel.journal import journal_of
from runtime.kernel.planning import moment
from runtime.kernel.sql import insert_rows, run
from runtime.kernel.tables import ROWS_PER_POSTING

LINES = 10
ATOMS = 1_000_000  # of one base unit
FIRST_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - business time has no zone
SPAN = timedelta(days=320)
POSTINGS_AT_ONCE = 500
# What a pool holds before anything is taken out, so that no benchmark runs it dry.
OPENING = 100_000

Rows = list[Row]


@dataclass
class Pool:
    """A pool as it stands while the ledger is made."""

    id: int
    item: int
    n: int = 0
    qty: int = 0
    value: int = 0


@dataclass
class Chain:
    """The last posting of the company, and the rows that wait to be written, headers first."""

    company: int
    number: int = 0
    hash: str = ""
    waiting: dict[Table, Rows] = field(
        default_factory=lambda: {table: [] for table in (tables.posting, *SECTIONS)}
    )


def write_ledger(database: Database, company: Company, entries: int) -> int:
    """Write so many entries in postings of ten lines; return the kernel's company.

    The tables get their guards afterwards: the rows are what the guards would have let through,
    and `books verify` says so.
    """
    with database.transaction() as connection:
        tables.metadata.create_all(connection)
        books = kernel.create_company(connection, company.app.code)
        pools = _open_pools(connection, books.id, company)
        _write_postings(connection, books.id, pools, entries // LINES)
    with database.transaction() as connection:
        kernel.install(connection)
        if database.kind == "postgresql":
            run(connection, "SELECT setval('k_posting_id', ?)", (entries // LINES,))
    _settle(database)
    return books.id


def verified(database: Database) -> None:
    """Fail when the books do not prove."""
    with database.reading() as connection:
        broken = [finding for finding in kernel.verify(connection) if not finding.ok]
    assert not broken, broken


def _open_pools(connection: Connection, books: int, company: Company) -> list[list[Pool]]:
    """The pools in groups of ten, each group in one warehouse."""
    kernel.register_items(connection, books, map(str, company.items))
    kernel.register_warehouses(connection, books, map(str, company.warehouses))
    items = run(connection, "SELECT id FROM k_item WHERE company = ? ORDER BY id", (books,))
    places = run(connection, "SELECT id FROM k_warehouse WHERE company = ? ORDER BY id", (books,))
    kept = [(place, item) for (place,) in places for (item,) in items]
    pools = [Pool(number, item) for number, (_, item) in enumerate(kept, 1)]
    rows = [
        _row(tables.pool, id=number, company=books, item=item, warehouse=place)
        for number, (place, item) in enumerate(kept, 1)
    ]
    insert_rows(connection, tables.pool, rows)
    if connection.dialect.name == "postgresql":
        run(connection, "SELECT setval('k_pool_id_seq', ?)", (len(rows),))
    return [pools[start : start + LINES] for start in range(0, len(pools), LINES)]


def _row(table: Table, **values: int | str | None) -> Row:
    """A whole row of a table; what is not said is empty, and nothing said is forgotten."""
    row = tuple(values.pop(column.name, _empty(column)) for column in table.columns)
    assert not values, f"{table.name} has no {', '.join(values)}"
    return row


def _empty(column: Column[Any]) -> int | str | None:
    if column.nullable:
        return None
    return "" if isinstance(column.type, Text) else 0


def _write_postings(
    connection: Connection, books: int, groups: Sequence[Sequence[Pool]], count: int
) -> None:
    random = Random(1)
    chain = Chain(books)
    for number in range(1, count + 1):
        when = FIRST_DAY + SPAN * (number - 1) // count
        _post(chain, groups[number % len(groups)], when, random)
        if number % POSTINGS_AT_ONCE == 0 or number == count:
            for table, rows in chain.waiting.items():
                insert_rows(connection, table, rows)
                rows.clear()


def _post(chain: Chain, pools: Sequence[Pool], when: datetime, random: Random) -> None:
    """One posting after the last: a receipt when the pools are new or by chance, or an issue."""
    chain.number += 1
    is_receipt = pools[0].n == 0 or random.random() < 0.4
    sections: dict[Table, Rows] = {table: [] for table in SECTIONS}
    place = _Place(chain.number, when.isoformat()[:10], moment(when, 0, in_sequence=False))
    total = 0
    for line, pool in enumerate(pools):
        qty, dv, cost = _change(pool, random, is_receipt=is_receipt)
        total += dv
        for table, row in _line(place, line, pool, _Change(qty, dv, cost)):
            sections[table].append(row)
    account = "receipt" if is_receipt else "issue"
    for n, (name, amount) in enumerate(journal_of([(account, total)]), 1):
        row = _row(tables.journal_line, posting=chain.number, n=n, account=name, amount=amount)
        sections[tables.journal_line].append(row)
    _close(chain, sections, place, "receive" if is_receipt else "issue", total)


@dataclass(frozen=True)
class _Place:
    """Where a posting stands in the books and in time."""

    number: int
    day: str
    at: int


@dataclass(frozen=True)
class _Change:
    """What a line does: base units, minor units, and what a unit cost when it came."""

    qty: int
    dv: int
    cost: str


def _line(place: _Place, line: int, pool: Pool, change: _Change) -> Iterator[tuple[Table, Row]]:
    """The move, the value entry and the pool entry of one line."""
    number, key = place.number, place.number * ROWS_PER_POSTING + 1 + line
    is_receipt = change.qty > 0
    yield tables.move, _row(
        tables.move, id=key, posting=number, line=line, kind="receive" if is_receipt else "issue",
        item=pool.item, pool=pool.id, dq=change.qty * ATOMS, at=place.at, ord=number,
        business_date=place.day, amount=change.dv if is_receipt else None,
        uom_qty=str(abs(change.qty)), unit_cost=change.cost,
    )  # fmt: skip
    yield tables.value_entry, _row(
        tables.value_entry, id=key, posting=number, move=key, pool=pool.id, kind="original",
        account="receipt" if is_receipt else "issue", dv=change.dv, effective_date=place.day,
    )  # fmt: skip
    yield tables.pool_entry, _row(
        tables.pool_entry, pool=pool.id, n=pool.n, posting=number, dq=change.qty * ATOMS,
        dv=change.dv, q_after=pool.qty, v_after=pool.value,
    )  # fmt: skip


def _change(pool: Pool, random: Random, *, is_receipt: bool) -> tuple[int, int, str]:
    """The quantity in base units, its value and its unit cost; the pool has it afterwards."""
    if is_receipt:
        qty, cost = (OPENING if pool.n == 0 else random.randint(1, 100)), random.randint(500, 9999)
        dv, price = qty * cost, f"{cost // 100}.{cost % 100:02}"
    else:
        qty, price = -random.randint(1, 20), ""
        dv = -round_ratio(pool.value * -qty * ATOMS, pool.qty)
    pool.n, pool.qty, pool.value = pool.n + 1, pool.qty + qty * ATOMS, pool.value + dv
    return qty, dv, price


def _close(chain: Chain, sections: dict[Table, Rows], place: _Place, kind: str, total: int) -> None:
    """The header of a posting with its hash, and all its rows to those that wait."""
    number = place.number
    sizes = {
        name: len(sections[table])
        for name, table in {
            "n_moves": tables.move, "n_values": tables.value_entry,
            "n_entries": tables.pool_entry, "n_journal": tables.journal_line,
        }.items()
    }  # fmt: skip
    header = _row(
        tables.posting, id=number, company=chain.company, seq=number, idem_key=f"seed:{number}",
        kind=kind, business_date=place.day, at=place.at, ord=number, doc_type="seed",
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
