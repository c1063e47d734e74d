"""The list of deliveries as a programmer writes it by hand: Flask, SQLAlchemy Core, Jinja.

One query with joins, one template, a signed cookie. No rights by role or row, no filter chips, no
columns to choose, no translations, no count.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, render_template, request, session
from sqlalchemy import Select, false, select

from runtime.compile import App
from runtime.infra.db import Database
from runtime.infra.users import user_table

SIZE = 50
SORTS = ("document_no", "document_date", "qty_total", "amount_total")


def hand_written(database: Database, definition: App) -> Flask:
    """The application; `/sign-in/<id>` signs a person in, `/deliveries` is the page."""
    app = Flask(__name__, template_folder=str(Path(__file__).parent))
    app.secret_key = "a benchmark has no secrets"  # noqa: S105
    app.jinja_env.filters["figure"] = _figure
    query = _query(definition)
    deliveries = definition.forms["delivery"].table

    def sign_in(person: int) -> str:
        session["person"] = person
        return "ok"

    def page() -> Response | str:
        with database.reading() as connection:
            person = connection.execute(
                select(user_table.c.display_name).where(
                    user_table.c.id == session.get("person"), user_table.c.is_disabled == false()
                )
            ).scalar()
            if person is None:
                abort(403)
            wanted = _narrowed(query, deliveries)
            rows = connection.execute(wanted.limit(SIZE + 1)).all()
        return render_template("page.html", person=person, rows=rows[:SIZE], more=len(rows) > SIZE)

    app.add_url_rule("/sign-in/<int:person>", view_func=sign_in)
    app.add_url_rule("/deliveries", view_func=page)
    return app


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
