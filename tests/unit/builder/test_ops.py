"""Operations on a draft: what each does, what each refuses, and that the way back is exact."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from builder.checks import check_app
from builder.drafts.model import Draft, Removed
from builder.drafts.ops import OPS, carry_out
from builder.drafts.patch import difference, patched
from builder.drafts.working import Surroundings, Working, opened
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.infra import strict_json
from runtime.infra.errors import Problem, ValidationFailed

Json = dict[str, Any]


def field(code: str, kind: str = "text", **more: Any) -> Json:
    return {"code": code, "kind": kind, "label": code, **more}


CUSTOMER: Json = {
    "code": "customer",
    "label": "客户",
    "type": "record",
    "fields": [
        field("name"),
        field("sold", "rollup", options={
            "form": "order", "reference": "customer", "measure": "sum", "field": "lines.amount",
            "result": "money",
        }),
    ],
}  # fmt: skip
ORDER: Json = {
    "code": "order",
    "label": "订单",
    "type": "document",
    "title": "number",
    "list": ["number", "customer"],
    "search": ["number"],
    "fields": [
        field("number", "document_number", options={"prefix": "D-"}),
        field("customer", "reference", options={"form": "customer", "fill": {"note": "name"}}),
        field("note", width=6),
        field("customer_name", "lookup", options={"reference": "customer", "field": "name"}),
        field("lines", "lines", options={"stops": ["qty"], "fields": [
            field("qty", "quantity", required=True),
            field("price", "money"),
            field("amount", "formula", options={"formula": "={qty}*{price}",
                                                "result": "money"}),
        ]}),
    ],
    "sections": [
        {"code": "basic", "label": "基本", "fields": ["number", "customer", "customer_name"]},
        {"code": "more", "label": "更多", "fields": ["note", "lines"]},
    ],
    "rules": [{"code": "r", "when": "={note}=\"x\"", "effect": "hide",
               "fields": ["customer_name"]}],
    "checks": [{"formula": "={qty}>0", "message": "数量要大于零", "lines": "lines",
                "field": "qty"}],
}  # fmt: skip
APP: Json = {
    "format": "dajian-app/1",
    "code": "demo",
    "label": "演示",
    "forms": [CUSTOMER, ORDER],
    "aggregates": [{
        "code": "monthly", "label": "月报", "dimensions": [{"code": "who"}],
        "measures": [{"code": "total", "result": "money"}],
        "sources": [{"form": "order", "lines": "lines", "dimensions": {"who": "customer"},
                     "measures": {"total": {"op": "sum", "of": "={amount}"}}}],
    }],
    "roles": [{"code": "sales", "label": "销售", "grants": [
        {"form": "order", "verbs": ["view", "create"], "hidden": ["note", "lines.price"]},
        {"form": "customer", "verbs": ["view"]},
    ]}],
    "menus": [{"label": "业务", "items": [{"form": "order"}, {"form": "customer"}]}],
}  # fmt: skip


def started(source: Json = APP, **here: Any) -> Working:
    return opened(Draft("demo", 1, 1, source), Surroundings(**here))


def done(*ops: Json, work: Working | None = None) -> Working:
    """Carry operations out, and prove on the way that the way back is exact."""
    work = work or started()
    before = strict_json.dumps(work.source)
    kept = strict_json.loads(before)
    carry_out(work, ops)
    after = strict_json.loads(strict_json.dumps(work.source))
    assert strict_json.dumps(patched(after, difference(after, kept))) == before
    assert strict_json.dumps(patched(kept, difference(kept, after))) == strict_json.dumps(after)
    assert strict_json.dumps(APP) == UNTOUCHED, "an operation changed what it was given"
    return work


UNTOUCHED = strict_json.dumps(APP)


def form_of(work: Working, code: str = "order") -> Any:
    return next(form for form in work.source["forms"] if form["code"] == code)


def field_of(work: Working, code: str, lines: str | None = None) -> Any:
    fields = form_of(work)["fields"]
    if lines:
        fields = next(each for each in fields if each["code"] == lines)["options"]["fields"]
    return next(each for each in fields if each["code"] == code)


def places(work: Working) -> list[list[str]]:
    return [section["fields"] for section in form_of(work)["sections"]]


def refused(*ops: Json, work: Working | None = None) -> list[tuple[str, str]]:
    with pytest.raises(ValidationFailed) as error:
        carry_out(work or started(), ops)
    assert strict_json.dumps(APP) == UNTOUCHED
    return [(problem.pointer, problem.code) for problem in error.value.problems]


def is_whole(work: Working) -> bool:
    """Whether the app could be published as it is."""
    definition = load_app(work.source)
    assert check_app(definition) == ()
    compile_app(definition, 1)
    return True


def test_app__is_whole() -> None:
    assert is_whole(started())


# op                                                        order of the sections afterwards
MOVES: list[tuple[Json, list[list[str]]]] = [
    ({"field": "note", "to": {"section": "basic", "index": 1}},
     [["number", "note", "customer", "customer_name"], ["lines"]]),
    ({"field": "number", "to": {"index": 2}},
     [["customer", "customer_name", "number"], ["note", "lines"]]),
    ({"field": "number", "to": {"section": "more"}},
     [["customer", "customer_name"], ["note", "lines", "number"]]),
    ({"field": "note", "to": {"section": None}},
     [["number", "customer", "customer_name"], ["lines"]]),
]  # fmt: skip


@pytest.mark.parametrize(("op", "expected"), MOVES)
def test_move(op: Json, expected: list[list[str]]) -> None:
    work = done({"op": "move", "form": "order", **op})
    assert places(work) == expected


def test_move__column() -> None:
    work = done({"op": "move", "form": "order", "lines": "lines", "field": "amount",
                 "to": {"index": 0}})  # fmt: skip
    columns = [each["code"] for each in work.fields("order", "lines")]
    assert columns == ["amount", "qty", "price"]


def test_add_field__name_code_and_place() -> None:
    work = started(published=lambda _form, _lines: frozenset({"beizhu", "bei_zhu"}))
    add = {"op": "add_field", "form": "order", "to": {"section": "basic", "index": 0}}
    made = carry_out(work, [{**add, "field": {"kind": "text", "label": "备注"}}])
    # A column of a removed field still holds its data, so its code is not given again.
    assert [each.created for each in made] == ["bei_zhu_2"]
    new = field_of(work, "bei_zhu_2")
    assert list(new) == ["id", "code", "kind", "label"]
    assert new["id"] != new["code"]
    assert places(work)[0][0] == "bei_zhu_2"
    assert form_of(work)["list"] == ["number", "customer"]
    assert [each.id for each in work.undecided] == [new["id"]]


def test_add_field__a_field_of_every_kind_has_a_name() -> None:
    from runtime.kinds.fields import FIELD_TYPES  # noqa: PLC0415 - the whole list, here only

    work = done(*(
        {"op": "add_field", "form": "order", "field": {"kind": kind}} for kind in FIELD_TYPES
    ))  # fmt: skip
    new = form_of(work)["fields"][5:]
    assert len({each["label"]["zh"] for each in new}) == len(FIELD_TYPES)
    assert len({each["id"] for each in new}) == len(FIELD_TYPES)


def test_add_field__the_code_a_name_has_elsewhere() -> None:
    source = deepcopy(APP)
    source["forms"][0]["fields"][0] |= {"code": "title", "label": "抬头"}
    source["forms"] = [*source["forms"][:1], deepcopy(ORDER)]
    work = opened(Draft("demo", 1, 1, source), Surroundings())
    made = carry_out(work, [
        {"op": "add_field", "form": "order", "field": {"kind": "text", "label": "抬头"}}
    ])  # fmt: skip
    assert made[0].created == "title"


def test_set__says_nothing_twice() -> None:
    """What is set and taken back again leaves the JSON as it was."""
    sets = {"op": "set", "form": "order", "field": "note"}
    values = [("required", True, False), ("help", "写清楚", None), ("phone", "hide", "show")]
    work = started()
    for name, there, back in values:
        done({**sets, "name": name, "value": there}, work=work)
        assert field_of(work, "note")[name] == there
        done({**sets, "name": name, "value": back}, work=work)
    assert strict_json.dumps(field_of(work, "note")) == strict_json.dumps(ORDER["fields"][2])


def test_set__an_option_and_properties_where_the_schema_has_them() -> None:
    sets = {"op": "set", "form": "order", "field": "note"}
    work = done(
        {**sets, "name": "options/max_length", "value": 20},
        {**sets, "name": "required", "value": True},
    )
    assert list(field_of(work, "note")) == ["code", "kind", "label", "required", "width", "options"]


def test_rename__formulas_by_labels_keep_to_the_field() -> None:
    work = done(
        {"op": "set", "form": "order", "lines": "lines", "field": "amount",
         "name": "options/formula", "value": "={数量}*{price}"},
        work=opened(Draft("demo", 1, 1, _with_label("qty", "数量")), Surroundings()),
    )  # fmt: skip
    assert is_whole(work)
    done({"op": "set", "form": "order", "lines": "lines", "field": "qty", "name": "label",
          "value": "件数"}, work=work)  # fmt: skip
    assert field_of(work, "amount", "lines")["options"]["formula"] == "={qty}*{price}"
    assert is_whole(work)


def _with_label(code: str, label: str) -> Json:
    source = deepcopy(APP)
    column = next(
        each
        for each in source["forms"][1]["fields"][4]["options"]["fields"]
        if each["code"] == code
    )
    column["label"] = label
    return source


def test_delete__and_restore_puts_it_back_where_it_stood() -> None:
    for op in (
        {"form": "order", "field": "note"},
        {"form": "order", "field": "number"},
        {"form": "order", "field": "customer"},
        {"form": "order", "field": "lines"},
        {"form": "order", "field": "qty", "lines": "lines"},
        {"form": "order", "field": "price", "lines": "lines"},
    ):
        work = done({"op": "delete", **op})
        gone = work.removed[-1]
        text = strict_json.dumps(form_of(work))
        # Only what must show that it is gone still names it: formulas, mappings, other fields.
        assert op["field"] not in [each["code"] for each in work.fields("order", op.get("lines"))]
        assert f'"{op["field"]}"' not in strict_json.dumps(form_of(work).get("sections")), text
        carry_out(work, [{"op": "restore", "form": "order", "field_id": gone.id}])
        assert work.removed == []
        assert strict_json.canonical(work.source) == strict_json.canonical(APP), op


def test_delete__what_names_it_is_left_to_the_author() -> None:
    work = done({"op": "delete", "form": "order", "lines": "lines", "field": "price"})
    assert form_of(work)["fields"][4]["options"]["fields"][1]["options"]["formula"]
    with pytest.raises(ValidationFailed) as error:
        compile_app(load_app(work.source), 1)
    pointers = {problem.pointer for problem in error.value.problems}
    assert "/forms/1/fields/4/options/fields/1/options/formula" in pointers


def test_restore__not_over_a_field_of_the_same_code() -> None:
    work = done(
        {"op": "delete", "form": "order", "field": "note"},
        {"op": "add_field", "form": "order", "field": {"kind": "text", "label": "别的"}},
    )
    form_of(work)["fields"][-1]["code"] = "note"
    assert refused({"op": "restore", "form": "order", "field_id": "note"}, work=work) == [
        ("/ops/0/field_id", "code_twice")
    ]


def test_duplicate__behind_itself_with_names_of_its_own() -> None:
    work = started()
    made = carry_out(work, [
        {"op": "duplicate", "form": "order", "field": "customer"},
        {"op": "duplicate", "form": "order", "field": "lines"},
        {"op": "duplicate", "form": "order", "lines": "lines", "field": "price"},
    ])  # fmt: skip
    codes = [each.created for each in made]
    assert codes == ["customer_2", "lines_2", "price_2"]
    assert places(work)[0] == ["number", "customer", "customer_2", "customer_name"]
    again = field_of(work, "customer_2")
    assert again["options"] == ORDER["fields"][1]["options"]
    assert is_whole(work)


def test_convert_type__keeps_the_options_both_kinds_have() -> None:
    column = {"op": "convert_type", "form": "order", "lines": "lines", "field": "price"}
    work = done({**column, "kind": "number", "options": {"places": 4}})
    assert field_of(work, "price", "lines") == field("price", "number", options={"places": 4})
    done({**column, "kind": "text"}, work=work)
    assert field_of(work, "price", "lines") == field("price", "text")


def test_recode__everything_that_names_it_follows() -> None:
    named = [("customer", None, "buyer"), ("lines", None, "rows"), ("note", None, "remark"),
             ("number", None, "no"), ("qty", "lines", "pieces"),
             ("price", "lines", "unit_price"), ("amount", "lines", "worth")]  # fmt: skip
    for old, lines, new in named:
        work = done({"op": "recode", "form": "order", "lines": lines, "field": old, "code": new})
        assert is_whole(work), (old, new)
        text = strict_json.dumps(work.source)
        assert f'"{new}"' in text
        # Formulas go by the id, which is what the code was; nothing else says the old one.
        left = text.replace(f'"id":"{old}"', "")
        left = left.replace('"form":"customer"', "").replace('"code":"customer","label":"客户"', "")
        left = left.replace(f'"label":"{old}"', "").replace("{note}", "")
        left = left.replace('"kind":"lines"', "").replace('"lines":', "")
        assert f'"{old}"' not in left, (old, left)
        assert f".{old}" not in left, (old, left)
        assert f'"{old}.' not in left, (old, left)


def test_recode__of_a_reference_others_look_through() -> None:
    work = done({"op": "recode", "form": "customer", "field": "name", "code": "title"})
    assert field_of(work, "customer_name")["options"]["field"] == "title"
    assert field_of(work, "customer")["options"]["fill"] == {"note": "title"}
    assert is_whole(work)


def test_sections() -> None:
    work = done(
        {"op": "add_section", "form": "order", "section": {"label": "物流"}, "index": 1},
        {"op": "set_section", "form": "order", "section": "wu_liu", "name": "phone",
         "value": "folded"},
        {"op": "move_section", "form": "order", "section": "more", "index": 0},
    )  # fmt: skip
    codes = [section["code"] for section in form_of(work)["sections"]]
    assert codes == ["more", "basic", "wu_liu"]
    done({"op": "delete_section", "form": "order", "section": "basic"}, work=work)
    assert places(work) == [["note", "lines", "number", "customer", "customer_name"], []]


def test_form__without_sections_gets_one_of_all_its_fields() -> None:
    work = done({"op": "add_section", "form": "customer", "section": {"label": "联系"}})
    sections = form_of(work, "customer")["sections"]
    assert [section["fields"] for section in sections] == [["name", "sold"], []]


def test_forms__added_copied_deleted_and_back() -> None:
    work = started(tables=lambda: frozenset({"qing_jia_dan"}))
    made = carry_out(work, [
        {"op": "add_form", "form": {"label": "请假单", "type": "document"}},
        {"op": "duplicate_form", "form": "order"},
        {"op": "duplicate_form", "form": "customer"},
    ])  # fmt: skip
    # There was a form of that name, and its table is still there.
    assert [each.created for each in made] == ["qing_jia_dan_2", "ding_dan_2", "ke_hu_2"]
    notes = [[note["code"] for note in each.notes] for each in made]
    assert notes[1] == ["draft_said_copy_aggregate", "draft_said_copy_pointed_at"]
    assert notes[2][0] == "draft_said_copy_rollup"
    items = [item["form"] for item in work.source["menus"][0]["items"]]
    assert items == ["order", "ding_dan_2", "customer", "ke_hu_2", "qing_jia_dan_2"]
    grants = {grant["form"]: grant for grant in work.source["roles"][0]["grants"]}
    assert grants["ding_dan_2"]["hidden"] == ["note", "lines.price"]
    carry_out(work, [{"op": "delete_form", "form": "qing_jia_dan_2"}])
    assert is_whole(work)
    before = strict_json.canonical(work.source)
    carry_out(work, [{"op": "delete_form", "form": "ding_dan_2"}])
    assert strict_json.dumps(work.source).count("ding_dan_2") == 0
    carry_out(work, [{"op": "restore_form", "form": "ding_dan_2"}])
    assert strict_json.canonical(work.source) == before


def test_access() -> None:
    on_note = {"op": "set_field_access", "role": "sales", "form": "order", "field": "note"}
    on_price = {**on_note, "lines": "lines", "field": "price"}
    work = done({**on_note, "access": "read"}, {**on_price, "access": "edit"})
    grant = work.source["roles"][0]["grants"][0]
    assert grant == {"form": "order", "verbs": ["view", "create"], "readonly": ["note"]}
    done({**on_note, "access": "none"}, {**on_price, "access": "none"}, work=work)
    assert work.source["roles"][0]["grants"][0]["hidden"] == ["note", "lines.price"]
    done(
        {"op": "add_role", "role": {"label": "财务"}},
        {"op": "set_grant", "role": "cai_wu", "form": "monthly", "verbs": ["view"], "rows": "own"},
        {"op": "set_grant", "role": "sales", "form": "customer", "verbs": []},
        work=work,
    )
    assert [len(role["grants"]) for role in work.source["roles"]] == [1, 1]


def test_access__a_new_field_waits_for_a_decision() -> None:
    add = {"op": "add_field", "form": "order", "field": {"kind": "text", "label": "甲"}}
    say = {"role": "sales", "form": "order", "field": "jia"}
    for decision in ({"op": "set_field_access", "access": "none", **say},
                     {"op": "accept_access", "form": "order", "field": "jia"},
                     {"op": "delete", "form": "order", "field": "jia"}):  # fmt: skip
        work = done(add)
        assert len(work.undecided) == 1
        done(decision, work=work)
        assert work.undecided == []
    nobody: Json = {**APP, "roles": []}
    assert done(add, work=started(nobody)).undecided == []


def test_app__its_settings_menus_and_parts() -> None:
    options = {"code": "sizes", "label": "尺码", "options": [{"code": "S"}, {"code": "M"}]}
    work = done(
        {"op": "set_app", "name": "zone", "value": "Asia/Tokyo"},
        {"op": "set_menus", "value": []},
        {"op": "set_part", "part": "option_sets", "code": "sizes", "value": options},
        {"op": "set_part", "part": "aggregates", "code": "monthly", "value": None},
    )
    assert (work.source["zone"], work.source["option_sets"]) == ("Asia/Tokyo", [options])
    assert "menus" not in work.source
    assert "aggregates" not in work.source
    assert is_whole(work)


F = {"form": "order", "field": "note"}
# an operation that cannot be carried out                              where          why
REFUSED: list[tuple[Json, str, str]] = [
    ({"op": "fly"}, "/op", "draft_op_unknown"),
    ({"op": ["move"]}, "/op", "draft_op_unknown"),
    ("move", "/op", "draft_op_unknown"),  # type: ignore[list-item]
    ({"op": "move", **F}, "/to", "property_missing"),
    ({"op": "move", **F, "to": {}, "why": 1}, "/why", "property_unknown"),
    ({"op": "move", **F, "to": {"section": "none"}}, "/to/section", "section_unknown"),
    ({"op": "move", **F, "field": "none", "to": {}}, "/field", "field_unknown"),
    ({"op": "move", **F, "form": "none", "to": {}}, "/form", "form_unknown"),
    ({"op": "move", **F, "lines": "none", "to": {}}, "/lines", "field_unknown"),
    ({"op": "resize", **F, "width": 5}, "/width", "property_not_allowed"),
    ({"op": "set", **F, "name": "code", "value": "x"}, "/name", "draft_property_fixed"),
    ({"op": "set", **F, "name": "options/fields", "value": []}, "/name", "draft_property_fixed"),
    ({"op": "set", **F, "name": "colour", "value": "x"}, "/value", "property_unknown"),
    ({"op": "set", **F, "name": "options/max_length", "value": "x"}, "/value", "property_type"),
    ({"op": "set", **F, "name": "label", "value": None}, "/name", "draft_property_fixed"),
    ({"op": "set", **F, "name": "label", "value": "\u202e"}, "/value", "property_invalid"),
    ({"op": "convert_type", **F, "kind": "lines"}, "/kind", "draft_lines_stay_lines"),
    ({"op": "convert_type", **F, "kind": "x"}, "/kind", "field_kind_unknown"),
    ({"op": "add_field", "form": "order", "field": {"kind": "x"}}, "/field/kind",
     "field_kind_unknown"),
    ({"op": "add_field", "form": "order", "lines": "lines", "field": {"kind": "rollup"}},
     "/field/kind", "rollup_inside_lines"),
    ({"op": "add_field", "form": "order", "field": {"kind": "text", "code": "note"}},
     "/field/code", "code_twice"),
    ({"op": "add_field", "form": "order", "field": {"kind": "text", "code": "x; DROP"}},
     "/field/code", "property_pattern"),
    ({"op": "add_field", "form": "order", "field": {"kind": "text", "onload": "x"}},
     "/field/onload", "property_unknown"),
    ({"op": "recode", **F, "code": "customer"}, "/code", "code_twice"),
    ({"op": "recode", **F, "code": "Note"}, "/code", "property_pattern"),
    ({"op": "set_form", "form": "order", "name": "fields", "value": []}, "/name",
     "draft_property_fixed"),
    ({"op": "set_form", "form": "order", "name": "list", "value": "x"}, "/value", "property_type"),
    ({"op": "set_form", "form": "order", "name": "posting",
      "value": {"command": "fly", "date": "x"}},
     "/value/command", "property_not_allowed"),
    ({"op": "set_field_access", "role": "none", **F, "access": "read"}, "/role", "role_unknown"),
    ({"op": "set_field_access", "role": "sales", **F, "access": "fly"}, "/access",
     "property_not_allowed"),
    ({"op": "set_grant", "role": "sales", "form": "none", "verbs": ["view"]}, "/form",
     "form_unknown"),
    ({"op": "set_app", "name": "code", "value": "x"}, "/name", "draft_property_fixed"),
    ({"op": "set_part", "part": "workflows", "code": "x", "value": None}, "/code",
     "draft_part_unknown"),
    ({"op": "restore", "form": "order", "field_id": "note"}, "/field_id", "field_unknown"),
    ({"op": "delete_section", "form": "order", "section": "none"}, "/section", "section_unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "pointer", "code"), REFUSED)
def test_refused(op: Json, pointer: str, code: str) -> None:
    assert (f"/ops/0{pointer}", code) in refused(op)


def test_recode__of_what_was_published_is_refused() -> None:
    work = started(published=lambda _form, _lines: frozenset({"note"}))
    op = {"op": "recode", **F, "code": "remark"}
    assert refused(op, work=work) == [("/ops/0/field", "draft_code_published")]
    # Where a code only follows a new name, the published one stays.
    before = strict_json.dumps(work.source)
    assert carry_out(work, [{**op, "if_free": True}])[0].created == ""
    assert strict_json.dumps(work.source) == before


def test_refused__points_at_the_operation_of_several() -> None:
    ok = {"op": "resize", **F, "width": 4}
    assert refused(ok, ok, {**ok, "width": 5}) == [("/ops/2/width", "property_not_allowed")]


def test_books__what_they_are_bound_to_is_refused_with_the_reason() -> None:
    def bound(source: Mapping[str, Any]) -> tuple[Problem, ...]:
        there = any(f["code"] == "note" for form in source["forms"] for f in form["fields"])
        return () if there else (Problem("/forms/1", "kernel_bound_field", {}),)

    op = {"op": "delete", **F}
    assert refused(op, work=started(bound=bound)) == [("/ops/0", "kernel_bound_field")]


def test_list__of_operations_is_whole() -> None:
    assert len(OPS) == 36
    removed = Removed("field", "order", None, "x", "x", {"code": "x"}, {}, "", "", 1)
    assert removed.label.zh == "x"


def test_recode__conversions_follow() -> None:
    conversion = {
        "code": "next", "label": "下一张", "from": "order", "to": "order",
        "map": {"note": "note"},
        "lines": {"from": "lines", "to": "lines", "map": {"qty": "qty", "price": "header.note"},
                  "quantity": {"from": "qty", "to": "qty"}, "keep": ["qty"]},
    }  # fmt: skip
    work = started({**APP, "conversions": [conversion]})
    for lines, old, new in ((None, "note", "memo"), ("lines", "qty", "many"), (None, "lines", "r")):
        op = {"op": "recode", "form": "order", "lines": lines, "field": old, "code": new}
        work = done({name: each for name, each in op.items() if each}, work=work)
    assert work.source["conversions"] == [{
        "code": "next", "label": "下一张", "from": "order", "to": "order",
        "map": {"memo": "memo"},
        "lines": {"from": "r", "to": "r", "map": {"many": "many", "price": "header.memo"},
                  "quantity": {"from": "many", "to": "many"}, "keep": ["many"]},
    }]  # fmt: skip
