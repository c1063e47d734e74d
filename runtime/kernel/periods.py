"""Accounting periods: which month a posting falls into, whether it may, and what is closed."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from runtime.kernel.sql import run

_EPOCH: Final = date(1970, 1, 1).toordinal()
# Business time counts seconds, and within each second eight ranks.
_PER_DAY: Final = 86400 * 8
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing that is in force: the month, and the posting with what everything held then."""

    ym: str
    posting: int


def month_of(business_date: str) -> str:
    """The period of a date, `2026-11`."""
    return business_date[:7]


def is_month(ym: str) -> bool:
    """Whether the text names a month: `2026-11`."""
    return _MONTH.fullmatch(ym) is not None and ym < "9999-12" and ym >= "0001-01"


def next_month(ym: str) -> str:
    """The month after a month."""
    year, month = int(ym[:4]), int(ym[5:])
    return f"{year + month // 12:04d}-{month % 12 + 1:02d}"


def start_of_day(day: date) -> int:
    """The first business moment of a day."""
    return (day.toordinal() - _EPOCH) * _PER_DAY


def start_of_month(ym: str) -> int:
    """The first business moment of a month."""
    return start_of_day(date(int(ym[:4]), int(ym[5:]), 1))


def day_at(moment: int) -> str:
    """The date of a business moment."""
    return date.fromordinal(moment // _PER_DAY + _EPOCH).isoformat()


def closed_through(connection: Connection, company: int) -> str:
    """The last month that is closed; empty where none is."""
    return str(run(connection, f"SELECT {_CLOSED_THROUGH}", (company,))[0][0])


def hold_period(connection: Connection, company: int, business_date: str) -> str:
    """Hold the month so that it cannot close meanwhile; return the last month that is closed.

    Should it close while we wait for the lock, the answer is of before; the header's trigger then
    refuses the posting, and it is tried again.
    """
    if connection.dialect.name == "sqlite":
        return closed_through(connection, company)
    month = (company, month_of(business_date))
    hold = f"SELECT {_CLOSED_THROUGH} FROM k_period WHERE company = ? AND ym = ? FOR SHARE"
    rows = run(connection, hold, (company, *month))
    if not rows:
        run(
            connection,
            "INSERT INTO k_period (company, ym) VALUES (?, ?) ON CONFLICT DO NOTHING",
            month,
        )
        rows = run(connection, hold, (company, *month))
    return str(rows[0][0])


_CLOSED_THROUGH = (
    "coalesce((SELECT closed_through FROM k_period_event WHERE company = ?"
    " ORDER BY n DESC LIMIT 1), '')"
)


def closings(connection: Connection, company: int, known_at: int | None = None) -> list[Closing]:
    """The closings that are in force, or were at a sequence number of the chain, oldest first."""
    condition, params = "e.company = ?", [company]
    if known_at is not None:
        condition += " AND p.seq <= ?"
        params.append(known_at)
    found: list[Closing] = []
    for kind, ym, posting in run(
        connection,
        "SELECT e.kind, e.ym, e.posting FROM k_period_event e JOIN k_posting p ON p.id = e.posting"
        f" WHERE {condition} ORDER BY e.n",
        params,
    ):
        # Months are closed in order and only the last is opened again.
        if kind == "close":
            found.append(Closing(ym, posting))
        else:
            found.pop()
    return found
