"""Public links: made by administrators, used by anybody, within what they name and no further."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from runtime.app import visits
from runtime.infra import audit, puzzles
from runtime.platform import Platform
from tests.screens.person import Page, Person

Signed = Callable[[str], Person]
LINKS = "/a/jxc/customer/links"


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions whose answer is 7, which may be answered at once."""
    monkeypatch.setattr(puzzles, "AT_LEAST", timedelta(0))
    monkeypatch.setattr(puzzles, "_sum", lambda: ("sum", ("三", "四"), "7"))
    monkeypatch.setattr(puzzles, "_largest", puzzles._sum)
    monkeypatch.setattr(puzzles, "_position", puzzles._sum)


def open_links(admin: Person) -> None:
    assert admin.post(f"{LINKS}/permission", to="open").status == 303


def made(admin: Person, fields: tuple[str, ...], **more: str) -> str:
    """Make a link and return where it leads."""
    data: dict[str, Any] = {"label": "新客户登记", "purpose": "add", "field": list(fields), **more}
    data["csrf_token"] = admin.token
    answer = admin._read(admin.client.post(LINKS, data=data))
    assert answer.status == 200, answer.text
    return "/p/" + str(answer.one("#made")["value"]).rpartition("/p/")[2]


def filled(visitor: Person, address: str, **fields: str) -> Page:
    page = visitor.get(address)
    puzzle = page.soup.select_one("[name=_puzzle]")
    given = {"_puzzle": str(puzzle["value"])} if puzzle else {}
    return visitor.post(address, **{"_answer": "7", **given, **fields})


FIELDS = ("customer_no", "name", "phone")


def test_off__until_an_administrator_allows_them(person: Signed, visitor: Person) -> None:
    admin = person("admin")
    admin.post(f"{LINKS}/permission", to="closed")
    page = admin.get(LINKS)
    assert "没有开放公开链接" in page.text
    refused = admin.post(LINKS, label="x", purpose="add", field="name")
    assert refused.status in {409, 422}
    assert person("chenli").get(LINKS).status == 403
    assert visitor.get("/p/" + "x" * 32).status == 404


def test_a_form__filled_in_by_nobody_and_no_further(
    app: Flask, person: Signed, visitor: Person
) -> None:
    admin = person("admin")
    open_links(admin)
    address = made(admin, FIELDS, quota="1", asks_puzzle="on")
    page = visitor.get(address)
    assert page.texts("h1") == ["新客户登记"]
    # The frame of the product, its people and its apps are none of a visitor's business.
    assert page.soup.select(".side, nav") == []
    wrong = visitor.post(
        address, name="甲", _answer="8", _puzzle=str(page.one("[name=_puzzle]")["value"])
    )
    assert wrong.status == 422
    assert "没有答对" in wrong.text
    trapped = filled(visitor, address, name="甲", customer_no="PUB9", _homepage="http://x")
    assert trapped.status == 403
    done = filled(visitor, address, name="公开甲公司", customer_no="PUB1", contact="别人")
    assert done.status == 200, done.text
    assert "已经收到" in done.text
    columns_ = audit.audit_table.c
    platform: Platform = app.extensions["dajian"]
    query = select(columns_.user_id, columns_.user_name, columns_.source, columns_.changes).where(
        columns_.form == "jxc.customer", columns_.action == "create"
    )
    with platform.database.reading() as connection:
        last = connection.execute(query.order_by(columns_.id.desc())).first()
    assert last is not None
    assert (last.user_id, last.user_name, last.source) == (None, "新客户登记", "public")
    # What was not chosen is not taken, whatever is sent.
    assert last.changes["fields"].keys() - {"sold_total"} == {"customer_no", "name"}
    # It was good for one.
    assert visitor.get(address).status == 404
    assert "1 / 1" in admin.get(LINKS).text


def test_a_link__taken_back_opens_no_more(person: Signed, visitor: Person) -> None:
    admin = person("admin")
    open_links(admin)
    address = made(admin, FIELDS[:2])
    assert visitor.get(address).status == 200
    back = re.search(r"/links/(\d+)/revocation", str(admin.get(LINKS).soup))
    assert back is not None
    assert admin.post(f"{LINKS}/{back[1]}/revocation").status == 303
    assert visitor.get(address).status == 404
    assert filled(visitor, address, name="x").status == 404


def test_logs__have_the_token_of_no_link() -> None:
    assert visits.told("/p/" + "x" * 32) == visits.told("/p/y/password") == "/p/…"
    assert visits.told("/a/jxc/p/1") == "/a/jxc/p/1"


def test_password__asked_for_and_kept_for_this_visit(person: Signed, visitor: Person) -> None:
    admin = person("admin")
    open_links(admin)
    address = made(admin, ("name", "customer_no"), purpose="read", password="violet harbour 88")
    locked = visitor.get(address)
    assert locked.soup.select("table") == []
    assert "宁波" not in locked.text
    assert visitor.post(f"{address}/password", password="wrong").status == 422
    assert visitor.post(f"{address}/password", password="violet harbour 88").status == 303
    assert visitor.get(address).soup.select("table tbody tr") != []


def test_a_list__the_fields_and_records_it_names(person: Signed, visitor: Person) -> None:
    admin = person("admin")
    open_links(admin)
    first = admin.get("/a/jxc/customer").soup.select("#list tbody tr")
    assert len(first) > 1
    address = made(admin, ("name",), purpose="read", condition='customer_no = "C001"')
    page = visitor.get(address)
    assert len(page.soup.select("thead th")) == 1
    assert page.texts("tbody tr") == ["宁波海曙恒远五金贸易有限公司"]
    everything = visitor.get(made(admin, ("name",), purpose="read"))
    assert len(everything.soup.select("tbody tr")) >= len(first)
    # Nobody is signed in by it, and the rest of the product stays closed.
    assert visitor.get("/a/jxc/customer").status == 303
    wrong = admin.post(LINKS, label="x", purpose="read", field="name", condition="1 +")
    assert wrong.status == 422
    assert admin.post(LINKS, label="x", purpose="add", field="phone").status == 422
