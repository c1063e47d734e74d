"""Undoing a posting: moves that mirror its moves at the same place in time."""

from sqlalchemy import Connection

from runtime.kernel.commands import Void
from runtime.kernel.moves import Move, continued_by, documents_of, moves_of
from runtime.kernel.planning import Planned
from runtime.kernel.refusals import Problem, Refusal, Refused
from runtime.kernel.sql import run


def plan_void(connection: Connection, company: int, command: Void) -> Planned | Refused:
    """The mirror of a posting, or why it cannot be undone."""
    rows = run(
        connection,
        "SELECT p.kind, p.business_date, p.at, v.id FROM k_posting p"
        " LEFT JOIN k_posting v ON v.voids = p.id WHERE p.id = ? AND p.company = ?",
        (command.posting, company),
    )
    if not rows:
        return Refused(Refusal.UNKNOWN_REF)
    kind, business_date, at, undone_by = rows[0]
    if kind == "void":
        return Refused(Refusal.CANNOT_REVERSE)
    if undone_by is not None:
        return Refused(Refusal.ALREADY_CANCELLED)
    undone = moves_of(connection, command.posting)
    moves = tuple(_mirror(place, move) for place, move in enumerate(undone))
    return Planned("void", business_date, at, moves, is_late=True, voids=command.posting)


def refuse_dependents(connection: Connection, moves: tuple[Move, ...]) -> Refused | None:
    """What other postings continue cannot be undone before them."""
    continuing = continued_by(connection, [move.voids for move in moves if move.voids is not None])
    if not continuing:
        return None
    documents = documents_of(connection, {move.posting for move in continuing})
    lines = {move.voids: move.line for move in moves}
    return Refused(
        Refusal.HAS_DEPENDENTS,
        tuple(
            Problem(lines[move.origin], documents=(documents[move.posting],)) for move in continuing
        ),
    )


def _mirror(place: int, move: Move) -> Move:
    return Move(
        place, 0, move.line, "void", move.item, move.pool, -move.dq, move.at, move.ord,
        move.business_date, voids=move.id, uom=move.uom, uom_qty=move.uom_qty, lot=move.lot,
    )  # fmt: skip
