"""Which part of the ledger a posting concerns: its pools, all they feed, and their moves since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from runtime.kernel.costing import Book, Opening
from runtime.kernel.moves import (
    Move,
    by_key,
    consumed_by,
    continued_by,
    effective,
    moves_by_id,
    read_layers,
    tail,
)
from runtime.kernel.pools import BEFORE_ALL, Footing, Head, Moment, base_before, heads, lock_pools
from runtime.kernel.registration import Company, Item, items_by_id
from runtime.kernel.sql import in_chunks, marks, run

_EPOCH = date(1970, 1, 1).toordinal()
_MOMENTS_PER_DAY = 86400 * 8

# A change of what went out here changes what came in there. SQLite reads what stands left of a
# CROSS JOIN first: the moves since, by the index, and not all that ever came from anywhere.
_FEEDS = (
    "SELECT i.pool FROM k_move o CROSS JOIN k_move i WHERE i.peer = o.id AND i.kind = 'transfer_in'"
    " AND o.pool IN ({pools}) AND o.kind = 'transfer_out' AND (o.at, o.ord) >= (?, ?)",
    "SELECT i.pool FROM k_move o CROSS JOIN k_move i WHERE i.id > o.posting * 10000000"
    " AND i.id < (o.posting + 1) * 10000000 AND i.kind = 'produce'"
    " AND o.pool IN ({pools}) AND o.kind = 'consume' AND (o.at, o.ord) >= (?, ?)",
    "SELECT i.pool FROM k_move o CROSS JOIN k_move i WHERE i.origin = o.id"
    " AND o.pool IN ({pools}) AND (o.at, o.ord) >= (?, ?)",
)

# What came in here by the month is known exactly only together with where it went out.
_FED_BY = (
    "SELECT o.pool FROM k_move i JOIN k_move o ON o.id = i.peer"
    " WHERE i.pool IN ({pools}) AND i.kind = 'transfer_in' AND (i.at, i.ord) >= (?, ?)",
    "SELECT o.pool FROM k_move i JOIN k_move o ON o.id > i.posting * 10000000"
    " AND o.id < (i.posting + 1) * 10000000 AND o.kind = 'consume'"
    " WHERE i.pool IN ({pools}) AND i.kind = 'produce' AND (i.at, i.ord) >= (?, ?)",
)


@dataclass(frozen=True, slots=True)
class Held:
    """The locked pools with their heads and items, and the moment from which they may change."""

    heads: dict[int, Head]
    items: dict[int, Item]
    start: Moment
    is_late: bool


@dataclass(frozen=True, slots=True)
class Walk:
    """The effective moves of the held pools after their bases, and what each held then.

    `taken_since` is what positions and pools gain by the moves at or after the start.
    """

    held: Held
    bases: dict[int, Footing]
    moves: list[Move]
    undone: dict[int, Move]


def downstream(connection: Connection, pools: Iterable[int], start: Moment) -> set[int]:
    """The pools themselves and every pool that received goods from them since, directly or not."""
    found: set[int] = set()
    waiting = set(pools)
    while waiting:
        found |= waiting
        waiting = _beside(connection, waiting, start, _FEEDS) - found
    return found


def _beside(
    connection: Connection, pools: Iterable[int], start: Moment, statements: Iterable[str]
) -> set[int]:
    reached: set[int] = set()
    for chunk in in_chunks(sorted(pools)):
        for text in statements:
            statement = text.format(pools=marks(chunk)).replace("SELECT", "SELECT DISTINCT", 1)
            reached |= {row[0] for row in run(connection, statement, (*chunk, *start))}
    return reached


def _feeding(connection: Connection, pools: Iterable[int], start: Moment) -> set[int]:
    """The pools costed by the month that goods of these came from since, directly or not."""
    found: set[int] = set()
    waiting = set(pools)
    while waiting:
        found |= waiting
        reached = _beside(connection, waiting, start, _FED_BY) - found
        above = heads(connection, reached)
        items = items_by_id(connection, {head.item for head in above.values()})
        waiting = {pool for pool, head in above.items() if is_by_month(items[head.item])}
    return found


def hold(connection: Connection, own: set[int], start: Moment, *, expects_late: bool) -> Held:
    """Lock the pools, and all they feed where anything lies at or after the moment.

    What is expected to be fed is looked up before locking; what another session adds in between
    is locked afterwards, by beginning again where it comes before what is held.
    """
    wanted = downstream(connection, own, start) if expects_late else own
    lock_pools(connection, wanted)
    found = heads(connection, wanted)
    items = items_by_id(connection, {head.item for head in found.values()})
    is_monthly = any(is_by_month(item) for item in items.values())
    if not is_monthly and not any(found[pool].latest >= start for pool in own):
        return Held({pool: found[pool] for pool in own}, items, start, is_late=False)
    # Where there is one writer nothing can have come in between.
    is_known = expects_late and connection.dialect.name == "sqlite"
    return _hold_all(connection, own, set(wanted), start, is_known=is_known)


def _hold_all(
    connection: Connection, own: set[int], locked: set[int], start: Moment, *, is_known: bool
) -> Held:
    while True:
        wanted = set(locked) if is_known else downstream(connection, own, start)
        is_known = False
        found = heads(connection, wanted)
        items = items_by_id(connection, {head.item for head in found.values()})
        monthly = {pool for pool, head in found.items() if is_by_month(items[head.item])}
        if monthly and month_start(start) < start:
            start = month_start(start)
            continue
        above = _feeding(connection, monthly, start) - wanted if monthly else set()
        wanted |= above
        if wanted <= locked:
            if above:
                found = heads(connection, wanted)
                items = items_by_id(connection, {head.item for head in found.values()})
            return Held(found, items, start, is_late=True)
        lock_pools(connection, wanted - locked)
        locked |= wanted


def is_by_month(item: Item) -> bool:
    """Whether the item is or was costed by whole months."""
    return any(
        policy.method == "month_end_average"
        or (policy.method == "standard" and policy.variance == "rate")
        for policy in item.policies
    )


def month_start(moment: Moment) -> Moment:
    """The first moment of the month of a moment."""
    first = date.fromordinal(_EPOCH + moment[0] // _MOMENTS_PER_DAY).replace(day=1)
    return (first.toordinal() - _EPOCH) * _MOMENTS_PER_DAY, BEFORE_ALL[1]


def walk(connection: Connection, held: Held) -> Walk:
    """Read every move of the held pools since their bases."""
    bases: dict[int, Footing] = {}
    moves: list[Move] = []
    for pool, head in held.heads.items():
        if head.latest < held.start:
            bases[pool] = Footing(head.qty, head.value, head.state, head.latest)
            continue
        bases[pool], since = _since_base(connection, held, pool)
        moves += since
    counting = effective(moves)
    kept = {move.id for move in counting}
    if any(head.state for head in held.heads.values()):
        read_layers(connection, counting)
    counting.sort(key=by_key)
    return Walk(held, bases, counting, {move.id: move for move in moves if move.id not in kept})


def reaches_back(walked: Walk) -> Moment | None:
    """The start of an earlier month from which goods costed by month had to be read, if any.

    Late documents came before: then what fed those pools in that month has to be walked as well.
    """
    held = walked.held
    monthly = {pool for pool, head in held.heads.items() if is_by_month(held.items[head.item])}
    if not monthly:
        return None
    read = (*walked.moves, *walked.undone.values())
    earliest = min(((move.at, move.ord) for move in read if move.pool in monthly), default=None)
    return None if earliest is None or earliest >= held.start else month_start(earliest)


def _since_base(connection: Connection, held: Held, pool: int) -> tuple[Footing, list[Move]]:
    """The base of a pool and its moves since; of goods costed by month only whole months."""
    start = held.start
    while True:
        base = base_before(connection, pool, start)
        since = tail(connection, pool, held.heads[pool].item, base.latest)
        if not since or not is_by_month(held.items[held.heads[pool].item]):
            return base, since
        first = month_start((since[0].at, since[0].ord))
        if first <= base.latest < (since[0].at, since[0].ord):
            start = first
            continue
        return base, since


def book_of(
    connection: Connection, company: Company, walked: Walk, moves: Iterable[Move],
    without: frozenset[int],
) -> Book:  # fmt: skip
    """Everything the valuation needs beside the moves themselves."""
    known = {move.id: move for move in moves}
    held = walked.held
    origins, beside = _origins(connection, known, without)
    return Book(
        openings={
            pool: Opening(base.qty, base.value, base.state, base.latest)
            for pool, base in walked.bases.items()
        },
        policies={number: item.policies for number, item in held.items.items()},
        rounding=company.rounding,
        origins=origins,
        beside=beside,
        pool_items={pool: head.item for pool, head in held.heads.items()},
    )


def _origins(
    connection: Connection, known: Mapping[int, Move], without: frozenset[int]
) -> tuple[dict[int, Move], list[Move]]:
    """What the moves continue that is not walked, and what else continues it."""
    wanted = {move.origin for move in known.values() if move.origin is not None} - known.keys()
    found = moves_by_id(connection, sorted(wanted)) if wanted else {}
    beside = [
        move
        for move in (continued_by(connection, sorted(wanted)) if wanted else ())
        if move.id not in known and move.id not in without
    ]
    assembled = {move.posting for move in known.values() if move.kind == "produce"}
    if assembled:
        consumed = consumed_by(connection, sorted(assembled))
        found |= {move.id: move for move in consumed if move.id not in known}
    return found, beside
