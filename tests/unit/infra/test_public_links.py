"""Public links: what they let anybody do, until when, how often; and the question they ask."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from runtime.infra import public_links, puzzles
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, Forbidden, ValidationFailed
from runtime.infra.public_links import NewLink
from tests.unit.infra.conftest import Acting

NEW = NewLink("shop", "deal", "add", "询价", ("region", "amount"))


@pytest.fixture
def act(acting: Acting) -> Iterator[Act]:
    with acting() as opened:
        yield opened


def test_off__until_an_administrator_allows_them(act: Act) -> None:
    with pytest.raises(Conflict, match="public_links_are_off"):
        public_links.create(act, NEW)
    public_links.allow(act, "shop", is_allowed=True)
    link, token = public_links.create(act, NEW)
    assert public_links.find(act.connection, token) == link
    assert public_links.find(act.connection, token + "x") is None
    public_links.allow(act, "shop", is_allowed=False)
    assert public_links.find(act.connection, token) is None


def test_nobody__with_the_rights_it_names(act: Act) -> None:
    public_links.allow(act, "shop", is_allowed=True)
    actor = public_links.create(act, NEW)[0].actor()
    assert (actor.user_id, actor.roles, actor.is_admin) == (None, set(), False)
    assert actor.source == "public"
    assert actor.link is not None
    assert actor.link.verbs == {"view", "create"}
    assert actor.link.condition == public_links.NOTHING
    read = public_links.create(act, replace(NEW, purpose="read", condition="amount > 1"))[0]
    rights = read.actor().link
    assert rights is not None
    assert (rights.verbs, rights.condition) == ({"view"}, "amount > 1")


def test_quota__no_more_than_it_says_and_none_once_taken_back(act: Act) -> None:
    public_links.allow(act, "shop", is_allowed=True)
    link, _ = public_links.create(act, replace(NEW, quota=2))
    public_links.use(act, link)
    public_links.use(act, link)
    with pytest.raises(Forbidden, match="public_link_full"):
        public_links.use(act, link)
    assert public_links.get(act.connection, link.id).state(act.now) == "full"
    other, _ = public_links.create(act, NEW)
    public_links.revoke(act, other.id)
    assert public_links.get(act.connection, other.id).state(act.now) == "revoked"
    with pytest.raises(Forbidden, match="public_link_full"):
        public_links.use(act, other)


# opens after  closes after (minutes)  state now
WINDOWS = ((None, None, ""), (1, None, "early"), (-1, 1, ""), (-2, 0, "over"), (0, None, ""))


@pytest.mark.parametrize(("opens", "closes", "state"), WINDOWS)
def test_window(act: Act, opens: int | None, closes: int | None, state: str) -> None:
    public_links.allow(act, "shop", is_allowed=True)
    at = [None if each is None else act.now + timedelta(minutes=each) for each in (opens, closes)]
    link, _ = public_links.create(act, replace(NEW, opens_at=at[0], closes_at=at[1]))
    assert link.state(act.now) == state


def test_password__kept_as_a_hash_and_asked_for(act: Act) -> None:
    public_links.allow(act, "shop", is_allowed=True)
    link, _ = public_links.create(act, replace(NEW, password="violet harbour 88"))
    assert link.has_password
    assert public_links.opens(act.connection, link.id, "violet harbour 88")
    assert not public_links.opens(act.connection, link.id, "violet harbour 89")
    assert not public_links.opens(act.connection, link.id, None)


@pytest.mark.parametrize("wrong", [{"label": " "}, {"fields": ()}, {"quota": 0}])
def test_what_makes_no_link__is_refused(act: Act, wrong: dict[str, Any]) -> None:
    public_links.allow(act, "shop", is_allowed=True)
    with pytest.raises(ValidationFailed):
        public_links.create(act, replace(NEW, **wrong))


def answered(puzzle: puzzles.Puzzle) -> str:
    digits = "零一二三四五六七八九"
    match puzzle.kind:
        case "sum":
            return str(sum(digits.index(part) for part in puzzle.parts))
        case "largest":
            return str(max(int(part) for part in puzzle.parts))
    return str(digits.index(puzzle.parts[0][digits.index(puzzle.parts[1]) - 1]))


def test_puzzles__right_once_and_neither_too_soon_nor_too_late(act: Act) -> None:
    later = act.now + timedelta(seconds=5)
    for _ in range(12):
        puzzle = puzzles.make(act.connection, act.now)
        answer = answered(puzzle)
        assert puzzles.solve(act.connection, puzzle.token, f" {answer} ", later)
        assert not puzzles.solve(act.connection, puzzle.token, answer, later)
    for at in (act.now, act.now + timedelta(hours=1)):
        puzzle = puzzles.make(act.connection, act.now)
        assert not puzzles.solve(act.connection, puzzle.token, answered(puzzle), at)
    puzzle = puzzles.make(act.connection, act.now)
    assert not puzzles.solve(act.connection, puzzle.token, answered(puzzle) + "0", later)


# written        read as
PLAIN = (("十二", "12"), ("二十", "20"), ("１２", "12"), ("七", "7"), ("x", "?"), ("", ""))


@pytest.mark.parametrize(("written", "plain"), PLAIN)
def test_an_answer__however_its_digits_are_written(written: str, plain: str) -> None:
    assert puzzles._plain(written) == plain
