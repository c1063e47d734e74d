"""Places of goods that are not pools: a warehouse under company scope, a lot, a serial, a bin."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from runtime.kernel.moves import Move
from runtime.kernel.pools import Head
from runtime.kernel.sql import in_chunks, marks, run

# Item, warehouse, owner, lot, serial, bin: what is empty does not matter to the place.
PlaceKey = tuple[int, int, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Position:
    """A place with its last entry."""

    id: int
    n: int
    qty: int


def places_of(move: Move, pool: Head) -> list[PlaceKey]:
    """The places, beside its pool, where a move counts."""
    here = (move.item, move.warehouse, pool.owner)
    found: list[PlaceKey] = []
    if pool.warehouse != move.warehouse:
        found.append((*here, "", "", ""))
    if move.lot and (move.lot != pool.lot or pool.warehouse != move.warehouse):
        found.append((*here, move.lot, "", ""))
    if move.serial and (move.serial != pool.lot or pool.warehouse != move.warehouse):
        found.append((*here, "", move.serial, ""))
    if move.bin:
        found.append((*here, "", "", move.bin))
    return found


def place_changes(moves: Iterable[Move], heads: Mapping[int, Head]) -> dict[PlaceKey, int]:
    """What moves change at the places where they count."""
    changes: dict[PlaceKey, int] = {}
    for move in moves:
        for place in places_of(move, heads[move.pool]):
            changes[place] = changes.get(place, 0) + move.dq
    return changes


def find_positions(connection: Connection, places: Iterable[PlaceKey]) -> dict[PlaceKey, Position]:
    """The positions of places with their last entries; positions that are missing are made."""
    wanted = sorted(set(places))
    if not wanted:
        return {}
    found = _select(connection, wanted)
    missing = [place for place in wanted if place not in found]
    if missing:
        either = "" if connection.dialect.name == "sqlite" else " ON CONFLICT DO NOTHING"
        for place in missing:
            run(
                connection,
                "INSERT INTO k_position (item, warehouse, owner, lot, serial, bin)"
                f" VALUES (?, ?, ?, ?, ?, ?){either}",
                place,
            )
        found = _select(connection, wanted)
    return found


def _select(connection: Connection, wanted: Sequence[PlaceKey]) -> dict[PlaceKey, Position]:
    asked = set(wanted)
    found: dict[PlaceKey, Position] = {}
    for item in sorted({place[0] for place in wanted}):
        own = [place for place in wanted if place[0] == item]
        for chunk in in_chunks(range(len(own)), size=100):
            part = [own[number] for number in chunk]
            columns = [sorted({place[nth] for place in part}, key=str) for nth in range(1, 6)]
            names = ("warehouse", "owner", "lot", "serial", "bin")
            condition = " AND ".join(
                f"p.{name} IN ({marks(values)})"
                for name, values in zip(names, columns, strict=True)
            )
            rows = run(
                connection,
                "SELECT p.item, p.warehouse, p.owner, p.lot, p.serial, p.bin, p.id,"
                " coalesce(e.n, 0), coalesce(e.q_after, 0) FROM k_position p"
                " LEFT JOIN k_position_entry e ON e.position = p.id"
                " AND e.n = (SELECT max(n) FROM k_position_entry WHERE position = p.id)"
                f" WHERE p.item = ? AND {condition}",
                (item, *(value for values in columns for value in values)),
            )
            for *place, number, n, qty in rows:
                key = tuple(place)
                if key in asked:
                    found[key] = Position(number, n, qty)
    return found
