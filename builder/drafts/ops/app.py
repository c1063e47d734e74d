"""The app itself: its settings, its menus, and its parts that are set as a whole."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.ops._op import Done, Op, shape
from builder.drafts.shape import check_app_property, check_member
from builder.drafts.words import said
from builder.drafts.working import PARTS, Working, put, refuse

_OTHERWISE: Final = frozenset({"format", "code", "forms", *PARTS})
SETTABLE: Final = ("workflows", "conversions", "printouts", "aggregates", "option_sets", "tests")


def _set_app(work: Working, op: Mapping[str, Any]) -> Done:
    if op["name"] in _OTHERWISE or (op["name"] == "label" and op["value"] is None):
        refuse("/name", "draft_property_fixed", name=op["name"])
    put(work.source, op["name"], op["value"], "app")
    if op["value"] is not None:
        check_app_property(op["name"], op["value"])
    return Done(said("draft_said_app_set", name=op["name"]))


def _set_menus(work: Working, op: Mapping[str, Any]) -> Done:
    put(work.source, "menus", op["value"] or None, "app")
    for index, menu in enumerate(op["value"]):
        check_member("menus", menu, f"/value/{index}")
    return Done(said("draft_said_menus_set"))


def _set_part(work: Working, op: Mapping[str, Any]) -> Done:
    part, code, value = op["part"], op["code"], op["value"]
    members = work.part(part)
    at = next((i for i, each in enumerate(members) if each["code"] == code), None)
    if value is None:
        if at is None:
            refuse("/code", "draft_part_unknown", name=code)
        members.pop(at)
        if not members:
            work.source.pop(part)
        return Done(said("draft_said_part_deleted", name=code))
    if value.get("code") != code:
        refuse("/value/code", "draft_property_fixed", name="code")
    if at is None:
        members.append(value)
    else:
        members[at] = value
    check_member(part, value, "/value")
    return Done(said("draft_said_part_set", name=code), code if at is None else "")


_CODE: Final = {"type": "string", "minLength": 1, "maxLength": 60}
OPS: Final = (
    Op("set_app", shape({"name": {"type": "string", "maxLength": 40}, "value": {}},
                        "name", "value"), _set_app),
    Op("set_menus", shape({"value": {"type": "array"}}, "value"), _set_menus),
    Op("set_part", shape({"part": {"enum": list(SETTABLE)}, "code": _CODE,
                          "value": {"type": ["object", "null"]}},
                         "part", "code", "value"), _set_part),
)  # fmt: skip
