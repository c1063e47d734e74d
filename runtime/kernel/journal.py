"""The journal of a posting: generated from its value entries and from nothing else."""

from collections.abc import Iterable

STOCK = "stock"


def journal_of(values: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Balanced lines, debit positive: the stock account against what moved it.

    `values` are accounts and changes of stock value; transfers cancel out.
    """
    against: dict[str, int] = {}
    total = 0
    for account, change in values:
        total += change
        against[account] = against.get(account, 0) - change
    lines = [(STOCK, total), *sorted(against.items())]
    return [(account, amount) for account, amount in lines if amount]
