"""Proving the books: every invariant that applies, over the live database."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table

from runtime.kernel import tables
from runtime.kernel.amounts import LIMIT
from runtime.kernel.chain import OTHERS, SECTIONS, Row, columns_of, posting_hash
from runtime.kernel.connections import ready
from runtime.kernel.replay import replay
from runtime.kernel.schema import marked_digest, missing_guards, schema_digest
from runtime.kernel.sql import run
from runtime.kernel.tables import ROWS_PER_POSTING

_POSTINGS_AT_ONCE = 500
_OTHER_ROWS = columns_of(tables.posting).index("n_other")


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether an invariant holds, over how many things, and what breaks it."""

    id: str
    ok: bool
    checked: int
    detail: str


@dataclass(frozen=True, slots=True)
class _Audit:
    """A question to the database: the rows that break an invariant, out of how many."""

    id: str
    says: str
    over: str
    broken: str


_OUT_OF_BOUNDS = " OR ".join(
    f"abs({column}) >= {LIMIT}" for column in ("dq", "dv", "q_after", "v_after")
)
_POSTING_SUMS = (
    "SELECT h.id FROM k_posting h LEFT JOIN (SELECT posting, {what} AS total, count(*) AS n"
    " FROM {table} {where} GROUP BY posting) s ON s.posting = h.id WHERE {wrong}"
)

_AUDITS = (
    _Audit(
        "INV-2", "the balance of a pool is the sum of its entries", "SELECT count(*) FROM k_pool",
        "SELECT e.pool FROM k_pool_entry e GROUP BY e.pool HAVING sum(e.dq) <>"
        " (SELECT q_after FROM k_pool_entry WHERE pool = e.pool ORDER BY n DESC LIMIT 1)"
        " OR sum(e.dv) <>"
        " (SELECT v_after FROM k_pool_entry WHERE pool = e.pool ORDER BY n DESC LIMIT 1)",
    ),
    _Audit(
        "INV-3", "the entries of a pool are a chain without gaps",
        "SELECT count(*) FROM k_pool_entry",
        "SELECT pool FROM (SELECT pool, n, dq, dv, q_after, v_after,"
        " row_number() OVER w AS place, coalesce(lag(q_after) OVER w, 0) AS q_before,"
        " coalesce(lag(v_after) OVER w, 0) AS v_before FROM k_pool_entry"
        " WINDOW w AS (PARTITION BY pool ORDER BY n)) t"
        " WHERE n <> place OR q_after <> q_before + dq OR v_after <> v_before + dv",
    ),
    _Audit(
        "INV-4", "no quantity, no value", "SELECT count(*) FROM k_pool_entry",
        "SELECT pool FROM k_pool_entry WHERE q_after = 0 AND v_after <> 0",
    ),
    _Audit(
        "INV-5", "no negative value", "SELECT count(*) FROM k_pool_entry",
        "SELECT pool FROM k_pool_entry WHERE q_after > 0 AND v_after < 0",
    ),
    _Audit(
        "INV-6", "quantities and values are integers within bounds",
        "SELECT count(*) FROM k_pool_entry",
        f"SELECT pool FROM k_pool_entry WHERE {_OUT_OF_BOUNDS}",
    ),
    _Audit(
        "INV-8", "a posting changes the stock value by what came from outside",
        "SELECT count(*) FROM k_posting",
        _POSTING_SUMS.format(
            what="sum(dv)", table="k_value_entry", where="",
            wrong="h.ext_dv <> coalesce(s.total, 0)",
        )
        + " UNION ALL SELECT posting FROM k_value_entry WHERE account = 'transfer'"
        " GROUP BY posting HAVING sum(dv) <> 0"
        " UNION ALL SELECT posting FROM k_move WHERE kind IN ('transfer_in', 'transfer_out')"
        " GROUP BY posting, item HAVING sum(dq) <> 0",
    ),
    _Audit(
        "INV-10", "the stock account moves by what the pools move, and the journal balances",
        "SELECT count(*) FROM k_posting",
        _POSTING_SUMS.format(
            what="sum(amount)", table="k_journal_line", where="WHERE role = 'stock'",
            wrong="h.ext_dv <> coalesce(s.total, 0)",
        )
        + " UNION ALL SELECT posting FROM k_journal_line GROUP BY posting HAVING sum(amount) <> 0",
    ),
    _Audit(
        "INV-14", "the costing policy of an item is constant", "SELECT count(*) FROM k_item",
        "SELECT item FROM k_item_policy GROUP BY item HAVING count(*) <> max(n)"
        " UNION ALL SELECT id FROM k_item WHERE id NOT IN (SELECT item FROM k_item_policy)",
    ),
    _Audit(
        "INV-16", "a key posts once", "SELECT count(*) FROM k_posting",
        "SELECT min(id) FROM k_posting GROUP BY company, idem_key HAVING count(*) > 1",
    ),
    _Audit(
        "INV-17", "what is undone is worth nothing, now and for ever",
        "SELECT count(*) FROM k_move WHERE voids IS NOT NULL",
        "SELECT o.id FROM k_move o JOIN k_move w ON o.voids = w.id"
        " JOIN k_value_entry v ON v.move IN (o.id, w.id)"
        " GROUP BY o.id, v.account HAVING sum(v.dv) <> 0"
        " UNION ALL SELECT o.id FROM k_move o LEFT JOIN k_move w ON w.id = o.voids"
        " WHERE o.kind = 'void' AND (w.id IS NULL OR w.dq <> -o.dq OR w.pool <> o.pool)",
    ),
    _Audit(
        "INV-18", "no more is continued than there was",
        "SELECT count(*) FROM k_move WHERE origin IS NOT NULL",
        "SELECT w.id FROM k_move o JOIN k_move w ON w.id = o.origin WHERE o.kind <> 'void'"
        " AND NOT EXISTS (SELECT 1 FROM k_move x WHERE x.voids = o.id)"
        " GROUP BY w.id, w.dq HAVING sum(-o.dq) > w.dq",
    ),
    _Audit(
        "INV-21", "both legs of a transfer carry the same value",
        "SELECT count(*) FROM k_move WHERE kind = 'transfer_in'",
        "SELECT i.id FROM k_move i JOIN k_value_entry v ON v.move IN (i.id, i.peer)"
        " AND v.account = 'transfer' WHERE i.kind = 'transfer_in'"
        " GROUP BY i.id HAVING sum(v.dv) <> 0"
        " UNION ALL SELECT i.id FROM k_move i LEFT JOIN k_move o ON o.id = i.peer"
        " WHERE i.kind = 'transfer_in' AND (o.id IS NULL OR o.dq <> -i.dq)",
    ),
    _Audit(
        "INV-25", "every unit is a whole number of atoms", "SELECT count(*) FROM k_uom_factor",
        "SELECT u.id FROM k_uom_factor u JOIN k_item p ON p.id = u.item"
        " WHERE u.num < 1 OR u.den < 1 OR p.atoms_per_base * u.num % u.den <> 0",
    ),
)  # fmt: skip


