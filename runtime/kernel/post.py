"""The crux: look up the key, plan, lock, check, value, append, in that order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from runtime.kernel.append import Change, Entry, append, next_posting_id
from runtime.kernel.commands import Command, Header, Posted, PostedLine, Void
from runtime.kernel.connections import ready
from runtime.kernel.idempotency import again, open_books
from runtime.kernel.moves import Move
from runtime.kernel.periods import hold_period, month_of
from runtime.kernel.planning import Planned, day_of, payload_hash, plan
from runtime.kernel.pools import Head, Moment, heads, lock_pools
from runtime.kernel.refusals import Refusal, Refused
from runtime.kernel.registration import Company
from runtime.kernel.shortage import refuse_shortage
from runtime.kernel.sources import bind_sources
from runtime.kernel.tables import ROWS_PER_POSTING
from runtime.kernel.timeline import shortages
from runtime.kernel.valuation import Start, Valuation
from runtime.kernel.void import plan_void, refuse_dependents
from runtime.kernel.walk import Walk, hold, lots_before, origins_of, walk

_LAST = 2**62


@dataclass(frozen=True, slots=True)
class _Draft:
    """A posting with its number, over the part of the ledger it concerns."""

    company: Company
    planned: Planned
    new: tuple[Move, ...]
    walk: Walk
    # The moves that are undone; they no longer count.
    without: frozenset[int]


def post(connection: Connection, command: Command) -> Posted | Refused:
    """Post a command inside the caller's transaction, or say why not and write nothing."""
    ready(connection)
    header = command.header
    books = open_books(connection, header)
    payload = _payload_of(command)
    if books.earlier is not None:
        return again(connection, books.earlier, payload)
    company = books.company
    planned = _plan(connection, company, command)
    if isinstance(planned, Refused):
        return planned
    number, draft = _lay_over_ledger(connection, company, planned, header)
    refused = _check(connection, draft)
    if refused is not None:
        return refused
    changes = _value(connection, draft)
    order = draft.new[0].ord
    entry = Entry(number, header, payload, planned, order, changes)
    seq, own_hash = append(connection, entry, draft.new, draft.walk.heads)
    revalued = sum(change.kind == "revalue" for change in changes)
    return Posted(number, seq, own_hash, posted_lines(changes), revalued)


def posted_lines(changes: Sequence[Change]) -> tuple[PostedLine, ...]:
    """What each line was worth; of the two legs of a transfer the one that went out."""
    lines: dict[int, int] = {}
    for change in changes:
        if change.kind != "revalue" and change.move.peer is None and change.account != "residual":
            lines[change.move.line] = lines.get(change.move.line, 0) + change.dv
    return tuple(PostedLine(line, value) for line, value in sorted(lines.items()))


def _payload_of(command: Command) -> str:
    if isinstance(command, Void):
        return f"void {command.posting}"
    return payload_hash(type(command).__name__.lower(), command.header.date, command.lines)


def _plan(connection: Connection, company: Company, command: Command) -> Planned | Refused:
    if isinstance(command, Void):
        planned = plan_void(connection, company.id, command)
        if isinstance(planned, Refused):
            return planned
        closed_through = hold_period(connection, company.id, planned.business_date)
        closed = month_of(planned.business_date) <= closed_through
        return Refused(Refusal.PERIOD_CLOSED) if closed else planned
    day = day_of(command.header.date)
    if month_of(day) <= hold_period(connection, company.id, day):
        return Refused(Refusal.PERIOD_CLOSED)
    return plan(connection, company, command)


def _lay_over_ledger(
    connection: Connection, company: Company, planned: Planned, header: Header
) -> tuple[int, _Draft]:
    """Lock what the posting concerns, give it its number, and read what comes after it."""
    own = {move.pool for move in planned.moves}
    start = _start(planned, header.order if header.order is not None else _LAST)
    held = hold(connection, own, start) if planned.is_late else _lock(connection, own)
    number = next_posting_id(connection)
    order = number if header.order is None else header.order
    start = _start(planned, order)
    if not planned.is_late and any(head.latest >= start for head in held.values()):
        held = hold(connection, own, start)
    new = tuple(_numbered(move, number, order) for move in planned.moves)
    undone = frozenset(move.voids for move in new if move.voids is not None)
    return number, _Draft(company, planned, new, walk(connection, held, start), undone)


def _start(planned: Planned, order: int) -> Moment:
    """Where the walk begins; what is undone begins at its own place."""
    if planned.voids is not None:
        return min((move.at, move.ord) for move in planned.moves)
    return planned.at, order


def _lock(connection: Connection, pools: set[int]) -> dict[int, Head]:
    lock_pools(connection, pools)
    return heads(connection, pools)


def _numbered(move: Move, number: int, order: int) -> Move:
    first = number * ROWS_PER_POSTING + 1
    return replace(
        move,
        id=first + move.id,
        posting=number,
        ord=order if move.voids is None else move.ord,
        peer=None if move.peer is None else first + move.peer,
    )


def _check(connection: Connection, draft: _Draft) -> Refused | None:
    """Everything that depends on what the ledger holds, read under the locks."""
    if draft.planned.voids is not None:
        refused = refuse_dependents(connection, draft.new)
    else:
        refused = bind_sources(connection, draft.planned.sources, draft.new)
    if refused is not None:
        return refused
    own = {move.pool for move in draft.new}
    moves = [move for move in _effective(draft) if move.pool in own]
    before = {(pool, ""): held[0] for pool, held in draft.walk.before.items()}
    if any(move.lot for move in draft.new):
        before |= lots_before(connection, draft.walk, own)
    new = () if draft.planned.voids is not None else draft.new
    return refuse_shortage(connection, shortages(moves, before, new), draft.new)


def _effective(draft: _Draft) -> list[Move]:
    """The moves that count from the posting's moment on, its own among them, in business order."""
    moves = [move for move in draft.walk.moves if move.id not in draft.without]
    if draft.planned.voids is None:
        moves = sorted([*moves, *draft.new], key=lambda move: move.key)
    return moves


def _value(connection: Connection, draft: _Draft) -> list[Change]:
    """What the new moves are worth, and what others are now worth more or less."""
    moves = _effective(draft)
    heads_of = draft.walk.heads
    start = Start(
        draft.walk.before,
        {pool: head.method for pool, head in heads_of.items()},
        draft.company.rounding,
    )
    values = Valuation(start, origins_of(connection, moves, draft.without)).run(moves)
    undone = {move.id: move.values for move in draft.walk.moves if move.id in draft.without}
    fresh = {move.id for move in draft.new}
    changes = [
        Change(move, "original", account, dv)
        for move in draft.new
        if move.voids is None
        for account, dv in values[move.id].items()
    ]
    changes += [
        Change(move, "void", account, -dv)
        for move in draft.new
        if move.voids is not None
        for account, dv in undone[move.voids].items()
        if dv
    ]
    for move in moves:
        if move.id not in fresh and values[move.id] != move.values:
            changes += _revaluations(move, values[move.id])
    return changes


def _revaluations(move: Move, values: dict[str, int]) -> list[Change]:
    accounts = dict.fromkeys((*values, *move.values))
    differences = {
        account: values.get(account, 0) - move.values.get(account, 0) for account in accounts
    }
    return [Change(move, "revalue", account, dv) for account, dv in differences.items() if dv]
