"""A serial number is one thing: at any moment in one place at most, and there once."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from runtime.kernel.moves import Move, documents_of, effective, moves_of_serials
from runtime.kernel.refusals import Problem, Refusal, Refused
from runtime.kernel.registration import Item


def refuse_serials(
    connection: Connection, new: Sequence[Move], items: Mapping[int, Item]
) -> Refused | None:
    """Walk the whole life of every serial number of the posting."""
    concerned = {(move.item, move.serial) for move in new if move.serial}
    if not concerned:
        return None
    history = moves_of_serials(connection, concerned)
    lives: dict[tuple[int, str], list[Move]] = {key: [] for key in concerned}
    for move in [*history, *(move for move in new if move.serial)]:
        lives[move.item, move.serial].append(move)
    fresh = {move.id for move in new}
    for (item, serial), life in lives.items():
        one = items[item].atoms_per_base
        refused = _refuse_life(connection, effective(life), one, fresh, serial)
        if refused is not None:
            return refused
    return None


def _refuse_life(
    connection: Connection, life: Iterable[Move], one: int, fresh: set[int], serial: str
) -> Refused | None:
    everywhere = 0
    places: dict[tuple[int, int], int] = {}
    for move in sorted(life, key=lambda move: move.key):
        everywhere += move.dq
        here = (move.pool, move.warehouse)
        places[here] = places.get(here, 0) + move.dq
        if everywhere > one:
            return _refused(connection, Refusal.SERIAL_DUPLICATE, move, fresh, serial)
        if everywhere < 0 or places[here] < 0:
            code = (
                Refusal.SERIAL_NOT_IN_STOCK if move.id in fresh else Refusal.NEGATIVE_STOCK_FUTURE
            )
            return _refused(connection, code, move, fresh, serial)
    return None


def _refused(
    connection: Connection, code: Refusal, move: Move, fresh: set[int], serial: str
) -> Refused:
    if move.id in fresh:
        own = Problem(move.line, "serials", serial=serial, date=move.business_date)
        return Refused(code, (own,))
    document = documents_of(connection, {move.posting})[move.posting]
    other = Problem(None, "serials", serial=serial, date=move.business_date, documents=(document,))
    return Refused(code, (other,))
