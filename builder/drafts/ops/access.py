"""Roles, and what they may do to forms and fields."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.access import decide, forget_form_grant, grant_of, set_paths
from builder.drafts.naming import free_code
from builder.drafts.ops._op import CODE, FIELD, Done, Op, shape
from builder.drafts.shape import check_member
from builder.drafts.words import said
from builder.drafts.working import Object, Working, id_of, label_of, put, refuse

_NEW_LABEL: Final = {"zh": "新角色", "en": "New role"}


def _add_role(work: Working, op: Mapping[str, Any]) -> Done:
    given: Object = dict(op["role"])
    roles = work.part("roles")
    label = given.get("label", _NEW_LABEL)
    check_member("roles", {"code": "any", "grants": [], **given, "label": label}, "/role")
    taken = {each["code"] for each in roles}
    code = given.get("code") or free_code(label, taken, "role")
    if code in taken:
        refuse("/role/code", "code_twice", code=code)
    role = {"code": code, "label": label, "grants": given.get("grants", [])}
    role |= {name: value for name, value in given.items() if name not in role}
    roles.append(role)
    return Done(said("draft_said_role_added", role=label), code)


def _set_role(work: Working, op: Mapping[str, Any]) -> Done:
    role = _role(work, op)
    if op["name"] in {"code", "grants"}:
        refuse("/name", "draft_property_fixed", name=op["name"])
    before = label_of(role)
    put(role, op["name"], op["value"], "role")
    check_member("roles", role, "/value")
    return Done(said("draft_said_role_set", role=before))


def _delete_role(work: Working, op: Mapping[str, Any]) -> Done:
    role = _role(work, op)
    work.part("roles").remove(role)
    return Done(said("draft_said_role_deleted", role=label_of(role)))


def _set_grant(work: Working, op: Mapping[str, Any]) -> Done:
    role = _role(work, op)
    if op["form"] != "*" and not _is_readable(work, op["form"]):
        refuse("/form", "form_unknown", name=op["form"])
    verbs = op.get("verbs")
    if verbs is not None and not verbs:
        forget_form_grant(role, op["form"])
    else:
        grant = grant_of(role, op["form"])
        if grant is None:
            grant = {"form": op["form"], "verbs": []}
            role["grants"].append(grant)
        if verbs is not None:
            grant["verbs"] = list(verbs)
        _set_rows(grant, op)
    check_member("roles", role, "")
    return Done(said("draft_said_grant_set", role=label_of(role), form=_named(work, op["form"])))


def _set_rows(grant: Object, op: Mapping[str, Any]) -> None:
    """Whose records; a condition stands beside the scope that asks for it and beside no other."""
    if "rows" in op:
        put(grant, "rows", None if op["rows"] == "all" else op["rows"], "grant")
    if grant.get("rows") != "rule":
        put(grant, "condition", None, "grant")
    elif "condition" in op:
        put(grant, "condition", op["condition"], "grant")


def _set_field_access(work: Working, op: Mapping[str, Any]) -> Done:
    role, form, field = _role(work, op), work.form(op["form"]), work.field(op)
    grant = grant_of(role, op["form"])
    if grant is None:
        refuse("/role", "draft_grant_missing", role=str(role["code"]), form=op["form"])
    set_paths(grant, _path(op), op["access"])
    decide(work, op["form"], op.get("lines"), id_of(field))
    params = {"role": label_of(role), "form": label_of(form), "field": label_of(field)}
    return Done(said("draft_said_access_set", **params))


def _accept_access(work: Working, op: Mapping[str, Any]) -> Done:
    form, field = work.form(op["form"]), work.field(op)
    decide(work, op["form"], op.get("lines"), id_of(field))
    return Done(said("draft_said_access_accepted", form=label_of(form), field=label_of(field)))


def _role(work: Working, op: Mapping[str, Any]) -> Object:
    for role in work.part("roles"):
        if role["code"] == op["role"]:
            found: Object = role
            return found
    return refuse("/role", "role_unknown", name=str(op["role"]))


def _is_readable(work: Working, code: str) -> bool:
    named = (each["code"] for name in ("forms", "aggregates") for each in work.source.get(name, ()))
    return code in named


def _named(work: Working, code: str) -> Any:
    for name in ("forms", "aggregates"):
        for each in work.source.get(name, ()):
            if each["code"] == code:
                return label_of(each)
    return code


def _path(op: Mapping[str, Any]) -> str:
    return op["field"] if op.get("lines") is None else f"{op['lines']}.{op['field']}"


_ROLE: Final = {"role": CODE}
_ACCESS: Final = {"enum": ["edit", "read", "none"]}
OPS: Final = (
    Op("add_role", shape({"role": {"type": "object"}}, "role"), _add_role),
    Op("set_role", shape({**_ROLE, "name": {"type": "string", "maxLength": 40}, "value": {}},
                         "role", "name", "value"), _set_role),
    Op("delete_role", shape(_ROLE, "role"), _delete_role),
    Op("set_grant", shape({**_ROLE, "form": {"type": "string", "maxLength": 40},
                           "verbs": {"type": "array", "items": {"type": "string"}},
                           "rows": {"type": "string"},
                           "condition": {"type": "string", "maxLength": 4000}},
                          "role", "form"), _set_grant),
    Op("set_field_access", shape({**_ROLE, **FIELD, "access": _ACCESS},
                                 "role", "form", "field", "access"), _set_field_access),
    Op("accept_access", shape(FIELD, "form", "field"), _accept_access),
)  # fmt: skip
