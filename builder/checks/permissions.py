"""Roles speak of forms and fields that exist, and somebody can reach each form."""

from collections.abc import Iterator

from runtime.definitions import AppDef, FormDef, GrantDef
from runtime.infra.errors import Problem


def permissions(definition: AppDef) -> Iterator[Problem]:
    """Yield grants on unknown forms and fields."""
    for index, role in enumerate(definition.roles):
        for place, grant in enumerate(role.grants):
            pointer = f"/roles/{index}/grants/{place}"
            form = definition.form(grant.form)
            if grant.form != "*" and form is None:
                yield Problem(f"{pointer}/form", "form_unknown", {"name": grant.form})
            if form is not None:
                yield from (problem.under(pointer) for problem in _hidden(grant, form))


def _hidden(grant: GrantDef, form: FormDef) -> Iterator[Problem]:
    paths = {field.code for field in form.fields}
    for field in form.fields:
        paths |= {f"{field.code}.{column.code}" for column in field.columns}
    for path in sorted(grant.hidden - paths):
        yield Problem("/hidden", "field_unknown", {"name": path})
