"""Posting twice is posting once: the same key and request bring back the first answer."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from dataclasses import dataclass

from sqlalchemy import Connection

from runtime.kernel.commands import Header, Posted, PostedLine
from runtime.kernel.refusals import Refusal, Refused
from runtime.kernel.registration import COMPANY_COLUMNS, Company, as_company
from runtime.kernel.sql import run
from runtime.kernel.tables import ROWS_PER_POSTING

# What a posting says of moves that were there before it.
_OF_OTHERS = "('revalue', 'late', 'true_up')"


@dataclass(frozen=True, slots=True)
class Earlier:
    """The posting that has the key already."""

    id: int
    seq: int
    hash: str
    payload_hash: str


@dataclass(frozen=True, slots=True)
class Books:
    """The company, and what was posted under the key before."""

    company: Company
    earlier: Earlier | None


def open_books(connection: Connection, header: Header) -> Books:
    """Read the company's rules and look the key up, in one statement."""
    rows = run(
        connection,
        f"SELECT {COMPANY_COLUMNS}, p.id, p.seq, p.hash, p.payload_hash FROM k_company c"
        " LEFT JOIN k_posting p ON p.company = c.id AND p.idem_key = ? WHERE c.id = ?",
        (header.key, header.company),
    )
    assert rows, f"there is no company {header.company}"
    row = rows[0]
    return Books(as_company(tuple(row[:7])), None if row[7] is None else Earlier(*row[7:]))


def again(connection: Connection, earlier: Earlier, payload_hash: str) -> Posted | Refused:
    """The first answer once more, read from the ledger; another request is refused."""
    if earlier.payload_hash != payload_hash:
        return Refused(Refusal.IDEMPOTENCY_CONFLICT)
    first = earlier.id * ROWS_PER_POSTING
    rows = run(
        connection,
        "SELECT m.line, CAST(sum(v.dv) AS BIGINT) FROM k_value_entry v"
        " JOIN k_move m ON m.id = v.move WHERE v.id > ? AND v.id < ? AND v.kind NOT IN"
        f" {_OF_OTHERS}"
        " AND m.kind <> 'transfer_in' AND v.account NOT IN"
        " ('residual', 'return_variance', 'price_variance', 'cogs_adjust')"
        " GROUP BY m.line ORDER BY m.line",
        (first, first + ROWS_PER_POSTING),
    )
    revalued = run(
        connection,
        f"SELECT count(*) FROM k_value_entry WHERE id > ? AND id < ? AND kind IN {_OF_OTHERS}",
        (first, first + ROWS_PER_POSTING),
    )
    lines = tuple(PostedLine(line, value) for line, value in rows)
    return Posted(earlier.id, earlier.seq, earlier.hash, lines, revalued[0][0])
