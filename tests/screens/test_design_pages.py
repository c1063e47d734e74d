"""Apps, publishing, versions and packages in the browser: from an empty app to a restored one."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pytest
from werkzeug.test import TestResponse

from builder import archives
from tests.screens.person import Page, Person

Signed = Callable[[str], Person]


def rev(page: Page) -> str:
    """The revision of the draft a page shows."""
    return str(page.soup.select("input[name=rev]")[0]["value"])


def made(person: Person, name: str, code: str) -> str:
    """Begin an app; returns the address of its page."""
    person.get("/design")
    answer = person.post("/design", label=name, code=code)
    assert answer.status == 303
    return str(answer.response.headers["Location"])


def with_form(person: Person, address: str, name: str) -> str:
    """Add a form; returns its code."""
    page = person.get(address)
    answer = person.post(f"{address}/forms", label=name, type="document", rev=rev(page))
    assert answer.status == 303
    return str(answer.response.headers["Location"]).rpartition("/")[2]


def with_field(person: Person, address: str, form: str, name: str) -> None:
    """Put a field on a form the way the designer does."""
    base = int(rev(person.get(address)))
    field = {"kind": "text", "label": name}
    sent = {"base_rev": base, "ops": [{"op": "add_field", "form": form, "field": field}]}
    headers = {"X-CSRFToken": person.token}
    answer = person.client.post(f"{address}/forms/{form}/ops", json=sent, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)


def published(person: Person, address: str, note: str) -> Page:
    page = person.get(f"{address}/publication")
    return person.post(f"{address}/publication", rev=rev(page), note=note)


def test_from_nothing_to_a_restored_version(person: Signed) -> None:
    somebody = person("admin")
    address = made(somebody, "设备管理", "shebei")
    assert "还没有表单" in somebody.get(address).text
    form = with_form(somebody, address, "维修单")
    stopped = somebody.get(f"{address}/publication")
    assert stopped.one("#publish").has_attr("disabled"), "a form without fields is not published"
    with_field(somebody, address, form, "故障描述")

    before = somebody.get(f"{address}/publication")
    assert any("维修单" in text for text in before.texts(".ds-says li"))
    done = published(somebody, address, "先用起来")
    assert done.texts("#ds-done h2") == ["第 1 版已经发布"]
    assert somebody.get(f"/a/shebei/{form}").status == 200, "the new form runs at once"

    with_field(somebody, address, form, "处理结果")
    changed = somebody.get(f"{address}/publication")
    assert any("处理结果" in text for text in changed.texts(".is-added"))
    assert published(somebody, address, "加处理结果").texts("#ds-done h2") == ["第 2 版已经发布"]

    listed = somebody.get(f"{address}/versions")
    assert [text.split(" ")[0] for text in listed.texts(".ds-note")] == ["加处理结果", "先用起来"]
    told = somebody.get(f"{address}/versions/difference?from=1&to=2")
    assert [text for text in told.texts(".ds-says li") if "处理结果" in text]
    back = somebody.get(f"{address}/versions/difference?from=2&to=1")
    assert any("处理结果" in text for text in back.texts(".is-removed"))

    answer = somebody.post(f"{address}/versions/restoration", number="1", rev=rev(listed))
    assert answer.status == 303
    seen = somebody.get(f"{address}/publication")
    assert any("处理结果" in text for text in seen.texts(".is-removed"))
    assert published(somebody, address, "回到第一版").texts("#ds-done h2") == ["第 3 版已经发布"]
    same = somebody.get(f"{address}/versions/difference?from=1&to=3")
    assert same.texts(".ds-says li") == []


def test_published_by_somebody_meanwhile__nothing_changes(person: Signed) -> None:
    one, other = person("admin"), person("admin")
    address = made(one, "车辆", "cheliang")
    form = with_form(one, address, "用车单")
    with_field(one, address, form, "事由")
    seen = rev(one.get(f"{address}/publication"))
    with_field(other, address, form, "目的地")
    refused = one.post(f"{address}/publication", rev=seen, note="我的说明")
    assert refused.status == 409
    assert "没有发布" in refused.text
    assert refused.one("#note").get_text() == "我的说明", "what was typed stays"
    assert one.get(f"/a/cheliang/{form}").status == 404


def test_form__copied_deleted_restored(person: Signed) -> None:
    somebody = person("admin")
    address = made(somebody, "会议", "huiyi")
    form = with_form(somebody, address, "会议室预订")

    def change(do: str, code: str) -> Page:
        base = rev(somebody.get(address))
        return somebody.post(f"{address}/form-changes", do=do, form=code, rev=base)

    names = lambda: somebody.get(address).texts(".ds-form-n b")  # noqa: E731 - short, and only here
    assert change("copy", form).status == 303
    assert len(names()) == 2
    assert change("delete", form).status == 303
    assert len(names()) == 1
    assert "会议室预订" in somebody.get(address).one(".ds-gone").get_text()
    assert change("restore", form).status == 303
    assert len(names()) == 2
    assert change("burn", form).status == 400


def test_undo_and_redo__of_the_whole_app(person: Signed) -> None:
    somebody = person("admin")
    address = made(somebody, "档案", "dangan")
    with_form(somebody, address, "合同")
    page = somebody.get(address)
    assert somebody.post(f"{address}/undo", rev=rev(page)).status == 303
    page = somebody.get(address)
    assert page.texts(".ds-form-n b") == []
    assert somebody.post(f"{address}/redo", rev=rev(page)).status == 303
    assert somebody.get(address).texts(".ds-form-n b") == ["合同"]


def test_discard__an_app_never_published_is_gone(person: Signed) -> None:
    somebody = person("admin")
    address = made(somebody, "一时兴起", "yishi")
    seen = rev(somebody.get(address))
    assert somebody.post(f"{address}/discard").status == 400
    with_form(somebody, address, "想想")
    assert somebody.post(f"{address}/discard", rev=seen).status == 409
    assert somebody.post(f"{address}/discard", rev=rev(somebody.get(address))).status == 303
    assert somebody.get(address).status == 404


@pytest.mark.parametrize(
    ("label", "code", "said"),
    [
        ("", "leer", "请填写应用的名称"),
        ("进销存二", "jxc", ""),
        ("坏编码", "Bad Code", ""),
        ("太怪", "drop;--", ""),
    ],
)
def test_app__that_cannot_be(person: Signed, label: str, code: str, said: str) -> None:
    somebody = person("admin")
    somebody.get("/design")
    refused = somebody.post("/design", label=label, code=code)
    assert refused.status == 422
    assert said in refused.one("#ds-refusal").get_text()
    assert refused.one("#app-label")["value"] == label, "what was typed stays"


def test_package__out_and_in_again_is_the_same(person: Signed) -> None:
    somebody = person("admin")
    first = somebody.client.get("/design/jxc/package")
    assert first.headers["Content-Type"] == "application/zip"
    assert first.data == somebody.client.get("/design/jxc/package").data, "the same bytes each time"
    answer = sent(somebody, first.data)
    assert answer.status_code == 303
    asked = somebody.get(answer.headers["Location"])
    assert asked.texts(".ds-conflict") == []
    assert "没有这里还没有的东西" in asked.text
    assert somebody.post(answer.headers["Location"], rev=rev(asked)).status == 303
    assert "草稿和正在运行的版本一样" in somebody.get("/design/jxc/publication").text


def test_old_data__goes_when_its_number_is_typed(person: Signed) -> None:
    somebody = person("admin")
    address = made(somebody, "旧的", "altes")
    form = with_form(somebody, address, "册子")
    with_field(somebody, address, form, "颜色")
    with_field(somebody, address, form, "大小")
    published(somebody, address, "")
    assert "没有旧数据" in somebody.get(f"{address}/remains").text
    for text in ("红", "蓝"):
        somebody.get(f"/a/altes/{form}/new")
        sent_now = {"version": "0", "_key": f"key-{text}", "yan_se": text}
        assert somebody.post(f"/a/altes/{form}", **sent_now).status == 303
    base = int(rev(somebody.get(address)))
    answer = somebody.client.post(
        f"{address}/forms/{form}/ops",
        json={"base_rev": base, "ops": [{"op": "delete", "form": form, "field": "yan_se"}]},
        headers={"X-CSRFToken": somebody.token},
    )
    assert answer.status_code == 200
    published(somebody, address, "")
    page = somebody.get(f"{address}/remains")
    (kept,) = page.texts(".ds-remains li")
    assert "颜色" in kept
    assert "2 个值" in kept
    asked = {str(each["name"]): str(each["value"]) for each in page.soup.select("dialog [value]")}
    asked.pop("csrf_token")
    assert somebody.post(f"{address}/remains", **asked, rows="3").status == 409
    assert somebody.post(f"{address}/remains", **asked, rows="alles").status == 422
    assert "颜色" in somebody.get(f"{address}/remains").text
    done = somebody.post(f"{address}/remains", **asked, rows="2")
    assert done.texts("#ds-done") == ["已经清除 2 个值。"]
    assert "没有旧数据" in done.text


def test_upgrade__both_changed_one_thing(person: Signed) -> None:
    """A package is installed, changed here, and comes again in a newer version."""
    somebody = person("admin")
    field = {"code": "name", "kind": "text", "label": "名称", "options": {"max_length": 20}}
    form = {"code": "thing", "label": "物品", "type": "record", "fields": [field]}
    first: dict[str, Any] = {
        "format": "dajian-app/1", "code": "upg", "label": "升级", "forms": [form],
    }  # fmt: skip
    assert sent(somebody, archives.pack(first)).headers["Location"] == "/design/upg/publication"
    published(somebody, "/design/upg", "装入")
    base = int(rev(somebody.get("/design/upg")))
    here = {"form": "thing", "field": "name"}
    ops = [
        {"op": "set", **here, "name": "label", "value": "品名"},
        {"op": "set", **here, "name": "required", "value": True},
    ]
    headers = {"X-CSRFToken": somebody.token}
    answer = somebody.client.post(
        "/design/upg/forms/thing/ops", json={"base_rev": base, "ops": ops}, headers=headers
    )
    assert answer.status_code == 200
    published(somebody, "/design/upg", "改名")

    newer = deepcopy(first)
    newer["forms"][0]["fields"][0] |= {"label": "物品名称", "help": "写全称"}
    asked_at = sent(somebody, archives.pack(newer)).headers["Location"]
    asked = somebody.get(asked_at)
    (conflict,) = asked.soup.select(".ds-conflict")
    assert {"品名", "物品名称", "名称"} <= set(re.split(r"[\s：]+", conflict.get_text(" ")))
    choice = str(conflict.select("input[value=theirs]")[0]["name"])
    taken = somebody.post(asked_at, rev=rev(asked), **{choice: "theirs"})
    assert taken.status == 303
    assert published(somebody, "/design/upg", "升级").texts("#ds-done h2") == ["第 3 版已经发布"]
    running = archives.unpack(somebody.client.get("/design/upg/package").data)
    (kept,) = running["forms"][0]["fields"]
    assert (kept["label"], kept["required"], kept["help"]) == ("物品名称", True, "写全称")


def sent(somebody: Person, content: bytes) -> TestResponse:
    somebody.get("/packages")
    data = {"csrf_token": somebody.token, "package": (io.BytesIO(content), "app.zip")}
    return somebody.client.post("/packages", data=data, content_type="multipart/form-data")


def zipped(files: Mapping[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return target.getvalue()


APP = '{"format": "dajian-app/1", "code": "neu", "label": "新"}'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no zip at all",
        zipped({}),
        zipped({"menus.json": "[]"}),
        zipped({"app.json": "{"}),
        zipped({"app.json": APP, "forms/../../evil.json": "{}"}),
        zipped({"app.json": APP, "/etc/evil.json": "{}"}),
        zipped({"app.json": APP, "forms/run.py": "import os"}),
        zipped({"app.json": APP, "forms/A.JSON": "{}"}),
        zipped({"app.json": APP, **{f"forms/f{n}.json": "{}" for n in range(3000)}}),
        zipped({"app.json": APP.replace("neu", "../x")}),
        zipped({"app.json": APP.replace('"label"', '"script": "x", "label"')}),
    ],
    ids=lambda content: f"{len(content)} bytes",
)
def test_package__that_is_none(person: Signed, content: bytes) -> None:
    somebody = person("admin")
    answer = sent(somebody, content)
    assert answer.status_code in {400, 413, 422}
    assert somebody.get("/design/neu").status == 404


def test_archive__of_a_folder_is_read_as_well() -> None:
    inner = {"app.json": APP, "forms/a.json": '{"code": "a", "label": "A", "fields": []}'}
    source = archives.unpack(zipped({f"neu/{name}": text for name, text in inner.items()}))
    assert [form["code"] for form in source["forms"]] == ["a"]
    assert archives.unpack(archives.pack(source)) == source


def test_field_of_another_kind__what_is_lost_is_agreed_to(person: Signed) -> None:
    somebody = person("admin")
    address = made(somebody, "设备", "geraet")
    form = with_form(somebody, address, "台账")
    with_field(somebody, address, form, "数值")
    published(somebody, address, "")
    for text in ("12", "12.5", "很多"):
        somebody.get(f"/a/geraet/{form}/new")
        sent_now = {"version": "0", "_key": f"key-{text}", "shu_zhi": text}
        assert somebody.post(f"/a/geraet/{form}", **sent_now).status == 303
    base = int(rev(somebody.get(address)))
    op = {"op": "convert_type", "form": form, "field": "shu_zhi", "kind": "number"}
    op["options"] = {"places": 1}  # type: ignore[assignment]
    answer = somebody.client.post(
        f"{address}/forms/{form}/ops",
        json={"base_rev": base, "ops": [op]},
        headers={"X-CSRFToken": somebody.token},
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    page = somebody.get(f"{address}/publication")
    box = str(page.one("input[name=lose]")["value"])
    assert box == f"{form}.shu_zhi=1"
    refused = somebody.post(f"{address}/publication", rev=rev(page), note="")
    assert refused.status == 422
    done = somebody.post(f"{address}/publication", rev=rev(page), note="", lose=box)
    assert done.texts("#ds-done h2") == ["第 2 版已经发布"]
    listed = {cell for row in somebody.get(f"/a/geraet/{form}").rows() for cell in row}
    assert "12.5" in listed
    assert "很多" not in listed
