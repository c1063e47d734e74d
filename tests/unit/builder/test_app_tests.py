"""The tests of an app: what they notice, in which words, and that nothing of them stays."""

import json
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect

from builder.checks import check_app
from builder.cli import main
from builder.packages import read_package, write_package
from builder.publish import publish
from builder.testing import Outcome, run_tests
from builder.testing.recording import recorded
from runtime.definitions import load_app, shape_problems
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import ValidationFailed
from runtime.platform import open_database
from tests.conftest import Fill
from tests.prepared import tables

JXC = Path(__file__).parents[3] / "app_templates" / "jxc"
Json = dict[str, Any]


def field(code: str, kind: str, options: Json | None = None, **more: Any) -> Json:
    found: Json = {"code": code, "kind": kind, "label": code, **more}
    return {**found, "options": options} if options else found


def app(*tests: Json, **more: Any) -> Json:
    """Orders of customers, with an approval, a computed total and a check."""
    lines = [
        field("qty", "quantity", required=True),
        field("price", "money", required=True),
        field("amount", "formula", {"formula": "=ROUND(qty*price,2)", "result": "money"}),
    ]
    order = [
        field("no", "document_number", {"prefix": "D", "date": "", "width": 3}),
        field("customer", "reference", {"form": "customer"}, required=True),
        field("day", "date", default="=TODAY()"),
        field("seller", "user", {"current": True}),
        field("lines", "lines", {"fields": lines, "min": 1}),
        field("total", "formula", {"formula": "=SUM(lines.amount)", "result": "money"}),
    ]
    check = {"formula": "=total<=1000", "message": "最多一千", "field": "total"}
    every = ["view", "create", "update", "submit", "cancel", "delete"]
    return {
        "format": "dajian-app/1",
        "code": "shop",
        "label": "商店",
        "forms": [
            {
                "code": "customer", "label": "客户", "type": "record", "title": "name",
                "search": ["name"], "list": ["name"],
                "fields": [field("name", "text", required=True, unique=True),
                           field("limit", "money")],
            },
            {
                "code": "order", "label": "订单", "type": "document", "title": "no",
                "search": ["no"], "list": ["no", "customer", "total"],
                "fields": order, "checks": [check], "workflow": "look",
            },
        ],
        "workflows": [
            {"code": "look", "form": "order",
             "steps": [{"id": "n_boss", "type": "approve", "who": {"by": "role", "role": "boss"}}]}
        ],
        "roles": [
            {"code": "boss", "label": "主管", "grants": [{"form": "order", "verbs": ["view"]}]},
            {"code": "seller", "label": "销售", "grants": [
                {"form": "order", "verbs": every, "rows": "own"},
                {"form": "customer", "verbs": ["view"], "hidden": ["limit"]},
            ]},
        ],
        "tests": list(tests),
        **more,
    }  # fmt: skip


def step(do: str, expect: Json | None = None, **more: Any) -> Json:
    named = {"as" if name == "name" else name: value for name, value in more.items()}
    return {"do": do, **named, **({"expect": expect} if expect is not None else {})}


def case(code: str, *steps: Json, **more: Any) -> Json:
    return {"code": code, "steps": list(steps), **more}


CUSTOMERS = case("customers", step("create", form="customer", values={"name": "甲"}, name="甲"))
GOODS = [{"qty": "3", "price": "1.115"}, {"qty": "1", "price": "10"}]


def order(expect: Json, **more: Any) -> Json:
    values = {"customer": "甲", "lines": GOODS}
    return {"form": "order", "by": "seller", "values": values, "expect": expect, **more}


def outcome(*tests: Json, **more: Any) -> Outcome:
    """What came of the last test."""
    return run_tests(app(*tests, **more))[-1]


def found(*tests: Json) -> list[tuple[str, Any, Any]]:
    return [(each.at, each.expected, each.actual) for each in outcome(*tests).differences]


