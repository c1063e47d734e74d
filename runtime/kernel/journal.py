"""The journal of a posting: generated from its value entries and from nothing else."""

from collections.abc import Callable, Iterable

from runtime.kernel.moves import Move

STOCK = "stock"

# Role and account, and what is booked there: debit positive.
JournalLine = tuple[str, str, int]


def journal_of(
    changes: Iterable[tuple[Move, str, int]],
    stock_account: Callable[[Move], str],
    account: Callable[[Move, str], str],
) -> list[JournalLine]:
    """Balanced lines: the stock accounts against what moved them.

    `changes` are moves with the role and the change of their value. Between pools of one stock
    account a transfer cancels out; between two accounts each side is booked on its own.
    """
    stock: dict[str, int] = {}
    against: dict[tuple[str, str], int] = {}
    for move, role, change in changes:
        own = stock_account(move)
        stock[own] = stock.get(own, 0) + change
        line = (role, account(move, role))
        against[line] = against.get(line, 0) - change
    lines = [(STOCK, name, amount) for name, amount in sorted(stock.items())]
    lines += [(role, name, amount) for (role, name), amount in sorted(against.items())]
    return [line for line in lines if line[2]]
