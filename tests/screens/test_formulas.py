"""The formula pages: a formula is found, checked, tried and kept in the draft, by admins alone."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from builder import drafts
from builder.designer import URLS
from builder.formula_places import formula_places
from runtime.app import create_app
from runtime.catalogue import active_definition
from runtime.infra.act import SYSTEM, Act
from runtime.platform import Platform
from runtime.query import PageRequest, page, records_by_id
from runtime.screens.routes import declared
from tests.screens.conftest import NOW
from tests.screens.person import Page, Person

Signed = Callable[[str], Person]
BASE = "/design/jxc/formulas"
TOTAL = f"{BASE}/purchase_receipt/qty_total/formula"
AMOUNT = f"{BASE}/purchase_receipt/lines.amount/formula"
SENT = {"form", "lines", "field", "part", "result", "places"}
VALUES = {
    "app_code": "jxc", "place_form": "purchase_receipt", "field_path": "qty_total",
    "part": "formula",
}  # fmt: skip


def path_of(rule: str) -> str:
    for name, value in VALUES.items():
        rule = rule.replace(f"<{name}>", value)
    return re.sub("<int:[^>]+>", "1", rule)


def definition(app: Flask) -> tuple[Any, int]:
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        found = active_definition(connection, "jxc")
    assert found is not None
    return found


def drafted(app: Flask) -> drafts.Draft:
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        return drafts.read(Act(connection, SYSTEM, NOW), "jxc")


def text_at(app: Flask, form: str, *codes: str) -> str:
    """The formula of a field in the draft."""
    found: Any = {"options": drafted(app).form(form)}
    for code in codes:
        found = next(each for each in found["options"]["fields"] if each["code"] == code)
    return str(found["options"]["formula"])


def receipts(app: Flask) -> list[int]:
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        form = here.catalogue.form(connection, "jxc", "purchase_receipt")
        return [row.id for row in page(Act(connection, SYSTEM, NOW), form, PageRequest()).rows]


def asked(somebody: Person, text: str, **more: Any) -> dict[str, Any]:
    """What the server says of a formula while it is typed."""
    body = {"form": "purchase_receipt", "text": text, **more}
    headers = {"X-CSRFToken": somebody.token}
    answer = somebody.client.post(f"{BASE}/check", json=body, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def saved(somebody: Person, path: str, text: str, base: int, **more: str) -> Page:
    somebody.get(path)
    return somebody.post(path, formula=text, base=str(base), **more)


@pytest.mark.parametrize("url", URLS, ids=lambda url: url.endpoint)
def test_address__is_the_administrators(person: Signed, url: Any) -> None:
    found = declared(url.view)
    assert found is not None
    assert (found.permission, found.csrf) == ("admin", True)
    lead = person("wangjianguo")
    ask = lead.get if "GET" in url.methods else lead.post
    assert ask(path_of(url.rule)).status == 403


def test_write__without_the_token_is_refused(person: Signed) -> None:
    admin = person("admin")
    admin.token = ""
    for url in URLS:
        if "POST" in url.methods:
            assert admin.post(path_of(url.rule), formula="=1", base="1").status == 403, url.rule


def test_way_in__for_who_may_enter(person: Signed) -> None:
    admin, buyer = person("admin"), person("chenli")
    assert admin.get("/").soup.select(f'.nav a[href="{BASE}"]')
    assert not buyer.get("/").soup.select(f'.nav a[href="{BASE}"]')
    assert "公式" in admin.get("/palette?q=gs", script=True).text
    assert "公式" not in buyer.get("/palette?q=gs", script=True).text


def test_run_only__has_no_such_room(app: Flask) -> None:
    here: Platform = app.extensions["dajian"]
    bare = create_app(here.settings, clock=lambda: NOW)
    admin = Person(bare.test_client())
    assert admin.sign_in("admin").status == 303
    for url in URLS:
        ask = admin.get if "GET" in url.methods else admin.post
        assert ask(path_of(url.rule)).status == 404, url.rule
    assert not admin.get("/").soup.select(f'.nav a[href="{BASE}"]')
    bare.extensions["dajian"].database.dispose()


def test_list__every_formula_with_labels_and_readers(person: Signed, app: Flask) -> None:
    admin = person("admin")
    found = admin.get(BASE)
    rows = {
        (section.h2.get_text(), row.th.a.get_text()): row
        for section in found.soup.select("#list .lst")
        for row in section.select("tbody tr")
    }
    amount = rows["采购入库", "商品明细.金额"]
    assert [chip.get_text() for chip in amount.select(".fx-chip")] == ["数量", "单价"]
    assert "采购入库 · 金额合计" in amount.select("td")[-1].get_text()
    assert amount.select("td")[1].get_text() == "金额"
    assert rows["采购入库", "单据日期"].select(".tag")[0].get_text() == "默认值"
    written = [
        field
        for form in definition(app)[0]["forms"]
        for outer in form["fields"]
        for field in (outer, *outer.get("options", {}).get("fields", ()))
    ]
    formulas = [field for field in written if field["kind"] == "formula"]
    defaults = [field for field in written if str(field.get("default", "")).startswith("=")]
    assert len(rows) >= len(formulas) + len(defaults) > 30


def test_editor__opens_for_every_formula_there_is(person: Signed, app: Flask) -> None:
    admin = person("admin")
    addresses = [str(link["href"]) for link in admin.get(BASE).soup.select(".lst-k a")]
    places = {place.key for place in formula_places(definition(app)[0])}
    assert {tuple(address.split("/")[-3:]) for address in addresses} == places
    for address in addresses:
        shown = admin.get(address)
        model = json.loads(shown.one("#fx-model").get_text())
        sent = {name: value for name, value in model.items() if name in SENT}
        found = asked(admin, shown.one("#fx-text").get_text(), **sent)
        assert found["fine"], (address, found)
        assert found["problems"] == [], (address, found)


@pytest.mark.parametrize(
    ("typed", "there"), [("slhj", "数量合计"), ("today", "单据日期"), ("cgrk je", "金额合计")]
)
def test_list__finds_by_initials_and_function(person: Signed, typed: str, there: str) -> None:
    admin = person("admin")
    some = admin.get(f"{BASE}?q={typed}", script=True)
    names = some.texts(".lst-k a")
    assert there in " ".join(names)
    assert len(names) < len(admin.get(BASE).texts(".lst-k a"))
    assert admin.get(f"{BASE}?q=zzz").texts(".empty p") == ["没有符合“zzz”的公式。"]


# formula, in which table, type, as it is kept, as people read it
GOOD = [
    ("sum(lines.qty)", "", "number", "=sum({lines.qty})", "=sum({商品明细}.{数量})"),
    ("=SUM({商品明细}.{数量})", "", "number", "=SUM({lines.qty})", "=SUM({商品明细}.{数量})"),
    ("数量*{单价}", "lines", "money", "={qty}*{price}", "={数量}*{单价}"),
    ("ＩＦ", "", None, None, None),
    (
        "IF（amount_total＞100，“大”，“小”）",
        "",
        "text",
        "=IF（{amount_total}＞100，“大”，“小”）",
        None,
    ),
    ("document_date + 7", "", "date", "={document_date} + 7", "={单据日期} + 7"),
]


@pytest.mark.parametrize(("text", "lines", "kind", "stored", "shown"), GOOD)
def test_check__type_and_text(
    person: Signed, text: str, lines: str, kind: str | None, stored: str | None, shown: str | None
) -> None:
    found = asked(person("admin"), text, lines=lines, result="text")
    assert found.get("type") == kind
    assert found.get("stored") == stored
    if shown is not None:
        assert found["labelled"] == shown


# formula, words of the message, the marked text, what is suggested
BAD = [
    ("IF(amount_total)", "IF 需要 2–3 个参数，现在有 1 个", "IF(amount_total)", ()),
    ("amount_totl*2", "没有名为“amount_totl”的字段", "amount_totl", ("amount_total",)),
    ("SUMM(lines.qty)", "没有名为“SUMM”的函数", "SUMM", ("SUM",)),
    ("1 + ", "公式还没写完", "", ()),
    ("", "公式是空的", "", ()),
    ("document_date*2", "这里要的是数字", "document_date", ()),
    ("x" * 5001, "公式太长，最多 5000 个字符", "x" * 5001, ()),
]


@pytest.mark.parametrize(("text", "said", "marked", "fixes"), BAD)
def test_check__mistakes_with_place_and_suggestion(
    person: Signed, text: str, said: str, marked: str, fixes: tuple[str, ...]
) -> None:
    found = asked(person("admin"), text)
    assert not found["fine"]
    first = found["problems"][0]
    assert said in first["text"]
    assert text[slice(*first["span"])] == marked
    assert set(fixes) <= set(first["fixes"])


def test_check__in_english(person: Signed) -> None:
    admin = person("admin")
    admin.client.set_cookie("language", "en")
    found = asked(admin, "SUM(lines.qty)", result="number")
    assert (found["typeText"], found["labelled"]) == ("Number", "=SUM({Items}.{Quantity})")
    assert "did you mean" in asked(admin, "amount_totl")["problems"][0]["text"]


def test_check__a_result_the_field_cannot_keep_is_a_warning(person: Signed) -> None:
    admin = person("admin")
    for text, result in (("lines.qty", "number"), ("document_date", "money"), ("1>0", "number")):
        found = asked(admin, text, result=result)
        assert found["fine"], text
        assert found["problems"][0]["warning"], text
    assert asked(admin, "SUM(lines.qty)", result="number")["problems"] == []


def test_check__a_field_that_needs_itself(person: Signed) -> None:
    found = asked(person("admin"), "amount_total + 1", lines="lines", field="amount")
    assert not found["fine"]
    assert found["problems"][0]["text"] == (
        "公式循环引用：采购入库.商品明细.金额 → 采购入库.金额合计 → 采购入库.商品明细.金额"
    )


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"form": "none", "text": "1"}, 404),
        ({"form": "purchase_receipt", "lines": "none", "text": "1"}, 404),
        ({"form": "purchase_receipt"}, 400),
        ({"form": "purchase_receipt", "text": "1", "result": "lines"}, 400),
        ([], 400),
    ],
)
def test_check__of_nothing(person: Signed, sent: Any, status: int) -> None:
    admin = person("admin")
    headers = {"X-CSRFToken": admin.token}
    assert admin.client.post(f"{BASE}/check", json=sent, headers=headers).status_code == status


def test_trial__on_a_record(person: Signed, app: Flask) -> None:
    record = receipts(app)[0]
    found = asked(
        person("admin"), "ROUND(qty*price,2)", lines="lines", result="money",
        trial={"record": record, "typed": {}},
    )["trial"]  # fmt: skip
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        form = here.catalogue.form(connection, "jxc", "purchase_receipt")
        lines = records_by_id(connection, form, [record])[record].lines["lines"]
    amounts = [form.lines_of("lines").by_code["amount"].format(x.values["amount"]) for x in lines]
    assert [each["text"] for each in found["results"]] == amounts
    assert len(amounts) > 1
    assert [each["label"] for each in found["fields"]] == ["数量", "单价"]
    assert all(each["text"] for each in found["fields"])


def test_trial__typed_values(person: Signed) -> None:
    admin = person("admin")

    def tried(text: str, lines: str = "", result: str = "money", **typed: str) -> Any:
        named = {"{" + name.replace("__", ".") + "}": value for name, value in typed.items()}
        trial = {"record": None, "typed": named}
        return asked(admin, text, lines=lines, result=result, trial=trial)["trial"]

    assert tried("qty*price", "lines", qty="3", price="1,000.5")["results"][0]["text"] == "3,001.50"
    assert tried("SUM(lines.qty)", lines__qty="1, 2，3")["results"][0]["text"] == "6.00"
    assert tried("document_date+1", result="date", document_date="2026-02-28")["results"] == [
        {"text": "2026-03-01"}
    ]
    failed = tried("qty/price", "lines", qty="3", price="0")["results"][0]
    assert (failed["error"], failed["text"]) == ("#DIV/0!", "除数是 0")
    wrong = tried("qty*2", "lines", qty="三")
    assert wrong["fields"][0]["mistake"] == "这里要填数字"
    huge = tried("qty*price", "lines", qty="999999999999", price="99999999999")["results"][0]
    assert huge["error"] == "#NUM!"


def test_names__own_fields_columns_and_functions(person: Signed) -> None:
    answer = person("admin").client.get(f"{BASE}/names?form=purchase_receipt&lines=lines")
    found = answer.get_json()
    names = {each["code"]: each for each in found["names"]}
    assert names["qty"]["stored"] == "{qty}"
    assert names["qty"]["find"] == "数量 qty sl"
    assert (names["lines.amount"]["label"], names["lines.amount"]["group"]) == (
        "商品明细.金额",
        "column",
    )
    functions = {each["name"]: each for each in found["functions"]}
    assert functions["IF"]["signature"].startswith("IF(")
    assert len(functions) == len(found["functions"]) >= 60
    assert all(each["help"] and each["examples"] for each in found["functions"])


def test_names__through_references_and_of_other_forms(person: Signed, app: Flask) -> None:
    admin = person("admin")
    found = admin.client.get(f"{BASE}/names?form=purchase_receipt&lines=lines").get_json()
    names = {each["code"]: each for each in found["names"]}
    assert names["supplier.name"]["label"] == "供应商.供应商名称"
    assert names["item.name"]["group"] == "through"
    assert names["delivery.lines.qty"]["place"] == "销售出库"
    record = receipts(app)[0]
    texts = ("=item.name", "=SUM(lines.item.price_purchase)", "=SUM(delivery.lines.qty)")
    for text in texts:
        trial = {"record": record, "typed": {}}
        said = asked(admin, text, lines="lines", result="text", trial=trial)
        assert said["fine"], said
        assert said["trial"]["results"][0]["text"], text
        assert said["trial"]["fields"][0]["text"], text
        assert not said["trial"]["fields"][0]["typable"]
        assert said["reads"][0]["stored"] in {each["stored"] for each in names.values()}


def test_records__are_searched(person: Signed, app: Flask) -> None:
    admin = person("admin")
    every = admin.client.get(f"{BASE}/records?form=purchase_receipt").get_json()["records"]
    assert {each["id"] for each in every} <= set(receipts(app))
    one = admin.client.get(f"{BASE}/records?form=purchase_receipt&q={every[-1]['label']}")
    assert [each["id"] for each in one.get_json()["records"]] == [every[-1]["id"]]
    assert admin.client.get(f"{BASE}/records?form=none").status_code == 404


def test_save__goes_into_the_draft_by_ids_and_offers_publishing(person: Signed, app: Flask) -> None:
    admin, before, rev = person("admin"), definition(app), drafted(app).rev
    answer = saved(admin, TOTAL, "=SUM({商品明细}.{数量}) + 0", rev)
    assert answer.status == 303
    assert definition(app) == before
    assert drafted(app).rev > rev
    assert text_at(app, "purchase_receipt", "qty_total") == "=SUM({lines.qty}) + 0"
    there = admin.get(str(answer.response.location))
    assert "已保存到草稿" in there.texts("#fx-saved")[0]
    assert admin.get(str(there.one("#fx-saved a")["href"])).status == 200
    assert there.one("#fx-text").get_text() == "=SUM({lines.qty}) + 0"


def test_save__a_mistake_keeps_what_was_typed(person: Signed, app: Flask) -> None:
    admin, base = person("admin"), drafted(app).rev
    answer = saved(admin, TOTAL, "=SUM(lines.nothing)", base)
    assert answer.status == 422
    assert "没有名为“nothing”的字段" in answer.text
    assert answer.one("#fx-text").get_text() == "=SUM(lines.nothing)"
    assert drafted(app).rev == base


def test_save__over_another_version(person: Signed, app: Flask) -> None:
    admin, other, base = person("admin"), person("admin"), drafted(app).rev
    assert saved(other, TOTAL, "=SUM(lines.qty)*1", base).status == 303
    answer = saved(admin, TOTAL, "=SUM(lines.qty)*2", base)
    assert answer.status == 409
    assert "刚刚改了草稿" in answer.text
    assert answer.texts("#fx-refusal code") == ["SUM( 商品明细.数量 )*1"]
    assert answer.one("#fx-text").get_text() == "=SUM(lines.qty)*2"
    assert answer.one("input[name=base]")["value"] == str(drafted(app).rev)
    again = saved(admin, TOTAL, "=SUM(lines.qty)*2", drafted(app).rev)
    assert again.status == 303


@pytest.mark.parametrize("path", ["none/qty_total/formula", "item/none/formula", "item/name/other"])
def test_place__of_nothing(person: Signed, path: str) -> None:
    admin = person("admin")
    assert admin.get(f"{BASE}/{path}").status == 404
    assert saved(admin, f"{BASE}/{path}", "=1", 1).status == 404


def created(somebody: Person, app: Flask, **fields: str) -> Page:
    somebody.get(f"{BASE}/new?form=purchase_receipt")
    sent = {
        "base": str(drafted(app).rev), "form": "purchase_receipt", "lines": "lines",
        "code": "amount_taxed", "label": "含税金额", "label_en": "Gross", "result": "money",
        "places": "", "formula": "={金额}*1.13", **fields,
    }  # fmt: skip
    return somebody.post(f"{BASE}/new", **sent)


def test_new_field__is_there_and_computed(person: Signed, app: Flask) -> None:
    admin = person("admin")
    assert admin.get(f"{BASE}/new?form=purchase_receipt&lines=lines").status == 200
    answer = created(admin, app)
    assert answer.status == 303
    assert text_at(app, "purchase_receipt", "lines", "amount_taxed") == "={amount}*1.13"
    assert "含税金额" not in admin.get("/a/jxc/purchase_receipt/new").text
    assert admin.get(str(answer.response.location)).texts("h1") == ["商品明细.含税金额"]
    twice = created(admin, app)
    assert twice.status == 422
    assert "已经有编码是 amount_taxed 的字段" in twice.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"label": ""}, "请填写字段名称"),
        ({"code": "Amount"}, "编码用小写字母开头"),
        ({"code": "x", "result": "lines"}, "请选择结果的类型"),
        ({"code": "x", "places": "99"}, "小数位是 0 到 10"),
        ({"code": "x", "formula": "={没有}"}, "没有名为“没有”的字段"),
        ({"code": "x", "base": "999"}, "刚刚改了草稿"),
    ],
)
def test_new_field__what_is_wrong_and_what_was_typed(
    person: Signed, app: Flask, fields: dict[str, str], said: str
) -> None:
    admin = person("admin")
    before = drafted(app).rev
    answer = created(admin, app, **{"label": "新的", "label_en": "kept", **fields})
    assert answer.status in {409, 422}
    assert said in answer.text
    assert answer.one("#fx-label-en")["value"] == "kept"
    assert drafted(app).rev == before


def test_rename__breaks_no_formula(person: Signed, app: Flask) -> None:
    admin = person("admin")
    assert saved(admin, AMOUNT, "=ROUND(数量*单价,2)", drafted(app).rev).status == 303
    renamed = {
        "op": "set", "form": "purchase_receipt", "lines": "lines", "field": "price",
        "name": "label", "value": {"zh": "进货价", "en": "Cost"},
    }  # fmt: skip
    here: Platform = app.extensions["dajian"]
    with here.database.transaction() as connection:
        drafts.apply(Act(connection, SYSTEM, NOW), "jxc", drafted(app).rev, [renamed])
    assert text_at(app, "purchase_receipt", "lines", "amount") == "=ROUND({qty}*{price},2)"
    found = admin.get(BASE)
    row = next(r for r in found.soup.select("tbody tr") if AMOUNT in str(r.th.a["href"]))
    assert [chip.get_text() for chip in row.select(".fx-chip")] == ["数量", "进货价"]
