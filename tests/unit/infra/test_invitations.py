"""Links that let somebody in: good once, for a day, for one person; passwords nobody guesses."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from runtime.infra import invitations, passwords, service_accounts, sessions, users
from runtime.infra.db import Database
from runtime.infra.errors import AppError, Forbidden, NotFound, NotSignedIn, ValidationFailed
from runtime.infra.invitations import invitation_table
from runtime.infra.sessions import Visitor
from runtime.infra.users import NewUser, User
from tests.unit.infra.conftest import PASSWORD, Acting

HERE = Visitor("10.0.0.1", "Firefox")
NEW = "vier neue worte"


def link_for(acting: Acting, user: User) -> str:
    with acting() as act:
        return invitations.make(act, user.id).token


def test_invited__comes_in_with_the_link_and_not_before(
    acting: Acting, ready: Database, now: datetime
) -> None:
    with acting() as act:
        link = invitations.invite(act, NewUser("wang", "", frozenset({"clerk"}), "王"))
    address = link.address("https://dajian.example/")
    assert address == f"https://dajian.example/invitation#{link.token}"
    with pytest.raises(NotSignedIn):
        sessions.sign_in(ready, "wang", "", HERE, now)
    with ready.reading() as connection:
        stored = connection.execute(select(invitation_table.c.token_hash)).scalar_one()
        assert invitations.waiting(connection, link.user.id, now) == link.expires_at
    assert link.token not in stored
    assert invitations.accept(ready, link.token, NEW, HERE, now) == link.user
    assert sessions.sign_in(ready, "wang", NEW, HERE, now).user.name == "wang"
    with ready.reading() as connection:
        assert invitations.waiting(connection, link.user.id, now) is None


def test_link__void_in_the_same_words(
    acting: Acting, ready: Database, li: User, now: datetime
) -> None:
    """Attack A10: null, empty, of the wrong type, used, expired, superseded, of somebody gone."""
    later = iter(now + timedelta(minutes=20 * n) for n in range(1, 30))

    def refused(token: Any, at: datetime | None = None) -> None:
        # Each from a place of its own: counting is the business of another test.
        place = Visitor(f"10.1.{next(later):%H.%M}")
        with pytest.raises(NotFound) as void:
            invitations.accept(ready, token, NEW, place, at or now)
        assert void.value.code == "invitation_void"

    for rubbish in (None, "", [], {}, 0, True, "x" * 43, "x" * 500):
        refused(rubbish)
    first, second = link_for(acting, li), link_for(acting, li)
    refused(first)
    refused(second, now + timedelta(hours=24))
    refused(second.swapcase())
    invitations.accept(ready, second, NEW, HERE, now + timedelta(hours=23))
    refused(second)
    third = link_for(acting, li)
    with acting() as act:
        users.set_password(act, li.id, "something else altogether")
    refused(third)
    fourth = link_for(acting, li)
    with acting() as act:
        users.set_disabled(act, li.id, is_disabled=True)
        with pytest.raises(Forbidden):
            invitations.make(act, li.id)
    refused(fourth)
    # What they had was not touched by any of it.
    with acting() as act:
        users.set_disabled(act, li.id, is_disabled=False)
    assert sessions.sign_in(ready, li.name, "something else altogether", HERE, now).user.id == li.id


def test_link__two_who_use_it_at_once(
    acting: Acting, ready: Database, li: User, now: datetime
) -> None:
    token = link_for(acting, li)

    def use(number: int) -> bool:
        try:
            invitations.accept(ready, token, f"{NEW} {number}", HERE, now)
        except AppError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [False, False, False, True]


def test_link__a_bad_password_does_not_use_it_up_and_attempts_are_counted(
    acting: Acting, ready: Database, li: User, now: datetime
) -> None:
    token = link_for(acting, li)
    for bad in ("short", "password", "li.wei1"):
        with pytest.raises(ValidationFailed):
            invitations.accept(ready, token, bad, HERE, now)
    for _ in range(2):
        with pytest.raises(NotFound):
            invitations.accept(ready, "guess", NEW, HERE, now)
    with pytest.raises(AppError, match="sign_in_wait"):
        invitations.accept(ready, token, NEW, HERE, now)
    assert invitations.accept(ready, token, NEW, Visitor("10.0.0.9"), now).id == li.id


def test_service_account__nobody_signs_in_as_it(
    acting: Acting, ready: Database, now: datetime
) -> None:
    with acting() as act:
        made = service_accounts.create(act, "shop-sync", frozenset({"clerk"}), " orders ")
        assert service_accounts.everyone(act.connection) == ((made, "orders"),)
        with pytest.raises(Forbidden):
            invitations.make(act, made.id)
    for password in ("", "shop-sync", None):
        with pytest.raises(NotSignedIn):
            sessions.sign_in(ready, "shop-sync", password, HERE, now)


COMMON = (
    "password", "12345678", "Password123!", "qwertyuiop", "iloveyou1", "sunshine2026", "11111111",
    "abababab", "dajian2026", "进销存123456", "ｐａｓｓｗｏｒｄ", "!!!football!", "letmein123",
)  # fmt: skip
GOOD = (
    "correct horse", "vier neue worte", "demo-pass-2026", "一二三四五六七八", "x" * 3 + "yzä bcdef",
    "tr0ub4dor&3", "7391 4402 8",
)  # fmt: skip


@pytest.mark.parametrize("password", COMMON)
def test_password__tried_first(password: str) -> None:
    assert passwords.is_common(password)
    with pytest.raises(ValidationFailed):
        passwords.check(password)


@pytest.mark.parametrize("password", GOOD)
def test_password__of_any_letters_as_long_as_it_is_long(password: str) -> None:
    assert passwords.check(password) == password


def test_password__little_but_a_name() -> None:
    for password in ("Wang.Jianguo", "wang.jianguo99", "王建国王建国"[:3] + "12345"):
        with pytest.raises(ValidationFailed):
            passwords.check(password, names=("wang.jianguo", "王建国12"))
    assert passwords.check("wang.jianguo grows roses", names=("wang.jianguo",))


def test_password__nothing_is_cut_off(
    acting: Acting, ready: Database, li: User, now: datetime
) -> None:
    long = "a long one of words " * 6 + "12345678"
    assert len(long) == passwords.LONGEST
    with acting() as act:
        users.set_password(act, li.id, long)
    with pytest.raises(NotSignedIn):
        sessions.sign_in(ready, "li.wei", long[:-1] + "9", HERE, now)
    with pytest.raises(NotSignedIn):
        sessions.sign_in(ready, "li.wei", f"{long}x", HERE, now)
    assert sessions.sign_in(ready, "li.wei", long, HERE, now).user.id == li.id
    assert long != PASSWORD
