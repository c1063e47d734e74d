"""A posting while it is planned: where its document stands, what was found wrong, its moves."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from runtime.kernel.amounts import LIMIT
from runtime.kernel.commands import Header
from runtime.kernel.moves import Move, moves_of
from runtime.kernel.periods import hold_period, month_of
from runtime.kernel.planned import RANK, Row, day_of, moment
from runtime.kernel.pools import Pool, PoolKey, find_pools, heads, lock_pools
from runtime.kernel.refusals import Problem, Refusal, Refused
from runtime.kernel.registration import WHOLE_COMPANY, Company, Item, find_items, find_warehouses
from runtime.kernel.sql import run

_PRECEDENCE: Final = {code: place for place, code in enumerate(Refusal)}
_LAST: Final = 2**62


@dataclass(slots=True)
class Findings:
    """Everything found wrong; the reason that comes first in the list of refusals answers."""

    found: list[tuple[Refusal, Problem]] = field(default_factory=list)

    def add(self, code: Refusal, problem: Problem) -> None:
        """Note a place where a refusal holds."""
        self.found.append((code, problem))

    def refused(self) -> Refused | None:
        """The refusal to answer with, naming every place where it holds."""
        if not self.found:
            return None
        first = min((code for code, _ in self.found), key=_PRECEDENCE.__getitem__)
        return Refused(first, tuple(problem for code, problem in self.found if code is first))


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a document stands in time, and where its lines begin among those of the posting."""

    at: int
    order: int | None
    business_date: str
    first_line: int = 0

    @property
    def key(self) -> tuple[int, int]:
        """Its moment; without an order it comes after all that is there."""
        return self.at, _LAST if self.order is None else self.order


@dataclass(slots=True)
class Draft:
    """The posting so far. Parts of a batch share it; each has its own stand."""

    connection: Connection
    company: Company
    stand: Stand
    closed_through: str = ""
    moves: list[Move] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    extra: int = 0
    extras: list[tuple[str, Row]] = field(default_factory=list)
    pools: set[int] = field(default_factory=set)
    lots: dict[tuple[int, str, str], tuple[str, str]] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)
    # How much of earlier moves was returned or carried on, and invoiced; by their ids.
    taken: dict[int, int] = field(default_factory=dict)
    invoiced: dict[int, int] = field(default_factory=dict)
    # Of corrections of counts that are undone, the count that they corrected.
    corrected: dict[int, int] = field(default_factory=dict)
    known: dict[int, Move] = field(default_factory=dict)
    is_late: bool = False
    total_qty: int = 0
    total_value: int = 0
    _sources: dict[int, list[Move]] = field(default_factory=dict)

    def wrong(self, code: Refusal, line: int, name: str, given: Any = None) -> None:
        """Note what is wrong with a field of a line of the document at hand."""
        item = getattr(given, "item", "")
        warehouse = getattr(given, "warehouse", "")
        self.findings.add(code, Problem(self.stand.first_line + line, name, item, warehouse))

    def refused(self) -> Refused | None:
        """What was found wrong so far."""
        return self.findings.refused()

    def hold_month(self) -> None:
        """Hold the document's month open; a closed one is a finding."""
        day = self.stand.business_date
        self.closed_through = hold_period(self.connection, self.company.id, day)
        if self.is_closed(day):
            self.findings.add(Refusal.PERIOD_CLOSED, Problem(field="date", date=day))

    def is_closed(self, business_date: str) -> bool:
        """Whether the month of a date is closed."""
        return month_of(business_date) <= self.closed_through

    def weigh(self, line: int, given: Any, *, qty: int = 0, value: int = 0) -> None:
        """Lines that fit one by one may not fit together: the sums are kept as well."""
        self.total_qty += abs(qty)
        self.total_value += abs(value)
        if qty and self.total_qty >= LIMIT:
            self.wrong(Refusal.BAD_QTY, line, "qty", given)
        if value and self.total_value >= LIMIT:
            self.wrong(Refusal.BAD_VALUE, line, "amount", given)

    def find_pools(self, keys: Iterable[PoolKey]) -> dict[PoolKey, Pool]:
        """The pools of places, and note when something stands there later already."""
        wanted = set(keys)
        found = find_pools(self.connection, self.company.id, wanted)
        if self.company.rules.stocktake == "absolute":
            # What a count holds must not change between looking and posting.
            self.lock(pool.id for pool in found.values())
            found = find_pools(self.connection, self.company.id, wanted)
        at = self.stand.at if self.stand.order is None else self.stand.at - 1
        for key, pool in found.items():
            self.is_late = self.is_late or pool.latest_at > at
            self.owners[pool.id] = key[2]
        return found

    def lock(self, pools: Iterable[int]) -> None:
        """Hold pools before looking at what they hold."""
        lock_pools(self.connection, set(pools))

    def owner_of(self, pool: int) -> str:
        """Whose goods a pool holds."""
        if pool not in self.owners:
            self.owners[pool] = heads(self.connection, [pool])[pool].owner
        return self.owners[pool]

    def moves_of(self, posting: int) -> list[Move]:
        """The moves of an earlier posting of this company, none of one that was undone."""
        if posting not in self._sources:
            stands = run(
                self.connection,
                "SELECT 1 FROM k_posting p WHERE p.id = ? AND p.company = ?"
                " AND NOT EXISTS (SELECT 1 FROM k_posting v WHERE v.voids = p.id)",
                (posting, self.company.id),
            )
            self._sources[posting] = moves_of(self.connection, posting) if stands else []
        return self._sources[posting]

    def add(self, move: Move) -> Move:
        """Append a move; its id is its place."""
        move.id = len(self.moves)
        self.moves.append(move)
        return move

    def new_move(
        self, line: int, kind: str, item: int, pool: int, warehouse: int, dq: int, **more: Any
    ) -> Move:
        """A move of the document at hand, appended."""
        stand = self.stand
        return self.add(
            Move(
                0, 0, stand.first_line + line, kind, item, pool, warehouse, dq, stand.at,
                stand.order or 0, stand.business_date, **more,
            )
        )  # fmt: skip


def stand_of(company: Company, header: Header, rank: str, first_line: int = 0) -> Stand:
    """Where a document of a kind stands."""
    at = moment(header.date, RANK[rank], in_sequence=company.same_day == "sequence")
    return Stand(at, header.order, day_of(header.date), first_line)


@dataclass(frozen=True, slots=True)
class Names:
    """What the keys of a document stand for."""

    items: dict[str, Item]
    warehouses: dict[str, int]
    whole_company: int | None

    def pool_key(
        self, item: Item, warehouse: int, *, owner: str, lot: str, serial: str = ""
    ) -> PoolKey:
        """Which pool goods belong to, by the item's scope and method."""
        if item.scope == "company":
            assert self.whole_company is not None, "registered with the first item of such scope"
            warehouse = self.whole_company
        if item.policy.method == "specific":
            return item.id, warehouse, owner, serial or lot
        return item.id, warehouse, owner, lot if item.scope == "batch" else ""


def find_names(
    draft: Draft, items: Iterable[str], warehouses: Iterable[str], *, with_uoms: bool
) -> Names:
    """Look up the items and warehouses of a document."""
    company = draft.company.id
    places = find_warehouses(draft.connection, company, {*warehouses, WHOLE_COMPANY})
    whole = places.pop(WHOLE_COMPANY, None)
    return Names(
        find_items(draft.connection, company, set(items), with_uoms=with_uoms), places, whole
    )
