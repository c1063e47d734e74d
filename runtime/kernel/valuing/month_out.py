"""What goes out of a pool in a month, at the month's average and rounded once each."""

from runtime.kernel.valuing.month_pool import MonthPool, Outgoing
from runtime.kernel.valuing.walk import Walk

_ACCOUNT = {
    "issue": "issue",
    "transfer_out": "transfer",
    "consume": "assembly",
    "count_loss": "stocktake_loss",
    "count_gain": "stocktake_gain",
    "purchase_return": "purchase_return",
    "sales_return": "sales_return",
}


def give_out(walk: Walk, pool: MonthPool) -> None:
    """In order: what the month has at its average, the rest short at the last known cost."""
    left = pool.supply() + sum(-out.qty for out in pool.outs if out.qty < 0)
    for out in pool.outs:
        if out.qty < 0:
            out.covered = out.qty
            out.cost = -pool.at_average(-out.qty)
        else:
            out.covered = min(out.qty, max(left, 0))
            left -= out.covered
            out.cost = pool.at_average(out.covered)
            out.estimate = pool.at_average(out.qty - out.covered)
        book(walk, pool, out)


def book(walk: Walk, pool: MonthPool, out: Outgoing) -> None:
    """Write what goes out beside its move, and send it on its way."""
    move = out.move
    cost = out.cost + out.estimate
    account = _ACCOUNT[move.kind]
    if move.kind in {"count_gain", "count_loss"}:
        account = "stocktake_loss" if out.qty > 0 else "stocktake_gain"
    walk.values[move.id] = {account: -cost}
    if move.kind == "transfer_out":
        walk.sent[move.id] = [(out.qty, cost)]
    if move.kind in {"transfer_out", "consume"}:
        # Those who are fed by it in the month reckon with the exact cost.
        walk.exact[move.id] = pool.average * out.qty
