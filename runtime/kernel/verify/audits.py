"""Invariants that one question to the database answers: the rows that break them."""

# ruff: noqa: S608 - statements are put together from our own names

from dataclasses import dataclass

from sqlalchemy import Connection

from runtime.kernel.amounts import LIMIT
from runtime.kernel.sql import run
from runtime.kernel.verify.findings import Finding, finding

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Audit:
    """A question to the database: the rows that break an invariant, out of how many."""

    id: str
    says: str
    over: str
    broken: tuple[str, ...]


def ask(connection: Connection, audit: Audit) -> Finding:
    """Ask the database."""
    checked = run(connection, audit.over)[0][0]
    broken: list[str] = []
    for statement in audit.broken:
        rows = run(connection, f"SELECT * FROM ({statement}) t LIMIT {_SHOWN}")
        broken += [str(row[0]) for row in rows]
    return finding(audit.id, audit.says, checked, broken[:_SHOWN])


def _beyond(table: str, *columns: str) -> str:
    """Rows with a number beyond the limits or, where a column could hold it, not a whole number."""
    wrong = " OR ".join(f"abs({column}) >= {LIMIT}" for column in columns)
    return f"SELECT '{table}' FROM {table} WHERE {wrong}"


_EFFECTIVE = "NOT EXISTS (SELECT 1 FROM k_move x WHERE x.voids = {alias}.id)"
_OTHER_SUM = (
    "SELECT h.id FROM k_posting h LEFT JOIN (SELECT posting, sum({what}) AS total"
    " FROM {table} {where} GROUP BY posting) s ON s.posting = h.id"
    " WHERE h.ext_dv <> coalesce(s.total, 0)"
)
# What is pending now, and what there is now, of what is reserved anywhere.
_PENDING = (
    "SELECT r.item, r.warehouse, r.owner, {lot} AS lot, sum(e.pending_after) AS qty"
    " FROM k_reservation r JOIN k_reservation_event e ON e.reservation = r.id AND e.n ="
    " (SELECT max(n) FROM k_reservation_event WHERE reservation = r.id)"
    " GROUP BY 1, 2, 3, 4"
)
_UNCOVERED = (
    "SELECT s.item FROM ({pending}) s WHERE s.qty > coalesce((SELECT sum(m.dq) FROM k_move m"
    " JOIN k_pool p ON p.id = m.pool WHERE m.item = s.item AND m.warehouse = s.warehouse"
    " AND p.owner = s.owner AND s.lot IN ('', m.lot)), 0)"
)
_CLOSED_THEN = (
    "coalesce((SELECT e.closed_through FROM k_period_event e JOIN k_posting c ON c.id = e.posting"
    " WHERE e.company = h.company AND c.seq < h.seq ORDER BY e.n DESC LIMIT 1), '')"
)
# Receipts whose landed costs are not the sum of what was posted to them.
_LATE_SUMS = (
    "SELECT w.id FROM k_move w JOIN (SELECT o.origin, sum(o.amount) AS amount FROM k_move o"
    " WHERE o.kind = 'late' AND o.mode = 'replay landed_cost' AND " + _EFFECTIVE.format(alias="o")
    + " GROUP BY o.origin) s ON s.origin = w.id WHERE s.amount <> coalesce((SELECT sum(v.dv)"
    " FROM k_value_entry v WHERE v.move = w.id AND v.account = 'landed_cost'), 0)"
)  # fmt: skip

