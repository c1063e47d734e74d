"""A small company to write documents in: three forms of master data, four of documents."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
)

from runtime import documents, posting
from runtime.compile import App, Form, compile_app
from runtime.definitions import load_app
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.db import Database, metadata
from runtime.infra.errors import Problem, Refused
from runtime.infra.users import user_role_table, user_table
from runtime.query import Record
from tests.conftest import Fill
from tests.prepared import opened

NO = {"kind": "document_number", "label": "编号"}
MONEY_4 = {"kind": "money", "options": {"places": 4}}


def ref(code: str, form: str, **more: Any) -> dict[str, Any]:
    options = {"form": form, **more.pop("options", {})}
    return {"code": code, "kind": "reference", "label": code, "options": options, **more}


def field(code: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, **more}


def number(prefix: str) -> dict[str, Any]:
    options = {"prefix": prefix, "date": "YYYYMMDD", "width": 4, "reset": "day"}
    return {"code": "document_no", "options": options, **NO}


LINES = field(
    "lines",
    "lines",
    options={
        "min": 1,
        "fields": [
            ref("item", "item", required=True, options={"fill": {"price": "price_sale"}}),
            field(
                "specification",
                "lookup",
                options={"reference": "item", "field": "specification"},
            ),
            field("qty", "quantity", required=True, options={"min": "0", "min_exclusive": True}),
            field("price", "money", options={"places": 4}),
            field(
                "amount",
                "formula",
                options={"formula": "=ROUND(qty*price,2)", "result": "money"},
            ),
            field("remark", "text"),
        ],
    },
)
TOTAL = field(
    "amount_total", "formula", options={"formula": "=SUM(lines.amount)", "result": "money"}
)
POSTING = {
    "command": "issue",
    "lines": "lines",
    "date": "document_date",
    "item": "lines.item",
    "qty": "lines.qty",
    "warehouse": "warehouse",
}

APP: dict[str, Any] = {
    "format": "dajian-app/1",
    "code": "shop",
    "label": "小店",
    "forms": [
        {
            "code": "item",
            "label": "商品",
            "type": "record",
            "title": "name",
            "search": ["item_no", "name"],
            "fields": [
                field("item_no", "text", required=True, unique=True),
                field("name", "text", required=True),
                field("specification", "text"),
                field("price_sale", "money", options={"places": 2}),
                field("cost_secret", "money"),
                field("is_disabled", "boolean"),
                field("serial", "text", readonly=True, default="S"),
            ],
        },
        {
            "code": "warehouse",
            "label": "仓库",
            "type": "record",
            "title": "name",
            "fields": [field("name", "text", required=True)],
        },
        {
            "code": "customer",
            "label": "客户",
            "type": "record",
            "title": "name",
            "fields": [
                {**number("K"), "code": "customer_no"},
                field("name", "text", required=True),
                field("keeper", "user", options={"current": True}),
            ],
        },
        {
            "code": "delivery",
            "label": "销售出库",
            "type": "document",
            "title": "document_no",
            "search": ["document_no", "customer", "remark"],
            "fields": [
                number("XSCK-"),
                ref("customer", "customer", required=True),
                ref("warehouse", "warehouse", required=True),
                field("document_date", "date", required=True, default="=TODAY()"),
                field("remark", "text"),
                LINES,
                TOTAL,
            ],
            "workflow": "delivery_approval",
            "posting": POSTING,
        },
        {
            "code": "quick",
            "label": "零售",
            "type": "document",
            "title": "document_no",
            "fields": [
                number("LS-"),
                ref("warehouse", "warehouse", required=True),
                field("document_date", "date", required=True, default="=TODAY()"),
                LINES,
                TOTAL,
            ],
            "posting": POSTING,
        },
        {
            "code": "receipt",
            "label": "采购入库",
            "type": "document",
            "title": "document_no",
            "fields": [
                number("CGRK-"),
                ref("warehouse", "warehouse", required=True),
                field("document_date", "date", required=True, default="=TODAY()"),
                LINES,
            ],
            "posting": POSTING | {"command": "receive", "amount": "lines.amount"},
        },
        {
            "code": "leave",
            "label": "请假",
            "type": "document",
            "title": "reason",
            "fields": [field("reason", "text", required=True), field("days", "number")],
            "workflow": "leave_approval",
        },
        {
            "code": "note",
            "label": "便条",
            "type": "document",
            "title": "words",
            "fields": [field("words", "text", required=True), field("files", "attachment")],
        },
    ],
    "workflows": [
        {
            "code": "delivery_approval",
            "label": "出库审批",
            "form": "delivery",
            "steps": [
                {
                    "id": "n_lead",
                    "type": "approve",
                    "label": "主管",
                    "who": {"by": "role", "role": "lead"},
                }
            ],
        },
        {
            "code": "leave_approval",
            "label": "请假审批",
            "form": "leave",
            "steps": [
                {
                    "id": "n_lead",
                    "type": "approve",
                    "label": "主管",
                    "who": {"by": "role", "role": "lead"},
                },
                {
                    "id": "n_boss",
                    "type": "approve",
                    "label": "老板",
                    "who": {"by": "role", "role": "boss"},
                },
            ],
        },
    ],
    "roles": [
        {
            "code": "clerk",
            "label": "文员",
            "grants": [
                {"form": "*", "verbs": ["view"], "hidden": ["cost_secret"]},
                {
                    "form": "item",
                    "verbs": ["view", "create", "update", "delete"],
                    "hidden": ["cost_secret"],
                },
                {
                    "form": "delivery",
                    "verbs": ["create", "update", "submit", "cancel", "delete"],
                },
                {"form": "quick", "verbs": ["create", "update", "submit", "cancel", "delete"]},
                {"form": "receipt", "verbs": ["create", "update", "submit", "cancel"]},
                {"form": "leave", "verbs": ["create", "update", "submit", "cancel", "delete"]},
                {"form": "note", "verbs": ["create", "update", "submit", "cancel", "delete"]},
            ],
        },
        {
            "code": "lead",
            "label": "主管",
            "grants": [{"form": "*", "verbs": ["view"]}],
        },
        {
            "code": "mole",
            "label": "盲人",
            "grants": [{"form": "delivery", "verbs": ["view", "create"]}],
        },
        {
            "code": "intern",
            "label": "实习",
            "grants": [
                {"form": "note", "verbs": ["view", "create", "update"], "rows": "own"},
                {"form": "leave", "verbs": ["view"]},
                {"form": "leave", "verbs": ["view", "create", "update"], "rows": "own"},
            ],
        },
    ],
}

# id  name    roles
PEOPLE = """
1 | clerk | clerk
2 | wang  | lead
3 | li    | lead
4 | boss  | boss
5 | kid   | intern
6 | admin |
7 | carol | clerk
8 | mole  | mole
"""

# What the stand-in for the kernel has posted: stock is what was given minus what was issued.
_books = MetaData()
STOCK = Table(
    "test_stock",
    _books,
    Column("form", Text),
    Column("document", Integer),
    Column("item", Integer),
    Column("qty", Integer),
)


class Kernel:
    """Stands in for the kernel: whole pieces, never below zero, in the caller's transaction."""

    def post(self, act: Act, form: Form, record: Record) -> None:
        """Issue every line or refuse with every line that lacks stock."""
        problems = []
        for index, line in enumerate(record.lines["lines"]):
            qty = int(line.values["qty"])
            row = {"form": form.code, "document": record.id, "item": line.values["item"]}
            act.connection.execute(insert(STOCK), row | {"qty": -qty})
            if self.on_hand(act, line.values["item"]) < 0:
                problems.append(Problem(f"/lines/{index}/qty", "not_enough_stock"))
        if problems:
            raise Refused(problems=problems)

    def check(self, act: Act, form: Form, record: Record) -> None:
        """Refuse what posting would refuse, and leave nothing behind."""
        with act.connection.begin_nested() as savepoint:
            self.post(act, form, record)
            savepoint.rollback()

    def void(self, act: Act, form: Form, record: Record) -> None:
        """Take back what a document did."""
        act.connection.execute(
            delete(STOCK).where(STOCK.c.form == form.code, STOCK.c.document == record.id)
        )

    def give(self, act: Act, item: int, qty: int) -> None:
        """Put stock on the shelf."""
        row = {"form": "opening", "document": 0, "item": item, "qty": qty}
        act.connection.execute(insert(STOCK), row)

    def on_hand(self, act: Act, item: int) -> int:
        """What is on the shelf."""
        query = select(func.sum(STOCK.c.qty)).where(STOCK.c.item == item)
        return int(act.connection.scalar(query) or 0)


