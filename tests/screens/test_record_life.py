"""Around a record over HTTP: conversions, comments, versions, the recycle bin, read mode."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from runtime import documents, query
from runtime.infra.act import SYSTEM, Act
from runtime.platform import Platform
from tests.screens.conftest import NOW
from tests.screens.person import Page, Person

Someone = Callable[[str], Person]
COUNT = itertools.count()


def found(page: Page, selector: str) -> str:
    return str(page.one(selector)["href"])


def version_of(page: Page) -> str:
    return str(page.soup.select("input[name=version]")[0]["value"])


@pytest.fixture
def lead(person: Someone) -> Person:
    """王建国, who leads the warehouse."""
    return person("wangjianguo")


def a_posted(app: Flask, form_code: str) -> int:
    """A posted document of the demo company."""
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        form = here.catalogue.form(connection, "jxc", form_code)
        table = form.table
        row = connection.execute(
            table.select().where(table.c.status == "posted").order_by(table.c.id)
        ).first()
    assert row is not None, f"the demo company has no posted {form_code}"
    return int(row.id)


def test_every_record_of_the_company__is_played_back_as_it_stands(app: Flask) -> None:
    here: Platform = app.extensions["dajian"]
    count = 0
    with here.database.reading() as connection:
        act = Act(connection, SYSTEM, NOW)
        for form in here.catalogue.app(connection, "jxc").forms.values():
            if form.aggregate is not None:
                continue
            moved = set(form.rollups)
            for key in connection.execute(form.table.select()).scalars().all():
                now, then = query.record(act, form, key), documents.as_of(act, form, key)
                assert now is not None
                assert then is not None
                kept = {code: v for code, v in now.values.items() if code not in moved}
                assert {c: v for c, v in then.values.items() if c not in moved} == kept
                assert (then.lines, then.status) == (now.lines, now.status), (form.code, key)
                count += 1
    assert count > 30


def test_conversion__from_the_button_to_the_draft_and_back(app: Flask, lead: Person) -> None:
    receipt = f"/a/jxc/purchase_receipt/{a_posted(app, 'purchase_receipt')}"
    page = lead.get(receipt)
    offers = {a.get_text(" ", strip=True): a["href"] for a in page.soup.select(".pacts .menu a")}
    (address,) = [str(href) for text, href in offers.items() if "退货给供应商" in text]
    asked = lead.get(address)
    assert asked.status == 200
    boxes = asked.soup.select("input[name^='take.']")
    chosen: dict[str, Any] = {str(box["name"]): str(box["value"]) for box in boxes}
    first = next(iter(chosen))
    line, most = first.removeprefix("take."), chosen[first]
    action = str(asked.one("form[data-conversion]")["action"])
    key = str(asked.soup.select("form[data-conversion] input[name=id]")[0]["value"])

    def make(quantity: str) -> Page:
        typed: dict[str, Any] = {"id": key, "line": line, first: quantity}
        return lead.post(action, **typed)

    much = make(f"{most}9")
    assert much.status == 422
    assert much.one("[aria-invalid=true]")["value"] == f"{most}9"
    assert f"最多 {most}" in much.text
    unread = make("很多")
    assert unread.status == 422
    assert unread.texts(".conv-n .err-msg") == ["请填写大于 0 的数量"]

    made = make("1")
    assert made.status == 303
    is_chained(lead, receipt, made)
    again = lead.get(address)
    left = again.soup.select(f"input[name='{first}']")
    assert [str(box["value"]) for box in left] != [most]


def is_chained(lead: Person, receipt: str, made: Page) -> None:
    """The draft that was made and its source lead to each other."""
    draft = lead.get(made.response.location)
    assert draft.one("#status").get_text() == "草稿"
    assert found(draft, ".chain a.chip") == receipt
    assert len(draft.soup.select("line-grid tbody tr:not(.ghost)")) == 1
    back = lead.get(receipt)
    assert any(text.startswith("采购退货") for text in back.texts(".chain .chip"))


def test_conversion__of_what_may_not_be_made(person: Someone, app: Flask) -> None:
    receipt = a_posted(app, "purchase_receipt")
    path = f"/a/jxc/purchase_receipt/conversions/receipt_to_invoice?id={receipt}"
    assert person("chenli").get(path).status == 200
    assert person("wangjianguo").get(path).status == 403
    assert person("zhangmin").get(path).status == 403
    assert person("chenli").get(path.replace("invoice", "none")).status == 404
    assert person("chenli").get(path.split("?", maxsplit=1)[0]).status == 400


@pytest.fixture
def unit(lead: Person) -> str:
    """A unit of measure of one's own, called after how many there were."""
    name = f"捆{next(COUNT)}"
    lead.get("/a/jxc/uom/new")
    made = lead.post("/a/jxc/uom", version="0", name=name)
    assert made.status == 303, made.text
    return str(made.response.location)


