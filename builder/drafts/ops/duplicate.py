"""`duplicate`: a field once more, behind itself, with a code and an id of its own."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from builder.drafts.access import note_new_field
from builder.drafts.defaults import new_code, new_id
from builder.drafts.layout import put_column, put_field, section_of
from builder.drafts.naming import copied_label
from builder.drafts.ops._op import FIELD, Done, Op, shape
from builder.drafts.words import said
from builder.drafts.working import Object, Working, label_of, name_of


def _carry_out(work: Working, op: Mapping[str, Any]) -> Done:
    form, field, lines = work.form(op["form"]), work.field(op), op.get("lines")
    fields = work.fields(op["form"], lines)
    label = copied_label(field, {name_of(each) for each in fields})
    code = new_code(work, op["form"], lines, {**field, "label": label})
    # In the order of properties a new field has.
    copied = {"id": new_id(work, form), "code": code} | _without_names(field) | {"label": label}
    for column in copied.get("options", {}).get("fields", ()) if field["kind"] == "lines" else ():
        column["id"] = new_id(work, form)
    at = fields.index(field) + 1
    fields.insert(at, copied)
    if lines is None:
        _place(form, field["code"], code, at)
    else:
        put_column(fields, code, {"index": at})
    note_new_field(work, op["form"], lines, copied)
    return Done(said("draft_said_field_added", form=label_of(form), field=label), code)


def _without_names(field: Mapping[str, Any]) -> Object:
    return {key: value for key, value in deepcopy(dict(field)).items() if key not in {"id", "code"}}


def _place(form: Object, original: str, code: str, at: int) -> None:
    section = section_of(form, original)
    if section is not None:
        codes = next(each["fields"] for each in form["sections"] if each["code"] == section)
        put_field(form, code, {"section": section, "index": codes.index(original) + 1})
    elif not form.get("sections"):
        put_field(form, code, {"index": at})


OP: Final = Op("duplicate", shape(FIELD, "form", "field"), _carry_out)
