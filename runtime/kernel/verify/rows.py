"""Whole postings: every row is there, belongs to one, and stands in the hash chain."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterator

from sqlalchemy import Connection, Table

from runtime.kernel import tables
from runtime.kernel.chain import OTHERS, SECTIONS, Row, columns_of, posting_hash
from runtime.kernel.sql import run
from runtime.kernel.tables import ROWS_PER_POSTING
from runtime.kernel.verify.findings import Finding, finding

_POSTINGS_AT_ONCE = 500
_COUNTS = dict(
    zip(SECTIONS, ("n_moves", "n_values", "n_entries", "n_positions", "n_journal"), strict=True)
)
# Rows that name another row which has to be there; SQLite checks that only where it is told to.
_NAMED = (
    ("k_move", "pool", "k_pool"), ("k_move", "item", "k_item"),
    ("k_move", "warehouse", "k_warehouse"), ("k_move", "origin", "k_move"),
    ("k_value_entry", "move", "k_move"), ("k_value_entry", "pool", "k_pool"),
    ("k_pool_entry", "pool", "k_pool"), ("k_position_entry", "position", "k_position"),
    ("k_posting", "voids", "k_posting"), ("k_posting", "reverses", "k_posting"),
    ("k_snapshot", "pool", "k_pool"), ("k_snapshot_position", "position", "k_position"),
    ("k_reservation_event", "reservation", "k_reservation"),
)  # fmt: skip


def complete(connection: Connection) -> Finding:
    """A posting has all of its rows, and no row is without its posting."""
    broken: list[str] = []
    for table, column in _COUNTS.items():
        broken += _miscounted(connection, (table,), column)
    broken += _miscounted(connection, OTHERS, "n_other")
    for table in (*SECTIONS, *OTHERS):
        rows = run(
            connection,
            f"SELECT posting FROM {table.name} WHERE posting IS NOT NULL"
            " AND posting NOT IN (SELECT id FROM k_posting) LIMIT 5",
        )
        broken += [f"{table.name} of no posting {row[0]}" for row in rows]
    for name, column, other in _NAMED:
        rows = run(
            connection,
            f"SELECT {column} FROM {name} WHERE {column} IS NOT NULL"
            f" AND {column} NOT IN (SELECT id FROM {other}) LIMIT 1",
        )
        broken += [f"{name} names no {column} {row[0]}" for row in rows]
    broken += _unsummed(connection)
    checked = run(connection, "SELECT count(*) FROM k_posting")[0][0]
    return finding("INV-12", "a posting is whole or not there", checked, broken[:10])


def _miscounted(connection: Connection, own: tuple[Table, ...], column: str) -> list[str]:
    rows = " UNION ALL ".join(
        f"SELECT posting FROM {table.name} WHERE posting IS NOT NULL" for table in own
    )
    found = run(
        connection,
        "SELECT h.id FROM k_posting h LEFT JOIN (SELECT posting, count(*) AS n FROM"
        f" ({rows}) r GROUP BY posting) s ON s.posting = h.id"
        f" WHERE h.{column} <> coalesce(s.n, 0) LIMIT 5",
    )
    return [f"{own[0].name} of posting {row[0]}" for row in found]


def _unsummed(connection: Connection) -> list[str]:
    rows = run(
        connection,
        "SELECT posting FROM (SELECT posting, pool, dq, dv FROM k_pool_entry"
        " UNION ALL SELECT posting, pool, -dq, 0 FROM k_move"
        " UNION ALL SELECT posting, pool, 0, -dv FROM k_value_entry) t"
        " GROUP BY posting, pool HAVING sum(dq) <> 0 OR sum(dv) <> 0 LIMIT 5",
    )
    return [f"sums of posting {row[0]}" for row in rows]


def chain(connection: Connection) -> Finding:
    """Every hash is the hash of its posting and of all before it."""
    broken: list[str] = []
    checked = 0
    last: dict[int, tuple[int, str]] = {}
    for header, sections, others in _postings(connection):
        checked += 1
        number, company, seq = _whole(header[0]), _whole(header[1]), _whole(header[2])
        before_seq, before_hash = last.get(company, (0, ""))
        whole = posting_hash(header[:-1], sections, others)
        if seq != before_seq + 1 or header[-2] != before_hash or header[-1] != whole:
            broken.append(f"posting {number}")
        last[company] = (seq, str(header[-1]))
    return finding("INV-24", "the hash chain is whole", checked, broken[:5])


def _whole(value: int | str | None) -> int:
    assert isinstance(value, int), "an id or a sequence number is a whole number"
    return value


def _postings(
    connection: Connection,
) -> Iterator[tuple[Row, list[list[Row]], list[list[Row]]]]:
    """The postings of one company after the other in sequence, each with its rows."""
    names = ", ".join(columns_of(tables.posting))
    place = columns_of(tables.posting).index("n_other")
    for (company,) in run(connection, "SELECT id FROM k_company ORDER BY id"):
        seq = 0
        while True:
            headers = run(
                connection,
                f"SELECT {names} FROM k_posting WHERE company = ? AND seq > ?"
                f" ORDER BY seq LIMIT {_POSTINGS_AT_ONCE}",
                (company, seq),
            )
            if not headers:
                break
            bounds = (company, seq, headers[-1][2])
            sections = [_rows_of(connection, table, bounds) for table in SECTIONS]
            rare = any(header[place] for header in headers)
            others = [_rows_of(connection, table, bounds) for table in OTHERS] if rare else []
            for header in headers:
                number = header[0]
                own = [rows.get(number, []) for rows in others] if header[place] else []
                yield tuple(header), [rows.get(number, []) for rows in sections], own
            seq = headers[-1][2]


def _rows_of(
    connection: Connection, table: Table, bounds: tuple[int, int, int]
) -> dict[int, list[Row]]:
    """A table's rows by posting, for a company's postings from one sequence number to another."""
    names = ", ".join(f"t.{name}" for name in columns_of(table))
    by_id = table in {tables.move, tables.value_entry}
    joined = (
        f"t.id > h.id * {ROWS_PER_POSTING} AND t.id < (h.id + 1) * {ROWS_PER_POSTING}"
        if by_id
        else "t.posting = h.id"
    )
    order = ", ".join(f"t.{column.name}" for column in table.primary_key.columns)
    found: dict[int, list[Row]] = {}
    for number, *row in run(
        connection,
        f"SELECT h.id, {names} FROM k_posting h JOIN {table.name} t ON {joined}"
        f" WHERE h.company = ? AND h.seq > ? AND h.seq <= ? ORDER BY h.seq, {order}",
        bounds,
    ):
        found.setdefault(number, []).append(tuple(row))
    return found
