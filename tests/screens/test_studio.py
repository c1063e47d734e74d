"""The form designer over HTTP: operations, conflicts, codes that follow names, eyes, preview."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup

from tests.screens.person import Person

Signed = Callable[[str], Person]
UOM, ITEM = "/design/jxc/forms/uom", "/design/jxc/forms/item"


def sent(person: Person, form: str, what: str, **members: Any) -> tuple[int, BeautifulSoup, str]:
    """Send something to the designer the way its scripts do."""
    headers = {"X-CSRFToken": person.token, "HX-Request": "true"}
    answer = person.client.post(f"{form}/{what}", json=members, headers=headers)
    text = answer.get_data(as_text=True)
    return answer.status_code, BeautifulSoup(text, "html.parser"), text


def rev(person: Person, form: str = UOM) -> int:
    return int(str(person.get(form).one("#rev")["data-rev"]))


def done(person: Person, *ops: dict[str, Any], form: str = UOM) -> BeautifulSoup:
    status, soup, text = sent(person, form, "ops", base_rev=rev(person, form), ops=list(ops))
    assert status == 200, text
    return soup


def created(soup: BeautifulSoup) -> str:
    return str(soup.select("#rev")[0]["data-created"])


def paths(soup: BeautifulSoup) -> list[str]:
    return [str(each["data-path"]) for each in soup.select("#canvas .cf")]


def added(kind: str, **more: Any) -> dict[str, Any]:
    return {"op": "add_field", "form": "uom", "field": {"kind": kind, **more}}


def test_operation__answers_the_parts_it_changes(person: Signed) -> None:
    somebody = person("admin")
    before = paths(somebody.get(UOM).soup)
    soup = done(somebody, added("money", label="押金"))
    assert created(soup) == "ya_jin"
    assert paths(soup) == [*before, "ya_jin"]
    assert [str(each["hx-target"]) for each in soup.select("hx-partial")][:4] == [
        "#canvas", "#rev", "#outline", "#bin",
    ]  # fmt: skip
    assert soup.select('#outline [data-path="ya_jin"]')
    status, undone, _text = sent(somebody, UOM, "undo", base_rev=rev(somebody))
    assert (status, paths(undone)) == (200, before)
    status, redone, _text = sent(somebody, UOM, "redo", base_rev=rev(somebody))
    assert (status, paths(redone)) == (200, [*before, "ya_jin"])


def test_name__brings_its_code_until_somebody_chose_one_or_it_ran(person: Signed) -> None:
    somebody = person("admin")
    code = created(done(somebody, added("text")))
    place = {"form": "uom", "field": code}
    soup = done(somebody, {"op": "set", **place, "name": "label", "value": "合同编号"})
    assert created(soup) == "he_tong_bian_hao"
    place = {"form": "uom", "field": "he_tong_bian_hao"}
    chosen = done(somebody, {"op": "recode", **place, "code": "contract_no"})
    assert created(chosen) == "contract_no"
    place = {"form": "uom", "field": "contract_no"}
    soup = done(somebody, {"op": "set", **place, "name": "label", "value": "合同号"})
    assert "contract_no" in paths(soup)
    # What ran keeps its code, whatever it is called.
    place = {"form": "uom", "field": "name"}
    soup = done(somebody, {"op": "set", **place, "name": "label", "value": "叫法"})
    assert "name" in paths(soup)
    assert soup.select('#canvas [data-path="name"]')[0]["data-label"] == "叫法"


def test_two_people__the_second_is_told_and_changes_nothing(person: Signed) -> None:
    somebody = person("admin")
    seen = rev(somebody)
    done(somebody, added("date", label="启用日期"))
    status, _soup, text = sent(somebody, UOM, "ops", base_rev=seen, ops=[added("text")])
    assert status == 409
    assert "启用日期" in text
    assert rev(somebody) == seen + 1


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({"base_rev": "1", "ops": [added("text")]}, 400),
        ({"base_rev": True, "ops": [added("text")]}, 400),
        ({"ops": []}, 400),
        ({"ops": {}}, 400),
        ({"ops": [added("text")] * 201}, 400),
        ({"ops": ["add_field"]}, 422),
        ({"ops": [{"op": "explode"}]}, 422),
        ({"ops": [added("rocket")]}, 422),
        ({"ops": [{"op": "set", "form": "uom", "name": "label", "value": 7}]}, 422),
    ],
)
def test_nonsense__is_refused_and_nothing_changes(
    person: Signed, members: dict[str, Any], status: int
) -> None:
    somebody = person("admin")
    before = paths(somebody.get(UOM).soup)
    wanted = {"base_rev": rev(somebody)} | members
    assert sent(somebody, UOM, "ops", **wanted)[0] == status
    assert paths(somebody.get(UOM).soup) == before


def test_others__find_no_designer(person: Signed) -> None:
    somebody = person("zhangmin")
    somebody.get("/")
    for path in ("", "/canvas", "/problems", "/preview"):
        assert somebody.get(f"{UOM}{path}").status == 403
    for what in ("ops", "undo", "redo", "publication", "preview"):
        assert sent(somebody, UOM, what, base_rev=0, ops=[added("text")])[0] == 403


def test_eyes_of_a_role__hide_what_it_does_not_see(person: Signed) -> None:
    somebody = person("admin")
    seen = somebody.get(f"{ITEM}?as=sales")
    ghosts = {str(each["data-path"]) for each in seen.soup.select("#canvas .is-ghost")}
    assert ghosts == {"standard_cost", "estimate_cost"}
    assert not somebody.get(ITEM).soup.select("#canvas .is-ghost")


def test_new_field__asks_who_sees_it_and_takes_one_answer(person: Signed) -> None:
    somebody = person("admin")
    field = {"op": "add_field", "form": "item", "field": {"kind": "text", "label": "产地"}}
    soup = done(somebody, field, form=ITEM)
    asked = soup.select("#ask")[0]
    assert asked["data-paths"] == "chan_di"
    assert {str(each["data-role"]) for each in asked.select("select")} >= {"sales"}
    place = {"form": "item", "field": "chan_di"}
    hide = {"op": "set_field_access", "role": "sales", **place, "access": "none"}
    soup = done(somebody, hide, {"op": "accept_access", **place}, form=ITEM)
    assert soup.select("#ask")[0]["data-paths"] == ""
    ghosts = somebody.get(f"{ITEM}?as=sales").soup.select("#canvas .is-ghost")
    assert "chan_di" in {str(each["data-path"]) for each in ghosts}


def test_preview__is_the_form_of_the_draft_and_keeps_nothing(person: Signed) -> None:
    somebody = person("admin")
    done(somebody, added("money", label="押金"))
    page = somebody.get(f"{UOM}/preview")
    assert any("押金" in text for text in page.texts(".dform .lbl"))
    assert not page.soup.select("button[value=save], button[value=submit]")
    status, _soup, text = sent(somebody, UOM, "preview", code="x")
    assert status == 200
    assert "没有保存" in text
    assert "押金" not in somebody.get("/a/jxc/uom/new").text


def test_problems__are_listed_with_where_they_are_put_right(person: Signed) -> None:
    somebody = person("admin")
    soup = done(somebody, added("formula", label="折算"))
    path = created(soup)
    listed = somebody.get(f"{UOM}/problems").soup
    counts = listed.select("#problems-list")[0]
    assert int(str(counts["data-errors"])) > 0
    assert int(str(counts["data-changes"])) > 0
    assert path in {str(each["data-path"]) for each in listed.select(".is-err")}
    status, _soup, _text = sent(somebody, UOM, "publication", base_rev=rev(somebody), note="")
    assert status == 422


def test_unfinished_formula__of_an_app_that_never_ran(person: Signed) -> None:
    """What its author has not written yet stops no page of the designer."""
    somebody = person("admin")
    somebody.get("/design")
    assert somebody.post("/design", label="退款", code="erstattung").status == 303
    base = "/design/erstattung"

    def rev() -> str:
        return str(somebody.get(base).soup.select("input[name=rev]")[0]["value"])

    assert somebody.post(f"{base}/forms", label="退款", type="record", rev=rev()).status == 303
    form = f"{base}/forms/tui_kuan"
    ops = [
        {"op": "add_field", "form": "tui_kuan", "field": {"kind": kind}}
        for kind in ("text", "formula", "rollup", "lookup", "reference", "lines", "choice", "query")
    ]
    answer = somebody.client.post(
        f"{form}/ops",
        json={"base_rev": int(rev()), "ops": ops},
        headers={"X-CSRFToken": somebody.token},
    )
    assert answer.status_code == 200
    page = somebody.get(form)
    paths = {str(each["data-path"]) for each in page.soup.select("#canvas [data-path]")}
    assert len(paths) >= len(ops)
    for path in ("", *sorted(paths)):
        for part in ("panel", "panel/more", "rules"):
            assert somebody.get(f"{form}/{part}?path={quote(path)}").status == 200, (part, path)
    for part in ("canvas", "problems", "access", "lists", "preview"):
        assert somebody.get(f"{form}/{part}").status == 200, part
    assert somebody.get(f"{base}/formulas").status == 200
    assert somebody.get(f"{base}/publication").status == 200
