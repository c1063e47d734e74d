"""Pages of the app with every structured kind: tabs, folded sections, each kind as it is drawn."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from builder.publish import publish
from runtime import documents
from runtime.infra import departments, users
from runtime.infra.act import SYSTEM, Act
from runtime.platform import Platform, set_up
from runtime.screens.barcodes import svg
from tests.prepared import Prepared, opened
from tests.screens.conftest import NOW, running
from tests.screens.person import PASSWORD, Person
from tests.structured import SOURCE

NEW = "/a/kit/equipment/new"
# A picture of one dark pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c6360606000000004000127349ae30000000049454e44ae426082"
)
PEOPLE = {"admin": "管理员", "li": "李静", "wang": "王建国"}


def company_with_kit(url: str) -> None:
    with opened(url) as database, database.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, NOW)
        for name, shown in PEOPLE.items():
            roles = frozenset({"keeper"} if name != "admin" else ())
            users.create(act, users.NewUser(name, PASSWORD, roles, shown, name == "admin"))
        publish(act, SOURCE, "test")


@pytest.fixture(scope="module")
def app(
    module_url: str, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    prepared.fill(module_url, "company with kit", company_with_kit)
    with running(module_url, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def admin(person: Callable[[str], Person]) -> Person:
    return person("admin")


def here(app: Flask) -> Platform:
    found: Platform = app.extensions["dajian"]
    return found


def test_tabs__hold_their_sections_and_the_first_is_open(admin: Person) -> None:
    page = admin.get(NEW)
    assert page.status == 200
    assert page.texts(".dform > section h2") == ["基本信息", "位置与分类", "检修", "人员"]
    assert [tab["aria-selected"] for tab in page.soup.select("[role=tab]")] == ["true", "false"]
    assert [tab.span.text for tab in page.soup.select("[role=tab]") if tab.span] == ["购置", "备件"]
    open_one, closed = page.soup.select("[role=tabpanel]")
    assert (open_one.has_attr("hidden"), closed.has_attr("hidden")) == (False, True)
    assert [head.text for head in open_one.select("h2")] == ["购置", "说明"]
    assert closed.select_one('input[name="parts.0.part"]') is not None


def test_phone__leaves_out_and_folds(admin: Person) -> None:
    page = admin.get(NEW)
    hidden = page.soup.select(".field.ph-hide input, td.ph-hide input:not([type=hidden])")
    assert {str(box["name"]) for box in hidden} == {
        "model",
        "parts.0.place",
        "parts.__key__.place",
    }
    folded = page.one("section.is-folded")
    assert folded["data-section"] == "more"
    assert page.one("[data-fold]")["aria-expanded"] == "false"


def make(app: Flask, **values: Any) -> int:
    """Make a piece of equipment as the system would."""
    platform = here(app)
    with platform.database.transaction() as connection:
        form = platform.catalogue.form(connection, "kit", "equipment")
        act = Act(connection, SYSTEM, NOW)
        return documents.create(act, form, values).id


def upload(somebody: Person, name: str, content: bytes) -> Any:
    answer = somebody.client.post(
        "/files",
        data={"file": (BytesIO(content), name)},
        headers={"X-CSRFToken": somebody.token},
    )
    assert answer.status_code == 200
    return answer.get_json()


def test_pictures__are_seen_in_the_page_and_nothing_else_is(admin: Person) -> None:
    admin.get(NEW)
    photo, paper = upload(admin, "a.txt", PNG), upload(admin, "b.png", b"only text")
    assert paper["picture"] == ""
    with admin.client.get(photo["picture"]) as shown:
        assert shown.data == PNG
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert admin.client.get(f"/files/{paper['id']}/picture").status_code == 404
    values = {"version": "0", "equipment_no": "P1", "name": "叉车"}
    refused = admin.post("/a/kit/equipment", **values, photos=str(paper["id"]))
    assert refused.status == 422
    assert "只能放图片" in refused.text
    kept = admin.post("/a/kit/equipment", **values, photos=str(photo["id"]))
    assert kept.status == 303
    page = admin.get(kept.response.location)
    assert page.one("[data-name=photos] img")["src"] == photo["picture"]
    assert page.one("input[name=photos]")["value"] == str(photo["id"])


def test_a_list__shows_the_first_picture_small_and_how_many_more_there_are(admin: Person) -> None:
    admin.get(NEW)
    first, second = upload(admin, "a.png", PNG), upload(admin, "b.png", PNG)
    photos = f"{first['id']},{second['id']}"
    third = str(upload(admin, "c.png", PNG)["id"])
    for number, held in (("T1", photos), ("T2", third), ("T3", "")):
        admin.get(NEW)
        values = {"version": "0", "equipment_no": number, "name": "<b>", "photos": held}
        kept = admin.post("/a/kit/equipment", **values)
        assert kept.status == 303
    page = admin.get("/a/kit/equipment?cols=equipment_no,photos,name&sort=equipment_no")
    rows = {tag.select_one("th a").get_text(): tag for tag in page.soup.select(".lst-t tbody tr")}
    shown = {no: [img["src"] for img in row.select("td.is-pic img")] for no, row in rows.items()}
    assert shown["T1"] == [first["picture"]]
    assert len(shown["T2"]) == 1
    assert shown["T3"] == []
    assert rows["T1"].select_one("td.is-pic").get_text() == "+1"
    assert rows["T2"].select_one("td.is-pic").get_text() == ""
    # The other columns are escaped as they were.
    assert {rows[no].select_one("td:last-child").get_text() for no in ("T1", "T2", "T3")} == {"<b>"}
    # What a record is called by is a text, whatever is shown first.
    page = admin.get("/a/kit/equipment?cols=photos,equipment_no&sort=equipment_no")
    assert not page.soup.select(".lst-t th img")


def test_a_picture__belongs_to_who_sent_it_until_it_is_kept(
    admin: Person, person: Callable[[str], Person]
) -> None:
    admin.get(NEW)
    photo = upload(admin, "a.png", PNG)
    other = person("li")
    assert other.client.get(photo["picture"]).status_code == 404
    other.get(NEW)
    values = {"version": "0", "equipment_no": "P2", "name": "叉车"}
    assert other.post("/a/kit/equipment", **values, photos=str(photo["id"])).status == 422


def test_a_drawn_barcode__shows_the_other_field(app: Flask, admin: Person) -> None:
    key = make(app, equipment_no="E 7&8", name="叉车", parts=[{"part": "P100"}, {"part": "轴"}])
    page = admin.get(f"/a/kit/equipment/{key}")
    assert page.one("#f-tag img")["src"] == "/barcodes/qr?text=E%207%268"
    first, second = page.soup.select("td[data-col=code] img")[:2]
    assert first["src"] == "/barcodes/code128?text=P100"
    # Chinese is nothing that Code 128 can say.
    assert not second.has_attr("src")
    assert page.soup.select("[name=tag]") == []
    assert admin.post("/a/kit/equipment", version="0", tag="X").status == 422


DRAWN = [
    # symbology, text, status, modules from edge to edge with the quiet zone
    ("qr", "E-007", 200, 21 + 8),
    ("ean13", "6901234567892", 200, 95 + 22),
    ("code128", "P100", 200, None),
    ("ean13", "6901234567893", 400, None),
    ("code128", "轴", 400, None),
    ("qr", "", 400, None),
    ("pdf417", "x", 400, None),
]


@pytest.mark.parametrize(("symbology", "text", "status", "width"), DRAWN)
def test_barcodes(admin: Person, symbology: str, text: str, status: int, width: int | None) -> None:
    answer = admin.client.get(f"/barcodes/{symbology}", query_string={"text": text})
    assert answer.status_code == status
    if status == 200:
        assert answer.mimetype == "image/svg+xml"
        assert "style" not in answer.text
    if width:
        assert f'viewBox="0 0 {width} ' in answer.text


def test_ean_modules__are_those_of_the_standard() -> None:
    """Guards 101, the first digit 6 sets the parity LGGGLL, the right half is plain."""
    path = svg("6901234567892", "ean13").rpartition('d="')[2]
    dark = {
        x
        for start, length in re.findall(r"M(\d+) 0h(\d+)v40", path)
        for x in range(int(start), int(start) + int(length))
    }
    modules = "".join("1" if x + 11 in dark else "0" for x in range(95))
    left = ["0001011", "0100111", "0110011", "0011011", "0111101", "0100011"]
    right = ["1001110", "1010000", "1000100", "1001000", "1110100", "1101100"]
    assert modules == "101" + "".join(left) + "01010" + "".join(right) + "101"


def test_departments__are_the_administrators(
    admin: Person, person: Callable[[str], Person]
) -> None:
    assert person("li").get("/departments").status == 403
    assert person("li").post("/departments", name="x").status == 403
    admin.get("/departments")
    top = admin.post("/departments", name="总部").response.location
    above = top.rpartition("/")[2]
    sales = admin.post("/departments", name="销售部", parent=above).response.location
    page = admin.get(sales)
    assert page.texts("#tree a") == ["总部 0 人", "销售部 0 人"]
    people = {box.parent.text: str(box["value"]) for box in page.soup.select("[name=member]")
              if box.parent}  # fmt: skip
    done = admin.post(
        sales, name="营销部", parent=above, head=people["王建国"], member=people["李静"]
    )
    assert done.status == 303
    page = admin.get(sales)
    assert page.texts("#tree a") == ["总部 0 人", "营销部 1 人"]
    assert page.one("#f-head option[selected]").text == "王建国"
    below_itself = admin.post(top, name="总部", parent=sales.rpartition("/")[2])
    assert (below_itself.status, "自己的下级" in below_itself.text) == (422, True)
    taken = admin.post("/departments", name="营销部", parent=above)
    assert (taken.status, taken.one("#f-name")["value"]) == (422, "营销部")
    assert admin.post(sales, name="营销部", member="9999").status == 400


def test_people_and_departments__are_chosen_and_shown(app: Flask, admin: Person) -> None:
    page = admin.get(NEW)
    assert page.one("[data-picks=crew] ref-lookup")["data-field"] == "crew"
    rows = admin.client.get("/a/kit/equipment/lookup/crew?q=lj").get_json()["rows"]
    assert [row["label"] for row in rows] == ["李静"]
    with here(app).database.transaction() as connection:
        place = departments.create(Act(connection, SYSTEM, NOW), "仓储部").id
    found = admin.client.get("/a/kit/equipment/lookup/home?q=cc").get_json()["rows"]
    assert [(row["id"], row["label"]) for row in found] == [(place, "仓储部")]
    who = str(rows[0]["id"])
    values = {"version": "0", "equipment_no": "P9", "name": "叉车", "crew": who}
    kept = admin.post("/a/kit/equipment", **values, home=str(place), shared_with=str(place))
    assert kept.status == 303
    page = admin.get(kept.response.location)
    assert page.texts("[data-picks=crew] .pick") == ["李静"]
    assert page.one("#f-home")["value"] == "仓储部"
    assert page.one("input[name=shared_with]")["value"] == str(place)
    again = admin.post("/a/kit/equipment", **values | {"name": ""}, shared_with=str(place))
    assert again.status == 422
    assert again.texts("[data-picks=crew] .pick") == ["李静"]
    listed = admin.get("/a/kit/equipment?ff=crew&fo=has_any&fv=" + who)
    assert listed.status == 200


def test_people_in_a_line__are_chosen_kept_and_shown_again(admin: Person) -> None:
    page = admin.get(NEW)
    box = page.one("[data-picks='parts.0.checkers'] ref-lookup")
    assert box["data-field"] == "parts.checkers"
    # The pattern of a new row has a box of its own, named when the row is made.
    assert page.soup.select("[data-picks='parts.__key__.checkers']") or page.soup.select("template")
    who = str(admin.client.get("/a/kit/equipment/lookup/crew?q=lj").get_json()["rows"][0]["id"])
    values = {"version": "0", "equipment_no": "P7", "name": "叉车"}
    values |= {"parts.0.part": "轴", "parts.0.checkers": who}
    again = admin.post("/a/kit/equipment", **values | {"name": ""})
    assert again.status == 422
    assert again.texts("[data-picks='parts.0.checkers'] .pick") == ["李静"]
    kept = admin.post("/a/kit/equipment", **values)
    assert kept.status == 303
    shown = admin.get(kept.response.location)
    assert shown.texts("[data-picks='parts.0.checkers'] .pick") == ["李静"]
    # What stands in the row is sent with it: saving anything else leaves it there.
    assert shown.one("input[name='parts.0.checkers']")["value"] == who


def test_steps__are_posted_as_codes_and_shown_as_names(admin: Person) -> None:
    page = admin.get(NEW)
    assert page.one("[data-steps]:has(#f-made_in)")["data-depth"] == "2"
    tree = {code: name for code, _, name in admin.client.get("/regions").get_json()}
    assert (len(tree), tree["330106"], tree["71"]) == (3350, "西湖区", "台湾省")
    values = {"version": "0", "equipment_no": "P5", "name": "叉车", "made_in": "3301",
              "family": "crane", "stands_at": "330106", "stands_at.street": "文三路 1 号",
              "spot": "31.2304, 121.4737"}  # fmt: skip
    half = admin.post("/a/kit/equipment", **{**values, "family": "lift", "stands_at": ""})
    assert half.status == 422
    told = ["安装地址：请选择省市区", "设备分类：“起重”还要选到下一级"]
    assert half.texts("#problems a") == told
    assert half.one("input[name=family]")["value"] == "lift"
    assert half.one("input[name='stands_at.street']")["value"] == "文三路 1 号"
    kept = admin.post("/a/kit/equipment", **values)
    assert kept.status == 303
    page = admin.get(kept.response.location)
    assert [page.one(f"input[name={name}]")["value"] for name in ("made_in", "family")] == [
        "3301",
        "crane",
    ]
    assert page.one("input[name=stands_at]")["value"] == "330106"
    assert page.one("#f-spot")["value"] == "31.2304, 121.4737"
    inside = admin.get("/a/kit/equipment?ff=made_in&fo=within&fv=浙江")
    assert inside.status == 200


def test_buttons__lead_on_with_values_of_the_record(app: Flask, admin: Person) -> None:
    key = make(app, equipment_no="B 1/2", name="冲床")
    page = admin.get(NEW)
    assert [button.has_attr("disabled") for button in page.soup.select("#f-report, #f-manual")] == [
        True,
        True,
    ]
    page = admin.get(f"/a/kit/equipment/{key}")
    assert page.one("#f-manual")["href"] == "https://example.com/m/B%201%2F2"
    fresh = admin.get(str(page.one("#f-report")["href"]))
    assert fresh.status == 200
    assert fresh.one("#f-remark")["value"] == "冲床"
    assert fresh.one("input[name=equipment]")["value"] == str(key)
    assert fresh.one("#f-equipment")["value"] == "冲床"
    made = admin.post("/a/kit/visit", version="0", remark="换油", equipment=str(key))
    visit = admin.get(made.response.location)
    assert visit.one("#f-opened")["href"] == f"/a/kit/equipment/{key}"


def test_buttons__lead_nobody_where_they_may_not_go(
    app: Flask, person: Callable[[str], Person]
) -> None:
    key = make(app, equipment_no="B2", name="冲床")
    platform = here(app)
    with platform.database.transaction() as connection:
        act = Act(connection, SYSTEM, NOW)
        roles = frozenset({"looks"})
        users.create(act, users.NewUser("zhao", PASSWORD, roles, "赵敏"))
    page = person("zhao").get(f"/a/kit/equipment/{key}")
    assert page.one("#f-report").has_attr("disabled")
    listed = person("zhao").get("/a/kit/equipment/query/visits?id=1")
    assert listed.status == 403


def test_queries__show_what_fits_as_it_is_now(app: Flask, admin: Person) -> None:
    key = make(app, equipment_no="Q1", name="冲床", model="M-7")
    make(app, equipment_no="Q2", name="行车", model="M-8")
    for remark in ("一", "二", "三"):
        admin.get("/a/kit/visit/new")
        admin.post("/a/kit/visit", version="0", remark=remark, equipment=str(key), cost="12.5")
    page = admin.get(f"/a/kit/equipment/{key}")
    box = page.one("[data-query]#f-visits")
    assert (box["data-asks"], box["data-given"]) == ("id", f"id={key}")
    found = admin.get(f"{box['data-query']}?id={key}")
    assert found.texts("th") == ["摘要", "日期", "费用"]
    assert len(found.soup.select("tbody tr")) == 2
    assert "还有更多" in found.text
    assert found.texts("tbody td:nth-child(3)") == ["12.50", "12.50"]
    same = "/a/kit/equipment/query/same_model"
    assert admin.get(f"{same}?model=M-7").texts("tbody td:first-child") == ["Q1"]
    assert "没有符合" in admin.get(f"{same}?model=M-9").text
    assert "先填写" in admin.get(f"{same}?model=").text
    assert admin.get("/a/kit/equipment/query/model?model=1").status == 404
    refused = admin.post("/a/kit/equipment", version="0", equipment_no="Q3", name="x", visits="1")
    assert refused.status == 303


def test_choosing__says_what_it_brings_along(app: Flask, admin: Person) -> None:
    make(app, equipment_no="F77", name="折弯机", price="1234.50", model="M-1")
    path = "/a/kit/visit/lookup/"
    found = admin.client.get(f"{path}equipment?q=F77").get_json()["rows"][0]
    assert (found["fill"], found["keys"], found["follows"]) == (
        {"cost": "1,234.50"},
        {"cost": "1234.50"},
        True,
    )
    other = admin.client.get(f"{path}other?q=F77").get_json()["rows"][0]
    assert (other["fill"], other["follows"]) == ({"model": "M-1"}, False)
