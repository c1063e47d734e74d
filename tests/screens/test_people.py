"""Users: the list, one of them, what their roles come to and why, a look through their eyes."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from runtime.infra import audit, users
from runtime.platform import Platform
from tests.screens.person import Page, Person

Signed = Callable[[str], Person]


def key_of(app: Flask, name: str) -> int:
    platform: Platform = app.extensions["dajian"]
    with platform.database.reading() as connection:
        found = users.by_name(connection, name)
    assert found is not None
    return found.id


def trail(app: Flask, form: str) -> list[tuple[str, int | None]]:
    platform: Platform = app.extensions["dajian"]
    columns = audit.audit_table.c
    query = select(columns.action, columns.record_id).where(columns.form == form)
    with platform.database.reading() as connection:
        rows = connection.execute(query.order_by(columns.id))
        return [(row.action, row.record_id) for row in rows]


def test_list__everybody_with_roles_and_found_by_them(person: Signed) -> None:
    admin = person("admin")
    page = admin.get("/users")
    names = page.texts("#people b")
    assert {"陈丽", "王建国", "张敏"} <= set(names)
    assert admin.get("/users?q=采购").texts("#people b") == ["陈丽"]
    assert person("chenli").get("/users").status == 403


def test_roles__as_ticked_and_the_trail_knows(app: Flask, person: Signed) -> None:
    admin, key = person("admin"), key_of(app, "zhangmin")
    page = admin.get(f"/users/{key}")
    assert [box["value"] for box in page.soup.select("[name=role][checked]")] == ["sales"]
    both = {"role": ["sales", "buyer"], "csrf_token": admin.token}
    assert admin.client.post(f"/users/{key}", data=both).status_code == 303
    page = admin.get(f"/users/{key}")
    assert len(page.soup.select("[name=role][checked]")) == 2
    assert ("update", key) in trail(app, "user")
    assert admin.post(f"/users/{key}", role="nobody").status == 422
    assert admin.post(f"/users/{key}", role="sales").status == 303


def test_administrators__cannot_lock_themselves_out(app: Flask, person: Signed) -> None:
    admin, key = person("admin"), key_of(app, "admin")
    refused = admin.post(f"/users/{key}")
    assert refused.status == 409
    assert "另一位管理员" in refused.text
    assert admin.post(f"/users/{key}/state", to="locked").status == 409
    assert admin.get("/users").status == 200


def test_mail__an_administrator_says_where_and_its_reader_whether(
    app: Flask, person: Signed
) -> None:
    admin, key = person("admin"), key_of(app, "chenli")
    chenli = person("chenli")
    assert not chenli.get("/preferences").soup.select("#l-mail\\.wanted")
    for wrong in ("chen", "a@b@c.cn", "陈@example.com", "a@example.com\r\nBcc: b@example.com"):
        refused = admin.post(f"/users/{key}/mail", mail=wrong)
        assert (refused.status, "zhang.san@example.com" in refused.text) == (422, True), wrong
    assert admin.post(f"/users/{key}/mail", mail=" Chen.Li@Example.com ").status == 303
    assert admin.get(f"/users/{key}").soup.select_one("#f-mail")["value"] == "Chen.Li@example.com"
    assert ("update", key) in trail(app, "user")
    assert chenli.post(f"/users/{key}/mail", mail="mine@example.com").status == 403
    assert "Chen.Li@example.com" in chenli.get("/preferences").text
    assert chenli.post("/preferences", **{"mail.wanted": "off"}).status == 303
    kept = chenli.get("/preferences").soup.select_one("[name='mail.wanted'][checked]")
    assert kept["value"] == "off"


def why(admin: Person, key: int, query: str) -> Page:
    return admin.get(f"/users/{key}?{query}")


def verbs(page: Page) -> list[list[str]]:
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
        for row in page.soup.select("#verbs tbody tr")
    ]


def test_why__verb_by_verb_field_by_field_and_one_record(app: Flask, person: Signed) -> None:
    admin, key = person("admin"), key_of(app, "chenli")
    page = why(admin, key, "form=jxc.purchase_receipt&record=1")
    rows = {row[0]: row[2] for row in verbs(page)}
    assert rows["查看"] == "采购：全部数据"
    assert rows["管理视图"] == "没有角色给这个权限"
    assert page.texts("#record-answer h3") == ["看得到这一条"]
    assert "没有编号是 999999 的记录" in why(admin, key, "form=jxc.item&record=999999").text
    assert why(admin, key, "form=jxc.item&record=x").status == 400
    boss = why(admin, key_of(app, "admin"), "form=jxc.item")
    assert {row[2] for row in verbs(boss)} == {"管理员什么都可以"}


def test_preview__only_a_look_on_every_page_and_in_the_trail(app: Flask, person: Signed) -> None:
    admin, key = person("admin"), key_of(app, "zhangmin")
    assert admin.post(f"/users/{key}/preview").status == 303
    home = admin.get("/")
    assert "视角查看，只能看" in home.text
    # Sees what she sees, and no more.
    assert admin.get("/users").status == 403
    assert admin.get("/a/jxc/purchase_invoice").status == 403
    assert admin.get("/a/jxc/delivery/1").status == 200
    refused = admin.post("/a/jxc/customer", name="x", code="y")
    assert refused.status == 403
    assert "只能看" in refused.text
    assert admin.post("/preview/ending").status == 303
    assert admin.get("/users").status == 200
    kept = [each for each in trail(app, "user") if "preview" in each[0]]
    assert kept[-2:] == [("begin_preview", key), ("end_preview", key)]


def test_preview__is_an_administrators_and_of_nobody_who_is_disabled(
    app: Flask, person: Signed
) -> None:
    key = key_of(app, "zhangmin")
    assert person("chenli").post(f"/users/{key}/preview").status == 403
    assert person("admin").post("/users/999999/preview").status == 404


def test_invitation__a_person_and_the_link_this_once(person: Signed) -> None:
    admin = person("admin")
    made = admin.post("/users", name="li.new", display_name="李新", role="buyer")
    assert made.status == 200
    assert "/invitation#" in made.text
    assert "等他设密码" in admin.get("/users?q=李新").text
    taken = admin.post("/users", name="LI.NEW")
    assert taken.status == 422


def test_departments__lend_roles(app: Flask, person: Signed) -> None:
    admin = person("admin")
    assert admin.post("/departments", name="客服").status == 303
    page = admin.get("/departments")
    href = next(str(a["href"]) for a in page.soup.select("#tree a") if "客服" in a.text)
    key = key_of(app, "zhangmin")
    before = person("zhangmin").get("/a/jxc/purchase_invoice").status
    assert before == 403
    changed = admin.post(href, name="客服", member=str(key), role="buyer")
    assert changed.status == 303
    assert person("zhangmin").get("/a/jxc/purchase_invoice").status == 200
    assert "由部门得到" in admin.get(f"/users/{key}").text
    assert admin.post(href, name="客服", role="nobody").status == 400
    assert admin.post(href, name="客服").status == 303
    assert person("zhangmin").get("/a/jxc/purchase_invoice").status == 403
