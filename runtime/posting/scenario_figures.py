"""The figures of a scenario as they stand in the books."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from sqlalchemy import Connection

from runtime import kernel
from runtime.infra.strict_json import Json

Report = dict[str, Json]

# What takes value out and brings value in, and what of it is not the goods' own cost.
_OUT: Final = frozenset({"issue", "transfer_out", "purchase_return", "consume", "count_loss"})
_IN: Final = frozenset({"receive", "transfer_in", "sales_return", "produce", "count_gain"})
_COUNTED: Final = frozenset({"count_gain", "count_loss", "count_value"})
_BESIDE: Final = frozenset({"residual", "return_variance"})
# What the journal calls by another name.
_ACCOUNTS: Final = {"true_up": "negative_true_up"}
WHOLE: Final = "*"


def spelled(value: Fraction) -> str:
    """A quantity as a decimal where it has one, else as a rational."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    return format((Decimal(value.numerator) / Decimal(value.denominator)).normalize(), "f")


def figures(
    connection: Connection, company: int, lines: Mapping[str, kernel.LineRef], undone: Iterable[str]
) -> Report:
    """Everything the operations have touched, as it stands now."""
    gone = set(undone)
    by_op = _by_op(connection, {op: ref for op, ref in lines.items() if op not in gone})
    pools = kernel.pool_figures(connection, company)
    places = kernel.place_figures(connection, company)
    balances = _balances(pools, places)
    held = kernel.held_figures(connection, company)
    accounts = kernel.account_figures(connection, company)
    return {
        "balances": balances,
        "issues": _issues(by_op),
        "receipts": _receipts(by_op),
        "accounts": [
            {"account": _ACCOUNTS.get(name, name), "amount": str(amount)}
            for name, amount in accounts.items()
        ],
        "available": _available(balances, held),
        "layers": _layers(pools),
        "stocktake_diffs": _counts(by_op),
    }


def _by_op(
    connection: Connection, lines: Mapping[str, kernel.LineRef]
) -> dict[str, list[kernel.MoveFigures]]:
    """The moves of every operation; several may stand in one posting, one after the other."""
    moves: dict[int, list[kernel.MoveFigures]] = {}
    for move in kernel.figures_of(connection, {ref.posting for ref in lines.values()}):
        if not move.is_undone and move.kind != "void":
            moves.setdefault(move.posting, []).append(move)
    found: dict[str, list[kernel.MoveFigures]] = {}
    for op, ref in lines.items():
        later = [
            other.line
            for other in lines.values()
            if other.posting == ref.posting and other.line > ref.line
        ]
        end = min(later, default=None)
        found[op] = [
            move
            for move in moves.get(ref.posting, ())
            if move.line >= ref.line and (end is None or move.line < end)
        ]
    return found


def _worth(moves: Iterable[kernel.MoveFigures]) -> Decimal:
    return sum(
        (
            value
            for move in moves
            for account, value in move.values.items()
            if account not in _BESIDE
        ),
        Decimal(0),
    )


def _goes(move: kernel.MoveFigures, kinds: frozenset[str], counted: str) -> bool:
    """Which way a move goes; an absolute count may turn from gain to loss by what comes before."""
    if move.kind in {"count_gain", "count_loss"} and move.values:
        return counted in move.values
    return move.kind in kinds


def _issues(by_op: Mapping[str, Sequence[kernel.MoveFigures]]) -> list[Json]:
    found: list[Json] = []
    for op, moves in by_op.items():
        out = [move for move in moves if _goes(move, _OUT, "stocktake_loss")]
        if out:
            found.append({"op": op, "cost": str(-_worth(out))})
    return found


def _receipts(by_op: Mapping[str, Sequence[kernel.MoveFigures]]) -> list[Json]:
    """What an operation brought in, as a whole and line by line, counted from its first one."""
    found: list[Json] = []
    for op, moves in by_op.items():
        coming = [move for move in moves if _goes(move, _IN, "stocktake_gain")]
        if not coming:
            continue
        found.append({"op": op, "value": str(_worth(coming))})
        first = min(move.line for move in coming)
        for line in sorted({move.line for move in coming}):
            own = [move for move in coming if move.line == line]
            found.append({"op": op, "line": line - first, "value": str(_worth(own))})
    return found


def _counts(by_op: Mapping[str, Sequence[kernel.MoveFigures]]) -> list[Json]:
    return [
        {"op": op, "value": str(_worth(move for move in moves if move.kind in _COUNTED))}
        for op, moves in by_op.items()
        if any(move.kind in _COUNTED for move in moves)
    ]


_Place = tuple[str, str, str]


def _balances(
    pools: Sequence[kernel.PoolFigures], places: Sequence[kernel.PlaceFigures]
) -> list[Json]:
    """By warehouse and in the whole company, and by lot or serial number where there are any."""
    qty: dict[_Place, Fraction] = {}
    value: dict[_Place, Decimal] = {}
    for pool in pools:
        keys = {(pool.item, WHOLE, ""), (pool.item, pool.warehouse, "")}
        if pool.lot:
            keys |= {(pool.item, WHOLE, pool.lot), (pool.item, pool.warehouse, pool.lot)}
        for key in keys:
            qty[key] = qty.get(key, Fraction(0)) + pool.qty
            value[key] = value.get(key, Decimal(0)) + pool.value
    for place in places:
        if not place.bin:
            key = (place.item, place.warehouse, place.lot or place.serial)
            qty[key] = qty.get(key, Fraction(0)) + place.qty
    return [_balance(key, qty[key], value.get(key)) for key in sorted(qty)]


def _balance(key: _Place, qty: Fraction, value: Decimal | None) -> Json:
    item, warehouse, batch = key
    row: dict[str, Json] = {"item": item, "warehouse": warehouse}
    if batch:
        row["batch"] = batch
    row["qty"] = spelled(qty)
    if value is not None:
        row["value"] = str(value)
    return row


def _available(balances: Sequence[Json], held: Mapping[tuple[str, str], Fraction]) -> list[Json]:
    found: list[Json] = []
    for row in balances:
        assert isinstance(row, dict), "balances are rows"
        if "batch" not in row:
            key = str(row["item"]), str(row["warehouse"])
            left = Fraction(str(row["qty"])) - held.get(key, Fraction(0))
            found.append({"item": key[0], "warehouse": key[1], "qty": spelled(left)})
    return found


def _layers(pools: Sequence[kernel.PoolFigures]) -> list[Json]:
    return [
        {
            "item": pool.item,
            "warehouse": pool.warehouse,
            **({"batch": pool.lot} if pool.lot else {}),
            "layers": [[spelled(qty), str(value)] for qty, value in pool.layers],
        }
        for pool in pools
    ]
