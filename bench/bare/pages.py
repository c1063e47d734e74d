"""The list of deliveries as a programmer writes it by hand: Flask, SQLAlchemy Core, Jinja.

The session and the roles are read from the database, rows are those of one's departments, the
navigation says what waits: the same checks and the same data as our page. Four statements, the
page's with joins; one template. What it does not have: rights anybody could change, fields hidden
by right, columns to choose, views, filter chips, pins, translations, places in other orders than
the id, a token against forged requests, a packed frame for phones.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask, Response, render_template, request
from sqlalchemy import Select, func, select

from bench.bare.people import by_session, theirs
from runtime.compile import App
from runtime.infra.db import Database
from runtime.infra.notices import notice_table
from runtime.infra.users import user_table
from runtime.workflow.tables import tasks

SIZE = 50
SORTS = ("document_no", "document_date", "qty_total", "amount_total")


def hand_written(database: Database, definition: App) -> Flask:
    """The application; `/deliveries` is the page, for who has the cookie of a session."""
    app = Flask(__name__, template_folder=str(Path(__file__).parent))
    app.jinja_env.filters["figure"] = _figure
    query = _query(definition)
    deliveries = definition.forms["delivery"].table

    def page() -> Response | str:
        with database.reading() as connection:
            person = by_session(connection, request.cookies.get("sid", ""))
            wanted, own = _narrowed(query, deliveries), theirs(person, deliveries)
            wanted = wanted if own is None else wanted.where(own)
            rows = connection.execute(wanted.limit(SIZE + 1)).all()
            waiting = connection.execute(_waiting(person.id)).one()
        shown, more = rows[:SIZE], len(rows) > SIZE
        return render_template(
            "page.html", person=person.name, waiting=waiting, rows=shown, more=more
        )

    app.add_url_rule("/deliveries", view_func=page)
    return app


def _waiting(person: int) -> Select[Any]:
    asked = select(func.count()).where(tasks.c.user_id == person, tasks.c.state == "open")
    told = select(func.count()).where(
        notice_table.c.user_id == person, notice_table.c.read_at.is_(None)
    )
    return select(asked.scalar_subquery().label("tasks"), told.scalar_subquery().label("notices"))


def _query(definition: App) -> Select[Any]:
    forms = definition.forms
    delivery, customer = forms["delivery"].table, forms["customer"].table
    place = forms["warehouse"].table
    columns = delivery.c
    return (
        select(
            columns.id,
            columns.f_document_no.label("document_no"),
            customer.c.f_name.label("customer"),
            place.c.f_name.label("warehouse"),
            columns.f_document_date.label("document_date"),
            columns.f_qty_total.label("qty_total"),
            columns.f_amount_total.label("amount_total"),
            user_table.c.display_name.label("handled_by"),
            columns.status,
        )
        .outerjoin(customer, customer.c.id == columns.f_customer)
        .outerjoin(place, place.c.id == columns.f_warehouse)
        .outerjoin(user_table, user_table.c.id == columns.f_handled_by)
    )


def _narrowed(query: Select[Any], deliveries: Any) -> Select[Any]:
    if after := request.args.get("after", type=int):
        query = query.where(deliveries.c.id < after)
    if least := request.args.get("more_than", type=Decimal):
        query = query.where(deliveries.c.f_amount_total > least)
    if status := request.args.get("status"):
        query = query.where(deliveries.c.status == status)
    if words := request.args.get("q"):
        query = query.where(deliveries.c.search_text.contains(words.lower(), autoescape=True))
    sort = request.args.get("sort", "")
    if sort.removeprefix("-") in SORTS:
        column = deliveries.c[f"f_{sort.removeprefix('-')}"]
        query = query.order_by(column.desc() if sort.startswith("-") else column.asc())
    return query.order_by(deliveries.c.id.desc())


def _figure(value: Decimal | None) -> str:
    if value is None:
        return ""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
