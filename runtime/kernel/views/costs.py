"""What postings are worth now, and why: every value entry with the posting that caused it."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection

from runtime.kernel.amounts import from_atoms, from_minor
from runtime.kernel.changes import VARIANCES
from runtime.kernel.lines import DocumentRef
from runtime.kernel.sql import in_chunks, marks, run
from runtime.kernel.tables import ROWS_PER_POSTING
from runtime.kernel.valuing.state import tagged_layers
from runtime.kernel.views.documents import DOCUMENT, OF_DOCUMENT, PART

_OWN_ROWS = f"m.id > h.id * {ROWS_PER_POSTING} AND m.id < (h.id + 1) * {ROWS_PER_POSTING}"
_HEAD = "e.n = (SELECT max(n) FROM k_pool_entry WHERE pool = p.id)"
# The pools of an item that hold goods of a warehouse: its own, or the company's.
_POOLS_OF = (
    "FROM k_item i JOIN k_pool p ON p.company = i.company AND p.item = i.id"
    " JOIN k_warehouse w ON w.id = p.warehouse"
    " JOIN k_company k ON k.id = i.company WHERE i.company = ? AND i.key = ? AND w.key IN (?, '*')"
)


@dataclass(frozen=True, slots=True)
class LineCost:
    """What a move of a posting's line is worth now: in is positive, out is negative.

    `value` is without what went to variances; `by_role` has all of it.
    """

    line: int
    kind: str
    value: Decimal
    item: str
    warehouse: str
    qty: Fraction
    by_role: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Why:
    """A change of the value of a document's line, and what caused it.

    `kind` is original, revalue, late, true_up or void; without a `cause` it was the document's
    own posting.
    """

    line: int
    item: str
    warehouse: str
    date: str
    kind: str
    account: str
    amount: Decimal
    cause: DocumentRef | None
    cause_kind: str
    posted_at: str


@dataclass(frozen=True, slots=True)
class Step:
    """A change of what an item in a warehouse is worth, with the balance after it."""

    seq: int
    date: str
    kind: str
    move_kind: str
    account: str
    document: DocumentRef
    line: int
    cause: DocumentRef | None
    qty: Fraction
    value: Decimal
    qty_after: Fraction
    value_after: Decimal
    posted_at: str


@dataclass(frozen=True, slots=True)
class Layer:
    """A part of what is on hand with its own cost, and the document that brought it here."""

    qty: Fraction
    value: Decimal
    date: str
    document: DocumentRef | None
    owner: str
    lot: str


def costs(connection: Connection, postings: Iterable[int]) -> dict[int, tuple[LineCost, ...]]:
    """What the moves of postings are worth now, every later revaluation included."""
    found: dict[int, list[LineCost]] = {number: [] for number in postings}
    for chunk in in_chunks(sorted(found)):
        rows = run(
            connection,
            "SELECT m.id, h.id, m.line, m.kind, i.key, w.key, m.dq, i.atoms_per_base,"
            " k.value_scale, v.account, CAST(sum(v.dv) AS BIGINT) FROM k_posting h"
            f" JOIN k_company k ON k.id = h.company JOIN k_move m ON {_OWN_ROWS}"
            " JOIN k_item i ON i.id = m.item JOIN k_warehouse w ON w.id = m.warehouse"
            " LEFT JOIN k_value_entry v ON v.move = m.id"
            f" WHERE h.id IN ({marks(chunk)}) GROUP BY m.id, h.id, m.line, m.kind, i.key, w.key,"
            " m.dq, i.atoms_per_base, k.value_scale, v.account ORDER BY m.id",
            chunk,
        )
        moves: dict[int, tuple[int, ...]] = {}
        roles: dict[int, dict[str, int]] = {}
        for number, *facts, role, value in rows:
            moves[number] = tuple(facts)
            own = roles.setdefault(number, {})
            if role is not None:
                own[role] = value
        for number, facts in moves.items():
            found[facts[0]].append(_line_cost(facts[1:], roles[number]))
    return {number: tuple(lines) for number, lines in found.items()}


def _line_cost(facts: tuple[object, ...], roles: Mapping[str, int]) -> LineCost:
    line, kind, item, warehouse, dq, per_base, scale = facts
    assert isinstance(line, int)
    assert isinstance(dq, int)
    assert isinstance(per_base, int)
    assert isinstance(scale, int)
    worth = sum(value for role, value in roles.items() if role not in VARIANCES)
    return LineCost(
        line, str(kind), from_minor(worth, scale), str(item), str(warehouse),
        from_atoms(dq, per_base), {role: from_minor(value, scale) for role, value in roles.items()},
    )  # fmt: skip


def why(connection: Connection, company: int, document: DocumentRef) -> list[Why]:
    """Every value entry of a document's moves, in the order in which they were made."""
    same = (company, document.type, document.id)
    rows = run(
        connection,
        "SELECT m.line - coalesce(t.first_line, 0), i.key, w.key, v.effective_date, v.kind,"
        " v.account, v.dv, k.value_scale, c.id, h.id, c.doc_type, c.doc_id, c.kind, c.posted_at"
        f" FROM k_posting h JOIN k_company k ON k.id = h.company JOIN k_move m ON {_OWN_ROWS}{PART}"
        " JOIN k_item i ON i.id = m.item JOIN k_warehouse w ON w.id = m.warehouse"
        " JOIN k_value_entry v ON v.move = m.id JOIN k_posting c ON c.id = v.posting"
        f" WHERE {OF_DOCUMENT} AND coalesce(t.doc_type, h.doc_type) = ?"
        " AND coalesce(t.doc_id, h.doc_id) = ? ORDER BY c.seq, v.id",
        (*same, *same, document.type, document.id),
    )
    return [
        Why(
            line, item, place, day, kind, account, from_minor(dv, scale),
            None if cause == own else DocumentRef(doc_type, doc_id), cause_kind, posted_at,
        )
        for line, item, place, day, kind, account, dv, scale, cause, own, doc_type, doc_id,
        cause_kind, posted_at in rows
    ]  # fmt: skip