def test_versions__looked_at_compared_and_brought_back(lead: Person, unit: str) -> None:
    page = lead.get(unit)
    name = str(page.one("#f-name")["value"])
    changed = lead.post(unit, version=version_of(page), name=f"大{name}")
    assert changed.status == 303, changed.text
    versions = lead.get(f"{unit}/versions")
    assert [text.split(" ")[1] for text in versions.texts(".vers .b")] == ["修改", "新建"]
    oldest = versions.soup.select(".vers a")[-1]["href"]
    then = lead.get(f"{unit}/versions{oldest}")
    assert f"单位名称 {name} 大{name}" in then.texts(".diff tbody tr")
    assert name in then.texts(".past .val")
    action = str(then.one("#dlg-restore form")["action"])
    clash = lead.post(action, version="1")
    assert clash.status == 409
    done = lead.post(action, version=str(then.one("#dlg-restore input[name=version]")["value"]))
    assert done.status == 303
    assert lead.get(unit).one("#f-name")["value"] == name
    # Before it was there, and addresses nobody makes.
    early = lead.get(f"{unit}/versions?at=2020-01-01T00:00")
    assert "那个时候还没有这条记录" in early.text
    assert lead.get(f"{unit}/versions?version=999999").status == 404
    for at in ("x", "9999-12-31T23:59", "0001-01-01T00:00"):
        assert lead.get(f"{unit}/versions?at={at}").status == 200


def test_bin__and_back(lead: Person, unit: str, person: Someone) -> None:
    page = lead.get(unit)
    name = str(page.one("#f-name")["value"])
    gone = lead.post(f"{unit}/deletion", version=version_of(page))
    assert gone.status == 303
    assert lead.get(unit).status == 404
    binned = lead.get("/a/jxc/uom/bin")
    assert name in binned.texts(".binned td a")
    key = unit.rsplit("/", 1)[1]
    assert name in lead.get(f"/a/jxc/uom/bin/{key}").texts(".past .val")
    assert person("zhangmin").get("/a/jxc/uom/bin").status == 403
    assert lead.post("/a/jxc/uom/bin/purging", id=key).status == 403
    back = lead.post(f"/a/jxc/uom/bin/{key}/restoration")
    assert (back.status, back.response.location) == (303, unit)
    assert lead.get(unit).one("#f-name")["value"] == name
    page = lead.get(unit)
    lead.post(f"{unit}/deletion", version=version_of(page))
    admin = person("admin")
    admin.get("/a/jxc/uom/bin")
    assert admin.post("/a/jxc/uom/bin/purging", id=key).status == 303
    assert admin.get(f"/a/jxc/uom/bin/{key}").status == 404


def test_talk__said_named_and_taken_back(lead: Person, unit: str, person: Someone) -> None:
    lead.get(unit)
    said = lead.post(f"{unit}/comments", script=True, text="请 @陈丽 看 <b>x</b>")
    assert said.status == 200
    assert said.one("#talk .named").get_text() == "@陈丽"
    assert "<b>x</b>" in said.one(".said-t").get_text()
    empty = lead.post(f"{unit}/comments", script=True, text="  ")
    assert (empty.status, empty.texts("#say-err")) == (422, ["请写点什么，或放一个附件"])
    names = json.loads(lead.get(f"{unit}/people?q=陈").response.get_data())
    assert names == {"people": [{"handle": "陈丽", "name": "陈丽"}]}
    buyer = person("chenli")
    read = buyer.get(unit)
    assert read.soup.select(".said .btn-link") == []
    own = lead.get(unit).one(".said form")
    assert buyer.post(str(own["action"])).status == 403
    gone = lead.post(str(own["action"]), script=True)
    assert gone.texts(".said p") == ["已撤回"]


def test_reading__the_same_page_without_boxes(lead: Person, unit: str) -> None:
    page = lead.get(f"{unit}?view=read")
    assert page.soup.select("form#document") == []
    assert found(page, ".pacts > a.btn-primary") == unit
    assert lead.get(unit).one("#f-name")["value"] in page.texts(".val")
    menu = {a.get_text(strip=True): str(a["href"]) for a in lead.get(unit).soup.select(".pacts a")}
    assert menu["阅读和打印"] == f"{unit}?view=read"
    assert menu["版本"] == f"{unit}/versions"


def test_others_words__reach_nobody_who_may_not_view(person: Someone, app: Flask) -> None:
    receipt = f"/a/jxc/purchase_receipt/{a_posted(app, 'purchase_receipt')}"
    seller: Any = person("zhangmin")
    for path in ("", "/versions", "/people?q=a"):
        assert seller.get(receipt + path).status == 403
    assert seller.post(f"{receipt}/comments", text="x").status == 403
