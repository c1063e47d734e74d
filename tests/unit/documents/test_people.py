"""Fields of people and departments on the write path, and rights that reach records by them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from builder.publish import publish
from runtime import access, documents, query
from runtime.catalogue import Catalogue
from runtime.compile import Form
from runtime.infra import departments, users
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.db import Database
from runtime.infra.errors import NotFound, ValidationFailed
from runtime.infra.users import NewUser
from runtime.platform import set_up
from runtime.query import Filter, PageRequest
from tests.conftest import Fill
from tests.prepared import opened
from tests.structured import SOURCE

NOW = datetime.fromisoformat("2026-11-21T01:30:00+00:00")
# name: the department above, its members, its head
TREE = {
    "总部": (None, ["sun"], None),
    "销售部": ("总部", ["li"], "sun"),
    "华东": ("销售部", ["wang"], None),
    "财务部": ("总部", ["zhao"], None),
}
PEOPLE = ("sun", "li", "wang", "zhao", "out")


def firm_with_departments(url: str) -> None:
    with opened(url) as database, database.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, NOW)
        ids = {name: users.create(act, NewUser(name, "correct horse")).id for name in PEOPLE}
        places: dict[str | None, int | None] = {None: None}
        for name, (above, members, head) in TREE.items():
            places[name] = made = departments.create(act, name, places[above]).id
            departments.set_members(act, made, [ids[each] for each in members])
            head_id = ids[head] if head else None
            departments.change(act, made, name=name, parent_id=places[above], head_id=head_id)
        publish(act, SOURCE, "test")


@dataclass(frozen=True)
class Firm:
    """The company in a transaction."""

    act: Act
    form: Form
    ids: dict[str, int]
    places: dict[str, int]

    def as_(self, who: str, *roles: str) -> Act:
        actor = Actor(self.ids[who], who, frozenset(roles or ("keeper",)))
        return replace(self.act, actor=actor)

    def make(self, who: str, name: str, **values: Any) -> int:
        sent = {"equipment_no": name, "name": name, **values}
        return documents.create(self.as_(who), self.form, sent).id

    def stored(self, record_id: int) -> dict[str, Any]:
        found = query.record(self.act, self.form, record_id)
        assert found is not None
        return dict(found.values)


@pytest.fixture
def firm(database: Database, fill: Fill) -> Iterator[Firm]:
    fill("firm with departments", firm_with_departments)
    with database.transaction() as connection:
        act = Act(connection, SYSTEM, NOW)
        ids = {user.name: user.id for user in users.everybody(connection)}
        places = {each.name: each.id for each in departments.everyone(connection)}
        yield Firm(act, Catalogue().form(connection, "kit", "equipment"), ids, places)


SEEN = [
    # who, the scope of the role, which records: made by whom, or named by a field
    ("li", "own", "by-li keeper-li"),
    ("li", "department", "by-li keeper-li home-sales"),
    ("li", "department_tree", "by-li by-wang keeper-li home-sales"),
    ("wang", "department", "by-wang"),
    ("sun", "department", "by-sun"),
    ("sun", "department_tree", "by-sun by-li by-wang by-zhao keeper-li home-sales"),
    ("sun", "subordinates", "by-sun by-li by-wang keeper-li home-sales"),
    ("zhao", "subordinates", "by-zhao keeper-li"),
    ("out", "department_tree", "home-sales"),
]


@pytest.mark.parametrize(("who", "scope", "seen"), SEEN)
def test_scopes(firm: Firm, who: str, scope: str, seen: str) -> None:
    for maker in ("sun", "li", "wang", "zhao"):
        firm.make(maker, f"by-{maker}", home=None)
    firm.make("zhao", "keeper-li", keeper=firm.ids["li"], home=None)
    firm.make("out", "home-sales", home=firm.places["销售部"])
    act = firm.as_(who, f"sees_{scope}")
    rows = query.page(act, firm.form, PageRequest()).rows
    assert {row.values["equipment_no"] for row in rows} == set(seen.split())
    condition = access.row_condition(act.actor, firm.form, "update")
    assert condition is not None
    column = firm.form.by_code["equipment_no"].column
    may_change = act.connection.execute(select(column).where(condition)).scalars()  # type: ignore[arg-type]
    assert set(may_change) == set(seen.split())


def test_scopes__close_what_is_beyond_them(firm: Firm) -> None:
    record_id = firm.make("zhao", "by-zhao", home=None)
    with pytest.raises(NotFound):
        documents.update(
            firm.as_("li", "sees_department_tree"), firm.form, record_id, {"name": "x"}, version=1
        )


def test_several_scopes__add_up(firm: Firm) -> None:
    firm.make("wang", "by-wang", home=None)
    firm.make("zhao", "by-zhao", home=None)
    act = firm.as_("zhao", "sees_own", "sees_subordinates")
    rows = query.page(act, firm.form, PageRequest()).rows
    assert [row.values["equipment_no"] for row in rows] == ["by-zhao"]


def test_a_department_field__starts_as_ones_own(firm: Firm) -> None:
    assert firm.stored(firm.make("li", "a"))["home"] == firm.places["销售部"]
    assert firm.stored(firm.make("out", "b"))["home"] is None
    assert (
        firm.stored(firm.make("li", "c", home=firm.places["华东"]))["home"] == firm.places["华东"]
    )


REFUSED = [
    ("crew", [999], "reference_missing"),
    ("keeper", 999, "reference_missing"),
    ("home", 999, "reference_missing"),
    ("shared_with", [1, 999], "reference_missing"),
    ("crew", "李静", "references_expected"),
]


@pytest.mark.parametrize(("code", "value", "problem"), REFUSED)
def test_refused(firm: Firm, code: str, value: Any, problem: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        firm.make("li", "a", **{code: value})
    assert [(each.pointer, each.code) for each in caught.value.problems] == [(f"/{code}", problem)]


def test_several_people__are_kept_found_and_told(firm: Firm) -> None:
    crew = [firm.ids["wang"], firm.ids["li"]]
    record_id = firm.make("li", "a", crew=crew, shared_with=[firm.places["华东"]])
    firm.make("li", "b", crew=[firm.ids["sun"]])
    assert firm.stored(record_id)["crew"] == tuple(crew)
    for name, found in (("wang", ["a"]), ("sun", ["b"]), ("zhao", [])):
        wanted = Filter("crew", "has_any", (str(firm.ids[name]),))
        rows = query.page(firm.act, firm.form, PageRequest(filters=(wanted,))).rows
        assert [row.values["equipment_no"] for row in rows] == found
    documents.update(firm.as_("li"), firm.form, record_id, {"crew": crew[:1]}, version=1)
    told = documents.history(firm.act, firm.form, record_id, locale="zh", limit=1)
    assert [str(change) for change in told[0].changes] == ["使用人：wang，li → wang"]


def visit(firm: Firm, **sent: Any) -> dict[str, Any]:
    """What a visit holds after it was made and then changed in turn."""
    form = firm.form.siblings["visit"]
    made = documents.create(firm.act, form, {"remark": "x", **sent.pop("new")})
    for version, values in enumerate(sent.values(), start=1):
        documents.update(firm.act, form, made.id, values, version=version)
    found = query.record(firm.act, form, made.id)
    assert found is not None
    kept = {code: found.values[code] for code in ("cost", "helper", "model")}
    return {code: str(value) if code == "cost" else value for code, value in kept.items()}


def test_fill__empty_fields_take_what_follows_takes_over(firm: Firm) -> None:
    li, sun = firm.ids["li"], firm.ids["sun"]
    one = firm.make("li", "one", price="10.00", model="M1", keeper=li)
    two = firm.make("li", "two", price="20.00", model="M2", keeper=sun)
    rows = [
        # what is sent in turn, what stands there then
        ({"new": {"equipment": one, "other": one}},
         {"cost": "10.00", "helper": li, "model": "M1"}),
        ({"new": {"equipment": one, "other": one, "cost": "5.00", "model": "X"}},
         {"cost": "5.00", "helper": li, "model": "X"}),
        # Fields that follow change with the choice, the others keep what they have.
        ({"new": {"equipment": one, "other": one}, "then": {"equipment": two, "other": two}},
         {"cost": "20.00", "helper": sun, "model": "M1"}),
        # What is typed at the same time wins.
        ({"new": {"equipment": one}, "then": {"equipment": two, "cost": "7.00"}},
         {"cost": "7.00", "helper": sun, "model": None}),
        # Without another choice nothing is filled again.
        ({"new": {"equipment": one}, "then": {"cost": "7.00"}, "last": {"remark": "y"}},
         {"cost": "7.00", "helper": li, "model": None}),
    ]  # fmt: skip
    for sent, kept in rows:
        assert visit(firm, **sent) == kept
