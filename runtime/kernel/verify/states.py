"""What the costing methods remember, and what a closed month was: layers, lots, digests."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterator

from sqlalchemy import Connection

from runtime.kernel.chain import digest, spell
from runtime.kernel.periods import closings, next_month, start_of_month
from runtime.kernel.sql import run
from runtime.kernel.valuing.state import load
from runtime.kernel.verify.audits import DATES_IN_CLOSED_MONTHS
from runtime.kernel.verify.findings import Finding, finding

# Goods costed one by one that lie in a pool of something else.
_MIXED = (
    "SELECT m.id FROM k_move m JOIN k_pool p ON p.id = m.pool JOIN k_item i ON i.id = m.item"
    " WHERE (m.lot <> '' OR m.serial <> '')"
    " AND (p.lot = '' OR p.lot NOT IN (m.lot, m.serial))"
    " AND (i.scope = 'batch' OR (SELECT method FROM k_item_policy"
    " WHERE item = i.id AND n = 1) = 'specific') LIMIT 5"
)
_NOT_ABOUT_PERIODS = "h.kind NOT IN ('close_period', 'reopen_period', 'reserve', 'release')"


def layered(connection: Connection) -> Finding:
    """Layers and shortages add up to what their pool holds; lots costed alone lie alone."""
    broken: list[str] = []
    checked = 0
    for where, qty, value, state in _states(connection):
        checked += 1
        try:
            is_right = _adds_up(qty, value, state)
        except ValueError:
            is_right = False
        if not is_right and len(broken) < 5:
            broken.append(where)
    broken += [f"move {row[0]}" for row in run(connection, _MIXED)]
    return finding("INV-7", "layers add up to their pool", checked, broken)


def _states(connection: Connection) -> Iterator[tuple[str, int, int, str]]:
    """Every pool's present state, and all that were kept when a month closed."""
    yield from run(
        connection,
        "SELECT 'pool ' || e.pool, e.q_after, e.v_after, e.state FROM k_pool p"
        " JOIN k_pool_entry e ON e.pool = p.id"
        " AND e.n = (SELECT max(n) FROM k_pool_entry WHERE pool = p.id) WHERE e.state <> ''",
    )
    yield from run(
        connection,
        "SELECT 'snapshot of pool ' || pool, q, v, state FROM k_snapshot WHERE state <> ''",
    )


def _adds_up(qty: int, value: int, text: str) -> bool:
    state = load(text)
    if any(held <= 0 or worth < 0 for held, worth, _ in state.layers):
        return False
    held = sum(held for held, _, _ in state.layers)
    worth = sum(worth for _, worth, _ in state.layers)
    missing = sum(short.qty for short in state.short)
    guessed = sum(short.estimate for short in state.short)
    if state.short and (held or any(short.qty <= 0 for short in state.short)):
        return False
    if state.short:
        return (qty, value) == (-missing, -guessed)
    return not state.layers or (qty, value) == (held, worth)


def closed(connection: Connection) -> Finding:
    """Nothing was added to a closed month, and its digest is still the one it was closed with."""
    says = "a closed month is what it was when it was closed"
    checked = run(connection, "SELECT count(*) FROM k_period_event")[0][0]
    if not checked:
        return finding("INV-9", says, 0, ())
    broken: list[str] = []
    for statement in DATES_IN_CLOSED_MONTHS:
        broken += [str(row[0]) for row in run(connection, f"{statement} LIMIT 5")]
    for (company,) in run(connection, "SELECT id FROM k_company ORDER BY id"):
        last = ""
        for closing in closings(connection, company):
            kept = run(
                connection,
                "SELECT digest FROM k_period_event WHERE posting = ?",
                (closing.posting,),
            )
            if kept[0][0] != _digest(connection, company, (last, closing.ym), closing.posting):
                broken.append(f"digest of {closing.ym}")
            last = closing.ym
    return finding("INV-9", says, checked, broken[:5])


def _digest(connection: Connection, company: int, months: tuple[str, str], posting: int) -> str:
    """The digest of the months that were closed at once, from what lies in the database now."""
    after, through = months
    start = start_of_month(next_month(after)) if after else -(2**62)
    end = start_of_month(next_month(through))
    hashes = run(
        connection,
        f"SELECT h.hash FROM k_posting h WHERE h.company = ? AND {_NOT_ABOUT_PERIODS} AND"
        " ((substr(h.business_date, 1, 7) > ? AND substr(h.business_date, 1, 7) <= ?)"
        " OR EXISTS (SELECT 1 FROM k_move m WHERE m.posting = h.id AND m.at >= ? AND m.at < ?))"
        " ORDER BY h.seq",
        (company, after, through, start, end),
    )
    pools = run(
        connection,
        "SELECT pool, q, v, state FROM k_snapshot WHERE posting = ? ORDER BY pool",
        (posting,),
    )
    positions = run(
        connection,
        "SELECT position, q FROM k_snapshot_position WHERE posting = ? ORDER BY position",
        (posting,),
    )
    parts = [
        "#".join(row[0] for row in hashes),
        ";".join(spell(row) for row in pools),
        ";".join(spell(row) for row in positions),
    ]
    return digest("\n".join(parts))
