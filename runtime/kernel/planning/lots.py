"""Lots and serial numbers: their dates, and how much of each lot is free to go."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from runtime.kernel.planning.draft import Draft
from runtime.kernel.planning.standing import Spot
from runtime.kernel.pools import pools_of_item
from runtime.kernel.registration import unless_there
from runtime.kernel.sql import marks, run

_NEVER = "9999-12-31"


def known_dates(
    connection: Connection, item: int, lots: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Production and expiry dates of lots and serial numbers, by kind and key."""
    if not lots:
        return {}
    keys = sorted({key for _, key in lots})
    rows = run(
        connection,
        f"SELECT kind, key, produced, expiry FROM k_lot WHERE item = ? AND key IN ({marks(keys)})",
        (item, *keys),
    )
    return {(kind, key): (produced, expiry) for kind, key, produced, expiry in rows}


def register_lots(
    connection: Connection, lots: Mapping[tuple[int, str, str], tuple[str, str]]
) -> None:
    """Make lots and serial numbers known with their dates."""
    for (item, kind, key), dates in sorted(lots.items()):
        run(
            connection,
            "INSERT INTO k_lot (item, kind, key, produced, expiry) VALUES (?, ?, ?, ?, ?)"
            f"{unless_there(connection)}",
            (item, kind, key, *dates),
        )


def free_lots(draft: Draft, spot: Spot) -> dict[str, int]:
    """What may go of each unexpired lot at the document's moment, the first to expire first.

    Free is the least there will be of a lot from that moment on: what a later document takes
    already is not free.
    """
    draft.lock(pool for pool, _ in pools_of_item(draft.connection, spot.item))
    running = _by_moment(draft, spot)
    free = {lot: _least_from(changes, draft.stand.key) for lot, changes in running.items()}
    dates = known_dates(draft.connection, spot.item, [("lot", lot) for lot in free])
    expiry = {lot: dates.get(("lot", lot), ("", ""))[1] or _NEVER for lot in free}
    today = draft.stand.business_date
    if draft.company.rules.expired != "allow":
        free = {lot: atoms for lot, atoms in free.items() if expiry[lot] >= today}
    return dict(sorted(free.items(), key=lambda pair: (expiry[pair[0]], pair[0])))


def _by_moment(draft: Draft, spot: Spot) -> dict[str, dict[tuple[int, int], int]]:
    condition, params = spot.where()
    rows = run(
        draft.connection,
        "SELECT m.lot, m.at, m.ord, CAST(sum(m.dq) AS BIGINT) FROM k_move m"
        f" JOIN k_pool p ON p.id = m.pool WHERE {condition} AND m.lot <> ''"
        " GROUP BY m.lot, m.at, m.ord",
        params,
    )
    running: dict[str, dict[tuple[int, int], int]] = {}
    for lot, at, order, dq in rows:
        running.setdefault(lot, {})[at, order] = dq
    for move in draft.moves:
        if move.lot and spot.holds(draft, move):
            own = running.setdefault(move.lot, {})
            own[move.at, move.ord] = own.get((move.at, move.ord), 0) + move.dq
    return running


def _least_from(changes: Mapping[tuple[int, int], int], key: tuple[int, int]) -> int:
    held = sum(dq for at, dq in changes.items() if at <= key)
    least = held
    for at in sorted(at for at in changes if at > key):
        held += changes[at]
        least = min(least, held)
    return least