def test_example__what_is_computed_given_and_asked() -> None:
    expect: Json = {
        "status": "submitted",
        "values": {
            "no": "D001", "day": "2026-03-05", "seller": "@seller", "total": "13.35",
            "customer": "甲", "lines": [{"amount": "3.35"}, {"amount": 10}],
        },
        "shown": {"customer": "甲", "lines": [{"price": "1.12"}, {"price": "10.00"}]},
        "asked": ["boss"],
        "path": [{"step": "n_boss", "by": "boss", "state": "open"}],
    }  # fmt: skip
    goods = [{"qty": "3", "price": "1.12"}, {"qty": "1", "price": "10"}]
    sold = order(expect, values={"customer": "@甲", "lines": goods})
    expect["values"]["total"], expect["values"]["lines"][0]["amount"] = "13.36", "3.36"
    test = {"code": "sold", "after": "customers", "at": "2026-03-05", "example": sold}
    assert found(CUSTOMERS, test) == []


@pytest.mark.parametrize(
    ("expect", "at", "actual"),
    [
        ({"status": "draft"}, "/status", "submitted"),
        ({"values": {"total": "13.34"}}, "/values/total", "13.30"),
        ({"values": {"total": None}}, "/values/total", "13.30"),
        ({"values": {"nothing": "1"}}, "/values/nothing", None),
        ({"values": {"customer": "乙"}}, "/values/customer", "甲"),
        ({"values": {"lines": [{"amount": "3.30"}]}}, "/values/lines/1", None),
        ({"values": {"lines": [{"qty": "4"}, {}]}}, "/values/lines/0/qty", "3.000000"),
        ({"shown": {"total": "13.3"}}, "/shown/total", "13.30"),
        ({"asked": []}, "/asked", ["boss"]),
        ({"path": []}, "/path/-", None),
        ({"refused": "validation_failed"}, "", None),
    ],
)
def test_difference__has_its_place(expect: Json, at: str, actual: Any) -> None:
    goods = [{"qty": "3", "price": "1.10"}, {"qty": "1", "price": "10"}]
    test = {
        "code": "sold", "after": "customers",
        "example": order(expect, values={"customer": "甲", "lines": goods}),
    }  # fmt: skip
    (first,) = found(CUSTOMERS, test)
    assert first[0] == f"/example/expect{at}"
    if at not in ("/path/-", "/values/lines/1"):
        assert first[2] == actual


def test_refusal__is_compared_problem_by_problem() -> None:
    goods = [{"qty": "600", "price": "2"}]
    sold = order(
        {"refused": "validation_failed",
         "problems": [{"at": "/total", "code": "check_failed", "message": "最多一千"}]},
        values={"customer": "甲", "lines": goods},
    )  # fmt: skip
    good = {"code": "dear", "after": "customers", "example": sold}
    assert found(CUSTOMERS, good) == []
    wrong = deepcopy(good)
    wrong["example"]["expect"]["problems"][0]["message"] = "最多两千"
    ((at, expected, actual),) = found(CUSTOMERS, wrong)
    assert (at, expected) == ("/example/expect/problems/0/message", "最多两千")
    assert actual == "最多一千"


def test_unexpected_refusal__ends_the_test_and_says_why() -> None:
    test = case(
        "two",
        step("send", form="order", by="seller", values={"customer": "甲"}, name="单"),
        step("approve", {"status": "approved"}, record="单", by="boss"),
        after="customers",
    )
    ((at, _expected, actual),) = found(CUSTOMERS, test)
    assert at == "/steps/0/expect"
    assert actual["refused"] == "validation_failed"
    assert actual["problems"][0]["code"] == "lines_too_few"