def verify(connection: Connection) -> list[Finding]:
    """Every finding, in the order of the invariants' numbers; the schema comes first."""
    ready(connection)
    again = replay(connection)
    findings = [
        _schema(connection),
        *(_ask(connection, audit) for audit in _AUDITS),
        _finding(
            "INV-11", "every value and balance is what a replay in business order gives",
            again.moves, again.wrong_values + again.wrong_balances,
        ),
        _complete(connection),
        _finding("INV-13", "at no moment less than nothing", again.moves, again.shortages),
        _chain(connection),
    ]  # fmt: skip
    return sorted(findings, key=_number)


def _number(finding: Finding) -> int:
    return int(finding.id.removeprefix("INV-"))


def _finding(number: str, says: str, checked: int, broken: list[str]) -> Finding:
    detail = f"{says}; broken at: {', '.join(broken)}" if broken else says
    return Finding(number, not broken, checked, detail)


def _ask(connection: Connection, audit: _Audit) -> Finding:
    checked = run(connection, audit.over)[0][0]
    broken = run(connection, f"SELECT * FROM ({audit.broken}) t LIMIT 5")
    return _finding(audit.id, audit.says, checked, [str(row[0]) for row in broken])


def _schema(connection: Connection) -> Finding:
    """The guards that keep posted rows as they are are there and are ours."""
    broken = missing_guards(connection)
    if schema_digest(connection) != marked_digest(connection):
        broken.append("the schema is not the one that was installed")
    return _finding("INV-1", "posted rows are guarded", len(tables.metadata.tables), broken)


def _complete(connection: Connection) -> Finding:
    """A posting has all of its rows, and no row is without its posting."""
    broken: list[str] = []
    columns = {"k_move": "n_moves", "k_value_entry": "n_values", "k_pool_entry": "n_entries",
               "k_journal_line": "n_journal"}  # fmt: skip
    for table, column in columns.items():
        rows = run(
            connection,
            f"SELECT h.id FROM k_posting h LEFT JOIN (SELECT posting, count(*) AS n FROM {table}"
            f" GROUP BY posting) s ON s.posting = h.id WHERE h.{column} <> coalesce(s.n, 0)"
            f" UNION ALL SELECT posting FROM {table}"
            " WHERE posting NOT IN (SELECT id FROM k_posting) LIMIT 5",
        )
        broken += [f"{table} of posting {row[0]}" for row in rows]
    sums = run(
        connection,
        "SELECT posting FROM (SELECT posting, pool, dq, dv FROM k_pool_entry"
        " UNION ALL SELECT posting, pool, -dq, 0 FROM k_move"
        " UNION ALL SELECT posting, pool, 0, -dv FROM k_value_entry) t"
        " GROUP BY posting, pool HAVING sum(dq) <> 0 OR sum(dv) <> 0 LIMIT 5",
    )
    broken += [f"sums of posting {row[0]}" for row in sums]
    checked = run(connection, "SELECT count(*) FROM k_posting")[0][0]
    return _finding("INV-12", "a posting is whole or not there", checked, broken)


def _chain(connection: Connection) -> Finding:
    """Every hash is the hash of its posting and of all before it."""
    broken: list[str] = []
    checked = 0
    last: dict[int, tuple[int, str]] = {}
    for header, sections in _postings(connection):
        checked += 1
        number, company, seq = _whole(header[0]), _whole(header[1]), _whole(header[2])
        before_seq, before_hash = last.get(company, (0, ""))
        others = sections[len(SECTIONS) :] if header[_OTHER_ROWS] else []
        whole = posting_hash(header[:-1], sections[: len(SECTIONS)], others)
        if seq != before_seq + 1 or header[-2] != before_hash or header[-1] != whole:
            broken.append(f"posting {number}")
        last[company] = (seq, str(header[-1]))
    return _finding("INV-24", "the hash chain is whole", checked, broken[:5])


def _whole(value: int | str | None) -> int:
    assert isinstance(value, int), "an id or a sequence number is a whole number"
    return value


def _postings(connection: Connection) -> Iterator[tuple[Row, list[list[Row]]]]:
    """The postings of one company after the other in sequence, each with its rows."""
    names = ", ".join(columns_of(tables.posting))
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
            sections = [_rows_of(connection, table, bounds) for table in (*SECTIONS, *OTHERS)]
            for header in headers:
                yield tuple(header), [rows.get(header[0], []) for rows in sections]
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
