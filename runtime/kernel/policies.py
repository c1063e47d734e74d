"""How items are costed once a posting that changes it, or undoes such a change, is made."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from runtime.kernel.planned import Planned
from runtime.kernel.registration import Company, Item, policy_of
from runtime.kernel.sql import run


def items_after(
    connection: Connection,
    company: Company,
    planned: Planned,
    items: Mapping[int, Item],
    order: int,
) -> dict[int, Item]:
    """The items with the versions of their policy that hold when the posting is made."""
    found = dict(items)
    for name, row in planned.extras:
        if name == "k_item_policy":
            number, _n, _posting, at, given, *terms = row
            item = found.get(number) if isinstance(number, int) else None
            if item is not None:
                stands = (at, order if given is None else given, *terms)
                added = policy_of(stands, item.atoms_per_base, company.value_scale)
                policies = sorted((*item.policies, added), key=lambda one: (one.at, one.ord))
                found[item.id] = replace(item, policies=tuple(policies))
    if planned.voids is not None:
        _take_back(connection, planned.voids, found)
    return found


def _take_back(connection: Connection, posting: int, items: dict[int, Item]) -> None:
    """Take out the versions of a posting that is undone."""
    for number, at, order in run(
        connection, "SELECT item, at, ord FROM k_item_policy WHERE posting = ?", (posting,)
    ):
        item = items.get(number)
        if item is not None:
            left = tuple(one for one in item.policies if (one.at, one.ord) != (at, order))
            items[number] = replace(item, policies=left)
