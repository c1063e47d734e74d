"""Moves in business order: read from the ledger or about to be written."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from sqlalchemy import Connection

from runtime.kernel.lines import DocumentRef
from runtime.kernel.pools import Moment
from runtime.kernel.sql import in_chunks, marks, run, spelled
from runtime.kernel.tables import ROWS_PER_POSTING


@dataclass(slots=True)
class Move:
    """A fact of the ledger, and what its value entries add up to by account.

    Kinds that bring goods in: receive, transfer_in, sales_return, produce, count_gain. That take
    goods out: issue, transfer_out, purchase_return, consume, count_loss. That move no goods:
    late (landed cost, invoice; `origin` is the receipt), adjust, count_value, standard. `void`
    mirrors the move it voids.

    `amount` in minor units is what is given from outside: the worth of a receipt, of a gain with a
    price, of an output with a fixed price, of an adjustment, of a late cost; of count_value and
    standard the worth of all that is there follows from `unit_cost`. `weight` is an output's part.
    `mode` says by which rule the move is valued where there is a choice: of a late cost "replay" or
    "split" followed by what it is ("replay landed_cost", "split invoice"); of a return "original"
    or "current"; of an output "share", "fixed" or "input"; of a count "delta" or "absolute".
    `layers` are those that a transfer brought, as the value entries say.
    `peer` is, of transfer_in, the leg that went out; of an output at input cost, what it came from.
    """

    id: int
    posting: int
    line: int
    kind: str
    item: int
    pool: int
    warehouse: int
    dq: int
    at: int
    ord: int
    business_date: str
    amount: int | None = None
    weight: int | None = None
    mode: str = ""
    peer: int | None = None
    origin: int | None = None
    voids: int | None = None
    lot: str = ""
    serial: str = ""
    bin: str = ""
    uom: str = ""
    uom_qty: str = ""
    unit_cost: str = ""
    values: dict[str, int] = field(default_factory=dict)
    layers: str = ""

    @property
    def key(self) -> tuple[int, int, int]:
        """Its place in the one order of all moves."""
        return self.at, self.ord, self.id

    @property
    def value(self) -> int:
        """What the pool gained or lost by it."""
        return sum(self.values.values())


# The same as `Move.key`, for sorting many.
by_key: Callable[[Move], tuple[int, int, int]] = attrgetter("at", "ord", "id")


_COLUMNS = (
    "m.id, m.posting, m.line, m.kind, m.item, m.pool, m.warehouse, m.dq, m.at, m.ord,"
    " m.business_date, m.amount, m.weight, m.mode, m.peer, m.origin, m.voids, m.lot, m.serial,"
    " m.bin"
)
# What a person typed matters only where a move is shown or mirrored.
_TYPED = ", m.uom, m.uom_qty, m.unit_cost"


def _read(connection: Connection, condition: str, params: list[int]) -> list[Move]:
    rows = run(
        connection,
        f"SELECT {_COLUMNS}{_TYPED} FROM k_move m WHERE {condition} ORDER BY m.at, m.ord, m.id",
        params,
    )
    moves = [Move(*row) for row in rows]
    _fill_in_values(connection, moves, condition, params)
    return moves


def _fill_in_values(
    connection: Connection, moves: Sequence[Move], condition: str, params: list[int]
) -> None:
    """A statement of its own, in the order of an index: joining and grouping costs thrice that."""
    if not moves:
        return
    known = {move.id: move for move in moves}
    for number, account, dv in run(
        connection,
        "SELECT v.move, v.account, v.dv FROM k_move m CROSS JOIN k_value_entry v"
        f" WHERE v.move = m.id AND {condition}",
        params,
    ):
        values = known[number].values
        values[account] = values.get(account, 0) + dv


# Columns that say nothing of most moves: a late document reads many thousands of them.
_RARE = ("weight", "mode", "peer", "origin", "voids", "lot", "serial", "bin")
_IS_PLAIN = (
    "coalesce(m.weight, m.peer, m.origin, m.voids) IS NULL"
    " AND m.mode = '' AND m.lot = '' AND m.serial = '' AND m.bin = ''"
)


def tail(connection: Connection, pool: int, item: int, after: Moment) -> list[Move]:
    """Every move of a pool later than a business moment, in the order of moments.

    All of them are of the one item, and a move's id tells its posting: the guards see to that.
    """
    condition, params = "m.pool = ? AND (m.at, m.ord) > (?, ?)", [pool, *after]
    rows = run(
        connection,
        "SELECT m.id, m.line, m.kind, m.warehouse, m.dq, m.at, m.ord, m.business_date, m.amount,"
        f" CASE WHEN {_IS_PLAIN} THEN 0 ELSE 1 END FROM k_move m WHERE {condition}"
        " ORDER BY m.at, m.ord",
        params,
    )
    moves = [
        Move(
            number, number // ROWS_PER_POSTING, line, kind, item, pool, warehouse, dq, at, order,
            day, amount,
        )
        for number, line, kind, warehouse, dq, at, order, day, amount, _ in rows
    ]  # fmt: skip
    if any(row[-1] for row in rows):
        _fill_in_rare(connection, moves, condition, params)
    del rows
    _fill_in_values(connection, moves, condition, params)
    return moves


def _fill_in_rare(
    connection: Connection, moves: Iterable[Move], condition: str, params: list[int]
) -> None:
    known = {move.id: move for move in moves}
    for number, *rare in run(
        connection,
        f"SELECT m.id, {', '.join(f'm.{name}' for name in _RARE)} FROM k_move m"
        f" WHERE {condition} AND NOT ({_IS_PLAIN})",
        params,
    ):
        for name, value in zip(_RARE, rare, strict=True):
            setattr(known[number], name, value)


def read_layers(connection: Connection, moves: Iterable[Move]) -> None:
    """Fill in which layers came by transfer; asked for where goods are costed in layers."""
    arrived = {move.id: move for move in moves if move.kind == "transfer_in"}
    for chunk in in_chunks(sorted(arrived)):
        for number, layers in run(
            connection,
            f"SELECT move, layers FROM k_value_entry WHERE move IN ({marks(chunk)})"
            " AND layers <> '' ORDER BY id",
            chunk,
        ):
            arrived[number].layers = layers


def moves_of(connection: Connection, posting: int) -> list[Move]:
    """The moves of one posting, in the order of their lines."""
    bounds = [posting * ROWS_PER_POSTING, (posting + 1) * ROWS_PER_POSTING]
    found = _read(connection, "m.id > ? AND m.id < ?", bounds)
    return sorted(found, key=lambda move: move.id)


def stream_effective(connection: Connection, company: int) -> Iterator[Move]:
    """Every effective move of a company in business order, a few thousand at a time."""
    statement = (
        f"SELECT {_COLUMNS}, v.account, CAST(sum(v.dv) AS BIGINT) FROM k_move m"
        " JOIN k_pool p ON p.id = m.pool LEFT JOIN k_value_entry v ON v.move = m.id"
        " WHERE p.company = ? AND m.voids IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM k_move o WHERE o.voids = m.id)"
        " GROUP BY m.id, v.account ORDER BY m.at, m.ord, m.id"
    )
    rows = connection.exec_driver_sql(
        spelled(connection, statement),
        (company,),
        execution_options={"stream_results": True, "yield_per": 5000},
    )
    move: Move | None = None
    for row in rows:
        if move is None or row[0] != move.id:
            if move is not None:
                yield move
            move = Move(*row[:20])
        if row[20] is not None:
            move.values[row[20]] = row[21]
    if move is not None:
        yield move


def moves_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Move]:
    """Moves by their ids."""
    found: dict[int, Move] = {}
    for chunk in in_chunks(ids):
        for move in _read(connection, f"m.id IN ({marks(chunk)})", chunk):
            found[move.id] = move
    return found


def continued_by(connection: Connection, origins: Iterable[int]) -> list[Move]:
    """The effective moves that continue these: second legs, returns."""
    found: list[Move] = []
    for chunk in in_chunks(origins):
        found += _read(
            connection,
            f"m.origin IN ({marks(chunk)}) AND m.kind <> 'void'"
            " AND NOT EXISTS (SELECT 1 FROM k_move o WHERE o.voids = m.id)",
            chunk,
        )
    return found


def effective(moves: Iterable[Move]) -> list[Move]:
    """The moves without those that were undone and without the ones that undo them."""
    known = list(moves)
    undone = {move.voids for move in known if move.voids is not None}
    return [move for move in known if move.voids is None and move.id not in undone]


def documents_of(connection: Connection, postings: Iterable[int]) -> dict[int, DocumentRef]:
    """The documents that postings stand for."""
    found: dict[int, DocumentRef] = {}
    for chunk in in_chunks(sorted(set(postings))):
        for number, doc_type, doc_id in run(
            connection,
            f"SELECT id, doc_type, doc_id FROM k_posting WHERE id IN ({marks(chunk)})",
            chunk,
        ):
            found[number] = DocumentRef(doc_type, doc_id)
    return found


def moves_of_serials(connection: Connection, serials: Iterable[tuple[int, str]]) -> list[Move]:
    """Every move of these serial numbers of items, undone ones too."""
    found: list[Move] = []
    for item, serial in sorted(serials):
        rows = run(
            connection,
            f"SELECT {_COLUMNS} FROM k_move m WHERE m.item = ? AND m.serial = ? AND m.serial <> ''",
            (item, serial),
        )
        found += [Move(*row) for row in rows]
    return found


def consumed_by(connection: Connection, postings: Iterable[int]) -> list[Move]:
    """What assemblies used up."""
    found: list[Move] = []
    for posting in postings:
        bounds = [posting * ROWS_PER_POSTING, (posting + 1) * ROWS_PER_POSTING]
        found += _read(connection, "m.id > ? AND m.id < ? AND m.kind = 'consume'", bounds)
    return found
