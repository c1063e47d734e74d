"""The tree of departments: made, moved, renamed; what is refused; whom a scope reaches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import Connection, insert, select

from runtime.infra import audit, departments
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import NotFound, ValidationFailed
from runtime.infra.users import user_table
from tests.conftest import Fill
from tests.prepared import tables

# name: the department above it, who belongs to it, who leads it
TREE = {
    "总部": (None, ("sun",), None),
    "销售部": ("总部", ("li",), "sun"),
    "华东": ("销售部", ("wang", "li"), None),
    "财务部": ("总部", ("zhao",), "li"),
}
PEOPLE = ("sun", "li", "wang", "zhao", "out")


@dataclass(frozen=True)
class Firm:
    """The tree and the people in it, in a transaction."""

    act: Act
    people: dict[str, int]
    places: dict[str, int]

    @property
    def connection(self) -> Connection:
        return self.act.connection

    def shown(self) -> list[tuple[str, int]]:
        return [(each.name, each.depth) for each in departments.everyone(self.connection)]

    def change(self, place: str, /, **changes: int | str | None) -> None:
        now = departments.get(self.connection, self.places[place])
        kept = {"name": now.name, "parent_id": now.parent_id, "head_id": now.head_id}
        departments.change(self.act, now.id, **{**kept, **changes})  # type: ignore[arg-type]


@pytest.fixture
def firm(database: Database, fill: Fill, now: datetime) -> Iterator[Firm]:
    fill("tables", tables)
    with database.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        people = {name: _person(connection, name, now) for name in PEOPLE}
        places: dict[str, int] = {}
        for name, (above, members, head) in TREE.items():
            made = departments.create(act, name, places.get(above or "")).id
            places[name] = made
            departments.set_members(act, made, [people[each] for each in members])
            above_id = places.get(above or "")
            head_id = people.get(head or "")
            departments.change(act, made, name=name, parent_id=above_id, head_id=head_id)
        yield Firm(act, people, places)


def _person(connection: Connection, name: str, now: datetime) -> int:
    values = {
        "name": name, "name_key": name, "display_name": name, "password_hash": "", "theme": "auto",
        "is_admin": False, "is_disabled": False, "auth_epoch": 1, "density": "comfortable",
        "language": "auto", "created_at": now,
    }  # fmt: skip
    query = insert(user_table).values(**values).returning(user_table.c.id)
    return int(connection.execute(query).scalar_one())


def test_the_tree__stands_in_order(firm: Firm) -> None:
    shown = firm.shown()
    assert shown[0] == ("总部", 0)
    assert sorted(shown[1:]) == sorted([("财务部", 1), ("销售部", 1), ("华东", 2)])
    assert shown.index(("华东", 2)) == shown.index(("销售部", 1)) + 1


def test_moving__takes_along_what_stands_below(firm: Firm) -> None:
    firm.change("销售部", parent_id=firm.places["财务部"])
    depths = dict(firm.shown())
    assert (depths["销售部"], depths["华东"]) == (2, 3)
    path = departments.get(firm.connection, firm.places["华东"]).path
    chain = ["总部", "财务部", "销售部", "华东"]
    assert path == "/" + "".join(f"{firm.places[name]}/" for name in chain)


REFUSED = [
    # which department, what is changed, the code of the problem
    ("总部", lambda f: {"parent_id": f.places["华东"]}, "department_below_itself"),
    ("总部", lambda f: {"parent_id": f.places["总部"]}, "department_below_itself"),
    ("财务部", lambda _: {"name": "销售部"}, "department_name_taken"),
    ("财务部", lambda _: {"name": "  "}, "department_name_invalid"),
    ("财务部", lambda _: {"name": "x" * 61}, "department_name_invalid"),
]


@pytest.mark.parametrize(("name", "change", "code"), REFUSED)
def test_refused(
    firm: Firm, name: str, change: Callable[[Firm], dict[str, int | str | None]], code: str
) -> None:
    before = firm.shown()
    with pytest.raises(ValidationFailed) as caught:
        firm.change(name, **change(firm))
    assert [problem.code for problem in caught.value.problems] == [code]
    assert firm.shown() == before


def test_the_same_name__stands_on_another_level(firm: Firm) -> None:
    made = departments.create(firm.act, "华东", firm.places["财务部"])
    assert made.depth == 2


def test_unknown__is_not_found(firm: Firm) -> None:
    with pytest.raises(NotFound):
        departments.create(firm.act, "新", 999)


def test_every_change__is_in_the_audit_trail(firm: Firm) -> None:
    firm.change("财务部", name="财务中心")
    departments.set_disabled(firm.act, firm.places["财务部"], is_disabled=True)
    table = audit.audit_table
    query = select(table.c.action).where(
        table.c.form == "department", table.c.record_id == firm.places["财务部"]
    )
    assert firm.connection.execute(query).scalars().all()[-2:] == ["update", "update"]


REACHED = [
    # who, scope, the departments, the people
    ("li", "department", {"销售部", "华东"}, {"li", "wang"}),
    ("wang", "department", {"华东"}, {"li", "wang"}),
    ("sun", "department", {"总部"}, {"sun"}),
    ("sun", "department_tree", {"总部", "销售部", "华东", "财务部"}, {"sun", "li", "wang", "zhao"}),
    ("wang", "department_tree", {"华东"}, {"li", "wang"}),
    ("sun", "subordinates", {"销售部", "华东"}, {"li", "wang"}),
    ("li", "subordinates", {"财务部"}, {"zhao"}),
    ("zhao", "subordinates", set(), set()),
    ("out", "department_tree", set(), set()),
]


@pytest.mark.parametrize(("who", "scope", "places", "people"), REACHED)
def test_reached(firm: Firm, who: str, scope: str, places: set[str], people: set[str]) -> None:
    key = firm.people[who]
    found = set(firm.connection.execute(departments.reached(key, scope)).scalars())
    assert {name for name, place in firm.places.items() if place in found} == places
    colleagues = set(firm.connection.execute(departments.people(key, scope)).scalars())
    assert {name for name, person in firm.people.items() if person in colleagues} == people
