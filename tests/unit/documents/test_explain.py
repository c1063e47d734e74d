"""Where a computed value comes from, and what of it one may see."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from runtime import documents, platform
from runtime.compile import App, compile_app
from runtime.definitions import load_app
from runtime.documents import Explanation
from runtime.formula import Derivation
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.db import Database
from runtime.infra.errors import NotFound

D = Decimal
CLERK = Actor(user_id=7, name="clerk", roles=frozenset({"clerk"}), is_admin=False, source="screen")


def f(code: str, kind: str, label: str, **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": label, "options": options}


APP: dict[str, Any] = {
    "format": "dajian-app/1",
    "code": "why",
    "label": "演示",
    "forms": [
        {
            "code": "customer",
            "label": "客户",
            "type": "record",
            "title": "name",
            "fields": [
                f("name", "text", "名称"),
                f("discount", "percent", "折扣"),
                f("cost", "money", "成本"),
                f("spent", "rollup", "累计", form="order", reference="customer", measure="sum",
                  field="total", result="money"),
            ],
        },
        {
            "code": "order",
            "label": "订单",
            "type": "document",
            "title": "remark",
            "fields": [
                f("remark", "text", "备注"),
                f("customer", "reference", "客户", form="customer"),
                f("secret", "money", "底价"),
                f("level", "lookup", "客户折扣", reference="customer", field="discount"),
                f("lines", "lines", "明细", fields=[
                    f("qty", "number", "数量"),
                    f("price", "money", "单价"),
                    f("amount", "formula", "金额", formula="=ROUND(qty*price,2)", result="money"),
                ]),
                f("total", "formula", "合计", result="money",
                  formula="=IF(客户.折扣>0, SUM(lines.amount)*(1-客户.折扣), SUM(lines.amount))"),
                f("margin", "formula", "毛利", formula="=total-secret*1-客户.成本", result="money"),
            ],
        },
    ],
    "roles": [
        {
            "code": "clerk",
            "label": "文员",
            "grants": [
                {"form": "order", "verbs": ["view", "create", "submit"], "rows": "all",
                 "hidden": ["secret"]},
                {"form": "customer", "verbs": ["view"], "rows": "all", "hidden": ["cost"]},
            ],
        }
    ],
}  # fmt: skip


@pytest.fixture
def app(database: Database) -> App:
    made = compile_app(load_app(APP), 1)
    with database.transaction() as connection:
        platform.set_up(connection)
        made.metadata.create_all(connection)
    return made


class Shop:
    """Two orders of one customer with 10 % discount: 3 × 1.99 + 2 × 5, and 1 × 100."""

    def __init__(self, app: App, database: Database, now: datetime) -> None:
        self.app, self.database, self.now = app, database, now
        self.customer = self.do("create", "customer", {"name": "张三", "discount": "0.1"}).id
        lines = [{"qty": "3", "price": "1.99"}, {"qty": "2", "price": "5"}]
        self.order = self.order_of("甲", lines)
        self.order_of("乙", [{"qty": "1", "price": "100"}])

    def order_of(self, remark: str, lines: list[dict[str, str]]) -> int:
        values = {"remark": remark, "customer": self.customer, "secret": "5", "lines": lines}
        made = self.do("create_and_submit", "order", values)
        key: int = made.id
        return key

    def do(self, verb: str, form: str, *given: Any, **more: Any) -> Any:
        with self.database.transaction() as connection:
            act = Act(connection, SYSTEM, self.now)
            return getattr(documents, verb)(act, self.app.forms[form], *given, **more)

    def why(self, form: str, key: int, code: str, line: int | None = None,
            actor: Actor = SYSTEM) -> Explanation:  # fmt: skip
        with self.database.reading() as connection:
            act = Act(connection, actor, self.now)
            return documents.explain(act, self.app.forms[form], key, code, line)


@pytest.fixture
def shop(app: App, database: Database, now: datetime) -> Shop:
    return Shop(app, database, now)


def told(part: Derivation) -> list[tuple[str, Any]]:
    """What is written and what it is; hidden and not needed instead of a value."""
    value = "hidden" if part.is_hidden else part.value if part.is_needed else "not needed"
    rows = [] if part.kind == "literal" else [(part.text, value)]
    return rows + [row for each in part.parts for row in told(each)]


def test_formula__takes_the_branch_that_was_taken(shop: Shop) -> None:
    found = shop.why("order", shop.order, "total")
    assert (found.value, found.is_current) == (D("14.37"), True)
    assert found.derivation is not None
    assert told(found.derivation) == [
        ("IF(客户.折扣>0, SUM(明细.金额)*(1-客户.折扣), SUM(明细.金额))", D("14.373")),
        ("客户.折扣>0", True),
        ("客户.折扣", D("0.1")),
        ("SUM(明细.金额)*(1-客户.折扣)", D("14.373")),
        ("SUM(明细.金额)", D("15.97")),
        ("明细.金额", (D("5.97"), D("10.00"))),
        ("1-客户.折扣", D("0.9")),
        ("客户.折扣", D("0.1")),
        ("SUM(明细.金额)", "not needed"),
        ("明细.金额", "not needed"),
    ]


def test_formula__of_a_line(shop: Shop) -> None:
    found = shop.why("order", shop.order, "lines.amount", 1)
    assert found.value == D("5.97")
    assert found.derivation is not None
    assert ("数量", D(3)) in told(found.derivation)


def test_formula__reads_something_else_since(shop: Shop) -> None:
    shop.do("update", "customer", shop.customer, {"discount": "0.5"}, version=1)
    found = shop.why("order", shop.order, "total")
    assert (found.value, found.is_current) == (D("14.37"), False)


def test_hidden__what_is_computed_from_it_is_not_there_either(shop: Shop) -> None:
    found = shop.why("order", shop.order, "margin")
    assert found.derivation is not None
    parts = [text for text, _ in told(found.derivation)[1:]]
    assert parts == ["合计", "底价*1", "底价", "客户.成本"]
    with pytest.raises(NotFound):
        shop.why("order", shop.order, "margin", actor=CLERK)


def test_rollup__names_the_records_it_takes_from(shop: Shop) -> None:
    found = shop.why("customer", shop.customer, "spent")
    assert found.value == D("104.37")
    assert [(each.record.title, each.values) for each in found.contributions] == [
        ("甲", (D("14.37"),)),
        ("乙", (D("90.00"),)),
    ]


def test_lookup__names_the_record_it_looks_at(shop: Shop) -> None:
    found = shop.why("order", shop.order, "level")
    assert found.source is not None
    assert (found.source.title, found.value, found.is_current) == ("张三", D("0.1"), True)


def test_not_there__hidden_not_computed_and_unknown(shop: Shop) -> None:
    for code, line, actor in (
        ("secret", None, CLERK),
        ("remark", None, SYSTEM),
        ("nothing", None, SYSTEM),
        ("lines.amount", 9, SYSTEM),
        ("lines.amount", None, SYSTEM),
        ("lines.nothing", 1, SYSTEM),
        ("nothing.amount", 1, SYSTEM),
    ):
        with pytest.raises(NotFound):
            shop.why("order", shop.order, code, line, actor)
