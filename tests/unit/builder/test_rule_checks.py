"""What a definition is refused or warned for in its rules and checks."""

from typing import Any

import pytest

from builder.checks import check_app, warnings
from builder.formula_places import formula_places
from builder.stored_formulas import with_ids
from runtime.compile import compile_app
from runtime.definitions import load_app


def f(code: str, kind: str, **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": f"{code}名", "id": f"f_{code}", "options": options}


STATES = [{"code": "open", "label": "开"}, {"code": "shut", "label": "关"}]
FIELDS = [
    f("state", "choice", options=STATES),
    f("amount", "number"),
    f("word", "text"),
    f("lines", "lines", fields=[f("qty", "number"), f("state", "choice", options=STATES)]),
]


def app(*rules: dict[str, Any], checks: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    form = {
        "code": "order", "label": "订单", "type": "document", "fields": FIELDS,
        "rules": list(rules), "checks": checks or [],
    }  # fmt: skip
    return {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": [form], **more}


def rule(when: str, lines: str | None = None) -> dict[str, Any]:
    field = "word" if lines is None else "qty"
    made = {"code": "r", "effect": "require", "when": when, "fields": [field]}
    return made if lines is None else {**made, "lines": lines}


# a condition                                            what is said of a rule with it
CONDITIONS = """
amount > 1000                                          |
amount = amount                                        | always
word <> word                                           | never
1 > 2                                                  | never
TRUE                                                   | always
1/0 > 1                                                | never
AND(amount > 1, FALSE)                                 | never
AND(amount > 1, TRUE)                                  |
OR(amount > 1, 2 = 2)                                  | always
OR(amount > 1, FALSE)                                  |
NOT(OR(amount > 1, TRUE))                              | never
IF(1 > 2, amount > 1, FALSE)                           | never
IF(amount > 1, TRUE, TRUE)                             | always
IF(amount > 1, TRUE, FALSE)                            |
state = "open"                                         |
state = "OPEN"                                         |
state = ""                                             |
state = "gone"                                         | never
"gone" <> state                                        | always
AND(amount > 1, OR(state = "gone", word <> word))      | never
TODAY() > TODAY()                                      |
SUM(lines.qty) = SUM(lines.qty)                        |
"""
ROWS = [[cell.strip() for cell in row.rsplit("|", 1)] for row in CONDITIONS.strip().splitlines()]


@pytest.mark.parametrize(("when", "said"), ROWS)
def test_condition__that_never_changes__is_a_warning(when: str, said: str) -> None:
    source = app(rule(f"={when}"), checks=[{"formula": f"={when}", "message": "不行"}])
    found = warnings(compile_app(load_app(source), 1))
    words = {"always": ["rule_always_holds", "check_never_refuses"],
             "never": ["rule_never_holds", "check_always_refuses"], "": []}  # fmt: skip
    assert [each.code for each in found] == words[said]
    if said:
        assert [each.pointer for each in found] == [
            "/forms/0/rules/0/when",
            "/forms/0/checks/0/formula",
        ]


def test_condition__of_a_line__knows_the_options_of_its_column() -> None:
    for when, said in (('=state="gone"', ["rule_never_holds"]), ('=state="open"', [])):
        found = warnings(compile_app(load_app(app(rule(when, "lines"))), 1))
        assert [each.code for each in found] == said


def problems(source: Any) -> list[str]:
    return [f"{each.pointer} {each.code}" for each in check_app(load_app(source))]


def test_rules__have_codes_of_their_own_and_decide_on_something() -> None:
    nothing = {"code": "n", "effect": "hide", "when": "=amount>1"}
    assert problems(app(rule("=amount>1"), rule("=amount>2"), nothing)) == [
        "/forms/0/rules/1/code code_twice",
        "/forms/0/rules/2/fields rule_decides_nothing",
    ]


def test_read_only_grant__names_fields_there_are() -> None:
    grant = {"form": "order", "verbs": ["view"], "readonly": ["word", "lines.qty", "lines.q", "x"]}
    roles = [{"code": "clerk", "label": "文员", "grants": [grant]}]
    assert problems(app(roles=roles)) == [
        "/roles/0/grants/0/readonly field_unknown",
        "/roles/0/grants/0/readonly field_unknown",
    ]


def test_condition__is_kept_by_ids_and_has_a_place_of_its_own() -> None:
    source = app(rule("=amount名>1"), rule("=qty名>1", "lines"))
    source["forms"][0]["rules"][1]["code"] = "s"
    kept = with_ids(source, compile_app(load_app(source), 1))
    assert [each["when"] for each in kept["forms"][0]["rules"]] == [
        "={f_amount}>1",
        "={f_qty}>1",
    ]
    assert [(each.path, each.name) for each in formula_places(source)] == [
        ("-", "rule-1"),
        ("lines.-", "rule-2"),
    ]
