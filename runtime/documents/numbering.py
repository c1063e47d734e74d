"""Document numbers without gaps: counted under a row lock, in the transaction of the document.

A number is used or the transaction is rolled back and with it the count, so none is missing and
none is given twice. Whoever takes the next number of the same count waits for the one before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Executable

from runtime.compile.model import Form
from runtime.documents.tables import counters
from runtime.infra.act import Act
from runtime.infra.upsert import insert_for

# From never to daily; a date part as long as YYYYMM can tell months apart, not days.
_RESETS: Final = ("never", "year", "month", "day")
_DATE_PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "": ("never", ""),
    "YYYY": ("year", "%Y"),
    "YYYYMM": ("month", "%Y%m"),
    "YYMM": ("month", "%y%m"),
    "YYYYMMDD": ("day", "%Y%m%d"),
    "YYMMDD": ("day", "%y%m%d"),
}
_PERIODS: Final[Mapping[str, str]] = {
    "never": "",
    "year": "%Y",
    "month": "%Y-%m",
    "day": "%Y-%m-%d",
}


@dataclass(frozen=True)
class Count:
    """Which count a number belongs to."""

    app: str
    form: str
    field: str


def next_number(
    connection: Connection, count: Count, options: Mapping[str, Any], *, now: datetime, zone: str
) -> str:
    """Take the next number: prefix, date part in the company's zone, running number."""
    today = now.astimezone(ZoneInfo(zone)).date()
    running = _take(connection, count, period(options, today))
    return write(options, today, running)


def given(act: Act, form: Form, values: Mapping[str, Any]) -> dict[str, str]:
    """Take the numbers a record still lacks; what was rejected keeps the one it had."""
    lacking = (
        item
        for item in form.fields
        if item.kind.kind == "document_number" and not values.get(item.code)
    )
    return {
        item.code: next_number(
            act.connection,
            Count(form.app_code, form.code, item.code),
            item.options,
            now=act.now,
            zone=form.zone,
        )
        for item in lacking
    }


def period(options: Mapping[str, Any], today: date) -> str:
    """The period the count is for.

    The count never starts again more often than the date part changes, or numbers would repeat.
    """
    finest, _ = _DATE_PARTS[options.get("date", "")]
    asked = options.get("reset", finest)
    return today.strftime(_PERIODS[min(asked, finest, key=_RESETS.index)])


def write(options: Mapping[str, Any], today: date, running: int) -> str:
    """Put a number together: `XSCK-` `20261121` `0007`."""
    _, pattern = _DATE_PARTS[options.get("date", "")]
    digits = str(running).zfill(options.get("width", 4))
    return f"{options.get('prefix', '')}{today.strftime(pattern)}{digits}"


def _take(connection: Connection, count: Count, of_period: str) -> int:
    row = {"app": count.app, "form": count.form, "field": count.field, "period": of_period}
    taking = _taking(connection.dialect.name)
    return int(connection.execute(taking, row | {"last": 1}).scalar_one())


@cache
def _taking(dialect: str) -> Executable:
    """The first of a count is one, every next is one more: one statement, one row lock."""
    return (
        insert_for(dialect, counters)
        .on_conflict_do_update(
            index_elements=["app", "form", "field", "period"],
            set_={"last": counters.c.last + 1},
        )
        .returning(counters.c.last)
    )
