"""Notices, small choices and the desk: told once to whom they concern, read and kept by each."""

from datetime import datetime, timedelta

import pytest

from runtime.infra import desk, notices, preferences, users
from runtime.infra.errors import ValidationFailed
from runtime.infra.notices import Place
from runtime.infra.users import NewUser, User
from tests.unit.infra.conftest import PASSWORD, Acting

HERE = Place("jxc", "delivery", 7, "comments")


@pytest.fixture
def wang(acting: Acting) -> User:
    with acting() as act:
        return users.create(act, NewUser("wang", PASSWORD, display_name="王建国"))


def texts(acting: Acting, user: User, **how: bool) -> list[str]:
    with acting(user.actor("screen")) as act:
        return [str(each.params["text"]) for each in notices.mine(act, **how)]


def test_tell__once_each_and_not_oneself(acting: Acting, li: User, wang: User) -> None:
    with acting(li.actor("screen")) as act:
        told = [li.id, wang.id, wang.id, 10**30, -1, 999]
        notices.tell(act, told, "mention", {"text": "一"}, HERE)
    assert texts(acting, wang) == ["一"]
    assert texts(acting, li) == []
    with acting(wang.actor("screen")) as act:
        (notice,) = notices.mine(act)
        assert (notice.place, notice.read_at, notice.at) == (HERE, None, act.now)
        assert notices.count_unread(act) == 1


def test_tell__a_machine_tells_whoever_asked_it(acting: Acting, li: User) -> None:
    with acting(li.actor("screen")) as act:
        notices.tell(act, [li.id], "job", {"text": "导出"}, "/jobs/3")
    with acting(li.actor("screen")) as act:
        (notice,) = notices.mine(act)
        assert (notice.href, notice.place) == ("/jobs/3", None)


@pytest.mark.parametrize("link", ["//evil.example", "https://evil.example", ""])
def test_tell__leads_nowhere_else(acting: Acting, li: User, link: str) -> None:
    with acting() as act, pytest.raises(AssertionError):
        notices.tell(act, [li.id], "job", {}, link)


def test_tell__neither_the_switched_off_nor_the_locked_out(
    acting: Acting, li: User, wang: User
) -> None:
    with acting(wang.actor("screen")) as act:
        for kind in ("comment", "trouble"):
            preferences.choose(act, notices.switch(kind), "off")
    with acting() as act:
        users.set_disabled(act, li.id, is_disabled=True)
        for kind in ("comment", "mention", "trouble"):
            notices.tell(act, [li.id, wang.id], kind, {"text": kind}, HERE)
    # Safety cannot be switched off.
    assert texts(acting, wang) == ["trouble", "mention"]
    assert texts(acting, li) == []


def test_reading__one_a_record_or_all(acting: Acting, li: User, wang: User) -> None:
    with acting() as act:
        for text, place in (("一", HERE), ("二", HERE._replace(record_id=8)), ("三", HERE)):
            notices.tell(act, [wang.id, li.id], "mention", {"text": text}, place)
    with acting(wang.actor("screen")) as act:
        theirs = notices.mine(act)[0].id
    with acting(li.actor("screen")) as act:
        assert notices.count_unread(act) == 3
        notices.mark_read(act, [theirs])
        assert notices.count_unread(act) == 3, "another's notice is not mine to read"
        notices.mark_place_read(act, HERE)
    assert texts(acting, li, is_unread=True) == ["二"]
    with acting(li.actor("screen")) as act:
        notices.mark_read(act)
        assert notices.count_unread(act) == 0
    assert texts(acting, wang, is_unread=True) == ["三", "二", "一"]


def test_mine__page_by_page_and_swept(acting: Acting, li: User, now: datetime) -> None:
    old = now - notices.KEPT - timedelta(seconds=1)
    for at, text in ((old, "旧"), (now, "一"), (now, "二")):
        with acting(at=at) as act:
            notices.tell(act, [li.id], "mention", {"text": text}, HERE)
    with acting(li.actor("screen")) as act:
        first = notices.mine(act, limit=1)
        assert [each.params["text"] for each in notices.mine(act, before=first[0].id)] == [
            "一",
            "旧",
        ]
        notices.sweep(act.connection, now)
    assert texts(acting, li) == ["二", "一"]


def test_preferences__each_their_own(acting: Acting, li: User, wang: User) -> None:
    with acting(li.actor("screen")) as act:
        preferences.choose(act, "keys", "off")
        preferences.choose(act, "keys", "on")
        preferences.choose(act, "steps", "off")
        preferences.choose(act, "steps", None)
        assert preferences.chosen(act) == {"keys": "on"}
    with acting(wang.actor("screen")) as act:
        assert preferences.chosen(act) == {}


def test_opened__the_latest_first_and_not_for_ever(
    acting: Acting, li: User, wang: User, now: datetime
) -> None:
    for number in (*range(1, desk.KEPT + 5), 20):
        at = now + timedelta(seconds=number if number != 20 else 999)
        with acting(li.actor("screen"), at) as act:
            desk.note_opened(act, "jxc", "item", number)
    with acting(li.actor("screen")) as act:
        found = desk.opened(act, 100)
    assert [each.record_id for each in found[:2]] == [20, desk.KEPT + 4]
    assert len(found) == desk.KEPT
    with acting(wang.actor("screen")) as act:
        assert desk.opened(act, 100) == ()


def test_pins__named_renamed_and_bounded(acting: Acting, li: User, wang: User) -> None:
    with acting(li.actor("screen")) as act:
        desk.pin(act, "/a/jxc/item", "商品")
        desk.pin(act, "/a/jxc/item", "  我的  商品 ")
        (only,) = desk.pins(act)
        assert (only.href, only.label) == ("/a/jxc/item", "我的 商品")
        desk.rename(act, only.id, "货")
        assert [each.label for each in desk.pins(act)] == ["货"]
        for bad in ("", "x" * 61, "a\x07b"):
            with pytest.raises(ValidationFailed):
                desk.pin(act, "/x", bad)
        for number in range(desk.MOST_PINS - 1):
            desk.pin(act, f"/p/{number}", "页")
        with pytest.raises(ValidationFailed):
            desk.pin(act, "/one/more", "页")
    with acting(wang.actor("screen")) as act:
        desk.unpin(act, only.id)
        desk.rename(act, only.id, "别人的")
    with acting(li.actor("screen")) as act:
        assert desk.pins(act)[0].label == "货"
        desk.unpin(act, only.id)
        assert len(desk.pins(act)) == desk.MOST_PINS - 1
