"""Many deliveries at once: headers as the write path would have left them."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import Connection, insert, select

from bench.seeds import NOW
from runtime.compile import App
from runtime.infra.users import user_table

CUSTOMERS = 1_000
ROWS_AT_ONCE = 10_000
FIRST_DAY = date(2024, 1, 1)
DAYS = 1_000


def write_deliveries(connection: Connection, app: App, count: int) -> None:
    """Write so many deliveries for a thousand customers."""
    random = Random(2)
    customers = _customers(connection, app)
    titles: dict[int, str] = dict(
        connection.execute(select(customers.c.id, customers.c.f_name)).tuples().all()
    )
    people = connection.execute(select(user_table.c.id)).scalars().all()
    places = connection.execute(select(app.forms["warehouse"].table.c.id)).scalars().all()
    rows: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        customer = random.choice(list(titles)) if number % 50 == 1 else 1 + number % len(titles)
        person = random.choice(people)
        qty = Decimal(random.randint(1, 500))
        day = FIRST_DAY + timedelta(days=DAYS * number // count)
        document_no = f"XSCK-{day:%Y%m%d}-{number:07}"
        rows.append(
            _stamp(person)
            | {
                "status": "cancelled" if number % 20 == 0 else "posted",
                "search_text": f"{document_no.lower()} {titles[customer]}",
                "f_document_no": document_no,
                "f_customer": customer,
                "f_document_date": day,
                "f_warehouse": random.choice(places),
                "f_handled_by": person,
                "f_qty_total": qty,
                "f_amount_total": qty * random.randint(100, 99_999) / 100,
            }
        )
        if len(rows) == ROWS_AT_ONCE or number == count:
            connection.execute(insert(app.forms["delivery"].table), rows)
            rows.clear()


def _customers(connection: Connection, app: App) -> Any:
    table = app.forms["customer"].table
    connection.execute(insert(table), list(_customer_rows()))
    return table


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
