"""What may stand in a draft: always JSON of the right shape, but it may still lack something."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from builder.drafts.working import Refusal
from runtime.definitions import shape_problems
from runtime.definitions.loader import FORMAT, field_problems, part_problems, schema_problems
from runtime.infra.errors import Problem, ValidationFailed
from runtime.kinds.fields import FIELD_TYPES

# What a draft may lack until it is published.
NOT_YET: Final = frozenset({"property_missing", "property_empty"})
# Of a whole app nothing is missing that makes a form a form and a field a field.
_EMPTY: Final = frozenset({"property_empty"})
_ANY_APP: Final = {"format": FORMAT, "code": "any", "label": "any", "forms": []}
_ANY_FIELD: Final = {"code": "any", "kind": "text", "label": "any"}


def check_field(field: Any, pointer: str, *, of: str = "") -> None:
    """Refuse a field that is not of the right shape; `of` looks at one property alone.

    What its kind needs to know it may still lack.
    """
    for problem in _of_field(field):
        if _is_about(problem, of) and not _may_wait(problem):
            raise Refusal(_moved(problem, pointer, of))


def check_form(form: Mapping[str, Any], pointer: str, *, of: str = "") -> None:
    """Refuse a form that is not of the right shape beside its fields."""
    # Fields are looked at one by one, where they are changed.
    for problem in part_problems("form", {**form, "fields": [_ANY_FIELD]}):
        if _is_about(problem, of):
            raise Refusal(_moved(problem, pointer, of))


def require_shape(source: Any, app_code: str) -> None:
    """Refuse JSON that is not of an app of that code; it may lack what its author still decides."""
    problems = [each for each in shape_problems(source) if each.code not in _EMPTY]
    if not problems and source["code"] != app_code:
        problems = [Problem("/code", "property_not_allowed", {"wanted": app_code})]
    if problems:
        raise ValidationFailed("definition_invalid", problems=problems)


def check_member(part: str, value: Any, pointer: str) -> None:
    """Refuse a member of a list of the app (`roles`, `workflows`, …) that is not of its shape."""
    for problem in shape_problems({**_ANY_APP, part: [value]}):
        if _is_about(problem, f"/{part}/0"):
            raise Refusal(_moved(problem, pointer, f"/{part}/0"))


def check_app_property(name: str, value: Any) -> None:
    """Refuse a setting of the app that is not of its shape."""
    for problem in shape_problems({**_ANY_APP, name: value}):
        if _is_about(problem, f"/{name}"):
            raise Refusal(_moved(problem, "/value", f"/{name}"))


def _of_field(field: Any) -> Iterator[Problem]:
    yield from field_problems(field)
    kind = FIELD_TYPES.get(field["kind"]) if _has_kind(field) else None
    if kind is not None and isinstance(field.get("options", {}), Mapping):
        for problem in schema_problems(kind.options, field.get("options", {})):
            yield problem.under("/options")


def _has_kind(field: Any) -> bool:
    return isinstance(field, Mapping) and isinstance(field.get("kind"), str)


def _may_wait(problem: Problem) -> bool:
    """What an author still has to say about a field of its kind."""
    if problem.pointer == "/options":
        # Of two options one is needed: the options of a choice, or the name of a set of them.
        return problem.code == "property_invalid"
    return problem.code in NOT_YET and problem.pointer.startswith("/options/")


def _is_about(problem: Problem, of: str) -> bool:
    return problem.pointer == of or problem.pointer.startswith(f"{of}/")


def _moved(problem: Problem, pointer: str, of: str) -> Problem:
    return Problem(pointer + problem.pointer.removeprefix(of), problem.code, problem.params)
