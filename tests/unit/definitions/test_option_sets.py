"""Option sets: one list, many choices; what is written in an app stays as it was written."""

import json
from typing import Any

import pytest

from builder.checks import check_app
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.definitions.loader import SCHEMAS
from runtime.kinds.options import OPTION_LIST, option_label

GRADES = {
    "code": "grades",
    "label": "等级",
    "options": [{"code": "a", "label": {"zh": "优", "en": "Good"}}, {"code": "b", "colour": "red"}],
}


def choice(code: str, kind: str = "choice", **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, "options": options}


def app(*fields: dict[str, Any], sets: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    name = {"code": "name", "kind": "text", "label": "名称"}
    form = {"code": "thing", "label": "物品", "type": "record", "fields": [name, *fields]}
    source = {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": [form]}
    return source if sets is None else {**source, "option_sets": sets}


def test_choices_of_a_set__have_its_options_everywhere() -> None:
    column = choice("grade", set="grades")
    lines = {"code": "rows", "kind": "lines", "label": "明细", "options": {"fields": [column]}}
    source = app(choice("one", set="grades"), choice("more", "multi_choice", set="grades"), lines,
                 sets=[GRADES])  # fmt: skip
    before = json.dumps(source)
    definition = load_app(source)
    assert json.dumps(source) == json.dumps(definition.source) == before
    form = compile_app(definition, 1).forms["thing"]
    (inner,) = form.lines[0].fields
    for field in (form.by_code["one"], form.by_code["more"], inner):
        assert option_label(field.stored_as, "a", "en") == "Good"
        assert field.kind.parse("优", field.definition) in ("a", ("a",))
    assert check_app(definition) == ()


WRONG = [
    # fields, sets, where it is told, code
    ([choice("one", set="grade")], [GRADES], "/forms/0/fields/1/options/set", "option_set_unknown"),
    ([choice("one", set="grades")], None, "/forms/0/fields/1/options/set", "option_set_unknown"),
    ([], [GRADES, GRADES], "/option_sets/1/code", "code_twice"),
    ([], [{**GRADES, "options": [{"code": "a"}, {"code": "a"}]}],
     "/option_sets/0/options/1/code", "code_twice"),
    ([choice("one", options=[{"code": "a"}, {"code": "a"}])], None,
     "/forms/0/fields/1/options/options/1/code", "code_twice"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "sets", "pointer", "code"), WRONG)
def test_what_is_wrong__is_told_where(
    fields: list[dict[str, Any]], sets: list[dict[str, Any]] | None, pointer: str, code: str
) -> None:
    (problem,) = check_app(load_app(app(*fields, sets=sets)))
    assert (problem.pointer, problem.code) == (pointer, code)


def test_an_option_of_a_set__is_what_an_option_of_a_choice_is() -> None:
    written = json.loads((SCHEMAS / "option_set.schema.json").read_text(encoding="utf-8"))
    in_set, in_choice = written["properties"]["options"], OPTION_LIST
    assert {in_set[key] for key in ("minItems", "maxItems")} == {
        in_choice[key] for key in ("minItems", "maxItems")
    }
    assert set(in_set["items"]["properties"]) == set(in_choice["items"]["properties"])
    for name in ("pattern", "maxLength"):
        of_set, of_choice = (each["items"]["properties"]["code"] for each in (in_set, in_choice))
        assert of_set[name] == of_choice[name]
    colours = [each["items"]["properties"]["colour"]["enum"] for each in (in_set, in_choice)]
    assert colours[0] == colours[1]