def test_story__who_may_do_and_see_what() -> None:
    goods = [{"qty": "1", "price": "2"}]
    values = {"customer": "甲", "lines": goods}
    test = case(
        "story",
        step("create", {"status": "draft"}, form="order", by="seller", values=values, name="一"),
        step("create", {}, form="order", by="另一位", values=values, name="二"),
        step("submit", {"status": "submitted"}, record="一", by="seller"),
        step("list", {"records": ["一"]}, form="order", by="seller"),
        step("list", {"records": ["二"]}, form="order", by="另一位"),
        step("list", {"records": ["一", "二"]}, form="order"),
        step("read", {"refused": "not_found"}, record="二", by="seller"),
        step("read", {"values": {"name": "甲"}}, record="甲", by="seller"),
        step("update", {"refused": "form_forbidden"}, record="甲", by="seller",
             values={"name": "乙"}),
        step("approve", {"refused": "not_found"}, record="一", by="seller"),
        step("reject", {"status": "rejected"}, record="一", by="boss"),
        step("update", {"status": "draft", "values": {"total": "10"}}, record="一", by="seller",
             values={"lines": [{"line": 1, "qty": "5"}]}),
        step("submit", {"asked": ["boss"]}, record="一", by="seller"),
        step("approve", {"status": "approved"}, record="一", by="boss"),
        step("delete", record="二", by="另一位"),
        step("read", {"refused": "not_found"}, record="二"),
        step("rights", {"rights": {"order": ["view"]}, "hidden_fields": {}}, by="boss"),
        step("rights", {
            "rights": {"customer": ["view"],
                       "order": ["view", "create", "update", "submit", "cancel", "delete"]},
            "hidden_fields": {"customer": ["limit"]}}, by="seller"),
        after="customers", people={"另一位": ["seller"]},
    )  # fmt: skip
    assert found(CUSTOMERS, test) == []


def test_fields__as_rules_and_rights_make_them() -> None:
    source = app(CUSTOMERS)
    order_form = source["forms"][1]
    order_form["rules"] = [
        {"code": "dear", "when": "=total>100", "effect": "require", "fields": ["seller"]},
        {"code": "cheap", "when": "=total<=100", "effect": "readonly", "fields": ["day"]},
        {"code": "free", "when": "=price=0", "effect": "hide", "lines": "lines",
         "fields": ["qty"]},
    ]  # fmt: skip
    values = {"customer": "甲", "lines": [{"qty": "1", "price": "0"}, {"qty": "3", "price": "5"}]}
    cheap = {
        "seller": {"required": False, "hidden": False}, "day": {"readonly": True},
        "lines/0/qty": {"hidden": True, "required": False},
        "lines/1/qty": {"hidden": False, "required": True}, "total": {"readonly": True},
    }  # fmt: skip
    dear = {"seller": {"required": True}, "day": {"readonly": False}, "no": {"hidden": True}}
    source["tests"].append(
        case(
            "states",
            step("create", {"fields": cheap}, form="order", by="seller", values=values, name="单"),
            step("update", {"fields": dear}, record="单", by="seller",
                 values={"lines": [{"line": 2, "price": "50"}]}),
            after="customers",
        )
    )  # fmt: skip
    assert not list(shape_problems(source))
    (difference,) = run_tests(source)[-1].differences
    assert (difference.at, difference.actual) == ("/steps/1/expect/fields/no/hidden", False)


def test_hidden_field__is_not_among_the_values() -> None:
    test = case("limit", step("read", {"values": {"limit": None}}, record="甲", by="seller"),
                after="customers")  # fmt: skip
    assert found(CUSTOMERS, test) == [("/steps/0/expect/values/limit", None, None)]


def test_rights__more_or_less_than_expected() -> None:
    wanted = {"order": ["view", "create"], "customer": []}
    test = case("rights", step("rights", {"rights": wanted}, by="boss"))
    assert found(test) == [("/steps/0/expect/rights/order", ["create", "view"], ["view"])]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (step("create", form="nothing"), "test_form_unknown"),
        (step("create", form="customer", by="谁"), "test_person_unknown"),
        (step("read", record="谁"), "test_record_unknown"),
        (step("create", form="order", values={"customer": "乙"}), "test_reference_unknown"),
        (step("stock"), "test_without_stock"),
        (step("read", {"rows": []}, record="甲"), "test_expects_nothing_there"),
        (step("update", record="甲", values={"limit": "1"}, expect={"records": []}),
         "test_expects_nothing_there"),
    ],
)  # fmt: skip
def test_broken_test__names_what_is_not_there(broken: Json, code: str) -> None:
    ((at, _expected, actual),) = found(CUSTOMERS, case("broken", broken, after="customers"))
    assert at == "/steps/0"
    assert actual["broken"] == code


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"at": "2026-99-01"}, "test_moment_wrong"),
        ({"people": {"seller": ["boss"]}}, "test_person_twice"),
        ({"people": {"周": ["boss"], "Z": [], "z": []}}, "test_person_twice"),
    ],
)
def test_broken_beginning__is_said(more: Json, code: str) -> None:
    ((at, _expected, actual),) = found(case("a", step("list", form="customer"), **more))
    assert (at, actual["broken"]) == ("/at", code)


