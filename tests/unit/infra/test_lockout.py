"""Roles by department, and administrators who cannot lock everybody out."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from runtime.infra import departments, lent_roles, users
from runtime.infra.act import Act
from runtime.infra.errors import Conflict
from runtime.infra.users import NewUser, User
from tests.unit.infra.conftest import Acting

WORD = "correct horse battery"


@pytest.fixture
def act(acting: Acting) -> Iterator[Act]:
    with acting() as opened:
        yield opened


def person(act: Act, name: str, *roles: str, is_admin: bool = False) -> User:
    return users.create(act, NewUser(name, WORD, frozenset(roles), is_admin=is_admin))


def test_a_department_lends_its_roles__while_one_belongs_and_it_is_in_use(act: Act) -> None:
    anna, bo = person(act, "anna", "own"), person(act, "bo")
    shop = departments.create(act, "shop", None).id
    departments.set_members(act, shop, [anna.id])
    lent_roles.set_of_department(act, shop, ["lead", "own"])
    held = users.get(act.connection, anna.id)
    assert (held.roles, held.lent) == ({"own"}, {"lead", "own"})
    assert held.actor("screen").roles == {"own", "lead"}
    assert users.get(act.connection, bo.id).actor("screen").roles == frozenset()
    assert users.with_role(act.connection, "lead") == (anna.id,)
    departments.set_disabled(act, shop, is_disabled=True)
    assert users.get(act.connection, anna.id).actor("screen").roles == {"own"}
    assert users.with_role(act.connection, "lead") == ()
    departments.set_disabled(act, shop, is_disabled=False)
    departments.set_members(act, shop, [])
    assert users.get(act.connection, anna.id).lent == frozenset()


def test_the_last_administrator__stays(act: Act) -> None:
    anna = person(act, "anna", is_admin=True)
    for change in (
        lambda: users.set_admin(act, anna.id, is_admin=False),
        lambda: users.set_disabled(act, anna.id, is_disabled=True),
    ):
        with pytest.raises(Conflict, match="last_admin"):
            change()
    bo = person(act, "bo", is_admin=True)
    users.set_disabled(act, bo.id, is_disabled=True)
    with pytest.raises(Conflict, match="last_admin"):
        users.set_admin(act, anna.id, is_admin=False)
    users.set_disabled(act, bo.id, is_disabled=False)
    users.set_admin(act, anna.id, is_admin=False)
    assert not users.get(act.connection, anna.id).is_admin


def test_oneself__is_not_locked_out_however_many_there_are(act: Act) -> None:
    anna, bo = person(act, "anna", is_admin=True), person(act, "bo", is_admin=True)
    hers = replace(act, actor=anna.actor("screen"))
    with pytest.raises(Conflict, match="own_admin_right"):
        users.set_admin(hers, anna.id, is_admin=False)
    with pytest.raises(Conflict, match="own_admin_right"):
        users.set_disabled(hers, anna.id, is_disabled=True)
    before = users.get(act.connection, bo.id).auth_epoch
    users.set_admin(hers, bo.id, is_admin=False)
    assert users.get(act.connection, bo.id).auth_epoch == before + 1
