"""The crux: look up the key, plan, lock, check, value, append, in that order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from runtime.kernel.amounts import LIMIT
from runtime.kernel.append import Change, Entry, PoolChange, append, next_posting_id
from runtime.kernel.changes import changes_of, posted_lines, settled
from runtime.kernel.closing import plan_close, plan_reopen
from runtime.kernel.collector import collector_paused
from runtime.kernel.commands import (
    ClosePeriod,
    Command,
    Posted,
    Release,
    ReopenPeriod,
    Reserve,
)
from runtime.kernel.connections import ready
from runtime.kernel.costing import Valued, value_moves
from runtime.kernel.idempotency import again, open_books
from runtime.kernel.moves import Move, by_key, documents_of, moves_by_id
from runtime.kernel.planned import Planned
from runtime.kernel.planning import payload_hash, plan
from runtime.kernel.policies import items_after
from runtime.kernel.pools import AFTER_ALL, Head, Moment, OutOfOrderError, begin_locks
from runtime.kernel.positions import (
    PlaceKey,
    Position,
    find_positions,
    place_changes,
    places_of,
)
from runtime.kernel.refusals import Problem, Refusal, Refused
from runtime.kernel.registration import Company
from runtime.kernel.reservations import plan_release, plan_reserve, refuse_reserved
from runtime.kernel.serials import refuse_serials
from runtime.kernel.shortage import refuse_shortage
from runtime.kernel.tables import ROWS_PER_POSTING
from runtime.kernel.timeline import Ground, Shortages, net_counts, pool_shortages, shortages
from runtime.kernel.walk import Walk, book_of, hold, reaches_back, walk


@dataclass(frozen=True, slots=True)
class _Draft:
    """A posting with its number, over the part of the ledger it concerns."""

    company: Company
    planned: Planned
    number: int
    order: int
    new: tuple[Move, ...]
    walk: Walk
    # Every move that counts from the bases on, its own among them, in business order.
    moves: list[Move]
    # What the posting undoes no longer counts.
    undone: dict[int, Move]
    places: dict[PlaceKey, int]
    positions: dict[PlaceKey, Position]

    @property
    def heads(self) -> dict[int, Head]:
        return self.walk.held.heads


def post(connection: Connection, command: Command) -> Posted | Refused:
    """Post a command inside the caller's transaction, or say why not and write nothing."""
    ready(connection)
    with collector_paused():
        return _post(connection, command)


def _post(connection: Connection, command: Command) -> Posted | Refused:
    header = command.header
    books = open_books(connection, header)
    payload = payload_hash(command)
    if books.earlier is not None:
        return again(connection, books.earlier, payload)
    draft = _draft(connection, books.company, command)
    if isinstance(draft, Refused):
        return draft
    planned = draft.planned
    valued = _value(connection, draft)
    if isinstance(valued, Refused):
        return valued
    changes = changes_of(draft.new, draft.moves, draft.undone, valued)
    changes += settled(_outside(connection, draft, valued), valued)
    pools = _pool_changes(draft, changes, valued)
    refused = _refuse_too_large(draft, pools)
    if refused is not None:
        return refused
    entry = Entry(
        draft.number, books.company, header, payload, planned, draft.order, draft.new, changes,
        pools, draft.heads, draft.places, draft.positions,
    )  # fmt: skip
    seq, own_hash = append(connection, entry)
    revalued = sum(change.kind not in {"original", "void"} for change in changes)
    return Posted(draft.number, seq, own_hash, posted_lines(changes), revalued)


def _draft(connection: Connection, company: Company, command: Command) -> _Draft | Refused:
    """Plan, lock, check; what needs locks in another order lets go and begins again with them all.

    Each time more is held from the beginning, so that it comes to an end.
    """
    wanted: set[int] = set()
    while True:
        begin_locks(connection, wanted)
        try:
            planned = _plan(connection, company, command)
            if isinstance(planned, Refused):
                return planned
            draft = _lay_over_ledger(connection, company, planned, command.header.order)
            return _check(connection, draft) or draft
        except OutOfOrderError as found:
            wanted |= found.pools


def _plan(connection: Connection, company: Company, command: Command) -> Planned | Refused:
    if isinstance(command, ClosePeriod):
        return plan_close(connection, company, command)
    if isinstance(command, ReopenPeriod):
        return plan_reopen(connection, company, command)
    if isinstance(command, Reserve):
        return plan_reserve(connection, company, command)
    if isinstance(command, Release):
        return plan_release(connection, company, command)
    return plan(connection, company, command)


def _lay_over_ledger(
    connection: Connection, company: Company, planned: Planned, given_order: int | None
) -> _Draft:
    """Lock what the posting concerns, give it its number, and read what comes after it."""
    own = {move.pool for move in planned.moves} | set(planned.pools)
    held = hold(connection, own, _start(planned, AFTER_ALL[1]), expects_late=planned.is_late)
    number = next_posting_id(connection)
    order = number if given_order is None else given_order
    start = _start(planned, order)
    if start < held.start and given_order is None:
        # Nothing can stand between the new number and the end of its moment.
        held = replace(held, start=start)
    elif start < held.start and any(head.latest >= start for head in held.heads.values()):
        held = hold(connection, own, start, expects_late=True)
    held = replace(held, items=items_after(connection, company, planned, held.items, order))
    new = tuple(_numbered(move, number, order) for move in planned.moves)
    walked = walk(connection, held)
    while (earlier := reaches_back(walked)) is not None:
        held = hold(connection, own, earlier, expects_late=True)
        held = replace(held, items=items_after(connection, company, planned, held.items, order))
        walked = walk(connection, held)
    counting = {move.id: move for move in walked.moves}
    undone = {
        move.voids: counting[move.voids]
        for move in new
        if move.voids is not None and move.voids in counting
    }
    moves = [move for move in walked.moves if move.id not in undone]
    if planned.voids is None or any(move.voids is None for move in new):
        fresh = [move for move in new if move.voids is None]
        moves = sorted([*moves, *fresh], key=by_key)
    places = {place: dq for place, dq in place_changes(new, held.heads).items() if dq}
    positions = find_positions(connection, place_changes(new, held.heads))
    return _Draft(
        company, planned, number, order, new, walked, moves, undone, places, positions
    )  # fmt: skip


