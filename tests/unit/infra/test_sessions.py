from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from runtime.infra import sessions, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import NotSignedIn, TooManyRequests
from runtime.infra.sessions import Visitor
from runtime.infra.settings import Settings
from runtime.infra.users import User
from tests.changing import with_another
from tests.unit.infra.conftest import PASSWORD, Acting

HERE = Visitor("10.0.0.1", "browser")
THERE = Visitor("10.0.0.2", "browser")
MINUTE = timedelta(minutes=1)


def test_sign_in__new_id_each_time_and_only_hashes_are_kept(
    ready: Database, settings: Settings, li: User, now: datetime
) -> None:
    first = sessions.sign_in(ready, "LI.WEI", PASSWORD, HERE, now)
    second = sessions.sign_in(ready, "li.wei", PASSWORD, HERE, now)
    assert first.token != second.token
    with ready.reading() as connection:
        kept = connection.execute(select(sessions.session_table.c.token_hash)).scalars().all()
        assert first.token not in kept
        found = sessions.load(connection, first.token, settings, now)
    assert found is not None
    assert found.user == li
    assert found.user.actor("screen").roles == frozenset({"clerk"})


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("li.wei", "wrong horse"),
        ("nobody", PASSWORD),
        ("locked", PASSWORD),
        ("", ""),
        (None, None),
        (["li.wei"], PASSWORD),
        ("li.wei", "x" * 5000),
    ],
)
@pytest.mark.usefixtures("li")
def test_sign_in__refused_alike(
    acting: Acting, ready: Database, now: datetime, name: object, password: object
) -> None:
    with acting() as act:
        locked = users.create(act, users.NewUser("locked", PASSWORD))
        users.set_disabled(act, locked.id, is_disabled=True)
    with pytest.raises(NotSignedIn) as refused:
        sessions.sign_in(ready, name, password, HERE, now)
    assert (refused.value.code, refused.value.status) == ("sign_in_refused", 401)


def test_sign_in__slows_down_but_never_locks_out(ready: Database, li: User, now: datetime) -> None:
    for _ in range(sessions.FREE_ATTEMPTS):
        with pytest.raises(NotSignedIn):
            sessions.sign_in(ready, "li.wei", "wrong horse", HERE, now)
    with pytest.raises(TooManyRequests) as slowed:
        sessions.sign_in(ready, "li.wei", PASSWORD, HERE, now)
    wait = timedelta(seconds=slowed.value.params["seconds"])
    # From elsewhere the owner comes in at once, and from here after the pause.
    assert sessions.sign_in(ready, "li.wei", PASSWORD, THERE, now).user == li
    assert sessions.sign_in(ready, "li.wei", PASSWORD, HERE, now + wait).user == li


@pytest.mark.usefixtures("li")
def test_sign_in__success_leaves_no_attempt_behind(ready: Database, now: datetime) -> None:
    for _ in range(sessions.FREE_ATTEMPTS * 2):
        sessions.sign_in(ready, "li.wei", PASSWORD, HERE, now)
    with ready.reading() as connection:
        count = select(func.count()).select_from(sessions.attempt_table)
        assert connection.execute(count).scalar_one() == 0


# what happens                                        minutes later   good
@pytest.mark.parametrize(
    ("later", "is_good"),
    [(0, True), (29, True), (31, False), (13 * 60, False)],
)
@pytest.mark.usefixtures("li")
def test_load__idle(
    ready: Database, settings: Settings, now: datetime, later: int, is_good: bool
) -> None:
    token = sessions.sign_in(ready, "li.wei", PASSWORD, HERE, now).token
    with ready.reading() as connection:
        found = sessions.load(connection, token, settings, now + later * MINUTE)
    assert (found is not None) is is_good


@pytest.mark.usefixtures("li")
def test_load__ends_absolutely_however_busy(
    ready: Database, settings: Settings, now: datetime
) -> None:
    opened = sessions.sign_in(ready, "li.wei", PASSWORD, HERE, now)
    for hours in range(1, 13):
        with ready.transaction() as connection:
            sessions.touch(connection, opened.id, now + timedelta(hours=hours))
    with ready.reading() as connection:
        late = now + timedelta(hours=12)
        assert sessions.load(connection, opened.token, settings, late) is not None
        assert sessions.load(connection, opened.token, settings, late + MINUTE) is None


@pytest.mark.parametrize("change", ["password", "roles", "disabled", "sign_out"])
def test_load__every_change_of_credentials_ends_it(
    acting: Acting, ready: Database, settings: Settings, li: User, now: datetime, change: str
) -> None:
    token = sessions.sign_in(ready, "li.wei", PASSWORD, HERE, now).token

    def make(act: Act) -> None:
        if change == "password":
            users.set_password(act, li.id, "another horse")
        elif change == "roles":
            users.set_roles(act, li.id, {"lead"})
        elif change == "disabled":
            users.set_disabled(act, li.id, is_disabled=True)
        else:
            sessions.end(act.connection, token)

    with acting(SYSTEM) as act:
        make(act)
    with ready.reading() as connection:
        assert sessions.load(connection, token, settings, now) is None
        assert sessions.load(connection, with_another(token), settings, now) is None


@pytest.mark.usefixtures("li")
def test_sweep(ready: Database, settings: Settings, now: datetime) -> None:
    sessions.sign_in(ready, "li.wei", PASSWORD, HERE, now)
    kept = sessions.sign_in(ready, "li.wei", PASSWORD, HERE, now + 20 * MINUTE)
    with ready.transaction() as connection:
        sessions.sweep(connection, settings, now + 40 * MINUTE)
        left = connection.execute(select(sessions.session_table.c.id)).scalars().all()
    assert left == [kept.id]
