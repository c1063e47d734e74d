"""Running the tests of an app: each where the one it goes on from has ended."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from builder.testing.outcome import BrokenTestError, Difference, Outcome, broken
from builder.testing.seen import differences
from builder.testing.stage import join, stage, throw_away
from builder.testing.steps import perform
from builder.testing.world import STEP, World
from runtime.definitions import AppTestDef, AppTestStep
from runtime.definitions.app_test import START, read_app_test
from runtime.infra.db import Database

# When the people of a test join; when it happens, each test says itself.
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class _Branch:
    """A test with those that go on from its end."""

    test: AppTestDef
    following: list["_Branch"] = field(default_factory=list)


def run_tests(
    source: Mapping[str, Any],
    only: Collection[str] | None = None,
    database: Database | None = None,
) -> tuple[Outcome, ...]:
    """Run the tests of an app's JSON, or those named, in their order; nothing of it is kept.

    `database` is an empty one to run on instead of one of its own. Raises ValidationFailed for an
    app that cannot be published.
    """
    tests = [read_app_test(each) for each in source.get("tests", ())]
    wanted = {test.code for test in tests} if only is None else set(only)
    branches = tuple(_branches(tests, wanted))
    if not branches:
        return ()
    if database is None:
        with throw_away() as own:
            found = _run_on(own, source, branches)
    else:
        found = _run_on(database, source, branches)
    order = {test.code: place for place, test in enumerate(tests)}
    asked = (each for each in found if each.test.code in wanted)
    return tuple(sorted(asked, key=lambda each: order[each.test.code]))


def first_failure(source: Mapping[str, Any]) -> Outcome | None:
    """Return the first test of an app that fails, run no further; None when all hold."""
    tests = [read_app_test(each) for each in source.get("tests", ())]
    branches = tuple(_branches(tests, {test.code for test in tests}))
    with throw_away() as database, stage(database, source, _START) as world:
        return next((outcome for outcome in _run(world, branches) if not outcome.ok), None)


def unknown_tests(source: Mapping[str, Any], only: Collection[str]) -> tuple[str, ...]:
    """Return which of these names are no tests of the app."""
    known = {each["code"] for each in source.get("tests", ())}
    return tuple(name for name in only if name not in known)


def _run_on(
    database: Database, source: Mapping[str, Any], branches: Sequence[_Branch]
) -> list[Outcome]:
    with stage(database, source, _START) as world:
        return list(_run(world, branches))


def _branches(tests: Sequence[AppTestDef], wanted: Collection[str]) -> Iterator[_Branch]:
    """The tests that go on from no other, with theirs; only what leads to a wanted one."""
    known = {test.code: test for test in tests}
    needed: set[str] = set()
    for code in wanted:
        while code in known and code not in needed:
            needed.add(code)
            code = known[code].after  # noqa: PLW2901 - up to where it begins
    made = {test.code: _Branch(test) for test in tests if test.code in needed}
    for code, branch in made.items():
        before = made.get(known[code].after)
        if before is None:
            yield branch
        else:
            before.following.append(branch)


def _run(world: World, branches: Sequence[_Branch]) -> Iterator[Outcome]:
    for branch in branches:
        attempt = world.connection.begin_nested()
        own = world.copy()
        outcome = _play(own, branch.test)
        yield outcome
        if outcome.ok:
            yield from _run(own, branch.following)
        else:
            yield from _not_reached(branch.test.code, branch.following)
        attempt.rollback()


def _not_reached(failed: str, branches: Sequence[_Branch]) -> Iterator[Outcome]:
    for branch in branches:
        yield Outcome(branch.test, (Difference("/after", failed, None),))
        yield from _not_reached(failed, branch.following)


def _play(world: World, test: AppTestDef) -> Outcome:
    found: list[Difference] = []
    try:
        if test.at or not test.after:
            world.set_clock(test.at or START)
        join(world, test.people)
    except BrokenTestError as error:
        return Outcome(test, (broken("/at", error),))
    for place, step in enumerate(test.steps):
        at = "/example" if test.is_example else f"/steps/{place}"
        if not _step(world, step, at, found):
            break
    return Outcome(test, tuple(found))


def _step(world: World, step: AppTestStep, at: str, found: list[Difference]) -> bool:
    """Do one step and note what is not as expected; False when there is no going on."""
    try:
        if step.at:
            world.set_clock(step.at)
        world.now += STEP
        seen = perform(world, step)
        found += differences(seen, step.expect, f"{at}/expect")
    except BrokenTestError as error:
        found.append(broken(at, error))
        return False
    return seen.error is None or "refused" in step.expect or "problems" in step.expect


def play_before(world: World, source: Mapping[str, Any], test: Mapping[str, Any]) -> World:
    """Bring a world to where a test begins: what it goes on from is played, and must hold."""
    known = {each["code"]: read_app_test(each) for each in source.get("tests", ())}
    chain: list[AppTestDef] = []
    code = test.get("after", "")
    while code and len(chain) <= len(known):
        if code not in known:
            raise BrokenTestError("test_unknown", {"name": code})
        chain.append(known[code])
        code = known[code].after
    for each in reversed(chain):
        outcome = _play(world, each)
        if not outcome.ok:
            raise BrokenTestError("test_before_fails", {"name": each.code})
    return world
