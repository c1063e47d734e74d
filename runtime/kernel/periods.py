"""Accounting periods: which month a posting falls into, and whether it may."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from sqlalchemy import Connection

from runtime.kernel.sql import run


def month_of(business_date: str) -> str:
    """The period of a date, `2026-11`."""
    return business_date[:7]


def hold_period(connection: Connection, company: int, business_date: str) -> str:
    """Hold the month so that it cannot close meanwhile; return the last month that is closed.

    Should it close while we wait for the lock, the answer is of before; the header's trigger then
    refuses the posting, and it is tried again.
    """
    if connection.dialect.name == "sqlite":
        return str(run(connection, f"SELECT {_CLOSED_THROUGH}", (company,))[0][0])
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
