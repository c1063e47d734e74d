"""What the author says must hold of a complete record: refused with his words, where he points."""

from datetime import datetime
from typing import Any

import pytest

from runtime import documents, platform
from runtime.compile import App, compile_app
from runtime.definitions import load_app
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import ValidationFailed


def f(code: str, kind: str, **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, "options": options}


def form(code: str, kind: str, fields: list[dict[str, Any]], *checks: dict[str, Any]) -> Any:
    made = {"code": code, "label": code, "type": kind, "fields": fields}
    return {**made, "checks": list(checks)}


CUSTOMER = form("customer", "record", [f("name", "text"), f("credit", "money")])
ORDER = form(
    "order",
    "document",
    [
        f("customer", "reference", form="customer"),
        f("begins", "date"),
        f("ends", "date"),
        f("lines", "lines", fields=[f("qty", "number"), f("free", "number")]),
        f("total", "formula", formula="=SUM(lines.qty)", result="number"),
    ],
    {"formula": '=OR(ends="", begins<=ends)', "message": "结束不能早于开始", "field": "ends"},
    {"formula": "=total<=customer.credit", "message": {"zh": "超过信用额度", "en": "Over credit"}},
    {"formula": "=free<=qty", "message": "赠品不能多于数量", "lines": "lines", "field": "free"},
    {"formula": "=1/total>0", "message": "至少一件"},
)


def compiled(*forms: Any) -> App:
    app = {"format": "dajian-app/1", "code": "rules", "label": "演示", "forms": list(forms)}
    return compile_app(load_app(app), 1)


@pytest.fixture
def app(database: Database) -> App:
    made = compiled(CUSTOMER, ORDER)
    with database.transaction() as connection:
        platform.set_up(connection)
        made.metadata.create_all(connection)
    return made


def test_checks__are_of_complete_records(app: App, database: Database, now: datetime) -> None:
    def do(verb: str, code: str, *given: Any, **more: Any) -> Any:
        with database.transaction() as connection:
            return getattr(documents, verb)(
                Act(connection, SYSTEM, now), app.forms[code], *given, **more
            )

    customer = do("create", "customer", {"name": "张三", "credit": "10"}).id

    def refused(**values: Any) -> list[tuple[str, str]]:
        try:
            do("create_and_submit", "order", {"customer": customer, **values})
        except ValidationFailed as error:
            return [(problem.pointer, problem.params["message"]) for problem in error.problems]
        return []

    late, early = "2026-11-21", "2026-11-20"
    one = [{"qty": "1"}]
    table: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"lines": one, "begins": early, "ends": late}, []),
        ({"lines": one, "begins": late}, []),
        ({"lines": one, "begins": late, "ends": early}, [("/ends", "结束不能早于开始")]),
        ({"lines": [{"qty": "10"}, {"qty": "0.01"}]}, [("", "超过信用额度")]),
        (
            {"lines": [{"qty": "1", "free": "1"}, {"qty": "2", "free": "3"}]},
            [("/lines/1/free", "赠品不能多于数量")],
        ),
        # What cannot be computed is not known to hold.
        ({"lines": [{"qty": "0"}]}, [("", "至少一件")]),
    ]
    for values, wanted in table:
        assert refused(**values) == wanted, values

    # A draft may still break them all; it is asked when it is submitted.
    draft = do("create", "order", {"customer": customer, "begins": late, "ends": early})
    with pytest.raises(ValidationFailed):
        do("submit", "order", draft.id, version=1)


@pytest.mark.parametrize(
    ("check", "pointer", "code"),
    [
        ({"formula": "=nam=1"}, "/forms/0/checks/0/formula", "formula_name_unknown_near"),
        ({"formula": "=credit+1"}, "/forms/0/checks/0/formula", "formula_not_a_condition"),
        ({"formula": "=TRUE", "lines": "rows"}, "/forms/0/checks/0/lines", "check_lines_unknown"),
        ({"formula": "=TRUE", "field": "rows"}, "/forms/0/checks/0/field", "check_field_unknown"),
    ],
)
def test_definition__says_what_is_wrong_with_a_check(
    check: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        compiled({**CUSTOMER, "checks": [{"message": "不行", **check}]})
    assert [(each.pointer, each.code) for each in refused.value.problems] == [(pointer, code)]
