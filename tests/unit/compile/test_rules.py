"""What a definition may say in its rules, and what rules make of the graph."""

from typing import Any

import pytest

from runtime.compile import App, compile_app
from runtime.definitions import load_app
from runtime.infra.errors import ValidationFailed


def f(code: str, kind: str, **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, "options": options}


ITEM = {
    "code": "item", "label": "商品", "type": "record",
    "fields": [f("name", "text"), f("price", "number"), f("kind", "text")],
}  # fmt: skip
LINES = [
    f("item", "reference", form="item", fill={"price": "price"}),
    f("kind", "lookup", reference="item", field="kind"),
    f("qty", "number"),
    f("price", "number"),
    f("amount", "formula", formula="=qty*price", result="number"),
]
FIELDS = [
    f("word", "text"),
    f("limit", "number"),
    f("lines", "lines", fields=LINES),
    f("total", "formula", formula="=SUM(lines.amount)", result="number"),
]
SECTIONS = [
    {"code": "head", "label": "头", "fields": ["word", "limit"]},
    {"code": "rows", "label": "行", "fields": ["lines"]},
]


def app(*rules: dict[str, Any]) -> App:
    form = {
        "code": "order", "label": "订单", "type": "document", "fields": FIELDS,
        "sections": SECTIONS, "rules": list(rules),
    }  # fmt: skip
    whole = {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": [ITEM, form]}
    return compile_app(load_app(whole), 1)


def rule(effect: str, code: str, when: str, lines: str | None = None) -> dict[str, Any]:
    key = "sections" if code in ("head", "rows") else "fields"
    made = {"code": f"{effect}_{code}", "effect": effect, "when": when, key: [code]}
    return made if lines is None else {**made, "lines": lines}


# rules                                                    where it is wrong    and how
WRONG: list[tuple[list[dict[str, Any]], str, str]] = [
    ([rule("hide", "word", "=nam=1")], "/rules/0/when", "formula_name_unknown"),
    ([rule("hide", "word", "=limit+1")], "/rules/0/when", "formula_not_a_condition"),
    ([rule("hide", "wort", "=TRUE")], "/rules/0/fields/0", "check_field_unknown"),
    ([rule("hide", "qty", "=TRUE")], "/rules/0/fields/0", "check_field_unknown"),
    ([rule("hide", "word", "=TRUE", "lines")], "/rules/0/fields/0", "check_field_unknown"),
    ([rule("hide", "qty", "=TRUE", "rows")], "/rules/0/lines", "check_lines_unknown"),
    ([rule("hide", "head", "=TRUE", "lines")], "/rules/0/sections/0", "rule_section_unknown"),
    ([{**rule("hide", "word", "=TRUE"), "sections": ["tail"]}],
     "/rules/0/sections/0", "rule_section_unknown"),
    # A condition is never computed from what its own rule hides or locks,
    ([rule("readonly", "word", '=word="x"')], "/rules", "rule_cycle"),
    ([rule("hide", "head", '=word="x"')], "/rules", "rule_cycle"),
    # not through formulas and sums,
    ([rule("hide", "price", "=total>1", "lines")], "/rules", "rule_cycle"),
    ([rule("hide", "lines", "=total>1")], "/rules", "rule_cycle"),
    ([rule("hide", "rows", "=total>1")], "/rules", "rule_cycle"),
    # not through a lookup or what a reference fills in,
    ([rule("readonly", "item", '=kind="x"', "lines")], "/rules", "rule_cycle"),
    ([rule("readonly", "item", "=price>1", "lines")], "/rules", "rule_cycle"),
    # and not through another rule.
    ([rule("hide", "word", "=limit>1"), rule("show", "limit", '=word=""')], "/rules", "rule_cycle"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "pointer", "code"), WRONG)
def test_definition__says_what_is_wrong_with_a_rule(
    rules: list[dict[str, Any]], pointer: str, code: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        app(*rules)
    assert [(each.pointer, each.code) for each in refused.value.problems] == [
        (f"/forms/1{pointer}", code)
    ]


FINE: list[list[dict[str, Any]]] = [
    [rule("require", "word", '=word=""')],
    [rule("readonly", "price", '=item.kind="x"', "lines")],
    [rule("readonly", "price", '=AND(kind="x", word="y")', "lines")],
    [rule("hide", "limit", "=total>1"), rule("require", "limit", "=total<1")],
    [rule("readonly", "word", "=limit>1"), rule("readonly", "lines", '=word="x"')],
    [rule("show", "head", "=TODAY()>=TODAY()")],
]


@pytest.mark.parametrize("rules", FINE)
def test_definition__with_rules_that_settle(rules: list[dict[str, Any]]) -> None:
    assert len(app(*rules).forms["order"].rules) == len(rules)


def test_cycle__names_the_rules_on_its_way() -> None:
    with pytest.raises(ValidationFailed) as refused:
        app(rule("hide", "word", "=limit>1"), rule("show", "limit", '=word=""'))
    (problem,) = refused.value.problems
    path = str(problem.params["path"]).split(" → ")
    assert (path[0], set(path)) == (path[-1], {"hide_word", "show_limit"})


def test_graph__knows_what_rules_ask_and_what_they_decide_on() -> None:
    made = app(
        rule("hide", "word", "=limit>total"),
        rule("readonly", "price", '=item.kind="x"', "lines"),
    )
    edges = {
        f"{'.'.join(filter(None, each.reads))} > {'.'.join(filter(None, each.node))}"
        for each in made.forms.graph.edges
        if each.how == "rule"
    }
    assert edges == {
        "order.limit > order.rules/hide_word",
        "order.total > order.rules/hide_word",
        "order.word > order.rules/hide_word",
        "order.lines.item > order.lines.rules/readonly_price",
        "item.kind > order.lines.rules/readonly_price",
        "order.lines.price > order.lines.rules/readonly_price",
    }
    assert not made.forms.graph.readers.keys() & {
        each.reads for each in made.forms.graph.edges if each.reads.field == "limit"
    }, "nothing is computed by a rule"
