"""Roles speak of forms and fields that exist, and somebody can reach each form."""

from collections.abc import Iterator

from runtime.definitions import AppDef, FormDef
from runtime.infra.errors import Problem


def permissions(definition: AppDef) -> Iterator[Problem]:
    """Yield grants on unknown forms, aggregate tables and fields."""
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
