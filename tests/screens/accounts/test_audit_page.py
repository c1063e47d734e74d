"""The audit trail on the screen: found by who, when, what and which field; looking is noted."""

import csv
from collections.abc import Callable
from io import StringIO

from flask import Flask
from sqlalchemy import select

from runtime.infra import audit
from runtime.infra.act import Act, Actor
from runtime.infra.audit import audit_table
from runtime.platform import Platform
from tests.screens.conftest import NOW, app, noted, person, quick_hashes, visitor
from tests.screens.person import Person

__all__ = ["app", "noted", "person", "quick_hashes", "visitor"]

Signed = Callable[[str], Person]
SOMEBODY = Actor(2, "陈丽", source="api")


def write(app: Flask, *entries: tuple[str, str, int, dict[str, object]]) -> None:
    here: Platform = app.extensions["dajian"]
    with here.database.transaction() as connection:
        for action, form, record, changes in entries:
            audit.write(Act(connection, SOMEBODY, NOW, "r-77"), action, form, record, changes)


def test_found__by_every_box(app: Flask, person: Signed) -> None:
    write(
        app,
        ("update", "jxc.item", 901, {"fields": {"name": ["甲100%", '乙"引号"']}}),
        ("delete", "jxc.item", 902, {}),
        ("update", "jxc.delivery", 903, {"lines": {"lines": {"changed": [
            {"line": 2, "fields": {"qty": ["1", "2"]}}]}}}),
    )  # fmt: skip
    admin = person("admin")
    for question, expected in (
        ("?q=%23901", ["901"]),
        ("?q=甲100%25", ["901"]),
        ('?q=乙"引号"', ["901"]),
        ("?q=甲1000", []),
        ("?form=jxc.item&action=delete&q=%23902", ["902"]),
        ("?form=jxc.item&field=name&source=api", ["901"]),
        ("?form=jxc.delivery&field=qty&source=api", ["903"]),
        ("?who=system&q=%23901", []),
        ("?who=2&q=%23901", ["901"]),
        ("?q=%23901&first=2026-11-22", []),
        ("?q=%23901&first=2026-11-21&last=2026-11-21", ["901"]),
        ("?q=%23901&last=2026-11-20", []),
        ("?q=%23901&first=nonsense&last=x&before=y&who=-3", ["901"]),
    ):
        rows = admin.get(f"/audit{question}").rows()
        found = [row[3].rpartition("#")[2] for row in rows]
        assert found == expected, question
    (row,) = admin.get("/audit?q=%23903").rows()
    assert row[1:] == ["陈丽", "修改", "销售出库 #903", "商品明细第 2 行 数量：1 → 2", "接口"]


def test_pages__by_the_entry_they_end_with(app: Flask, person: Signed) -> None:
    write(app, *[("create", "jxc.uom", number, {}) for number in range(1, 121)])
    page = person("admin").get("/audit?form=jxc.uom&source=api")
    seen = []
    while True:
        seen += [int(row[3].rpartition("#")[2]) for row in page.rows()]
        following = page.soup.select("a[rel=next]")
        if not following:
            break
        page = person("admin").get(str(following[0]["href"]))
    assert seen == list(range(120, 0, -1))


def test_entry__whole(app: Flask, person: Signed) -> None:
    write(app, ("update", "jxc.item", 905, {"fields": {"name": ["<b>甲</b>", None]}, "by": "x"}))
    admin = person("admin")
    href = admin.get("/audit?q=%23905").one("#list tbody th a")["href"]
    page = admin.get(str(href))
    cells = [[td.get_text(" ", strip=True) for td in row.select("th, td")]
             for row in page.soup.select(".acc-t tbody tr")]  # fmt: skip
    assert cells == [["商品名称", "<b>甲</b>", "—"], ["by", "—", "x"]]
    assert "r-77" in page.text
    assert page.one(".pacts a")["href"] == "/a/jxc/item/905"
    assert admin.get("/audit/99999999").status == 404


def test_export__everything_found_and_nothing_becomes_a_formula(app: Flask, person: Signed) -> None:
    here: Platform = app.extensions["dajian"]
    with here.database.transaction() as connection:
        sly = Actor(3, '=HYPERLINK("x")', source="api")
        for number in range(700):
            audit.write(Act(connection, sly, NOW), "create", "jxc.brand", number + 1, {"a": '"'})
    answer = person("admin").get("/audit/export?form=jxc.brand")
    assert answer.response.headers["Content-Disposition"].startswith("attachment")
    text = answer.response.get_data(as_text=True)
    assert text[0] == "\ufeff"
    rows = list(csv.DictReader(StringIO(text[1:])))
    assert [int(row["record_id"]) for row in rows] == list(range(700, 0, -1))
    assert {row["user_name"] for row in rows} == {'\'=HYPERLINK("x")'}
    assert {row["changes"] for row in rows} == {'{"a":"\\""}'}


def test_looking__is_an_entry_itself_and_the_administrators_alone(
    app: Flask, person: Signed
) -> None:
    admin = person("admin")
    admin.get("/audit?form=jxc.item&q=x")
    admin.get("/audit/export?action=delete")
    admin.get("/audit/1")
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        looked = audit_table.c.action == "look_up"
        rows = connection.execute(select(audit_table).where(looked).order_by(audit_table.c.id))
        last = [(row.user_name, row.form, row.changes) for row in rows][-3:]
    first = "2026-10-22"
    assert last == [
        ("系统管理员", "audit", {"form": "jxc.item", "q": "x", "first": first}),
        ("系统管理员", "audit", {"export": {"action": "delete", "first": first}}),
        ("系统管理员", "audit", {"entry": 1}),
    ]
    for path in ("/audit", "/audit/1", "/audit/export"):
        assert person("chenli").get(path).status == 403
