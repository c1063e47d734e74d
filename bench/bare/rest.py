"""Customers and deliveries over REST as a programmer writes them by hand: Flask, SQLAlchemy Core.

A token looked up with its person and roles, three fields checked, one row written under its
version; deliveries are those of one's departments, with the names of what they refer to. No rights
by field, no keys against sending twice, no history, no numbers, no other forms.
"""

from decimal import Decimal
from typing import Any

from flask import Flask, Response, abort, jsonify, request
from sqlalchemy import Connection, insert, select, update

from bench.bare.people import Person, by_token, theirs
from bench.seeds import NOW
from runtime.compile import App
from runtime.infra.db import Database
from runtime.infra.users import user_table

PREFIX = "/api/v1/apps/jxc/forms"
FIELDS = ("customer_no", "name", "phone")
LONGEST = 100
COLUMNS = ("document_no", "customer", "warehouse", "document_date", "qty_total", "amount_total")


def by_hand(database: Database, definition: App) -> Flask:
    """The application: customers made, changed and read; deliveries over an amount."""
    app, page = Flask(__name__), _Page(database, definition)
    app.add_url_rule(f"{PREFIX}/customer/records", view_func=page.create, methods=["POST"])
    place = f"{PREFIX}/customer/records/<int:key>"
    app.add_url_rule(place, view_func=page.change, methods=["PATCH"])
    app.add_url_rule(place, view_func=page.read)
    app.add_url_rule(f"{PREFIX}/delivery/query", view_func=page.query, methods=["POST"])
    return app


class _Page:
    """The four views."""

    def __init__(self, database: Database, definition: App) -> None:
        self.database = database
        self.customers = definition.forms["customer"].table
        self.deliveries = definition.forms["delivery"].table
        self.places = definition.forms["warehouse"].table

    def create(self) -> tuple[Response, int]:
        values = _values(("customer_no", "name"))
        with self.database.transaction() as connection:
            person = _caller(connection).id
            row = {**values, "search_text": " ".join(values.values()), **_stamp(person)}
            made = insert(self.customers).values(**row).returning(self.customers.c.id)
            key = connection.execute(made).scalar_one()
        return jsonify(id=key, version=1, values=_named(values)), 201

    def change(self, key: int) -> Response:
        values, version = _values(()), int(request.headers["If-Match"].strip('"'))
        columns = self.customers.c
        with self.database.transaction() as connection:
            person = _caller(connection).id
            this = (columns.id == key, columns.version == version)
            row = {**values, "version": version + 1, "updated_by": person, "updated_at": NOW}
            if connection.execute(update(self.customers).where(*this).values(**row)).rowcount != 1:
                abort(409)
        return jsonify(id=key, version=version + 1, values=_named(values))

    def read(self, key: int) -> Response:
        with self.database.reading() as connection:
            _caller(connection)
            wanted = select(self.customers).where(self.customers.c.id == key)
            row = connection.execute(wanted).one()
        values = {name: row._mapping[f"f_{name}"] for name in FIELDS}
        return jsonify(id=row.id, version=row.version, values=values)

    def query(self) -> Response:
        asked: Any = request.get_json()
        table, least = self.deliveries, Decimal(asked["where"]["values"][0])
        columns = [table.c[f"f_{name}"].label(name) for name in COLUMNS]
        customers, places = self.customers.c, self.places.c
        names = customers.f_name.label("customer_name"), places.f_name.label("warehouse_name")
        wanted = (
            select(table.c.id, *columns, *names, user_table.c.display_name.label("handled_by"))
            .outerjoin(self.customers, customers.id == table.c.f_customer)
            .outerjoin(self.places, places.id == table.c.f_warehouse)
            .outerjoin(user_table, user_table.c.id == table.c.f_handled_by)
            .where(table.c.f_amount_total > least)
            .order_by(table.c.f_amount_total.desc(), table.c.id.desc())
            .limit(51)
        )
        with self.database.reading() as connection:
            own = theirs(_caller(connection), table)
            rows = connection.execute(wanted if own is None else wanted.where(own))
            shown = [{name: _plain(value) for name, value in row._mapping.items()} for row in rows]
        return jsonify(records=shown[:50], next=len(shown) > 50)


def _caller(connection: Connection) -> Person:
    return by_token(connection, request.headers["Authorization"].removeprefix("Bearer "))


def _values(required: tuple[str, ...]) -> dict[str, str]:
    body: Any = request.get_json()
    found: dict[str, Any] = body["values"]
    for name in required:
        if not found.get(name):
            abort(422)
    for name, value in found.items():
        if name not in FIELDS or not isinstance(value, str) or len(value) > LONGEST:
            abort(422)
    return {f"f_{name}": value for name, value in found.items()}


def _named(values: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix("f_"): value for name, value in values.items()}


def _stamp(person: int) -> dict[str, Any]:
    return {
        "version": 1,
        "status": "active",
        "created_by": person,
        "created_at": NOW,
        "updated_by": person,
        "updated_at": NOW,
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)
