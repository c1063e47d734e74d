"""How a test came out: every difference between what was expected and what there was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.definitions import AppTestDef
from runtime.infra.errors import AppError
from runtime.infra.strict_json import Json


@dataclass(frozen=True)
class Difference:
    """One thing that was not as expected; `at` points into the test (`/steps/2/expect/status`)."""

    at: str
    expected: Json
    actual: Json


@dataclass(frozen=True)
class Outcome:
    """A test that was run; it holds when there is no difference."""

    test: AppTestDef
    differences: tuple[Difference, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything was as expected."""
        return not self.differences


class BrokenTestError(AppError):
    """The test itself cannot be carried out: it names what is not there."""

    status = 422
    default_code = "test_broken"


def broken(at: str, error: BrokenTestError) -> Difference:
    """What is said of a test that cannot be carried out."""
    return Difference(at, None, {"broken": error.code, **error.params})


def outcome_json(outcome: Outcome) -> Iterator[dict[str, Json]]:
    """Yield a row for a test that holds, and one for each difference of a test that does not."""
    name = outcome.test.code
    if outcome.ok:
        yield {"test": name, "ok": True, "expected": None, "actual": None, "at": ""}
    for each in outcome.differences:
        yield {
            "test": name,
            "ok": False,
            "expected": each.expected,
            "actual": each.actual,
            "at": each.at,
        }


def refusal_json(error: AppError, problems: list[Mapping[str, Any]]) -> Json:
    """What came instead of the act: the refusal and each of its problems."""
    return {"refused": error.code, "problems": [dict(each) for each in problems]}