def test_people__of_the_test_before_are_here_still() -> None:
    people = {"周": ["seller"]}
    first = case("first", step("rights", by="周"), people=people)
    second = case("second", step("rights", by="周"), people=people, after="first")
    assert [each.ok for each in run_tests(app(first, second))] == [True, True]


def test_tests__go_on_from_others_and_do_not_see_each_other() -> None:
    made = step("create", form="customer", values={"name": "乙"}, name="乙")
    first = case("first", made, after="customers")
    second = case("second", step("list", {"records": ["甲"]}, form="customer"), after="customers")
    third = case("third", step("read", {"values": {"name": "乙"}}, record="乙"), after="first")
    outcomes = run_tests(app(third, second, first, CUSTOMERS))
    assert [(o.test.code, o.ok) for o in outcomes] == [
        ("third", True), ("second", True), ("first", True), ("customers", True),
    ]  # fmt: skip


def test_failed_beginning__is_said_of_all_that_go_on_from_it() -> None:
    bad = case("bad", step("create", {"status": "draft"}, form="customer", values={"name": "乙"}))
    after = case("after", step("list", form="customer"), after="bad")
    outcomes = run_tests(app(bad, after))
    assert [o.ok for o in outcomes] == [False, False]
    assert outcomes[1].differences[0].at == "/after"


def test_only__runs_what_is_named_and_reports_it_alone() -> None:
    other = case("other", step("list", {"records": ["甲"]}, form="customer"), after="customers")
    bad = case("bad", step("list", {"records": ["乙"]}, form="customer"), after="customers")
    outcomes = run_tests(app(CUSTOMERS, other, bad), only={"other"})
    assert [(o.test.code, o.ok) for o in outcomes] == [("other", True)]


def test_clock__goes_on_by_minutes_and_jumps_where_a_step_says() -> None:
    values = {"customer": "甲", "lines": [{"qty": "1", "price": "1"}]}
    days = ["2026-01-15", "2026-02-28", "2026-02-28"]
    steps = [
        step("create", {"values": {"day": day}}, form="order", values=values,
             **({"at": "2026-02-28T23:57"} if place == 1 else {}))
        for place, day in enumerate(days)
    ]  # fmt: skip
    steps.append(step("create", {"values": {"day": "2026-03-01"}}, form="order", values=values))
    assert found(CUSTOMERS, case("days", *steps, after="customers")) == []