# What is told of a filled database, from one process to the next.
Filled = tuple[dict[str, Actor], dict[str, int]]


@dataclass(frozen=True)
class Shop:
    """The company: its app, its database, its stand-in kernel, and who acts."""

    app: App
    database: Database
    now: datetime
    kernel: Kernel | None
    people: dict[str, Actor]
    ids: dict[str, int]

    def form(self, code: str) -> Form:
        return self.app.forms[code]

    def do(self, who: str, what: Callable[[Act], Any]) -> Any:
        """Let a person do something in a transaction of its own."""
        with self.database.transaction() as connection:
            return what(Act(connection, self.people[who], self.now))

    def delivery(self, *lines: tuple[str, Any], **more: Any) -> dict[str, Any]:
        """What a clerk types into a delivery: `("pen", 3)` are three pens."""
        return {
            "customer": self.ids["acme"],
            "warehouse": self.ids["main"],
            "lines": [{"item": self.ids[item], "qty": Decimal(qty)} for item, qty in lines],
            **more,
        }

    def fingerprint(self) -> dict[str, str]:
        """A hash of every table: a refused act leaves all of them as they were."""
        found: dict[str, str] = {}
        with self.database.reading() as connection:
            for name in inspect(connection).get_table_names():
                rows = sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"'))))
                found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found


