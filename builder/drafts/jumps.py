"""From a pointer into the app to the place in the designer where it is put right."""

from typing import Any, Final

from builder.drafts.model import Json, Jump

# The tab of the designer on which a part of the app is put right.
_TABS: Final = {
    "workflows": "flow",
    "roles": "access",
    "menus": "menus",
    "aggregates": "aggregates",
    "option_sets": "option_sets",
    "conversions": "conversions",
    "printouts": "prints",
    "tests": "tests",
}
# Members of a flow that hold steps or branches.
_HOLDERS: Final = frozenset({"steps", "branches"})
_OF_FORM: Final = {
    "list": "lists",
    "search": "lists",
    "views": "lists",
    "title": "lists",
    "icon": "lists",
    "workflow": "flow",
}


def jump(source: Json, pointer: str) -> Jump:
    """Where the designer shows what a pointer into the app points at."""
    steps = pointer.strip("/").split("/")
    member = _member(source.get(steps[0]), steps[1:])
    if steps[0] == "forms" and member is not None:
        return _in_form(member, steps[2:])
    if steps[0] == "workflows" and member is not None:
        code = str(member.get("code", ""))
        return Jump("flow", member.get("form"), flow=code, step=_step_in(member, steps[2:]))
    if steps[0] == "roles" and member is not None:
        grant = _member(member.get("grants"), steps[3:])
        return Jump("access", None if grant is None else grant.get("form"))
    if steps[0] == "printouts" and member is not None:
        return Jump("prints", member.get("form"))
    return Jump(_TABS.get(steps[0], "app"))


def _step_in(flow: Json, steps: list[str]) -> str | None:
    """The innermost step or branch a pointer into a flow passes."""
    found, holder = None, flow
    while len(steps) >= 2 and steps[0] in _HOLDERS:
        member = _member(holder.get(steps[0]), steps[1:])
        if member is None or "id" not in member:
            break
        found, holder, steps = str(member["id"]), member, steps[2:]
    return found


def _in_form(form: Json, steps: list[str]) -> Jump:
    code = str(form["code"])
    if not steps or steps[0] in _OF_FORM:
        return Jump(_OF_FORM[steps[0]] if steps else "form", code)
    member = _member(form.get(steps[0]), steps[1:])
    if member is None:
        return Jump("form", code)
    if steps[0] == "fields":
        return _in_field(member, code, steps[2:])
    if steps[0] == "sections":
        return Jump("form", code, section=str(member.get("code", "")))
    if steps[0] == "checks" and member.get("field"):
        return Jump("form", code, member.get("lines"), member["field"])
    return Jump("form", code)


def _in_field(field: Json, form: str, steps: list[str]) -> Jump:
    """`/options/fields/2/...` of a line table is one of its columns."""
    code = str(field.get("code", ""))
    if field.get("kind") == "lines" and steps[:2] == ["options", "fields"]:
        column = _member(field.get("options", {}).get("fields"), steps[2:])
        if column is not None:
            return Jump("form", form, code, str(column.get("code", "")))
    return Jump("form", form, None, code)


def _member(members: Any, steps: list[str]) -> Any:
    if not isinstance(members, list) or not steps or not steps[0].isdigit():
        return None
    index = int(steps[0])
    found = members[index] if index < len(members) else None
    return found if isinstance(found, dict) else None
