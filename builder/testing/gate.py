"""Where an app says so, no version is published whose own tests fail."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, select

from builder.testing.outcome import Outcome
from builder.testing.run import run_tests
from runtime.definitions import AppDef
from runtime.infra import strict_json
from runtime.infra.errors import Problem, ValidationFailed
from runtime.infra.queue import job_table
from runtime.infra.strict_json import Json

# The job that runs the tests of a draft; whatever process did it, its result says for which app.
TASK: Final = "app_tests"
# A person looks at the tests, then publishes: what has just passed need not run once more.
_MOST_REMEMBERED: Final = 64
_passed: Final[dict[str, None]] = {}


def require_passing(connection: Connection, definition: AppDef) -> None:
    """Refuse an app whose own tests fail, if it asks for that; every failing test is named."""
    if not definition.tests_block_publish or _has_passed(connection, definition.source):
        return
    problems = tuple(_problems(definition.source, run_and_remember(definition.source)))
    if problems:
        raise ValidationFailed("app_tests_fail", {"count": len(problems)}, problems=problems)


def run_and_remember(source: Mapping[str, Any]) -> tuple[Outcome, ...]:
    """Run all tests of an app; when they hold, publishing it asks for no second run."""
    outcomes = run_tests(source)
    if all(outcome.ok for outcome in outcomes):
        _passed[digest_of(source)] = None
        while len(_passed) > _MOST_REMEMBERED:
            del _passed[next(iter(_passed))]
    return outcomes


def digest_of(source: Mapping[str, Any]) -> str:
    """What tells an app with its tests from every other."""
    return hashlib.sha256(strict_json.canonical(dict(source)).encode()).hexdigest()


def _has_passed(connection: Connection, source: Mapping[str, Any]) -> bool:
    digest = digest_of(source)
    if digest in _passed:
        return True
    jobs = select(job_table.c.result).where(job_table.c.name == TASK, job_table.c.state == "done")
    recent = connection.execute(jobs.order_by(job_table.c.id.desc()).limit(_MOST_REMEMBERED))
    return any(
        result["digest"] == digest and result["is_whole"] and not result["failed"]
        for result in recent.scalars()
    )


def _problems(source: Mapping[str, Any], outcomes: tuple[Outcome, ...]) -> Iterator[Problem]:
    """One for each test that fails, at the first thing that is not as expected."""
    places = {test["code"]: index for index, test in enumerate(source.get("tests", ()))}
    for outcome in outcomes:
        if outcome.ok:
            continue
        first, test = outcome.differences[0], outcome.test
        params = {
            "name": test.label.zh,
            "expected": brief(first.expected),
            "actual": brief(first.actual),
        }
        yield Problem(f"/tests/{places[test.code]}{first.at}", "app_test_failed", params)


def brief(value: Json) -> str:
    """A value in one line, as long as a sentence bears."""
    text = value if isinstance(value, str) else strict_json.dumps(value)
    return text if len(text) <= 120 else f"{text[:119]}…"