AUDITS = (
    Audit(
        "INV-2", "a balance is the sum of its entries",
        "SELECT count(*) FROM k_pool", (
            "SELECT e.pool FROM k_pool_entry e GROUP BY e.pool HAVING sum(e.dq) <>"
            " (SELECT q_after FROM k_pool_entry WHERE pool = e.pool ORDER BY n DESC LIMIT 1)"
            " OR sum(e.dv) <>"
            " (SELECT v_after FROM k_pool_entry WHERE pool = e.pool ORDER BY n DESC LIMIT 1)",
            "SELECT 'position ' || e.position FROM k_position_entry e GROUP BY e.position"
            " HAVING sum(e.dq) <> (SELECT q_after FROM k_position_entry"
            " WHERE position = e.position ORDER BY n DESC LIMIT 1)",
        ),
    ),
    Audit(
        "INV-3", "entries are a chain without gaps",
        "SELECT (SELECT count(*) FROM k_pool_entry) + (SELECT count(*) FROM k_position_entry)", (
            "SELECT pool FROM (SELECT pool, n, dq, dv, q_after, v_after,"
            " row_number() OVER w AS place, coalesce(lag(q_after) OVER w, 0) AS q_before,"
            " coalesce(lag(v_after) OVER w, 0) AS v_before FROM k_pool_entry"
            " WINDOW w AS (PARTITION BY pool ORDER BY n)) c"
            " WHERE n <> place OR q_after <> q_before + dq OR v_after <> v_before + dv",
            "SELECT 'position ' || position FROM (SELECT position, n, dq, q_after,"
            " row_number() OVER w AS place, coalesce(lag(q_after) OVER w, 0) AS q_before"
            " FROM k_position_entry WINDOW w AS (PARTITION BY position ORDER BY n)) c"
            " WHERE n <> place OR q_after <> q_before + dq",
        ),
    ),
    Audit(
        "INV-4", "no quantity, no value", "SELECT count(*) FROM k_pool_entry",
        ("SELECT pool FROM k_pool_entry WHERE q_after = 0 AND v_after <> 0",),
    ),
    Audit(
        "INV-5", "no negative value", "SELECT count(*) FROM k_pool_entry",
        ("SELECT pool FROM k_pool_entry WHERE q_after > 0 AND v_after < 0",),
    ),
    Audit(
        "INV-6", "quantities and values are integers within bounds",
        "SELECT (SELECT count(*) FROM k_pool_entry) + (SELECT count(*) FROM k_move)"
        " + (SELECT count(*) FROM k_value_entry) + (SELECT count(*) FROM k_journal_line)", (
            _beyond("k_pool_entry", "dq", "dv", "q_after", "v_after"),
            _beyond("k_position_entry", "dq", "q_after"),
            _beyond("k_move", "dq", "coalesce(amount, 0)", "coalesce(weight, 0)"),
            _beyond("k_value_entry", "dv"),
            _beyond("k_journal_line", "amount"),
        ),
    ),
    Audit(
        "INV-8", "a posting changes the stock value by what came from outside",
        "SELECT count(*) FROM k_posting", (
            _OTHER_SUM.format(what="dv", table="k_value_entry", where=""),
            "SELECT posting FROM k_value_entry WHERE account = 'transfer'"
            " GROUP BY posting HAVING sum(dv) <> 0",
            "SELECT posting FROM k_move WHERE kind IN ('transfer_in', 'transfer_out')"
            " GROUP BY posting, item HAVING sum(dq) <> 0",
        ),
    ),
    Audit(
        "INV-10", "every stock account moves by what its pools move, and the journal balances",
        "SELECT count(*) FROM k_posting", (
            "SELECT posting FROM (SELECT posting, account, amount FROM k_journal_line"
            " WHERE role = 'stock' UNION ALL SELECT v.posting, p.account, -v.dv"
            " FROM k_value_entry v JOIN k_pool p ON p.id = v.pool) s"
            " GROUP BY posting, account HAVING sum(amount) <> 0",
            "SELECT posting FROM k_journal_line GROUP BY posting HAVING sum(amount) <> 0",
            "SELECT 'account ' || account FROM (SELECT h.company, j.account, j.amount"
            " FROM k_journal_line j JOIN k_posting h ON h.id = j.posting WHERE j.role = 'stock'"
            " UNION ALL SELECT p.company, p.account, -e.v_after FROM k_pool p JOIN k_pool_entry e"
            " ON e.pool = p.id AND e.n = (SELECT max(n) FROM k_pool_entry WHERE pool = p.id)) s"
            " GROUP BY company, account HAVING sum(amount) <> 0",
        ),
    ),
    Audit(
        "INV-14", "the costing policy of an item changes by postings only",
        "SELECT count(*) FROM k_item_policy", (
            "SELECT item FROM k_item_policy WHERE (n = 1) <> (posting IS NULL)",
            "SELECT item FROM k_item_policy GROUP BY item"
            " HAVING count(*) <> max(n) OR min(n) <> 1",
            "SELECT id FROM k_item WHERE id NOT IN (SELECT item FROM k_item_policy)",
            "SELECT p.item FROM k_item_policy p JOIN k_posting h ON h.id = p.posting"
            " JOIN k_item i ON i.id = p.item WHERE h.company <> i.company",
        ),
    ),
    Audit(
        "INV-15", "no more is reserved than there is",
        "SELECT count(*) FROM k_reservation_event", (
            "SELECT reservation FROM (SELECT reservation, n, dq, pending_after,"
            " row_number() OVER w AS place, coalesce(lag(pending_after) OVER w, 0) AS before"
            " FROM k_reservation_event WINDOW w AS (PARTITION BY reservation ORDER BY n)) c"
            " WHERE n <> place OR pending_after <> before + dq OR pending_after < 0",
            _UNCOVERED.format(pending=_PENDING.format(lot="''")),
            _UNCOVERED.format(pending=_PENDING.format(lot="r.lot")),
        ),
    ),
    Audit(
        "INV-16", "a key posts once", "SELECT count(*) FROM k_posting",
        ("SELECT min(id) FROM k_posting GROUP BY company, idem_key HAVING count(*) > 1",),
    ),
    Audit(
        "INV-17", "what is undone is worth nothing, now and for ever",
        "SELECT count(*) FROM k_move WHERE voids IS NOT NULL", (
            "SELECT o.id FROM k_move o JOIN k_move w ON o.voids = w.id"
            " JOIN k_value_entry v ON v.move IN (o.id, w.id)"
            " GROUP BY o.id, v.account HAVING sum(v.dv) <> 0",
            "SELECT o.id FROM k_move o LEFT JOIN k_move w ON w.id = o.voids"
            " WHERE o.kind = 'void' AND (w.id IS NULL OR w.dq <> -o.dq OR w.pool <> o.pool"
            " OR w.at <> o.at OR w.ord <> o.ord)",
        ),
    ),
    Audit(
        "INV-18", "no more is continued or invoiced than there was",
        "SELECT count(*) FROM k_move WHERE origin IS NOT NULL", (
            "SELECT w.id FROM k_move o JOIN k_move w ON w.id = o.origin"
            " WHERE o.kind IN ('sales_return', 'purchase_return', 'transfer_out') AND "
            + _EFFECTIVE.format(alias="o")
            + " GROUP BY w.id, w.dq HAVING sum(abs(o.dq)) > abs(w.dq)",
            "SELECT w.id FROM k_move o JOIN k_move w ON w.id = o.origin"
            " WHERE o.kind = 'late' AND o.mode IN ('replay invoice', 'split invoice') AND "
            + _EFFECTIVE.format(alias="o")
            + " GROUP BY w.id, w.dq HAVING sum(o.weight) > w.dq",
        ),
    ),
    Audit(
        "INV-19", "parts add up to the whole",
        "SELECT count(*) FROM k_move WHERE kind IN ('late', 'produce')", (
            "SELECT a.posting FROM (SELECT posting, sum(dv) AS total FROM k_value_entry"
            " WHERE account = 'assembly' AND kind <> 'void' GROUP BY posting) a"
            " JOIN k_posting h ON h.id = a.posting AND h.voids IS NULL"
            " WHERE a.total <> coalesce((SELECT sum(amount) FROM k_move"
            " WHERE posting = a.posting AND kind = 'consume'), 0)",
            _LATE_SUMS,
            "SELECT m.id FROM k_move m WHERE m.kind = 'late' AND m.mode = 'split landed_cost' AND "
            + _EFFECTIVE.format(alias="m")
            + " AND m.amount <> coalesce((SELECT sum(v.dv) FROM k_value_entry v"
            " WHERE v.move = m.id AND v.account = 'landed_cost'), 0)",
        ),
    ),
    Audit(
        "INV-21", "both legs of a transfer carry the same value",
        "SELECT count(*) FROM k_move WHERE kind = 'transfer_in'", (
            "SELECT i.id FROM k_move i JOIN k_value_entry v ON v.move IN (i.id, i.peer)"
            " AND v.account = 'transfer' WHERE i.kind = 'transfer_in'"
            " GROUP BY i.id HAVING sum(v.dv) <> 0",
            "SELECT i.id FROM k_move i LEFT JOIN k_move o ON o.id = i.peer"
            " WHERE i.kind = 'transfer_in' AND (o.id IS NULL OR o.dq <> -i.dq)",
        ),
    ),
    Audit(
        "INV-22", "what was known at a posting is what is known of it now",
        "SELECT count(*) FROM k_pool_entry", (
            "SELECT pool FROM (SELECT e.pool, h.seq, lag(h.seq) OVER"
            " (PARTITION BY e.pool ORDER BY e.n) AS before FROM k_pool_entry e"
            " JOIN k_posting h ON h.id = e.posting) c WHERE before >= seq",
            "SELECT 'position ' || position FROM (SELECT e.position, h.seq, lag(h.seq) OVER"
            " (PARTITION BY e.position ORDER BY e.n) AS before FROM k_position_entry e"
            " JOIN k_posting h ON h.id = e.posting) c WHERE before >= seq",
            "SELECT v.id FROM k_value_entry v JOIN k_move m ON m.id = v.move"
            " JOIN k_posting h ON h.id = v.posting JOIN k_posting o ON o.id = m.posting"
            " WHERE o.seq > h.seq",
        ),
    ),
    Audit(
        "INV-25", "every unit is a whole number of atoms", "SELECT count(*) FROM k_uom_factor",
        (
            "SELECT u.id FROM k_uom_factor u JOIN k_item i ON i.id = u.item"
            " WHERE u.num < 1 OR u.den < 1 OR i.atoms_per_base * u.num % u.den <> 0",
        ),
    ),
)  # fmt: skip

# The rest of INV-9 is the digest of what was closed.
DATES_IN_CLOSED_MONTHS = (
    "SELECT 'posting ' || h.id FROM k_posting h WHERE h.kind NOT IN"
    " ('close_period', 'reopen_period', 'reserve', 'release')"
    f" AND substr(h.business_date, 1, 7) <= {_CLOSED_THEN}",
    "SELECT 'posting ' || h.id FROM k_posting h JOIN k_value_entry v ON v.posting = h.id"
    f" WHERE substr(v.effective_date, 1, 7) <= {_CLOSED_THEN}",
    "SELECT 'posting ' || h.id FROM k_posting h JOIN k_move m ON m.posting = h.id"
    f" WHERE m.voids IS NULL AND substr(m.business_date, 1, 7) <= {_CLOSED_THEN}",
)
