"""Many deliveries at once: headers as the write path would have left them, in one statement."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, select, text

from bench.seeds import NOW
from runtime.compile import App
from runtime.infra.columns import ExactDecimal, Instant
from runtime.infra.users import user_table

CUSTOMERS = 1_000
FIRST_DAY = date(2024, 1, 1)
DAYS = 1_000
# What the databases spell differently: numbers in a row, a day so many days later, how it is
# written in a document's number, seven digits, a decimal from its smallest steps.
_SPELLED: Final[dict[str, dict[str, str]]] = {
    "sqlite": {
        "numbers": "WITH RECURSIVE number(n) AS"
        " (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :count)",
        "day": "date('2024-01-01', (:days * n / :count) || ' days')",
        "written": "replace({day}, '-', '')",
        "digits": "printf('%07d', n)",
        "decimal": "({value}) * {step}",
    },
    "postgresql": {
        "numbers": "WITH number AS (SELECT generate_series(1, CAST(:count AS bigint)) AS n)",
        "day": "(DATE '2024-01-01' + CAST(:days * n / :count AS integer))",
        "written": "to_char({day}, 'YYYYMMDD')",
        "digits": "lpad(CAST(n AS text), 7, '0')",
        "decimal": "CAST({value} AS numeric)",
    },
}
_STATEMENT: Final = """
INSERT INTO {deliveries} (version, status, created_by, created_at, updated_by, updated_at,
    search_text, f_document_no, f_customer, f_document_date, f_warehouse, f_handled_by,
    f_qty_total, f_amount_total)
{numbers},
customer AS (SELECT id, f_name, row_number() OVER (ORDER BY id) - 1 AS at FROM {customers}),
place AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS at FROM {places}),
person AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS at FROM s_user),
made AS (SELECT n, 'XSCK-' || {written} || '-' || {digits} AS no, {day} AS day,
    1 + n * 7919 % 500 AS qty, 100 + n * 104729 % 99900 AS cents FROM number)
SELECT 1, CASE WHEN n % 20 = 0 THEN 'cancelled' ELSE 'posted' END, person.id, :now, person.id, :now,
    lower(no) || ' ' || customer.f_name, no, customer.id, day, place.id, person.id,
    {qty}, {amount}
FROM made
JOIN customer ON customer.at = n % :customers
JOIN place ON place.at = n % :places
JOIN person ON person.at = n % :people
ORDER BY n
"""


def write_deliveries(connection: Connection, app: App, count: int) -> None:
    """Write so many deliveries for a thousand customers."""
    customers, places = app.forms["customer"].table, app.forms["warehouse"].table
    connection.execute(insert(customers), list(_customer_rows()))
    deliveries = app.forms["delivery"].table
    spelled = _SPELLED[connection.dialect.name]
    day = spelled["day"]
    statement = _STATEMENT.format(
        deliveries=deliveries.name,
        customers=customers.name,
        places=places.name,
        numbers=spelled["numbers"],
        day=day,
        written=spelled["written"].format(day=day),
        digits=spelled["digits"],
        qty=_decimal(spelled, deliveries.c.f_qty_total, "qty", 0),
        amount=_decimal(spelled, deliveries.c.f_amount_total, "qty * cents", 2),
    )
    rows = {
        "customers": select(func.count()).select_from(customers),
        "places": select(func.count()).select_from(places),
        "people": select(func.count()).select_from(user_table),
    }
    many = {name: connection.execute(query).scalar_one() for name, query in rows.items()}
    if connection.dialect.name == "postgresql":
        # A million rows and their index of words in one statement.
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    writing = text(statement).bindparams(bindparam("now", type_=Instant()))
    connection.execute(writing, {"count": count, "days": DAYS, "now": NOW, **many})


def _decimal(spelled: dict[str, str], column: Any, value: str, places: int) -> str:
    """Spell a decimal whose value is counted in steps of so many places."""
    assert isinstance(column.type, ExactDecimal), "sums of documents are exact"
    if "{step}" in spelled["decimal"]:
        return spelled["decimal"].format(value=value, step=10 ** (column.type.scale - places))
    found = spelled["decimal"].format(value=value)
    return f"{found} / {10**places}"


def number_of(number: int, count: int) -> tuple[str, date]:
    """Return what the delivery of that number is called, and its day."""
    day = FIRST_DAY + timedelta(days=DAYS * number // count)
    return f"XSCK-{day:%Y%m%d}-{number:07}", day


def _customer_rows() -> Iterator[dict[str, Any]]:
    for number in range(CUSTOMERS):
        name = f"宁波恒远五金贸易有限公司 {number:04}"
        columns = {"f_customer_no": f"K{number:05}", "f_name": name, "search_text": name}
        yield _stamp(None) | columns | {"status": "active"}


def _stamp(person: int | None) -> dict[str, Any]:
    return {
        "version": 1,
        "created_by": person,
        "created_at": NOW,
        "updated_by": person,
        "updated_at": NOW,
    }
