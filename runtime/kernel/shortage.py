"""Saying what is short: the line, the item, the warehouse, what is there, and who needs it."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Sequence
from fractions import Fraction

from sqlalchemy import Connection

from runtime.kernel.amounts import from_atoms
from runtime.kernel.moves import Move, documents_of
from runtime.kernel.refusals import Problem, Refusal, Refused
from runtime.kernel.sql import marks, run
from runtime.kernel.timeline import Short, Shortages


def refuse_shortage(
    connection: Connection, found: Shortages, new: Sequence[Move]
) -> Refused | None:
    """The refusal for what goes short, the posting's own lines before those of later documents."""
    if found.own:
        names = _names_of(connection, (short.move for short in found.own))
        return Refused(
            Refusal.NEGATIVE_STOCK,
            tuple(_problem(names, short.move, short.on_hand) for short in found.own),
        )
    if not found.later:
        return None
    names = _names_of(connection, (short.move for short in found.later))
    return Refused(
        Refusal.NEGATIVE_STOCK_FUTURE,
        tuple(
            _later_problem(connection, names, move, found.later)
            for move in new
            if move.dq < 0 and any(short.move.pool == move.pool for short in found.later)
        ),
    )


class _Names(dict[int, tuple[str, str, int]]):
    """Item, warehouse and atoms per base unit by pool."""


def _names_of(connection: Connection, moves: Iterable[Move]) -> _Names:
    pools = sorted({move.pool for move in moves})
    rows = run(
        connection,
        "SELECT p.id, i.key, w.key, i.atoms_per_base FROM k_pool p"
        " JOIN k_item i ON i.id = p.item JOIN k_warehouse w ON w.id = p.warehouse"
        f" WHERE p.id IN ({marks(pools)})",
        pools,
    )
    return _Names({number: (item, warehouse, atoms) for number, item, warehouse, atoms in rows})


def _problem(names: _Names, move: Move, on_hand: int) -> Problem:
    item, warehouse, per_base = names[move.pool]
    return Problem(
        move.line, "qty", item, warehouse, Fraction(-move.dq, per_base),
        from_atoms(on_hand, per_base), move.business_date,
    )  # fmt: skip


def _later_problem(
    connection: Connection, names: _Names, move: Move, later: Sequence[Short]
) -> Problem:
    short = [found for found in later if found.move.pool == move.pool]
    item, warehouse, per_base = names[move.pool]
    documents = documents_of(connection, {found.move.posting for found in short})
    # Each document once, in the order in which they go short.
    blocking = dict.fromkeys(documents[found.move.posting] for found in short)
    return Problem(
        move.line, "qty", item, warehouse, Fraction(-move.dq, per_base),
        from_atoms(min(found.on_hand for found in short), per_base),
        short[0].move.business_date, tuple(blocking),
    )  # fmt: skip
