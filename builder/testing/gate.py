"""Where an app says so, no version is published whose own tests fail."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from builder.testing.outcome import Outcome
from builder.testing.run import run_tests
from runtime.definitions import AppDef
from runtime.infra import strict_json
from runtime.infra.errors import Problem, ValidationFailed
from runtime.infra.strict_json import Json

# A person looks at the tests, then publishes: what has just passed need not run once more.
_MOST_REMEMBERED: Final = 64
_passed: Final[dict[str, None]] = {}


def require_passing(definition: AppDef) -> None:
    """Refuse an app whose own tests fail, if it asks for that; every failing test is named."""
    if not definition.tests_block_publish or _digest(definition.source) in _passed:
        return
    problems = tuple(_problems(definition.source, run_and_remember(definition.source)))
    if problems:
        raise ValidationFailed("app_tests_fail", {"count": len(problems)}, problems=problems)


def run_and_remember(source: Mapping[str, Any]) -> tuple[Outcome, ...]:
    """Run all tests of an app; when they hold, publishing it asks for no second run."""
    outcomes = run_tests(source)
    if all(outcome.ok for outcome in outcomes):
        _passed[_digest(source)] = None
        while len(_passed) > _MOST_REMEMBERED:
            del _passed[next(iter(_passed))]
    return outcomes


def _digest(source: Mapping[str, Any]) -> str:
    return hashlib.sha256(strict_json.canonical(dict(source)).encode()).hexdigest()


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
