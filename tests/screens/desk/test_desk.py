"""A person's own pages: what was told, opened, pinned, chosen; nothing of what is not theirs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from runtime.infra import notices, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.notices import Place
from runtime.platform import Platform
from tests.screens.conftest import NOW
from tests.screens.person import Page, Person

Signed = Callable[[str], Person]
RECEIPT = Place("jxc", "purchase_receipt", 1)


@contextmanager
def acting(app: Flask) -> Iterator[Act]:
    here: Platform = app.extensions["dajian"]
    with here.database.transaction() as connection:
        yield Act(connection, SYSTEM, NOW)


def tell(app: Flask, name: str, text: str, link: Place | str = RECEIPT) -> None:
    with acting(app) as act:
        user = users.by_name(act.connection, name)
        assert user is not None
        notices.tell(
            act, [user.id], "mention", {"person": "王建国", "text": text, "what": "x"}, link
        )


def options(page: Page) -> list[str]:
    return page.texts("[role=option]")


def test_notice__in_words_with_what_was_said(app: Flask, person: Signed) -> None:
    buyer = person("chenli")
    before = len(buyer.get("/notices").soup.select("[data-notice]"))
    tell(app, "chenli", "<b>数量</b>不对", RECEIPT._replace(anchor="comments"))
    page = buyer.get("/notices")
    links = page.soup.select("[data-notice][href='/a/jxc/purchase_receipt/1#comments']")
    assert links[0].get_text().startswith("王建国 在 采购入库 CGRK-")
    assert "<b>数量</b>不对" in page.texts(".ntc-s")
    badge = str(before + 1)
    assert page.texts("#notice-badge") == page.texts("#notice-badge-tab") == [badge]


def test_notice__of_what_one_may_not_see_tells_nothing(app: Flask, person: Signed) -> None:
    # 张敏 sells: no receipt is hers, and its number and what was said of it neither.
    tell(app, "zhangmin", "进价 12.80")
    page = person("zhangmin").get("/notices")
    assert page.texts(".ntc-t > span.muted") == ["一条你现在不能查看的通知"]
    assert page.soup.select("[data-notice]") == []
    assert "12.80" not in page.text
    assert "CGRK-" not in page.text


def test_notice__read_by_its_button_and_by_opening_the_record(app: Flask, person: Signed) -> None:
    lead = person("wangjianguo")
    for text, link in (("一", RECEIPT), ("二", RECEIPT._replace(record_id=2)), ("三", "/inbox")):
        tell(app, "wangjianguo", text, link)
    page = lead.get("/notices")
    assert page.texts(".ntc-s") == ["三", "二", "一"]
    first = str(page.soup.select("[data-notice]")[0]["data-notice"])
    answer = lead.post("/notices/reading", script=True, notice=first)
    assert answer.texts(".ntc-s") == ["二", "一"]
    assert answer.texts("#notice-badge") == ["2"]
    assert lead.post("/a/jxc/purchase_receipt/1/opening", script=True).status == 204
    assert lead.get("/notices").texts(".ntc-s") == ["二"]
    assert lead.post("/notices/reading").status == 303
    assert "没有未读的通知" in lead.get("/notices").text
    assert len(lead.get("/notices?box=all").texts(".ntc-s")) == 3


@pytest.mark.parametrize(
    ("name", "address", "status"),
    [
        ("zhangmin", "/a/jxc/purchase_receipt/1/opening", 403),
        ("admin", "/a/jxc/purchase_receipt/9999/opening", 404),
        ("admin", "/a/jxc/nothing/1/opening", 404),
    ],
)
def test_opening__only_what_one_may_see(
    person: Signed, name: str, address: str, status: int
) -> None:
    assert person(name).post(address, script=True).status == status


def test_home__what_was_opened_last_comes_first(person: Signed) -> None:
    lead = person("wangjianguo")
    for address in ("/a/jxc/item/3", "/a/jxc/purchase_receipt/2"):
        assert lead.post(f"{address}/opening", script=True).status == 204
    page = lead.get("/")
    assert "最近打开" in page.texts("#h-recent")
    shown = [str(link["href"]) for link in page.soup.select("section[aria-labelledby=h-recent] a")]
    assert set(shown[:2]) == {"/a/jxc/item/3", "/a/jxc/purchase_receipt/2"}
    assert page.texts("#h-started") == []
    assert person("chenli").get("/").texts("#h-started") == ["我发起的"]


def test_pins__put_up_renamed_and_taken_down(person: Signed) -> None:
    seller = person("zhangmin")
    place = "/a/jxc/delivery?status=draft"
    answer = seller.post("/pins", script=True, href=place, label="我的草稿")
    assert answer.texts("#pins [data-pinned]") == ["我的草稿"]
    home = seller.get("/")
    assert home.one("#pin-cards .pin-card > a")["href"] == place
    address = str(home.soup.select(".pin-menu form")[0]["action"])
    assert seller.post(address, label="草稿").status == 303
    assert seller.get("/inbox").texts("#pins [data-pinned]") == ["草稿"]
    assert person("chenli").get("/inbox").texts("#pins [data-pinned]") == []
    assert seller.post("/pins", script=True, href=place, label="x").texts("[data-pinned]") == []


ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil",
    "/none",
    "",
    "/a\nb",
    "/static/x",
)


def test_pins__lead_to_pages_of_ours(person: Signed) -> None:
    seller = person("zhangmin")
    for href in ELSEWHERE:
        assert seller.post("/pins", script=True, href=href, label="x").status == 400, href


def test_pins__of_a_form_one_may_not_see_are_not_shown(person: Signed) -> None:
    seller = person("zhangmin")
    seller.post("/pins", script=True, href="/a/jxc/supplier", label="供应商的快捷入口")
    assert "供应商的快捷入口" not in seller.get("/").text
    assert "供应商的快捷入口" not in seller.get("/palette?q=", script=True).text


def test_first_steps__are_put_away_and_brought_back(person: Signed) -> None:
    somebody = person("admin")
    assert somebody.post("/first-steps/hiding").response.location == "/"
    chosen = "input[name=first_steps][checked]"
    assert somebody.get("/preferences").one(chosen)["value"] == "off"
    somebody.post("/preferences", first_steps="on")
    assert somebody.get("/preferences").one(chosen)["value"] == "on"


def test_preferences__letters_and_kinds_of_notices(app: Flask, person: Signed) -> None:
    buyer = person("chenli")
    buyer.post("/preferences", letter_keys="off", kinds="1", kind="job", theme="contrast")
    page = buyer.get("/preferences")
    assert page.one("#shell")["data-letter-keys"] == "off"
    assert page.one("html")["data-theme"] == "contrast"
    assert [box["value"] for box in page.soup.select("input[name=kind][checked]")] == ["job"]
    before = len(buyer.get("/notices?box=all").texts(".ntc-s"))
    tell(app, "chenli", "听不到")
    assert len(buyer.get("/notices?box=all").texts(".ntc-s")) == before
    buyer.post("/preferences", letter_keys="on", theme="auto")
    page = buyer.get("/preferences")
    assert not page.one("#shell").has_attr("data-letter-keys")
    assert len(page.soup.select("input[name=kind][checked]")) == 1, "what was not asked stays"
    assert buyer.post("/preferences", letter_keys="perhaps").status == 400
    assert buyer.post("/preferences", theme="pink").status == 422
    # The others of this company hear of everything.
    kinds = [str(box["value"]) for box in page.soup.select("input[name=kind]")]
    data = {"kinds": "1", "kind": kinds, "csrf_token": buyer.token}
    assert buyer.client.post("/preferences", data=data).status_code == 303


def test_palette__records_by_number_for_whom_they_are(person: Signed) -> None:
    lead, seller = person("wangjianguo"), person("zhangmin")
    wanted = "/palette?q=%23CGRK-20261121"
    assert any(
        text.startswith("CGRK-202611210001") for text in options(lead.get(wanted, script=True))
    )
    assert options(seller.get(wanted, script=True)) == ["没有和“CGRK-20261121”匹配的记录"]
    assert "在所有记录里找“cgrk-2026”" in lead.get("/palette?q=cgrk-2026", script=True).text


def test_palette__people_and_what_they_made(person: Signed) -> None:
    page = person("wangjianguo").get("/palette?q=@zm", script=True)
    assert {option.split()[0] for option in options(page)} == {"张敏"}
    links = [str(link["href"]) for link in page.soup.select("a[role=option]")]
    link = next(link for link in links if link.startswith("/a/jxc/delivery?"))
    assert len(person("wangjianguo").get(link).rows()) > 0
    nobodys = link.rsplit("~", 1)[0] + "~99"
    assert person("wangjianguo").get(nobodys).rows() == []


def test_palette__buttons_of_the_page_by_pinyin(person: Signed) -> None:
    page = person("admin").get("/palette?q=>dysj&here=打印+审计&here=<i>复制</i>", script=True)
    assert options(page) == ["打印 审计"]
    assert page.one("[data-deed]")["data-deed"] == "0"
    page = person("admin").get("/palette?q=>&here=<i>复制</i>", script=True)
    assert "<i>复制</i>" in options(page)


def test_notice__how_an_approval_ended(person: Signed) -> None:
    lead, buyer = person("wangjianguo"), person("chenli")
    address = str(lead.get("/inbox").one("#decision")["action"])
    assert lead.post(address, decision="reject", comment="数量不对").status == 303
    told = buyer.get("/notices").texts(".ntc-t a")
    assert any(text.startswith("王建国 驳回了 采购入库 CGRK-") for text in told)
    assert all("驳回" not in text for text in lead.get("/notices?box=all").texts(".ntc-t"))
