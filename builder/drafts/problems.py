"""What is still wrong with a draft, and where in the designer it is put right."""

from collections.abc import Iterator
from typing import Final

from builder.checks import check_app
from builder.drafts.model import Draft, DraftProblem, Json, Jump
from runtime.compile import compile_app
from runtime.definitions import read_app, shape_problems
from runtime.infra.act import Act
from runtime.infra.errors import Problem, ValidationFailed

# The tab of the designer on which a part of the app is put right.
_TABS: Final = {
    "workflows": "flow",
    "roles": "access",
    "menus": "lists",
    "stock": "app",
    "aggregates": "aggregates",
    "tests": "tests",
}
_LISTS: Final = frozenset({"list", "search", "title", "icon"})


def problems(act: Act, draft: Draft) -> tuple[DraftProblem, ...]:  # noqa: ARG001 - for later questions
    """Everything that forbids publishing, then what should be thought about."""
    return tuple(
        DraftProblem(
            each.pointer, each.code, each.params, "error", jump(draft.source, each.pointer)
        )
        for each in _errors(draft.source)
    )


def _errors(source: Json) -> Iterator[Problem]:
    shape = tuple(shape_problems(source))
    if shape:
        yield from shape
        return
    definition = read_app(source)
    found = check_app(definition)
    yield from found
    try:
        compile_app(definition, 1)
    except ValidationFailed as error:
        known = {(each.pointer, each.code) for each in found}
        yield from (each for each in error.problems if (each.pointer, each.code) not in known)


def jump(source: Json, pointer: str) -> Jump:
    """Where the designer shows what a pointer into the app points at."""
    steps = pointer.strip("/").split("/")
    if steps[0] == "forms" and len(steps) > 1 and steps[1].isdigit():
        forms = source["forms"]
        if int(steps[1]) < len(forms):
            return _in_form(forms[int(steps[1])], steps[2:])
    if steps[0] == "workflows" and len(steps) > 1 and steps[1].isdigit():
        flows = source.get("workflows", ())
        form = flows[int(steps[1])].get("form") if int(steps[1]) < len(flows) else None
        return Jump("flow", form)
    return Jump(_TABS.get(steps[0], "app"))


def _in_form(form: Json, steps: list[str]) -> Jump:
    code = str(form["code"])
    if not steps:
        return Jump("form", code)
    if steps[0] == "fields":
        return _in_fields(form, code, steps[1:])
    if steps[0] == "sections" and len(steps) > 1 and steps[1].isdigit():
        sections = form.get("sections", ())
        if int(steps[1]) < len(sections):
            return Jump("form", code, section=str(sections[int(steps[1])]["code"]))
    if steps[0] in _LISTS:
        return Jump("lists", code)
    return Jump("flow" if steps[0] == "workflow" else "form", code)


def _in_fields(form: Json, code: str, steps: list[str]) -> Jump:
    """`/fields/5/options/fields/2/...` is a column of a line table."""
    fields = form.get("fields", ())
    if not steps or not steps[0].isdigit() or int(steps[0]) >= len(fields):
        return Jump("form", code)
    field = fields[int(steps[0])]
    if field.get("kind") == "lines" and steps[1:3] == ["options", "fields"] and len(steps) > 3:
        columns = field.get("options", {}).get("fields", ())
        if steps[3].isdigit() and int(steps[3]) < len(columns):
            column = columns[int(steps[3])]
            return Jump("form", code, str(field["code"]), str(column.get("code", "")))
    return Jump("form", code, None, str(field.get("code", "")))
