"""Conditions of grants: asked of both databases, each row of the table by itself."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select

from runtime import access
from runtime.compile import App, compile_app
from runtime.definitions import load_app
from runtime.infra import departments, users
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.db import Database, metadata
from runtime.infra.errors import ValidationFailed
from runtime.workflow import tables

# Every condition to view asks for the tasks of flows.
assert tables

FIELDS: list[dict[str, Any]] = [
    {"code": "region", "kind": "text", "label": "地区"},
    {"code": "amount", "kind": "money", "label": "金额"},
    {"code": "keeper", "kind": "user", "label": "负责人"},
    {"code": "place", "kind": "department", "label": "所在部门"},
    {"code": "day", "kind": "date", "label": "日期"},
    {
        "code": "lines",
        "kind": "lines",
        "label": "明细",
        "options": {"fields": [{"code": "qty", "kind": "quantity", "label": "数量"}]},
    },
]
DEAL = {"code": "deal", "label": "单子", "type": "record", "fields": FIELDS}


def compiled(*roles: dict[str, Any]) -> App:
    source = {"format": "dajian-app/1", "code": "shop", "label": "店", "forms": [DEAL]}
    return compile_app(load_app(source | {"roles": list(roles)}), 1)


def role(code: str, condition: str, **more: Any) -> dict[str, Any]:
    grant = {"form": "deal", "verbs": ["view"], "rows": "rule", "condition": condition, **more}
    return {"code": code, "label": code, "grants": [grant]}


# Anna (1) belongs to south and leads it; below it stands shop, where Bo (2) belongs.
DEALS = {
    # name     region  amount keeper place  made by  quantities
    "a": ("华东", "100", 1, "south", 2, "1 2"),
    "b": ("华南", "100", 2, "shop", 1, "5"),
    "c": ("华东", None, 2, "north", 2, ""),
    "d": (None, "9000", None, None, 3, "50 1"),
}
# condition                             what Anna sees      what Bo sees
CONDITIONS = """
region = "华东"                         | a c     | a c
keeper = USER()                         | a       | b c
created_by = USER()                     | b       | a c
OR(created_by = USER(), amount > 500)   | b d     | a c d
NOT(region = "华东")                    | b d     | b d
amount < 500                            | a b c   | a b c
MYDEPARTMENT(place)                     | a       | b
MYDEPARTMENTTREE(place)                 | a b     | b
MYSUBORDINATE(keeper)                   | a b c   |
AND(MYDEPARTMENTTREE(place), amount>=100) | a b   | b
SUM(lines.qty) > 4                      | b d     | b d
COUNT(lines.qty) = 0                    | c       | c
status = "active"                       | a b c d | a b c d
ISBLANK(region)                         | d       | d
IF(amount = 100, 1/0 > 0, TRUE)         | c d     | c d
TRUE                                    | a b c d | a b c d
FALSE                                   |         |
"""
CASES = [row for row in CONDITIONS.strip("\n").splitlines() if "|" in row]


def seeded(database: Database, app: App, now: Any) -> None:
    with database.transaction() as connection:
        metadata.create_all(connection)
        app.metadata.create_all(connection)
        act = Act(connection, SYSTEM, now)
        for name in ("anna", "bo", "cem"):
            users.create(act, users.NewUser(name, "correct horse battery"))
        south = departments.create(act, "south", None).id
        shop = departments.create(act, "shop", south).id
        north = departments.create(act, "north", None).id
        departments.set_members(act, south, [1])
        departments.set_members(act, shop, [2])
        departments.change(act, south, name="south", parent_id=None, head_id=1)
        places = {"south": south, "shop": shop, "north": north}
        _deals(act, app, places)


def _deals(act: Act, app: App, places: dict[str, int]) -> None:
    form = app.forms["deal"]
    lines = form.lines[0].table
    for number, (region, amount, keeper, place, maker, quantities) in enumerate(DEALS.values(), 1):
        head = {
            "id": number, "version": 1, "status": "active", "search_text": "",
            "created_by": maker, "updated_by": maker, "created_at": act.now, "updated_at": act.now,
            "f_region": region, "f_amount": Decimal(amount) if amount else None,
            "f_keeper": keeper, "f_place": places.get(place or ""),
        }  # fmt: skip
        act.connection.execute(insert(form.table).values(head))
        for line, qty in enumerate(quantities.split(), 1):
            row = {"parent_id": number, "line_no": line, "f_qty": Decimal(qty)}
            act.connection.execute(insert(lines).values(row))


def seen(database: Database, app: App, actor: Actor) -> str:
    form = app.forms["deal"]
    mine = access.row_condition(actor, form)
    assert mine is not None
    with database.reading() as connection:
        ids = connection.execute(select(form.table.c.id).where(mine)).scalars().all()
    return " ".join(name for number, name in enumerate(DEALS, 1) if number in ids)


def test_conditions__of_each_the_records_it_names(database: Database, now: Any) -> None:
    written = [[cell.strip() for cell in case.split("|")] for case in CASES]
    app = compiled(*(role(f"r{n}", text) for n, (text, *_) in enumerate(written)))
    seeded(database, app, now)
    found = [
        [text, *(seen(database, app, Actor(who, "x", frozenset({f"r{n}"}))) for who in (1, 2))]
        for n, (text, *_) in enumerate(written)
    ]
    assert found == written


def test_several_grants_add_up(database: Database, now: Any) -> None:
    mine = {"form": "deal", "verbs": ["view"], "rows": "own"}
    own = {"code": "own", "label": "o", "grants": [mine]}
    lead = {"code": "lead", "label": "l", "grants": [], "includes": ["own", "east"]}
    app = compiled(role("east", 'region = "华东"'), own, lead)
    seeded(database, app, now)
    assert seen(database, app, Actor(1, "x", frozenset({"east"}))) == "a c"
    assert seen(database, app, Actor(1, "x", frozenset({"own"}))) == "b"
    assert seen(database, app, Actor(1, "x", frozenset({"lead"}))) == "a b c"
    assert seen(database, app, Actor(None, "x", frozenset({"lead"}))) == "a c"


# condition                  why it is refused
REFUSED = """
day > TODAY()              | row_rule_moves
amount                     | formula_not_a_condition
nowhere = 1                | formula_name_unknown
PMT(1, 2, 3) > 1           | row_rule_not_in_sql
=                          | formula_empty
"""


@pytest.mark.parametrize("case", REFUSED.strip("\n").splitlines())
def test_conditions_the_database_cannot_decide__are_refused(case: str) -> None:
    text, code = (cell.strip() for cell in case.split("|"))
    with pytest.raises(ValidationFailed) as refused:
        compiled(role("r", text))
    (problem,) = refused.value.problems
    assert (problem.pointer, problem.code) == ("/roles/0/grants/0/condition", code)


def test_a_condition_without_its_scope__is_refused() -> None:
    with pytest.raises(ValidationFailed) as refused:
        compiled(role("r", "TRUE", rows="own"), role("s", "TRUE", form="*"))
    found = [(each.pointer, each.code) for each in refused.value.problems]
    assert found == [
        ("/roles/0/grants/0/condition", "row_rule_not_asked"),
        ("/roles/1/grants/0/rows", "row_rule_needs_form"),
    ]
