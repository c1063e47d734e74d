"""What was last agreed: the price of an item in the latest document with the same party."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select

from runtime import access
from runtime.compile import Field, Form, LineTable
from runtime.infra.act import Act

_NOT_AGREED: Final = ("draft", "rejected", "cancelled")


@dataclass(frozen=True)
class Terms:
    """Where a document says with whom, what and for how much."""

    party: Field
    item: Field
    price: Field


def terms_of(act: Act, form: Form, table: LineTable, item: Field) -> Terms | None:
    """The party, a line's item and the price that choosing the item fills in, all of them visible.

    The party is the first record people must name in the header that is not the lines' warehouse.
    """
    if not form.is_document:
        return None
    warehouse = (table.options.get("stock") or {}).get("warehouse")
    named = (each for each in access.visible_fields(act.actor, form) if each.required)
    parties = (each for each in named if each.kind.kind == "reference")
    party = next((each for each in parties if each.code != warehouse), None)
    filled = item.options.get("fill", {})
    columns = access.visible_line_fields(act.actor, form, table)
    prices = (each for each in columns if each.code in filled and each.kind.kind == "money")
    price = next(prices, None)
    return Terms(party, item, price) if party and price else None


def last_prices(
    act: Act, form: Form, table: LineTable, terms: Terms, party: int, items: Collection[int]
) -> Mapping[int, Decimal]:
    """The price of each item in the party's latest document that the actor may see."""
    head, rows = form.table, table.table
    item, price, named = terms.item.column, terms.price.column, terms.party.column
    if not items or item is None or price is None or named is None:
        return {}
    latest = (
        select(func.max(rows.c.id))
        .join(head, head.c.id == rows.c.parent_id)
        .where(named == party, item.in_(items), head.c.status.not_in(_NOT_AGREED))
        .group_by(item)
    )
    mine = access.row_condition(act.actor, form)
    if mine is not None:
        latest = latest.where(mine)
    found = act.connection.execute(select(item, price).where(rows.c.id.in_(latest)))
    return {key: value for key, value in found if value is not None}
