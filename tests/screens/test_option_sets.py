"""Option sets on their page: added, kept with code and English, deleted when nobody uses them."""

import json
from collections.abc import Callable
from typing import Any

from tests.screens.person import Page, Person
from tests.screens.test_design_pages import made, rev, with_form

Signed = Callable[[str], Person]


def sent(somebody: Person, address: str, do: str, **fields: Any) -> Page:
    page = somebody.get(address)
    texts = {name: v if isinstance(v, str) else json.dumps(v) for name, v in fields.items()}
    return somebody.post(address, rev=rev(page), do=do, **texts)


def cards(page: Page) -> dict[str, list[dict[str, Any]]]:
    """The options of each set on the page, the empty row of a new one left out."""
    found = {}
    for card in page.soup.select("section.os-card[id]"):
        rows = card.select(".op-list > .op-row")
        found[str(card["id"])] = [json.loads(str(row["data-option"])) for row in rows]
    return found


def test_option_set__is_made_used_changed_and_deleted(person: Signed) -> None:
    somebody = person("admin")
    app = made(somebody, "选项", "xuanxiang")
    form = with_form(somebody, app, "订单")
    address = f"{app}/options"
    assert "还没有" not in somebody.get(address).text
    cash = {"code": "cash", "label": {"zh": "现金", "en": "Cash"}, "colour": "green"}
    made_set = sent(somebody, address, "add", label="结算方式", options=[cash, {"code": "o2"}])
    assert made_set.status == 303
    code = made_set.response.location.rpartition("#set-")[2]
    assert cards(somebody.get(address)) == {f"set-{code}": [cash, {"code": "o2"}]}

    field = {"kind": "choice", "label": "结算", "options": {"set": code}}
    base = int(rev(somebody.get(app)))
    ops = {"base_rev": base, "ops": [{"op": "add_field", "form": form, "field": field}]}
    headers = {"X-CSRFToken": somebody.token}
    answer = somebody.client.post(f"{app}/forms/{form}/ops", json=ops, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    used = somebody.get(address)
    assert "订单 · 结算" in used.text
    # What a field uses cannot be deleted here.
    assert not used.soup.select(".os-card[id] button[value=delete]")

    assert sent(somebody, address, "save", code=code, label="付款", options=[cash]).status == 303
    page = somebody.get(address)
    assert cards(page) == {f"set-{code}": [cash]}
    assert page.soup.select_one(f"#n-{code}")["value"] == "付款"  # type: ignore[index]


def test_option_set__what_cannot_be_kept_says_why_and_changes_nothing(person: Signed) -> None:
    somebody = person("admin")
    address = f"{made(somebody, '选项二', 'xuanxiang_er')}/options"
    assert sent(somebody, address, "add", label="", options=[{"code": "a"}]).status == 422
    assert sent(somebody, address, "add", label="空的", options=[]).status == 422
    twice = [{"code": "a"}, {"code": "a b"}]
    refused = sent(somebody, address, "add", label="坏的", options=twice)
    assert refused.status == 422
    assert refused.soup.select("#ds-refusal li")
    assert cards(somebody.get(address)) == {}
    known = sent(somebody, address, "add", label="好的", options=[{"code": "a"}])
    code = known.response.location.rpartition("#set-")[2]
    assert sent(somebody, address, "delete", code=code).status == 303
    assert cards(somebody.get(address)) == {}
    assert sent(somebody, address, "delete", code=code).status == 422


def test_option_sets__are_the_administrators_alone(person: Signed) -> None:
    assert person("chenli").get("/design/jxc/options").status == 403
