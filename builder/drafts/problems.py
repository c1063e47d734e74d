"""What is still wrong with a draft, and where in the designer it is put right.

Most of an app is the same after an operation as before it, so what was found out about a part is
kept by what the part says, and the whole is compiled again only when its meaning changed.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Lock
from typing import Any, Final

from builder.bound import bound_problems, posted_forms
from builder.checks import check_app, warnings
from builder.drafts.cautions import cautions
from builder.drafts.jumps import jump
from builder.drafts.meaning import meaning
from builder.drafts.model import Draft, DraftProblem, Json, Severity
from builder.drafts.store import active
from builder.flow_formulas import flow_formulas
from builder.named_people import people_problems
from runtime.compile import compile_app, kind_problems
from runtime.definitions import read_app, shape_problems
from runtime.definitions.loader import FORMAT
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.errors import Problem, ValidationFailed

Found = tuple[Problem, ...]
# Parts of an app whose members are looked at one by one.
_PARTS: Final = (
    "forms",
    "aggregates",
    "option_sets",
    "conversions",
    "printouts",
    "workflows",
    "roles",
    "menus",
    "tests",
)
_BARE: Final = {"format": FORMAT, "code": "any", "label": "any", "forms": []}
_MOST_HELD: Final = 4000


class _Memory:
    """What was found out before, by a text that says all it depends on; bounded."""

    def __init__(self, most: int) -> None:
        self._found: OrderedDict[tuple[str, int], Any] = OrderedDict()
        self._most = most
        self._lock = Lock()

    def get(self, key: tuple[str, int], find: Callable[[], Any]) -> Any:
        """What is known for the key, else what `find` finds out now."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        found = find()
        with self._lock:
            self._found[key] = found
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return found


_parts: Final = _Memory(_MOST_HELD)
_wholes: Final = _Memory(16)


def problems(act: Act, draft: Draft) -> tuple[DraftProblem, ...]:
    """Everything that forbids publishing, then what should be thought about."""
    source = draft.source
    shape = tuple(_shape(source))
    errors, hints = (shape, ()) if shape else _of_shaped(source)
    running = active(act.connection, draft.app_code)
    if running is not None and draft.is_changed:
        posted = posted_forms(act.connection, draft.app_code)
        errors = (*errors, *bound_problems(running[0], source, posted))
    if not shape:
        people = people_problems(act.connection, source)
        errors, hints = (*errors, *people.unknown), (*hints, *people.gone)
    told = [_told(source, each, "error") for each in errors]
    told += [_told(source, each, "warning") for each in hints]
    return (*told, *cautions(draft))


def errors_of(source: Json) -> Found:
    """What forbids publishing an app, whatever runs now and whatever was posted."""
    return tuple(_shape(source)) or _of_shaped(source)[0]


def _told(source: Json, problem: Problem, severity: Severity) -> DraftProblem:
    at = jump(source, problem.pointer)
    return DraftProblem(problem.pointer, problem.code, problem.params, severity, at)


def _of_shaped(source: Json) -> tuple[Found, Found]:
    """What is wrong with an app of the right shape, and what is hardly meant."""
    definition = read_app(source)
    checked = check_app(definition)
    kinds = tuple(
        problem.under(f"/forms/{index}")
        for index, form in enumerate(definition.forms)
        for problem in _kinds(definition, index, source["forms"][index])
    )
    if kinds:
        # Without its options a field means nothing yet, so nothing can be said about formulas.
        return (*checked, *kinds), ()
    known = {(each.pointer, each.code) for each in checked}
    compiled, hints = _compiled(source)
    return (*checked, *(p for p in compiled if (p.pointer, p.code) not in known)), hints


def _shape(source: Json) -> Iterator[Problem]:
    bare = {name: [] if name in _PARTS else value for name, value in source.items()}
    yield from shape_problems(bare)
    for part in _PARTS:
        for index, member in enumerate(source.get(part, ())):
            for problem in _of_member(part, member):
                yield problem.under(f"/{part}/{index}")


def _of_member(part: str, member: Any) -> Found:
    def find() -> Found:
        at = f"/{part}/0"
        found = shape_problems({**_BARE, part: [member]})
        return tuple(
            Problem(each.pointer.removeprefix(at), each.code, each.params)
            for each in found
            if each.pointer.startswith(at)
        )

    found: Found = _parts.get((f"{part} {strict_json.dumps(member)}", 0), find)
    return found


def _kinds(definition: Any, index: int, source: Any) -> Found:
    """What a form's fields lack of what their kinds need."""

    def find() -> Found:
        alone = replace(definition, forms=(definition.forms[index],))
        at = "/forms/0"
        return tuple(
            Problem(each.pointer.removeprefix(at), each.code, each.params)
            for each in kind_problems(alone)
        )

    found: Found = _parts.get((f"kinds {strict_json.dumps(source)}", 0), find)
    return found


def _compiled(source: Json) -> tuple[Found, Found]:
    """What is wrong with formulas and names; where nothing is, what is hardly meant."""

    def find() -> tuple[Found, Found]:
        try:
            app = compile_app(read_app(source), 1, is_checked=True)
        except ValidationFailed as error:
            return tuple(error.problems), ()
        return tuple(flow_formulas(app, source)), warnings(app)

    found: tuple[Found, Found] = _wholes.get((strict_json.dumps(meaning(source)), 0), find)
    return found
