"""Where a lot or serial number came from and went, through assemblies in both directions."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from sqlalchemy import Connection

from runtime.kernel.amounts import from_atoms
from runtime.kernel.lines import DocumentRef
from runtime.kernel.sql import run
from runtime.kernel.tables import ROWS_PER_POSTING
from runtime.kernel.views.documents import DOCUMENT, PART, PARTY, UNDONE

Direction = Literal["both", "up", "down"]

# Goods made of what they were made of: deeper than this nobody assembles.
_DEEPEST = 25


@dataclass(frozen=True, slots=True)
class TraceStep:
    """A movement of the goods asked for, or of what went into them, or of what they went into.

    Level 0 is what was asked for, negative levels went into it, it went into positive ones.
    """

    level: int
    date: str
    kind: str
    document: DocumentRef
    line: int
    party: str
    item: str
    lot: str
    serial: str
    warehouse: str
    qty: Fraction
    is_undone: bool


def trace(
    connection: Connection, company: int, item: str, key: str, direction: Direction = "both"
) -> list[TraceStep]:
    """Every movement of a lot or serial number, of its ancestors and its descendants, by level.

    One statement follows the assemblies: what was used up together with a thing that came out, and
    what came out where it was used up.
    """
    lowest = 0 if direction == "down" else -_DEEPEST
    highest = 0 if direction == "up" else _DEEPEST
    rows = run(
        connection,
        _FOLLOWED + _MOVEMENTS,
        (company, item, key, company, item, key, lowest, highest),
    )
    return [
        TraceStep(
            row[0], row[1], row[2], DocumentRef(row[3], row[4]), row[5], row[6], row[7], row[8],
            row[9], row[10], from_atoms(row[11], row[12]), bool(row[13]),
        )
        for row in rows
    ]  # fmt: skip


def items_of_lot(connection: Connection, company: int, key: str) -> list[str]:
    """The items that have a lot or serial number of this name, in the order of their entry."""
    rows = run(
        connection,
        "SELECT i.key FROM k_item i WHERE i.company = ?"
        " AND (EXISTS (SELECT 1 FROM k_move m WHERE m.item = i.id AND m.lot <> '' AND m.lot = ?)"
        " OR EXISTS (SELECT 1 FROM k_move m WHERE m.item = i.id AND m.serial <> ''"
        " AND m.serial = ?)) ORDER BY i.id",
        (company, key, key),
    )
    return [row[0] for row in rows]


# A thing is an item with a serial number, or else with a lot. Beside level 0 each step goes on in
# the direction in which it was reached.
_SAME_DOCUMENT = (
    "coalesce((SELECT max(n) FROM k_posting_part WHERE posting = {0}.posting"
    " AND first_line <= {0}.line), 0)"
)
_STANDS = "NOT EXISTS (SELECT 1 FROM k_move u WHERE u.voids = {0}.id)"
_FOLLOWED = (
    "WITH RECURSIVE thing (level, item, serial, lot) AS ("
    "SELECT 0, i.id, m.serial, '' FROM k_item i JOIN k_move m ON m.item = i.id"
    " WHERE i.company = ? AND i.key = ? AND m.serial = ?"
    " UNION SELECT 0, i.id, '', m.lot FROM k_item i JOIN k_move m ON m.item = i.id"
    " WHERE i.company = ? AND i.key = ? AND m.lot = ?"
    " UNION SELECT CASE WHEN a.kind = 'consume' THEN thing.level + 1 ELSE thing.level - 1 END,"
    " b.item, b.serial, CASE WHEN b.serial = '' THEN b.lot ELSE '' END"
    " FROM thing JOIN k_move a ON a.item = thing.item AND a.kind IN ('consume', 'produce')"
    " AND ((thing.serial <> '' AND a.serial <> '' AND a.serial = thing.serial)"
    " OR (thing.lot <> '' AND a.lot <> '' AND a.lot = thing.lot))"
    " AND (thing.level = 0 OR (thing.level > 0) = (a.kind = 'consume'))"
    f" JOIN k_move b ON b.id > a.posting * {ROWS_PER_POSTING}"
    f" AND b.id < (a.posting + 1) * {ROWS_PER_POSTING} AND b.kind IN ('consume', 'produce')"
    " AND b.kind <> a.kind AND (b.lot <> '' OR b.serial <> '')"
    f" AND {_SAME_DOCUMENT.format('b')} = {_SAME_DOCUMENT.format('a')}"
    f" WHERE {_STANDS.format('a')}"
    " AND CASE WHEN a.kind = 'consume' THEN thing.level + 1 ELSE thing.level - 1 END"
    " BETWEEN ? AND ?)"
)
_MOVEMENTS = (
    f" SELECT x.level, m.business_date, m.kind, {DOCUMENT}, m.line, {PARTY}, i.key, m.lot,"
    f" m.serial, w.key, m.dq, i.atoms_per_base, {UNDONE}"
    # A thing that is reached in several ways is shown where it is nearest.
    " FROM (SELECT item, serial, lot, CASE WHEN max(level) <= 0 THEN max(level)"
    " WHEN min(level) >= 0 THEN min(level) ELSE 0 END AS level FROM thing"
    " GROUP BY item, serial, lot) x"
    " JOIN k_move m ON m.item = x.item AND ((x.serial <> '' AND m.serial <> ''"
    " AND m.serial = x.serial) OR (x.lot <> '' AND m.lot <> '' AND m.lot = x.lot))"
    " JOIN k_item i ON i.id = m.item JOIN k_warehouse w ON w.id = m.warehouse"
    f" JOIN k_posting h ON h.id = m.posting{PART}"
    " ORDER BY x.level, i.id, x.serial, x.lot, m.at, m.ord, m.id"
)
