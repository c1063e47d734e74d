"""Costing rules, item policies and account rules: forms that change them, and only for who may."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.screens.books import posted, record_id, ticking
from tests.screens.person import Page, Person

Signed = Callable[[str], Person]
COSTING, RULES = "/books/jxc/costing", "/books/jxc/costing/rules"
ITEM, ACCOUNTS = "/books/jxc/costing/item", "/books/jxc/accounts"
ANY = {"purpose": "*", "item_group": "*", "warehouse": "*"}


@pytest.fixture(autouse=True)
def moving(app: Flask) -> Iterator[None]:
    with ticking(app):
        yield


@pytest.fixture
def admin(person: Signed) -> Person:
    somebody = person("admin")
    somebody.get(RULES)
    return somebody


def chosen(page: Page, name: str) -> str:
    return str(page.one(f"select[name={name}] option[selected]")["value"])


def value_of(page: Page) -> str:
    return page.texts(".sums dd")[1]


def test_rules__change_and_are_shown(admin: Person) -> None:
    assert chosen(admin.get(RULES), "cancel") == "void"
    assert admin.post(RULES, cancel="reverse").status == 303
    page = admin.get(f"{RULES}?done=rules")
    assert chosen(page, "cancel") == "reverse"
    assert chosen(page, "negative") == "forbid"
    assert "规则已保存" in page.text
    assert admin.post(RULES, cancel="void").status == 303
    assert chosen(admin.get(RULES), "cancel") == "void"


@pytest.mark.parametrize(
    "given", [{}, {"cancel": ""}, {"cancel": "maybe"}, {"cancel": "void", "pick": "x"}, {"x": "y"}]
)
def test_rules__rubbish(admin: Person, given: dict[str, str]) -> None:
    assert admin.post(RULES, **given).status == 422


def test_policy__a_new_method_changes_no_value(app: Flask, admin: Person) -> None:
    item = record_id(app, "item", "item_no", "SP10021")
    before = admin.get(f"{ITEM}?item={item}")
    assert value_of(before) == "45,646.47"
    given = {"item": str(item), "on": "", "method": "fifo", "negative": "forbid"}
    answer = admin.post(ITEM, **given, day="2026-11-20", variance="expense", estimate_cost="")
    assert answer.status == 303, answer.text
    after = admin.get(f"{ITEM}?item={item}&done=policy")
    assert value_of(after) == "45,646.47"
    assert "先进先出" in after.texts(".bk-facts dd")
    assert [row[:3] for row in versions(after)] == [
        ["第 2 版", "2026-11-20", "先进先出"],
        ["第 1 版", "一开始", "移动加权平均"],
    ]
    layers = admin.get(f"/stock/jxc/layers?item={item}")
    assert layers.texts(".bk-remark") == ["计价方法：先进先出。"]


def versions(page: Page) -> list[list[str]]:
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
        for row in page.soup.select("table tbody tr")
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("method", "lifo"),
        ("negative", "maybe"),
        ("day", "soon"),
        ("day", ""),
        ("estimate_cost", "NaN"),
        ("estimate_cost", "-1"),
        ("estimate_cost", "1e99"),
        ("item", "x"),
    ],
)
def test_policy__rubbish(app: Flask, admin: Person, name: str, value: str) -> None:
    item = record_id(app, "item", "item_no", "SP10022")
    given = {"item": str(item), "day": "2026-11-20", "method": "fifo", name: value}
    assert admin.post(ITEM, **given).status == 422
    assert len(versions(admin.get(f"{ITEM}?item={item}"))) == 1


def test_account_rule__is_added_used_and_taken_back(app: Flask, admin: Person) -> None:
    rule = {**ANY, "role": "issue", "account": "6401 主营业务成本"}
    assert admin.post(ACCOUNTS, **rule).status == 303
    page = admin.get(ACCOUNTS)
    assert [row[:5] for row in versions(page)] == [
        ["出库成本", "全部业务", "全部分类", "全部仓库", "6401 主营业务成本"]
    ]
    warehouse = record_id(app, "warehouse", "warehouse_no", "WH01")
    line = {"item": record_id(app, "item", "item_no", "SP20008"), "qty": "1"}
    issue = posted(app, "misc_issue", "2026-11-20", [line], warehouse=warehouse)
    assert "6401 主营业务成本" in admin.get(f"/a/jxc/misc_issue/{issue}/why").text
    assert "6401 主营业务成本" in admin.get("/books/jxc/balances").text
    assert admin.post(ACCOUNTS, **{**rule, "account": ""}, remove="1").status == 303
    assert versions(admin.get(ACCOUNTS)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "nobody"},
        {"purpose": "nothing"},
        {"item_group": "999999"},
        {"warehouse": "x"},
        {"account": ""},
        {"account": "a\u2028b"},
        {"account": "x" * 65},
    ],
)
def test_account_rule__rubbish(admin: Person, wrong: dict[str, str]) -> None:
    given = {**ANY, "role": "stock", "account": "1405", **wrong}
    assert admin.post(ACCOUNTS, **given).status == 422
    assert versions(admin.get(ACCOUNTS)) == []


def test_balances__debit_is_credit_and_stock_is_the_value_of_stock(admin: Person) -> None:
    page = admin.get("/books/jxc/balances")
    foot = page.texts("#list tfoot td")
    assert foot[-2] == foot[-1] != ""
    stock = sum(_cents(row[2]) - _cents(row[3]) for row in page.rows() if row[1] == "存货")
    assert stock == _cents(admin.get("/stock/jxc").texts(".sums dd")[1])


def _cents(text: str) -> int:
    return round(100 * float(text.replace(",", "") or 0))


def test_items__with_their_method(admin: Person) -> None:
    page = admin.get(f"{COSTING}?q=SP10034")
    assert [row[1:5] for row in page.rows()] == [["移动加权平均", "按仓库", "不跟踪", "不允许"]]
    assert len(admin.get(COSTING).rows()) >= 16


def test_pages__are_the_administrators(person: Signed) -> None:
    for name in ("wangjianguo", "zhangmin"):
        somebody = person(name)
        for path in (COSTING, RULES, f"{ITEM}?item=1", ACCOUNTS):
            assert somebody.get(path).status == 403, path
        assert somebody.post(RULES, cancel="reverse").status == 403
        assert somebody.post(ITEM, item="1", day="2026-11-20", method="fifo").status == 403
        assert somebody.post(ACCOUNTS, **ANY, role="stock", account="1").status == 403
