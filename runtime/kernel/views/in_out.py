"""Opening, in, out and closing of a span of business days."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection

from runtime.kernel.amounts import from_minor
from runtime.kernel.periods import start_of_day
from runtime.kernel.sql import run
from runtime.kernel.views.balances import Held, Place, Wanted, standing
from runtime.kernel.views.documents import UNDONE
from runtime.kernel.views.on_hand import end_of, in_base_units

_NOTHING: Held = (0, 0)


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
    items = before.items | after.items
    found: list[InOutRow] = []
    for place in sorted(before.held.keys() | after.held.keys()):
        opening, closing = before.held.get(place, _NOTHING), after.held.get(place, _NOTHING)
        went = gone.get(place, _NOTHING)
        came = (closing[0] - opening[0] + went[0], closing[1] - opening[1] + went[1])
        if any((*opening, *closing, *went, *came)):
            key, per_base = items[place[0]]
            shown = [
                Figures(in_base_units(qty, per_base), from_minor(value, after.scale))
                for qty, value in (opening, came, went, closing)
            ]
            found.append(InOutRow(key, after.warehouses[place[1]], place[2], *shown))
    return found


def _gone(connection: Connection, wanted: Wanted, span: tuple[int, int]) -> dict[Place, Held]:
    """What went out; what was undone counts neither here nor among what came in."""
    condition, params = wanted.condition
    rows = run(
        connection,
        "SELECT p.item, m.warehouse, p.owner, CAST(-sum(m.dq) AS BIGINT), CAST(-sum(coalesce("
        "(SELECT sum(v.dv) FROM k_value_entry v WHERE v.move = m.id), 0)) AS BIGINT)"
        f" FROM {wanted.pools} JOIN k_move m ON m.pool = p.id AND m.at >= ? AND m.at < ?"
        f" WHERE m.dq < 0 AND NOT {UNDONE} AND {condition} GROUP BY p.item, m.warehouse, p.owner",
        (*span, *params),
    )
    return {(item, place, owner): (qty, value) for item, place, owner, qty, value in rows}
