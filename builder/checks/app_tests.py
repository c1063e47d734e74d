"""A test says what its steps need, and begins where another one ends that is there."""

from collections.abc import Iterator

from runtime.definitions import AppDef, AppTestDef, AppTestStep
from runtime.definitions.app_test import NEEDS
from runtime.infra.errors import Problem


def app_tests(definition: AppDef) -> Iterator[Problem]:
    """Yield tests that could never be run, whatever the app is like.

    What a test says of forms and fields is not asked here: where they are gone, it fails.
    """
    known = {test.code: test for test in definition.tests}
    seen: set[str] = set()
    for index, test in enumerate(definition.tests):
        pointer = f"/tests/{index}"
        if test.code in seen:
            yield Problem(f"{pointer}/code", "code_twice", {"code": test.code})
        seen.add(test.code)
        if test.after and test.after not in known:
            yield Problem(f"{pointer}/after", "test_unknown", {"name": test.after})
        elif _returns(test, known):
            yield Problem(f"{pointer}/after", "test_after_itself", {"name": test.code})
        for place, step in enumerate(test.steps):
            at = f"{pointer}/example" if test.is_example else f"{pointer}/steps/{place}"
            yield from (problem.under(at) for problem in _lacks(step))


def _returns(test: AppTestDef, known: dict[str, AppTestDef]) -> bool:
    """Whether a test goes on from itself, on whatever way."""
    met: set[str] = set()
    before = known.get(test.after)
    while before is not None and before.code not in met:
        if before.code == test.code:
            return True
        met.add(before.code)
        before = known.get(before.after)
    return False


def _lacks(step: AppTestStep) -> Iterator[Problem]:
    for name in NEEDS.get(step.do, ()):
        if name not in step.source:
            yield Problem("", "property_missing", {"name": name})
