"""`set`: a property of a field, or one of its options (`options/places`); null removes it."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.formulas import keep_by_ids
from builder.drafts.ops._op import FIELD, Done, Op, shape
from builder.drafts.shape import check_field
from builder.drafts.words import said
from builder.drafts.working import Object, Working, label_of, put, refuse
from runtime.definitions.label import read_label

# What has an operation of its own, or never changes.
_OTHERWISE: Final = frozenset({"id", "code", "kind", "options", "options/fields"})


def _carry_out(work: Working, op: Mapping[str, Any]) -> Done:
    form, field = work.form(op["form"]), work.field(op)
    name, value, before = op["name"], op["value"], label_of(field)
    if name in _OTHERWISE or (name == "label" and value is None):
        refuse("/name", "draft_property_fixed", name=name)
    if name == "label":
        field = _renamed(work, op)
    group, _, option = name.partition("/")
    if group == "options":
        _set_option(field, option, value)
    elif option:
        refuse("/name", "property_unknown", name=name)
    else:
        put(field, name, value, "field")
    check_field(field, "/value", of=f"/{name}")
    params = {"form": label_of(form), "field": before, "name": name}
    return Done(said("draft_said_field_set", **params))


def _renamed(work: Working, op: Mapping[str, Any]) -> Object:
    """Formulas that name the field by what it was called keep to it."""
    label = read_label(work.field(op).get("label"), "")
    keep_by_ids(work, label.zh, label.en)
    return work.field(op)


def _set_option(field: Object, option: str, value: Any) -> None:
    options = dict(field.get("options", {}))
    if value is None:
        options.pop(option, None)
    else:
        options[option] = value
    put(field, "options", options or None, "field")


OP: Final = Op(
    "set",
    shape(
        {**FIELD, "name": {"type": "string", "maxLength": 80}, "value": {}},
        "form", "field", "name", "value",
    ),
    _carry_out,
)  # fmt: skip
