"""A form once more, with all that belongs to it; and what cannot come along, in words."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from builder.drafts.form_places import menu_add
from builder.drafts.layout import take_out
from builder.drafts.words import Said, said
from builder.drafts.working import Object, Working, label_of, place
from builder.workbook.codes import form_code

# Kinds whose option `form` may be the form itself.
_POINTING = frozenset({"reference", "rollup"})


def copied_form(work: Working, original: Object, code: str, label: Any) -> list[Said]:
    """Put a copy behind the original: fields, rules, checks, rights, flow and menu place."""
    name = original["code"]
    copy: Object = deepcopy(original)
    copy["code"], copy["label"] = code, label
    forms = work.part("forms")
    forms.insert(forms.index(original) + 1, copy)
    notes = [*_without_rollups(work, original, code), *_left_behind(work, original)]
    for field in _every(copy):
        options = field.get("options", {})
        if field["kind"] in _POINTING and options.get("form") == name:
            options["form"] = code
    _with_flow(work, original, code)
    for role in work.part("roles") if work.source.get("roles") else ():
        of_original = [each for each in role["grants"] if each["form"] == name]
        role["grants"].extend({**deepcopy(each), "form": code} for each in of_original)
    menu_add(work, code, after=name)
    return notes


def _every(form: Object) -> Iterator[Object]:
    for field in form["fields"]:
        yield field
        if field["kind"] == "lines":
            yield from field.get("options", {}).get("fields", ())


def _without_rollups(work: Working, original: Object, code: str) -> Iterator[Said]:
    """Figures over records that refer to the original: nothing refers to the copy."""
    gone = [
        field["code"]
        for field in original["fields"]
        if field["kind"] == "rollup" and field.get("options", {}).get("form") != original["code"]
    ]
    for each in gone:
        field, _ = take_out(work, {"form": code, "field": each})
        yield said("draft_said_copy_rollup", field=label_of(field))


def _left_behind(work: Working, original: Object) -> Iterator[Said]:
    code = original["code"]
    for table in work.source.get("aggregates", ()):
        if any(source["form"] == code for source in table["sources"]):
            yield said("draft_said_copy_aggregate", name=label_of(table))
    for form in work.source["forms"]:
        options = (field.get("options", {}) for field in _every(form))
        if form["code"] != code and any(each.get("form") == code for each in options):
            yield said("draft_said_copy_pointed_at", form=label_of(form))
    stock = work.source.get("stock") or {"item": {}}
    if code in {stock["item"].get("form"), stock.get("warehouse")}:
        yield said("draft_said_copy_stock", form=label_of(original))


def _with_flow(work: Working, original: Object, code: str) -> None:
    wanted = original.get("workflow")
    flows = work.source.get("workflows", ())
    flow = next((each for each in flows if each["code"] == wanted), None)
    if flow is None:
        return
    taken = {each["code"] for each in flows}
    own: Object = {**deepcopy(flow), "form": code}
    own["code"] = form_code(code, taken)
    work.part("workflows").append(own)
    place(work.form(code), "workflow", own["code"], "form")
