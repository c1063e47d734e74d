"""`set_form`: a property of a form (its title, list, checks, rules, flow, …); null removes it."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.formulas import keep_by_ids
from builder.drafts.ops._op import CODE, Done, Op, shape
from builder.drafts.shape import check_form
from builder.drafts.words import said
from builder.drafts.working import Working, label_of, put, refuse
from runtime.definitions.label import read_label

# What has operations of its own, or never changes.
_OTHERWISE: Final = frozenset({"code", "fields", "sections"})


def _carry_out(work: Working, op: Mapping[str, Any]) -> Done:
    form, name, value = work.form(op["form"]), op["name"], op["value"]
    before = label_of(form)
    if name in _OTHERWISE or (name in {"label", "type"} and value is None):
        refuse("/name", "draft_property_fixed", name=name)
    if name == "label":
        label = read_label(before)
        keep_by_ids(work, label.zh, label.en)
        form = work.form(op["form"])
    put(form, name, value if value != [] else None, "form")
    check_form(form, "/value", of=f"/{name}")
    return Done(said("draft_said_form_set", form=before, name=name))


OP: Final = Op(
    "set_form",
    shape(
        {"form": CODE, "name": {"type": "string", "maxLength": 40}, "value": {}},
        "form", "name", "value",
    ),
    _carry_out,
)  # fmt: skip