def _start(planned: Planned, order: int) -> Moment:
    """Where the walk begins; without a moment of its own it begins at the posting's."""
    at, given = planned.start or (planned.at, None)
    return at, order if given is None else given


def _numbered(move: Move, number: int, order: int) -> Move:
    """The planned move under its own number; it is nobody else's, so it is changed in place."""
    first = number * ROWS_PER_POSTING + 1
    move.id += first
    move.posting = number
    move.ord = move.ord or order
    if move.peer is not None:
        move.peer += first
    return move


def _check(connection: Connection, draft: _Draft) -> Refused | None:
    """Everything that depends on what the ledger holds, read under the locks."""
    if not draft.new:
        return None
    items = draft.walk.held.items
    refused = refuse_serials(connection, draft.new, items)
    if refused is None:
        refused = refuse_shortage(connection, _shortages(draft), draft.new)
    if refused is None:
        refused = refuse_reserved(connection, draft.company, draft.planned, draft.new, draft.heads)
    return refused


def _shortages(draft: _Draft) -> Shortages:
    """What would go short; goods that only come in leave nobody short."""
    if all(move.dq >= 0 for move in draft.new):
        return Shortages((), ())
    own = {move.pool for move in draft.new}
    moves = net_counts([move for move in draft.moves if move.pool in own])
    fresh = [move for move in draft.new if move.voids is None]
    if draft.positions:
        return shortages(moves, _ground(draft, own), fresh)
    items = draft.walk.held.items
    held = {pool: draft.walk.bases[pool].qty for pool in own}
    return pool_shortages(moves, held, lambda move: items[move.item].allows_negative, fresh)


def _ground(draft: _Draft, own: set[int]) -> Ground:
    """What the timeline check stands on: quantities before the first move that is walked."""
    heads, items = draft.heads, draft.walk.held.items
    before: dict[tuple[int | str, ...], int] = {(pool,): draft.walk.bases[pool].qty for pool in own}
    before |= {place: position.qty for place, position in draft.positions.items()}
    for move in [*draft.walk.moves, *draft.walk.undone.values()]:
        for place in places_of(move, heads[move.pool]):
            if place in before:
                before[place] -= move.dq

    def where(move: Move) -> Iterable[tuple[int | str, ...]]:
        # Only places that the posting changes were read; others cannot go short by it.
        beside = places_of(move, heads[move.pool])
        return (move.pool,), *(place for place in beside if place in before)

    return Ground(where, before, lambda move: items[move.item].allows_negative)


def _value(connection: Connection, draft: _Draft) -> Valued | Refused:
    book = book_of(
        connection, draft.company, draft.walk, draft.moves, frozenset(draft.undone)
    )  # fmt: skip
    valued = value_moves(draft.moves, book)
    if not valued.problems:
        return valued
    code, move = valued.problems[0]
    if move.posting == draft.number:
        return Refused(Refusal(code), (Problem(move.line, date=move.business_date),))
    document = documents_of(connection, {move.posting})[move.posting]
    return Refused(Refusal(code), (Problem(documents=(document,), date=move.business_date),))


def _outside(connection: Connection, draft: _Draft, valued: Valued) -> list[Move]:
    """Moves before the walk whose worth it changed: issues that had gone short."""
    walked = {move.id for move in draft.moves}
    missing = sorted(number for number in valued.values if number not in walked)
    return list(moves_by_id(connection, missing).values()) if missing else []


def _pool_changes(
    draft: _Draft, changes: Sequence[Change], valued: Valued
) -> dict[int, PoolChange]:
    """What the posting leaves every pool with that it moved, revalued or otherwise changed."""
    held = draft.walk.held
    qty: dict[int, int] = {}
    value: dict[int, int] = {}
    latest: dict[int, Moment] = {}
    first: dict[int, Moment] = {}
    for move in draft.new:
        moment = (move.at, move.ord)
        qty[move.pool] = qty.get(move.pool, 0) + move.dq
        latest[move.pool] = max(latest.get(move.pool, moment), moment)
        first[move.pool] = min(first.get(move.pool, moment), moment)
    for change in changes:
        value[change.move.pool] = value.get(change.move.pool, 0) + change.dv
    found: dict[int, PoolChange] = {}
    for pool, head in held.heads.items():
        state = valued.states[pool][2] if pool in valued.states else head.state
        if pool in qty or pool in value or state != head.state:
            found[pool] = PoolChange(
                qty.get(pool, 0), value.get(pool, 0), state,
                max(head.latest, latest.get(pool, head.latest)),
                held.start if held.is_late else first.get(pool, held.start),
            )  # fmt: skip
    return found


def _refuse_too_large(draft: _Draft, pools: dict[int, PoolChange]) -> Refused | None:
    """A pool that could no longer be kept exactly is refused, and named."""
    for pool, change in pools.items():
        head = draft.heads[pool]
        if max(abs(head.qty + change.dq), abs(head.value + change.dv)) >= LIMIT:
            line = next((move.line for move in draft.new if move.pool == pool), None)
            return Refused(Refusal.TOO_LARGE, (Problem(line, "qty"),))
    return None
