"""Which part of the ledger a posting concerns: its pools, all they feed, and their moves since."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from runtime.kernel.moves import Move, continued_by, effective, moves_by_id, tail
from runtime.kernel.pools import Head, Moment, heads, lock_pools, lot_quantities
from runtime.kernel.sql import marks, run
from runtime.kernel.valuation import Origins


@dataclass(frozen=True, slots=True)
class Walk:
    """The locked pools with their heads, and their effective moves from the moment on."""

    heads: dict[int, Head]
    moves: list[Move]
    before: dict[int, tuple[int, int]]


def downstream(connection: Connection, pools: Iterable[int], start: Moment) -> set[int]:
    """The pools themselves and every pool that received goods from them since, directly or not."""
    found: set[int] = set()
    waiting = set(pools)
    while waiting:
        found |= waiting
        rows = run(
            connection,
            "SELECT DISTINCT i.pool FROM k_move o JOIN k_move i ON i.id = o.id + 1"
            f" AND i.peer = o.id WHERE o.pool IN ({marks(list(waiting))})"
            " AND o.kind = 'transfer_out' AND (o.at, o.ord) >= (?, ?)",
            (*sorted(waiting), *start),
        )
        waiting = {row[0] for row in rows} - found
    return found


def hold(connection: Connection, pools: set[int], start: Moment) -> dict[int, Head]:
    """Lock the pools and all they feed; what is found under the lock is locked as well.

    Looked at before locking so that locks are taken in ascending order; what another session
    adds in between is locked late, and a deadlock that may come of it is retried.
    """
    held: set[int] = set()
    wanted = downstream(connection, pools, start)
    while wanted - held:
        lock_pools(connection, wanted - held)
        held |= wanted
        wanted = downstream(connection, pools, start)
    return heads(connection, held)


def walk(connection: Connection, held: dict[int, Head], start: Moment) -> Walk:
    """Read every move of the held pools since the moment, and what they held before it."""
    moves: list[Move] = []
    before: dict[int, tuple[int, int]] = {}
    for pool, head in held.items():
        since = tail(connection, pool, start) if head.latest >= start else []
        before[pool] = (
            head.qty - sum(move.dq for move in since),
            head.value - sum(move.value for move in since),
        )
        moves += effective(since)
    moves.sort(key=lambda move: move.key)
    return Walk(held, moves, before)


def lots_before(
    connection: Connection, walked: Walk, pools: Iterable[int]
) -> dict[tuple[int, str], int]:
    """How much of each lot the pools held before the walk."""
    held = lot_quantities(connection, pools)
    for move in walked.moves:
        if move.lot:
            held[move.pool, move.lot] = held.get((move.pool, move.lot), 0) - move.dq
    return held


def origins_of(connection: Connection, moves: Iterable[Move], without: frozenset[int]) -> Origins:
    """What the moves of a walk continue, and how much of it was continued before the walk."""
    known = {move.id: move for move in moves}
    wanted = {move.origin for move in known.values() if move.origin is not None}
    if not wanted:
        return Origins({}, {})
    found = {number: known[number] for number in wanted if number in known}
    found |= moves_by_id(connection, sorted(wanted - set(found)))
    taken: dict[int, int] = {}
    for move in continued_by(connection, sorted(wanted)):
        assert move.origin is not None, "read by their origin"
        if move.id not in known and move.id not in without:
            taken[move.origin] = taken.get(move.origin, 0) - move.dq
    return Origins(found, taken)