@pytest.fixture(scope="session")
def app() -> App:
    return compile_app(load_app(APP), 1)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    made = Kernel()
    monkeypatch.setattr(posting, "post_document", made.post, raising=False)
    monkeypatch.setattr(posting, "check_document", made.check, raising=False)
    monkeypatch.setattr(posting, "void_document", made.void, raising=False)
    return made


def open_shop(database: Database, app: App, now: datetime, kernel: Kernel | None) -> Shop:
    """Make the tables, the people and the master data."""
    people = {"system": SYSTEM}
    with database.transaction() as connection:
        for tables in (metadata, app.metadata, _books):
            tables.create_all(connection)
        for row in PEOPLE.strip().splitlines():
            key, name, roles = (cell.strip() for cell in row.split("|"))
            values = {
                "id": int(key),
                "name": name,
                "name_key": name,
                "display_name": name.title(),
                "password_hash": "",
                "is_admin": name == "admin",
                "is_disabled": False,
                "auth_epoch": 1,
                "theme": "auto",
                "density": "compact",
                "language": "auto",
                "created_at": now,
            }
            connection.execute(insert(user_table), values)
            for role in filter(None, roles.split(",")):
                connection.execute(insert(user_role_table), {"user_id": int(key), "role": role})
            held = frozenset(filter(None, roles.split(",")))
            people[name] = Actor(int(key), name.title(), held, is_admin=name == "admin")
        act = Act(connection, SYSTEM, now)
        ids = {
            name: documents.create(act, app.forms[form], values).id
            for name, form, values in (
                (
                    "pen",
                    "item",
                    {
                        "item_no": "P1",
                        "name": "钢笔",
                        "specification": "0.5mm",
                        "price_sale": Decimal("12.50"),
                    },
                ),
                ("ink", "item", {"item_no": "I1", "name": "墨水", "price_sale": Decimal(8)}),
                ("old", "item", {"item_no": "O1", "name": "旧货", "is_disabled": True}),
                ("main", "warehouse", {"name": "主仓"}),
                ("acme", "customer", {"name": "上海银行"}),
            )
        }
        if kernel is None:
            posting.install(connection)
        else:
            kernel.give(act, ids["pen"], 10)
            kernel.give(act, ids["ink"], 5)
    return Shop(app, database, now, kernel, people, ids)


@pytest.fixture
def shop(database: Database, app: App, now: datetime, kernel: Kernel, fill: Fill) -> Shop:
    def make(url: str) -> Filled:
        with opened(url) as empty:
            made = open_shop(empty, app, now, kernel)
            return made.people, made.ids

    people, ids = fill("shop", make)
    return Shop(app, database, now, kernel, dict(people), dict(ids))


@pytest.fixture
def real_shop(database: Database, app: App, now: datetime, fill: Fill) -> Shop:
    """The same company with the real kernel and nothing on the shelves."""

    def make(url: str) -> Filled:
        with opened(url) as empty:
            made = open_shop(empty, app, now, None)
            return made.people, made.ids

    people, ids = fill("shop with the real kernel", make)
    return Shop(app, database, now, None, dict(people), dict(ids))
