"""Forms: add, duplicate, delete, restore."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.copying import copied_form
from builder.drafts.form_places import drop_form, menu_add, return_form
from builder.drafts.model import Removed
from builder.drafts.naming import copied_label
from builder.drafts.ops._op import CODE, LABEL, Done, Op, shape
from builder.drafts.shape import check_field, check_form
from builder.drafts.words import said
from builder.drafts.working import Object, Working, label_of, name_of, refuse
from builder.workbook.codes import form_code

_LABELS: Final = {
    "record": {"zh": "新表单", "en": "New form"},
    "document": {"zh": "新单据", "en": "New document"},
}
_SECTION: Final = {"code": "basic", "label": {"zh": "基本信息", "en": "Basics"}, "fields": []}


def _add(work: Working, op: Mapping[str, Any]) -> Done:
    given: Object = dict(op["form"])
    kind = given.setdefault("type", "record")
    if "label" not in given:
        named = {"code": "", "label": _LABELS.get(str(kind), "")}
        given["label"] = copied_label(named, {name_of(each) for each in work.part("forms")})
    # Of the right shape first: a code is made of the label.
    check_form({"code": "any", **given}, "/form")
    _check_fields(given.get("fields", ()))
    label = given["label"]
    code = given.get("code") or _free(work, label)
    if code in _taken(work):
        refuse("/form/code", "code_twice", code=code)
    form: Object = {"code": code, "label": label, "type": kind}
    form |= {name: value for name, value in given.items() if name not in form}
    form.setdefault("fields", [])
    form.setdefault("sections", [dict(_SECTION, fields=[])] if not form["fields"] else [])
    if not form["sections"]:
        form.pop("sections")
    work.part("forms").append(form)
    menu_add(work, code)
    return Done(said("draft_said_form_added", form=label), code)


def _check_fields(fields: Any) -> None:
    if not isinstance(fields, (list, tuple)):
        refuse("/form/fields", "property_type", found=str(type(fields)), wanted="array")
    for index, field in enumerate(fields):
        check_field(field, f"/form/fields/{index}")


def _duplicate(work: Working, op: Mapping[str, Any]) -> Done:
    original = work.form(op["form"])
    names = {name_of(each) for each in work.part("forms")}
    label = op.get("label") or copied_label(original, names)
    check_form({**original, "label": label}, "/label", of="/label")
    code = op.get("code") or _free(work, label)
    if code in _taken(work):
        refuse("/code", "code_twice", code=code)
    notes = copied_form(work, original, code, label)
    check_form(work.form(code), "/code", of="/code")
    return Done(said("draft_said_form_added", form=label), code, tuple(notes))


def _delete(work: Working, op: Mapping[str, Any]) -> Done:
    form = work.form(op["form"])
    places = drop_form(work, form)
    here = work.here
    work.removed.append(
        Removed(
            kind="form",
            form=form["code"],
            lines=None,
            code=form["code"],
            id=form["code"],
            source=form,
            places=places,
            by=here.by,
            at=here.at,
            version=here.version,
        )
    )
    work.undecided = [each for each in work.undecided if each.form != form["code"]]
    return Done(said("draft_said_form_deleted", form=label_of(form)))


def _restore(work: Working, op: Mapping[str, Any]) -> Done:
    wanted = op["form"]
    gone = (each for each in reversed(work.removed) if each.kind == "form")
    found = next((each for each in gone if each.form == wanted), None)
    if found is None:
        refuse("/form", "form_unknown", name=wanted)
    if wanted in {each["code"] for each in work.part("forms")}:
        refuse("/form", "code_twice", code=wanted)
    return_form(work, found)
    work.removed.remove(found)
    return Done(said("draft_said_form_restored", form=label_of(found.source)), found.code)


def _free(work: Working, label: Any) -> str:
    return form_code(name_of({"code": "form", "label": label}), _taken(work))


def _taken(work: Working) -> frozenset[str]:
    """Codes a new form may not have: those of forms and tables, of forms in the bin, of tables."""
    own = {each["code"] for name in ("forms", "aggregates") for each in work.source.get(name, ())}
    gone = {each.code for each in work.removed if each.kind == "form"}
    return frozenset(own | gone | work.here.tables())


OPS: Final = (
    Op("add_form", shape({"form": {"type": "object"}}, "form"), _add),
    Op("duplicate_form", shape({"form": CODE, "label": LABEL, "code": CODE}, "form"), _duplicate),
    Op("delete_form", shape({"form": CODE}, "form"), _delete),
    Op("restore_form", shape({"form": CODE}, "form"), _restore),
)
