"""A trading company with items, warehouses and customers, entered through the write path."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bench.seeds import NOW
from builder.packages import read_package
from builder.publish import publish
from runtime import documents
from runtime.compile import App
from runtime.infra import schema
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database

JXC = Path(__file__).parents[2] / "app_templates" / "jxc"


@dataclass(frozen=True)
class Company:
    """The published app and the ids of its master data."""

    app: App
    items: tuple[int, ...]
    warehouses: tuple[int, ...]
    customer: int


def found_company(database: Database, *, items: int) -> Company:
    """Publish the stock app in an empty database and enter its master data, no stock yet."""
    with database.transaction() as connection:
        schema.upgrade(connection)
        app = publish(acting(connection), read_package(JXC), "benchmark").app
        uom = _enter(connection, app, "uom", {"name": "盒"})
        category = _enter(connection, app, "item_category", {"name": "紧固件"})
        warehouses = tuple(
            _enter(connection, app, "warehouse", {"warehouse_no": f"WH{n}", "name": f"仓库 {n}"})
            for n in (1, 2)
        )
        customer = _enter(connection, app, "customer", {"customer_no": "C001", "name": "恒远五金"})
        keys = tuple(
            _enter(connection, app, "item", _item(number, category, uom)) for number in range(items)
        )
    return Company(app, keys, warehouses, customer)


def acting(connection: Connection) -> Act:
    """An act of the system in a transaction."""
    return Act(connection, SYSTEM, NOW)


def _item(number: int, category: int, uom: int) -> Mapping[str, Any]:
    return {
        "item_no": f"SP{number:05}",
        "name": f"不锈钢六角螺栓 {number}",
        "specification": f"M8×{number}",
        "item_category": category,
        "base_uom": uom,
        "price_sale": "86.00",
    }


def _enter(connection: Connection, app: App, form: str, values: Mapping[str, Any]) -> int:
    return documents.create(acting(connection), app.forms[form], values).id
