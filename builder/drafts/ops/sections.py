"""Sections of a form: add, set, move, delete. A deleted one leaves its fields to its neighbour."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.naming import free_code
from builder.drafts.ops._op import CODE, INDEX, Done, Op, shape
from builder.drafts.shape import check_form
from builder.drafts.words import said
from builder.drafts.working import Object, Working, label_of, place, put, refuse

_FIRST_LABEL: Final = {"zh": "基本信息", "en": "Basics"}
_NEW_LABEL: Final = {"zh": "新分组", "en": "New section"}


def _add(work: Working, op: Mapping[str, Any]) -> Done:
    form = work.form(op["form"])
    sections = _sections(form)
    given = {"label": _NEW_LABEL, **op.get("section", {})}
    # Of the right shape first: a code is made of the label.
    check_form(
        {**form, "sections": [{"code": "any", "fields": [], **given}]}, "/section", of="/sections/0"
    )
    label = given["label"]
    code = given.get("code") or free_code(label, {each["code"] for each in sections}, "section")
    if any(each["code"] == code for each in sections):
        refuse("/section/code", "code_twice", code=code)
    # Its fields come by moving them there.
    section = {"code": code, "label": label, "fields": []}
    section |= {name: value for name, value in given.items() if name not in section}
    sections.insert(op.get("index", len(sections)), section)
    return Done(said("draft_said_section_added", form=label_of(form), section=label), code)


def _set(work: Working, op: Mapping[str, Any]) -> Done:
    form = work.form(op["form"])
    section = _found(form, op)
    if op["name"] in {"code", "fields"}:
        refuse("/name", "draft_property_fixed", name=op["name"])
    before = label_of(section)
    value = None if (op["name"], op["value"]) == ("phone", "open") else op["value"]
    put(section, op["name"], value, "section")
    check_form(form, "/value", of="/sections")
    return Done(said("draft_said_section_set", form=label_of(form), section=before))


def _move(work: Working, op: Mapping[str, Any]) -> Done:
    form = work.form(op["form"])
    section = _found(form, op)
    form["sections"].remove(section)
    form["sections"].insert(op["index"], section)
    return Done(said("draft_said_section_moved", form=label_of(form), section=label_of(section)))


def _delete(work: Working, op: Mapping[str, Any]) -> Done:
    form = work.form(op["form"])
    section = _found(form, op)
    sections = form["sections"]
    at = sections.index(section)
    sections.pop(at)
    if sections:
        sections[max(at - 1, 0)]["fields"].extend(section["fields"])
    else:
        # Without sections a form shows every field in the order of its definition.
        form.pop("sections")
    _forget(form, section["code"])
    return Done(said("draft_said_section_deleted", form=label_of(form), section=label_of(section)))


def _sections(form: Object) -> list[Any]:
    """The sections of a form; one of all its fields where it had none."""
    if not form.get("sections"):
        fields = [each["code"] for each in form["fields"]]
        first = [{"code": "basic", "label": _FIRST_LABEL, "fields": fields}] if fields else []
        place(form, "sections", first, "form")
    found: list[Any] = form["sections"]
    return found


def _found(form: Object, op: Mapping[str, Any]) -> Object:
    for section in form.get("sections", ()):
        if section["code"] == op["section"]:
            found: Object = section
            return found
    return refuse("/section", "section_unknown", name=op["section"])


def _forget(form: Object, code: str) -> None:
    """Rules do not speak of a section that is gone."""
    for rule in form.get("rules", ()):
        if code in rule.get("sections", ()):
            rule["sections"].remove(code)
            if not rule["sections"]:
                rule.pop("sections")


_ONE: Final = {"form": CODE, "section": CODE}
OPS: Final = (
    Op("add_section", shape({"form": CODE, "section": {"type": "object"}, "index": INDEX}, "form"),
       _add),
    Op("set_section", shape({**_ONE, "name": {"type": "string", "maxLength": 40}, "value": {}},
                            "form", "section", "name", "value"), _set),
    Op("move_section", shape({**_ONE, "index": INDEX}, "form", "section", "index"), _move),
    Op("delete_section", shape(_ONE, "form", "section"), _delete),
)  # fmt: skip