def test_run__leaves_nothing_on_a_database_that_is_given(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    database.dispose()
    given = open_database(url)
    assert all(o.ok for o in run_tests(app(CUSTOMERS), database=given))
    with given.reading() as connection:
        assert inspect(connection).get_table_names() == []
    given.dispose()


@pytest.mark.parametrize(
    ("test", "problem"),
    [
        (case("a", step("create")), ("/tests/1/steps/0", "property_missing")),
        (case("a", step("read")), ("/tests/1/steps/0", "property_missing")),
        (case("a", step("list", form="customer"), after="b"), ("/tests/1/after", "test_unknown")),
        (case("a", step("list", form="customer"), after="a"),
         ("/tests/1/after", "test_after_itself")),
        (case("customers", step("list", form="customer")), ("/tests/1/code", "code_twice")),
    ],
)  # fmt: skip
def test_check__a_test_that_could_never_run(test: Json, problem: tuple[str, str]) -> None:
    problems = check_app(load_app(app(CUSTOMERS, test)))
    assert [(each.pointer, each.code) for each in problems] == [problem]


@pytest.mark.parametrize(
    "test",
    [
        {"code": "a"},
        {"code": "a", "steps": []},
        {"code": "a", "steps": [{"do": "steal"}]},
        {"code": "a", "steps": [{"do": "list", "form": "x", "expect": {"values": None}}]},
        {"code": "a", "steps": [{"do": "list"}], "example": {}},
        {"code": "a", "steps": [{"do": "list", "url": "http://example.org"}]},
        {"code": "../a", "steps": [{"do": "list"}]},
    ],
)
def test_shape__nothing_else_is_a_test(test: Json) -> None:
    assert list(shape_problems(app(test)))


def test_package__carries_tests_and_comes_back_the_same(tmp_path: Path) -> None:
    source = app(CUSTOMERS, case("other", step("list", form="customer")), tests_block_publish=True)
    write_package(source, tmp_path / "one")
    assert (tmp_path / "one" / "tests" / "other.json").exists()
    again = read_package(tmp_path / "one")
    assert again == source
    write_package(again, tmp_path / "two")
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.json"))
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_publish__is_blocked_by_a_failing_test_where_the_app_says_so(
    database: Database, fill: Fill, now: datetime
) -> None:
    fill("tables", tables)
    bad = case("bad", step("list", {"records": ["乙"]}, form="customer"), after="customers")
    with database.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        assert publish(act, app(CUSTOMERS, bad), "not asked for").changed
    with database.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        with pytest.raises(ValidationFailed) as refused:
            publish(act, app(CUSTOMERS, bad, tests_block_publish=True), "asked for")
        assert refused.value.code == "app_tests_fail"
        assert [(p.pointer, p.code) for p in refused.value.problems] == [
            ("/tests/1/steps/0/expect/records", "app_test_failed")
        ]
        good = deepcopy(bad)
        good["steps"][0]["expect"] = {"records": ["甲"]}
        assert publish(act, app(CUSTOMERS, good, tests_block_publish=True), "good").changed


def test_recorded__what_is_left_open_is_filled_in_and_holds() -> None:
    test = {
        "code": "sold", "after": "customers", "at": "2026-03-05",
        "example": {**order({}), "values": {"customer": "甲",
                    "lines": [{"qty": "3", "price": "1.12"}, {"qty": "1", "price": "10"}]}},
    }  # fmt: skip
    written = recorded(app(CUSTOMERS), test)
    assert written["example"]["expect"] == {
        "status": "submitted",
        "values": {
            "no": "D001", "day": "2026-03-05", "seller": "@seller", "total": "13.36",
            "lines": [{"amount": "3.36"}, {"amount": "10.00"}],
        },
        "asked": ["boss"],
    }  # fmt: skip
    assert not list(shape_problems(app(CUSTOMERS, written)))
    assert found(CUSTOMERS, written) == []


def test_recorded__a_refusal_is_what_is_expected_from_then_on() -> None:
    test = {"code": "dear", "after": "customers", "example": order({}, values={"customer": "甲"})}
    written = recorded(app(CUSTOMERS), test)
    assert written["example"]["expect"] == {
        "refused": "validation_failed", "problems": [{"at": "/lines", "code": "lines_too_few"}],
    }  # fmt: skip
    assert found(CUSTOMERS, written) == []


def test_command__says_what_failed_and_ends_with_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAJIAN_HOME", str(tmp_path / "home"))
    bad = case("bad", step("list", {"records": ["乙"]}, form="customer"), after="customers")
    write_package(app(CUSTOMERS, bad), tmp_path / "app")
    ran = CliRunner().invoke(main, ["app", "test", str(tmp_path / "app"), "--json"])
    assert ran.exit_code == 1
    assert json.loads(ran.stdout) == [
        {"test": "customers", "ok": True, "expected": None, "actual": None, "at": ""},
        {"test": "bad", "ok": False, "expected": ["乙"], "actual": ["甲"],
         "at": "/steps/0/expect/records"},
    ]  # fmt: skip
    one = CliRunner().invoke(main, ["app", "test", str(tmp_path / "app"), "customers"])
    assert one.exit_code == 0
    none = CliRunner().invoke(main, ["app", "test", str(tmp_path / "app"), "nothing"])
    assert none.exit_code == 1
    assert "nothing" in none.stderr


def test_jxc__keeps_what_its_own_tests_say() -> None:
    outcomes = run_tests(read_package(JXC))
    assert len(outcomes) >= 50
    failed = [(o.test.code, o.differences) for o in outcomes if not o.ok]
    assert failed == []
