"""Lines that continue earlier ones: found, of the right goods, and not more than there is."""

from collections.abc import Sequence

from sqlalchemy import Connection

from runtime.kernel.commands import LineRef
from runtime.kernel.moves import Move, continued_by, effective, moves_of
from runtime.kernel.refusals import Problem, Refusal, Refused
from runtime.kernel.sql import run


def bind_sources(
    connection: Connection, sources: Sequence[tuple[int, LineRef]], moves: Sequence[Move]
) -> Refused | None:
    """Note on the moves what they continue, or refuse."""
    for place, source in sources:
        move = moves[place]
        origin = _first_leg(connection, source)
        fits = origin is not None and (origin.item, origin.pool) == (move.item, move.pool)
        if origin is None or not fits or origin.key >= move.key:
            return Refused(Refusal.UNKNOWN_REF, (Problem(move.line, "source"),))
        move.origin = origin.id
        already = sum(-other.dq for other in continued_by(connection, [origin.id]))
        asked = sum(-other.dq for other in moves if other.origin == origin.id)
        if already + asked > origin.dq:
            return Refused(Refusal.OVER_RETURN, (Problem(move.line, "qty"),))
    return None


def _first_leg(connection: Connection, source: LineRef) -> Move | None:
    undone = run(connection, "SELECT id FROM k_posting WHERE voids = ?", (source.posting,))
    if undone:
        return None
    for move in effective(moves_of(connection, source.posting)):
        if move.line == source.line and move.kind == "transfer_in":
            return move
    return None
