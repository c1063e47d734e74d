"""Roles speak of forms and fields that exist, and somebody can reach each form."""

from collections.abc import Iterator, Mapping

from runtime.definitions import AppDef, FormDef
from runtime.infra.errors import Problem


def permissions(definition: AppDef) -> Iterator[Problem]:
    """Yield grants on unknown forms and fields, and roles that include what they cannot."""
    yield from _includes(definition)
    for index, role in enumerate(definition.roles):
        for place, grant in enumerate(role.grants):
            pointer = f"/roles/{index}/grants/{place}"
            paths = _paths(definition, grant.form)
            if grant.form != "*" and paths is None:
                yield Problem(f"{pointer}/form", "form_unknown", {"name": grant.form})
            if paths is not None:
                for part, named in (("hidden", grant.hidden), ("readonly", grant.readonly)):
                    for path in sorted(named - paths):
                        yield Problem(f"{pointer}/{part}", "field_unknown", {"name": path})


def _includes(definition: AppDef) -> Iterator[Problem]:
    included = {role.code: role.includes for role in definition.roles}
    for index, role in enumerate(definition.roles):
        for place, code in enumerate(role.includes):
            pointer = f"/roles/{index}/includes/{place}"
            if code not in included:
                yield Problem(pointer, "role_unknown_included", {"name": code})
            elif path := _way(included, code, role.code):
                circle = " → ".join([role.code, *path])
                yield Problem(pointer, "role_includes_itself", {"path": circle})


def _way(included: Mapping[str, tuple[str, ...]], start: str, goal: str) -> list[str]:
    """How one role leads to another by what it includes; empty where it does not."""
    waiting, seen = [[start]], {start}
    while waiting:
        path = waiting.pop()
        if path[-1] == goal:
            return path
        for code in included.get(path[-1], ()):
            if code == goal or code not in seen:
                seen.add(code)
                waiting.append([*path, code])
    return []


def _paths(definition: AppDef, code: str) -> set[str] | None:
    """What a grant on a form or an aggregate table may hide."""
    form = definition.form(code)
    if form is not None:
        return _of_form(form)
    found = next((item for item in definition.aggregates if item.code == code), None)
    if found is None:
        return None
    return {each.code for each in found.dimensions} | {each.code for each in found.measures}


def _of_form(form: FormDef) -> set[str]:
    paths = {field.code for field in form.fields}
    for field in form.fields:
        paths |= {f"{field.code}.{column.code}" for column in field.columns}
    return paths