def cost_chain(
    connection: Connection, company: int, item: str, warehouse: str, *, limit: int = 200
) -> list[Step]:
    """The value entries behind what an item in a warehouse is worth today, the newest first.

    Goods costed by company have one chain for all warehouses.
    """
    pools = run(
        connection,
        "SELECT p.id, coalesce(e.q_after, 0), coalesce(e.v_after, 0), i.atoms_per_base,"
        " k.value_scale "
        + _POOLS_OF.replace(
            " WHERE", f" LEFT JOIN k_pool_entry e ON e.pool = p.id AND {_HEAD} WHERE", 1
        ),
        (company, item, warehouse),
    )
    if not pools:
        return []
    ids = [row[0] for row in pools]
    qty, value = sum(row[1] for row in pools), sum(row[2] for row in pools)
    per_base, scale = pools[0][3], pools[0][4]
    rows = run(
        connection,
        "SELECT v.posting = m.posting AND v.id = (SELECT min(id) FROM k_value_entry"
        " WHERE move = m.id), m.dq, v.dv, c.seq, v.effective_date, v.kind, m.kind, v.account,"
        f" {DOCUMENT}, m.line, v.posting = m.posting, c.doc_type, c.doc_id, c.posted_at"
        " FROM k_move m JOIN k_value_entry v ON v.move = m.id JOIN k_posting c ON c.id = v.posting"
        f" JOIN k_posting h ON h.id = m.posting{PART} WHERE m.pool IN ({marks(ids)})"
        f" ORDER BY c.seq DESC, v.id DESC LIMIT {int(limit)}",
        ids,
    )
    found: list[Step] = []
    for is_first, dq, dv, seq, day, kind, move_kind, account, *more in rows:
        doc_type, doc_id, line, is_own, cause_type, cause_id, posted_at = more
        moved = dq if is_first else 0
        found.append(
            Step(
                seq, day, kind, move_kind, account, DocumentRef(doc_type, doc_id), line,
                None if is_own else DocumentRef(cause_type, cause_id),
                from_atoms(moved, per_base), from_minor(dv, scale),
                from_atoms(qty, per_base), from_minor(value, scale), posted_at,
            )
        )  # fmt: skip
        qty, value = qty - moved, value - dv
    return found


def stock_layers(connection: Connection, company: int, item: str, warehouse: str) -> list[Layer]:
    """The parts of what is on hand, oldest first; a pool without layers is one part.

    Goods costed by company have one queue for all warehouses.
    """
    pools = run(
        connection,
        "SELECT e.q_after, e.v_after, e.state, p.owner, p.lot, i.atoms_per_base, k.value_scale "
        + _POOLS_OF.replace(" WHERE", f" JOIN k_pool_entry e ON e.pool = p.id AND {_HEAD} WHERE", 1)
        + " ORDER BY p.owner, p.lot, p.id",
        (company, item, warehouse),
    )
    parts = [
        (qty, value, tag, row)
        for row in pools
        if row[0] or row[1]
        for qty, value, tag in tagged_layers(row[2], row[0], row[1]) or [(row[0], row[1], 0)]
    ]
    brought = _brought(connection, {tag for _, _, tag, _ in parts if tag})
    found: list[Layer] = []
    for qty, value, tag, row in parts:
        day, document = brought.get(tag, ("", None))
        found.append(
            Layer(from_atoms(qty, row[5]), from_minor(value, row[6]), day, document, row[3], row[4])
        )
    return found


def _brought(connection: Connection, tags: Iterable[int]) -> dict[int, tuple[str, DocumentRef]]:
    """The dates and documents of the moves that brought layers."""
    found: dict[int, tuple[str, DocumentRef]] = {}
    for chunk in in_chunks(sorted(tags)):
        for number, day, doc_type, doc_id in run(
            connection,
            f"SELECT m.id, m.business_date, {DOCUMENT} FROM k_move m"
            f" JOIN k_posting h ON h.id = m.posting{PART} WHERE m.id IN ({marks(chunk)})",
            chunk,
        ):
            found[number] = (day, DocumentRef(doc_type, doc_id))
    return found
