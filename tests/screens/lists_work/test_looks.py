"""Boards, calendars and pictures: the list's own records, by the list's own rights."""

import json
from collections.abc import Callable

from tests.screens.person import Person

Signed = Callable[[str], Person]
RECEIPTS = "/a/jxc/purchase_receipt/looks"
ITEMS = "/a/jxc/item/looks"


def test_tabs__only_looks_the_form_has_fields_for(person: Signed) -> None:
    admin = person("admin")
    board = admin.get(f"{RECEIPTS}/~board")
    assert board.texts(".vws a") == ["全部", "看板", "日历"]
    assert board.texts(".vws [aria-current]") == ["看板"]
    # The list has the same switch, and the sheet beside it.
    listed = admin.get("/a/jxc/item")
    assert listed.texts(".vws a") == ["全部", "看板"]
    assert str(listed.soup.select(".vws a")[1]["href"]) == f"{ITEMS}/~board"
    assert str(listed.soup.select("a[href$='/links']")[0]["href"]) == "/a/jxc/item/links"
    assert not person("zhangmin").get("/a/jxc/item").soup.select("a[href$='/links']")
    assert str(listed.one("a[data-sheet]")["href"]) == "/a/jxc/item/sheet"
    assert admin.get("/a/jxc/supplier/looks/~board").status == 404
    assert admin.get(f"{RECEIPTS}/v99").status == 404


def test_board__a_lane_for_each_state_and_moving_is_an_act(person: Signed) -> None:
    admin = person("admin")
    page = admin.get(f"{RECEIPTS}/~board")
    lanes = page.texts(".kb-lane h2")
    assert lanes[:4] == ["草稿 0", "审批中 1", "已审核 0", "已过账 5"]
    assert len(page.soup.select("[data-lane=posted] .kb-card")) == 5
    # What is in force can go out of force, nowhere else.
    card = page.soup.select("[data-lane=posted] .kb-card")[0]
    acts = json.loads(str(card["data-acts"]))
    assert list(acts) == ["cancelled"]
    assert [str(each["value"]) for each in card.select("option")] == ["posted", "cancelled"]
    stale = admin.post(acts["cancelled"], script=True, version="99", reason="错了")
    assert stale.status == 409
    version = str(card["data-version"])
    assert admin.post(acts["cancelled"], script=True, version=version, reason="错了").status == 204
    moved = admin.get(f"{RECEIPTS}/~board").one(f"#card-{card['data-id']}")
    lane = moved.find_parent(class_="kb-lane")
    assert lane is not None
    assert lane["data-lane"] == "cancelled"


def test_board__lanes_of_a_choice_and_a_card_that_moves(person: Signed) -> None:
    admin = person("admin")
    page = admin.get(f"{ITEMS}/~board")
    field = str(page.one("#look")["data-field"])
    lanes = [str(lane["data-lane"]) for lane in page.soup.select(".kb-lane")]
    card = page.soup.select(".kb-card[draggable=true]")[0]
    at = str(card["data-value"])
    to = next(lane for lane in lanes if lane not in {at, ""})
    fields = {"version": str(card["data-version"]), field: to, "columns": ""}
    answer = admin.post(f"/a/jxc/item/{card['data-id']}/cells/{field}", script=True, **fields)
    assert answer.status == 200, answer.text
    moved = admin.get(f"{ITEMS}/~board").one(f"#card-{card['data-id']}")
    lane = moved.find_parent(class_="kb-lane")
    assert lane is not None
    assert lane["data-lane"] == to


def test_calendar__each_record_on_its_day(person: Signed) -> None:
    page = person("chenli").get(f"{RECEIPTS}/~calendar?day=2026-11-15")
    assert page.texts(".mo-h h2") == ["2026 年 11 月"]
    assert len(page.soup.select(".mo-d")) == 42
    here = page.one("[data-day='2026-11-21']")
    assert len(here.select(".mo-card")) == 1
    assert "is-today" in here["class"]
    week = person("chenli").get(f"{RECEIPTS}/~calendar?day=2026-11-15&span=week")
    assert week.texts(".mo-h h2") == ["2026-11-09 – 2026-11-15"]
    assert len(week.soup.select(".mo-card")) == 4
    for day in ("9999-12-31", "0001-01-01", "x"):
        assert person("chenli").get(f"{RECEIPTS}/~calendar?day={day}").status == 200


def test_looks__by_the_search_and_the_rights_of_the_list(person: Signed) -> None:
    page = person("chenli").get(f"{RECEIPTS}/~board?q=CGRK-202611210001")
    assert page.texts(".kb-card .kb-title") == ["CGRK-202611210001"]
    assert person("zhangmin").get("/a/jxc/supplier/looks/~board").status == 403
    # 张敏 sees items and may not change them: nothing can be dragged.
    assert person("zhangmin").get(f"{ITEMS}/~board").soup.select("[draggable=true]") == []
