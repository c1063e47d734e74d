"""What the approval of a form says of its beginning: what whoever submits may write, and must.

Fields it hides or only shows are not the initiator's to write, in a draft either; flows write them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runtime.compile.model import Form
from runtime.documents.flows import writing
from runtime.documents.flows.world import DocumentWorld
from runtime.documents.prepare import Prepared, prepare
from runtime.formula import CellError
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, Problem, ValidationFailed
from runtime.query import Record

Values = Mapping[str, Any]
_CLOSED: Final = frozenset({"hide", "view"})
# Nobody fills a form in for them.
_OWN: Final = frozenset({"flow", "system"})


def rights(form: Form) -> Mapping[str, str]:
    """What is said of fields, and of `lines.column`, for whoever submits."""
    found: Mapping[str, str] = (
        {} if form.workflow is None else form.workflow.start.get("access", {})
    )
    return found


def prepared(
    act: Act, form: Form, sent: Values, before: Record | None, *, complete: bool
) -> Prepared:
    """What becomes of what was sent, as `prepare` has it; the beginning of the flow is kept to."""
    found = prepare(act, form, sent, before, complete=complete)
    said = rights(form)
    if not said or act.actor.source in _OWN:
        return found
    problems = list(_foreign(act, form, sent, before, found))
    if complete:
        problems += _missing(form, found.values)
    if problems:
        raise ValidationFailed(problems=problems)
    return found


def write(act: Act, world: DocumentWorld) -> None:
    """Write what the flow says of a document that is handed in."""
    flow = world.form.workflow
    given = {} if flow is None else flow.start.get("updates", {})
    values = {code: _settled(world, each) for code, each in given.items()}
    if values:
        world.keep(writing.write(act, world.document, values, why="start"))


def _settled(world: DocumentWorld, given: Any) -> Any:
    if not isinstance(given, str) or not given.startswith("="):
        return given
    found = world.value(given, ())
    if isinstance(found, CellError):
        raise Conflict("flow_formula_wrong", {"reason": f"{found.kind} {given}"})
    return found


def _foreign(
    act: Act, form: Form, sent: Values, before: Record | None, found: Prepared
) -> Iterator[Problem]:
    """Fields that were sent, are not theirs, and would be different because they were sent."""
    closed = [path for path, right in rights(form).items() if right in _CLOSED]
    rest = _without(sent, closed)
    if rest == dict(sent):
        return
    kept = prepare(act, form, rest, before, complete=False).values
    for path in closed:
        code, _, column = path.partition(".")
        if not column and found.values.get(code) != kept.get(code):
            yield Problem(f"/{code}", "field_not_of_step", {"name": code})
        rows = enumerate(found.values.get(code) or ()) if column else ()
        others = kept.get(code) or ()
        for index, row in rows:
            other = others[index] if index < len(others) else {}
            if row.get(column) != other.get(column):
                place = f"/{code}/{index}/{column}"
                yield Problem(place, "field_not_of_step", {"name": column})


def _without(sent: Values, closed: list[str]) -> dict[str, Any]:
    left = {code: value for code, value in sent.items() if code not in closed}
    for path in closed:
        code, _, column = path.partition(".")
        rows = left.get(code)
        if column and isinstance(rows, (list, tuple)):
            left[code] = [
                {name: value for name, value in row.items() if name != column}
                if isinstance(row, Mapping)
                else row
                for row in rows
            ]
    return left


def _missing(form: Form, values: Values) -> Iterator[Problem]:
    for path, right in rights(form).items():
        code, _, column = path.partition(".")
        if right != "require":
            continue
        if not column and _is_empty(values.get(code)):
            yield Problem(f"/{code}", "field_of_step_missing", {"name": code})
        for index, row in enumerate(values.get(code) or () if column else ()):
            if _is_empty(row.get(column)):
                place = f"/{code}/{index}/{column}"
                yield Problem(place, "field_of_step_missing", {"name": column})


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", (), [])
