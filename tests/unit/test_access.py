"""Who may do what: grants as tables."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select

from runtime import access
from runtime.compile import App, Form, compile_app
from runtime.definitions import load_app
from runtime.infra.act import SYSTEM, Actor
from runtime.infra.db import Database, metadata
from runtime.infra.errors import Forbidden
from runtime.workflow import tables

LINES = [
    {"code": "qty", "kind": "quantity", "label": "数量"},
    {"code": "price", "kind": "money", "label": "单价"},
]


def form(code: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "label": code, "type": "document", "fields": list(fields)}


def text(code: str) -> dict[str, Any]:
    return {"code": code, "kind": "text", "label": code}


ORDER = form(
    "order",
    text("subject"),
    text("margin"),
    {"code": "lines", "kind": "lines", "label": "明细", "options": {"fields": LINES}},
)


def grant(form_code: str, verbs: str, **more: Any) -> dict[str, Any]:
    return {"form": form_code, "verbs": verbs.split(), **more}


ROLES = {
    "reader": [grant("*", "view")],
    "seller": [grant("order", "view create update", rows="own")],
    "shy": [grant("order", "view", hidden=["margin", "lines.price"])],
    "shyer": [grant("order", "view", hidden=["margin", "subject"])],
    "blind": [grant("order", "view", hidden=["lines"])],
    "maker": [grant("order", "create")],
    "checker": [grant("order", "view update", readonly=["margin", "lines"])],
    "pricer": [grant("order", "view update", readonly=["margin"], hidden=["lines.price"])],
    "wide": [grant("*", "view"), grant("memo", "view update")],
}


@pytest.fixture(scope="module")
def app() -> App:
    roles = [{"code": code, "label": code, "grants": grants} for code, grants in ROLES.items()]
    source = {"format": "dajian-app/1", "code": "shop", "label": "店", "roles": roles}
    return compile_app(load_app(source | {"forms": [ORDER, form("memo", text("words"))]}), 1)


@pytest.fixture
def order(app: App) -> Form:
    return app.forms["order"]


def actor(roles: str, user_id: int | None = 1) -> Actor:
    return Actor(user_id, "x", frozenset(roles.split()))


# roles           form    verb     may
MAY = """
                | order | view   | no
nobody_knows_it | order | view   | no
reader          | order | view   | yes
reader          | memo  | view   | yes
reader          | order | update | no
seller          | order | update | yes
seller          | memo  | view   | no
seller reader   | memo  | view   | yes
wide            | memo  | update | yes
wide            | order | update | no
maker           | order | view   | no
maker           | order | create | yes
"""


@pytest.mark.parametrize("row", MAY.strip("\n").splitlines())
def test_may(app: App, row: str) -> None:
    roles, form_code, verb, expected = (cell.strip() for cell in row.split("|"))
    found = app.forms[form_code]
    assert access.may(actor(roles), verb, found) is (expected == "yes")
    if expected == "no":
        with pytest.raises(Forbidden, match="form_forbidden"):
            access.require(actor(roles), verb, found)
    else:
        access.require(actor(roles), verb, found)


def test_administrators_and_the_system__may_everything(order: Form) -> None:
    for who in (SYSTEM, replace(actor(""), is_admin=True)):
        assert access.may(who, "delete", order)
        assert access.row_condition(who, order) is None
        assert access.visible_fields(who, order) == order.fields


# roles          header fields         line fields
VISIBLE = """
reader         | subject margin lines | qty price
shy            | subject lines        | qty
shyer          | lines                | qty price
shy shyer      | subject lines        | qty price
shy reader     | subject margin lines | qty price
blind          | subject margin       |
maker          |                      |
               |                      |
"""


@pytest.mark.parametrize("row", VISIBLE.strip("\n").splitlines())
def test_visible_fields(order: Form, row: str) -> None:
    roles, header, lines = (cell.strip() for cell in row.split("|"))
    who = actor(roles)
    assert " ".join(field.code for field in access.visible_fields(who, order)) == header
    shown = access.visible_line_fields(who, order, order.lines[0])
    assert " ".join(field.code for field in shown) == lines


# roles          user   verb     records of 1, of 2, of 2 with a task for 1
ROWS = """
reader         | 1    | view   | mine theirs asked
seller         | 1    | view   | mine asked
seller         | 1    | update | mine
seller         | 3    | view   |
seller reader  | 1    | view   | mine theirs asked
seller reader  | 1    | update | mine
maker          | 1    | view   |
               | 1    | view   |
seller         |      | view   |
"""


@pytest.mark.parametrize("row", ROWS.strip("\n").splitlines())
def test_row_condition(database: Database, app: App, order: Form, now: Any, row: str) -> None:
    roles, user, verb, expected = (cell.strip() for cell in row.split("|"))
    names = {1: "mine", 2: "theirs", 3: "asked"}
    with database.transaction() as connection:
        metadata.create_all(connection)
        app.metadata.create_all(connection)
        for key, creator in ((1, 1), (2, 2), (3, 2)):
            values = {
                "id": key,
                "version": 1,
                "status": "draft",
                "created_by": creator,
                "created_at": now,
                "updated_at": now,
                "search_text": "",
            }
            connection.execute(insert(order.table), values)
        _ask(connection, now)
        who = actor(roles, int(user) if user else None)
        condition = access.row_condition(who, order, verb)
        query = select(order.table.c.id).order_by(order.table.c.id)
        found = connection.execute(query if condition is None else query.where(condition))
        assert " ".join(names[key] for key in found.scalars()) == expected


def _ask(connection: Any, now: Any) -> None:
    """Put a task about record 3 into the inbox of user 1, and one of another form."""
    definition = {"app": "shop", "code": "f", "digest": "", "definition": {}, "created_at": now}
    connection.execute(insert(tables.definitions), definition | {"id": 1})
    for key, form_code, record_id in ((1, "order", 3), (2, "memo", 2)):
        about = {"app": "shop", "form": form_code, "record_id": record_id}
        run = {"id": key, "round": 1, "definition_id": 1, "state": "running", "started_at": now}
        connection.execute(insert(tables.instances), about | run)
        task = {"instance_id": key, "visit": 1, "step": "n", "user_id": 1, "reason": "role"}
        opened = {"state": "open", "opened_at": now}
        connection.execute(insert(tables.tasks), about | task | opened)


# roles            verb     what they may not write
FIXED = """
                 | update |
reader           | update |
seller           | update |
checker          | update | lines margin
checker          | create |
pricer           | update | lines.price margin
checker pricer   | update | margin
checker seller   | update |
checker reader   | update | lines margin
"""


@pytest.mark.parametrize("row", FIXED.strip("\n").splitlines())
def test_fixed_fields__are_what_no_grant_to_write_lets_one_write(order: Form, row: str) -> None:
    roles, verb, wanted = (cell.strip() for cell in row.split("|"))
    assert access.fixed_fields(actor(roles), order, verb) == set(wanted.split())


def test_fixed_fields__of_an_administrator__are_none(order: Form) -> None:
    chief = replace(actor("checker"), is_admin=True)
    assert access.fixed_fields(chief, order, "update") == frozenset()
