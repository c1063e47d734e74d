"""Closing a month and opening it again: nothing of a closed month changes any more."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from runtime.kernel.amounts import from_atoms
from runtime.kernel.chain import digest, spell
from runtime.kernel.commands import ClosePeriod, Header, ReopenPeriod
from runtime.kernel.period_state import (
    PoolState,
    PositionState,
    pools_at,
    positions_at,
)
from runtime.kernel.periods import (
    closed_through,
    closings,
    is_month,
    next_month,
    start_of_month,
)
from runtime.kernel.planned import Planned, Row, day_of, moment
from runtime.kernel.refusals import Problem, Refusal, Refused
from runtime.kernel.registration import Company
from runtime.kernel.sql import in_chunks, marks, run

# Postings about periods are no part of what they close, and holding goods changes no books.
_ABOUT = "('close_period', 'reopen_period', 'reserve', 'release')"


def plan_close(connection: Connection, company: Company, command: ClosePeriod) -> Planned | Refused:
    """Close the next month: what everything held at its end, and a digest of it all."""
    _hold_chain(connection, company.id)
    last = closed_through(connection, company.id)
    if not is_month(command.ym) or (last and command.ym != next_month(last)):
        return Refused(Refusal.CLOSE_ORDER, (Problem(field="ym", date=last),))
    end = start_of_month(next_month(command.ym))
    pools = pools_at(connection, company, end)
    positions = positions_at(connection, company.id, end)
    if company.rules.close_negative != "allow":
        refused = _refuse_negative(connection, pools, positions, command.ym)
        if refused is not None:
            return refused
    own = _digest(connection, company.id, (last, command.ym), pools, positions)
    rows: list[tuple[str, Row]] = [
        _event(connection, company.id, ("close", command.ym, command.ym, own, ""))
    ]
    rows += [("k_snapshot", (None, pool.id, pool.qty, pool.value, pool.state)) for pool in pools]
    rows += [("k_snapshot_position", (None, place.id, place.qty)) for place in positions]
    return _planned(command.header, "close_period", rows)


def plan_reopen(
    connection: Connection, company: Company, command: ReopenPeriod
) -> Planned | Refused:
    """Open the last closed month again; what its closing found stays on record."""
    _hold_chain(connection, company.id)
    if not command.reason.strip():
        return Refused(Refusal.CANNOT_REVERSE, (Problem(field="reason"),))
    closed = closings(connection, company.id)
    if not closed or closed[-1].ym != command.ym:
        last = closed[-1].ym if closed else ""
        return Refused(Refusal.CLOSE_ORDER, (Problem(field="ym", date=last),))
    before = closed[-2].ym if len(closed) > 1 else ""
    event = _event(connection, company.id, ("reopen", command.ym, before, "", command.reason))
    return _planned(command.header, "reopen_period", [event])


def _hold_chain(connection: Connection, company: int) -> None:
    """Let every posting that has its header finish, and none that has not.

    Who posts takes this lock last, just before the header; its trigger then sees the month closed.
    """
    if connection.dialect.name != "sqlite":
        run(connection, "SELECT id FROM k_company WHERE id = ? FOR NO KEY UPDATE", (company,))


def _event(
    connection: Connection, company: int, event: tuple[str, str, str, str, str]
) -> tuple[str, Row]:
    kind, ym, through, own, reason = event
    last = run(
        connection, "SELECT coalesce(max(n), 0) FROM k_period_event WHERE company = ?", (company,)
    )
    row: Row = (company, int(last[0][0]) + 1, None, kind, ym, through, own, reason)
    return "k_period_event", row


def _planned(header: Header, kind: str, rows: Iterable[tuple[str, Row]]) -> Planned:
    at = moment(header.date, 0, in_sequence=True)
    return Planned(kind, day_of(header.date), at, (), extras=tuple(rows))


def _refuse_negative(
    connection: Connection,
    pools: Sequence[PoolState],
    positions: Sequence[PositionState],
    ym: str,
) -> Refused | None:
    """A month that ends with less than nothing somewhere is not closed."""
    short = {pool.id: pool.qty for pool in pools if pool.qty < 0}
    places = {place.id: place.qty for place in positions if place.qty < 0}
    problems = _named(connection, "k_pool", short, ym)
    problems += _named(connection, "k_position", places, ym)
    unique = tuple(dict.fromkeys(problems))
    return Refused(Refusal.CLOSE_NEGATIVE, unique) if unique else None


def _named(connection: Connection, table: str, short: dict[int, int], ym: str) -> list[Problem]:
    found: list[Problem] = []
    for chunk in in_chunks(sorted(short)):
        for number, item, warehouse, per_base in run(
            connection,
            f"SELECT p.id, i.key, w.key, i.atoms_per_base FROM {table} p"
            " JOIN k_item i ON i.id = p.item JOIN k_warehouse w ON w.id = p.warehouse"
            f" WHERE p.id IN ({marks(chunk)}) ORDER BY i.id, w.id, p.id",
            chunk,
        ):
            on_hand = from_atoms(short[number], per_base)
            found.append(
                Problem(field="ym", item=item, warehouse=warehouse, on_hand=on_hand, date=ym)
            )
    return found


def _digest(
    connection: Connection,
    company: int,
    months: tuple[str, str],
    pools: Sequence[PoolState],
    positions: Sequence[PositionState],
) -> str:
    """One hash over the postings of the months that close and over what everything holds then."""
    parts = [
        "#".join(_hashes(connection, company, months)),
        ";".join(spell((pool.id, pool.qty, pool.value, pool.state)) for pool in pools),
        ";".join(spell((place.id, place.qty)) for place in positions),
    ]
    return digest("\n".join(parts))


def _hashes(connection: Connection, company: int, months: tuple[str, str]) -> list[str]:
    """The hashes of the postings after the first month up to the second, in their sequence.

    A posting of several documents belongs here as soon as one of them does.
    """
    after, through = months
    start = start_of_month(next_month(after)) if after else -(2**62)
    rows = run(
        connection,
        "SELECT h.hash FROM k_posting h WHERE h.company = ?"
        f" AND h.kind NOT IN {_ABOUT} AND ((substr(h.business_date, 1, 7) > ?"
        " AND substr(h.business_date, 1, 7) <= ?) OR h.id IN"
        " (SELECT m.posting FROM k_pool p JOIN k_move m ON m.pool = p.id"
        " AND m.at >= ? AND m.at < ? WHERE p.company = ?)) ORDER BY h.seq",
        (company, after, through, start, start_of_month(next_month(through)), company),
    )
    return [row[0] for row in rows]
