"""A command becomes moves: names resolved, quantities in atoms, values in minor units."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import Connection

from runtime.kernel.amounts import (
    LIMIT,
    Exact,
    as_text,
    as_typed,
    extend,
    is_finite,
    to_atoms,
    to_minor,
)
from runtime.kernel.commands import (
    Issue,
    IssueLine,
    Line,
    LineRef,
    Receive,
    ReceiveLine,
    Transfer,
    TransferLine,
)
from runtime.kernel.moves import Move
from runtime.kernel.pools import Pool, PoolKey, find_pools
from runtime.kernel.refusals import Problem, Refusal, Refused
from runtime.kernel.registration import Company, Item, find_items, find_warehouses

_EPOCH = date(1970, 1, 1).toordinal()
RANKS_PER_SECOND = 8

# On one day goods come in before they go out; a clock time or the company's rule overrides that.
_RANKS: dict[type[Line], int] = {ReceiveLine: 0, TransferLine: 1, IssueLine: 2}


@dataclass(frozen=True, slots=True)
class Planned:
    """What a command comes to: its place in time, and moves whose ids are places in the posting."""

    kind: str
    business_date: str
    at: int
    moves: tuple[Move, ...]
    sources: tuple[tuple[int, LineRef], ...] = ()
    # Seen before locking: a pool has moves at or after this moment, or something is undone.
    is_late: bool = False
    voids: int | None = None


@dataclass(frozen=True, slots=True)
class _Named:
    """What the keys of a command stand for."""

    company: Company
    items: dict[str, Item]
    warehouses: dict[str, int]


def moment(when: date, rank: int, *, in_sequence: bool) -> int:
    """The business time as one number: seconds, and within one date the rank of the kind."""
    seconds = (when.toordinal() - _EPOCH) * 86400
    if isinstance(when, datetime):
        assert when.tzinfo is None, "business time is local; it has no zone"
        seconds += when.hour * 3600 + when.minute * 60 + when.second
        rank = 0
    return seconds * RANKS_PER_SECOND + (0 if in_sequence else rank)


def day_of(when: date) -> str:
    """The business date as text, `2026-11-21`."""
    return when.isoformat()[:10]


def rank_of(command: Receive | Issue | Transfer) -> int:
    """The place of a kind of command within a day."""
    return _RANKS[type(command.lines[0])]


def payload_hash(kind: str, when: date, lines: Iterable[Line]) -> str:
    """A digest of what is asked, equal for equal requests however their numbers are spelled."""
    spelled = [kind, when.isoformat()]
    for line in lines:
        fields = [line.item, line.warehouse, line.uom, line.lot, as_text(line.qty)]
        if isinstance(line, ReceiveLine):
            fields += [as_text(line.unit_cost), as_text(line.amount)]
        elif isinstance(line, TransferLine):
            fields += [line.to_warehouse, repr(line.source)]
        spelled.append("\x1f".join(fields))
    return sha256("\x1e".join(spelled).encode()).hexdigest()


def plan(
    connection: Connection, company: Company, command: Receive | Issue | Transfer
) -> Planned | Refused:
    """The moves a command asks for, or every problem of the first kind that stands in the way."""
    lines: tuple[Line, ...] = command.lines
    assert lines, "a command has lines"
    named = _named(connection, company, lines)
    refused = _first_refusal(named, lines)
    if refused is not None:
        return refused
    when = command.header.date
    at = moment(when, rank_of(command), in_sequence=company.same_day == "sequence")
    pools = find_pools(
        connection,
        company.id,
        {
            (named.items[line.item].id, named.warehouses[key])
            for line in lines
            for key in _warehouses_of(line)
        },
    )
    moves: list[Move] = []
    sources: list[tuple[int, LineRef]] = []
    for number, line in enumerate(lines):
        if isinstance(line, TransferLine) and line.source is not None:
            sources.append((len(moves), line.source))
        moves += _moves_of_line(named, pools, _Place(number, len(moves), at, day_of(when)), line)
    late = any(pool.latest_at > at for pool in pools.values()) or (
        command.header.order is not None and any(pool.latest_at >= at for pool in pools.values())
    )
    return Planned(
        type(command).__name__.lower(), day_of(when), at, tuple(moves), tuple(sources), late
    )


def _warehouses_of(line: Line) -> tuple[str, ...]:
    if isinstance(line, TransferLine):
        return line.warehouse, line.to_warehouse
    return (line.warehouse,)


def _named(connection: Connection, company: Company, lines: tuple[Line, ...]) -> _Named:
    items = {line.item for line in lines}
    with_uoms = any(line.uom for line in lines)
    warehouses = {key for line in lines for key in _warehouses_of(line)}
    return _Named(
        company,
        find_items(connection, company.id, items, with_uoms=with_uoms),
        find_warehouses(connection, company.id, warehouses),
    )


def _first_refusal(named: _Named, lines: tuple[Line, ...]) -> Refused | None:
    """Each check looks at every line; the first check that finds something answers."""
    for code, check in (
        (Refusal.UNKNOWN_ITEM, _unknown_item),
        (Refusal.UNKNOWN_WAREHOUSE, _unknown_warehouse),
        (Refusal.UNKNOWN_UOM, _unknown_uom),
        (Refusal.BAD_QTY, _bad_qty),
        (Refusal.SAME_WAREHOUSE, _same_warehouse),
        (Refusal.BAD_VALUE, _bad_value),
        (Refusal.NEGATIVE_VALUE, _negative_value),
    ):
        problems = tuple(
            Problem(number, field, line.item, line.warehouse)
            for number, line in enumerate(lines)
            if (field := check(named, line))
        )
        if problems:
            return Refused(code, problems)
    return _too_much(named, lines)


def _too_much(named: _Named, lines: tuple[Line, ...]) -> Refused | None:
    """Lines that fit one by one may not fit together: the sums of a posting are kept as well."""
    qty, value = 0, 0
    for number, line in enumerate(lines):
        atoms = _atoms(named, line)
        assert atoms is not None, "a quantity off the atoms was refused before"
        qty += atoms
        if isinstance(line, ReceiveLine):
            value += _value(named.company, line) or 0
        if qty >= LIMIT:
            return Refused(Refusal.BAD_QTY, (Problem(number, "qty", line.item, line.warehouse),))
        if value >= LIMIT:
            return Refused(
                Refusal.BAD_VALUE, (Problem(number, "amount", line.item, line.warehouse),)
            )
    return None


def _unknown_item(named: _Named, line: Line) -> str:
    return "" if line.item in named.items else "item"


def _unknown_warehouse(named: _Named, line: Line) -> str:
    if line.warehouse not in named.warehouses:
        return "warehouse"
    known = all(key in named.warehouses for key in _warehouses_of(line))
    return "" if known else "to_warehouse"


def _unknown_uom(named: _Named, line: Line) -> str:
    return "uom" if named.items[line.item].factor(line.uom) is None else ""


def _atoms(named: _Named, line: Line) -> int | None:
    item = named.items[line.item]
    factor = item.factor(line.uom)
    assert factor is not None, "unknown units were refused before"
    return to_atoms(line.qty, item.atoms_per_base, factor) if is_finite(line.qty) else None


def _bad_qty(named: _Named, line: Line) -> str:
    atoms = _atoms(named, line)
    return "qty" if atoms is None or not 0 < atoms < LIMIT else ""


def _same_warehouse(_named: _Named, line: Line) -> str:
    same = isinstance(line, TransferLine) and line.warehouse == line.to_warehouse
    return "to_warehouse" if same else ""


def _value(company: Company, line: ReceiveLine) -> int | None:
    if line.amount is not None:
        return to_minor(line.amount, company.value_scale)
    assert line.unit_cost is not None, "a receipt without a value was refused before"
    return extend(line.qty, line.unit_cost, company.value_scale, company.rounding)


def _bad_value(named: _Named, line: Line) -> str:
    if not isinstance(line, ReceiveLine):
        return ""
    given: Exact | None = line.amount if line.amount is not None else line.unit_cost
    field = "amount" if line.amount is not None else "unit_cost"
    if given is None or (line.amount is not None and line.unit_cost is not None):
        return field
    if not is_finite(given):
        return field
    value = _value(named.company, line)
    return field if value is None or abs(value) >= LIMIT else ""


def _negative_value(named: _Named, line: Line) -> str:
    if not isinstance(line, ReceiveLine):
        return ""
    value = _value(named.company, line)
    assert value is not None, "a value off the currency's grid was refused before"
    # A unit cost of -0.001 rounds to nothing and is refused all the same.
    negative = value < 0 or (line.unit_cost is not None and line.unit_cost < 0)
    return ("amount" if line.amount is not None else "unit_cost") if negative else ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a line stands: its number, the number of its first move, and its time."""

    line: int
    first: int
    at: int
    business_date: str


def _moves_of_line(
    named: _Named, pools: dict[PoolKey, Pool], place: _Place, line: Line
) -> list[Move]:
    item = named.items[line.item].id
    atoms = _atoms(named, line)
    assert atoms is not None, "quantities off the grid were refused before"
    pool = pools[item, named.warehouses[line.warehouse]].id

    def move(kind: str, pool: int, dq: int, nth: int = 0) -> Move:
        # The order and the posting follow when the posting is numbered.
        return Move(
            place.first + nth, 0, place.line, kind, item, pool, dq, place.at, 0,
            place.business_date, uom=line.uom, uom_qty=as_typed(line.qty), lot=line.lot,
        )  # fmt: skip

    if isinstance(line, ReceiveLine):
        received = move("receive", pool, atoms)
        received.amount = _value(named.company, line)
        received.unit_cost = as_typed(line.unit_cost)
        return [received]
    if isinstance(line, IssueLine):
        return [move("issue", pool, -atoms)]
    target = pools[item, named.warehouses[line.to_warehouse]].id
    arriving = move("transfer_in", target, atoms, 1)
    arriving.peer = place.first
    return [move("transfer_out", pool, -atoms), arriving]
