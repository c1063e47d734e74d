"""What stands beside the typing of lines: warnings, records made on the way."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.screens.person import Person
from tests.screens.test_documents import FORM, NEW, delivery, lookup, stored

Someone = Callable[[str], Person]
PRICE = "lines.0.price"


def test_a_warning_is_said_before_the_submission__and_heeded_only_on_purpose(
    person: Someone,
) -> None:
    seller = person("zhangmin")
    gift = delivery(seller, ("SP20019", "1")) | {PRICE: "0"}
    before = len(seller.get(FORM).rows())
    told = seller.post(FORM, **gift, _then="submit")
    assert told.status == 422
    assert told.texts("[data-warning]") == ["商品明细 第 1 行 · 单价：单价是零，确定是赠品吗？"]
    assert not told.soup.title or "错误" not in told.soup.title.get_text()
    assert len(seller.get(FORM).rows()) == before, "a warning writes nothing"
    done = stored(seller, seller.post(FORM, **gift, _then="submit-heeded"))
    assert done.texts("#status") == ["已过账"]


def test_a_warning_stops_no_saving__and_stands_after_what_is_refused(person: Someone) -> None:
    seller = person("zhangmin")
    gift = delivery(seller, ("SP20019", "1")) | {PRICE: "0"}
    assert stored(seller, seller.post(FORM, **gift, _then="save")).texts("#status") == ["草稿"]
    short = delivery(seller, ("SP20019", "99999")) | {PRICE: "0"}
    refused = seller.post(FORM, **short, _then="submit-heeded")
    assert refused.status in {409, 422}
    assert refused.texts(".note-err [data-warning]"), "the warning is told beside the refusal"
    assert not refused.texts("button[value=submit-heeded]")


def test_scripts_know_which_checks_warn(person: Someone) -> None:
    model = json.loads(person("zhangmin").get(NEW).one("#form-model").get_text())
    assert [check["isWarning"] for check in model["checks"]] == [True]
    assert model["lines"]["lines"]["scan"] == {"item": "item", "qty": "qty", "barcode": "barcode"}


def test_a_record_made_beside_the_form_comes_back_by_its_number(person: Someone) -> None:
    seller = person("zhangmin")
    made = lookup(seller, "lines.item", "SP20019")[0]
    assert lookup(seller, "lines.item", "", id=str(made["id"]))[0] == made
    assert lookup(seller, "lines.item", "", id="999999") == []
    draft = stored(seller, seller.post(FORM, **delivery(seller, ("SP20019", "1"))))
    address = urlsplit(str(draft.response.request.path)).path
    assert address.startswith(f"{FORM}/")


def test_the_last_price_stands_beside_an_item__of_this_customer_and_what_was_agreed(
    person: Someone,
) -> None:
    seller = person("zhangmin")
    sold = delivery(seller, ("SP20008", "1")) | {PRICE: "77.5"}
    party = sold["customer"]
    asked = f"{FORM}/lookup/lines.item?q=SP20008&party="
    stored(seller, seller.post(FORM, **sold, _then="submit"))
    seller.post(FORM, **(sold | {PRICE: "1.25"}), _then="save")
    answer = json.loads(seller.get(f"{asked}{party}").response.get_data())
    assert answer["columns"][-1]["code"] == "_last"
    assert answer["rows"][0]["cells"][-1] == "77.50", "a draft agrees nothing"
    other = json.loads(seller.get(f"{asked}999999").response.get_data())
    assert [column["code"] for column in other["columns"]][-1] != "_last"
    model = json.loads(seller.get(NEW).one("#form-model").get_text())
    assert model["lines"]["lines"]["party"] == "customer"
