"""What `dajian app test` does."""

from collections.abc import Mapping, Sequence
from typing import Any

from builder.testing.outcome import Outcome, outcome_json
from builder.testing.run import run_tests, unknown_tests
from runtime.infra.errors import BadRequest
from runtime.infra.strict_json import Json
from runtime.platform import open_database


def run(source: Mapping[str, Any], tests: Sequence[str], on: str | None) -> tuple[Outcome, ...]:
    """Run tests of an app on a database of their own, or on an empty one that is given."""
    unknown = unknown_tests(source, tests)
    if unknown:
        raise BadRequest("test_unknown", {"name": unknown[0]})
    only = tests or None
    if on is None:
        return run_tests(source, only)
    database = open_database(on)
    try:
        return run_tests(source, only, database)
    finally:
        database.dispose()


def report(outcomes: Sequence[Outcome]) -> list[Json]:
    """The document of the command: a row for each test, or for each difference of it."""
    return [dict(row) for outcome in outcomes for row in outcome_json(outcome)]
