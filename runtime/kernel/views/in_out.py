"""Opening, in, out and closing of a span of business days."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection

from runtime.kernel.amounts import from_atoms, from_minor
from runtime.kernel.periods import start_of_day
from runtime.kernel.sql import run
from runtime.kernel.views.balances import Held, Names, Place, Wanted, standing
from runtime.kernel.views.documents import UNDONE
from runtime.kernel.views.on_hand import end_of


@dataclass(frozen=True, slots=True)
class Figures:
    """A quantity and a value."""

    qty: Fraction
    value: Decimal


@dataclass(frozen=True, slots=True)
class InOutRow:
    """What an item in a warehouse began and ended a span with, and what came and went in between.

    What only changed the value is among what came in.
    """

    item: str
    warehouse: str
    owner: str
    opening: Figures
    came: Figures
    went: Figures
    closing: Figures


def in_out(
    connection: Connection,
    company: int,
    first: date,
    last: date,
    *,
    item: str | None = None,
    warehouse: str | None = None,
) -> list[InOutRow]:
    """Every place that held or moved anything from the first to the last day, both included."""
    wanted = Wanted(company, None if item is None else (item,), warehouse)
    span = (start_of_day(first), end_of(last))
    before = standing(connection, wanted, span[0])
    after = standing(connection, wanted, span[1])
    gone = _gone(connection, wanted, span)
    names = before.names | after.names
    found: list[InOutRow] = []
    for place in sorted(before.held.keys() | after.held.keys()):
        row = _row(
            names[place],
            before.held.get(place, (0, 0)),
            after.held.get(place, (0, 0)),
            gone.get(place, (0, 0)),
        )
        if row is not None:
            found.append(row)
    return found


def _row(names: Names, opening: Held, closing: Held, went: Held) -> InOutRow | None:
    came = (closing[0] - opening[0] + went[0], closing[1] - opening[1] + went[1])
    if not any((*opening, *closing, *went, *came)):
        return None
    shown = [
        Figures(from_atoms(qty, names.per_base), from_minor(value, names.scale))
        for qty, value in (opening, came, went, closing)
    ]
    return InOutRow(names.item, names.warehouse, names.owner, *shown)


def _gone(connection: Connection, wanted: Wanted, span: tuple[int, int]) -> dict[Place, Held]:
    """What went out; what was undone counts neither here nor among what came in."""
    condition, params = wanted.condition
    rows = run(
        connection,
        "SELECT p.item, m.warehouse, p.owner, CAST(-sum(m.dq) AS BIGINT), CAST(-sum(coalesce("
        "(SELECT sum(v.dv) FROM k_value_entry v WHERE v.move = m.id), 0)) AS BIGINT)"
        " FROM k_item i JOIN k_pool p ON p.item = i.id JOIN k_warehouse w ON w.id = p.warehouse"
        " JOIN k_move m ON m.pool = p.id AND m.at >= ? AND m.at < ?"
        f" WHERE m.dq < 0 AND NOT {UNDONE} AND {condition} GROUP BY p.item, m.warehouse, p.owner",
        (*span, *params),
    )
    return {(item, place, owner): (qty, value) for item, place, owner, qty, value in rows}
