"""A view names fields that are there, and has what its kind needs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from runtime.definitions import AppDef, FieldDef, FormDef, ViewDef
from runtime.infra.errors import Problem
from runtime.kinds.layout_field import LAYOUT

# What every record has beside its fields.
_OWN: Final = frozenset({"status", "created_by", "created_at", "updated_by", "updated_at"})
# What a kind of view cannot do without, and the kinds of fields that will do.
_NEEDED: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "calendar": ("date", frozenset({"date", "datetime"})),
    "kanban": ("lane", frozenset({"choice", "status", "boolean", "user"})),
    "gallery": ("cover", frozenset({"image", "attachment"})),
}
_DEEPEST: Final = 3


def views(definition: AppDef) -> Iterator[Problem]:
    """Yield what is wrong with the views of every form."""
    roles = {role.code for role in definition.roles}
    for index, form in enumerate(definition.forms):
        codes = [view.code for view in form.views]
        for place, view in enumerate(form.views):
            at = f"/forms/{index}/views/{place}"
            if view.code in codes[:place]:
                yield Problem(f"{at}/code", "code_twice", {"code": view.code})
            for role in sorted(view.roles - roles):
                yield Problem(f"{at}/roles", "role_unknown", {"name": role})
            for problem in _view(definition, form, view):
                yield problem.under(at)


def _view(definition: AppDef, form: FormDef, view: ViewDef) -> Iterator[Problem]:
    fields = {field.code: field for field in form.fields if field.kind not in LAYOUT | {"lines"}}
    for name in dict.fromkeys(view.fields):
        if name not in fields and name not in _OWN:
            yield Problem("", "field_unknown", {"name": name})
    if view.type in _NEEDED:
        needed, kinds = _NEEDED[view.type]
        code = getattr(view, needed)
        kind = "status" if code == "status" else fields[code].kind if code in fields else ""
        if kind not in kinds:
            yield Problem(f"/{needed}", "view_field_needed", {"type": view.type, "name": needed})
    yield from _condition(definition, form, view.where, "/where", 1)


def _condition(
    definition: AppDef, form: FormDef, where: Mapping[str, Any], pointer: str, depth: int
) -> Iterator[Problem]:
    if not where:
        return
    if "field" in where:
        if not _is_there(definition, form, str(where["field"])):
            yield Problem(pointer, "field_unknown", {"name": str(where["field"])})
        if not where.get("op"):
            yield Problem(pointer, "filter_shape")
        return
    if len(where) != 1:
        yield Problem(pointer, "filter_shape")
    elif depth > _DEEPEST:
        yield Problem(pointer, "filter_too_deep", {"most": _DEEPEST})
    else:
        join, inner = next(iter(where.items()))
        parts: Sequence[Any] = [inner] if join == "not" else inner
        for place, part in enumerate(parts):
            at = f"{pointer}/{join}" if join == "not" else f"{pointer}/{join}/{place}"
            yield from _condition(definition, form, part, at, depth + 1)


def _is_there(definition: AppDef, form: FormDef, path: str) -> bool:
    head, _, rest = path.partition(".")
    field = next((each for each in form.fields if each.code == head), None)
    if not rest:
        return head in _OWN or (field is not None and field.kind not in LAYOUT | {"lines"})
    return field is not None and rest in _behind(definition, field)


def _behind(definition: AppDef, field: FieldDef) -> set[str]:
    if field.kind == "lines":
        return {column.code for column in field.columns}
    target = definition.form(str(field.options.get("form"))) if field.kind == "reference" else None
    return {each.code for each in target.fields} if target else set()
