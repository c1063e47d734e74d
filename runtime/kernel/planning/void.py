"""Undoing a posting: as if it had never been, or by a red one at another date."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from runtime.kernel.commands import Reverse, Void
from runtime.kernel.moves import Move, continued_by, documents_of, moves_by_id, moves_of
from runtime.kernel.periods import hold_period, month_of
from runtime.kernel.planned import Planned
from runtime.kernel.planning.absolute import correct_counts
from runtime.kernel.planning.draft import Draft, Stand, stand_of
from runtime.kernel.planning.finish import start_of
from runtime.kernel.planning.undo import UNDOABLE, lay_red
from runtime.kernel.pools import lock_pools, pools_of_item
from runtime.kernel.refusals import Problem, Refusal, Refused
from runtime.kernel.registration import Company
from runtime.kernel.reservations import restore
from runtime.kernel.sql import marks, run

# Nothing that moved goods or value: a month is reopened, a reservation released.
_NOT_UNDONE = frozenset({"void", "close_period", "reopen_period", "reserve", "release"})
_COUNTS = frozenset({"count_gain", "count_loss"})


def plan_void(connection: Connection, company: Company, command: Void) -> Planned | Refused:
    """The mirror of a posting, or why it cannot be undone."""
    found = _find_held(connection, company, command.posting)
    if isinstance(found, Refused):
        return found
    kind, business_date, at, order = found
    draft = Draft(connection, company, Stand(at, order, business_date))
    moves = _still_there(connection, moves_of(connection, command.posting))
    for day in sorted({business_date, *(move.business_date for move in moves)}):
        if month_of(day) <= hold_period(connection, company.id, day):
            return Refused(Refusal.PERIOD_CLOSED, (Problem(field="date", date=day),))
    corrections = _corrections(connection, moves)
    refused = _refuse_dependents(connection, moves, corrections)
    if refused is not None:
        return refused
    for move in (*moves, *corrections):
        draft.add(_mirror(move))
        if move.kind in _COUNTS and move.origin is not None:
            draft.corrected[move.id] = move.origin
    if kind != "set_standard":
        _keep_standards(draft, moves)
    correct_counts(draft)
    draft.extras += restore(connection, command.posting)
    pools = _repriced(connection, command.posting)
    return Planned(
        "void", business_date, at, tuple(draft.moves), is_late=True,
        start=start_of(draft) or (at, order), voids=command.posting, pools=pools,
        extras=tuple(draft.extras),
    )  # fmt: skip


def _keep_standards(draft: Draft, moves: Iterable[Move]) -> None:
    """A new standard that a posting brought to its pool holds for what else lies there."""
    for move in moves:
        if move.kind == "standard":
            draft.add(replace(move, id=0, posting=0, values={}, layers=""))


def plan_reverse(connection: Connection, company: Company, command: Reverse) -> Planned | Refused:
    """The red posting of another one at the header's date."""
    found = _find_held(connection, company, command.posting)
    if isinstance(found, Refused):
        return found
    moves = _still_there(connection, moves_of(connection, command.posting))
    kinds = {move.kind for move in moves}
    if not moves or not kinds <= UNDOABLE:
        return Refused(Refusal.CANNOT_REVERSE)
    draft = Draft(connection, company, stand_of(company, command.header, _rank_of(kinds)))
    if any((move.at, move.ord) > draft.stand.key for move in moves):
        return Refused(Refusal.CANNOT_REVERSE, (Problem(field="date"),))
    draft.hold_month()
    refused = draft.refused()
    if refused is not None:
        return refused
    goods = [move for move in moves if move.kind != "late"]
    refused = _refuse_dependents(connection, goods, [], only_goods=True)
    if refused is not None:
        return refused
    origins = [move.origin for move in moves if move.kind == "late" and move.origin is not None]
    draft.known = moves_by_id(connection, origins)
    lay_red(draft, moves)
    correct_counts(draft)
    return Planned(
        "reverse", draft.stand.business_date, draft.stand.at, tuple(draft.moves), is_late=True,
        start=start_of(draft), reverses=command.posting, extras=tuple(draft.extras),
    )  # fmt: skip


