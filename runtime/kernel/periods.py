"""Accounting periods: which month a posting falls into, and whether it may."""

from sqlalchemy import Connection

from runtime.kernel.sql import run


def month_of(business_date: str) -> str:
    """The period of a date, `2026-11`."""
    return business_date[:7]


def hold_period(connection: Connection, company: int, business_date: str) -> str:
    """Hold the month so that it cannot close meanwhile; return the last month that is closed."""
    if connection.dialect.name != "sqlite":
        month = (company, month_of(business_date))
        hold = "SELECT ym FROM k_period WHERE company = ? AND ym = ? FOR SHARE"
        if not run(connection, hold, month):
            run(
                connection,
                "INSERT INTO k_period (company, ym) VALUES (?, ?) ON CONFLICT DO NOTHING",
                month,
            )
            run(connection, hold, month)
    rows = run(
        connection,
        "SELECT closed_through FROM k_period_event WHERE company = ? ORDER BY n DESC LIMIT 1",
        (company,),
    )
    return str(rows[0][0]) if rows else ""