def _find_held(
    connection: Connection, company: Company, posting: int
) -> tuple[str, str, int, int] | Refused:
    """A posting that stands once its pools are held: who waited for them looks again."""
    found = _find(connection, company, posting)
    if isinstance(found, Refused):
        return found
    lock_pools(connection, {move.pool for move in moves_of(connection, posting)})
    return _find(connection, company, posting)


def _find(
    connection: Connection, company: Company, posting: int
) -> tuple[str, str, int, int] | Refused:
    """A posting that stands; one that was undone in either way is refused."""
    rows = run(
        connection,
        "SELECT p.kind, p.business_date, p.at, p.ord, (SELECT min(v.id) FROM k_posting v"
        " WHERE v.voids = p.id OR v.reverses = p.id) FROM k_posting p"
        " WHERE p.id = ? AND p.company = ?",
        (posting, company.id),
    )
    if not rows:
        return Refused(Refusal.UNKNOWN_REF, (Problem(field="posting"),))
    kind, business_date, at, order, undone_by = rows[0]
    if kind in _NOT_UNDONE:
        return Refused(Refusal.CANNOT_REVERSE)
    if undone_by is not None:
        documents = documents_of(connection, {undone_by})
        return Refused(Refusal.ALREADY_CANCELLED, (Problem(documents=(documents[undone_by],)),))
    return kind, business_date, at, order


def _rank_of(kinds: set[str]) -> str:
    """On its day a red posting stands where goods that go its way stand."""
    for kind, rank in (
        ("issue", "sales_return"), ("receive", "purchase_return"), ("transfer_in", "transfer"),
        ("produce", "assemble"), ("count_gain", "count"), ("count_loss", "count"),
    ):  # fmt: skip
        if kind in kinds:
            return rank
    return "value"


def _still_there(connection: Connection, moves: Iterable[Move]) -> list[Move]:
    """The moves that no later posting has undone; what undoes another is not undone itself."""
    known = [move for move in moves if move.kind != "void"]
    if not known:
        return []
    ids = [move.id for move in known]
    rows = run(connection, f"SELECT voids FROM k_move WHERE voids IN ({marks(ids)})", ids)
    gone = {row[0] for row in rows}
    return [move for move in known if move.id not in gone]


def _corrections(connection: Connection, moves: Iterable[Move]) -> list[Move]:
    """What other postings added so that the counts among the moves hold."""
    counts = {move.id for move in moves if move.kind in _COUNTS and move.origin is None}
    return [
        move for move in continued_by(connection, sorted(counts)) if move.kind in _COUNTS
    ]  # fmt: skip


def _refuse_dependents(
    connection: Connection, moves: Iterable[Move], corrections: Iterable[Move],
    *, only_goods: bool = False,
) -> Refused | None:  # fmt: skip
    """What other postings continue cannot be undone before them."""
    lines = {move.id: move.line for move in moves}
    own = {move.id for move in corrections}
    continuing = [
        move
        for move in continued_by(connection, sorted(lines))
        if move.id not in own and not (move.kind in _COUNTS or (only_goods and not move.dq))
    ]
    if not continuing:
        return None
    documents = documents_of(connection, {move.posting for move in continuing})
    return Refused(
        Refusal.HAS_DEPENDENTS,
        tuple(
            Problem(lines[move.origin], documents=(documents[move.posting],))
            for move in continuing
            if move.origin is not None
        ),
    )


def _repriced(connection: Connection, posting: int) -> tuple[int, ...]:
    """The pools of items whose policy a posting changed."""
    rows = run(connection, "SELECT DISTINCT item FROM k_item_policy WHERE posting = ?", (posting,))
    return tuple(pool for row in rows for pool, _ in pools_of_item(connection, row[0]))


def _mirror(move: Move) -> Move:
    return Move(
        0, 0, move.line, "void", move.item, move.pool, move.warehouse, -move.dq, move.at, move.ord,
        move.business_date, voids=move.id, lot=move.lot, serial=move.serial, bin=move.bin,
        uom=move.uom, uom_qty=move.uom_qty,
    )  # fmt: skip
